//! What is under way at a random instant of the long run.
//!
//! Owns the law of what is left of it. Does not know what lives. Invariant: what is left is longer than nothing and no
//! longer than a whole life.
//!
//! Lives follow one another, each after a wait. At a random instant, a life is under way in proportion to its length, and
//! every part of it is equally likely to be over (Feller, An Introduction to Probability Theory, vol. 2, 1971, XI.4). So
//! a point is drawn in a row of them.

use crate::units::Span;

/// How many lives of unequal length stand in the row. Exact for equal ones; with so many, the mean of what is left is
/// within 1 / 32 of the squared coefficient of variation.
const ROW: u64 = 32;

/// Lives that follow one another.
#[derive(Debug, Clone, Copy)]
pub enum Lives<F> {
    /// All equally long.
    Equal(Span),
    /// Of the length that the function gives for a number below 32.
    Unequal(F),
}

/// What is left of the life that is under way; `None`: none is, the next one is waited for. `wait` is how long one waits
/// after each on average, `draw` where in the row the instant is.
pub fn left_over<F: Fn(u64) -> Span>(lives: &Lives<F>, wait: Span, draw: u64) -> Option<Span> {
    let (row, life): (u64, &dyn Fn(u64) -> Span) = match lives {
        Lives::Equal(span) => (1, &|_| *span),
        Lives::Unequal(life) => (ROW, life),
    };
    let each = |n| u128::from(life(n).as_nanos());
    let wait = u128::from(wait.as_nanos());
    let whole: u128 = (0..row).map(each).sum::<u128>() + wait * u128::from(row);
    // 48 bits of the draw: the product fits in 128, and a row of a year is told to the microsecond.
    let mut point = (whole * u128::from(draw >> 16)) >> 48;
    for life in (0..row).map(each) {
        if point < life {
            return Some(Span::from_nanos(u64::try_from(life - point).unwrap_or(u64::MAX)));
        }
        point -= life;
        if point < wait {
            return None;
        }
        point -= wait;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Distribution, Sampler, Stream, Streams};

    const MANY: u64 = 40_000;

    fn draws() -> Stream {
        Streams::new(5).stream("lives", "age")
    }

    /// The share of `MANY` instants at which something is under way, and the mean of what is left of it, in seconds.
    fn seen(left: impl Fn(u64) -> Option<Span>) -> (f64, f64) {
        let left: Vec<f64> = (0..MANY).filter_map(left).map(Span::as_secs_f64).collect();
        (left.len() as f64 / MANY as f64, left.iter().sum::<f64>() / left.len() as f64)
    }

    #[test]
    fn of_lives_of_a_minute_half_a_minute_is_left_and_each_second_is_as_likely() {
        let lives = Lives::<fn(u64) -> Span>::Equal(Span::from_secs(60));
        let left = |n| left_over(&lives, Span::ZERO, draws().at(n));
        let (share, mean) = seen(left);
        assert_eq!(share, 1.0);
        assert!((mean - 30.0).abs() < 0.5, "{mean}");
        let all: Vec<Span> = (0..MANY).filter_map(left).collect();
        assert!(all.iter().all(|left| *left > Span::ZERO && *left <= Span::from_secs(60)));
        for second in (0..60).step_by(15) {
            let within = |left: &&Span| **left > Span::from_secs(second) && **left <= Span::from_secs(second + 15);
            let share = all.iter().filter(within).count() as f64 / MANY as f64;
            assert!((share - 0.25).abs() < 0.01, "{share} from {second} s on");
        }
    }

    #[test]
    fn whoever_waits_a_third_of_the_time_is_found_waiting_a_third_of_the_time() {
        let lives = Lives::<fn(u64) -> Span>::Equal(Span::from_secs(60));
        let (share, mean) = seen(|n| left_over(&lives, Span::from_secs(30), draws().at(n)));
        assert!((share - 2.0 / 3.0).abs() < 0.01 && (mean - 30.0).abs() < 0.5, "{share} {mean}");
    }

    #[test]
    fn the_longer_of_unequal_lives_is_found_more_often() {
        // The mean of what is left is E(l²) / 2 E(l): 60 s for memoryless lives of a minute, as long as a whole one.
        let sampler = Sampler::new(&Distribution::Exponential { mean: Span::from_secs(60) });
        let lengths = Streams::new(5).stream("lives", "length");
        let left = |n| {
            let lives = Lives::Unequal(|k| sampler.span(lengths.at(n * ROW + k)));
            left_over(&lives, Span::ZERO, draws().at(n))
        };
        let (_, mean) = seen(left);
        assert!((mean - 60.0).abs() < 3.0, "{mean}");
    }

    #[test]
    fn what_lives_forever_is_there() {
        let lives = Lives::<fn(u64) -> Span>::Equal(Span::MAX);
        assert!(left_over(&lives, Span::from_secs(3_600), u64::MAX / 3).is_some_and(|left| left > Span::from_mins(1)));
        let never = Lives::<fn(u64) -> Span>::Equal(Span::ZERO);
        assert_eq!(left_over(&never, Span::ZERO, 7), None);
    }
}

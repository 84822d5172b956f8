//! How often something holds, from runs that were stopped when enough was known.
//!
//! Owns the test that may be looked at after every run, and the interval that goes with it. Does not know what a run is,
//! nor who looks.
//!
//! Invariant: however often and whenever one looks, a claim that is not true is shown with the stated probability at most.
//! What comes out depends on the two counts alone.
//!
//! Sources: Robbins 1970 (mixtures of likelihood ratios); Howard, Ramdas, McAuliffe and Sekhon 2021 (confidence sequences).

use super::binomial::{incomplete_beta, ln_beta};

/// The prior that is mixed over: Jeffreys', which needs the fewest runs where almost all hold.
const PRIOR: f64 = 0.5;

/// The logarithms of the two bets, after `held` runs that held and `failed` that did not: that the true share is above
/// `share`, against its being at most that, and that it is below. A bet won beyond one over the level settles it.
pub fn bets(held: u64, failed: u64, share: f64) -> (f64, f64) {
    let (s, f) = (held as f64, failed as f64);
    let (a, b) = (PRIOR + s, PRIOR + f);
    // The part of the prior and of what it became above the share, from the side on which it is small.
    let above = |a: f64, b: f64| incomplete_beta(b, a, 1.0 - share);
    let below = |a: f64, b: f64| incomplete_beta(a, b, share);
    let common = ln_beta(a, b) - ln_beta(PRIOR, PRIOR) - s * libm::log(share) - f * libm::log1p(-share);
    let one = |part: &dyn Fn(f64, f64) -> f64| common + libm::log(part(a, b)) - libm::log(part(PRIOR, PRIOR));
    (one(&above), one(&below))
}

/// The shares that cannot be excluded: all of them together hold the true one with probability 1 − `level` at least, at
/// every time at once.
pub fn interval(held: u64, failed: u64, level: f64) -> (f64, f64) {
    let (s, f) = (held as f64, failed as f64);
    let n = s + f;
    if n == 0.0 {
        return (0.0, 1.0);
    }
    let best = s / n;
    let mixed = ln_beta(PRIOR + s, PRIOR + f) - ln_beta(PRIOR, PRIOR);
    let times = |count: f64, log: f64| if count == 0.0 { 0.0 } else { count * log };
    let excluded = |p: f64| mixed - times(s, libm::log(p)) - times(f, libm::log1p(-p)) >= -libm::log(level);
    let edge = |outside: f64| {
        let (mut out, mut inside) = (outside, best);
        if !excluded(out) {
            return out;
        }
        for _ in 0..200 {
            let middle = f64::midpoint(out, inside);
            if excluded(middle) { out = middle } else { inside = middle }
        }
        inside
    };
    (edge(0.0), edge(1.0))
}

/// The largest share that the true one is shown to be above: it is not, with probability `level` at most, at every time at once.
pub fn at_least(held: u64, failed: u64, level: f64) -> f64 {
    let best = held as f64 / (held + failed).max(1) as f64;
    last_settled(0.0, best, &|share| bets(held, failed, share).0 >= -libm::log(level))
}

/// The smallest share that the true one is shown to be below.
pub fn at_most(held: u64, failed: u64, level: f64) -> f64 {
    let best = held as f64 / (held + failed).max(1) as f64;
    last_settled(1.0, best, &|share| bets(held, failed, share).1 >= -libm::log(level))
}

/// How far from `sure` towards `best` a bet is won; `sure` itself is a bound whatever happened.
fn last_settled(sure: f64, best: f64, is_won: &dyn Fn(f64) -> bool) -> f64 {
    let (mut won, mut open) = (sure, best);
    for _ in 0..200 {
        let middle = f64::midpoint(won, open);
        if middle == won || middle == open {
            break;
        }
        if is_won(middle) { won = middle } else { open = middle }
    }
    won
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, right: f64, within: f64) {
        assert!((found - right).abs() <= within, "{found} is not {right}");
    }

    /// Vectors: worked out apart from this program.
    #[test]
    fn the_bets_are_right() {
        let table = [
            (299, 0, 0.99, 2.320_255, -4.607_723),
            (990, 10, 0.99, -1.667_400, -4.270_180),
            (1_995, 5, 0.99, 6.843_046, -6.143_270),
            (90, 10, 0.95, -2.534_437, -0.331_792),
        ];
        for (held, failed, share, above, below) in table {
            let found = bets(held, failed, share);
            near(found.0, above, 2e-6);
            near(found.1, below, 2e-6);
        }
        let (above, below) = bets(200_000, 20, 0.99);
        near(above, 1_894.384_301, 1e-4);
        assert!(below < -700.0, "{below}");
    }

    /// Vectors: exact, by search over the number of runs.
    #[test]
    fn the_first_number_of_runs_that_settles() {
        let wins = |bet: f64| bet >= libm::log(20.0);
        let first =
            |failed: u64, share: f64| (failed + 1..10_000).find(|n| wins(bets(n - failed, failed, share).0)).unwrap();
        assert_eq!([0, 1, 2, 3].map(|failed| first(failed, 0.99)), [377, 663, 883, 1_079]);
        assert_eq!([0, 1, 2, 3].map(|failed| first(failed, 0.95)), [74, 131, 174, 213]);
        let refuted = |n: u64| (0..n).find(|failed| wins(bets(n - failed, *failed, 0.99).1)).unwrap();
        assert_eq!([100, 500, 1_000].map(refuted), [6, 15, 24]);
    }

    #[test]
    fn the_interval_holds_what_no_bet_excludes() {
        let (low, high) = interval(990, 10, 0.05);
        near(low, 0.973_836, 1e-6);
        near(high, 0.997_594, 1e-6);
        let (low, high) = interval(299, 0, 0.05);
        near(low, 0.978_761, 1e-6);
        assert!(high == 1.0);
        assert!(interval(0, 0, 0.05) == (0.0, 1.0));
        let (low, high) = interval(0, 50, 0.05);
        assert!(low == 0.0 && (0.05..0.2).contains(&high), "{high}");
    }

    #[test]
    fn a_bound_is_the_share_at_which_its_bet_is_just_won() {
        for (held, failed) in [(74, 0), (500, 3), (990, 10), (0, 30), (40, 60)] {
            let (low, high) = (at_least(held, failed, 0.05), at_most(held, failed, 0.05));
            let best = held as f64 / (held + failed) as f64;
            assert!(low <= best && best <= high && low < high, "{held} {failed}: {low} {high}");
            let won = |bet: f64| bet >= libm::log(20.0);
            assert!(low == 0.0 || (won(bets(held, failed, low).0) && !won(bets(held, failed, low + 1e-6).0)));
            assert!(high == 1.0 || (won(bets(held, failed, high).1) && !won(bets(held, failed, high - 1e-6).1)));
        }
        assert!(at_least(0, 0, 0.05) == 0.0 && at_most(0, 0, 0.05) == 1.0);
    }

    /// Peeking after every run, at the very share that is claimed: the wrong answer must stay rarer than the level.
    ///
    /// The exact figure at 2,000 runs at most is below 0.0407 (dynamic programme over the counts).
    #[test]
    fn looking_after_every_run_does_not_make_a_wrong_answer_more_likely() {
        // By the forward equations of the counts: exact, no sampling.
        let (share, most) = (0.9_f64, 400_usize);
        let mut alive = vec![1.0_f64];
        let (mut shown, mut refuted) = (0.0, 0.0);
        for n in 1..=most {
            let mut next = vec![0.0; n + 1];
            for (failed, chance) in alive.iter().enumerate() {
                next[failed] += chance * share;
                next[failed + 1] += chance * (1.0 - share);
            }
            for (failed, chance) in next.iter_mut().enumerate().filter(|(_, chance)| **chance > 0.0) {
                let (above, below) = bets((n - failed) as u64, failed as u64, share);
                if above >= libm::log(20.0) {
                    shown += std::mem::take(chance);
                } else if below >= libm::log(20.0) {
                    refuted += std::mem::take(chance);
                }
            }
            alive = next;
        }
        assert!(shown > 0.005 && shown < 0.05, "{shown}");
        assert!(refuted > 0.005 && refuted < 0.05, "{refuted}");
    }
}

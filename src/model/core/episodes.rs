//! Limits that are reached: rate limits of providers and services, and retry budgets. From when to when, and how much
//! in total.
//!
//! Owns what counts as one episode. Does not know what a limit is. Invariant: an episode begins with the first second
//! in which a limit turned something away, and is over after ten quiet seconds; a limit that is reached again and again
//! is reported a bounded number of times.

use crate::units::Span;

/// Seconds without anything turned away after which a limit is quiet. Product default: longer than the gaps of a load
/// that is about as high as its limit, shorter than any incident.
const QUIET: u64 = 10;
/// Events of one limit in a run. Product default: more than anybody reads, and few enough for memory.
const MOST_EVENTS: u32 = 100;

/// What is reported of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) enum News {
    /// It begins to turn things away.
    Began,
    /// It turned so many away in so long, and then no more.
    Over { lasted: Span, count: u64 },
}

/// The episodes of one limit.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::model) struct Episodes {
    /// The first second of the present one, and the last in which something was turned away.
    present: Option<(u64, u64)>,
    count: u64,
    told: u32,
}

impl Episodes {
    /// `count` were turned away in `second`, the last one that was counted; the next is `now`.
    pub(in crate::model) fn counted(&mut self, second: u64, count: u64, now: u64) -> Option<News> {
        let news = match &mut self.present {
            None if count == 0 => return None,
            None => {
                (self.present, self.count) = (Some((second, second)), count);
                News::Began
            }
            Some((_, last)) if count > 0 => {
                (*last, self.count) = (second, self.count + count);
                return None;
            }
            Some((first, last)) => {
                // Nothing happened in seconds that were skipped.
                if now.saturating_sub(*last + 1) < QUIET {
                    return None;
                }
                let lasted = Span::from_secs(*last + 1 - *first);
                self.present = None;
                News::Over { lasted, count: self.count }
            }
        };
        self.told += 1;
        (self.told <= MOST_EVENTS).then_some(news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is reported when these seconds turned away so many, seconds without anything being skipped.
    fn told(counts: &[(u64, u64)]) -> Vec<(u64, News)> {
        let mut episodes = Episodes::default();
        let next = |i: usize| counts.get(i + 1).map_or(counts[i].0 + 1, |(next, _)| *next);
        let news = counts
            .iter()
            .enumerate()
            .filter_map(|(i, (second, count))| Some((*second, episodes.counted(*second, *count, next(i))?)));
        news.collect()
    }

    #[test]
    fn a_limit_bites_from_its_first_second_until_ten_are_quiet() {
        let mut counts: Vec<_> = (0..60).map(|second| (second, 0)).collect();
        for (second, count) in [(5, 3), (6, 1), (14, 2), (40, 1)] {
            counts[second].1 = count;
        }
        let over = |lasted, count| News::Over { lasted: Span::from_secs(lasted), count };
        let expected = [(5, News::Began), (24, over(10, 6)), (40, News::Began), (50, over(1, 1))];
        assert_eq!(told(&counts), expected);
    }

    #[test]
    fn seconds_in_which_nothing_happened_count_as_quiet() {
        let news = told(&[(5, 3), (6, 0), (90, 0)]);
        assert_eq!(news.len(), 2, "{news:?}");
        assert_eq!(news[1].1, News::Over { lasted: Span::from_secs(1), count: 3 });
    }

    #[test]
    fn a_limit_that_bites_again_and_again_is_told_of_a_bounded_number_of_times() {
        let counts: Vec<_> = (0..20_000).map(|second| (second, u64::from(second % 20 == 0))).collect();
        assert_eq!(told(&counts).len(), MOST_EVENTS as usize);
    }
}

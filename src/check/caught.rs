//! Requests that a fault caught: sent before it began, and not served because of it.
//!
//! Owns how far before a fault they reach. Does not know properties. What was served is counted by the second in which
//! requests began, so a fault shows in the seconds before it.
//!
//! Invariant: a second reaches the fault only if the fault touched every request of it that was not served, and if a
//! request sent then could still have been in flight: within the longest time that any class is promised.

use crate::record::{Record, TOTAL};
use crate::units::{Instant, Span};

/// From when on the failures before `at`, when `fault` began, are those of requests that it caught; `at` if none are.
pub fn caught_from(fault: &str, at: Instant, record: &Record) -> Instant {
    let signals = record.signal("success").zip(record.signal(&format!("unserved.{fault}")));
    let Some((success, touched)) = signals else { return at };
    let seconds = mutant!("whatever_was_sent_before_a_fault_was_in_flight": in_flight(record) => Span::from_mins(60));
    let seconds = seconds.as_nanos().div_ceil(1_000_000_000);
    let mut from = at;
    for second in (at.second().saturating_sub(seconds)..=at.second()).rev().map(Instant::from_secs) {
        let (of_all, by_fault) = (success.at(second), touched.at(second).part);
        let only_by_fault = of_all.whole - of_all.part <= by_fault;
        if !mutant!("every_failure_before_a_fault_was_caught": only_by_fault => true) {
            break;
        }
        if by_fault > 0 {
            from = second;
        }
    }
    from.min(at)
}

/// The longest a request may take that counts as served.
fn in_flight(record: &Record) -> Span {
    let classes = record.objective.classes.iter().filter(|class| class.name != TOTAL);
    classes.map(|class| class.within).max().unwrap_or(Span::ZERO)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::check::fixture::{Fixture, at};
    use crate::record::SignalUnit;
    use crate::units::Ratio;

    /// Ten requests a second, of which so many are not served from the 50th second on, and so many of them are the fault's.
    fn from(unserved: &[u64], touched: &[u64]) -> Instant {
        let of = |points: &[u64], value: &dyn Fn(u64) -> (u64, u64)| {
            let rows = points.iter().zip(50..).map(|(point, second)| (second, value(*point).0, value(*point).1));
            rows.collect::<Vec<_>>()
        };
        let fixture = Fixture::new(100).promising(Ratio::from_percent(99)).fault("dark", 60, 9);
        let fixture = fixture.signal("success", SignalUnit::Ratio, &of(unserved, &|bad| (10 - bad, 10)));
        let fixture = fixture.signal("unserved.dark", SignalUnit::PerSecond, &of(touched, &|count| (count, 1)));
        caught_from("dark", at(60), &fixture.record())
    }

    #[test]
    fn the_failures_right_before_a_fault_are_its_own_if_it_touched_all_of_them() {
        assert_eq!(from(&[0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 9], &[0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 9]), at(58));
        assert_eq!(from(&[0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 9], &[0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 9]), at(58), "a gap");
        assert_eq!(from(&[0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 9], &[0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 9]), at(59), "one is not");
        assert_eq!(from(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9], &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]), at(60), "none is");
        assert_eq!(from(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9], &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]), at(60));
    }

    #[test]
    fn nothing_is_caught_that_cannot_have_been_in_flight() {
        let touched = [9; 11];
        assert_eq!(from(&touched, &touched), at(50), "ten seconds are promised");
        let long_before = Fixture::new(100).promising(Ratio::from_percent(99)).fault("dark", 60, 9);
        let bad = [(0, 1, 10), (70, 10, 10)];
        let long_before = long_before.signal("success", SignalUnit::Ratio, &bad);
        let long_before = long_before.signal("unserved.dark", SignalUnit::PerSecond, &[(0, 9, 1), (70, 0, 1)]);
        assert_eq!(caught_from("dark", at(60), &long_before.record()), at(50));
        assert_eq!(caught_from("dark", at(60), &Fixture::new(100).record()), at(60), "nothing was recorded");
    }

    /// All of them, for who plants errors.
    pub(crate) const EACH: &[fn()] = &[
        the_failures_right_before_a_fault_are_its_own_if_it_touched_all_of_them,
        nothing_is_caught_that_cannot_have_been_in_flight,
    ];
}

//! Availability over a run: by requests, and by seconds.
//!
//! Both forms are in use and answer different questions (Google SRE book, chapter 3): requests weigh busy hours more,
//! seconds count every outage alike.

use crate::outcome::Availability;
use crate::record::{Record, Sample};
use crate::units::{Instant, Ratio, Span};
use std::cmp::Ordering;

/// Availability against `objective`. A slot is a second in which clients started requests; it is good if its success
/// ratio reaches the objective. A run of bad slots lasts from the first to the end of the last; idle seconds between two
/// bad slots do not break it.
pub fn availability(record: &Record, objective: Ratio) -> Availability {
    let mut counted = Availability {
        ok: record.requests.ok,
        started: record.requests.started,
        good_slots: 0,
        slots: 0,
        longest_bad: Span::ZERO,
    };
    let mut bad_since: Option<Instant> = None;
    for (slot, sample) in slots(record) {
        let Some(order) = objective.compare_to_quotient(sample.part, sample.whole) else { continue };
        counted.slots += 1;
        if order == Ordering::Less {
            let since = *bad_since.get_or_insert(slot);
            counted.longest_bad = counted.longest_bad.max((slot.since(since)).saturating_add(Span::from_secs(1)));
        } else {
            counted.good_slots += 1;
            bad_since = None;
        }
    }
    counted
}

/// The success ratio of each second of the workload.
fn slots(record: &Record) -> impl Iterator<Item = (Instant, Sample)> {
    let signal = record.signal("success").into_iter();
    let mut points = signal.flat_map(|signal| signal.points()).peekable();
    let stretches = std::iter::from_fn(move || {
        let (from, sample) = points.next()?;
        let until = points.peek().map_or(record.workload_end, |(next, _)| (*next).min(record.workload_end));
        Some((from.as_nanos().div_ceil(1_000_000_000), until.as_nanos().div_ceil(1_000_000_000), sample))
    });
    stretches.flat_map(|(from, until, sample)| (from..until).map(move |s| (Instant::from_secs(s), sample)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::fixture::Fixture;
    use crate::record::SignalUnit;

    #[test]
    fn seconds_and_requests_are_counted_apart() {
        // Good for 10 s, 98 of 100 for 5 s, idle for 2 s, dead for 3 s, good for 5 s.
        let samples = [(0, 100, 100), (10, 98, 100), (15, 0, 0), (17, 0, 100), (20, 100, 100), (25, 0, 0)];
        let record = Fixture::new(40).workload_end(25).signal("success", SignalUnit::Ratio, &samples).record();
        let counted = availability(&record, Ratio::from_percent(99));
        assert_eq!((counted.slots, counted.good_slots, counted.longest_bad), (23, 15, Span::from_secs(10)));
        let exact = availability(&record, Ratio::from_percent(98));
        assert_eq!((exact.good_slots, exact.longest_bad), (20, Span::from_secs(3)), "exactly on the objective is good");
    }

    #[test]
    fn a_run_without_requests_has_no_slots() {
        assert_eq!(availability(&Fixture::new(10).record(), Ratio::ONE).slots, 0);
    }
}

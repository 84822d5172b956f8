//! Availability over a run: by requests, and by seconds.
//!
//! Both forms are in use and answer different questions (Google SRE book, chapter 3): requests weigh busy hours more,
//! seconds count every outage alike. Does not know outages' causes.

use crate::outcome::{Availability, Outage};
use crate::record::{Record, TOTAL};
use crate::units::{Ratio, Span};
use std::cmp::Ordering;

/// Availability of a run with these outages. A slot is a second in which clients started requests; it is good if the
/// share of all requests served reaches what is promised to all together.
pub fn availability(record: &Record, outages: &[Outage]) -> Availability {
    let promised = record.objective.classes.iter().find(|class| class.name == TOTAL);
    let promised = promised
        .or(record.objective.classes.iter().find(|class| !class.drill))
        .map_or(Ratio::ONE, |class| class.served);
    let length = |outage: &Outage| outage.until.unwrap_or(record.workload_end).since(outage.from);
    let mut counted = Availability {
        ok: record.requests.served,
        started: mutant!("who_was_held_up_asked_for_nothing":
            record.requests.promised() => record.requests.promised() - record.requests.missing),
        good_slots: 0,
        slots: 0,
        longest_bad: outages.iter().filter(|outage| outage.certain).map(length).max().unwrap_or(Span::ZERO),
    };
    let success = record.signal("success").into_iter();
    for (seconds, sample) in success.flat_map(|success| success.stretches(record.workload_end)) {
        let Some(order) = promised.compare_to_quotient(sample.part, sample.whole) else { continue };
        let slots = seconds.end.saturating_sub(seconds.start);
        counted.slots += slots;
        counted.good_slots += if order == Ordering::Less { 0 } else { slots };
    }
    counted
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::check::fixture::Fixture;
    use crate::record::SignalUnit;

    #[test]
    fn a_second_counts_by_what_was_served_of_it_and_an_idle_one_does_not() {
        // Good for 10 s, 98 of 100 for 5 s, idle for 2 s, dead for 3 s, good for 5 s.
        let samples = [(0, 100, 100), (10, 98, 100), (15, 0, 0), (17, 0, 100), (20, 100, 100), (25, 0, 0)];
        let counted = |promised| {
            let fixture = Fixture::new(40).workload_end(25).signal("success", SignalUnit::Ratio, &samples);
            availability(&fixture.promising(promised).record(), &[])
        };
        let strict = counted(Ratio::from_percent(99));
        assert_eq!((strict.slots, strict.good_slots), (23, 15));
        assert_eq!(counted(Ratio::from_percent(98)).good_slots, 20, "exactly as promised is good");
    }

    #[test]
    fn who_was_held_up_would_have_asked() {
        let mut record = Fixture::new(10).record();
        (record.requests.served, record.requests.started, record.requests.missing) = (60, 60, 40);
        let counted = availability(&record, &[]);
        assert_eq!((counted.ok, counted.started), (60, 100));
    }

    #[test]
    fn a_run_without_requests_has_no_slots() {
        assert_eq!(availability(&Fixture::new(10).record(), &[]).slots, 0);
    }

    /// All of them, for who plants errors.
    pub(crate) const EACH: &[fn()] = &[
        a_second_counts_by_what_was_served_of_it_and_an_idle_one_does_not,
        who_was_held_up_would_have_asked,
        a_run_without_requests_has_no_slots,
    ];
}

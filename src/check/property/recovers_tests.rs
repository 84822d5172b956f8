//! `recovers` at its deadline, to the nanosecond, and when the run is too short to know.

use crate::check::fixture::{Fixture, at, build};
use crate::check::property::Judgement;
use crate::outcome::Verdict;
use crate::record::SignalUnit;

const SECOND: u64 = 1_000_000_000;

/// Fault at 100 s, bad from then on until `good_again` nanoseconds, observed until `end` seconds.
fn judge(good_again: u64, end: u64) -> Judgement {
    let points = [(0, 1, 1), (100 * SECOND, 0, 1), (good_again, 1, 1)];
    let fixture = Fixture::new(end).signal_nanos("success", SignalUnit::Ratio, &points).fault("dark", 100, 5);
    property().judge(&fixture.record())
}

fn property() -> std::sync::Arc<dyn crate::check::Property> {
    build("recovers", &[("after", "fault.dark"), ("holds", "success >= 99%"), ("within", "60s"), ("stable", "30s")])
}

#[test]
fn the_deadline_is_inclusive_to_the_nanosecond() {
    let on = judge(160 * SECOND, 300);
    assert_eq!((on.verdict, on.margin, on.measured.as_deref()), (Verdict::Pass, Some(0.0), Some("1m")));
    let late = judge(160 * SECOND + 1, 300);
    assert_eq!((late.verdict, late.at), (Verdict::Fail, Some(at(160))));
    assert!(late.margin.unwrap() < 0.0);
    assert_eq!(judge(115 * SECOND, 300).margin, Some(0.75));
}

#[test]
fn the_run_must_be_long_enough_to_know() {
    assert_eq!(judge(150 * SECOND, 180).verdict, Verdict::Pass, "[150, 180] was seen to the end");
    assert_eq!(judge(150 * SECOND + 1, 180).verdict, Verdict::Inconclusive, "one nanosecond of 30 s was not");
    assert_eq!(judge(900 * SECOND, 159).verdict, Verdict::Inconclusive, "still bad, but the deadline has not passed");
    let never = judge(900 * SECOND, 160);
    assert_eq!((never.verdict, never.margin, never.measured.clone()), (Verdict::Fail, Some(-1.0), None));
}

#[test]
fn a_candidate_that_fails_within_the_stable_time_does_not_count() {
    let relapse = |again: u64| {
        let points = [(0, 1, 1), (100, 0, 1), (110, 1, 1), (140, 0, 1), (again, 1, 1)];
        property()
            .judge(&Fixture::new(400).signal("success", SignalUnit::Ratio, &points).fault("dark", 100, 5).record())
    };
    assert_eq!(relapse(150).measured.as_deref(), Some("50s"), "[110, 140] is closed, and 140 is bad");
    assert_eq!(relapse(161).verdict, Verdict::Fail);
}

#[test]
fn a_fault_that_did_not_bite_proves_nothing() {
    let good = Fixture::new(400).signal("success", SignalUnit::Ratio, &[(0, 1, 1)]);
    let judged = property().judge(&good.fault("dark", 100, 0).record());
    assert_eq!((judged.verdict, judged.exercised), (Verdict::Inconclusive, 0));
    assert!(judged.why.contains("affected nothing"));
    let judged = property().judge(&Fixture::new(400).signal("success", SignalUnit::Ratio, &[(0, 1, 1)]).record());
    assert_eq!((judged.verdict, judged.why.as_str()), (Verdict::Inconclusive, "`fault.dark` never happened"));
}

#[test]
fn a_service_that_never_failed_recovered_at_once_and_says_so() {
    let bit = Fixture::new(400).signal("success", SignalUnit::Ratio, &[(0, 1, 1), (300, 0, 1)]).fault("dark", 100, 5);
    let judged = property().judge(&bit.record());
    assert_eq!((judged.verdict, judged.margin), (Verdict::Pass, Some(1.0)));
    assert_eq!(judged.why, "`success >= 99%` never failed within 30s of fault.dark, but failed again at 5m");
}

#[test]
fn missing_data_decides_nothing() {
    let hole = |points: &[(u64, u64, u64)]| {
        property().judge(&Fixture::new(400).signal("success", SignalUnit::Ratio, points).fault("dark", 100, 5).record())
    };
    let judged = hole(&[(0, 1, 1), (100, 0, 1), (150, 1, 1), (160, 0, 0), (170, 1, 1)]);
    assert_eq!((judged.verdict, judged.exercised), (Verdict::Inconclusive, 1));
    assert!(judged.why.starts_with("no data at 2m 40s"), "{}", judged.why);
    assert_eq!(hole(&[(0, 1, 1), (100, 0, 0)]).verdict, Verdict::Inconclusive, "silence is not recovery");
    let edge = hole(&[(0, 1, 1), (100, 0, 1), (160, 0, 0)]);
    assert_eq!(edge.verdict, Verdict::Inconclusive, "it may have recovered exactly on the deadline");
    let after = hole(&[(0, 1, 1), (100, 0, 1), (120, 1, 1), (151, 0, 0)]);
    assert_eq!(after.verdict, Verdict::Pass, "what comes after does not matter");
    assert_eq!(property().judge(&Fixture::new(400).fault("dark", 100, 5).record()).exercised, 0, "no such signal");
}

#[test]
fn of_several_events_the_worst_counts() {
    let points = [(0, 1, 1), (100, 0, 1), (110, 1, 1), (200, 0, 1), (250, 1, 1)];
    let fixture = Fixture::new(400).signal("success", SignalUnit::Ratio, &points);
    let judged =
        build("recovers", &[("after", "fault.*"), ("holds", "success >= 99%"), ("within", "60s"), ("stable", "30s")])
            .judge(&fixture.fault("dark", 100, 5).fault("slow", 200, 5).record());
    assert_eq!((judged.verdict, judged.measured.as_deref(), judged.exercised), (Verdict::Pass, Some("50s"), 2));
}

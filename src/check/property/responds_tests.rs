//! `responds` against a published vector, at its deadline and at the edges of its window.

use crate::check::fixture::events::started;
use crate::check::fixture::{Fixture, at, build};
use crate::check::property::Judgement;
use crate::outcome::Verdict;
use crate::record::SignalUnit;

const SECOND: u64 = 1_000_000_000;

/// Trigger at 100 s; the share is 100 % from `first` to `lost` (nanoseconds).
fn judge(first: u64, lost: u64, end: u64) -> Judgement {
    let points = [(0, 1, 2), (first, 1, 1), (lost, 1, 2)];
    let fixture = Fixture::new(end).signal_nanos("region.north.share", SignalUnit::Ratio, &points);
    property().judge(&fixture.happened(100, started("region_failover")).record())
}

fn property() -> std::sync::Arc<dyn crate::check::Property> {
    let holds = "region.north.share == 100%";
    build("responds", &[("after", "region_failover.started"), ("holds", holds), ("within", "30s"), ("for", "60s")])
}

/// Trigger 100 s, first 100 % at 121.5 s, lost at 130 s, within 30, for 60: min(.283333, -.858333).
#[test]
fn the_published_vector_comes_out() {
    let judged = judge(121_500_000_000, 130 * SECOND, 300);
    assert_eq!((judged.verdict, judged.at), (Verdict::Fail, Some(at(130))));
    assert!((judged.margin.unwrap() + 0.858_333).abs() < 1e-6, "{:?}", judged.margin);
    let kept = judge(121_500_000_000, 900 * SECOND, 300);
    assert!((kept.margin.unwrap() - 0.283_333).abs() < 1e-6, "{:?}", kept.margin);
}

#[test]
fn the_deadline_is_inclusive_and_the_window_closed() {
    let on = judge(130 * SECOND, 900 * SECOND, 300);
    assert_eq!((on.verdict, on.margin), (Verdict::Pass, Some(0.0)));
    assert_eq!(judge(130 * SECOND + 1, 900 * SECOND, 300).verdict, Verdict::Fail);
    assert_eq!(judge(110 * SECOND, 170 * SECOND, 300).verdict, Verdict::Fail, "at 170 s it must still hold");
    let just = judge(110 * SECOND, 170 * SECOND + 1, 300);
    assert_eq!((just.verdict, just.margin), (Verdict::Pass, Some(0.0)));
}

#[test]
fn the_first_moment_is_the_witness_even_if_a_later_one_would_do() {
    let points = [(0, 1, 2), (105, 1, 1), (106, 1, 2), (110, 1, 1)];
    let fixture = Fixture::new(300).signal("region.north.share", SignalUnit::Ratio, &points);
    let judged = property().judge(&fixture.happened(100, started("region_failover")).record());
    assert_eq!((judged.verdict, judged.at), (Verdict::Fail, Some(at(106))));
}

#[test]
fn the_end_of_the_run_leaves_an_obligation_open() {
    assert_eq!(judge(110 * SECOND, 900 * SECOND, 170).verdict, Verdict::Pass);
    assert_eq!(judge(110 * SECOND, 900 * SECOND, 169).verdict, Verdict::Inconclusive);
    assert_eq!(judge(899 * SECOND, 900 * SECOND, 129).verdict, Verdict::Inconclusive);
    let never = judge(899 * SECOND, 900 * SECOND, 130);
    assert_eq!((never.verdict, never.margin), (Verdict::Fail, Some(-1.0)));
}

#[test]
fn missing_data_and_no_event_decide_nothing() {
    let hole = |points: &[(u64, u64, u64)]| {
        let fixture = Fixture::new(300).signal("region.north.share", SignalUnit::Ratio, points);
        property().judge(&fixture.happened(100, started("region_failover")).record()).verdict
    };
    assert_eq!(hole(&[(0, 1, 2), (105, 0, 0), (110, 1, 1)]), Verdict::Inconclusive, "it may have held and been lost");
    assert_eq!(hole(&[(0, 1, 2), (105, 1, 1), (110, 0, 0)]), Verdict::Inconclusive);
    assert_eq!(hole(&[(0, 1, 2), (105, 1, 1), (110, 0, 0), (120, 1, 2)]), Verdict::Fail, "lost either way");
    let quiet = Fixture::new(300).signal("region.north.share", SignalUnit::Ratio, &[(0, 1, 1)]).record();
    assert_eq!((property().judge(&quiet).verdict, property().judge(&quiet).exercised), (Verdict::Inconclusive, 0));
}

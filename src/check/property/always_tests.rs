//! `always` and `never` against what RTAMT computes, at their bounds, with data missing, over a part of the run.

use crate::check::fixture::events::healed;
use crate::check::fixture::{Fixture, at, build, try_build};
use crate::check::property::Judgement;
use crate::outcome::Verdict;
use crate::record::SignalUnit;

/// x of the vectors of rtamt 0.4.10 (dense time): .01 on [0,10), .06 [10,40), .08 [40,75), .03 [75,100), .01 [100,200].
const X: [(u64, u64, u64); 5] = [(0, 1, 100), (10, 6, 100), (40, 8, 100), (75, 3, 100), (100, 1, 100)];

fn judge(kind: &str, holds: &str, from: u64, until: u64) -> Judgement {
    let record = Fixture::new(200).signal("errors", SignalUnit::Ratio, &X).record();
    let (from, until) = (format!("{from}s"), format!("{until}s"));
    build(kind, &[("holds", holds), ("scale", "100%"), ("from", &from), ("until", &until)]).judge(&record)
}

fn close(measured: Option<f64>, expected: f64) {
    assert!((measured.unwrap() - expected).abs() < 1e-12, "{measured:?} is not {expected}");
}

#[test]
fn data_must_be_there_while_a_fault_is_on() {
    let property = build("always", &[("holds", "success >= 99%")]);
    let judged = |points: &[(u64, u64, u64)]| {
        let run = Fixture::new(300).fault("dark", 60, 3).happened(160, healed("dark"));
        property.judge(&run.signal("success", SignalUnit::Ratio, points).record())
    };
    assert_eq!(judged(&[(0, 1, 1)]).verdict, Verdict::Pass);
    let idle = judged(&[(0, 1, 1), (50, 0, 0), (240, 1, 1)]);
    assert_eq!((idle.verdict, idle.exercised), (Verdict::Inconclusive, 0));
    assert!(
        idle.why.ends_with("but there was no data for 1m 40s of the 1m 40s that `dark` was active"),
        "{}",
        idle.why
    );
    assert_eq!(judged(&[(0, 1, 1), (70, 0, 0), (120, 1, 1)]).verdict, Verdict::Pass, "half of it may be missing");
    assert_eq!(judged(&[(0, 1, 1), (70, 0, 0), (121, 1, 1)]).verdict, Verdict::Inconclusive);
    assert_eq!(judged(&[(0, 1, 1), (50, 0, 0), (240, 0, 1)]).verdict, Verdict::Fail, "a violation is one at any time");
    let after = build("always", &[("holds", "success >= 99%"), ("from", "fault.dark.healed")]);
    let run = Fixture::new(300).fault("dark", 60, 3).happened(160, healed("dark"));
    let run = run.signal("success", SignalUnit::Ratio, &[(0, 1, 1), (50, 0, 0), (155, 1, 1)]).record();
    assert_eq!(after.judge(&run).verdict, Verdict::Pass, "it is not about the time of the fault");
}

#[test]
fn globally_agrees_with_rtamt() {
    close(judge("always", "errors < 5%", 0, 60).margin, -0.03);
    close(judge("always", "errors < 5%", 75, 135).margin, 0.02);
    close(judge("always", "errors < 5%", 100, 160).margin, 0.04);
    close(judge("always", "errors < 10%", 0, 200).margin, 0.02);
}

/// F phi is not G not phi.
#[test]
fn eventually_agrees_with_rtamt_as_the_opposite_of_never() {
    close(judge("never", "errors > 5%", 0, 30).margin, -0.01);
    close(judge("never", "errors > 5%", 10, 40).margin, -0.03);
    close(judge("never", "errors > 5%", 75, 105).margin, 0.02);
}

/// G[0,20] at t is the smallest value of the window that ends at t + 20.
#[test]
fn eventually_globally_agrees_with_rtamt() {
    close(judge("never", "min(errors, 20s) > 5%", 20, 50).margin, -0.01);
    close(judge("never", "min(errors, 20s) > 5%", 30, 60).margin, -0.03);
    close(judge("never", "min(errors, 20s) > 5%", 75, 105).margin, 0.02);
}

#[test]
fn historically_agrees_with_rtamt() {
    close(judge("always", "min(errors, 20s) > 5%", 30, 30).margin, 0.01);
    close(judge("always", "min(errors, 20s) > 5%", 60, 60).margin, 0.03);
    close(judge("always", "min(errors, 20s) > 5%", 75, 75).margin, -0.02);
}

#[test]
fn exactly_on_the_bound_holds_with_margin_zero() {
    let on = judge("always", "errors <= 8%", 0, 200);
    assert_eq!((on.verdict, on.margin), (Verdict::Pass, Some(0.0)));
    let strict = judge("always", "errors < 8%", 0, 200);
    assert_eq!((strict.verdict, strict.at), (Verdict::Fail, Some(at(40))));
    let over = judge("always", "errors <= 7.9999999%", 0, 200);
    assert_eq!((over.verdict, over.measured.as_deref()), (Verdict::Fail, Some("8% at worst")));
}

#[test]
fn the_margin_defaults_to_parts_of_the_bound() {
    let record = Fixture::new(200).signal("errors", SignalUnit::Ratio, &X).record();
    close(build("always", &[("holds", "errors <= 10%")]).judge(&record).margin, 0.2);
    let mixed = build("always", &[("holds", "errors <= 10% or count(fault.*, 1m) > 0")]).judge(&record);
    assert_eq!((mixed.verdict, mixed.margin), (Verdict::Pass, None), "no margin over several units");
}

#[test]
fn an_exception_is_closed_to_the_nanosecond() {
    let bad_at = |nanos: u64| {
        let points = [(0, 0, 1), (nanos, 1, 1), (nanos + 1, 0, 1)];
        let record = Fixture::new(200).signal_nanos("errors", SignalUnit::Ratio, &points).fault("dark", 50, 1).record();
        build("always", &[("holds", "errors <= 5%"), ("except", "30s after fault.*")]).judge(&record).verdict
    };
    assert_eq!(bad_at(50_000_000_000 - 1), Verdict::Fail);
    assert_eq!(bad_at(50_000_000_000), Verdict::Pass);
    assert_eq!(bad_at(80_000_000_000), Verdict::Pass);
    assert_eq!(bad_at(80_000_000_001), Verdict::Fail);
}

#[test]
fn from_and_until_may_be_events() {
    let judge = |fixture: Fixture| {
        let fields = [("holds", "errors >= 5%"), ("from", "fault.dark"), ("until", "fault.dark.healed")];
        build("always", &fields).judge(&fixture.signal("errors", SignalUnit::Ratio, &X).record())
    };
    assert_eq!(judge(Fixture::new(200).fault("dark", 10, 1).happened(74, healed("dark"))).verdict, Verdict::Pass);
    assert_eq!(judge(Fixture::new(200).fault("dark", 10, 1).happened(75, healed("dark"))).verdict, Verdict::Fail);
    assert_eq!(judge(Fixture::new(200)).verdict, Verdict::Inconclusive, "the fault never began");
    assert_eq!(judge(Fixture::new(200).fault("dark", 10, 0)).verdict, Verdict::Inconclusive, "the fault had no effect");
}

#[test]
fn nothing_observed_is_never_a_pass() {
    let silent = Fixture::new(200).signal("errors", SignalUnit::Ratio, &[(0, 0, 0)]).record();
    for (kind, record) in [("always", &silent), ("never", &silent), ("always", &Fixture::new(200).record())] {
        let judged = build(kind, &[("holds", "errors <= 5%")]).judge(record);
        assert_eq!((judged.verdict, judged.exercised), (Verdict::Inconclusive, 0));
    }
    assert!(judge("always", "errors < 5%", 0, 200).exercised == 200);
}

#[test]
fn moments_without_data_are_counted_apart() {
    let points = [(0, 1, 100), (10, 0, 0), (30, 1, 100)];
    let record = Fixture::new(60).signal("errors", SignalUnit::Ratio, &points).record();
    let judged = build("always", &[("holds", "errors <= 5%")]).judge(&record);
    assert_eq!(judged.verdict, Verdict::Pass);
    assert_eq!(judged.why, "held in all 40 seconds with data (20 seconds had no data)");
}

#[test]
fn what_is_wrong_is_placed_inside_the_expression() {
    let problems = try_build("always", &[("holds", "errors <= 5s"), ("except", "fault.dark"), ("from", "nonsense")]);
    let problems: Vec<_> = problems.unwrap_err().iter().map(|p| (p.code, p.place.unwrap().column)).collect();
    assert_eq!(problems, [("FD0301", 1), ("FD0302", 1), ("FD0301", 1)]);
    let problems = try_build("always", &[("holds", "success > 1% and erors <= 5%")]).unwrap_err();
    let place = problems.iter().next().unwrap().place.unwrap();
    assert_eq!((place.column, place.start, place.end), (18, 17, 22));
}

#[test]
fn an_exception_covers_what_the_fault_caught_and_nothing_else_before_it() {
    let bad = [(0, 10, 10), (59, 7, 10), (60, 0, 10), (90, 10, 10)];
    let run = |caught: u64| {
        let run = Fixture::new(300).served("users.api.read", &bad, 300).fault("dark", 60, 9);
        let run = run.signal("success", SignalUnit::Ratio, &bad).signal("errors", SignalUnit::Ratio, &[(0, 0, 10)]);
        let run = run.signal("goodput", SignalUnit::PerSecond, &[(0, 10, 1), (59, 7, 1), (60, 10, 1)]);
        let touched = [(59, caught, 1), (60, 10, 1), (90, 0, 1)];
        run.signal("unserved.dark", SignalUnit::PerSecond, &touched).record()
    };
    let judged = |holds: &str, caught: u64| {
        build("always", &[("holds", holds), ("except", "2m after fault.dark")]).judge(&run(caught)).verdict
    };
    let until = build("always", &[("holds", "success >= 99%"), ("until", "fault.dark")]);
    assert_eq!([3, 2].map(|caught| until.judge(&run(caught)).verdict), [Verdict::Pass, Verdict::Fail]);
    assert_eq!(judged("success >= 99%", 3), Verdict::Pass);
    assert_eq!(judged("success >= 99%", 2), Verdict::Fail, "one of them was not the fault's");
    assert_eq!(judged("goodput >= 9/s", 3), Verdict::Fail, "what is counted at its end was not caught before");
}

/// Those of the exceptions, for who plants errors.
pub(crate) const EACH: &[fn()] =
    &[an_exception_is_closed_to_the_nanosecond, an_exception_covers_what_the_fault_caught_and_nothing_else_before_it];

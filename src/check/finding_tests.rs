//! What no property bounds is found, and what one bounds is not.

use crate::check::fixture::events::healed;
use crate::check::fixture::{Fixture, check, info};
use crate::check::judge::{Check, judge};
use crate::outcome::{Expectation, Outcome, Verdict};
use crate::record::{Latency, SignalUnit};

const CLASS: &str = "users.api.read";

pub(crate) fn judged(fixture: Fixture, properties: &[(&str, &[(&str, &str)])]) -> Outcome {
    let checks: Vec<Check> = properties.iter().map(|(kind, fields)| check(kind, Verdict::Pass, kind, fields)).collect();
    judge(fixture.record(), &checks, info(None))
}

/// Down from 60 to 90.
fn outage() -> Fixture {
    let points = [(0, 100, 100), (60, 0, 100), (90, 100, 100)];
    let success = [(0, 100, 100), (60, 0, 100), (90, 100, 100)];
    let fixture = Fixture::new(600).served(CLASS, &points, 600).signal("success", SignalUnit::Ratio, &success);
    fixture.signal("queue", SignalUnit::Count, &[(0, 0, 1)]).fault("dark", 60, 9)
}

const ONE_FAULT: (&str, &[(&str, &str)]) = ("at_most", &[("event", "fault.dark"), ("n", "1")]);

#[test]
fn an_outage_that_no_property_bounds_leaves_the_word_unknown() {
    let unbounded = judged(outage(), &[ONE_FAULT]);
    assert_eq!((unbounded.verdict, unbounded.as_expected), (Verdict::Inconclusive, false));
    let said = &unbounded.findings[0];
    assert!(said.contains("from 1m to 1m 30.1s (30.1s)") && said.contains("belongs to fault.dark"), "{said}");
    let recovers = ("recovers", &[("after", "fault.dark"), ("within", "1m")][..]);
    let bounded = judged(outage(), &[ONE_FAULT, recovers]);
    assert_eq!((bounded.verdict, bounded.findings.len()), (Verdict::Pass, 0));
    assert_eq!(bounded.outages[0].bounded_by.as_deref(), Some("recovers"));
}

#[test]
fn a_bound_on_another_fault_bounds_nothing_and_neither_does_one_that_is_broken() {
    let other = ("recovers", &[("after", "fault.slow"), ("within", "1m")][..]);
    assert!(!judged(outage().fault("slow", 500, 9), &[ONE_FAULT, other]).findings.is_empty());
    let broken = ("recovers", &[("after", "fault.dark"), ("within", "10s")][..]);
    let failed = judged(outage(), &[broken]);
    assert_eq!((failed.verdict, failed.findings.len()), (Verdict::Fail, 1));
}

#[test]
fn an_expected_failure_stays_expected_beside_what_was_found() {
    let mut checks = vec![check("rto", Verdict::Fail, "recovers", &[("after", "fault.dark"), ("within", "10s")])];
    let outcome = judge(outage().record(), &checks, info(None));
    assert_eq!((outcome.verdict, outcome.as_expected), (Verdict::Fail, true));
    checks[0].expected = Expectation::Pass;
    assert!(!judge(outage().record(), &checks, info(None)).as_expected);
}

const TOO_SOON: &[(&str, &str)] = &[("after", "fault.dark"), ("within", "10s")];

fn claim() -> Expectation {
    let share = crate::units::Ratio::from_percent(95);
    Expectation::Share(crate::outcome::Claim { at_least: share, confidence: share, if_exercised: false })
}

#[test]
fn an_outage_beyond_a_bound_that_may_be_missed_is_no_surprise_and_the_word_is_that_of_the_others() {
    let judged = |expected: Expectation, fixture: Fixture| {
        let (event, fields) = ONE_FAULT;
        let checks = [check("rto", expected, "recovers", TOO_SOON), check("one", Verdict::Pass, event, fields)];
        judge(fixture.record(), &checks, info(None))
    };
    let either = judged(Expectation::Either, outage());
    assert_eq!((either.verdict, either.as_expected, either.findings.len()), (Verdict::Pass, true, 0));
    // What another fault takes away is bounded by nothing.
    let points = [(0, 100, 100), (60, 0, 100), (90, 100, 100), (300, 0, 100), (330, 100, 100)];
    let twice = |expected: Expectation| {
        let fixture = Fixture::new(600).served(CLASS, &points, 600).signal("success", SignalUnit::Ratio, &points);
        let slow = [("after", "fault.slow"), ("within", "10s")];
        let checks = [check("rto", expected, "recovers", &slow), check("one", Verdict::Pass, ONE_FAULT.0, ONE_FAULT.1)];
        judge(fixture.fault("dark", 60, 9).fault("slow", 300, 9).record(), &checks, info(None))
    };
    let either = twice(Expectation::Either);
    assert_eq!((either.verdict, either.findings.len()), (Verdict::Inconclusive, 1), "{:?}", either.findings);
    assert!(either.findings[0].contains("belongs to fault.dark"), "{:?}", either.findings);
    // One run does not show a share, and whether it fails in this one is not what decides.
    let claimed = judged(claim(), outage());
    assert_eq!((claimed.verdict, claimed.as_expected, claimed.findings.len()), (Verdict::Inconclusive, false, 0));
    assert_eq!(twice(claim()).findings.len(), 1);
}

#[test]
fn service_that_never_came_back_is_a_finding_where_either_is_expected_and_none_where_it_counts_as_a_failure() {
    let points = [(0, 100, 100), (60, 0, 100)];
    let gone = Fixture::new(600).served(CLASS, &points, 600).signal("success", SignalUnit::Ratio, &points);
    let record = gone.fault("dark", 60, 9).record();
    let findings = |expected: Expectation| {
        judge(record.clone(), &[check("rto", expected, "recovers", TOO_SOON)], info(None)).findings.len()
    };
    assert_eq!((findings(Expectation::Either), findings(claim())), (1, 0));
}

#[test]
fn properties_that_may_all_hold_or_not_say_nothing() {
    let outcome = judge(outage().record(), &[check("rto", Expectation::Either, "recovers", TOO_SOON)], info(None));
    assert_eq!((outcome.verdict, outcome.as_expected), (Verdict::Inconclusive, false));
    let idle = check("rto", Expectation::PassIfExercised, "recovers", &[("after", "fault.slow"), ("within", "10s")]);
    let judged = |checks: &[Check]| judge(outage().record(), checks, info(None));
    assert_eq!(judged(&[idle]).verdict, Verdict::Inconclusive);
}

/// Beside many requests that are served, a few of another class that are not from 60 to 90.
fn small_class() -> Fixture {
    let few = [(0, 1, 1), (60, 0, 1), (90, 1, 1)];
    let fixture = Fixture::new(600).served(CLASS, &[(0, 999, 999)], 600).served("batch.web.read", &few, 600);
    let success =
        fixture.signal("success", SignalUnit::Ratio, &[(0, 1_000, 1_000), (60, 999, 1_000), (90, 1_000, 1_000)]);
    let errors = success.signal("errors", SignalUnit::Ratio, &[(0, 0, 1_000), (60, 1, 1_000), (90, 0, 1_000)]);
    errors.fault("dark", 60, 9)
}

#[test]
fn a_bound_on_all_requests_together_bounds_no_outage_of_a_part_of_them() {
    let always = |holds| ("always", vec![("holds", holds)]);
    let at_least = |value, bound| ("measure", vec![("value", value), ("at_least", bound)]);
    let at_most = |value, bound| ("measure", vec![("value", value), ("at_most", bound)]);
    let too_weak = [
        always("success >= 99%"),
        always("mean(success, 1m) >= 99%"),
        at_least("mean(success)", "99%"),
        at_most("mean(errors)", "1%"),
    ];
    for (kind, fields) in too_weak {
        let outcome = judged(small_class(), &[ONE_FAULT, (kind, &fields)]);
        assert_eq!((outcome.verdict, outcome.findings.len()), (Verdict::Inconclusive, 1), "{kind} {fields:?}");
    }
    let (kind, fields) = at_least("mean(success)", "95%");
    let allowed = judged(small_class(), &[ONE_FAULT, (kind, &fields)]);
    assert_eq!(allowed.verdict, Verdict::Pass, "95 % of the class was served: {:?}", allowed.findings);
}

#[test]
fn a_bound_that_service_without_end_would_have_met_bounds_nothing() {
    let at_least =
        |bound| judged(outage(), &[ONE_FAULT, ("measure", &[("value", "mean(success)"), ("at_least", bound)])]);
    // Dark from 60 s of 600 on for good, a tenth would have been served.
    assert_ne!(at_least("10%").verdict, Verdict::Pass);
    assert_eq!(at_least("11%").verdict, Verdict::Pass);
    assert_eq!(at_least("95%").verdict, Verdict::Pass);
}

#[test]
fn a_share_that_is_no_service_bounds_nothing() {
    let undeclared = || outage().change(|record| record.objective.declared = false);
    let least = |holds| {
        let recovers = ("recovers", &[("after", "fault.dark"), ("holds", holds), ("within", "5m")][..]);
        judged(undeclared(), &[ONE_FAULT, recovers]).verdict
    };
    assert_eq!((least("success >= 90%"), least("success >= 89%")), (Verdict::Pass, Verdict::Inconclusive));
}

#[test]
fn what_says_nothing_of_the_worst_bounds_nothing() {
    let statements = ["success >= 0.1% or errors >= 0.1%", "mean(success, 10m) >= 1%"];
    for holds in statements {
        let outcome = judged(outage(), &[ONE_FAULT, ("always", &[("holds", holds)])]);
        assert_ne!(outcome.verdict, Verdict::Pass, "{holds}");
    }
    for value in ["max(success)", "last(success)", "p50(success)"] {
        let outcome = judged(outage(), &[ONE_FAULT, ("measure", &[("value", value), ("at_least", "99%")])]);
        assert_ne!(outcome.verdict, Verdict::Pass, "{value}");
    }
    let later = ("always", &[("holds", "success >= 99%"), ("from", "80s")][..]);
    assert_ne!(judged(outage(), &[ONE_FAULT, later]).verdict, Verdict::Pass, "it does not count for all of it");
}

#[test]
fn what_holds_because_everything_fails_bounds_nothing() {
    for holds in ["success >= 95% or success <= 50%", "not (success < 99% and success > 5%)"] {
        let outcome = judged(outage(), &[ONE_FAULT, ("always", &[("holds", holds)])]);
        assert_ne!(outcome.verdict, Verdict::Pass, "{holds}");
    }
}

#[test]
fn a_clock_that_starts_in_the_midst_of_an_outage_does_not_bound_it() {
    let late = || outage().fault("slow", 85, 9);
    let recovers = ("recovers", &[("after", "fault.slow"), ("within", "5m")][..]);
    assert_eq!(judged(late(), &[ONE_FAULT, recovers]).verdict, Verdict::Inconclusive);
    let figure = ("measure", &[("value", "rto(fault.slow, 99%)"), ("at_most", "5m")][..]);
    assert_eq!(judged(late(), &[ONE_FAULT, figure]).verdict, Verdict::Inconclusive);
    let soon = || outage().fault("slow", 65, 9);
    assert_eq!(judged(soon(), &[ONE_FAULT, recovers]).verdict, Verdict::Pass, "it may have caught the first requests");
    let both = |slow_from: u64| {
        let dark = soon().signal("unserved.dark", SignalUnit::PerSecond, &[(60, 9, 1), (90, 0, 1)]);
        let touched = dark.signal("unserved.slow", SignalUnit::PerSecond, &[(slow_from, 9, 1), (90, 0, 1)]);
        judged(touched, &[ONE_FAULT, recovers]).verdict
    };
    assert_eq!((both(60), both(70)), (Verdict::Pass, Verdict::Inconclusive), "who touched the first that failed");
    let from_the_start = ("recovers", &[("after", "fault.dark"), ("within", "5m")][..]);
    assert_eq!(judged(late(), &[ONE_FAULT, from_the_start]).verdict, Verdict::Pass);
}

#[test]
fn a_part_of_the_losses_is_no_bound_on_all_of_them() {
    let lost = || {
        let good = Fixture::new(600).served(CLASS, &[(0, 100, 100)], 600).fault("dark", 60, 9);
        good.store("orders", 9, |store| store.lost_total = 1)
    };
    for (bound, verdict) in
        [("at_risk", Verdict::Inconclusive), ("visible", Verdict::Inconclusive), ("lost", Verdict::Pass)]
    {
        assert_eq!(judged(lost(), &[ONE_FAULT, ("ledger", &[(bound, "5")])]).verdict, verdict, "{bound}");
    }
}

#[test]
fn service_that_never_came_back_is_found_whatever_bounds_it() {
    let gone = Fixture::new(600).served(CLASS, &[(0, 100, 100), (590, 0, 100)], 600).fault("dark", 590, 9);
    let gone = gone.signal("success", SignalUnit::Ratio, &[(0, 100, 100), (590, 0, 100)]);
    let bound = ("measure", &[("value", "mean(success)"), ("at_least", "50%")][..]);
    assert_eq!(judged(gone, &[ONE_FAULT, bound]).verdict, Verdict::Inconclusive);
}

#[test]
fn from_the_end_of_a_fault_on_nothing_is_said_of_the_time_during_it() {
    let after = ("recovers", &[("after", "fault.dark.healed"), ("within", "1m")][..]);
    let healed = outage().happened(90, healed("dark"));
    assert_ne!(judged(healed, &[ONE_FAULT, after]).verdict, Verdict::Pass);
}

/// Served well, with answers of a quarter of a second from 100 to 160 where a tenth is usual.
fn slow() -> Fixture {
    let good = Fixture::new(600).served(CLASS, &[(0, 100, 100)], 600).fault("dark", 60, 9);
    let success = good.signal("success", SignalUnit::Ratio, &[(0, 100, 100)]);
    success.slow(CLASS, (100, 250), &[(0, 0, 100), (100, 100, 100), (160, 0, 100)]).signal(
        "latency.p95",
        SignalUnit::Nanoseconds,
        &[(0, 100_000_000, 1), (100, 250_000_000, 1), (160, 100_000_000, 1)],
    )
}

#[test]
fn slow_answers_need_a_bound_on_latency() {
    let found = judged(slow(), &[ONE_FAULT]).findings;
    let said = "users.api.read: answers were slow from 1m 40s to 2m 40s (1m): 6000 of 6000 took more than twice the usual; \
                their 95th percentile was 250ms, where 100ms was usual before the first fault, and no property that held \
                bounds that";
    assert_eq!(found, [said]);
    let always = |holds| ("always", vec![("holds", holds)]);
    let (kind, fields) = always("latency.p95 <= 1s");
    assert_eq!(judged(slow(), &[ONE_FAULT, (kind, &fields)]).findings, [""; 0]);
    let early = ("always", &[("holds", "latency.p95 <= 1s"), ("until", "2m")][..]);
    assert_eq!(judged(slow(), &[ONE_FAULT, early]).findings.len(), 1, "it does not count for all of it");
}

#[test]
fn a_bound_on_the_latency_of_all_bounds_a_part_of_them_only_if_that_part_meets_it() {
    // Beside many others that are quick.
    let part =
        || slow().served("batch.web.read", &[(0, 9_900, 9_900)], 600).slow("batch.web.read", (100, 0), &[(0, 0, 1)]);
    let with = |kind: &'static str, fields: &[(&str, &str)]| {
        let quick = part().change(|record| record.signals.retain(|signal| signal.name != "latency.p95"));
        let quick = quick.signal("latency.p95", SignalUnit::Nanoseconds, &[(0, 100_000_000, 1)]).change(|record| {
            record.requests.started = 1_000_000;
            record.requests.ok = 1_000_000;
            let [all_p50, all_p95, all_p99] = [Some(crate::units::Span::from_millis(100)); 3];
            let max = crate::units::Span::from_millis(260);
            record.requests.latency = Latency { all_p50, all_p95, all_p99, max, ..Latency::default() };
        });
        judged(quick, &[ONE_FAULT, (kind, fields)]).findings.len()
    };
    let bound = |bound| with("measure", &[("value", "p99(latency)"), ("at_most", bound)]);
    assert_eq!((bound("200ms"), bound("250ms")), (1, 0));
    assert_eq!(with("measure", &[("value", "max(latency)"), ("at_most", "260ms")]), 0, "none took longer");
    let always = |holds| with("always", &[("holds", holds)]);
    assert_eq!((always("latency.p95 <= 1s"), always("success >= 1%")), (0, 1));
    assert_eq!(always("latency.p95 <= 200ms"), 1, "all together are that quick, and the part is not");
    assert_eq!(always("latency.p95 <= 1s or success >= 1%"), 1, "it says nothing of latency");
    assert_eq!(with("never", &[("holds", "latency.p95 > 300ms")]), 0);
    assert_eq!(with("never", &[("holds", "latency.p95 > 300ms and success >= 1%")]), 1);
}

#[test]
fn what_is_usual_is_said_as_it_was_found() {
    let said = |fixture: Fixture, part: &str| {
        let found = judged(fixture, &[]).findings.concat();
        assert!(found.contains(part), "{found}");
    };
    said(slow().change(|record| record.faults.clear()), "was usual from 0s to 1m,");
    let late = slow().change(|record| record.faults[0].at = Some(crate::units::Instant::from_secs(5)));
    said(late, "was usual in the seconds from 0s to 1m without an active fault");
    let blind = Fixture::new(600).served(CLASS, &[(0, 100, 100)], 600).fault("dark", 3, 9);
    let blind = blind.change(|record| record.signals.retain(|signal| !signal.name.starts_with("usual.")));
    said(blind, "users.api.read: whether answers were slow cannot be decided");
}

#[test]
fn who_only_compares_figures_needs_no_clients() {
    let silent = || outage().change(|record| record.silent.push("night".to_owned()));
    let agrees = ("agrees", &[("value", "count(fault.dark)"), ("with", "1"), ("source", "the fixture")][..]);
    assert_eq!(judged(silent(), &[agrees]).doubts, [""; 0]);
    assert_eq!(judged(silent(), &[agrees, ONE_FAULT]).doubts.len(), 1);
}

#[test]
fn failures_that_make_no_outage_are_found_too() {
    let some = || {
        let points = [(0, 100, 100), (60, 99, 100), (61, 100, 100)];
        let fixture = Fixture::new(600).served(CLASS, &points, 600).fault("dark", 60, 9);
        let fixture = fixture.signal("success", SignalUnit::Ratio, &points);
        fixture.signal("unserved.dark", SignalUnit::PerSecond, &[(60, 1, 1), (61, 0, 1)])
    };
    assert!(judged(some(), &[ONE_FAULT]).findings[0].contains("affected at least 1 request"), "unbounded");
    let bound = ("measure", &[("value", "availability"), ("at_least", "99%")][..]);
    let with = some().change(|record| (record.requests.served, record.requests.started) = (59_999, 60_000));
    assert_eq!(judged(with, &[ONE_FAULT, bound]).findings, [""; 0]);
}

/// All of them but those over random input, for who plants errors.
pub(crate) const EACH: &[fn()] = &[
    a_bound_on_all_requests_together_bounds_no_outage_of_a_part_of_them,
    what_says_nothing_of_the_worst_bounds_nothing,
    what_holds_because_everything_fails_bounds_nothing,
    a_clock_that_starts_in_the_midst_of_an_outage_does_not_bound_it,
    a_part_of_the_losses_is_no_bound_on_all_of_them,
    service_that_never_came_back_is_found_whatever_bounds_it,
    from_the_end_of_a_fault_on_nothing_is_said_of_the_time_during_it,
    an_outage_that_no_property_bounds_leaves_the_word_unknown,
    a_bound_on_another_fault_bounds_nothing_and_neither_does_one_that_is_broken,
    an_expected_failure_stays_expected_beside_what_was_found,
    a_bound_that_service_without_end_would_have_met_bounds_nothing,
    a_share_that_is_no_service_bounds_nothing,
    slow_answers_need_a_bound_on_latency,
    a_bound_on_the_latency_of_all_bounds_a_part_of_them_only_if_that_part_meets_it,
    what_is_usual_is_said_as_it_was_found,
    failures_that_make_no_outage_are_found_too,
    who_only_compares_figures_needs_no_clients,
];

//! `measure`: figures compared exactly, and figures that were not observed.

use crate::check::fixture::events::{detected, done, started};
use crate::check::fixture::{Fixture, build, try_build};
use crate::outcome::Verdict;
use crate::record::{Latency, Record, RequestTotals, SignalUnit};
use crate::units::Span;

fn record() -> Record {
    let lag = [(0, 1_000_000_000, 1), (50, 4_000_000_000, 1), (60, 0, 1)];
    let success = [(0, 9, 9), (100, 0, 9), (160, 9, 9)];
    Fixture::new(600)
        .served("users.api.read", &success, 600)
        .signal("db.orders.lag", SignalUnit::Nanoseconds, &lag)
        .signal("success", SignalUnit::Ratio, &success)
        .fault("dark", 100, 5)
        .happened(110, started("region_failover"))
        .happened(140, done("region_failover"))
        .store("orders", 100, |store| store.lost_total = 3)
        .requests(RequestTotals {
            started: 1000,
            ok: 999,
            served: 999,
            latency: Latency {
                all_p50: Some(Span::from_millis(80)),
                all_p95: Some(Span::from_millis(200)),
                all_p99: Some(Span::from_millis(250)),
                mean: Span::from_millis(90),
                ..Latency::default()
            },
            ..RequestTotals::default()
        })
        .record()
}

#[test]
fn figures_are_exact_and_bounds_inclusive() {
    let took = "t(region_failover.done) - t(region_failover.started)";
    for (value, side, bound, verdict, measured) in [
        (took, "at_most", "30s", Verdict::Pass, "30s"),
        (took, "at_most", "29.999999999s", Verdict::Fail, "30s"),
        ("rto(fault.dark, 99%)", "at_most", "60100ms", Verdict::Pass, "1m 00.1s"),
        ("p99(latency)", "at_most", "250ms", Verdict::Pass, "250ms"),
        ("availability", "at_least", "99.9%", Verdict::Pass, "99.9%"),
        ("availability", "at_least", "99.91%", Verdict::Fail, "99.9%"),
        ("lost(orders) / acked(orders)", "at_most", "3%", Verdict::Pass, "3%"),
        ("max(lag)", "at_most", "4s", Verdict::Pass, "4s"),
        ("min(lag)", "at_most", "0", Verdict::Pass, "0s"),
        ("mean(success)", "at_least", "90%", Verdict::Pass, "90%"),
    ] {
        let judged = build("measure", &[("value", value), (side, bound)]).judge(&record());
        assert_eq!((judged.verdict, judged.measured.as_deref()), (verdict, Some(measured)), "{value} {side} {bound}");
    }
}

#[test]
fn delays_have_a_mean_and_quantiles_by_nearest_rank() {
    let mut fixture = Fixture::new(600);
    for (begins, takes) in [(100, 30), (200, 10), (300, 40), (400, 20)] {
        fixture =
            fixture.happened(begins, started("region_failover")).happened(begins + takes, done("region_failover"));
    }
    let record = fixture.record();
    for (third, took) in [("", "25s"), (", 25%", "10s"), (", 50%", "20s"), (", 51%", "30s"), (", 95%", "40s")] {
        let value = format!("delay(region_failover.started, region_failover.done{third})");
        let judged = build("measure", &[("value", &value), ("at_most", "1h")]).judge(&record);
        assert_eq!(judged.measured.as_deref(), Some(took), "{value}");
    }
    let never = build("measure", &[("value", "delay(fault.dark, region_failover.done, 50%)"), ("at_most", "1h")]);
    assert_eq!(never.judge(&record).verdict, Verdict::Inconclusive);
}

#[test]
fn the_margin_is_in_parts_of_the_bound() {
    let margin = |fields: &[(&str, &str)]| build("measure", fields).judge(&record()).margin.unwrap();
    assert_eq!(margin(&[("value", "rto(dark, 99%)"), ("at_most", "120200ms")]), 0.5);
    assert_eq!(margin(&[("value", "rto(dark, 99%)"), ("at_most", "30050ms")]), -1.0);
    assert_eq!(margin(&[("value", "lost(all)"), ("at_most", "0")]), -3.0);
    assert_eq!(margin(&[("value", "lost(all)"), ("at_most", "0"), ("scale", "6")]), -0.5);
}

/// Read for a bound from above, five minutes less a time are most where that time is least: what came before its
/// beginning counts, and so the bound can be violated.
#[test]
fn what_is_left_of_a_time_is_judged_by_the_shortest_it_may_have_been() {
    let record = Fixture::new(900).happened(122, done("region_failover")).fault("dark", 500, 5).record();
    let left = ("value", "5m - (t(region_failover.done) - t(fault.dark))");
    let judged = build("measure", &[left, ("at_most", "5m")]).judge(&record);
    assert_eq!((judged.verdict, judged.measured.as_deref()), (Verdict::Fail, Some("11m 18s")));
}

#[test]
fn a_margin_is_a_number_at_every_bound_and_grows_with_the_distance() {
    let bad = Fixture::new(599)
        .requests(RequestTotals {
            started: 1000,
            ok: 960,
            latency: Latency {
                all_p50: Some(Span::from_secs(1)),
                all_p95: Some(Span::from_secs(30)),
                ..Latency::default()
            },
            ..RequestTotals::default()
        })
        .signal("success", SignalUnit::Ratio, &[(0, 1, 2)])
        .signal("db.orders.lag", SignalUnit::Nanoseconds, &[(0, 4_000_000_000, 1)])
        .fault("dark", 100, 5)
        .store("orders", 100, |store| store.lost_total = 3)
        .record();
    for (value, side, bound, margin) in [
        ("max(lag)", "at_most", "0s", -4.0),
        ("max(lag)", "at_most", "0", -4.0),
        ("availability - 50%", "at_least", "0%", -0.5),
        ("mean(success)", "at_most", "0%", -0.5),
        ("lost(orders)", "at_most", "0", -3.0),
        ("p50(latency)", "at_most", "100ms", -9.0),
        // Longer than the bound by as much as the run shows, which is never less than one answered just as late.
        ("p99(latency)", "at_most", "1s", -599.0),
        ("p99(latency)", "at_most", "0s", -600.0),
        ("p99(latency)", "at_most", "1h", -1.0),
        ("t(region_failover.done) - t(fault.dark)", "at_most", "100s", -3.99),
        ("t(region_failover.done) - t(fault.dark)", "at_most", "498s", -1.0),
    ] {
        let judged = build("measure", &[("value", value), (side, bound)]).judge(&bad);
        let found = judged.margin.expect(value);
        assert!(found.is_finite() && (found - margin).abs() < 1e-9, "{value} {side} {bound}: {found}");
        assert_eq!(judged.verdict, Verdict::Fail, "{value} {side} {bound}");
    }
}

#[test]
fn a_scale_that_makes_margins_meaningless_is_refused() {
    for (bound, scale, why) in [
        ("5s", "0s", "the scale must be above zero"),
        ("5s", "-1s", "the scale must be above zero"),
        ("5s", "1h", "makes every margin look the same"),
        ("5s", "1ms", "makes every margin look the same"),
    ] {
        let fields = [("value", "max(lag)"), ("at_most", bound), ("scale", scale)];
        let problems = try_build("measure", &fields).expect_err(scale);
        assert!(problems.iter().any(|problem| problem.message.contains(why)), "{scale}");
    }
    assert!(try_build("measure", &[("value", "max(lag)"), ("at_most", "0s"), ("scale", "1h")]).is_ok());
}

#[test]
fn a_figure_that_was_not_observed_decides_nothing() {
    let empty = Fixture::new(600).record();
    for value in
        ["t(region_failover.done)", "rto(dark, 99%)", "lost(orders)", "p99(latency)", "availability", "max(lag)"]
    {
        let bound = if value == "availability" {
            "50%"
        } else if value == "lost(orders)" {
            "9"
        } else {
            "9h"
        };
        let judged = build("measure", &[("value", value), ("at_most", bound)]).judge(&empty);
        assert_eq!((judged.verdict, judged.exercised), (Verdict::Inconclusive, 0), "{value}");
    }
    let idle = Fixture::new(600).signal("success", SignalUnit::Ratio, &[(0, 1, 1)]).fault("dark", 9, 0).record();
    assert_eq!(
        build("measure", &[("value", "rto(dark, 99%)"), ("at_most", "9h")]).judge(&idle).verdict,
        Verdict::Inconclusive
    );
}

#[test]
fn a_recovery_that_was_not_seen_fails_only_a_bound_that_has_passed() {
    let points = [(0, 9, 9), (100, 0, 9)];
    let bad = Fixture::new(600).served("users.api.read", &points, 600).fault("dark", 100, 5).record();
    let verdict = |bound| build("measure", &[("value", "rto(dark, 99%)"), ("at_most", bound)]).judge(&bad).verdict;
    assert_eq!(verdict("499s"), Verdict::Fail);
    assert_eq!(verdict("500s"), Verdict::Inconclusive, "at 600 s the workload was over");
}

#[test]
fn what_never_came_fails_a_bound_that_has_passed_and_proves_nothing_else() {
    let record = Fixture::new(600)
        .signal("success", SignalUnit::Ratio, &[(0, 1, 1)])
        .fault("dark", 100, 5)
        .happened(110, started("region_failover"))
        .record();
    let verdict = |value, side, bound| build("measure", &[("value", value), (side, bound)]).judge(&record).verdict;
    for value in [
        "t(region_failover.done)",
        "t(region_failover.done) - t(fault.dark)",
        "first(success < 99%) - t(fault.dark)",
        "delay(fault.dark, region_failover.done)",
        "delay(fault.dark, region_failover.done, 50%) + 1s",
        "2 * (t(region_failover.done) - t(region_failover.started))",
    ] {
        assert_eq!(verdict(value, "at_most", "5m"), Verdict::Fail, "{value}");
        assert_eq!(verdict(value, "at_most", "2h"), Verdict::Inconclusive, "{value} may come later");
        assert_eq!(verdict(value, "at_least", "2s"), Verdict::Inconclusive, "{value} never came");
    }
    for value in [
        "t(fault.slow)",
        "t(region_failover.done) - t(fault.slow)",
        "first(lag > 1s)",
        "delay(fault.slow, watch.detected)",
    ] {
        assert_eq!(verdict(value, "at_most", "5m"), Verdict::Inconclusive, "{value}: nothing to answer, or no data");
    }
}

#[test]
fn what_happened_before_is_no_answer() {
    let record = Fixture::new(900)
        .fault("dark", 60, 5)
        .happened(122, done("region_failover"))
        .fault("slow", 500, 5)
        .happened(530, detected())
        .record();
    let judged = |value, side, bound| build("measure", &[("value", value), (side, bound)]).judge(&record);
    for value in [
        "t(region_failover.done) - t(fault.slow)",
        "-t(fault.slow) + t(region_failover.done)",
        "(t(region_failover.done) - t(fault.slow)) * 2",
    ] {
        let unanswered = judged(value, "at_most", "5m");
        assert_eq!(unanswered.verdict, Verdict::Fail, "{value}: {}", unanswered.why);
    }
    assert_eq!(judged("t(watch.detected) - t(fault.slow)", "at_most", "30s").verdict, Verdict::Pass);
    // What is left of five minutes, in whatever way it is written.
    for value in
        ["5m - (t(region_failover.done) - t(fault.slow))", "5m + -1 * (t(region_failover.done) - t(fault.slow))"]
    {
        assert_eq!(judged(value, "at_least", "0s").verdict, Verdict::Inconclusive, "{value}");
    }
    assert_eq!(judged("5m - (t(watch.detected) - t(fault.slow))", "at_least", "270s").verdict, Verdict::Pass);
    // From below, the very first one counts: it came too early.
    let early = judged("t(region_failover.done) - t(fault.slow)", "at_least", "0s");
    assert_eq!((early.verdict, early.measured.as_deref()), (Verdict::Fail, Some("-378s")));
}

#[test]
fn those_never_answered_waited_longer_than_any_bound() {
    let mut fixture = Fixture::new(1_800).happened(100, done("region_failover"));
    for at in [60, 400, 700, 1_000, 1_300] {
        fixture = fixture.fault("dark", at, 5);
    }
    let record = fixture.record();
    let verdict = |value: &str, bound| build("measure", &[("value", value), ("at_most", bound)]).judge(&record).verdict;
    assert_eq!(verdict("delay(fault.*, region_failover.done)", "5m"), Verdict::Fail);
    assert_eq!(verdict("delay(fault.*, region_failover.done, 99%)", "5m"), Verdict::Fail);
    assert_eq!(verdict("delay(fault.*, region_failover.done, 20%)", "5m"), Verdict::Pass, "one in five was answered");
    assert_eq!(verdict("delay(fault.*, region_failover.done, 21%)", "5m"), Verdict::Fail);
}

#[test]
fn requests_that_were_not_answered_took_longer_than_any() {
    let bad = Fixture::new(600)
        .requests(RequestTotals {
            started: 1000,
            ok: 960,
            latency: Latency {
                mean: Span::from_millis(20),
                max: Span::from_millis(90),
                p99: Span::from_millis(40),
                all_p50: Some(Span::from_millis(20)),
                all_p95: Some(Span::from_millis(30)),
                ..Latency::default()
            },
            ..RequestTotals::default()
        })
        .record();
    let judged = |value, bound| build("measure", &[("value", value), ("at_most", bound)]).judge(&bad);
    assert_eq!(judged("p95(latency)", "1s").verdict, Verdict::Pass);
    let p99 = judged("p99(latency)", "10000d");
    assert_eq!((p99.verdict, p99.margin), (Verdict::Fail, Some(-1.0)));
    assert_eq!(p99.measured.as_deref(), Some("longer than any (not answered)"));
    assert_eq!(judged("2 * p99(latency)", "1s").verdict, Verdict::Fail);
    assert_eq!(judged("mean(latency)", "1s").verdict, Verdict::Inconclusive, "it is of those answered");
    assert_eq!(judged("mean(latency)", "10ms").verdict, Verdict::Fail);
    assert_eq!(judged("max(latency)", "1s").verdict, Verdict::Inconclusive);
}

#[test]
fn a_bound_that_every_figure_meets_or_none_is_refused() {
    for (value, side, bound) in [
        ("availability", "at_least", "0%"),
        ("availability", "at_most", "100%"),
        ("availability", "at_least", "101%"),
        ("max(errors)", "at_most", "100%"),
        ("lost(orders)", "at_least", "0"),
        ("t(fault.dark)", "at_least", "0s"),
        ("p99(latency)", "at_least", "0s"),
        ("share(success >= 99%)", "at_most", "100%"),
        ("1 - availability", "at_most", "100%"),
        ("mean(errors, 1m, 9m) - 96%", "at_most", "5%"),
        ("mean(errors) - 96%", "at_most", "4.1%"),
        ("mean(errors, 1m, 9m) - 96%", "at_least", "-97%"),
        ("5m - (t(region_failover.done) - t(fault.dark))", "at_least", "6m"),
        ("5m - t(region_failover.done)", "at_most", "5m"),
        ("availability - availability", "at_most", "1%"),
        ("max(region.north.up)", "at_most", "1"),
        ("t(region_failover.done) - t(fault.dark)", "at_most", "-1s"),
    ] {
        let problems = try_build("measure", &[("value", value), (side, bound)]).expect_err(value);
        assert!(problems.iter().any(|problem| problem.message.contains("can never")), "{value} {side} {bound}");
    }
    for (value, side, bound) in [
        ("availability", "at_least", "100%"),
        ("lost(orders)", "at_most", "0"),
        ("mean(errors, 1m, 9m) - 96%", "at_most", "3.9%"),
        ("mean(errors, 1m, 9m) - 96%", "at_most", "4%"),
        ("5m - (t(region_failover.done) - t(fault.dark))", "at_most", "5m"),
        ("5m - (t(region_failover.done) - t(fault.dark))", "at_most", "6m"),
        ("5m + (t(region_failover.done) - t(fault.dark)) * -1", "at_most", "5m"),
        ("5m - (t(region_failover.done) - t(fault.dark))", "at_least", "0s"),
        ("max(service.north.api.busy)", "at_most", "100%"),
        ("t(region_failover.done) - t(fault.dark)", "at_least", "0s"),
    ] {
        assert!(try_build("measure", &[("value", value), (side, bound)]).is_ok(), "{value} {side} {bound}");
    }
    let share = try_build("measure", &[("value", "availability"), ("at_least", "99")]).unwrap_err();
    assert_eq!(share.iter().next().unwrap().help.as_deref(), Some("a share needs its unit: write `99%`"));
}

#[test]
fn one_bound_of_the_same_unit_must_be_given() {
    let code = |fields: &[(&str, &str)]| try_build("measure", fields).unwrap_err().iter().next().unwrap().code;
    assert_eq!(code(&[("value", "max(lag)")]), "FD0302");
    assert_eq!(code(&[("value", "max(lag)"), ("at_most", "5s"), ("at_least", "1s")]), "FD0302");
    assert_eq!(code(&[("value", "max(lag)"), ("at_most", "5%")]), "FD0302");
    assert_eq!(code(&[("value", "lag"), ("at_most", "5s")]), "FD0301");
    assert_eq!(code(&[("value", "max(lag)"), ("at_most", "lag")]), "FD0301");
}

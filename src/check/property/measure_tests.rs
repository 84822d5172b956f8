//! `measure`: figures compared exactly, and figures that were not observed.

use crate::check::fixture::{Fixture, build, try_build};
use crate::outcome::Verdict;
use crate::record::{Record, RequestTotals, SignalUnit};
use crate::units::Span;

fn record() -> Record {
    let lag = [(0, 1_000_000_000, 1), (50, 4_000_000_000, 1), (60, 0, 1)];
    let success = [(0, 1, 1), (100, 0, 1), (160, 1, 1)];
    Fixture::new(600)
        .signal("db.orders.lag", SignalUnit::Nanoseconds, &lag)
        .signal("success", SignalUnit::Ratio, &success)
        .fault("dark", 100, 5)
        .event(110, "region_failover.started")
        .event(140, "region_failover.done")
        .store("orders", 100, |store| store.lost_total = 3)
        .requests(RequestTotals {
            started: 1000,
            ok: 999,
            latency_p99: Span::from_millis(250),
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
        ("rto(fault.dark, 99%)", "at_most", "1m", Verdict::Pass, "1m"),
        ("p99(latency)", "at_most", "250ms", Verdict::Pass, "250ms"),
        ("availability", "at_least", "99.9%", Verdict::Pass, "99.9%"),
        ("availability", "at_least", "99.91%", Verdict::Fail, "99.9%"),
        ("lost(orders) / acked(orders)", "at_most", "3%", Verdict::Pass, "3%"),
        ("max(lag)", "at_most", "4s", Verdict::Pass, "4s"),
        ("min(lag)", "at_least", "0", Verdict::Pass, "0s"),
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
        fixture = fixture.event(begins, "region_failover.started").event(begins + takes, "region_failover.done");
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
    assert_eq!(margin(&[("value", "rto(dark, 99%)"), ("at_most", "80s")]), 0.25);
    assert_eq!(margin(&[("value", "rto(dark, 99%)"), ("at_most", "40s")]), -0.5);
    assert_eq!(margin(&[("value", "lost(all)"), ("at_most", "0")]), -3.0);
    assert_eq!(margin(&[("value", "lost(all)"), ("at_most", "0"), ("scale", "6")]), -0.5);
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
    let success = [(0, 1, 1), (100, 0, 1)];
    let bad = Fixture::new(600).signal("success", SignalUnit::Ratio, &success).fault("dark", 100, 5).record();
    let verdict = |bound| build("measure", &[("value", "rto(dark, 99%)"), ("at_most", bound)]).judge(&bad).verdict;
    assert_eq!(verdict("499s"), Verdict::Fail);
    assert_eq!(verdict("500s"), Verdict::Inconclusive, "at 600 s the workload was over");
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

//! `agrees`: rules about one run decide, rules about many do not, and what was not observed never agrees.

use crate::check::fixture::events::{done, started};
use crate::check::fixture::{Fixture, build, try_build};
use crate::outcome::{Rule, Verdict};
use crate::record::{Record, SignalUnit};

fn record() -> Record {
    Fixture::new(100)
        .signal("goodput", SignalUnit::PerSecond, &[(0, 10, 1), (20, 30, 1), (60, 0, 1)])
        .signal("success", SignalUnit::Ratio, &[(0, 1, 1), (50, 0, 1), (75, 0, 0)])
        .served("users.api.read", &[(0, 9, 9), (50, 0, 9), (75, 0, 0)], 100)
        .fault("dark", 10, 5)
        .happened(14, started("region_failover"))
        .happened(40, started("region_failover"))
        .happened(41, done("region_failover"))
        .happened(47, done("region_failover"))
        .record()
}

fn judged(value: &str, with: &str, rule: (&str, &str)) -> Verdict {
    build("agrees", &[("value", value), ("with", with), ("source", "a formula"), rule]).judge(&record()).verdict
}

#[test]
fn figures_of_parts_and_instants_are_exact() {
    for (value, with) in [
        ("at(goodput, 19s)", "10/s"),
        ("at(goodput, 20s)", "30/s"),
        ("sum(goodput, 10s, 30s)", "400"),
        ("mean(goodput, 10s, 30s)", "20/s"),
        ("max(goodput, 0, 10s)", "10/s"),
        ("sum(goodput, 10s, end)", "1300"),
        ("min(goodput, 5s, end)", "0/s"),
        ("last(success)", "0%"),
        ("p90(goodput)", "30/s"),
        ("share(goodput >= 10/s)", "60%"),
        ("share(goodput > 10/s, 10s, 30s)", "50%"),
        // Where there is no data, a statement neither holds nor fails.
        ("share(success >= 99%)", "66.6666666%"),
        ("first(goodput > 10/s)", "20s"),
        ("first(success < 99%) - first(goodput > 10/s)", "30s"),
        ("count(region_failover.*)", "4"),
        // The first end answers the second start, 1 s before it; the second end the first start, 33 s before it.
        ("delay(region_failover.started, region_failover.done)", "17s"),
        // What ended before the second event is no answer to it.
        ("t(region_failover.started) - t(fault.dark)", "4s"),
        ("t(region_failover.started) - first(goodput > 10/s)", "20s"),
        ("delay(fault.dark, region_failover.started)", "4s"),
    ] {
        assert_eq!(judged(value, with, ("exact", "true")), Verdict::Pass, "{value}");
        let other = if with.ends_with('%') {
            "1%"
        } else if with == "0/s" {
            "1/s"
        } else {
            "0"
        };
        assert_eq!(judged(value, other, ("exact", "true")), Verdict::Fail, "{value}");
    }
}

#[test]
fn a_run_agrees_within_a_share_or_a_step() {
    let goodput = "at(goodput, 20s)";
    assert_eq!(judged(goodput, "33/s", ("within", "10%")), Verdict::Pass);
    assert_eq!(judged(goodput, "34/s", ("within", "10%")), Verdict::Fail);
    assert_eq!(judged(goodput, "32/s", ("step", "2/s")), Verdict::Pass);
    assert_eq!(judged(goodput, "32.1/s", ("step", "2/s")), Verdict::Fail);
}

#[test]
fn one_run_never_decides_what_takes_many() {
    for over in ["mean", "deviation"] {
        let fields = [("value", "at(goodput, 20s)"), ("with", "30/s"), ("source", "a formula"), ("over", over)];
        let property = build("agrees", &fields);
        assert_eq!(property.judge(&record()).verdict, Verdict::Inconclusive);
        let comparison = property.comparison(&record()).unwrap();
        assert_eq!((comparison.value, comparison.rule.is_over_runs()), (Some(30.0), true));
        assert_eq!(comparison.rule == Rule::Mean(0.02), over == "mean");
    }
}

#[test]
fn what_was_not_observed_agrees_with_nothing() {
    for value in
        ["at(goodput, 101s)", "sum(goodput, 0, 101s)", "delay(watch.cleared, watch.detected)", "at(attempts, 1s)"]
    {
        let with = if value.starts_with("at") { "0/s" } else { "0" };
        assert_eq!(judged(value, with, ("exact", "true")), Verdict::Inconclusive, "{value}");
    }
}

#[test]
fn what_was_never_reached_differs_once_it_is_too_long_already() {
    for value in [
        "rto(dark, 99%)",
        "t(watch.detected)",
        "t(watch.detected) - t(fault.dark)",
        "first(success < 0.1% and goodput > 30/s)",
        "delay(fault.dark, watch.detected)",
    ] {
        assert_eq!(judged(value, "40s", ("within", "20%")), Verdict::Fail, "{value}");
        assert_eq!(judged(value, "95s", ("within", "20%")), Verdict::Inconclusive, "{value} may come later");
        let fields = [("value", value), ("with", "40s"), ("source", "a formula"), ("within", "20%")];
        let comparison = build("agrees", &fields).comparison(&record()).unwrap();
        assert_eq!((comparison.at_least, comparison.agrees), (true, Some(false)), "{value}");
    }
}

#[test]
fn how_long_something_held_is_cut_off_where_it_still_held() {
    let zero = "share(goodput <= 0/s, 50s, 100s) * 50s";
    assert_eq!(judged(zero, "40s", ("step", "1s")), Verdict::Inconclusive, "it still held at the end");
    assert_eq!(judged(zero, "30s", ("step", "1s")), Verdict::Fail, "it is longer already");
    assert_eq!(judged("share(goodput >= 30/s, 0s, 80s) * 80s", "40s", ("exact", "true")), Verdict::Pass);
    assert_eq!(judged("share(goodput <= 0/s, 50s, 100s) * 25s", "20s", ("exact", "true")), Verdict::Pass);
}

#[test]
fn a_figure_exactly_on_the_bound_agrees() {
    let on = Fixture::new(100).signal("errors", SignalUnit::Ratio, &[(0, 1, 1)]).record();
    let judged = |with, rule| {
        build("agrees", &[("value", "mean(errors, 1s, 90s)"), ("with", with), ("source", "four points apart"), rule])
            .judge(&on)
            .verdict
    };
    // 1 - 0.96 is more than 0.04 in floating point.
    assert_eq!(judged("96%", ("step", "4%")), Verdict::Pass);
    assert_eq!(judged("96%", ("step", "3.9999999%")), Verdict::Fail);
    assert_eq!(judged("80%", ("within", "25%")), Verdict::Pass);
}

#[test]
fn what_every_run_or_no_run_agrees_with_is_refused() {
    let refused = |value, with, rule| {
        let fields = [("value", value), ("with", with), ("source", "a formula"), rule];
        try_build("agrees", &fields).is_err()
    };
    assert!(refused("mean(success)", "50%", ("step", "50%")), "every share is within it");
    assert!(refused("mean(success)", "120%", ("step", "5%")), "no share is");
    assert!(refused("mean(success)", "120%", ("over", "mean")), "no mean of shares is");
    assert!(refused("mean(success)", "0.5", ("step", "5%")), "a share has a unit");
    assert!(!refused("mean(success)", "50%", ("step", "49%")));
    assert!(!refused("sum(goodput, 0s, 9s) / sum(attempts, 0s, 9s)", "120%", ("step", "5%")));
}

#[test]
fn an_expected_value_may_have_an_uncertainty_of_its_own() {
    let with = |more: &[(&'static str, &'static str)]| {
        let mut fields = vec![("value", "at(goodput, 20s)"), ("with", "30/s"), ("source", "a count")];
        fields.extend_from_slice(more);
        try_build("agrees", &fields).map(|property| property.comparison(&record()).unwrap().uncertainty)
    };
    assert_eq!(with(&[("uncertainty", "2/s")]).unwrap(), 2.0);
    assert_eq!(with(&[]).unwrap(), 0.0);
    assert!(with(&[("uncertainty", "2%")]).is_err() && with(&[("uncertainty", "2/s"), ("within", "1%")]).is_err());
}

#[test]
fn what_does_not_go_together_is_refused() {
    let refused = |value, with, more: &[(&'static str, &'static str)]| {
        let mut fields = vec![("value", value), ("with", with), ("source", "a formula")];
        fields.extend_from_slice(more);
        try_build("agrees", &fields).is_err()
    };
    assert!(refused("at(goodput, 1s)", "3s", &[]), "units");
    assert!(refused("mean(goodput, 5s, 5s)", "1/s", &[]), "an empty part");
    assert!(refused("share(goodput)", "1%", &[]), "a share of no statement");
    assert!(refused("at(goodput, 1)", "1/s", &[]), "an instant without a unit");
    assert!(refused("at(goodput, 1s)", "3/s", &[("exact", "true"), ("within", "1%")]), "two rules");
    assert!(!refused("at(goodput, 1s)", "3/s", &[("within", "1%")]));
}

#[test]
fn everything_wrong_with_one_comparison_is_said_at_once() {
    let fields =
        [("value", "mean(latncy)"), ("with", "3s"), ("source", "a formula"), ("exact", "true"), ("within", "1%")];
    let problems = try_build("agrees", &fields).unwrap_err();
    let said: Vec<_> = problems.iter().map(|problem| (problem.code, problem.help.clone().unwrap())).collect();
    assert_eq!(said[0], ("FD0301", "did you mean `latency`?".to_owned()));
    assert_eq!(said[1], ("FD0302", "keep one of them".to_owned()));
    let listed = try_build("agrees", &[("value", "mean(nothing.like.it)"), ("with", "3s"), ("source", "x")]);
    let help = listed.unwrap_err().iter().next().unwrap().help.clone().unwrap();
    assert!(help.starts_with("the nearest signals are `") && help.matches('`').count() == 8, "{help}");
}

//! `agrees`: rules about one run decide, rules about many do not, and what was not observed never agrees.

use crate::check::fixture::{Fixture, build, try_build};
use crate::outcome::{Rule, Verdict};
use crate::record::{Record, SignalUnit};

fn record() -> Record {
    Fixture::new(100)
        .signal("goodput", SignalUnit::PerSecond, &[(0, 10, 1), (20, 30, 1), (60, 0, 1)])
        .signal("success", SignalUnit::Ratio, &[(0, 1, 1), (50, 0, 1), (75, 0, 0)])
        .fault("dark", 10, 5)
        .event(14, "region_failover.started")
        .event(40, "region_failover.started")
        .event(41, "region_failover.done")
        .event(47, "region_failover.done")
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
        ("share(goodput >= 10/s)", "60%"),
        ("share(goodput > 10/s, 10s, 30s)", "50%"),
        // Where there is no data, a statement neither holds nor fails.
        ("share(success >= 99%)", "66.6666666%"),
        ("first(goodput > 10/s)", "20s"),
        ("first(success < 99%) - first(goodput > 10/s)", "30s"),
        ("count(region_failover.*)", "4"),
        // The first start is overtaken by the second before anything is done.
        ("delay(region_failover.started, region_failover.done)", "1s"),
        ("delay(fault.dark, region_failover.started)", "4s"),
    ] {
        assert_eq!(judged(value, with, ("exact", "true")), Verdict::Pass, "{value}");
        let other = if with.ends_with('%') { "1%" } else { "0" };
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
    for value in ["at(goodput, 101s)", "sum(goodput, 0, 101s)", "delay(fault.dark, watch.detected)", "at(attempts, 1s)"]
    {
        let with = if value.starts_with("at") { "0/s" } else { "0" };
        assert_eq!(judged(value, with, ("exact", "true")), Verdict::Inconclusive, "{value}");
    }
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
    assert!(help.contains("region.{region}.ok"), "{help}");
}

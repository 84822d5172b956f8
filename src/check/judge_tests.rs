//! What a judged record says, and what it must not say without having seen anything.

use super::*;
use crate::check::catalog::CATALOG;
use crate::check::fixture::events::started;
use crate::check::fixture::{Fixture, at, build, check, copy, info};
use crate::record::{AuthorityLog, CopyRole, SignalUnit};

fn good_run() -> Fixture {
    Fixture::new(60).signal("success", SignalUnit::Ratio, &[(0, 1, 1)])
}

const GOOD: &[(&str, &str)] = &[("holds", "success >= 99%")];
const BAD: &[(&str, &str)] = &[("holds", "success < 99%")];

#[test]
fn the_worst_property_decides_and_expectations_are_compared_one_by_one() {
    let outcome = |checks: &[Check]| judge(good_run().record(), checks, info(None));
    let both = outcome(&[check("a", Verdict::Pass, "always", GOOD), check("b", Verdict::Fail, "always", BAD)]);
    assert_eq!((both.verdict, both.as_expected), (Verdict::Fail, true), "failed, as expected");
    let surprise = outcome(&[check("a", Verdict::Fail, "always", GOOD)]);
    assert_eq!((surprise.verdict, surprise.as_expected), (Verdict::Pass, false));
    assert_eq!(surprise.properties[0].demand, "`success >= 99%` always");
}

#[test]
fn nothing_asserted_and_a_stopped_run_are_inconclusive() {
    let nothing = judge(good_run().record(), &[], info(None));
    assert_eq!((nothing.verdict, nothing.as_expected), (Verdict::Inconclusive, false));
    assert_eq!(nothing.warnings, ["the scenario asserts nothing: add a property"]);
    let stopped = Some(Stopped { at: at(30), why: "too many events".into() });
    let passed = judge(good_run().record(), &[check("a", Verdict::Pass, "always", GOOD)], info(stopped.clone()));
    assert_eq!((passed.verdict, passed.properties[0].verdict), (Verdict::Inconclusive, Verdict::Inconclusive));
    let failed = judge(good_run().record(), &[check("a", Verdict::Fail, "always", BAD)], info(stopped));
    assert_eq!(failed.verdict, Verdict::Fail, "a violation stays one");
    assert!(!failed.as_expected, "half a run is not what was expected");
}

#[test]
fn a_bound_that_is_just_met_is_no_comfort() {
    let judged = |holds: &str| {
        let fields = [("holds", holds)];
        judge(good_run().record(), &[check("a", Verdict::Pass, "always", &fields)], info(None)).properties[0]
            .why
            .clone()
    };
    assert!(judged("success >= 100%").ends_with("; exactly on the bound, with nothing to spare"));
    assert!(!judged("success >= 99%").contains("on the bound") && !judged("success == 100%").contains("on the bound"));
}

#[test]
fn an_expected_failure_may_be_bounded() {
    let outcome = |within: &str| {
        let mut check = check("a", Verdict::Fail, "at_most", &[("event", "region_failover.started"), ("n", "1")]);
        check.within = Some(Within::parse(within).unwrap());
        let run = good_run().happened(5, started("region_failover")).happened(6, started("region_failover"));
        judge(run.happened(7, started("region_failover")).record(), &[check], info(None))
    };
    let as_bad = outcome("<= 3");
    assert!(as_bad.as_expected && !as_bad.properties[0].beyond, "{}", as_bad.properties[0].why);
    let worse = outcome("<= 2");
    assert!(!worse.as_expected && worse.properties[0].beyond);
    assert!(worse.properties[0].why.ends_with("; it may fail, with <= 2"), "{}", worse.properties[0].why);
}

#[test]
fn what_undermines_the_verdict_is_said() {
    let record = good_run()
        .fault("dark", 10, 0)
        .store("orders", 5, |store| {
            store.copies = vec![copy("west", 1, 5, 1, CopyRole::Authority), copy("north", 1, 5, 2, CopyRole::Follower)];
            let mut log = AuthorityLog::new(vec!["west".into(), "north".into()]);
            log.writable(0, Some(1), at(0));
            log.writable(1, Some(2), at(20));
            log.writable(1, None, at(25));
            store.authority = log.close(at(60));
        })
        .record();
    let recovers = [("after", "fault.dark"), ("holds", "success >= 99%"), ("within", "60s")];
    let outcome = judge(record, &[check("rto", Verdict::Pass, "recovers", &recovers)], info(None));
    assert_eq!(
        outcome.warnings,
        [
            "orders: 2 copies accepted writes at once from 20s on, for 5s",
            "fault `dark` affected nothing, so the run proves nothing; if it need not happen, set `optional: true`",
            "property `rto` was never exercised: fault `dark` affected nothing, so this proves nothing",
            "orders: west and north differ at the same position",
        ]
    );
    assert!(outcome.recovery.is_empty());
}

#[test]
fn a_recovery_stands_beside_the_strictest_demand_on_it() {
    let points = [(0, 9, 9), (10, 0, 9), (40, 9, 9)];
    let served = Fixture::new(200).fault("dark", 10, 9).served("users.api.read", &points, 200);
    let record = served.signal("success", SignalUnit::Ratio, &points).record();
    let within = |id, span| {
        let fields = [("after", "fault.dark"), ("holds", "success >= 99%"), ("within", span)];
        check(id, Verdict::Pass, "recovers", &fields)
    };
    let objectives = |checks: &[Check]| {
        let outcome = judge(record.clone(), checks, info(None));
        outcome.recovery.iter().map(|r| r.objective).collect::<Vec<_>>()
    };
    let minute = crate::units::Span::from_secs(60);
    assert_eq!(objectives(&[within("a", "15m"), within("b", "60s")]), [Some(minute)]);
    assert_eq!(objectives(&[check("a", Verdict::Pass, "always", GOOD)]), [None], "nothing is demanded of it");
}

/// The one rule every kind obeys, whatever it is about.
#[test]
fn no_kind_passes_an_empty_run() {
    let examples: &[(&str, &[(&str, &str)])] = &[
        ("always", GOOD),
        ("never", GOOD),
        ("ends_with", GOOD),
        ("recovers", &[("after", "fault.dark"), ("holds", "success >= 99%"), ("within", "60s")]),
        ("responds", &[("after", "fault.dark"), ("holds", "success >= 99%"), ("within", "60s")]),
        ("at_most", &[("event", "region_failover.started"), ("n", "0")]),
        ("fires_iff", &[("event", "region_failover.started"), ("when", "errors > 5%"), ("react", "20s")]),
        ("precedes", &[("first", "region_failover.started"), ("then", "region_failover.done")]),
        ("ledger", &[]),
        ("authority", &[]),
        ("consistent", &[]),
        ("final_state", &[]),
        ("linearizable", &[]),
        ("aligned", &[]),
        ("measure", &[("value", "max(lag)"), ("at_most", "5s")]),
        ("agrees", &[("value", "max(lag)"), ("with", "5s"), ("source", "a formula")]),
    ];
    assert_eq!(
        CATALOG.iter().map(|entry| entry.kind.name).collect::<Vec<_>>(),
        examples.iter().map(|e| e.0).collect::<Vec<_>>()
    );
    for (kind, fields) in examples {
        let judged = build(kind, fields).judge(&Fixture::new(60).record());
        assert_eq!((judged.verdict, judged.exercised), (Verdict::Inconclusive, 0), "{kind}");
    }
}

#[test]
fn clients_that_sent_nothing_are_a_doubt() {
    let silent = good_run().change(|record| record.silent.push("night".to_owned()));
    let outcome = judge(silent.record(), &[check("a", Verdict::Pass, "always", GOOD)], info(None));
    assert_eq!((outcome.verdict, outcome.as_expected), (Verdict::Inconclusive, false));
    assert!(outcome.doubts[0].starts_with("`night` sent no request in the whole run"), "{:?}", outcome.doubts);
}

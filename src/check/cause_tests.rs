//! What each outage is put down to.

use super::*;
use crate::check::fixture::events::{done, published, started, weights_changed};
use crate::check::fixture::{Fixture, at};
use crate::record::SignalUnit;

const CLASS: &str = "users.api.read";

/// Down from 60 to 90 and from 300 to 330.
fn two_outages() -> Fixture {
    let points = [(0, 100, 100), (60, 0, 100), (90, 100, 100), (300, 0, 100), (330, 100, 100)];
    Fixture::new(600).served(CLASS, &points, 600)
}

fn causes(fixture: Fixture) -> Vec<Vec<String>> {
    let record = fixture.record();
    let found = Criterion::promised(&record).attribute(&record);
    found.outages.iter().map(|outage| outage.causes.clone()).collect()
}

fn over(fixture: Fixture, fault: usize, second: u64) -> Fixture {
    fixture.change(|record| record.faults[fault].periods[0].until = Some(at(second)))
}

fn touched(fixture: Fixture, fault: &str, points: &[(u64, u64, u64)]) -> Fixture {
    fixture.signal(&format!("unserved.{fault}"), SignalUnit::PerSecond, points)
}

#[test]
fn an_outage_belongs_to_every_fault_that_was_on_and_to_none_that_was_over() {
    let fixture = over(two_outages().fault("dark", 60, 9), 0, 90).fault("late", 300, 9);
    assert_eq!(causes(fixture), [["fault.dark"], ["fault.late"]]);
    let permanent = two_outages().fault("dark", 60, 9).fault("late", 300, 9);
    assert_eq!(causes(permanent), [vec!["fault.dark"], vec!["fault.dark", "fault.late"]]);
}

#[test]
fn a_fault_is_on_until_service_has_been_stable() {
    let points = [(0, 100, 100), (60, 0, 100), (90, 100, 100), (180, 0, 100), (190, 100, 100)];
    let after = |healed_at| {
        let fixture = Fixture::new(600).served(CLASS, &points, 600).fault("dark", 60, 9);
        causes(over(fixture, 0, healed_at))
    };
    assert_eq!(after(130), [["fault.dark"], ["fault.dark"]], "50 s after the healing");
    assert_eq!(after(100), [vec!["fault.dark"], vec![]], "80 s after the healing, 90 s after service was back");
}

#[test]
fn of_faults_that_are_on_those_count_that_touched_what_failed() {
    let both = two_outages().fault("dark", 60, 9).fault("late", 300, 9);
    let by_late = touched(touched(both, "late", &[(300, 9, 1), (330, 0, 1)]), "dark", &[(60, 9, 1), (90, 0, 1)]);
    assert_eq!(causes(by_late), [["fault.dark"], ["fault.late"]], "the old one touched nobody any more");
}

#[test]
fn what_only_strikes_control_makes_no_request_fail() {
    let alone = two_outages().fault("dark", 60, 9).change(|record| record.faults[0].reach = FaultReach::Control);
    assert_eq!(causes(alone), [[""; 0], [""; 0]]);
    let without_effect = two_outages().fault("dark", 60, 0);
    assert_eq!(causes(without_effect), [[""; 0], [""; 0]]);
}

#[test]
fn an_interruption_by_the_way_back_belongs_to_the_fault_that_began_it_all() {
    let there = over(two_outages().fault("dark", 60, 9), 0, 90);
    let there = there.happened(65, started("region_failover")).happened(80, done("region_failover"));
    let back = there.happened(290, started("failback")).happened(320, done("failback"));
    assert_eq!(causes(back), [vec!["fault.dark"], vec!["fault.dark", "failback"]]);
    let unrelated = two_outages().happened(290, started("failback")).happened(320, done("failback"));
    assert_eq!(causes(unrelated), [vec![], vec!["failback"]], "nothing triggered it");
    let already = over(two_outages().fault("dark", 60, 9), 0, 90).happened(310, started("x")).happened(320, done("x"));
    assert_eq!(causes(already)[1], [""; 0], "it was down before that started");
}

#[test]
fn what_no_fault_explains_is_put_down_to_a_change_or_to_the_load() {
    assert_eq!(causes(two_outages().happened(250, published("www")))[1], ["dns.www.published"]);
    let risen = two_outages().signal("offered", SignalUnit::PerSecond, &[(0, 100, 1), (270, 150, 1)]);
    assert_eq!(causes(risen), [vec![], vec!["load"]]);
    let steady = two_outages().signal("offered", SignalUnit::PerSecond, &[(0, 100, 1)]);
    assert_eq!(causes(steady), [[""; 0], [""; 0]]);
}

/// Which outages are planned, with a window of maintenance over all of the run.
fn planned(fixture: Fixture) -> Vec<bool> {
    let record =
        fixture.change(|record| record.maintenance.push(Period { from: at(0), until: Some(at(600)) })).record();
    let found = Criterion::promised(&record).attribute(&record);
    found.outages.iter().map(|outage| outage.planned).collect()
}

#[test]
fn a_window_plans_what_a_run_or_a_change_does_and_nothing_that_a_fault_or_load_does() {
    let moved = || two_outages().happened(300, started("switchover")).happened(330, done("switchover"));
    assert_eq!(planned(moved()), [false, true], "nothing explains the first");
    assert_eq!(planned(two_outages().happened(250, weights_changed())), [false, true]);
    let risen = two_outages().signal("offered", SignalUnit::PerSecond, &[(0, 100, 1), (270, 150, 1)]);
    assert_eq!(planned(risen), [false, false]);
    let risen = two_outages().signal("offered", SignalUnit::PerSecond, &[(0, 100, 1), (270, 150, 1)]);
    assert_eq!(planned(risen.happened(250, weights_changed())), [false, false], "a change does not excuse the load");
    let risen = moved().signal("offered", SignalUnit::PerSecond, &[(0, 100, 1), (270, 150, 1)]);
    assert_eq!(planned(risen), [false, false], "nor does a run");
    let struck = |reach| moved().fault("kill", 310, 9).change(move |record| record.faults[0].reach = reach);
    assert_eq!(planned(struck(FaultReach::Control)), [false, false], "it may have prolonged it");
    let broken = moved().fault("dark", 250, 9);
    assert_eq!(planned(touched(broken, "dark", &[(300, 9, 1), (330, 0, 1)])), [false, false]);
    let indirect = moved().fault("full", 310, 9).change(|record| record.faults[0].reach = FaultReach::Indirect);
    assert_eq!(planned(indirect), [false, false], "it may have been the fault");
    let way_back = over(two_outages().fault("dark", 60, 9), 0, 90).happened(65, started("region_failover"));
    let way_back = way_back
        .happened(80, done("region_failover"))
        .happened(290, started("failback"))
        .happened(320, done("failback"));
    assert_eq!(planned(way_back), [false, true], "the fault was over");
    let answer = over(two_outages().fault("dark", 60, 9), 0, 90).happened(65, started("region_failover"));
    assert_eq!(planned(answer.happened(320, done("region_failover"))), [false, false], "it was announced to nobody");
}

#[test]
fn slow_answers_are_planned_beside_a_run_in_a_window_with_no_fault_on() {
    let moved = || two_outages().happened(100, started("switchover")).happened(130, done("switchover"));
    let planned = |fixture: Fixture, from: u64| {
        let window = Period { from: at(from), until: Some(at(130)) };
        let record = fixture.change(|record| record.maintenance.push(window)).record();
        Criterion::promised(&record).attribute(&record).is_planned((at(110), at(125)), &record)
    };
    assert!(planned(moved(), 90));
    assert!(!planned(two_outages(), 90), "nothing was done");
    assert!(!planned(moved(), 112), "the window began later");
    let rises = |fixture: Fixture| fixture.signal("offered", SignalUnit::PerSecond, &[(0, 100, 1), (109, 150, 1)]);
    assert!(!planned(rises(moved()), 90), "load that rose a second before");
    let broken =
        |from: u64, until: u64| touched(moved().fault("dark", from, 9), "dark", &[(from, 9, 1), (until, 0, 1)]);
    assert!(!planned(broken(105, 120), 90) && !planned(broken(112, 120), 90), "a fault was on");
    assert!(planned(broken(500, 510), 90), "a fault long after");
}

#[test]
fn a_window_plans_nothing_that_outlasts_it() {
    let moved = || two_outages().happened(300, started("switchover")).happened(330, done("switchover"));
    for (from, until) in [(300, 320), (301, 600)] {
        let window = Period { from: at(from), until: Some(at(until)) };
        let record = moved().change(|record| record.maintenance.push(window)).record();
        let found = Criterion::promised(&record).attribute(&record);
        assert!(found.outages.iter().all(|outage| !outage.planned), "{from} to {until}");
    }
}

/// All of them but those over random input, for who plants errors.
pub(crate) const EACH: &[fn()] = &[
    an_outage_belongs_to_every_fault_that_was_on_and_to_none_that_was_over,
    a_fault_is_on_until_service_has_been_stable,
    of_faults_that_are_on_those_count_that_touched_what_failed,
    what_only_strikes_control_makes_no_request_fail,
    an_interruption_by_the_way_back_belongs_to_the_fault_that_began_it_all,
    what_no_fault_explains_is_put_down_to_a_change_or_to_the_load,
    a_window_plans_what_a_run_or_a_change_does_and_nothing_that_a_fault_or_load_does,
    slow_answers_are_planned_beside_a_run_in_a_window_with_no_fault_on,
    a_window_plans_nothing_that_outlasts_it,
];

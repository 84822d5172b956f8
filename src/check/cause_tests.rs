//! What each outage is put down to.

use super::*;
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

fn healed(fixture: Fixture, fault: usize, second: u64) -> Fixture {
    fixture.change(|record| record.faults[fault].spells[0].until = Some(at(second)))
}

fn touched(fixture: Fixture, fault: &str, points: &[(u64, u64, u64)]) -> Fixture {
    fixture.signal(&format!("unserved.{fault}"), SignalUnit::PerSecond, points)
}

#[test]
fn an_outage_belongs_to_every_fault_that_was_on_and_to_none_that_was_over() {
    let fixture = healed(two_outages().fault("dark", 60, 9), 0, 90).fault("late", 300, 9);
    assert_eq!(causes(fixture), [["fault.dark"], ["fault.late"]]);
    let permanent = two_outages().fault("dark", 60, 9).fault("late", 300, 9);
    assert_eq!(causes(permanent), [vec!["fault.dark"], vec!["fault.dark", "fault.late"]]);
}

#[test]
fn a_fault_is_on_until_service_has_been_stable() {
    let points = [(0, 100, 100), (60, 0, 100), (90, 100, 100), (180, 0, 100), (190, 100, 100)];
    let after = |healed_at| {
        let fixture = Fixture::new(600).served(CLASS, &points, 600).fault("dark", 60, 9);
        causes(healed(fixture, 0, healed_at))
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
    let there = healed(two_outages().fault("dark", 60, 9), 0, 90);
    let there = there.event(65, "region_failover.started").event(80, "region_failover.done");
    let back = there.event(290, "failback.started").event(320, "failback.done");
    assert_eq!(causes(back), [vec!["fault.dark"], vec!["fault.dark", "failback"]]);
    let unrelated = two_outages().event(290, "failback.started").event(320, "failback.done");
    assert_eq!(causes(unrelated), [vec![], vec!["failback"]], "nothing triggered it");
    let already = healed(two_outages().fault("dark", 60, 9), 0, 90).event(310, "x.started").event(320, "x.done");
    assert_eq!(causes(already)[1], [""; 0], "it was down before that started");
}

#[test]
fn what_no_fault_explains_is_put_down_to_a_change_or_to_the_load() {
    assert_eq!(causes(two_outages().event(250, "dns.www.published"))[1], ["dns.www.published"]);
    let risen = two_outages().signal("offered", SignalUnit::PerSecond, &[(0, 100, 1), (270, 150, 1)]);
    assert_eq!(causes(risen), [vec![], vec!["load"]]);
    let steady = two_outages().signal("offered", SignalUnit::PerSecond, &[(0, 100, 1)]);
    assert_eq!(causes(steady), [[""; 0], [""; 0]]);
}

/// All of them but those over random input, for who plants errors.
pub(crate) const EACH: &[fn()] = &[
    an_outage_belongs_to_every_fault_that_was_on_and_to_none_that_was_over,
    a_fault_is_on_until_service_has_been_stable,
    of_faults_that_are_on_those_count_that_touched_what_failed,
    what_only_strikes_control_makes_no_request_fail,
    an_interruption_by_the_way_back_belongs_to_the_fault_that_began_it_all,
    what_no_fault_explains_is_put_down_to_a_change_or_to_the_load,
];

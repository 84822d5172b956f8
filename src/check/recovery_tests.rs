//! Recovery and its parts: what adds up, what is clipped, what is absent.

use super::*;
use crate::check::fixture::{Fixture, at, secs};
use crate::record::SignalUnit;

const OBJECTIVE: Ratio = Ratio::from_percent(99);

fn outage(good_again: u64) -> Fixture {
    let samples = [(0, 100, 100), (60, 0, 100), (good_again, 100, 100), (400, 0, 0)];
    Fixture::new(500).workload_end(400).signal("success", SignalUnit::Ratio, &samples).fault("dark", 60, 9)
}

#[test]
fn the_parts_of_recovery_add_up() {
    let record =
        outage(200).event(70, "backup.started").event(80, "watch.detected").event(95, "region_failover.started");
    let record = record.event(100, "region_failover.switch_dns.done").event(130, "served.north").record();
    let all = recoveries(&record, OBJECTIVE);
    let [dark] = all.as_slice() else { panic!("one fault, one recovery") };
    assert_eq!(dark.rto, Some(secs(140)));
    let parts = [dark.detect, dark.decide, dark.act, dark.converge].map(Option::unwrap);
    assert_eq!(parts, [secs(20), secs(15), secs(35), secs(70)]);
    assert!(!dark.censored);
}

#[test]
fn parts_after_recovery_are_clipped_at_it() {
    let record = outage(90).event(80, "watch.detected").event(300, "watch.decided").event(310, "served.north").record();
    let dark = &recoveries(&record, OBJECTIVE)[0];
    let parts = [dark.rto, dark.detect, dark.decide, dark.act, dark.converge].map(Option::unwrap);
    assert_eq!(parts, [secs(30), secs(20), secs(10), secs(0), secs(0)]);
}

#[test]
fn what_did_not_happen_is_absent_and_not_zero() {
    let dark = &recoveries(&outage(340).event(80, "watch.detected").record(), OBJECTIVE)[0];
    assert_eq!(dark.rto, None, "the closed 60 s would end at 400, when the workload is over");
    assert_eq!((dark.detect, dark.decide, dark.act, dark.converge), (Some(secs(20)), None, None, None));
    let never = &recoveries(&outage(399).record(), OBJECTIVE)[0];
    assert_eq!((never.rto, never.censored, never.detect), (None, true, None));
}

#[test]
fn a_drill_without_an_alarm_has_a_decision_but_no_detection() {
    let record = outage(200).event(70, "rollback.started").event(90, "served.north").record();
    let dark = &recoveries(&record, OBJECTIVE)[0];
    assert_eq!((dark.detect, dark.decide, dark.act, dark.converge), (None, None, Some(secs(20)), Some(secs(110))));
}

#[test]
fn a_fault_that_did_not_bite_has_no_recovery() {
    assert!(recoveries(&Fixture::new(100).fault("dark", 10, 0).record(), OBJECTIVE).is_empty());
}

#[test]
fn idle_seconds_count_as_the_second_before_them_but_not_for_ever() {
    let recovered = |samples: &[(u64, u64, u64)]| {
        let record = Fixture::new(500).signal("success", SignalUnit::Ratio, samples).record();
        recovered(&record, at(60), OBJECTIVE).definite
    };
    assert_eq!(recovered(&[(0, 1, 1), (60, 0, 1), (61, 0, 0), (100, 1, 1), (101, 0, 0), (140, 1, 1)]), Some(at(100)));
    assert_eq!(recovered(&[(0, 1, 1), (60, 0, 1), (100, 1, 1), (101, 0, 0)]), Some(at(100)), "held for 60 s and 1 s");
    assert_eq!(recovered(&[(0, 1, 1), (60, 0, 1), (61, 0, 0)]), None, "silence is not recovery");
}

#[test]
fn waiting_for_people_is_deciding_and_not_acting_wherever_it_falls() {
    let record = outage(300).event(80, "watch.detected").event(81, "approval.asked").event(90, "approval.given");
    let record = record.event(90, "watch.decided").event(90, "region_failover.started");
    let record = record.event(100, "approval.asked").event(140, "approval.given").event(150, "served.north");
    let record = record.event(200, "approval.asked").event(220, "approval.nobody").record();
    let dark = &recoveries(&record, OBJECTIVE)[0];
    let parts = [dark.detect, dark.decide, dark.act, dark.converge].map(Option::unwrap);
    assert_eq!(parts, [secs(20), secs(10 + 40 + 20), secs(60 - 40), secs(150 - 20)]);
    assert_eq!(dark.rto, Some(parts.into_iter().fold(secs(0), |sum, part| sum + part)), "they still add up");
    assert_eq!((dark.decided_at(), dark.mitigated_at()), (Some(at(90)), Some(at(150))), "moments are where they were");
}

#[test]
fn waiting_beyond_recovery_does_not_count() {
    let record = outage(120).event(80, "watch.detected").event(85, "watch.decided").event(100, "approval.asked");
    let dark = &recoveries(&record.event(400, "approval.refused").record(), OBJECTIVE)[0];
    assert_eq!((dark.rto, dark.decide, dark.act), (Some(secs(60)), Some(secs(5 + 20)), None));
}

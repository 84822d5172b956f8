//! `recovers` at its deadline, with relapses, and when nobody can tell.

use crate::check::fixture::{Fixture, at, build};
use crate::check::property::Judgement;
use crate::outcome::Verdict;
use crate::record::{FaultReach, SignalUnit};
use crate::units::{Ratio, Span};

const SECOND: u64 = 1_000_000_000;
const CLASS: &str = "users.api.read";

/// Service is down from 100 s until `good_again` and seen to 400 s; the fault begins at 100 s.
fn down_until(good_again: u64) -> Fixture {
    let points = [(0, 10, 10), (100, 0, 10), (good_again, 10, 10)];
    Fixture::new(400).served(CLASS, &points, 400).fault("dark", 100, 5)
}

fn within(time: &str) -> std::sync::Arc<dyn crate::check::Property> {
    build("recovers", &[("after", "fault.dark"), ("holds", "success >= 99%"), ("within", time), ("stable", "30s")])
}

fn service(good_again: u64, time: &str) -> Judgement {
    within(time).judge(&down_until(good_again).record())
}

#[test]
fn recovery_is_the_first_good_answer_and_the_deadline_is_inclusive() {
    let on = service(160, "60100ms");
    assert_eq!((on.verdict, on.margin, on.measured.as_deref()), (Verdict::Pass, Some(0.0), Some("1m 00.1s")));
    let late = service(160, "60099ms");
    assert_eq!((late.verdict, late.at), (Verdict::Fail, Some(at(160).saturating_add(Span::from_millis(99)))));
    assert!(late.why.contains("recovered only 1m 00.1s after fault.dark (users.api.read)"), "{}", late.why);
}

#[test]
fn the_objective_is_the_default_of_what_must_come_back() {
    let property = build("recovers", &[("after", "fault.dark"), ("within", "90s")]);
    let judged = property.judge(&down_until(160).record());
    assert_eq!((judged.verdict, judged.measured.as_deref()), (Verdict::Pass, Some("1m 00.1s")));
    assert_eq!(property.recovery_objective("fault.dark", &down_until(160).record()), Some(Span::from_secs(90)));
}

#[test]
fn a_fault_at_random_that_met_nobody_does_not_hide_that_others_were_recovered_from() {
    let any = build("recovers", &[("after", "fault.*"), ("within", "90s")]);
    let beside = |random| {
        down_until(160).fault("slow", 300, 5).change(move |record| {
            let slow = record.faults.iter_mut().find(|fault| fault.id == "slow").expect("it is there");
            (slow.touched, slow.random) = (0, random);
        })
    };
    assert_eq!(any.judge(&beside(true).record()).verdict, Verdict::Pass);
    assert_eq!(any.judge(&beside(false).record()).verdict, Verdict::Inconclusive, "it is meant to matter");
    let alone = build("recovers", &[("after", "fault.slow"), ("within", "90s")]);
    assert_eq!(alone.judge(&beside(true).record()).verdict, Verdict::Inconclusive, "there is nothing beside it");
}

#[test]
fn where_nothing_is_promised_nothing_comes_back() {
    let property = build("recovers", &[("after", "fault.dark"), ("within", "90s")]);
    let promise = |record: &mut crate::record::Record| record.objective.classes[0].served = Ratio::ZERO;
    let judged = property.judge(&down_until(160).change(promise).record());
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(judged.why.contains("promises nothing to anybody"), "{}", judged.why);
}

#[test]
fn the_worst_class_counts_however_few_of_all_requests_it_is() {
    let writes = [(0, 2, 2), (100, 0, 2), (300, 2, 2)];
    let fixture = Fixture::new(400).served("users.api.read", &[(0, 1_000, 1_000)], 400);
    let record = fixture.served("users.api.write", &writes, 400).fault("dark", 100, 5).record();
    let judged = within("60s").judge(&record);
    assert_eq!((judged.verdict, judged.measured.as_deref()), (Verdict::Fail, Some("3m 20.1s")));
    assert!(judged.why.ends_with("(users.api.write)"), "{}", judged.why);
}

#[test]
fn a_relapse_while_the_fault_is_on_counts_however_late() {
    let points = [(0, 10, 10), (100, 0, 10), (110, 10, 10), (300, 0, 10), (320, 10, 10)];
    let again = || Fixture::new(400).served(CLASS, &points, 400).fault("dark", 100, 5);
    let judged = within("60s").judge(&again().record());
    assert_eq!((judged.verdict, judged.measured.as_deref()), (Verdict::Fail, Some("3m 40.1s")));
    let healed = again().change(|record| record.faults[0].periods[0].until = Some(at(110)));
    assert_eq!(within("60s").judge(&healed.record()).measured.as_deref(), Some("10.1s"), "that one is not its own");
}

#[test]
fn a_bound_between_two_requests_cannot_be_told() {
    // One request in thirty seconds: the last failure begins at 180, the next good one at 210.
    let sparse: Vec<(u64, u64, u64)> =
        (0..40).flat_map(|n| [(n * 30, u64::from(!(4..=6).contains(&n)), 1), (n * 30 + 1, 0, 0)]).collect();
    let fixture = || Fixture::new(1_200).served(CLASS, &sparse, 1_200).fault("dark", 110, 5);
    let judge = |time: &str| {
        let fields = [("after", "fault.dark"), ("within", time), ("stable", "5m")];
        build("recovers", &fields).judge(&fixture().record()).verdict
    };
    assert_eq!((judge("101s"), judge("80s"), judge("60s")), (Verdict::Pass, Verdict::Inconclusive, Verdict::Fail));
}

#[test]
fn no_outage_is_a_pass_only_if_the_fault_could_have_made_one() {
    let good = |rate| Fixture::new(400).served(CLASS, &[(0, rate, rate)], 400).fault("dark", 100, 5);
    let judged = within("60s").judge(&good(10).record());
    assert_eq!(
        (judged.verdict, judged.why.as_str()),
        (Verdict::Pass, "`success >= 99%` never failed after fault.dark")
    );
    let nobody = within("60s").judge(&good(10).change(|record| record.faults[0].touched = 0).record());
    assert_eq!((nobody.verdict, nobody.exercised), (Verdict::Inconclusive, 0));
    let indirect =
        good(10).change(|record| (record.faults[0].touched, record.faults[0].reach) = (0, FaultReach::Indirect));
    assert_eq!(within("60s").judge(&indirect.record()).verdict, Verdict::Pass);
    let short = good(1).change(|record| record.faults[0].periods[0].until = Some(at(101)));
    let judged = within("60s").judge(&short.record());
    assert!(judged.verdict == Verdict::Inconclusive && judged.why.contains("it takes"), "{}", judged.why);
    let never = Fixture::new(400).served(CLASS, &[(0, 9, 9)], 400).record();
    assert_eq!(within("60s").judge(&never).why, "`fault.dark` never happened");
}

#[test]
fn what_clients_leave_before_it_can_be_told_is_not_recovered() {
    let judged = |good_again, time: &str| service(good_again, time).verdict;
    assert_eq!(judged(380, "290s"), Verdict::Inconclusive, "back, but not stable before clients left");
    assert_eq!(judged(399, "60s"), Verdict::Fail);
    assert_eq!(service(399, "60s").margin, Some(-1.0));
}

/// A statement about something else, bad from 100 s until `good_again` nanoseconds, observed until `end` seconds.
fn statement(good_again: u64, end: u64) -> Judgement {
    let points = [(0, 1, 1), (100 * SECOND, 0, 1), (good_again, 1, 1)];
    let fixture = Fixture::new(end).signal_nanos("region.north.up", SignalUnit::Count, &points).fault("dark", 100, 5);
    let fixture = fixture.change(|record| record.faults[0].periods[0].until = Some(at(101)));
    up().judge(&fixture.record())
}

fn up() -> std::sync::Arc<dyn crate::check::Property> {
    let fields = [("after", "fault.dark"), ("holds", "region.north.up >= 1"), ("within", "60s"), ("stable", "30s")];
    build("recovers", &fields)
}

#[test]
fn a_statement_must_come_back_by_the_deadline_to_the_nanosecond() {
    let on = statement(160 * SECOND, 300);
    assert_eq!((on.verdict, on.margin, on.measured.as_deref()), (Verdict::Pass, Some(0.0), Some("1m")));
    let late = statement(160 * SECOND + 1, 300);
    assert_eq!((late.verdict, late.at), (Verdict::Fail, Some(at(160))));
    assert_eq!(statement(115 * SECOND, 300).margin, Some(0.75));
    assert_eq!(statement(150 * SECOND, 180).verdict, Verdict::Pass, "[150, 180] was seen to the end");
    assert_eq!(statement(150 * SECOND + 1, 180).verdict, Verdict::Inconclusive, "one nanosecond of 30 s was not");
}

#[test]
fn a_statement_that_fails_again_before_it_was_stable_has_not_come_back() {
    let relapse = |at_second: u64| {
        let points = [(0, 1, 1), (100, 0, 1), (110, 1, 1), (at_second, 0, 1), (at_second + 10, 1, 1)];
        let fixture = Fixture::new(400).signal("region.north.up", SignalUnit::Count, &points).fault("dark", 100, 5);
        up().judge(&fixture.change(|record| record.faults[0].periods[0].until = Some(at(101))).record())
    };
    assert_eq!(relapse(140).measured.as_deref(), Some("50s"), "[110, 140] is closed, and 140 is bad");
    assert_eq!(relapse(141).measured.as_deref(), Some("10s"));
}

#[test]
fn missing_data_decides_nothing() {
    let hole = |points: &[(u64, u64, u64)]| {
        let fixture = Fixture::new(400).signal("region.north.up", SignalUnit::Count, points).fault("dark", 100, 5);
        up().judge(&fixture.change(|record| record.faults[0].periods[0].until = Some(at(101))).record())
    };
    let judged = hole(&[(0, 1, 1), (100, 0, 1), (150, 0, 0), (170, 1, 1)]);
    assert_eq!((judged.verdict, judged.exercised), (Verdict::Inconclusive, 1));
    assert!(judged.why.starts_with("no data at 2m 30s"), "{}", judged.why);
    let after = hole(&[(0, 1, 1), (100, 0, 1), (120, 1, 1), (151, 0, 0)]);
    assert_eq!(after.verdict, Verdict::Pass, "what comes after does not matter");
    let none = up().judge(&Fixture::new(400).fault("dark", 100, 5).record());
    assert_eq!(none.exercised, 0, "no such signal");
}

#[test]
fn of_several_faults_the_worst_counts() {
    let points = [(0, 10, 10), (100, 0, 10), (110, 10, 10), (200, 0, 10), (250, 10, 10)];
    let fixture = Fixture::new(400).served(CLASS, &points, 400);
    let fixture = fixture.fault("dark", 100, 5).change(|record| record.faults[0].periods[0].until = Some(at(110)));
    let fields = [("after", "fault.*"), ("holds", "success >= 99%"), ("within", "60s"), ("stable", "30s")];
    let judged = build("recovers", &fields).judge(&fixture.fault("slow", 200, 5).record());
    assert_eq!((judged.verdict, judged.measured.as_deref(), judged.exercised), (Verdict::Pass, Some("50.1s"), 2));
}

/// All of them but those over random input, for who plants errors.
pub(crate) const EACH: &[fn()] = &[
    recovery_is_the_first_good_answer_and_the_deadline_is_inclusive,
    the_objective_is_the_default_of_what_must_come_back,
    the_worst_class_counts_however_few_of_all_requests_it_is,
    where_nothing_is_promised_nothing_comes_back,
    a_fault_at_random_that_met_nobody_does_not_hide_that_others_were_recovered_from,
    a_relapse_while_the_fault_is_on_counts_however_late,
    a_bound_between_two_requests_cannot_be_told,
    no_outage_is_a_pass_only_if_the_fault_could_have_made_one,
    what_clients_leave_before_it_can_be_told_is_not_recovered,
    a_statement_must_come_back_by_the_deadline_to_the_nanosecond,
    a_statement_that_fails_again_before_it_was_stable_has_not_come_back,
    missing_data_decides_nothing,
    of_several_faults_the_worst_counts,
];

//! Planted errors in what judges a run: each must turn a test of it red.
//!
//! Owns their list. Does not know what the tests look at: a test that panics has noticed.

use super::switch::with;
use crate::check::{
    availability, caught, cause, expression, finding, outage, property, recovery, setback, slowdown, storm,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Every planted error: its name in the source, and what the judging then does.
const MUTANTS: &[(&str, &str)] = &[
    ("a_relapse_is_another_outage", "an outage ends with the first good second"),
    ("what_is_served_makes_good_for_nothing", "requests that are served do not count against an outage"),
    ("nobody_looks_at_the_whole", "a breach that lasts for the whole run is found only where it stands out"),
    ("a_total_bounds_every_class", "a bound on all requests together bounds the outage of any class"),
    ("bursts_become_chance_by_the_time_between_them", "bursts that are too far apart for one outage are none"),
    ("every_failure_is_an_outage", "an outage needs no more failures than chance brings"),
    (
        "service_is_back_with_the_last_failure",
        "service is back when the last failed request began, not with the first answer",
    ),
    ("an_answer_is_recovery", "one good answer is recovery, stable or not"),
    ("a_stretch_begins_once", "the level is not divided by the requests that may begin a stretch"),
    ("the_tail_is_its_first_term", "the probability of at least so many failures is that of exactly so many"),
    ("a_blip_is_a_slowdown", "a slow stretch counts however short it is"),
    ("a_stall_lasts_as_long_as_its_answers", "of answers that were all late only the second in which they came counts"),
    ("what_is_too_small_is_metastable", "an overload sustains itself though its service never served as much"),
    ("an_outage_excuses_itself_alone", "what is slow before service was stable again is no part of an outage"),
    ("a_latency_of_all_bounds_every_class", "a bound on the latency of all requests bounds the slowness of any class"),
    (
        "a_latency_at_every_moment_bounds_every_class",
        "a bound on the latency of all requests at every moment bounds the slowness of any class",
    ),
    ("slow_is_thrice_the_usual", "answers are slow at three times the usual"),
    ("a_fault_is_usual", "what is usual is taken from seconds in which a fault was on"),
    ("all_time_is_one_block", "what is usual is taken from all undisturbed seconds together, slow ones and all"),
    ("what_strikes_control_fails_requests", "a fault of control or people answers for failed requests"),
    ("a_fault_is_over_once_healed", "a fault does not answer for what happens before service was stable"),
    ("whatever_is_on_is_to_blame", "a fault that touched nothing of an outage answers for it"),
    ("a_way_back_has_no_trigger", "a failback that interrupts service belongs to no fault"),
    ("the_deadline_is_a_second_later", "the deadline is a second later"),
    ("nobody_need_have_asked", "a fault that was on while nobody asked has been recovered from"),
    ("the_first_outage_counts", "a fault has recovered at the end of its first outage"),
    ("what_was_taken_back_counts", "recovery is credited to a run that was rolled back"),
    ("a_statement_never_relapses", "a statement that fails again before it was stable has come back"),
    ("a_bound_need_not_fail", "a bound that would hold had service never come back bounds an outage"),
    ("any_share_is_service", "service of which one request in a hundred is served is a promise"),
    ("unanswered_on_both_sides", "of two latencies without end, the one is as long as the other"),
    ("a_bare_number_has_any_unit", "a share may be compared with a bare number"),
    ("units_need_not_agree", "a time may be compared with a share"),
    ("a_quotient_keeps_its_unit", "a time divided by a time is a time"),
    ("who_was_held_up_asked_for_nothing", "users who were held up asked for nothing meanwhile"),
    ("whatever_was_in_flight_was_caught", "requests that one fault caught were caught by any that follows soon"),
    ("a_clock_may_start_late", "a recovery counted from the middle of an outage bounds it"),
    ("any_part_of_the_losses_is_all", "a bound on losses that somebody saw bounds all losses"),
    ("a_few_failures_excuse_slowness", "slow answers beside a few failures belong to an outage"),
    ("what_a_change_brings_is_usual", "what answers take after a planned move is usual"),
    ("what_skipped_every_step_was_done", "a run of which every step was skipped is as good as any"),
    ("the_end_of_the_run_does_no_work", "what is done after clients have left was done"),
    ("comparing_is_claiming", "who only compares figures needs clients too"),
    ("what_failed_bounds", "a property that failed bounds an outage"),
    ("a_window_plans_what_faults_break", "what a fault breaks in a window of maintenance is planned"),
    ("a_window_plans_what_faults_slow", "slow answers in a window of maintenance are planned whatever fault was on"),
    ("a_run_excuses_the_load", "load that rises beside a run of a procedure is planned with it"),
    ("a_window_plans_what_strikes_control", "what a fault of control prolongs is planned as it was"),
    ("an_answer_to_a_fault_is_maintenance", "what a failover does to a fault that is on is planned"),
    ("maintenance_explains_everything", "what nothing or load explains is planned by the window it lies in"),
    ("what_was_done_was_in_time", "a run that was done did so within its budgets"),
    ("who_takes_over_begins_anew", "a run that another process resumes has ended where the first one stopped"),
    ("a_setback_need_not_be_made_good", "a bound on a fault covers a failover that was never done"),
    ("an_exception_forgets_whom_it_caught", "requests that a fault caught are no part of the exception after it"),
    ("every_failure_before_a_fault_was_caught", "failures before a fault are its own, whatever touched them"),
    ("whatever_was_sent_before_a_fault_was_in_flight", "a request may be in flight for an hour"),
];

/// The tests of whatever judges recovery.
fn tests() -> impl Iterator<Item = fn()> {
    let modules: [&[fn()]; 13] = [
        caught::tests::EACH,
        setback::tests::EACH,
        property::always::tests::EACH,
        outage::tests::EACH,
        cause::tests::EACH,
        recovery::tests::EACH,
        finding::tests::EACH,
        property::recovers::tests::EACH,
        slowdown::tests::EACH,
        storm::tests::EACH,
        crate::model::observe::slowness::tests::EACH,
        availability::tests::EACH,
        expression::tests::EACH,
    ];
    modules.into_iter().flatten().copied()
}

#[test]
fn every_error_planted_in_what_judges_a_run_is_noticed() {
    let noticed = |name| tests().any(|test| catch_unwind(AssertUnwindSafe(|| with(name, test))).is_err());
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let survivors: Vec<&str> = MUTANTS.iter().filter(|(name, _)| !noticed(*name)).map(|(_, wrong)| *wrong).collect();
    std::panic::set_hook(quiet);
    assert_eq!(survivors, [""; 0]);
    assert!(tests().count() > 40);
}

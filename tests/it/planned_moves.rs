//! Procedures that are run at a time that was fixed before: what is moved by plan loses nothing, stays, and is not begun
//! twice, nor where something fails; so is what begins upon an event, and what waits for an event that nothing else could
//! bring about is refused.

use super::{ROOT, plan_of};
use firedrill::Drill;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::scenario::{Catalogs, load};
use firedrill::units::{Instant, Span};

fn scenario() -> String {
    let path = format!("{ROOT}/scenarios/ai-provider/planned-switchover.yaml");
    std::fs::read_to_string(path).expect("it is shipped")
}

fn judged(text: &str, seed: u64) -> Outcome {
    rehearse(&plan_of(text, "planned.yaml", &[]), &Provenance::default(), seed)
}

fn happened(outcome: &Outcome, event: &str) -> usize {
    outcome.record.timeline.times(event).count()
}

#[test]
fn what_is_moved_by_plan_loses_nothing_and_stays() {
    for seed in 0..5 {
        let outcome = judged(&scenario(), seed);
        assert_eq!(outcome.verdict, Verdict::Pass, "{seed}: {:#?} {:?}", outcome.properties, outcome.findings);
        let events = ["region_failover.planned", "region_failover.started", "region_failover.done"];
        assert_eq!(events.map(|event| happened(&outcome, event)), [1, 1, 1]);
        assert_eq!(outcome.record.stores[0].lost_total, 0);
    }
}

#[test]
fn a_region_that_fails_is_not_left_by_plan() {
    let fault =
        "faults:\n  - slow_share: {id: ill, region: northeurope, share: 100%, errors: 100%, at: 9m, for: 20m}\n";
    let outcome = judged(&scenario().replace("maintenance:", &format!("{fault}maintenance:")), 1);
    assert_eq!(happened(&outcome, "region_failover.done"), 0);
    assert_eq!(outcome.record.stores[0].lost_total, 0);
    let leads = outcome.record.signal("region.westeurope.share").expect("recorded");
    let (_, last) = leads.points().last().expect("a second");
    assert_eq!(last.part, last.whole, "users are where they were");
}

#[test]
fn a_planned_run_that_people_refuse_is_not_begun_and_that_is_found() {
    let text = scenario()
        .replace("at: 10m}", "at: 10m, approve: {ask: [anna]}}")
        .replace("control:", "people: {anna: {approves: 0%, reason: it is Friday}}\ncontrol:");
    let outcome = judged(&text, 1);
    assert_eq!((happened(&outcome, "region_failover.refused"), happened(&outcome, "region_failover.started")), (1, 0));
    assert!(
        outcome.findings.iter().any(|found| found.contains("was planned and never started")),
        "{:?}",
        outcome.findings
    );
    assert_ne!(outcome.verdict, Verdict::Pass);
}

#[test]
fn a_controller_that_is_struck_finishes_what_was_planned_and_begins_it_once() {
    let drill = Drill::from_file(format!("{ROOT}/scenarios/ai-provider/planned-switchover.yaml"));
    let small = [("workload.0.rate", "3/s"), ("duration", "14m"), ("settle", "10m"), ("control.0.at", "60s")];
    let drill = small.into_iter().fold(drill, |drill, (path, value)| drill.set(path, value));
    let found = drill.seeds(0..1).interrupt_everywhere().run();
    assert!(found.wrong.is_empty(), "{} wrong:\n{}", found.wrong.len(), found.wrong.join("\n"));
    assert!(found.interrupted > 100, "{} struck", found.interrupted);
}

/// The move that waits for its replica, with `control` in place of its own.
fn upon_an_event(control: &str) -> String {
    let path = format!("{ROOT}/scenarios/ai-provider/planned-switchover-on-event.yaml");
    let text = std::fs::read_to_string(path).expect("it is shipped");
    let (before, rest) = text.split_once("control:\n").expect("a section");
    let (_, after) = rest.split_once("properties:\n").expect("another");
    let kept = after.lines().filter(|line| line.contains("no_loss") || line.contains("one_authority"));
    format!("{before}control:\n{control}properties:\n{}\n", kept.collect::<Vec<_>>().join("\n"))
}

fn first(outcome: &Outcome, event: &str) -> Instant {
    outcome.record.timeline.times(event).next().unwrap_or_else(|| panic!("no {event}"))
}

#[test]
fn a_move_upon_an_event_begins_so_long_after_it_loses_nothing_and_stays() {
    let control = "  - run: {procedure: region_failover, when: {event: fault.behind.healed, after: 2m}}\n";
    for seed in 0..3 {
        let outcome = judged(&upon_an_event(control), seed);
        assert_eq!(outcome.verdict, Verdict::Pass, "{seed}: {:#?} {:?}", outcome.properties, outcome.findings);
        let waited = first(&outcome, "region_failover.started").since(first(&outcome, "fault.behind.healed"));
        // To hear of it and to write the beginning down takes the control plane's latency.
        assert!(waited >= Span::from_secs(120) && waited < Span::from_secs(121), "{waited}");
        assert_eq!(happened(&outcome, "region_failover.started"), 1);
        let leads = outcome.record.signal("region.northeurope.share").expect("recorded");
        let (_, last) = leads.points().last().expect("a second");
        assert_eq!(last.part, last.whole, "users stay where they were sent");
    }
}

#[test]
fn a_controller_that_was_dead_when_the_event_happened_still_counts_from_it() {
    let control = "  - run: {id: pilot, procedure: region_failover, when: {event: fault.behind.healed, after: 2m}}\n";
    for (dead_at, lasts, waited) in [("11m", "2m", 120), ("13m", "30s", 120), ("13m", "5m", 360)] {
        let kill =
            format!("faults:\n  - controller_kill: {{id: dead, controller: pilot, at: {dead_at}, for: {lasts}}}\n");
        let outcome = judged(&upon_an_event(control).replacen("faults:\n", &kill, 1), 1);
        let begun = first(&outcome, "region_failover.started").since(first(&outcome, "fault.behind.healed"));
        let (least, most) = (Span::from_secs(waited), Span::from_secs(waited + 30));
        assert!(begun >= least && begun < most, "dead at {dead_at} for {lasts}: {begun}");
        assert_eq!(happened(&outcome, "region_failover.done"), 1);
    }
}

#[test]
fn the_occurrence_that_is_asked_for_is_waited_for() {
    let control = "  - run: {procedure: region_failover, when: {event: fault.behind.healed, occurrence: 2}}\n";
    let twice = "for: 7m, flap: {down: 2m, up: 3m}";
    let outcome = judged(&upon_an_event(control).replace("for: 7m", twice), 1);
    let healed: Vec<Instant> = outcome.record.timeline.times("fault.behind.healed").collect();
    let begun = first(&outcome, "region_failover.started");
    assert!(healed.len() == 2 && begun.since(healed[1]) < Span::from_secs(1), "{healed:?}, {begun}");
}

#[test]
fn a_wait_for_what_nothing_else_brings_about_is_refused_at_its_place() {
    let refused = |control: &str, code: &str, words: &str| {
        let text = upon_an_event(control);
        let problems = load(&text, "wait.yaml", &[], &Catalogs::BUILT_IN).expect_err(control);
        let found = problems.iter().find(|problem| problem.code == code && problem.message.contains(words));
        let found = found.unwrap_or_else(|| panic!("{control}: {problems:#?}"));
        let line = text.lines().nth(found.place.expect("a place").line as usize - 1).expect("a line");
        assert!(line.contains("run:") && found.help.is_some(), "{line}");
    };
    let run = |id: &str, rest: &str| format!("  - run: {{id: {id}, procedure: region_failover, {rest}}}\n");
    refused(&run("a", "when: {event: region_failover.done}"), "FD0232", "nothing else could bring that about");
    refused(&run("a", "when: {event: db.orders.promoted}"), "FD0232", "nothing else could bring that about");
    let two = run("a", "when: {event: failback.done}")
        + "  - run: {id: b, procedure: failback, when: {event: region_failover.done}}\n";
    refused(&two, "FD0232", "`a` waits for `failback.done`, but nothing else");
    refused(&two, "FD0232", "`b` waits for `region_failover.done`, but nothing else");
    refused(&run("a", "when: {event: failback.done}"), "FD0232", "no control of this scenario runs `failback`");
    refused(&run("a", "when: {event: fault.behind.heeled}"), "FD0301", "unknown event");
    refused(&run("a", "when: {event: fault.behind.healed, after: 2h}"), "FD0511", "the workload ends at");
    refused(&run("a", "at: 5m, when: {event: fault.behind.healed}"), "FD0230", "two start conditions");
    refused(&run("a", "notify: [ops]"), "FD0103", "does not say when it starts");
    refused(&run("a", "when: {after: 2m}"), "FD0103", "what to wait for");
    let step = "when: {step_starts: {procedure: region_failover, step: switch_dms}}";
    refused(&run("a", step), "FD0102", "no step `switch_dms`");
}

#[test]
fn a_wait_may_be_for_what_a_fault_that_waits_in_turn_brings_about() {
    let fault = "faults:\n  - replication_stall: {id: later, database: orders, when: {event: EVENT}, for: 1m}\n";
    let control = "  - run: {procedure: region_failover, when: {event: fault.later.healed}}\n";
    let loaded = |event: &str| {
        let text = upon_an_event(control).replacen("faults:\n", &fault.replace("EVENT", event), 1);
        load(&text, "wait.yaml", &[], &Catalogs::BUILT_IN).map(drop)
    };
    assert!(loaded("fault.behind.healed").is_ok());
    let problems = loaded("region_failover.started").expect_err("they wait for each other");
    assert!(problems.iter().any(|problem| problem.code == "FD0232"), "{problems:#?}");
}

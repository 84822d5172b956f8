//! A pass is backed by observations that could have failed it: runs in which what the scenario is about did not happen,
//! was felt by nobody or was not looked at, and what must not be said of them.

use super::{ROOT, plan_of};
use firedrill::explore::{self, Campaign};
use firedrill::outcome::{Outcome, PropertyOutcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

/// The text of the scenario `name` beside this file.
fn text(name: &str) -> String {
    let path = format!("{ROOT}/tests/it/evidence/{name}.yaml");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn run(text: &str) -> Outcome {
    rehearse(&plan_of(text, "tests/it/evidence/inline.yaml", &[]), &Provenance::default(), 1)
}

/// What the property `id` came to.
fn property<'a>(outcome: &'a Outcome, id: &str) -> &'a PropertyOutcome {
    outcome.properties.iter().find(|property| property.id == id).unwrap_or_else(|| panic!("a property {id}"))
}

/// The run says nothing for sure, and no property of it passes for what it did not see.
fn proves_nothing(outcome: &Outcome) {
    assert_eq!((outcome.verdict, outcome.as_expected), (Verdict::Inconclusive, false), "{:#?}", outcome.properties);
}

/// None of the properties was exercised.
fn not_exercised(outcome: &Outcome) {
    proves_nothing(outcome);
    for property in &outcome.properties {
        assert_eq!((property.verdict, property.exercised), (Verdict::Inconclusive, 0), "{property:#?}");
    }
}

#[test]
fn a_fault_that_chance_left_out_proves_nothing() {
    not_exercised(&run(&text("fault-never-drawn")));
}

#[test]
fn a_fault_that_need_not_happen_is_missed_by_nobody() {
    let optional = text("fault-never-drawn").replace("for: 5m}", "for: 5m, optional: true}");
    let outcome = run(&optional);
    assert_eq!(property(&outcome, "avail").verdict, Verdict::Pass, "{:#?}", outcome.warnings);
}

#[test]
fn a_fault_that_never_began_leaves_the_run_in_doubt() {
    let missed = text("one-of-two-faults");
    let outcome = run(&missed);
    proves_nothing(&outcome);
    let said = "fault `second` never began, so the run proves nothing; if it need not happen, set `optional: true`";
    assert!(outcome.warnings.iter().any(|warning| warning == said), "{:#?}", outcome.warnings);
    assert_eq!(property(&outcome, "rto").verdict, Verdict::Inconclusive);
    let optional = missed.replace("undone}}", "undone}, optional: true}");
    assert_ne!(optional, missed);
    let outcome = run(&optional);
    assert_eq!(
        (property(&outcome, "rto").verdict, outcome.as_expected),
        (Verdict::Pass, true),
        "{:#?}",
        outcome.warnings
    );
}

#[test]
fn an_outage_where_nobody_goes_proves_nothing() {
    let outcome = run(&text("region-nobody-uses"));
    not_exercised(&outcome);
    assert_eq!(outcome.record.faults[0].hits, 0);
}

#[test]
fn a_region_that_only_checkers_ask_is_one_that_nobody_uses() {
    for probe in ["ping", "request"] {
        let checked = text("region-nobody-uses")
            .replace("dns: {", "balancer: {weights: {west: 100%, north: 0%}, checks: {probe: PROBE, every: 5s}}\ndns: {records: {app.example: balancer}, ")
            .replace("PROBE", probe);
        not_exercised(&run(&checked));
    }
}

#[test]
fn a_time_without_load_is_not_a_time_without_errors() {
    let outcome = run(&text("no-load-during"));
    let always = property(&outcome, "avail");
    assert_eq!((always.verdict, always.exercised), (Verdict::Inconclusive, 0), "{}", always.why);
}

#[test]
fn what_cannot_happen_without_a_procedure_that_nobody_ran_is_no_merit() {
    // Whether a scenario may ask for it is another question; here somebody runs one of the four.
    let asked = text("procedure-nobody-runs")
        .replace("control: []", "control: [{watch: {every: 5s, sustained: 3m, run: region_failover, then: failback}}]");
    // What nothing in the scenario brings about at all is refused before the run.
    let asked: String = asked
        .lines()
        .filter(|line| !line.contains("drill.") && !line.contains("restore_"))
        .collect::<Vec<_>>()
        .join("\n");
    let outcome = run(&asked.replace("region: west", "region: west, for: 1m"));
    for id in ["a", "c"] {
        let judged = property(&outcome, id);
        assert_eq!((judged.verdict, judged.exercised), (Verdict::Inconclusive, 0), "{id}: {}", judged.why);
    }
    let outcome = run(&asked.replace("sustained: 3m", "sustained: 20s"));
    assert_eq!(property(&outcome, "a").verdict, Verdict::Pass, "it was started, and was not undone");
    assert_eq!(property(&outcome, "c").verdict, Verdict::Inconclusive, "but nobody went back");
}

#[test]
fn what_the_end_of_the_run_heals_has_not_recovered() {
    let healed = text("healed-by-the-end");
    let outcome = run(&healed);
    proves_nothing(&outcome);
    for id in ["up", "w"] {
        let judged = property(&outcome, id);
        assert_eq!(judged.verdict, Verdict::Inconclusive, "{}", judged.why);
        assert!(judged.why.contains("what happened after the workload ended does not count"), "{}", judged.why);
    }
    let in_time = run(&healed.replace("at: 60s}", "at: 60s, for: 2m}"));
    assert_eq!(property(&in_time, "up").verdict, Verdict::Pass);
    let too_late = run(&healed.replace("within: 10m", "within: 4m"));
    assert_eq!(property(&too_late, "up").verdict, Verdict::Fail, "it did not come back in time");
}

#[test]
fn a_run_may_end_within_a_second_in_which_something_happened() {
    let within =
        text("healed-by-the-end").replace("duration: 6m", "duration: 360500ms").replace("rate: 100/s", "rate: 0.1/s");
    let outcome = run(&within);
    assert!(outcome.stopped.is_none());
    let up = outcome.record.signal("region.west.up").expect("a region has one");
    assert_eq!(up.points().last().map(|(at, sample)| (at.as_nanos() / 1_000_000, sample.part)), Some((360_500, 1)));
}

#[test]
fn a_figure_from_after_the_workload_meets_no_bound() {
    let figures = text("healed-by-the-end").replace(
        "  up: {responds: {after: fault.dark, holds: \"region.west.up >= 1\", within: 10m}}",
        "  up: {measure: {value: \"max(region.west.up)\", at_least: 1}}\n  end: {measure: {value: \"t(fault.dark.healed) - t(fault.dark)\", at_most: 10m}}\n  loss: {ledger: {lost: 0}}\n  same: {consistent: orders}",
    );
    let outcome = run(&figures);
    assert_eq!(property(&outcome, "up").verdict, Verdict::Pass, "it was up at first");
    assert_eq!(property(&outcome, "end").verdict, Verdict::Inconclusive);
    for id in ["loss", "same"] {
        let judged = property(&outcome, id);
        assert_eq!(judged.verdict, Verdict::Inconclusive, "{}", judged.why);
    }
}

#[test]
fn a_fault_may_last_for_good() {
    let for_good = text("healed-by-the-end").replace("at: 60s}", "at: 60s, for_good: true}");
    let outcome = run(&for_good);
    assert_eq!(outcome.record.faults[0].healed, None);
    assert_eq!(outcome.record.signal("region.west.up").and_then(|up| up.at(outcome.record.end).as_f64()), Some(0.0));
    assert!(outcome.record.timeline.times("run.unsettled").next().is_none(), "the world is at rest as it is");
    proves_nothing(&outcome);
    let failed = run(&for_good.replace("within: 10m", "within: 4m"));
    assert_eq!(property(&failed, "up").verdict, Verdict::Fail);
}

#[test]
fn a_sample_from_before_an_event_says_nothing_of_the_time_after_it() {
    let sampled = text("sample-from-before");
    let outcome = run(&sampled);
    for id in ["up", "w", "rec"] {
        let judged = property(&outcome, id);
        assert_eq!(judged.verdict, Verdict::Fail, "{id}: {}", judged.why);
    }
    let up = outcome.record.signal("region.west.up").expect("a region has one");
    let changes: Vec<_> = up.points().map(|(at, sample)| (at.as_nanos() / 1_000_000, sample.part)).collect();
    assert_eq!(changes, [(0, 1), (60_500, 0), (300_500, 1)]);
    // Counts of the second in which it happened are no answer, and nor is a mean that reaches back before it.
    for holds in ["region.west.ok >= 1/s", "mean(region.west.up, 30s) >= 0.5", "mean(success, 30s) >= 50%"] {
        let counted = sampled.replace("region.west.up >= 1\", within: 5s}}", &format!("{holds}\", within: 5s}}}}"));
        assert_ne!(counted, sampled);
        let judged = run(&counted);
        assert_eq!(property(&judged, "up").verdict, Verdict::Fail, "{holds}: {}", property(&judged, "up").why);
    }
}

#[test]
fn a_replica_that_writes_wait_for_is_needed_wherever_it_is() {
    let waits =
        text("region-nobody-uses").replace("commit: async", "commit: sync").replace("at: 60s}", "at: 60s, for: 1m}");
    let outcome = run(&waits);
    assert!(outcome.record.faults[0].hits > 0);
    assert_ne!(property(&outcome, "rto").verdict, Verdict::Inconclusive);
}

fn campaign(text: &str, seeds: u64) -> Campaign {
    let plan = plan_of(text, "tests/it/evidence/inline.yaml", &[]);
    explore::run(0..seeds, None, |seed| rehearse(&plan, &Provenance::default(), seed)).expect("seeds")
}

#[test]
fn over_many_runs_those_that_exercised_nothing_are_counted_apart() {
    let never = campaign(&text("fault-never-drawn"), 4);
    assert_eq!((never.verdict(), never.as_expected()), (Verdict::Inconclusive, false));
    assert_eq!((never.summary.runs.not_exercised, never.summary.runs.pass, never.summary.as_expected), (4, 0, 0));
    for property in &never.summary.properties {
        assert_eq!((property.verdicts.not_exercised, property.verdicts.exercised()), (4, 0), "{}", property.id);
    }
    // About two in three runs draw an outage that clients and the failover outlive.
    let sometimes = text("fault-never-drawn")
        .replace("rate: 1/d, for: 5m", "rate: 10/h, between: [1m, 3m], for: 20s")
        .replace("{always: success >= 99%}", "{at_most: {event: fault.dark, n: 3}}")
        .replace("  one: {at_most: {event: region_failover.started, n: 0}}\n", "")
        .replace("at_least: 99%", "at_least: 50%");
    let some = campaign(&sometimes, 12);
    let counts = some.summary.runs;
    assert!(counts.not_exercised > 0 && counts.pass > 0, "{counts:?}");
    assert_eq!((some.verdict(), some.as_expected(), counts.fail), (Verdict::Pass, true, 0), "{:#?}", some.summary);
    let warned = some.summary.warnings.iter().any(|warning| warning.text == "fault `dark` never began");
    assert!(warned, "{:#?}", some.summary.warnings);
}

/// One region that is dark for a minute, which no property bounds, and what is compared of the load over all runs.
const COMPARED: &str = "
firedrill: 1
duration: 4m
regions: {west: {services: {api: {servers: 8, time: 10ms}}}}
resolvers: {count: 0}
workload:
  - open: {rate: 20/s, timeout: 2s, retries: 0}
faults:
  - region_outage: {id: dark, region: west, at: 1m, for: 1m}
properties:
  load: {agrees: {value: 'mean(offered, 0s, 1m)', with: 20/s, source: the rate itself, precision: 10%}}
";

#[test]
fn who_claims_something_of_service_beside_a_comparison_keeps_the_findings_over_many_runs() {
    let alone = campaign(COMPARED, 12);
    assert_eq!((alone.verdict(), alone.as_expected()), (Verdict::Pass, true), "{:#?}", alone.summary);
    let claims = campaign(&format!("{COMPARED}  once: {{at_most: {{event: fault.dark, n: 1}}}}\n"), 12);
    assert!(claims.rows.iter().all(|row| row.run.as_ref().is_ok_and(|run| run.found)));
    assert_eq!((claims.verdict(), claims.as_expected()), (Verdict::Inconclusive, false), "{:#?}", claims.summary);
}

//! A failover that is not told where to go: it goes where it can see that one can take over, with the most of the data, says
//! why, and refuses by name where none can; and the way back is from there.

use super::{ROOT, plan_of};
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

const PATH: &str = "scenarios/ai-provider/chooses-the-region.yaml";

fn run(changes: &[(&str, &str)]) -> Outcome {
    let mut text = std::fs::read_to_string(format!("{ROOT}/{PATH}")).expect("it is shipped");
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    rehearse(&plan_of(&text, PATH, &[]), &Provenance::default(), 1)
}

/// What the run said when it chose.
fn chosen(outcome: &Outcome) -> Vec<&str> {
    let events = outcome.record.timeline.events().iter();
    events.filter(|event| event.name == "region_failover.target_chosen").map(|event| event.text.as_str()).collect()
}

/// Who led the database in the end.
fn led(outcome: &Outcome) -> &str {
    outcome.record.stores[0].authority.terms.last().map_or("", |term| term.region.as_str())
}

const FIRST: &str = "  - region_outage: {id: first, region: northeurope, at: 4m, for: 20m}\n";

#[test]
fn the_one_that_is_there_and_has_most_takes_over_and_the_others_are_named_with_the_reason() {
    let outcome = run(&[]);
    assert_eq!(outcome.verdict, Verdict::Pass, "{:#?} {:?}", outcome.properties, outcome.findings);
    let [why] = chosen(&outcome)[..] else { panic!("{:?}", chosen(&outcome)) };
    assert!(why.starts_with("swedencentral: francecentral lacks "), "{why}");
    assert!(why.contains("northeurope cannot: "), "{why}");
    assert_eq!(led(&outcome), "swedencentral");
}

#[test]
fn of_those_alike_the_first_that_is_written_takes_over() {
    // Nothing was written for so long that every copy has all of it.
    let quiet = [(FIRST, ""), ("mix: {read: 80%, write: 20%}", "mix: {read: 100%}")];
    let outcome = run(&quiet);
    let [why] = chosen(&outcome)[..] else { panic!("{:?}", chosen(&outcome)) };
    assert_eq!(
        why,
        "northeurope: francecentral is as good, and comes after it; swedencentral is as good, and comes after it"
    );
    assert_eq!(led(&outcome), "northeurope");
}

#[test]
fn one_without_a_copy_comes_after_those_that_have_one() {
    let outcome = run(&[
        (FIRST, ""),
        ("replicas: [northeurope, francecentral, swedencentral]", "replicas: [francecentral]"),
        ("delay: {northeurope: 20ms, francecentral: 1m, swedencentral: 200ms}", "delay: 1m"),
    ]);
    let [why] = chosen(&outcome)[..] else { panic!("{:?}", chosen(&outcome)) };
    assert!(why.starts_with("francecentral: northeurope cannot: northeurope has no copy of orders"), "{why}");
    assert_eq!(led(&outcome), "francecentral");
}

#[test]
fn where_none_can_take_over_each_is_named_and_nothing_is_changed() {
    let all = [(
        FIRST,
        "  - region_outage: {id: first, region: northeurope, at: 4m}\n  - region_outage: {id: second, region: francecentral, at: 4m}\n  - region_outage: {id: third, region: swedencentral, at: 4m}\n",
    )];
    let outcome = run(&all);
    assert!(chosen(&outcome).is_empty());
    let laps =
        outcome.record.laps.iter().filter(|lap| lap.note.contains("no region can take over: northeurope cannot: "));
    let named =
        |note: &str| ["francecentral cannot: ", "swedencentral cannot: "].iter().all(|name| note.contains(name));
    assert!(laps.clone().count() > 0 && laps.clone().all(|lap| named(&lap.note)), "{:#?}", outcome.record.laps);
    assert_eq!(led(&outcome), "westeurope");
}

#[test]
fn who_is_told_where_to_go_does_not_look_elsewhere() {
    let outcome = run(&[(FIRST, ""), ("run: region_failover}", "run: region_failover, to: francecentral}")]);
    assert!(chosen(&outcome).is_empty());
    assert_eq!(led(&outcome), "francecentral");
}

#[test]
fn the_way_back_is_from_the_region_that_was_chosen() {
    let outcome = run(&[
        ("at: 5m, for_good: true", "at: 5m, for: 5m"),
        ("run: region_failover}", "run: region_failover, then: failback, hold_down: 3m}"),
    ]);
    let done = outcome.record.timeline.times("failback.done").count();
    assert_eq!(done, 1, "{:#?}", outcome.record.laps.iter().rev().take(4).collect::<Vec<_>>());
    let terms = &outcome.record.stores[0].authority.terms;
    let led: Vec<&str> = terms.iter().map(|term| term.region.as_str()).collect();
    assert_eq!(led, ["westeurope", "swedencentral", "westeurope"]);
}

#[test]
fn who_resumes_goes_where_the_one_before_had_begun_to_go() {
    // By the time the controller is back the region that was dark is there again, and written first.
    let killed = "  - controller_kill: {id: dead, controller: pilot, when: {step_starts: {procedure: region_failover, step: switch_dns}, after: 1s}, for: 5m}\n";
    let outcome = run(&[
        (FIRST, &format!("{}{killed}", FIRST.replace("for: 20m", "for: 4m"))),
        ("watch: {", "watch: {id: pilot, "),
    ]);
    assert_eq!(chosen(&outcome).len(), 1);
    assert_eq!(outcome.record.timeline.times("region_failover.done").count(), 1);
    assert_eq!(led(&outcome), "swedencentral");
}

//! The paper for a change board, over scenarios in which people decide and a failover cannot be taken back.

use super::{ROOT, plan_of};
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::report::{CATALOG, Look};

fn outcome(name: &str) -> Outcome {
    let path = format!("scenarios/ai-provider/{name}.yaml");
    let text = std::fs::read_to_string(format!("{ROOT}/{path}")).expect("a scenario");
    rehearse(&plan_of(&text, &path, &[]), &Provenance { file: path, ..Provenance::default() }, 1)
}

fn paper(outcome: &Outcome) -> String {
    let format = CATALOG.iter().find(|format| format.name() == "change-request-md").expect("a format");
    String::from_utf8(format.run(outcome, Look::PLAIN)).expect("UTF-8")
}

#[test]
fn who_approves_and_until_when_one_may_go_back_is_on_the_paper() {
    let outcome = outcome("approval-before-promotion");
    let laps = &outcome.record.laps;
    let passed: Vec<bool> = laps.iter().map(|lap| lap.past_return).collect();
    assert_eq!(passed, [false, false, false, false, true, true, true, true], "from the promotion on");
    let undone: Vec<&str> = laps.iter().filter(|lap| lap.undo.is_some()).map(|lap| lap.step.as_str()).collect();
    assert_eq!(undone, ["switch_dns", "activate_secondary"]);
    let text = paper(&outcome);
    for part in [
        "until 10:51.4 (4m 41.3s after it began), when activate_secondary begins, controller watch takes back by itself",
        "| alice | to approve activate_secondary (controller watch); must acknowledge within 3m, decide within 5m | at 7:16.7 |",
        "must acknowledge within 3m, decide within 5m | not paged in this run | – |",
        "11 acknowledged writes left behind",
        "| Take region_failover back | 6:10.2 | 10:51.4 | controller watch, by itself if a step fails |",
    ] {
        assert!(text.contains(part), "{part:?} is missing from:\n{text}");
    }
}

#[test]
fn past_the_point_of_no_return_the_paper_names_who_is_on_call() {
    let text = paper(&outcome("point-of-no-return"));
    assert!(text.contains("stopped without being taken back: a person must act"), "{text}");
    assert!(text.contains("a person must act; on call: alice"), "{text}");
    assert!(text.contains("on call if a procedure does not complete (controller pilot)"), "{text}");
}

#[test]
fn where_nothing_ran_the_paper_says_that_it_knows_of_no_way_back() {
    let text = paper(&outcome("approval-refused"));
    assert!(text.contains("No procedure ran in this run, so it shows no way back."), "{text}");
    assert!(text.contains("alice refuses after"), "{text}");
}

//! What those learn who are not at the terminal: programs, and a workflow of GitHub Actions.

use super::surroundings::Surroundings;
use super::tests::{Printed, firedrill_in, place};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn messages(place: &Path, args: &str) -> (Printed, Vec<Value>) {
    let said = firedrill_in(&Surroundings::NOTHING, place, &format!("{args} --message-format json"));
    let parsed = said.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    (said, parsed)
}

fn reasons(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["reason"].as_str().unwrap()).collect()
}

#[test]
fn a_program_reads_one_object_a_line_and_nothing_else() {
    let place = place("messages");
    let (said, messages) = messages(&place, "run @/surprise.yaml -o @/out");
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    assert_eq!(reasons(&messages), ["run-started", "run-finished", "results", "finished"]);
    assert!(said.out.starts_with("{\"reason\":\"run-started\","), "the reason comes first: {}", said.out);
    let run = &messages[1];
    assert_eq!((&run["seed"], &run["as_expected"]), (&Value::from(1), &Value::from(false)));
    assert_eq!(run["properties"][1]["id"], "no_loss");
    assert_eq!(run["properties"][1]["verdict"], "fail");
    assert_eq!(run["properties"][1]["as_expected"], false);
    assert_eq!(messages[3]["exit_code"], 1);
}

#[test]
fn a_program_follows_a_campaign_as_it_goes() {
    let place = place("progress");
    let (said, messages) = messages(&place, "run @/outage.yaml --seeds 0..250 --jobs 2 -o @/out");
    assert_eq!(said.code, 0);
    let progress: Vec<u64> =
        messages.iter().filter(|m| m["reason"] == "progress").map(|m| m["done"].as_u64().unwrap()).collect();
    assert!(progress.len() <= 100 && progress.is_sorted() && progress.last() == Some(&250), "{progress:?}");
    let campaign = messages.iter().find(|message| message["reason"] == "campaign-finished").unwrap();
    assert_eq!(campaign["runs"]["fail"], 250);
}

#[test]
fn a_program_learns_that_its_own_arguments_are_wrong() {
    let place = place("arguments");
    for args in ["run @/quiet.yaml --no-such-flag", "frobnicate", "run", "run @/quiet.yaml --seeds 5..5"] {
        let (said, messages) = messages(&place, args);
        assert_eq!((said.code, said.err.as_str()), (2, ""), "{args}");
        assert_eq!(reasons(&messages), ["failure", "finished"], "{args}");
        assert!(!messages[0]["message"].as_str().unwrap().starts_with("error"), "{args}: {}", messages[0]);
        assert_eq!(messages[1]["exit_code"], 2);
    }
    let behind = firedrill_in(&Surroundings::NOTHING, &place, "run --no-such-flag -- --message-format json");
    assert!(behind.out.is_empty() && behind.err.contains("--no-such-flag"), "{}", behind.out);
}

#[test]
fn a_program_learns_what_is_wrong_and_where() {
    let place = place("diagnosed");
    let (said, messages) = messages(&place, "check @/nonsense.yaml @/quiet.yaml @/missing.yaml");
    assert_eq!((said.code, said.err.as_str()), (2, ""));
    assert_eq!(reasons(&messages), ["diagnostic", "diagnostic", "checked", "failure", "finished"]);
    let wrong = &messages[0];
    assert_eq!((&wrong["severity"], &wrong["code"]), (&Value::from("error"), &Value::from("FD0001")));
    assert_eq!((&wrong["line"], &wrong["column"]), (&Value::from(2), &Value::from(3)));
    assert!(wrong["file"].as_str().unwrap().ends_with("nonsense.yaml"));
    assert_eq!(messages[1]["severity"], "warning");
    assert!(messages[3]["message"].as_str().unwrap().contains("missing.yaml: no such file"));
}

#[test]
fn what_is_listed_and_explained_can_be_read_by_programs() {
    let place = place("listed");
    let (_, listed) = messages(&place, "list faults");
    assert_eq!((&listed[0]["topic"], &listed[0]["name"]), (&Value::from("faults"), &Value::from("one_of_faults")));
    let (_, explained) = messages(&place, "explain FD0001");
    assert_eq!(explained[0]["text"], "what it means\n");
}

fn in_a_workflow(place: &Path, args: &str) -> (Printed, String) {
    let summary = place.join("step_summary");
    let surroundings =
        Surroundings { github_actions: true, step_summary: Some(summary.clone()), ..Surroundings::NOTHING };
    let said = firedrill_in(&surroundings, place, args);
    (said, fs::read_to_string(summary).unwrap_or_default())
}

#[test]
fn a_workflow_is_shown_the_line_of_what_was_violated() {
    let place = place("violated");
    let (said, summary) = in_a_workflow(&place, "run @/surprise.yaml -o @/out");
    let commands: Vec<&str> = said.err.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(commands.len(), 1, "{}", said.err);
    assert!(
        commands[0].starts_with("::error file=") && commands[0].contains("surprise.yaml,line=7,col=3,"),
        "{commands:?}"
    );
    assert!(commands[0].contains("title=no_loss is fail%2C not pass::"), "{commands:?}");
    assert!(commands[0].contains("%0Afiredrill run "), "it says how to repeat it: {commands:?}");
    assert!(summary.starts_with("# ") && summary.contains("no_loss"), "{summary}");
    assert_eq!(in_a_workflow(&place, "run @/outage.yaml -o @/out").0.err.matches("::error").count(), 0);
    let (said, _) = in_a_workflow(&place, "run @/surprise.yaml --seeds 0..3 -o @/many");
    assert!(said.err.contains("3 runs of 3 not as expected, such as firedrill run "), "{}", said.err);
}

#[test]
fn a_workflow_is_shown_the_line_of_a_mistake_and_obeys_nothing_in_it() {
    let place = place("mistake");
    let (said, summary) = in_a_workflow(&place, "check @/nonsense.yaml @/quiet.yaml @/missing.yaml");
    let commands: Vec<&str> = said.err.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(commands.len(), 3, "{}", said.err);
    assert!(commands[0].contains("nonsense.yaml,line=2,col=3,title=FD0001::not a play%0A::error::x%0Ahelp: play"));
    assert!(
        commands[1].starts_with("::error title=firedrill::") && commands[2].starts_with("::warning "),
        "{commands:?}"
    );
    assert_eq!(summary, "");
    fs::write(place.join("name.yaml"), "outage").unwrap();
    let (said, _) = in_a_workflow(&place, "run @/name.yaml @/no\n::add-mask::such.yaml");
    assert!(!said.err.lines().any(|line| line.starts_with("::add-mask")), "{}", said.err);
}

#[test]
fn a_summary_that_cannot_be_written_is_no_reason_to_fail() {
    let place = place("no_summary");
    let step_summary = Some(place.join("no/such/place"));
    let surroundings = Surroundings { github_actions: true, step_summary, ..Surroundings::NOTHING };
    let said = firedrill_in(&surroundings, &place, "run @/outage.yaml -o @/out");
    assert_eq!(said.code, 0);
    assert!(said.err.contains("the summary of the step cannot be written"), "{}", said.err);
}

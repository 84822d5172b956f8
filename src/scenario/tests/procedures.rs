//! Budgets, tries and limits of procedures: where they can be set, what is printed of them, what is refused.

use super::{SMALL, found, plan, planned, shown, try_load};
use crate::scenario::Plan;

/// What `explain` says of a value: the value and who set it, and where that comes from.
fn line<'p>(plan: &'p Plan, path: &str) -> (&'p str, &'p str, &'p str) {
    let found = plan.assumptions.iter().find(|line| line.path == path);
    let line = found.unwrap_or_else(|| panic!("nothing is said of {path}"));
    (&line.value, &line.origin, &line.source)
}

/// The small scenario with something more under its control, and at its end.
fn with(control: &str, more: &str) -> String {
    SMALL.replace("{run: region_failover}", &format!("{{run: region_failover{control}}}")) + more
}

const BUDGET: &str = "procedures.region_failover.steps.switch_dns.budget";

#[test]
fn every_figure_of_what_is_run_is_printed_with_where_it_comes_from() {
    let plan = plan(SMALL);
    let objective = "product policy: 870 s of the 900 s of the recovery objective";
    assert_eq!(line(&plan, BUDGET), ("2m", "default", objective));
    assert_eq!(line(&plan, "procedures.region_failover.steps.switch_dns.tries").0, "10");
    assert_eq!(line(&plan, "procedures.region_failover.steps.switch_dns.undo_budget").0, "2m");
    let limit = ("15m", "default", "product policy: the recovery objective");
    assert_eq!(line(&plan, "procedures.region_failover.limit"), limit);
    let none = ("none", "default", "the step changes nothing");
    assert_eq!(line(&plan, "procedures.region_failover.steps.verify_health.undo_budget"), none);
    assert!(!plan.assumptions.iter().any(|line| line.path.starts_with("procedures.failback")), "nobody runs it");
    let back = super::plan(&with(", then: failback", ""));
    assert_eq!(line(&back, "procedures.failback.steps.catch_up.tries").0, "700");
}

#[test]
fn a_figure_can_be_set_for_all_and_for_one_controller() {
    let all = plan(&with("", "procedures: {region_failover: {limit: 20m, steps: {switch_dns: {budget: 3m}}}}\n"));
    assert_eq!(line(&all, BUDGET), ("3m", "file", ""));
    assert_eq!(line(&all, "procedures.region_failover.limit"), ("20m", "file", ""));
    assert_eq!(line(&all, "procedures.region_failover.steps.switch_dns.tries").1, "default");
    let one = plan(&with(", limit: 25m, steps: {switch_dns: {budget: 4m}}", ""));
    assert_eq!(line(&one, "control.watch.steps.switch_dns.budget"), ("4m", "file", ""));
    assert_eq!(line(&one, "control.watch.steps.switch_dns.tries").0, "10", "what is not set is as for all");
    assert_eq!(line(&one, "control.watch.limit"), ("25m", "file", ""));
    assert_eq!(line(&one, BUDGET).0, "2m");
    assert_eq!(line(&plan(SMALL), "control.watch.limit").0, "15m");
}

#[test]
fn a_figure_can_be_set_beside_the_file() {
    let for_all = planned(SMALL, &[(BUDGET, "3m")]);
    assert_eq!(line(&for_all, BUDGET), ("3m", "--set", ""));
    let of_one = planned(SMALL, &[("control.watch.steps.switch_dns.pause", "1s"), ("control.watch.limit", "5m")]);
    assert_eq!(line(&of_one, "control.watch.steps.switch_dns.pause"), ("1s", "--set", ""));
    assert_eq!(line(&of_one, "control.watch.limit"), ("5m", "--set", ""));
}

#[test]
fn a_figure_can_be_set_by_a_preset_and_the_file_has_the_last_word() {
    let preset = |more: &str| plan(&format!("preset: ai-provider\n{}{more}", with("", "")));
    let (value, origin, source) = (line(&preset(""), "procedures.region_failover.limit").0.to_owned(), "preset", "");
    assert_eq!((value.as_str(), origin, source), ("15m", "preset", ""));
    let given = preset("");
    assert!(line(&given, "procedures.region_failover.limit").1.contains("preset"), "{given:#?}");
    let file = preset("procedures: {region_failover: {limit: 16m}}\n");
    assert_eq!(line(&file, "procedures.region_failover.limit").0, "16m");
}

#[test]
fn what_is_not_there_or_makes_no_sense_is_refused_at_its_place() {
    let control = |text: &str| found(&with(text, ""), &[]);
    assert_eq!(control(", steps: {swich_dns: {budget: 3m}}"), [("FD0102", 13, 43)]);
    assert_eq!(control(", steps: {switch_dns: {budgt: 3m}}"), [("FD0101", 13, 56)]);
    assert_eq!(control(", steps: {switch_dns: {budget: 0s}}"), [("FD0106", 13, 64)]);
    assert_eq!(control(", steps: {switch_dns: {tries: 0}}"), [("FD0106", 13, 63)]);
    assert_eq!(control(", steps: {switch_dns: {pause: 2m}}"), [("FD0241", 13, 63)]);
    assert_eq!(control(", steps: {switch_dns: {pause: 2m, tries: 1, undo_tries: 1}}"), []);
    assert_eq!(control(", steps: {verify_health: {undo_budget: 2m}}"), [("FD0241", 13, 72)]);
    assert_eq!(control(", limit: 0s"), [("FD0106", 13, 42)]);
    let all = |text: &str| found(&with("", text), &[]);
    assert_eq!(all("procedures: {region_failver: {limit: 5m}}\n"), [("FD0102", 16, 14)]);
    assert_eq!(all("procedures: {region_failover: {steps: {swich_dns: {tries: 5}}}}\n"), [("FD0102", 16, 40)]);
    assert_eq!(all("procedures: {failback: {limit: 5m}}\n"), [("FD0518", 16, 14)], "nobody runs it");
    let text = with(", steps: {swich_dns: {budget: 3m}}", "");
    let said = shown(&try_load(&text, &[]).unwrap_err(), &text, &[]);
    assert!(said.contains("`region_failover` has no step `swich_dns`"), "{said}");
    assert!(said.contains("did you mean `switch_dns`?"), "{said}");
}

#[test]
fn a_budget_shorter_than_what_its_step_waits_for_is_refused_where_it_is_written() {
    let refused = |text: &str, parts: [&str; 2]| {
        let problems = try_load(text, &[]).expect_err(text);
        let said = shown(&problems, text, &[]);
        assert!(said.contains("FD0242") && parts.iter().all(|part| said.contains(part)), "{parts:?}: {said}");
    };
    refused(
        &with(", steps: {switch_dns: {budget: 30s}}", "dns: {publish: 45s}\n"),
        ["13 |", "publishing a change of a record takes 45s, but it may take 30s"],
    );
    let slow = "dns: {publish: 3m}\n";
    refused(&with("", slow), ["set `procedures.region_failover.steps.switch_dns.budget` above that", "takes 3m"]);
    let enough = "procedures: {region_failover: {steps: {switch_dns: {budget: 4m}}}}\n";
    assert_eq!(found(&with("", &format!("{slow}{enough}")), &[]), []);
    let too_short = "procedures: {region_failover: {steps: {switch_dns: {budget: 2m}}}}\n";
    refused(&with("", &format!("{slow}{too_short}")), ["17 |", "but it may take 2m"]);
    let inert = with("", "").replace("away: {like: home,", "away: {like: home, services: {api: {activation: 6m}},");
    refused(
        &inert,
        [
            "`activate_secondary` of `region_failover`",
            "activating api in away and then opening a copy of orders takes 6m 30s",
        ],
    );
    let large = with("", "")
        .replace("replicas: [away]", "backups: {volume: 10TB, restore_rate: 100MB/s, verify_rate: 1GB/s}")
        .replace("run: region_failover", "run: restore_from_backup");
    refused(&large, ["`restore` of `restore_from_backup`", "copying a full backup of orders takes"]);
}

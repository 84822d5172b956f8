//! What the paper must say of a run that was taken back once and then went past its point of no return.

use super::*;
use crate::explore;
use crate::outcome::fixture;
use crate::record::Timeline;

fn chapter<'a>(paper: &'a ChangePaper, id: &str) -> &'a Chapter {
    paper.chapters.iter().find(|chapter| chapter.id == id).unwrap()
}

fn rows<'a>(paper: &'a ChangePaper, id: &str) -> Vec<&'a ChapterRows> {
    let of = |part: &'a ChapterPart| match part {
        ChapterPart::Rows(rows) => Some(rows),
        _ => None,
    };
    chapter(paper, id).parts.iter().filter_map(of).collect()
}

/// Every sentence of a chapter.
fn said(paper: &ChangePaper, id: &str) -> String {
    let of = |part: &ChapterPart| match part {
        ChapterPart::Words(words) => words.clone(),
        ChapterPart::Items(lines) => lines.join("\n"),
        _ => String::new(),
    };
    chapter(paper, id).parts.iter().map(of).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_decision_has_the_time_for_which_it_is_open_who_takes_it_and_what_came_of_it() {
    let paper = ChangePaper::of_run(&fixture::outage(7));
    let found = &rows(&paper, "gates")[0].rows;
    let seen: Vec<_> = found.iter().map(|row| row[0].split(':').next().unwrap()).collect();
    let expected = [
        "Begin region_failover, or not",
        "Take region_failover back",
        "Begin region_failover, or not",
        "Take region_failover back",
        "Approve",
    ];
    assert_eq!(seen, expected, "{found:?}");
    let outcome = fixture::outage(7);
    let promoting = outcome.record.laps.iter().find(|lap| lap.past_return).unwrap();
    assert_eq!((promoting.step.as_str(), promoting.run), ("activate_secondary", 2));
    assert_eq!((&*found[1][4], &*found[3][2]), ("taken back", &*crate::report::text::clock(promoting.start)));
    assert!(found[3][3].starts_with("controller watch, by itself") && found[3][4].contains("activate_secondary"));
    let asked = outcome.timeline().times("approval.asked").next().unwrap();
    let given = outcome.timeline().times("approval.given").next().unwrap();
    let [asked, given] = [asked, given].map(crate::report::text::clock);
    assert_eq!((&found[4][1], &found[4][2], &*found[4][3]), (&asked, &given, "alice"));
    assert!(found[4][4].starts_with("alice approves after"), "{}", found[4][4]);
}

#[test]
fn the_last_safe_moment_is_the_start_of_the_step_with_the_point_of_no_return() {
    let outcome = fixture::outage(7);
    let paper = ChangePaper::of_run(&outcome);
    let [first, second] = rows(&paper, "steps")[..] else { panic!("two runs") };
    assert!(first.rows.iter().any(|row| row[0] == "undo switch_dns" && row[7] == "undone"));
    assert!(first.rows.iter().filter(|row| row[6] != "–").all(|row| row[6] == "it was taken back"));
    let promoting = outcome.record.laps.iter().find(|lap| lap.past_return).unwrap();
    let at = crate::report::text::clock(promoting.start);
    let until: Vec<_> = second.rows.iter().map(|row| (row[0].as_str(), row[6].as_str())).collect();
    assert_eq!((until[0], until[3].0), (("detect_failure", &*at), "approve"));
    assert_eq!(until[4], ("activate_secondary", &*format!("{at}, its start")));
    assert!(until[5..].iter().all(|(_, until)| *until == "no longer"), "{until:?}");
    let back = said(&paper, "way-back");
    assert!(back.contains(&format!("until {at}")) && back.contains("the scenario names nobody on call"), "{back}");
    assert!(back.contains("18 acknowledged writes left behind"), "{back}");
    let undone = &rows(&paper, "way-back")[0].rows;
    assert_eq!((undone.len(), &*undone[0][0]), (1, "switch_dns"));
    assert!(undone[0][3].starts_with("undone in "), "{undone:?}");
    assert!(
        said(&paper, "steps").contains("verify_health: budget 2m, nothing to undo"),
        "what the first run did not reach"
    );
}

#[test]
fn what_the_record_does_not_know_is_said_to_be_unknown() {
    let mut outcome = fixture::quiet(7);
    outcome.record.laps.clear();
    outcome.record.timeline = Timeline::default();
    outcome.assumptions.clear();
    outcome.record.stores.clear();
    let paper = ChangePaper::of_run(&outcome);
    assert!(said(&paper, "gates").starts_with("No decision was open in this run"));
    assert!(said(&paper, "way-back").starts_with("No procedure ran in this run"));
    assert!(said(&paper, "steps").starts_with("No step of any procedure"));
    assert!(said(&paper, "people").starts_with("The scenario has no people"));
    assert!(said(&paper, "people").contains("No message reached any audience"));
}

#[test]
fn people_are_listed_with_what_they_are_for_when_they_were_paged_and_what_is_assumed_of_them() {
    let paper = ChangePaper::of_run(&fixture::outage(7));
    let people = rows(&paper, "people");
    let alice = &people[0].rows[0];
    assert_eq!(&*alice[0], "alice");
    assert!(
        alice[1].starts_with("to approve activate_secondary (controller watch); must acknowledge within 3m"),
        "{alice:?}"
    );
    assert!(alice[2].starts_with("at ") && alice[3].starts_with("1 page; acknowledged "), "{alice:?}");
    assert!(alice[4].starts_with("reachable 100%; acknowledges after lognormal"), "{alice:?}");
    assert_eq!((&*people[1].rows[0][0], &*people[1].rows[0][2]), ("stakeholders", "1 message"));
}

#[test]
fn the_verdict_hangs_on_what_is_nearest_and_over_many_runs_on_how_surely_it_holds() {
    let paper = ChangePaper::of_run(&fixture::outage(7));
    let near: Vec<_> = rows(&paper, "hangs-on")[0].rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(near[0], "no_loss", "what failed is nearer than what held: {near:?}");
    assert!(said(&paper, "hangs-on").contains("region_failover › switch_dns: 2m of 2m, in 4 tries"));
    let campaign = explore::run(0..20, None, fixture::spaced).unwrap();
    let paper = ChangePaper::of_campaign(&campaign);
    let rto = rows(&paper, "hangs-on")[0].rows.iter().find(|row| row[0] == "rto").unwrap().clone();
    assert_eq!((&*rto[3], &*rto[6]), ("20 of 20", "19"));
    assert!(rto[4].ends_with("to 100%") && paper.caution.contains("the worst run, seed 19"), "{rto:?}");
}

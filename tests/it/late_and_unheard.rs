//! Plans that were begun long after their time, and messages that nobody got: both are said, and no GO passes over them.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::report::{Look, TERMINAL};

fn run(rest: &str) -> Outcome {
    let text = format!(
        "firedrill: 1\nname: late\nduration: 40m\nregions:\n  west: {{services: {{api: {{servers: 32, time: 20ms, database: d}}}}}}\n  east: \
         {{like: west, role: secondary}}\ndatabases:\n  d: {{primary: west, replicas: [east], delay: 200ms}}\ndns: {{ttl: 30s}}\nresolvers: \
         {{violators: 0%}}\nmaintenance: [{{during: region_failover}}]\nworkload:\n  - open: {{name: u, rate: 10/s, mix: {{write: \
         20%}}}}\n{rest}"
    );
    rehearse(&plan_of(&text, "late.yaml", &[]), &Provenance::default(), 1)
}

fn approved(after: &str, more: &str) -> Outcome {
    begun("at: 5m", after, more)
}

fn begun(when: &str, after: &str, more: &str) -> Outcome {
    run(&format!(
        "people: {{alice: {{availability: 100%, acknowledge: 10s, decide: {after}}}}}\ncontrol:\n  - run: {{procedure: region_failover, {when}, approve: {{ask: [alice], \
         decide_within: 30m}}}}\nproperties:\n  kept: {{ledger: {{lost: 0}}}}\n{more}"
    ))
}

#[test]
fn a_plan_upon_an_event_is_late_by_what_it_was_to_wait_for() {
    let slow =
        "faults: [{slow_share: {id: blip, service: api, region: west, share: 20%, slowdown: 200%, at: 3m, for: 1m}}]\n";
    let late = begun("when: {event: fault.blip.healed, after: 1m}", "12m", slow);
    assert_eq!(late.verdict, Verdict::Inconclusive, "{:?}", late.findings);
    let said = "was not begun as planned: it was to begin 1m after fault.blip.healed and did 12m";
    assert!(late.findings[0].contains(said), "{:?}", late.findings);
    let soon = begun("when: {event: fault.blip.healed, after: 1m}", "3m", slow);
    assert_eq!((soon.verdict, soon.findings.len()), (Verdict::Pass, 0), "{:?}", soon.findings);
}

#[test]
fn a_plan_that_waits_long_for_approval_is_found_and_shown() {
    let late = approved("12m", "");
    assert_eq!(late.verdict, Verdict::Inconclusive, "{:?}", late.findings);
    assert!(late.findings[0].contains("region_failover, started at 17m"), "{:?}", late.findings);
    assert!(
        late.findings[0].contains("was not begun as planned: it was to begin at 5m and did 12m"),
        "{:?}",
        late.findings
    );
    let page = String::from_utf8(TERMINAL.run(&late, Look::PLAIN)).expect("text");
    assert!(page.contains("region_failover: planned for 5:00.0, begun 12m"), "{page}");
    let soon = approved("3m", "");
    assert_eq!((soon.verdict, soon.findings.len()), (Verdict::Pass, 0), "{:?}", soon.findings);
    let allowed = approved(
        "12m",
        "  soon: {measure: {value: \"delay(region_failover.planned, region_failover.started)\", at_most: 20m}}\n",
    );
    assert_eq!((allowed.verdict, allowed.findings.len()), (Verdict::Pass, 0), "{:?}", allowed.findings);
}

fn muted(share: &str, more: &str) -> Outcome {
    run(&format!(
        "faults:\n  - notification_lost: {{id: mute, at: 1m, for: 30m, share: {share}}}\ncontrol:\n  - run: {{procedure: region_failover, \
         at: 5m, notify: [sales, support]}}\nproperties:\n  kept: {{ledger: {{lost: 0}}}}\n{more}"
    ))
}

#[test]
fn a_message_that_is_lost_told_nobody() {
    let outcome = muted("100%", "");
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    let said = "did not reach those it was to notify: what it sent to sales, support at";
    let says = |outcome: &Outcome| outcome.findings.iter().any(|found| found.contains(said));
    assert!(says(&outcome), "{:?}", outcome.findings);
    let page = String::from_utf8(TERMINAL.run(&outcome, Look::PLAIN)).expect("text");
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        page.contains(
            "notify_stakeholders: done, 400ms of 1m; a message to sales was lost; a message to support was lost"
        ),
        "{page}"
    );
    let spoken = muted("100%", "  lost: {at_most: {event: notification.lost, n: 2}}\n");
    assert!(!says(&spoken), "{:?}", spoken.findings);
}

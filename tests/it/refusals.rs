//! What can never happen is refused before the run, whole scenarios at a time.

use super::claims::two_regions;
use firedrill::scenario::{Catalogs, load};

/// A failover of two regions, with one property to be filled in and a control.
fn scenario(control: &str, properties: &str) -> String {
    let dark = ["region_outage: {id: dark, region: west, at: 60s}"];
    two_regions("6m", &dark, &format!("[{control}]"), &[properties.trim_start()])
}

/// The code, the line's text from the column on, and the help of each error.
fn refused(text: &str) -> Vec<(&'static str, String, String)> {
    let Err(problems) = load(text, "refused.yaml", &[], &Catalogs::BUILT_IN) else { return Vec::new() };
    let lines: Vec<&str> = text.lines().collect();
    let place = |problem: &firedrill::field::Problem| {
        let place = problem.place.expect("each has a place");
        lines[place.line as usize - 1][place.column as usize - 1..].to_owned()
    };
    let problem = |problem: &firedrill::field::Problem| {
        (problem.code, place(problem), problem.help.clone().expect("each has a way out"))
    };
    problems.iter().map(problem).collect()
}

const WATCH: &str = "{watch: {every: 5s, sustained: 20s, run: region_failover}}";

#[test]
fn a_bound_on_a_step_that_is_not_there_is_refused_with_the_one_that_was_meant() {
    let never = "  never_undone: {at_most: {event: region_failover.swich_dns.done, n: 0}}";
    let found = refused(&scenario(WATCH, never));
    let [(code, place, help)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(*code, "FD0320");
    assert!(place.starts_with("region_failover.swich_dns.done"), "{place}");
    assert_eq!(help, "did you mean `region_failover.switch_dns.done`?");
    let meant = never.replace("swich", "switch");
    assert_eq!(refused(&scenario(WATCH, &meant)), []);
}

#[test]
fn a_bound_on_events_of_a_procedure_that_nobody_runs_is_refused() {
    let never = "
  a: {at_most: {event: region_failover.undone, n: 0}}
  b: {at_most: {event: drill.touched_production, n: 0}}
  c: {at_most: {event: failback.failed, n: 0}}
  d: {at_most: {event: restore_from_backup.stopped, n: 0}}";
    let found = refused(&scenario("", never));
    assert_eq!(found.iter().map(|(code, ..)| *code).collect::<Vec<_>>(), ["FD0320"; 4]);
    assert!(found.iter().all(|(.., help)| help.contains("control")), "{found:?}");
    let of_failover = "  a: {at_most: {event: region_failover.undone, n: 0}}";
    assert_eq!(refused(&scenario(WATCH, of_failover)), []);
    let back = WATCH.replace("run: region_failover", "run: region_failover, then: failback");
    assert_eq!(refused(&scenario(&back, "  c: {at_most: {event: failback.failed, n: 0}}")), []);
}

#[test]
fn every_field_of_a_property_that_names_an_event_is_held_to_it() {
    for property in [
        "at_most: {event: region_failover.started, n: 1, given: failback.started}",
        "always: {holds: success >= 1%, except: 30s after failback.started}",
        "always: {holds: success >= 1%, from: failback.started}",
        "never: {holds: success < 1%, until: failback.started}",
        "recovers: {after: failback.started, holds: success >= 99%, within: 1m}",
        "responds: {after: failback.started, holds: success >= 99%, within: 1m}",
        "responds: {after: fault.dark, holds: 'count(failback.done, 1m) >= 1', within: 1m}",
        "measure: {value: 'delay(fault.dark, failback.done)', at_most: 1m}",
    ] {
        let found = refused(&scenario(WATCH, &format!("  a: {{{property}}}")));
        assert_eq!(found.iter().map(|(code, ..)| *code).collect::<Vec<_>>(), ["FD0320"], "{property}");
    }
}

//! Which events of a run belong in the short timeline, and how each feels.
//!
//! Owns the table from an event's name to its place in the timeline. Does not know why anything happened. Invariant: what
//! happens again and again is shown a few times and then counted, so that no run of a check hides what came of it.

use super::moments::{Raw, Tone};
use crate::record::{Actor, Record, TimelineEvent};
use crate::report::text::{clock, count, cut};
use crate::units::Instant;
use std::collections::BTreeMap;

/// How often an event of one name is shown. Product default: a reader sees the beginning and the rhythm.
const MOST_OF_A_NAME: usize = 6;

/// The longest an event gets. Product default: a line and a half; the list of events has all of it. Unit: characters.
const LONGEST: usize = 140;

/// What a timeline says of an event: its label, how it feels, and whether it can be left out for want of room.
type Place = (&'static str, Tone, bool);

/// The events of the run that belong in the short timeline, in order.
pub(super) fn happenings(record: &Record) -> Vec<Raw> {
    let mut seen: BTreeMap<&str, (usize, Instant)> = BTreeMap::new();
    for event in record.timeline.events() {
        let entry = seen.entry(event.name.as_str()).or_insert((0, event.at));
        *entry = (entry.0 + 1, event.at);
    }
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for event in record.timeline.events() {
        let Some((label, tone, optional)) = place(event) else { continue };
        let nth = shown.entry(event.name.as_str()).or_insert(0);
        *nth += 1;
        let (all, last) = seen[event.name.as_str()];
        // One more is as short as a line that counts it.
        if *nth <= MOST_OF_A_NAME || all == MOST_OF_A_NAME + 1 {
            found.push(Raw::new(event.at, label, text(event), tone).optional(optional));
        } else if *nth == MOST_OF_A_NAME + 1 {
            let more = count((all - MOST_OF_A_NAME) as u64);
            let text = format!("{} ({more} more times until {})", text(event), clock(last));
            found.push(Raw::new(event.at, label, text, tone).optional(optional));
        }
    }
    found
}

/// What it says, and of a run of a procedure, which one.
fn text(event: &TimelineEvent) -> String {
    let text = cut(&event.text, LONGEST);
    let procedure = event.name.split('.').next().unwrap_or_default();
    let is_run = event.actor == Actor::Control
        && of_run(event.name.rsplit('.').next().unwrap_or_default(), &event.name).is_some();
    if is_run { format!("{procedure}: {text}") } else { text }
}

fn place(event: &TimelineEvent) -> Option<Place> {
    let (first, last) = (event.name.split('.').next()?, event.name.rsplit('.').next()?);
    match event.actor {
        Actor::World => of_world(first, last),
        Actor::Control => of_control(first, last, &event.name),
        Actor::People => Some(("people", Tone::Plain, true)),
        // Faults have records of their own, and what monitoring saw is told by what was detected.
        Actor::Fault | Actor::Monitoring => None,
    }
}

fn of_world(first: &str, last: &str) -> Option<Place> {
    let label = match first {
        "dns" | "planning" => "dns",
        "checks" => "health",
        "balancer" => "balancer",
        "breaker" => "breaker",
        "autoscaler" | "fleet" | "capacity" => "capacity",
        "provider" | "service" => "limit",
        "retry_budget" => "retries",
        "db" => "database",
        "region" => "region",
        "notified" | "notification" => "message",
        "controller" => "control",
        "drill" => "drill",
        // The moment "acted" of a recovery says the same.
        "served" => return None,
        _ => "world",
    };
    Some((label, tone_of_world(last), matches!(last, "half_open" | "backed_up" | "backup_verified" | "in" | "out")))
}

/// By what happened, whatever it happened to.
fn tone_of_world(what: &str) -> Tone {
    match what {
        "unhealthy" | "ejected" | "open" | "lost" | "stale" | "lease_out" | "log_full" | "degraded" | "failed"
        | "restore_failed" | "backup_unusable" | "overgrown" | "throttling" | "exhausted" | "servers_lost"
        | "stale_change" | "touched_production" => Tone::Bad,
        "healthy" | "restored" | "closed" | "failed_back" | "synchronous" | "log_freed" | "rebuilt" | "fits"
        | "fail_open_over" | "throttling_over" | "refilled" | "servers_back" => Tone::Good,
        "refused" | "failed_over" | "fail_open" | "kept" | "half_open" => Tone::Odd,
        _ => Tone::Plain,
    }
}

fn of_control(first: &str, last: &str, name: &str) -> Option<Place> {
    match (first, last) {
        ("watch", "held_back" | "blind" | "moot" | "unfit" | "coming_back") => Some(("control", Tone::Odd, false)),
        ("watch", "refused" | "unanswered") => Some(("control", Tone::Bad, false)),
        ("approval" | "on_call", "nobody" | "refused") => Some(("people", Tone::Bad, false)),
        ("approval", "given") => Some(("people", Tone::Good, false)),
        ("approval", "asked" | "withdrawn") | ("on_call", "summoned") => Some(("people", Tone::Odd, false)),
        // What people do about it is told by events of theirs.
        ("approval" | "on_call", _) => None,
        ("controller", "leads") => Some(("control", Tone::Plain, true)),
        ("controller", _) => Some(("control", Tone::Odd, false)),
        ("journal", _) => Some(("control", Tone::Bad, false)),
        ("drill", "passed") => Some(("drill", Tone::Good, false)),
        ("drill", "not_passed" | "refused" | "touched_production") => Some(("drill", Tone::Bad, false)),
        ("watch", _) => None,
        _ => of_run(last, name),
    }
}

/// How a run of a procedure ended. What a step came to is told by its lap.
fn of_run(last: &str, name: &str) -> Option<Place> {
    if name.matches('.').count() != 1 {
        return None;
    }
    match last {
        "done" => Some(("run", Tone::Good, true)),
        "undone" => Some(("run", Tone::Odd, false)),
        "stopped" | "undo_failed" => Some(("run", Tone::Bad, false)),
        "superseded" | "resumed" | "found" => Some(("run", Tone::Odd, false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;
    use crate::record::Timeline;

    fn said(events: &[(u64, Actor, &str)]) -> Vec<(&'static str, Tone, String)> {
        let mut record = fixture::outage(0).record;
        record.timeline = Timeline::default();
        for (at, actor, name) in events {
            record.timeline.push(Instant::from_secs(*at), *actor, *name, *name);
        }
        happenings(&record).into_iter().map(|raw| (raw.label, raw.tone, raw.text)).collect()
    }

    #[test]
    fn what_names_checks_breakers_and_databases_did_is_in_the_timeline() {
        let events = [
            "dns.app.published",
            "checks.west.unhealthy",
            "balancer.fail_open",
            "breaker.users.west.open",
            "db.orders.lease_out",
            "autoscaler.west.api.failed",
            "provider.openai.throttling",
        ];
        let told: Vec<_> = events.iter().map(|name| (7, Actor::World, *name)).collect();
        let labels: Vec<_> = said(&told).into_iter().map(|(label, tone, _)| (label, tone)).collect();
        let expected = [
            ("dns", Tone::Plain),
            ("health", Tone::Bad),
            ("balancer", Tone::Odd),
            ("breaker", Tone::Bad),
            ("database", Tone::Bad),
            ("capacity", Tone::Bad),
            ("limit", Tone::Bad),
        ];
        assert_eq!(labels, expected);
    }

    #[test]
    fn a_run_that_stopped_has_a_line_and_its_steps_have_theirs_elsewhere() {
        let of = |name| said(&[(7, Actor::Control, name)]).len();
        assert_eq!(["failover.stopped", "failover.undone", "watch.held_back"].map(of), [1, 1, 1]);
        assert_eq!(["failover.promote.failed", "failover.failed", "failover.started", "watch.decided"].map(of), [0; 4]);
    }

    #[test]
    fn what_flaps_is_shown_a_few_times_and_then_counted() {
        let told: Vec<_> = (0..500).map(|at| (at, Actor::World, "checks.west.unhealthy")).collect();
        let lines = said(&told);
        assert_eq!(lines.len(), MOST_OF_A_NAME + 1);
        assert_eq!(lines[MOST_OF_A_NAME].2, "checks.west.unhealthy (494 more times until 8:19.0)");
        let seven: Vec<_> = (0..7).map(|at| (at, Actor::World, "checks.west.unhealthy")).collect();
        assert_eq!(said(&seven)[6].2, "checks.west.unhealthy");
    }
}

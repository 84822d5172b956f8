//! Which events of a run belong in the short timeline, and how each feels.
//!
//! Owns the table from a kind of event to its place in the timeline. Does not know why anything happened. Invariant:
//! what happens again and again is shown a few times and then counted, so that no series of checks hides its result.

use super::moments::{Raw, Tone};
use crate::record::event::{
    BalancerKind, CapacityKind, ClientKind, ConsentKind, ControllerKind, DataKind, DrillKind, EventKind, NameKind,
    OnCallKind, PeopleKind, PlatformKind, ProcedureKind, ReconcileKind, RunPhase, ScrubKind, WatchKind,
};
use crate::record::{Actor, Record, TimelineEvent};
use crate::report::text::{clock, count, cut};
use crate::units::Instant;
use std::collections::BTreeMap;

/// How often an event of one name is shown. Product default: a reader sees the beginning and the rhythm.
const MOST_OF_A_NAME: usize = 6;

/// The longest an event gets. Product default: a line and a half; the list of events has all of it. Unit: characters.
const LONGEST: usize = 140;

/// What a timeline says of an event: its label, how it feels, and whether it can be left out when there is no room.
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
            found.push(Raw::new(event.at, label, text(event), tone).optional(optional).by(event.actor));
        } else if *nth == MOST_OF_A_NAME + 1 {
            let more = count((all - MOST_OF_A_NAME) as u64);
            let text = format!("{} ({more} more times until {})", text(event), clock(last));
            found.push(Raw::new(event.at, label, text, tone).optional(optional).by(event.actor));
        }
    }
    found
}

/// What it says, and of a run of a procedure, which one.
fn text(event: &TimelineEvent) -> String {
    let text = cut(&event.text, LONGEST);
    let procedure = event.part("procedure").unwrap_or_default();
    match event.kind {
        Some(EventKind::Procedure(ProcedureKind::Planned)) => return format!("{procedure} is to begin {text}"),
        Some(EventKind::Procedure(ProcedureKind::TargetChosen)) => return format!("{procedure} goes to {text}"),
        _ => {}
    }
    match event.run() {
        Some((procedure, phase)) if of_run(phase).is_some() => format!("{procedure}: {text}"),
        _ => text,
    }
}

fn place(event: &TimelineEvent) -> Option<Place> {
    let Some(kind) = event.kind else { return of_unknown(event.actor) };
    if let Some(phase) = kind.phase() {
        return of_run(phase);
    }
    match kind {
        // Faults have records of their own, and the result of a step is in its lap.
        EventKind::Procedure(ProcedureKind::TargetChosen) => Some(("control", Tone::Plain, false)),
        EventKind::Procedure(ProcedureKind::Planned) => Some(("control", Tone::Plain, true)),
        EventKind::Fault(_) | EventKind::Procedure(_) => None,
        EventKind::Shift(_) => None,
        EventKind::Scrub(kind) => Some(of_scrub(kind)),
        EventKind::Reconcile(kind) => Some(of_reconcile(kind)),
        EventKind::Watch(kind) => of_watch(kind),
        EventKind::Drill(kind) => {
            Some(("drill", if kind == DrillKind::Passed { Tone::Good } else { Tone::Bad }, false))
        }
        EventKind::Controller(kind) => Some(of_controller(kind)),
        EventKind::Consent(kind) => of_consent(kind),
        EventKind::OnCall(kind) => of_on_call(kind),
        EventKind::Name(kind) => Some(of_name(kind)),
        EventKind::Data(kind) => of_data(kind),
        EventKind::Balancer(kind) => Some(of_balancer(kind)),
        EventKind::Client(kind) => Some(of_client(kind)),
        EventKind::Capacity(kind) => Some(of_capacity(kind)),
        EventKind::Platform(kind) => of_platform(kind),
        EventKind::People(PeopleKind::NotificationLost) => Some(("message", Tone::Bad, false)),
        EventKind::People(_) => Some(("people", Tone::Plain, true)),
    }
}

/// What somebody told by a name that nothing describes.
const fn of_unknown(actor: Actor) -> Option<Place> {
    match actor {
        Actor::World => Some(("world", Tone::Plain, false)),
        Actor::People => Some(("people", Tone::Plain, true)),
        Actor::Fault | Actor::Control => None,
    }
}

/// How a run of a procedure ended.
const fn of_run(phase: RunPhase) -> Option<Place> {
    match phase {
        RunPhase::Done => Some(("run", Tone::Good, true)),
        RunPhase::Undone | RunPhase::Superseded | RunPhase::Resumed | RunPhase::Found => {
            Some(("run", Tone::Odd, false))
        }
        RunPhase::Stopped | RunPhase::UndoFailed => Some(("run", Tone::Bad, false)),
        RunPhase::Started | RunPhase::Failed => None,
    }
}

/// What was detected and decided is reported with the recovery of a fault.
const fn of_watch(kind: WatchKind) -> Option<Place> {
    match kind {
        WatchKind::HeldBack
        | WatchKind::Blind
        | WatchKind::NoLongerNeeded
        | WatchKind::Unfit
        | WatchKind::ComingBack => Some(("control", Tone::Odd, false)),
        WatchKind::Refused | WatchKind::Unanswered => Some(("control", Tone::Bad, false)),
        WatchKind::Detected | WatchKind::Cleared | WatchKind::Decided | WatchKind::Fit => None,
    }
}

const fn of_reconcile(kind: ReconcileKind) -> Place {
    match kind {
        ReconcileKind::Finished => ("control", Tone::Plain, false),
        ReconcileKind::Failed => ("control", Tone::Odd, false),
    }
}

const fn of_scrub(kind: ScrubKind) -> Place {
    match kind {
        ScrubKind::Repaired => ("control", Tone::Good, false),
        ScrubKind::Found | ScrubKind::Failed => ("control", Tone::Odd, false),
        ScrubKind::BeyondRepair => ("control", Tone::Bad, false),
    }
}

const fn of_controller(kind: ControllerKind) -> Place {
    match kind {
        ControllerKind::Said => ("control", Tone::Plain, false),
        ControllerKind::Leads => ("control", Tone::Plain, true),
        ControllerKind::Struck => ("control", Tone::Plain, false),
        ControllerKind::StoodDown | ControllerKind::JournalUnreadable | ControllerKind::Overtaken => {
            ("control", Tone::Odd, false)
        }
        ControllerKind::StaleChange
        | ControllerKind::Unreadable
        | ControllerKind::Broke
        | ControllerKind::Interfered => ("control", Tone::Bad, false),
    }
}

/// What people do about it is reported by their own events.
const fn of_consent(kind: ConsentKind) -> Option<Place> {
    match kind {
        ConsentKind::Nobody | ConsentKind::Refused => Some(("people", Tone::Bad, false)),
        ConsentKind::Given => Some(("people", Tone::Good, false)),
        ConsentKind::Asked | ConsentKind::Withdrawn => Some(("people", Tone::Odd, false)),
        ConsentKind::Paged | ConsentKind::Acknowledged | ConsentKind::Escalated => None,
        ConsentKind::Unreachable | ConsentKind::Agreed | ConsentKind::Disagreed => None,
    }
}

const fn of_on_call(kind: OnCallKind) -> Option<Place> {
    match kind {
        OnCallKind::Nobody => Some(("people", Tone::Bad, false)),
        OnCallKind::Summoned => Some(("people", Tone::Odd, false)),
        OnCallKind::Paged | OnCallKind::Acknowledged | OnCallKind::Escalated | OnCallKind::Unreachable => None,
    }
}

const fn of_name(kind: NameKind) -> Place {
    match kind {
        NameKind::Published | NameKind::Ttl => ("dns", Tone::Plain, false),
        NameKind::Refused | NameKind::FailedOver | NameKind::FailOpen | NameKind::PlanRefused => {
            ("dns", Tone::Odd, false)
        }
        NameKind::FailedBack | NameKind::FailOpenOver => ("dns", Tone::Good, false),
        NameKind::PlanStale | NameKind::PlanLost => ("dns", Tone::Bad, false),
        NameKind::PlanFound | NameKind::PlanRestored => ("people", Tone::Plain, true),
        NameKind::Unhealthy => ("health", Tone::Bad, false),
        NameKind::Healthy => ("health", Tone::Good, false),
    }
}

const fn of_data(kind: DataKind) -> Option<Place> {
    let (tone, optional) = match kind {
        DataKind::Degraded | DataKind::CommitsBlocked => (Tone::Bad, false),
        DataKind::LogFull | DataKind::LeaseOut => (Tone::Bad, false),
        DataKind::RestoreFailed | DataKind::BackupUnusable => (Tone::Bad, false),
        DataKind::CommitsUnblocked
        | DataKind::Synchronous
        | DataKind::LogFreed
        | DataKind::Rebuilt
        | DataKind::Restored => (Tone::Good, false),
        DataKind::CaughtUp
        | DataKind::Fenced
        | DataKind::Promoted
        | DataKind::RebuildBegun
        | DataKind::RestoreBegun => (Tone::Plain, false),
        DataKind::BackedUp | DataKind::BackupVerified => (Tone::Plain, true),
        // The store's line has it.
        DataKind::LossAnnounced => return None,
    };
    Some(("database", tone, optional))
}

const fn of_balancer(kind: BalancerKind) -> Place {
    let tone = match kind {
        BalancerKind::Ejected => Tone::Bad,
        BalancerKind::Restored | BalancerKind::FailOpenOver | BalancerKind::SpareUsedOver => Tone::Good,
        BalancerKind::Kept | BalancerKind::FailOpen | BalancerKind::SpareUsed => Tone::Odd,
        BalancerKind::WeightsChanged | BalancerKind::Settled => Tone::Plain,
        BalancerKind::FailClosed | BalancerKind::FailClosedOver => Tone::Plain,
    };
    ("balancer", tone, false)
}

const fn of_client(kind: ClientKind) -> Place {
    match kind {
        ClientKind::BreakerOpen => ("breaker", Tone::Bad, false),
        ClientKind::BreakerHalfOpen => ("breaker", Tone::Odd, true),
        ClientKind::BreakerClosed => ("breaker", Tone::Good, false),
        ClientKind::BudgetExhausted => ("retries", Tone::Bad, false),
        ClientKind::BudgetRefilled => ("retries", Tone::Good, false),
    }
}

const fn of_capacity(kind: CapacityKind) -> Place {
    match kind {
        CapacityKind::ProviderThrottling | CapacityKind::ServiceThrottling => ("limit", Tone::Bad, false),
        CapacityKind::ProviderThrottlingOver | CapacityKind::ServiceThrottlingOver => ("limit", Tone::Good, false),
        CapacityKind::ServersLost | CapacityKind::ScalingFailed | CapacityKind::Overgrown => {
            ("capacity", Tone::Bad, false)
        }
        CapacityKind::ServersBack | CapacityKind::Fits => ("capacity", Tone::Good, false),
        CapacityKind::ScaledOut | CapacityKind::ScaledIn => ("capacity", Tone::Plain, true),
    }
}

const fn of_platform(kind: PlatformKind) -> Option<Place> {
    match kind {
        PlatformKind::Active | PlatformKind::Standby => Some(("region", Tone::Plain, false)),
        PlatformKind::Unsettled => Some(("world", Tone::Plain, false)),
        // The moment "acted" of a recovery says the same.
        PlatformKind::Served => None,
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
            record.timeline.push_told(Instant::from_secs(*at), *actor, *name, *name);
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

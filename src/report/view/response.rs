//! What was done about the faults of a run, and whether it helped: the second half of the sentence of cause.
//!
//! Owns that wording. Does not know what was demanded. Invariant: a recovery is ascribed to a procedure only if one had
//! changed something before it, and to a change of routes only if there was one; otherwise the fault ended by itself,
//! and that is said.

use super::runs::{ProcedureRun, RunEnding, runs};
use crate::outcome::{Outcome, Recovery};
use crate::record::TimelineEvent;
use crate::record::event::{BalancerKind, EventKind, NameKind, WatchKind};
use crate::report::text::{clock, count, cut, plural, span};
use crate::units::Instant;

/// Faults that are named; of more the number is said.
const MOST_FAULTS: usize = 2;
/// The longest reason of a step that is quoted. Unit: characters.
const LONGEST_REASON: usize = 160;

/// What happened to each procedure, and how each fault ended for clients. Empty if nothing happened.
pub(super) fn response(outcome: &Outcome) -> Vec<String> {
    let found = runs(&outcome.record);
    let mut clauses: Vec<String> = procedures(&found).into_iter().map(|of_one| procedure(&of_one)).collect();
    let failed = found.iter().filter(|run| run.ending != RunEnding::Done).count();
    let changed = found.iter().filter(|run| run.ending.changed_something()).count();
    if found.len() > 1 && failed > 0 {
        clauses.push(format!("{changed} of {} had any effect", plural(found.len() as u64, "run")));
    }
    if found.is_empty() && !outcome.recovery.is_empty() {
        clauses.push(format!("no procedure ran{}", held_back(outcome)));
    }
    clauses.extend(outcome.recovery.iter().take(MOST_FAULTS).map(|recovery| ended(recovery, outcome, &found)));
    if let Some(more) = outcome.recovery.len().checked_sub(MOST_FAULTS).filter(|more| *more > 0) {
        clauses.push(format!("{} below", plural(more as u64, "more recovery").replace("recoverys", "recoveries")));
    }
    clauses
}

/// Why control started nothing, if it said so.
fn held_back(outcome: &Outcome) -> String {
    let reason = |event: &&TimelineEvent| match event.kind {
        Some(EventKind::Watch(kind)) => match kind {
            WatchKind::Refused
            | WatchKind::Unanswered
            | WatchKind::HeldBack
            | WatchKind::NoLongerNeeded
            | WatchKind::Blind => true,
            WatchKind::Detected | WatchKind::Cleared | WatchKind::Decided => false,
            WatchKind::Fit | WatchKind::Unfit | WatchKind::ComingBack => false,
        },
        _ => false,
    };
    let told = outcome.timeline().events().iter().rev().find(reason);
    told.map_or_else(String::new, |event| format!(": {}", quoted(&event.text)))
}

/// The runs by procedure, in the order of their first runs.
fn procedures(runs: &[ProcedureRun]) -> Vec<Vec<&ProcedureRun>> {
    let mut groups: Vec<Vec<&ProcedureRun>> = Vec::new();
    for run in runs {
        match groups.iter_mut().find(|group| group[0].procedure == run.procedure) {
            Some(group) => group.push(run),
            None => groups.push(vec![run]),
        }
    }
    groups
}

fn procedure(runs: &[&ProcedureRun]) -> String {
    let name = &runs[0].procedure;
    if let [run] = runs {
        return format!("{name} {}", one(run));
    }
    let total = runs.len();
    let alike = |run: &&ProcedureRun| run.ending == runs[0].ending && step(run) == step(runs[0]);
    let last = runs[total - 1];
    if runs.iter().all(alike) {
        let how_often = if total == 2 { "twice".to_owned() } else { format!("{} times", count(total as u64)) };
        return match last.ending {
            RunEnding::Done => format!("{name} completed {how_often}"),
            RunEnding::Open => format!("{name} was started {how_often} and never ended"),
            _ => format!("{name} {} {how_often}{}", failed(last.ending), because(last)),
        };
    }
    let done = runs.iter().filter(|run| run.ending == RunEnding::Done).count();
    let others: Vec<&&ProcedureRun> = runs.iter().filter(|run| run.ending != RunEnding::Done).collect();
    let worst = others.last().map_or(String::new(), |run| format!("; the last that did not complete {}", one(run)));
    format!("{name} ran {} times, completed {done} of them{worst}", count(total as u64))
}

fn one(run: &ProcedureRun) -> String {
    match run.ending {
        RunEnding::Done => "completed".to_owned(),
        RunEnding::Open => format!("had not ended when the run ended{}", because(run)),
        RunEnding::Stopped => format!("stopped: {}", quoted(&run.last_words)),
        RunEnding::ChangedNothing => format!("{}{}, and changed nothing", failed(run.ending), because(run)),
        RunEnding::TakenBack => format!("{}{}, and was rolled back", failed(run.ending), because(run)),
        RunEnding::PartlyTakenBack => {
            format!("{}{}, and could not be rolled back completely", failed(run.ending), because(run))
        }
        RunEnding::HandedOver => failed(run.ending).to_owned(),
    }
}

const fn failed(ending: RunEnding) -> &'static str {
    match ending {
        RunEnding::ChangedNothing => "was refused",
        RunEnding::HandedOver => "was left to another controller",
        RunEnding::Stopped => "stopped",
        RunEnding::TakenBack | RunEnding::PartlyTakenBack | RunEnding::Done | RunEnding::Open => "failed",
    }
}

fn step(run: &ProcedureRun) -> Option<&str> {
    run.trouble.as_ref().map(|(step, _)| step.as_str())
}

/// ` at verify_secondary: api in north is down`.
fn because(run: &ProcedureRun) -> String {
    run.trouble.as_ref().map_or_else(String::new, |(step, why)| format!(" at {step}: {}", quoted(why)))
}

fn quoted(why: &str) -> String {
    cut(why, LONGEST_REASON)
}

/// How one fault ended for clients.
fn ended(recovery: &Recovery, outcome: &Outcome, runs: &[ProcedureRun]) -> String {
    let fault = &recovery.fault;
    let Some(rto) = recovery.rto else {
        return format!("clients were not served again after {fault}");
    };
    let recovered = recovery.at.saturating_add(rto);
    let within = |at: Instant| recovery.at <= at && at <= recovered;
    let served = format!("clients were served again {} after {fault}", span(rto));
    // Promotion and routes take effect before the run is over: the first request that was served by it counts.
    let by_procedure = recovery.mitigated_at().is_some_and(within)
        || runs.iter().any(|run| run.ending.changed_something() && run.to.is_some_and(within));
    let by_route = outcome.timeline().events().iter().any(|event| changes_routes(event) && within(event.at));
    if by_procedure || by_route {
        return served;
    }
    match healed(recovery, outcome) {
        Some(at) if at >= outcome.record.workload_end => format!("{fault} lasted until clients stopped sending"),
        Some(at) => format!("{served}, which ended by itself at {}", clock(at)),
        None => served,
    }
}

fn changes_routes(event: &TimelineEvent) -> bool {
    match event.kind {
        Some(EventKind::Name(kind)) => matches!(kind, NameKind::Published | NameKind::FailedOver),
        Some(EventKind::Balancer(kind)) => {
            matches!(kind, BalancerKind::WeightsChanged | BalancerKind::Settled | BalancerKind::Ejected)
        }
        _ => false,
    }
}

/// When the fault was over that clients recovered from: one that flaps is on until it has stopped.
fn healed(recovery: &Recovery, outcome: &Outcome) -> Option<Instant> {
    let fault = outcome.record.faults.iter().find(|fault| fault.id == recovery.fault)?;
    fault.periods.iter().find(|period| period.from == recovery.at)?.until.or(fault.healed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;
    use crate::record::event::{BalancerEvent, Event, ProcedureEvent, Shares, ShiftEvent, WatchEvent};
    use crate::record::{LapResult, Timeline};
    use crate::units::{Ratio, Span};

    /// The outage, with these runs of `failover`, each refused: when each began.
    fn refused(at: &[u64]) -> Outcome {
        let mut outcome = fixture::outage(7);
        outcome.record.timeline = Timeline::default();
        outcome.record.laps.clear();
        let recovery = &mut outcome.recovery[0];
        (recovery.rto, recovery.act, recovery.converge) = (Some(Span::from_mins(20)), None, None);
        for at in at {
            let (procedure, step) = ("failover".to_owned(), "verify".to_owned());
            let note = "api in north failing, 142,893 of 142,923";
            let events: [Event; 4] = [
                ProcedureEvent::Started { procedure: procedure.clone(), does: "moves".into() }.into(),
                ProcedureEvent::step_ended("failover", "verify", LapResult::Failed, note).into(),
                ProcedureEvent::Failed { procedure: procedure.clone(), step, why: "down".into(), past_return: false }
                    .into(),
                ProcedureEvent::Undone { procedure }.into(),
            ];
            events.into_iter().for_each(|event| happens(&mut outcome, *at, event));
        }
        outcome
    }

    fn happens(outcome: &mut Outcome, at: u64, event: impl Into<Event>) {
        outcome.record.timeline.push(TimelineEvent::new(Instant::from_secs(at), event.into()));
    }

    #[test]
    fn a_failover_that_was_refused_twice_says_why_and_who_ended_the_outage() {
        let clauses = response(&refused(&[400, 900]));
        let expected = [
            "failover was refused twice at verify: api in north failing, 142,893 of 142,923",
            "0 of 2 runs had any effect",
            "clients were served again 20m after dark, which ended by itself at 7:00.0",
        ];
        assert_eq!(clauses, expected);
    }

    #[test]
    fn nothing_that_was_done_is_said_too() {
        let clauses = response(&refused(&[]));
        assert_eq!(clauses[0], "no procedure ran");
        assert!(clauses[1].ends_with("ended by itself at 7:00.0"), "{clauses:?}");
        let mut asked = refused(&[]);
        happens(&mut asked, 400, WatchEvent::Refused { by: "alice".to_owned(), reason: "it is night".into() });
        let why = "no procedure ran: alice refuses, it is night: nothing is done until it has recovered";
        assert_eq!(response(&asked)[0], why);
    }

    #[test]
    fn what_a_procedure_or_a_route_mended_did_not_end_by_itself() {
        let clauses = response(&fixture::outage(7));
        assert_eq!(clauses.last().map(String::as_str), Some("clients were served again 4m 43.1s after dark"));
        let mut routed = refused(&[]);
        happens(&mut routed, 330, BalancerEvent::Ejected { region: "west".to_owned() });
        assert_eq!(response(&routed)[1], "clients were served again 20m after dark");
    }

    #[test]
    fn two_shifts_a_second_apart_are_two_that_ended() {
        let mut outcome = refused(&[]);
        let to = |region: &str| Shares(vec![(region.to_owned(), Ratio::ONE)]);
        for (at, region) in [(300, "west"), (301, "north")] {
            happens(&mut outcome, at, ShiftEvent::Started { wanted: to(region) });
        }
        for (at, region) in [(310, "west"), (311, "north")] {
            happens(&mut outcome, at, ShiftEvent::Done { wanted: to(region), round: 2 });
        }
        assert_eq!(response(&outcome)[0], "shift completed twice");
    }

    #[test]
    fn who_was_never_served_again_is_said_to_be_so() {
        let clauses = response(&fixture::stalled(7));
        assert_eq!(clauses.last().map(String::as_str), Some("clients were not served again after dark"));
    }
}

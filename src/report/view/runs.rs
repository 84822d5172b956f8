//! What each run of a procedure came to: how it ended, on what it failed, whether it changed anything.
//!
//! Owns the reading of a run's events and laps. Does not know what the steps of any procedure do. Invariant: a run that
//! began has one end, or none if the rehearsal ended first; a run that took back what it did is not one that changed
//! something.

use crate::record::event::RunPhase;
use crate::record::{Lap, LapResult, Record};
use crate::units::Instant;

/// How a run of a procedure ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Every step was done.
    Done,
    /// It failed before it had done anything that would have to be taken back.
    ChangedNothing,
    /// It failed, and took back what it had done.
    TakenBack,
    /// It failed, and not everything could be taken back.
    PartlyTakenBack,
    /// It stopped where it cannot be taken back, or because its journal could not be written.
    Stopped,
    /// Another controller took over.
    HandedOver,
    /// It had not ended when the rehearsal did.
    Open,
}

impl Ending {
    /// Whether the world is another one after such a run, as far as the run knows.
    pub(crate) const fn changed_something(self) -> bool {
        matches!(self, Self::Done | Self::PartlyTakenBack | Self::Stopped)
    }
}

/// One run of a procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProcedureRun {
    /// The procedure.
    pub procedure: String,
    /// When it began.
    pub from: Instant,
    /// When it ended; `None` if it had not when the rehearsal did.
    pub to: Option<Instant>,
    /// How it ended.
    pub ending: Ending,
    /// The step it failed at, and why. For a run that stopped, all of it in the words of the event.
    pub trouble: Option<(String, String)>,
    /// What its last event said.
    pub last_words: String,
}

/// The runs of all procedures, by when they began.
pub(crate) fn runs(record: &Record) -> Vec<ProcedureRun> {
    let mut found: Vec<ProcedureRun> = Vec::new();
    for event in record.timeline.events() {
        let Some((procedure, phase)) = event.run() else { continue };
        if phase == RunPhase::Started {
            found.push(begun(procedure, event.at));
            continue;
        }
        let Some(run) = found.iter_mut().rev().find(|run| run.procedure == procedure) else { continue };
        let ending = match phase {
            RunPhase::Resumed => Ending::Open,
            RunPhase::Done => Ending::Done,
            RunPhase::Undone => Ending::ChangedNothing,
            RunPhase::UndoFailed => Ending::PartlyTakenBack,
            RunPhase::Stopped => Ending::Stopped,
            RunPhase::Superseded => Ending::HandedOver,
            RunPhase::Failed => {
                run.trouble = event.event.trouble();
                continue;
            }
            RunPhase::Started | RunPhase::Found => continue,
        };
        run.ending = ending;
        run.to = (ending != Ending::Open).then_some(event.at);
        run.last_words.clone_from(&event.text);
    }
    let told = found.len();
    for lap in &record.laps {
        take_in(lap, &mut found, told);
    }
    found.sort_by_key(|run| run.from);
    found
}

fn begun(procedure: &str, from: Instant) -> ProcedureRun {
    let (procedure, last_words) = (procedure.to_owned(), String::new());
    ProcedureRun { procedure, from, to: None, ending: Ending::Open, trouble: None, last_words }
}

/// Adds what `lap` shows of its run: of the first `told` runs events have told the end. A record without events, such as
/// a made-up one, has only laps, of which the last one decides.
fn take_in(lap: &Lap, runs: &mut Vec<ProcedureRun>, told: usize) {
    let its = |run: &ProcedureRun| run.procedure == lap.procedure && run.from <= lap.start;
    let index = runs.iter().rposition(its).unwrap_or_else(|| {
        runs.push(begun(lap.procedure, lap.start));
        runs.len() - 1
    });
    let run = &mut runs[index];
    if matches!(lap.result, LapResult::Failed | LapResult::OverBudget) {
        run.trouble = Some((lap.step.to_owned(), lap.note.clone()));
    }
    if index < told {
        if lap.result == LapResult::Undone && run.ending == Ending::ChangedNothing {
            run.ending = Ending::TakenBack;
        }
        return;
    }
    run.to = Some(lap.start.saturating_add(lap.took));
    run.ending = match lap.result {
        LapResult::Done => Ending::Done,
        LapResult::Failed | LapResult::OverBudget => Ending::ChangedNothing,
        LapResult::Undone => Ending::TakenBack,
        LapResult::UndoFailed => Ending::PartlyTakenBack,
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;
    use crate::record::{Actor, Timeline};
    use crate::units::Span;

    fn record(events: &[(u64, &str, &str)], laps: &[(u64, &'static str, LapResult, &str)]) -> Record {
        let mut record = fixture::outage(0).record;
        record.timeline = Timeline::default();
        for (at, name, text) in events {
            record.timeline.push_told(Instant::from_secs(*at), Actor::Control, format!("failover.{name}"), *text);
        }
        let lap = |(at, step, result, note): &(u64, &'static str, LapResult, &str)| Lap {
            procedure: "failover",
            run: 1,
            step: (*step).to_owned(),
            start: Instant::from_secs(*at),
            took: Span::from_secs(1),
            budget: Span::from_secs(9),
            tries: 1,
            result: *result,
            note: (*note).to_owned(),
        };
        record.laps = laps.iter().map(lap).collect();
        record
    }

    #[test]
    fn a_refusal_before_the_first_change_changed_nothing_and_what_was_taken_back_changed_nothing_that_stays() {
        let events = [
            (10, "started", ""),
            (11, "failed", "verify: down; taking back what was done"),
            (12, "undone", "everything is as it was"),
            (20, "started", ""),
            (25, "failed", "switch: no; taking back what was done"),
            (27, "undone", "everything is as it was"),
            (30, "started", ""),
            (40, "done", "2 steps"),
        ];
        let laps = [
            (10, "verify", LapResult::Failed, "api in north is down"),
            (20, "verify", LapResult::Done, ""),
            (24, "switch", LapResult::Failed, "refused"),
            (25, "switch", LapResult::Undone, ""),
            (30, "verify", LapResult::Done, ""),
        ];
        let found = runs(&record(&events, &laps));
        let endings: Vec<_> = found.iter().map(|run| run.ending).collect();
        assert_eq!(endings, [Ending::ChangedNothing, Ending::TakenBack, Ending::Done]);
        assert_eq!(found[0].trouble, Some(("verify".to_owned(), "api in north is down".to_owned())));
        assert_eq!(found.iter().filter(|run| run.ending.changed_something()).count(), 1);
    }

    #[test]
    fn a_run_that_another_controller_resumed_is_one_run() {
        let events = [(10, "started", ""), (20, "superseded", "gone"), (30, "resumed", ""), (40, "done", "9 steps")];
        let found = runs(&record(&events, &[]));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].ending, found[0].to), (Ending::Done, Some(Instant::from_secs(40))));
    }

    #[test]
    fn a_run_that_stopped_past_its_point_of_no_return_changed_something_and_says_why() {
        let why = "promote: no answer; past the point of no return, so nothing is taken back: a person must act";
        let found = runs(&record(&[(10, "started", ""), (20, "failed", why), (20, "stopped", why)], &[]));
        assert!(found[0].ending == Ending::Stopped && found[0].ending.changed_something());
        assert_eq!(found[0].last_words, why);
    }

    #[test]
    fn a_refusal_of_people_leaves_no_lap_and_is_a_run_all_the_same() {
        let events = [(10, "started", ""), (20, "failed", "promote: bob refuses; taking back what was done")];
        let found = runs(&record(&events, &[]));
        assert_eq!(found[0].trouble.as_ref().map(|(step, _)| step.as_str()), Some("promote"));
        assert_eq!((found[0].ending, found[0].to), (Ending::Open, None));
    }
}

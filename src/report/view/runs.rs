//! What each run of a procedure came to: how it ended, on what it failed, whether it changed anything.
//!
//! Owns what a reader is shown of a run's events, which others have put together. Does not know what the steps of any
//! procedure do. Invariant: a run that began has one end, or none if the rehearsal ended first; a run that took back
//! what it did is not one that changed something.

use crate::record::event::{EventKind, ProcedureKind, RunPhase};
use crate::record::{ControlRun, Record, RunState, TimelineEvent};
use crate::units::Instant;

/// How a run of a procedure ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunEnding {
    /// Every step was done.
    Done,
    /// It failed before it had done anything that would have to be undone.
    ChangedNothing,
    /// It failed, and took back what it had done.
    TakenBack,
    /// It failed, and not everything could be rolled back.
    PartlyTakenBack,
    /// It stopped past its point of no return, or because its journal could not be written.
    Stopped,
    /// Another controller took over.
    HandedOver,
    /// It had not ended when the rehearsal ended.
    Open,
}

impl RunEnding {
    fn of(run: &ControlRun<'_>) -> Self {
        let took_back = |event: &&TimelineEvent| event.kind == Some(EventKind::Procedure(ProcedureKind::StepUndone));
        match run.state {
            RunState::Planned | RunState::UnderWay => Self::Open,
            RunState::HandedOver => Self::HandedOver,
            RunState::Done => Self::Done,
            RunState::Undone if run.events.iter().any(took_back) => Self::TakenBack,
            RunState::Undone => Self::ChangedNothing,
            RunState::UndoFailed => Self::PartlyTakenBack,
            RunState::Stopped => Self::Stopped,
        }
    }

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
    /// When it ended; `None` if it had not when the rehearsal did.
    pub to: Option<Instant>,
    /// How it ended.
    pub ending: RunEnding,
    /// The step it failed at, and why. For a run that stopped, all of it in the words of the event.
    pub trouble: Option<(String, String)>,
    /// What its last event said.
    pub last_words: String,
}

/// The runs of all procedures and shifts that began, in the order in which they did.
pub(crate) fn runs(record: &Record) -> Vec<ProcedureRun> {
    let all = ControlRun::all(&record.timeline);
    all.iter().filter(|run| run.state != RunState::Planned).map(ProcedureRun::of).collect()
}

impl ProcedureRun {
    fn of(run: &ControlRun<'_>) -> Self {
        // What a step saw says more than what the run makes of it.
        let step = run.failed_steps().last().map(|event| (event.part("step").unwrap_or(""), &event.text));
        let step = step.map(|(step, why)| (step.to_owned(), why.clone()));
        let told = || run.last(&[RunPhase::Failed]).and_then(|event| event.event.trouble());
        Self {
            procedure: run.name.to_owned(),
            to: run.until,
            ending: RunEnding::of(run),
            trouble: step.or_else(told),
            last_words: run.events.last().map_or_else(String::new, |event| event.text.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;
    use crate::record::event::ProcedureEvent;
    use crate::record::{LapResult, Timeline};

    fn of(events: &[(u64, ProcedureEvent)]) -> Vec<ProcedureRun> {
        let mut record = fixture::quiet(7).record;
        record.timeline = Timeline::default();
        for (at, event) in events {
            record.timeline.push(TimelineEvent::new(Instant::from_secs(*at), event.clone().into()));
        }
        runs(&record)
    }

    fn name() -> String {
        "failover".to_owned()
    }

    fn started() -> ProcedureEvent {
        ProcedureEvent::Started { procedure: name(), does: "moves".into() }
    }

    fn failed(step: &str, why: &str, past_return: bool) -> ProcedureEvent {
        ProcedureEvent::Failed { procedure: name(), step: step.to_owned(), why: why.into(), past_return }
    }

    fn step(step: &str, result: LapResult, note: &str) -> ProcedureEvent {
        ProcedureEvent::step_ended("failover", step, result, note)
    }

    fn undone() -> ProcedureEvent {
        ProcedureEvent::Undone { procedure: name() }
    }

    fn done() -> ProcedureEvent {
        ProcedureEvent::Done { procedure: name(), steps: 2 }
    }

    #[test]
    fn a_refusal_before_the_first_change_changed_nothing_and_what_was_taken_back_changed_nothing_that_stays() {
        let found = of(&[
            (10, started()),
            (11, step("verify", LapResult::Failed, "api in north is down")),
            (11, failed("verify", "down", false)),
            (12, undone()),
            (20, started()),
            (24, step("verify", LapResult::Done, "")),
            (25, step("switch", LapResult::Failed, "refused")),
            (25, failed("switch", "no", false)),
            (26, step("switch", LapResult::Undone, "")),
            (27, undone()),
            (30, started()),
            (40, done()),
        ]);
        let endings: Vec<_> = found.iter().map(|run| run.ending).collect();
        assert_eq!(endings, [RunEnding::ChangedNothing, RunEnding::TakenBack, RunEnding::Done]);
        assert_eq!(found[0].trouble, Some(("verify".to_owned(), "api in north is down".to_owned())));
        assert_eq!(found.iter().filter(|run| run.ending.changed_something()).count(), 1);
    }

    #[test]
    fn a_run_that_another_controller_resumed_is_one_run() {
        let superseded = ProcedureEvent::Superseded { procedure: name(), why: "gone".into() };
        let resumed = ProcedureEvent::Resumed { procedure: name(), run: "failover#1".to_owned(), at: None };
        let handed_over = of(&[(10, started()), (20, superseded.clone())]);
        assert_eq!(handed_over[0].ending, RunEnding::HandedOver);
        let found = of(&[(10, started()), (20, superseded), (30, resumed), (40, done())]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].ending, found[0].to), (RunEnding::Done, Some(Instant::from_secs(40))));
    }

    #[test]
    fn a_run_that_stopped_past_its_point_of_no_return_changed_something_and_says_why() {
        let why = "promote: no answer; past the point of no return, so nothing is rolled back: a person must act";
        let (step, unanswered) = (Some("promote".to_owned()), "no answer".into());
        let stopped = ProcedureEvent::Stopped { procedure: name(), step, why: unanswered };
        let found = of(&[(10, started()), (20, failed("promote", "no answer", true)), (20, stopped)]);
        assert!(found[0].ending == RunEnding::Stopped && found[0].ending.changed_something());
        assert_eq!(found[0].last_words, why);
    }

    #[test]
    fn a_refusal_of_people_leaves_no_lap_and_is_a_run_all_the_same() {
        let found = of(&[(10, started()), (20, failed("promote", "bob refuses", false))]);
        assert_eq!(found[0].trouble.as_ref().map(|(step, _)| step.as_str()), Some("promote"));
        assert_eq!((found[0].ending, found[0].to), (RunEnding::Open, None));
    }
}

//! The way back, and the steps in order with what they took beside what they may take, and until when each could be taken
//! back.
//!
//! Does not know what a step does. Invariant: the last safe moment is the start of the step in which the point of no return
//! lies: where inside that step it lies, the record does not say, so the whole step counts as too late.

use super::settings::{PlannedStep, executor, followers, is_undone, on_call, planned};
use super::{Chapter, ChapterPart, ChapterRows};
use crate::outcome::Outcome;
use crate::record::{ControlRun, Lap, LapResult, Record, StoreRecord};
use crate::report::text::{clock, plural, span};
use crate::units::{Instant, Span};

const NONE: &str = "–";

/// The most runs of procedures that are shown step by step.
const MOST_RUNS: usize = 12;

/// The step of `run` in which the point of no return lies, if it came to that.
pub(super) fn closes<'a>(record: &'a Record, run: &ControlRun<'_>) -> Option<&'a Lap> {
    let until = run.until.unwrap_or(record.end);
    let inside = |lap: &&Lap| lap.procedure == run.name && lap.start >= run.from && lap.start <= until;
    record.laps.iter().filter(inside).find(|lap| lap.past_return)
}

/// One run of a procedure, by its laps.
struct SteppedRun<'a> {
    laps: Vec<&'a Lap>,
    from: Instant,
    to: Instant,
    /// The step in which the point of no return lies.
    closing: Option<&'a Lap>,
}

impl<'a> SteppedRun<'a> {
    fn all(record: &'a Record) -> Vec<Self> {
        let of_run = |mut laps: Vec<&'a Lap>| {
            let closing = laps.iter().copied().find(|lap| lap.past_return);
            laps.sort_by_key(|lap| lap.start);
            let from = laps.iter().map(|lap| lap.start).min().unwrap_or(Instant::ZERO);
            let to = laps.iter().map(|lap| end(lap)).max().unwrap_or(from);
            Self { laps, from, to, closing }
        };
        Lap::by_run(&record.laps).into_iter().map(of_run).collect()
    }

    fn procedure(&self) -> &'a str {
        &self.laps[0].procedure
    }

    fn title(&self) -> String {
        format!("{}, run {}", self.procedure(), self.laps[0].run)
    }

    fn was_undone(&self) -> bool {
        self.laps.iter().any(|lap| is_undoing(lap))
    }
}

fn end(lap: &Lap) -> Instant {
    lap.start.saturating_add(lap.took)
}

fn is_undoing(lap: &Lap) -> bool {
    matches!(lap.result, LapResult::Undone | LapResult::UndoFailed)
}

/// The back-out plan.
pub(super) fn way_back(outcome: &Outcome) -> Chapter {
    let runs = SteppedRun::all(&outcome.record);
    let mut parts = Vec::new();
    if runs.is_empty() {
        parts.push(ChapterPart::Words("No procedure ran in this run, so it shows no way back.".to_owned()));
    }
    for run in runs.iter().take(MOST_RUNS) {
        parts.push(ChapterPart::Words(until_when(outcome, run)));
        parts.push(ChapterPart::Rows(undos(outcome, run)));
        parts.push(ChapterPart::Words(from_then_on(outcome, run)));
    }
    let follows = followers(outcome).into_iter().map(|[id, procedure, then]| {
        let ran = outcome.record.laps.iter().any(|lap| lap.procedure == then);
        let ran = if ran { "it ran in this run" } else { "it did not run in this run" };
        format!("Once {procedure} is done and what it left is healthy, controller {id} runs {then}: {ran}.")
    });
    parts.push(ChapterPart::Items(follows.collect()));
    let cuts: Vec<String> = outcome.record.stores.iter().flat_map(cuts).collect();
    if !cuts.is_empty() {
        let words = "What changing the copy that leads left behind, database by database. Before the first cut of a history no \
                     acknowledged write is left behind; what going back after it would lose, this run does not show:";
        parts.push(ChapterPart::Words(words.to_owned()));
        parts.push(ChapterPart::Items(cuts));
    }
    Chapter { id: "way-back", title: "The way back", parts }
}

fn until_when(outcome: &Outcome, run: &SteppedRun<'_>) -> String {
    let (title, who) = (run.title(), executor(outcome, run.procedure()));
    match run.closing {
        Some(lap) => format!(
            "{title}: until {} ({} after it began), when {} begins, {who} takes back by itself what was done if a step \
             fails, last step first. The point of no return lies in that step.",
            clock(lap.start),
            span(lap.start.since(run.from)),
            lap.step
        ),
        None if run.was_undone() => format!("{title}: {who} took back what was done, last step first."),
        None => format!(
            "{title}: it came to no point of no return. Until its last step ended at {}, {who} takes back by itself what \
             was done if a step fails, last step first.",
            clock(run.to)
        ),
    }
}

fn from_then_on(outcome: &Outcome, run: &SteppedRun<'_>) -> String {
    let called = match on_call(outcome, run.procedure()) {
        names if names.is_empty() => "the scenario names nobody on call".to_owned(),
        names => format!("on call: {}", names.join(", ")),
    };
    match run.closing {
        Some(lap) => format!(
            "From {} at the latest nothing is taken back by itself. If a step then fails and trying again does not help, a \
             person must act; {called}.",
            clock(end(lap))
        ),
        None => format!("If taking something back fails, a person must act; {called}."),
    }
}

/// The steps that are undone, last first.
fn undos(outcome: &Outcome, run: &SteppedRun<'_>) -> ChapterRows {
    let who = executor(outcome, run.procedure());
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut together = Span::ZERO;
    for lap in run.laps.iter().rev().filter(|lap| lap.undo.is_some()) {
        if rows.iter().any(|row| row[0] == lap.step) || run.closing.is_some_and(|closing| closing.start < lap.start) {
            continue;
        }
        let undone = run.laps.iter().find(|other| other.step == lap.step && is_undoing(other));
        let seen = undone.map_or_else(
            || "not needed in this run".to_owned(),
            |undone| format!("{} in {}", undone.result.to_string().replace('_', " "), span(undone.took)),
        );
        let (who, within) = match is_undone(outcome, run.procedure(), &lap.step) {
            true => (who.clone(), lap.undo.map_or_else(|| NONE.to_owned(), span)),
            false => ("a person".to_owned(), "the scenario says that it is not undone".to_owned()),
        };
        together = together.saturating_add(lap.undo.unwrap_or(Span::ZERO));
        rows.push(vec![lap.step.clone(), who, within, seen]);
    }
    let caption = match rows.is_empty() {
        true => format!("{}: no step changed anything that is undone", run.title()),
        false => format!("{}: what is undone, last first; budgets of {} together", run.title(), span(together)),
    };
    ChapterRows { caption, heads: &["Step", "Executor", "Undone within", "In this run"], rows }
}

/// The cuts of one database's history.
fn cuts(store: &StoreRecord) -> Vec<String> {
    let name = &store.store;
    if store.cuts.is_empty() {
        return vec![format!("{name}: one copy led throughout; its history was not cut.")];
    }
    let said = store.cuts.iter().map(|cut| {
        let to = cut.to.as_deref().unwrap_or("no copy");
        let lost = match cut.lost {
            0 => "no acknowledged write was left behind".to_owned(),
            lost => format!("{} left behind", plural(lost, "acknowledged write")),
        };
        if cut.overwrites {
            let lost = plural(cut.lost, "acknowledged write");
            return format!("{name}: at {} control overwrote {lost} in {} with older ones.", clock(cut.at), cut.from);
        }
        format!("{name}: at {} {to} took over from {}: {lost}.", clock(cut.at), cut.from)
    });
    said.collect()
}

/// The steps.
pub(super) fn chapter(outcome: &Outcome) -> Chapter {
    let runs = SteppedRun::all(&outcome.record);
    let mut parts = Vec::new();
    if runs.is_empty() {
        parts.push(ChapterPart::Words("No step of any procedure was performed in this run.".to_owned()));
    }
    for run in runs.iter().take(MOST_RUNS) {
        parts.push(ChapterPart::Rows(steps(run)));
        let missing: Vec<String> = unreached(outcome, run).iter().map(not_reached).collect();
        if !missing.is_empty() {
            parts.push(ChapterPart::Words(format!("{}: planned and not performed in this run:", run.title())));
            parts.push(ChapterPart::Items(missing));
        }
    }
    if let Some(more) = runs.len().checked_sub(MOST_RUNS).filter(|more| *more > 0) {
        parts.push(ChapterPart::Words(format!("{} more are in the report.", plural(more as u64, "run"))));
    }
    Chapter { id: "steps", title: "The steps, and the last safe moment of each", parts }
}

fn steps(run: &SteppedRun<'_>) -> ChapterRows {
    let rows = run.laps.iter().map(|lap| {
        let name = if is_undoing(lap) { format!("undo {}", lap.step) } else { lap.step.clone() };
        let budget = (lap.budget != Span::ZERO).then_some(lap.budget);
        let left = budget.map(|budget| match lap.took > budget {
            true => format!("{} over", span(lap.took.saturating_sub(budget))),
            false => span(budget.saturating_sub(lap.took)),
        });
        vec![
            name,
            clock(lap.start),
            format!("+{}", span(lap.start.since(run.from))),
            span(lap.took),
            budget.map_or_else(|| NONE.to_owned(), span),
            left.unwrap_or_else(|| NONE.to_owned()),
            safe_until(run, lap),
            lap.result.to_string().replace('_', " "),
        ]
    });
    let heads = &["Step", "Starts", "Since it began", "Took", "Budget", "Left", "Can be taken back until", "Result"];
    let caption =
        format!("{}: {} in {}", run.title(), plural(run.laps.len() as u64, "step"), span(run.to.since(run.from)));
    ChapterRows { caption, heads, rows: rows.collect() }
}

fn safe_until(run: &SteppedRun<'_>, lap: &Lap) -> String {
    match run.closing {
        _ if is_undoing(lap) => NONE.to_owned(),
        Some(closing) if lap.start < closing.start => clock(closing.start),
        Some(closing) if lap.start == closing.start => format!("{}, its start", clock(closing.start)),
        Some(_) => "no longer".to_owned(),
        None if run.was_undone() => "it was taken back".to_owned(),
        None => format!("{}, the end", clock(run.to)),
    }
}

fn unreached<'a>(outcome: &'a Outcome, run: &SteppedRun<'_>) -> Vec<PlannedStep<'a>> {
    let mut all = planned(outcome, run.procedure());
    all.retain(|step| run.laps.iter().all(|lap| lap.step != step.name));
    all
}

fn not_reached(step: &PlannedStep<'_>) -> String {
    let undo = step.undo.map_or_else(|| "nothing to undo".to_owned(), |undo| format!("undone within {undo}"));
    format!("{}: budget {}, {undo}", step.name, step.budget)
}

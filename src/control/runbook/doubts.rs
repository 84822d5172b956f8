//! What can never work, in any world: steps that contradict each other, or wait longer than they may.
//!
//! Invariant: every problem names the step it is about at its place, and a remedy.

use super::WrittenStep;
use crate::field::{Problem, Problems};
use crate::procedure::{RunbookStep, StepAction};

pub(super) fn refuse(steps: &[RunbookStep], written: &[WrittenStep], problems: &mut Problems) {
    refuse_doubles(written, problems);
    for (index, (step, at)) in steps.iter().zip(written).enumerate() {
        let mut refuse = |field: Option<&str>, message: String, help: &str| {
            let place = field.map_or(at.place, |field| at.common.place(field));
            problems.push(Problem::error("FD0242", place, message).help(help));
        };
        if step.beside && index == 0 {
            refuse(Some("beside"), format!("there is no step before `{}`", step.name), "leave `beside` out");
        }
        if step.beside {
            for other in stage_before(steps, index).iter().filter(|other| other.action.contradicts(&step.action)) {
                let message = format!("`{}` and `{}` run in parallel and change the same thing", other.name, step.name);
                refuse(Some("beside"), message, "run one after the other: leave `beside` out");
            }
        }
        if let (StepAction::Wait { span }, Some(budget)) = (&step.action, step.figures.budget)
            && *span >= budget
        {
            let message = format!("`{}` waits {span:#}, but its budget is {budget:#}", step.name);
            refuse(Some("budget"), message, "leave `budget` out, or make it longer than the wait");
        }
        let written = |field: &&str| at.common.origin(field).is_by_hand();
        if let Some(field) = ["undo_budget", "undo_tries"].into_iter().find(written).filter(|_| !step.undo) {
            let message = format!("`{}` is never undone: it says `undo: false`", step.name);
            refuse(Some(field), message, "leave one of the two out");
        }
        if let StepAction::Promote { database, .. } = &step.action {
            // One epoch for a database in a run: what was opened under it is open.
            let same = |other: &&RunbookStep| matches!(&other.action, StepAction::Promote { database: same, .. } if same == database);
            if let Some(first) =
                steps[..index].iter().find(same).filter(|first| first.when.is_none() || step.when.is_none())
            {
                let message =
                    format!("`{}` opens a copy of {database}, but `{}` has already opened one", step.name, first.name);
                refuse(None, message, "open one copy, or give both steps a `when`");
            }
        }
        if let StepAction::Fence { database, .. } = &step.action {
            let opened = |later: &RunbookStep| {
                let opens = matches!(&later.action, StepAction::Promote { database: same, .. } if same == database);
                opens && (later.when.is_none() || later.when == step.when)
            };
            if !steps[index + 1..].iter().any(opened) {
                let message =
                    format!("`{}` fences {database} off, and no later step is certain to open a copy", step.name);
                refuse(
                    None,
                    message,
                    "nobody could write to it any more: add a `promote` after it, with no other `when`",
                );
            }
        }
    }
}

fn refuse_doubles(written: &[WrittenStep], problems: &mut Problems) {
    for (index, step) in written.iter().enumerate() {
        if let Some(first) = written[..index].iter().find(|other| other.name == step.name) {
            let problem = Problem::error("FD0109", step.place, format!("two steps are called `{}`", step.name));
            problems.push(problem.help("give one of them another `name`").note(first.place, "the first one is here"));
        }
    }
}

/// The steps before that index which run in parallel with it.
fn stage_before(steps: &[RunbookStep], index: usize) -> &[RunbookStep] {
    let from = (0..index).rev().find(|at| !steps[*at].beside).unwrap_or(0);
    &steps[from..index]
}

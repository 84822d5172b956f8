//! Procedures as steps in a scenario: how they are written, and what is wrong with a list of them as it stands.
//!
//! Owns the fields of steps and conditions, and the checks that need no world. Does not know what an action does.
//!
//! Invariant: a list that is accepted has steps of different names, and none that could only contradict or outlast itself.

mod actions;
mod doubts;
mod misfits;

pub use actions::{ACTIONS, ActionKind, CONDITIONS};
pub use misfits::{StepMisfit, misfits};

use super::procedures::SimulatedProcedure;
use super::settings::{BUDGET, PAUSE, TRIES, UNDO_BUDGET, UNDO_TRIES, check_step, figures, settle_step};
use crate::field::{Field, FieldType, Kind, Place, Problem, Problems, Value, Values};
use crate::procedure::{Runbook, RunbookPlan, RunbookStep};

/// A procedure of a scenario's own.
pub const RUNBOOK: Kind = Kind::new(
    "runbook",
    "A procedure of your own: its steps, in order. Instead of a table, the list alone will do.",
    &[
        Field::with(
            "about",
            FieldType::Text,
            "the steps that the scenario says",
            "product default: nothing is known of it",
            "A one-line description.",
        ),
        Field::derived(
            "limit",
            FieldType::PositiveSpan,
            "as long as its steps may take",
            "",
            "How long after its start it may still start another round of a step past the point of no return.",
        ),
        Field::required("steps", FieldType::Any, "Its steps, in order: each an action with its fields."),
    ],
)
.short("steps");

/// What every step of a runbook has.
pub const STEP: Kind = Kind::new(
    "runbook step",
    "Fields of every step of your own procedure, in addition to those of its action.",
    &[
        Field::derived("name", FieldType::Name, "the action, numbered if there are several", "", "What it is called."),
        Field::optional(
            "when",
            FieldType::OneOf(CONDITIONS),
            "The condition under which it is performed; otherwise it is skipped. Evaluated once, before it starts. \
             Left out: always performed.",
        ),
        Field::with(
            "beside",
            FieldType::Flag,
            "false",
            "product default: one step after the other",
            "Whether it runs in parallel with the step before it.",
        ),
        BUDGET,
        TRIES,
        PAUSE,
        UNDO_BUDGET,
        UNDO_TRIES,
        Field::with(
            "undo",
            FieldType::Flag,
            "true",
            "product policy: a failed run leaves nothing behind",
            "Whether it is undone when a later step fails, if what it changes can be undone. If it is not, the run \
             ends as one that could not be rolled back: a person must act.",
        ),
        Field::with(
            "point_of_no_return",
            FieldType::Flag,
            "false",
            "product default: opening a copy always is one",
            "Whether nothing is undone once it has started: from there, only forward.",
        ),
    ],
);

/// One step as it was read, with its place.
#[derive(Debug)]
pub struct WrittenStep {
    /// Where it stands.
    pub place: Place,
    /// What it is called.
    pub name: String,
    /// The action's own fields.
    pub own: Values,
    /// Those that every step has.
    pub common: Values,
}

/// The procedure of these steps, whose figures are settled in them. `None` if a problem was reported.
pub fn runbook(
    name: &str,
    table: &mut Values,
    written: &mut [WrittenStep],
    problems: &mut Problems,
) -> Option<(RunbookPlan, SimulatedProcedure)> {
    let errors = problems.error_count();
    let steps: Vec<Option<RunbookStep>> = written.iter().map(|step| read(step, problems)).collect();
    let steps: Vec<RunbookStep> = steps.into_iter().collect::<Option<_>>()?;
    if steps.is_empty() {
        let problem = Problem::error("FD0242", table.place("steps"), format!("`{name}` has no steps"));
        problems.push(problem.help("write at least one, such as `- point_record: api.example`"));
    }
    doubts::refuse(&steps, written, problems);
    let (doc, limit) = (table.text("about").to_owned(), table.opt_span("limit"));
    let plan = RunbookPlan { name: name.to_owned(), doc, limit, steps };
    let dry = plan.dry_run();
    table.settle_from("limit", Value::Span(dry.limit), dry.limit_source);
    for (step, written) in dry.steps.iter().zip(written) {
        settle_step(&mut written.common, step);
        check_step(&written.common, step, problems);
    }
    if problems.error_count() > errors {
        return None;
    }
    let (moves, told) = (plan.moves(), plan.clone());
    Some((plan, SimulatedProcedure::written::<Runbook>(dry, moves, move |brief| told.told(brief))))
}

fn read(written: &WrittenStep, problems: &mut Problems) -> Option<RunbookStep> {
    let WrittenStep { name, own, common, .. } = written;
    let kind = ACTIONS.iter().find(|action| action.kind.name == own.kind.name)?;
    Some(RunbookStep {
        name: name.clone(),
        action: (kind.build)(own, problems)?,
        when: common.opt_table("when").map(actions::condition),
        figures: figures(common),
        undo: common.flag("undo"),
        no_return: common.flag("point_of_no_return"),
        beside: common.flag("beside"),
    })
}

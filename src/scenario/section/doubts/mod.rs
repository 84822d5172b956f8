//! What is right as it is written, and yet decides nothing, or decides in silence: too late, too coarse, too few, too slow.
//!
//! Owns the warnings that say so before the run, with the numbers behind each. Does not know what a run would show.
//! Invariant: a warning names a place, says why it matters in figures, and says what to write instead.

mod coarse;
mod deadline;
mod idle;
mod ineffective;
mod limits;
mod load;
mod population;
mod recurring;
mod rivals;
mod scattered;
mod stranded;
mod unkept;

pub(in crate::scenario) use load::{mean as mean_rate, per_second};

use super::Context;
use crate::control::Control;
use crate::fault::PlannedFault;
use crate::field::{Field, FieldType, Place, Problem, Values};
use crate::model::plan::WorldPlan;
use std::sync::Arc;

/// The codes of these warnings.
pub(in crate::scenario) const CODES: [&str; 13] = [
    "FD0510", "FD0512", "FD0513", "FD0514", "FD0515", "FD0516", "FD0517", "FD0518", "FD0519", "FD0520", "FD0521",
    "FD0522", "FD0523",
];

/// Adds every doubt about a scenario whose sections are right.
pub(in crate::scenario) fn warn(
    world: &WorldPlan,
    faults: &[PlannedFault],
    (acting, runs): (&[Arc<dyn Control>], Option<u64>),
    context: &mut Context<'_>,
) {
    let ledger = std::mem::take(context.ledger);
    let properties = of(&ledger, "properties.");
    let names = world.controllers.iter().map(|controller| controller.name.as_str());
    let watches = names.zip(acting).filter_map(|(name, control)| Some((name, control.acts_after(world)?))).collect();
    let controls = (of(&ledger, "control."), watches);
    deadline::warn(world, faults, &properties, context);
    deadline::never_begins(world, &controls.0, context);
    coarse::warn(world, &properties, context);
    population::warn(world, &properties, context);
    idle::warn(world, faults, &controls, context);
    rivals::refuse(world, acting, &controls.0, context);
    stranded::warn(world, acting, &controls.0, context);
    rivals::warn_of_plans(&controls.0, context);
    limits::warn(world, acting, context);
    load::warn(world, runs, context);
    unkept::warn(world, &ledger, context);
    scattered::warn(world, &ledger, context);
    recurring::warn(world.duration, &ledger, context);
    ineffective::warn(world, &ledger, context);
    *context.ledger = ledger;
}

/// Those of them that are errors, of a scenario that has others.
pub(in crate::scenario) fn refuse(world: &WorldPlan, faults: &[PlannedFault], context: &mut Context<'_>) {
    let ledger = std::mem::take(context.ledger);
    deadline::warn(world, faults, &of(&ledger, "properties."), context);
    deadline::never_begins(world, &of(&ledger, "control."), context);
    *context.ledger = ledger;
}

/// What was decoded under `prefix`, with its name.
fn of<'l>(ledger: &'l [(String, Values)], prefix: &str) -> Vec<(&'l str, &'l Values)> {
    let named = |(path, values): &'l (String, Values)| {
        let rest = path.strip_prefix(prefix)?;
        Some((rest.split('.').next().unwrap_or(rest), values))
    };
    ledger.iter().filter_map(named).collect()
}

/// The expressions of a property, each with its field and place.
fn expressions(values: &Values) -> Vec<(&'static str, &str, Place)> {
    let fields = values.fields().map(|(field, ..)| field);
    let written = |field: &'static Field| {
        let expression = matches!(field.ty, FieldType::Expression);
        let (text, place) = expression.then(|| values.opt_expression(field.name)).flatten()?;
        Some((field.name, text, place))
    };
    fields.filter_map(written).collect()
}

fn doubt(code: &'static str, place: Place, message: String, help: impl Into<String>) -> Problem {
    Problem::warning(code, place, message).help(help)
}

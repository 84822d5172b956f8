//! `procedures`: budgets, tries and limits of procedures, whichever controller runs them.
//!
//! The fields and what they mean are the control layer's. Invariant: what is printed is what the controllers of this
//! scenario go by; what is set of a procedure that none of them runs is said to go nowhere.

use super::{Context, Named};
use crate::control::{Control, PROCEDURE, ProcedureSettings, Procedures, SimulatedProcedure};
use crate::field::{Catalog, Origin, Place, Problem, Referent};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The procedures of a scenario, and where something is written of them.
pub(in crate::scenario) struct Section {
    /// What can be run.
    pub procedures: Procedures,
    /// How it is gone about.
    pub settings: ProcedureSettings,
    written: Vec<(String, Place)>,
}

pub(in crate::scenario) fn build(context: &mut Context<'_>, catalog: Catalog<SimulatedProcedure>) -> Section {
    let (mut tables, mut written) = (BTreeMap::new(), Vec::new());
    for Named { name, place, values } in context.named("procedures", &PROCEDURE) {
        let known = context.scope.resolve(Referent::Procedure, &name, place, context.problems);
        if let (Some(_), Some(values)) = (known, values) {
            written.push((name.clone(), place));
            tables.insert(name, values);
        }
    }
    let procedures = Procedures::new(catalog, Vec::new());
    let settings = ProcedureSettings::new(&procedures, tables, context.scope, context.problems);
    Section { procedures, settings, written }
}

impl Section {
    /// Keeps for `explain` what concerns these controllers, and warns of what concerns none.
    pub(in crate::scenario) fn keep(&self, controls: &[Arc<dyn Control>], context: &mut Context<'_>) {
        let mut run: Vec<String> = Vec::new();
        for name in controls.iter().flat_map(|control| control.procedures()) {
            if !run.contains(&name) {
                run.push(name);
            }
        }
        for name in &run {
            if let Some(values) = self.settings.of(name) {
                context.keep(format!("procedures.{name}"), values);
            }
        }
        let astray = |(name, place): &&(String, Place)| {
            !run.contains(name) && matches!(place.origin, Origin::File | Origin::Setting(_))
        };
        for (name, place) in self.written.iter().filter(astray) {
            let message = format!("what is set of `{name}` goes nowhere: no control runs it");
            let problem = Problem::warning("FD0518", *place, message);
            context.problems.push(problem.help("let a control `run` it, or leave it out"));
        }
    }
}

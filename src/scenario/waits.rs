//! Controllers that wait for an event: whether it makes sense, and whether anything could bring it about before they act.
//!
//! Does not know what they do then. Invariant: what is accepted waits for an event that something else can bring about, so
//! that no controller waits for what only it would do, at first or any hand.

use super::occurrence;
use super::section::control::Controllers;
use super::section::fault::{impossible_event, unknown_event};
use crate::check::Vocabulary;
use crate::fault::PlannedFault;
use crate::fault::schedule::Start;
use crate::field::{Place, Problem, Problems, Scope, Values};
use crate::model::plan::WorldPlan;
use crate::record::Cue;
use crate::record::event::FaultEvent;
use std::sync::Arc;

/// What a wait is checked against.
pub(super) struct Waits<'a> {
    /// What the scenario declares, before anything was barred.
    pub scope: &'a Scope,
    pub world: &'a WorldPlan,
    pub faults: &'a [PlannedFault],
    pub controls: &'a Controllers,
    /// Every table that was decoded, under its path.
    pub ledger: &'a [(String, Values)],
    /// Where the file begins.
    pub beginning: Place,
}

impl Waits<'_> {
    /// Reports every controller that waits for what cannot happen, or not before it acts.
    pub fn check(&self, problems: &mut Problems) {
        let (plans, controls) = self.controls;
        let waiting: Vec<Option<&Cue>> = controls.iter().map(|control| control.waits_for()).collect();
        if waiting.iter().all(Option::is_none) {
            return;
        }
        let can_begin = self.can_begin(&waiting);
        let all = self.known(&vec![true; controls.len()]);
        for ((plan, cue), can_begin) in plans.iter().zip(waiting).zip(can_begin) {
            let Some(cue) = cue else { continue };
            let (name, place) = (&plan.name, self.place(&plan.name));
            let waits = format!("`{name}` waits for");
            let problem = unknown_event(&cue.event, self.scope, place)
                .or_else(|| impossible_event(&cue.event, &all, place, &waits))
                .or_else(|| (!can_begin).then(|| never_before(&waits, cue, place)))
                .or_else(|| self.too_late(name, cue, place));
            problem.into_iter().for_each(|problem| problems.push(problem));
        }
    }

    /// Which controllers can begin: those that wait for nothing, and those that wait for what these, the faults or the
    /// world can bring about, and so on.
    fn can_begin(&self, waiting: &[Option<&Cue>]) -> Vec<bool> {
        let mut can: Vec<bool> = waiting.iter().map(Option::is_none).collect();
        loop {
            let known = self.known(&can);
            let comes = |cue: &Cue| self.comes(&cue.event, &known, self.faults.len());
            let next: Vec<bool> = can.iter().zip(waiting).map(|(can, cue)| *can || cue.is_some_and(comes)).collect();
            if next == can {
                return can;
            }
            can = next;
        }
    }

    /// The events that can happen if of the controllers only these act.
    fn known(&self, acting: &[bool]) -> Vocabulary {
        let mut scope = self.scope.clone();
        let (plans, controls) = self.controls;
        let both = plans.iter().zip(controls).zip(acting).filter(|(_, acts)| **acts);
        let acting: Controllers = both.map(|((plan, control), _)| (plan.clone(), Arc::clone(control))).unzip();
        occurrence::bar(&mut scope, self.world, &acting);
        Vocabulary::new(&scope)
    }

    /// Whether `event` can happen: if it is one of a fault that waits in turn, then if that one's can, `deep` hands on at
    /// most.
    fn comes(&self, event: &str, known: &Vocabulary, deep: usize) -> bool {
        let fault = FaultEvent::of(event).and_then(|(id, _)| self.faults.iter().find(|fault| fault.id == id));
        match fault.map(|fault| &fault.timing.start) {
            Some(Start::When(cue)) => deep > 0 && self.comes(&cue.event, known, deep - 1),
            Some(_) => true,
            None => known.event(event, 0..0).is_ok(),
        }
    }

    /// Where the wait of the controller called so is written.
    fn place(&self, name: &str) -> Place {
        let path = format!("control.{name}");
        let own = self.ledger.iter().filter(|(of, _)| *of == path).find_map(|(_, values)| {
            values.kind.field("when")?;
            values.opt_table("when")
        });
        own.map_or(self.beginning, |when| match when.opt_table("step_starts") {
            Some(step) => step.place("step"),
            None => when.place("event"),
        })
    }

    fn too_late(&self, name: &str, cue: &Cue, place: Place) -> Option<Problem> {
        let duration = self.world.duration;
        let message = format!("`{name}` begins {} after an event, but the workload ends at {duration}", cue.after);
        let problem = Problem::error("FD0511", place, message);
        (cue.after >= duration).then(|| problem.help("shorten `after`, or make `duration` longer"))
    }
}

fn never_before(waits: &str, cue: &Cue, place: Place) -> Problem {
    let message = format!("{waits} `{}`, but nothing else could bring that about before it acts", cue.event);
    let help = "start it by `at`, or wait for what a fault, the world or another control brings about";
    Problem::error("FD0232", place, message).help(help)
}

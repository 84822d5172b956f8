//! Which events a controller can bring about, so that nothing is demanded of events that cannot happen.
//!
//! Owns the lists. Refuses to know the world: what a change leads to there is the scenario's to say. Invariant: an event
//! that a controller tells stands here.

use super::people::Told;
use crate::procedure::{Drill, Procedure, parts, steps};

/// What comes of any run of a procedure.
const OF_RUN: [&str; 9] =
    ["started", "done", "failed", "undone", "undo_failed", "stopped", "resumed", "superseded", "found"];
/// What a controller that acts under a lease may tell.
const OF_LEASE: [&str; 4] =
    ["controller.leads", "controller.stood_down", "controller.journal_unreadable", "journal.unreadable"];

/// Events, collected.
#[derive(Debug, Default)]
pub(super) struct Events(Vec<String>);

impl Events {
    /// Those of a controller called in the scenario by any name that acts under a lease.
    pub fn under_a_lease() -> Self {
        let mut events = Self(OF_LEASE.map(str::to_owned).to_vec());
        events.push("controller.*.stale_change");
        events
    }

    /// One more.
    pub fn push(&mut self, event: impl Into<String>) {
        self.0.push(event.into());
    }

    /// Several of one first part.
    pub fn family(&mut self, first: &str, rest: &[&str]) {
        self.0.extend(rest.iter().map(|rest| format!("{first}.{rest}")));
    }

    /// Those of a procedure and of all that its steps run.
    pub fn procedure(&mut self, name: &str) {
        self.family(name, &OF_RUN);
        let steps = steps(name);
        if steps.is_empty() {
            self.push(format!("{name}.*.*"));
        }
        self.0.extend(steps.iter().map(|step| format!("{name}.{step}.*")));
        if name == Drill::NAME {
            self.family(name, &["passed", "not_passed"]);
        }
        for part in parts(name) {
            self.procedure(part);
        }
    }

    /// Those of whoever is asked and paged, on behalf of a procedure.
    pub fn people(&mut self, told: &Told, procedure: &str) {
        if told.steps.is_some() {
            self.push(format!("{procedure}.approve.*"));
        }
        let asked = told.approval.iter().chain(told.steps.iter().map(|steps| &steps.plan));
        for plan in asked {
            self.push("approval.*");
            for person in &plan.chain {
                self.paged(person);
                self.0.extend(["answered", "mistaken"].map(|did| format!("{did}.{person}")));
            }
        }
        if let Some(plan) = &told.on_call {
            self.push("on_call.*");
            plan.chain.iter().for_each(|person| self.paged(person));
        }
    }

    fn paged(&mut self, person: &str) {
        self.0.extend(["paged", "acknowledged"].map(|did| format!("{did}.{person}")));
        self.push("notification.lost");
    }

    /// Those of messages to `audiences`.
    pub fn told(&mut self, audiences: &[String]) {
        self.0.extend(audiences.iter().map(|audience| format!("notified.{audience}")));
        self.push("notification.lost");
    }

    /// The list.
    pub fn list(self) -> Vec<String> {
        self.0
    }
}

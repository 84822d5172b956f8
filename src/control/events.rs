//! Which events a controller can bring about, so that nothing is demanded of events that cannot happen.
//!
//! Owns the lists. Does not know the world: what a change leads to there is the scenario's to say. Invariant: every
//! event that a controller reports is listed here.

use super::people::Contacts;
use super::procedures::{Procedures, SimulatedProcedure};
use crate::procedure::approval::STEP as APPROVE;
use crate::record::event::{ControllerKind, EventKind, PeopleKind, ProcedureEvent, ProcedureKind};

/// What a controller that acts under a lease may tell, or make others tell.
const OF_LEASE: [EventKind; 7] = [
    EventKind::Controller(ControllerKind::Leads),
    EventKind::Controller(ControllerKind::StoodDown),
    EventKind::Controller(ControllerKind::JournalUnreadable),
    EventKind::Controller(ControllerKind::Unreadable),
    EventKind::Controller(ControllerKind::StaleChange),
    EventKind::Controller(ControllerKind::Overtaken),
    EventKind::Controller(ControllerKind::Interfered),
];

/// Events, collected.
#[derive(Debug)]
pub(super) struct Events {
    /// The procedures that a procedure may run.
    procedures: Procedures,
    names: Vec<String>,
    /// Whether these are all.
    complete: bool,
}

impl Events {
    /// Those of a controller called in the scenario by any name that acts under a lease.
    pub fn under_a_lease(procedures: &Procedures) -> Self {
        let mut events = Self { procedures: procedures.clone(), names: Vec::new(), complete: true };
        events.kinds(OF_LEASE);
        events
    }

    /// Those of some kinds, of whatever they may be.
    pub fn kinds(&mut self, kinds: impl IntoIterator<Item = EventKind>) {
        self.names.extend(kinds.into_iter().map(|kind| kind.called(&[])));
    }

    /// Those of a procedure and of all that its steps run.
    pub fn procedure(&mut self, entry: &SimulatedProcedure) {
        self.names.extend(ProcedureKind::of_runs().map(|kind| EventKind::Procedure(kind).called(&[&entry.name])));
        self.names.extend(entry.steps().iter().map(|step| ProcedureEvent::any_of(&entry.name, Some(step))));
        match entry.events {
            Some(kinds) => self.kinds(kinds.iter().copied()),
            None => self.complete = false,
        }
        for part in entry.parts() {
            match self.procedures.named(part) {
                Some(part) => self.procedure(&part),
                None => self.complete = false,
            }
        }
    }

    /// One of a run of the procedure of that name as a whole.
    pub fn of_procedure(&mut self, kind: ProcedureKind, procedure: &str) {
        self.names.push(EventKind::Procedure(kind).called(&[procedure]));
    }

    /// Those of people asked and paged on behalf of a procedure.
    pub fn people(&mut self, told: &Contacts, procedure: &str) {
        if told.steps.is_some() {
            self.names.push(ProcedureEvent::any_of(procedure, Some(APPROVE)));
        }
        let asked = told.approval.iter().chain(told.steps.iter().map(|steps| &steps.plan));
        for plan in asked {
            self.kinds(EventKind::all().filter(|kind| matches!(kind, EventKind::Consent(_))));
            for person in &plan.chain {
                self.paged(person);
                self.of(person, [PeopleKind::Answered, PeopleKind::Mistaken]);
            }
        }
        if let Some(plan) = &told.on_call {
            self.kinds(EventKind::all().filter(|kind| matches!(kind, EventKind::OnCall(_))));
            plan.chain.iter().for_each(|person| self.paged(person));
        }
    }

    fn paged(&mut self, person: &str) {
        self.of(person, [PeopleKind::Paged, PeopleKind::Acknowledged]);
        self.kinds([EventKind::People(PeopleKind::NotificationLost)]);
    }

    /// Those of messages to `audiences`.
    pub fn told(&mut self, audiences: &[String]) {
        audiences.iter().for_each(|audience| self.of(audience, [PeopleKind::Notified]));
        self.kinds([EventKind::People(PeopleKind::NotificationLost)]);
    }

    fn of<const N: usize>(&mut self, whom: &str, kinds: [PeopleKind; N]) {
        self.names.extend(kinds.map(|kind| EventKind::People(kind).called(&[whom])));
    }

    /// The list; `None` if something runs of which it is not known what it brings about.
    pub fn list(self) -> Option<Vec<String>> {
        self.complete.then_some(self.names)
    }
}

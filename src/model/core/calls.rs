//! Calls of control that the world has taken in, and their answers.
//!
//! Owns who made which call, which were accepted and in which order, and the newest lease granted to each controller. Does
//! not know what a call is about.
//!
//! Invariants: an answer takes the control plane's latency; a call that was accepted is never given up by the world,
//! its caller's budget is the limit; a controller with an older lease than the newest granted changes nothing, where
//! the scenario says so; a change that is late does not take back a newer one of the same thing.

use super::Core;
use super::desk::{Caller, Desk, Note};
use super::turns::{ChangeOrder, ChangeSubject, ChangeTurn};
use crate::kernel::Class;
use crate::model::agenda::Agenda;
use crate::model::command::{Answer, Command};
use crate::model::message::Message;
use crate::ports::PortError;
use crate::record::event::ControllerEvent;
use crate::units::{Instant, RegionId, Span};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The calls of control.
#[derive(Debug)]
pub(in crate::model) struct Calls {
    pub desk: Rc<RefCell<Desk>>,
    /// Who made the calls that are not answered yet.
    callers: BTreeMap<u32, Caller>,
    /// Calls whose change was accepted and is not yet in effect.
    accepted: BTreeSet<u32>,
    /// By controller: the one whose lease it uses, its own or another's.
    leases: Vec<u16>,
    /// By controller whose lease it is: the newest epoch.
    newest: Vec<u32>,
    turns: ChangeOrder,
    /// By call: the place of the change it asks for.
    turn_of: BTreeMap<u32, ChangeTurn>,
}

impl Calls {
    /// No call so far, of controllers that use the leases of these.
    pub fn new(leases: Vec<u16>) -> Self {
        Self {
            desk: Rc::default(),
            callers: BTreeMap::new(),
            accepted: BTreeSet::new(),
            newest: vec![0; leases.len()],
            leases,
            turns: ChangeOrder::default(),
            turn_of: BTreeMap::new(),
        }
    }

    /// The next thing control has written down.
    pub fn next_note(&mut self) -> Option<Note> {
        self.desk.borrow_mut().next_note()
    }

    /// The next command control has handed over.
    pub fn next_command(&mut self) -> Option<(u32, Caller, Command)> {
        self.desk.borrow_mut().next_command()
    }

    /// `caller` makes `call`.
    pub fn begin(&mut self, call: u32, caller: Caller) {
        self.callers.insert(call, caller);
    }

    /// Who made `call`, if it is not answered yet.
    pub fn caller(&self, call: u32) -> Option<Caller> {
        self.callers.get(&call).copied()
    }

    /// Which controller made each of the calls that are not answered yet.
    pub fn callers(&self) -> impl Iterator<Item = u16> {
        self.callers.values().map(|caller| caller.controller)
    }

    /// `call` is answered. Who made it.
    pub fn end(&mut self, call: u32) -> Option<Caller> {
        self.turn_of.remove(&call);
        self.callers.remove(&call)
    }

    /// `call` is waited for as long as its caller likes.
    pub fn accept(&mut self, call: u32) {
        self.accepted.insert(call);
    }

    /// Whether `call` was accepted; it is asked once.
    pub fn take_accepted(&mut self, call: u32) -> bool {
        self.accepted.remove(&call)
    }

    /// `call` asks for a change of `subject`, after all that were asked for before.
    pub fn changes(&mut self, call: u32, subject: ChangeSubject) {
        self.turn_of.insert(call, self.turns.next(subject));
    }

    /// `subject` is changed now, by nobody's call.
    pub fn changed(&mut self, subject: ChangeSubject) {
        let turn = self.turns.next(subject);
        self.turns.take(turn);
    }

    /// A change of `subject` that nobody called for is on its way.
    pub fn next_turn(&mut self, subject: ChangeSubject) -> ChangeTurn {
        self.turns.next(subject)
    }

    /// Such a change is about to take effect. Whether it may.
    pub fn may_take(&mut self, turn: ChangeTurn) -> bool {
        self.turns.take(turn)
    }

    /// The controller whose lease and journal `controller` uses: its own, unless several share one.
    pub fn lease_of(&self, controller: u16) -> u16 {
        let lease = self.leases.get(usize::from(controller)).copied().unwrap_or(controller);
        mutant!("each_has_a_lease_of_its_own": lease => controller)
    }

    /// A lease of `epoch` was granted to a process of `controller`.
    pub fn granted(&mut self, controller: u16, epoch: u32) {
        let lease = self.lease_of(controller);
        self.newest[usize::from(lease)] = epoch;
    }

    /// The epoch of the newest lease that was granted to a process of `controller`, or of another that shares its lease.
    pub fn newest(&self, controller: u16) -> u32 {
        self.newest.get(usize::from(self.lease_of(controller))).copied().unwrap_or(0)
    }

    /// Whether `caller` acts under the newest lease of its controller.
    pub fn leads(&self, caller: Caller) -> bool {
        caller.epoch >= self.newest(caller.controller)
    }
}

impl Core {
    /// A call was accepted: it is answered when it is done, however long that takes.
    pub(in crate::model) fn accept_change(&mut self, call: u32, at: Instant, done: impl Into<Agenda>) {
        self.calls.accept(call);
        self.schedule(at, Class::Control, done);
    }

    /// Answers a call, which travels back.
    pub(in crate::model) fn answer(&mut self, call: u32, answer: Result<Answer, PortError>) {
        let latency = self.plan.control.latency;
        if latency == Span::ZERO {
            self.tell(Message::Answer(call, answer));
        } else {
            self.schedule_in(latency, Agenda::Answer(call, answer));
        }
    }

    /// Answers a call from `region`, unless control does not hear of it.
    pub(in crate::model) fn answer_from(&mut self, region: RegionId, call: u32, answer: Result<Answer, PortError>) {
        match self.regions[region.index()].cut_off.holder() {
            Some(fault) => self.hit(fault),
            None => self.answer(call, answer),
        }
    }

    /// Refuses `call`.
    pub(in crate::model) fn refuse(&mut self, call: u32, why: impl Into<String>) {
        self.answer(call, Err(PortError::Refused(why.into())));
    }

    /// What to answer a call whose change is about to take effect, and may not: its caller was superseded, or a newer
    /// change of the same thing is in effect.
    pub(in crate::model) fn overruled(&mut self, call: u32) -> Option<PortError> {
        self.superseded(call).or_else(|| self.overtaken(call))
    }

    /// What to answer a call whose change is about to take effect though a newer one of the same thing is.
    pub(in crate::model) fn overtaken(&mut self, call: u32) -> Option<PortError> {
        let turn = *self.calls.turn_of.get(&call)?;
        if self.calls.may_take(turn) {
            return None;
        }
        let caller = self.calls.caller(call)?;
        let controller = self.plan.controllers[usize::from(caller.controller)].name.clone();
        self.note(ControllerEvent::Overtaken { controller });
        Some(PortError::Refused("it came too late: a newer change of the same target is in effect".to_owned()))
    }

    /// What to answer a call whose caller holds an older lease than the newest granted, so that it has no effect.
    pub(in crate::model) fn superseded(&mut self, call: u32) -> Option<PortError> {
        let caller = self.calls.caller(call)?;
        if self.calls.leads(caller) {
            return None;
        }
        let newest = self.calls.newest(caller.controller);
        if self.plan.control.fencing {
            return Some(PortError::Superseded { held: caller.epoch, newest });
        }
        let controller = self.plan.controllers[usize::from(caller.controller)].name.clone();
        self.note(ControllerEvent::StaleChange { controller, held: caller.epoch, newest });
        None
    }
}

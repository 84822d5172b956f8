//! Controllers as processes of the world: where they run, whether they live, and the journal they share with those who
//! take over from them.
//!
//! Owns what faults hold of a controller, its lease and its entries. Refuses to know what a controller decides, and to run
//! it: the run does, as the state here says.
//!
//! Invariants: at most one process holds the lease of a controller, and each grant raises the epoch; an entry is appended
//! only at the end, and only under the newest epoch.

use crate::kernel::Class;
use crate::model::World;
use crate::model::control::Due;
use crate::model::core::desk::{Answer, Caller, Command};
use crate::model::core::held::Held;
use crate::model::core::interruption::{Act, Blow};
use crate::model::plan::ControllerPlan;
use crate::ports::{Lease, PortError};
use crate::record::event::{ControllerEvent, Prose};
use crate::units::{FaultId, Instant, RegionId, Span};

/// A controller.
#[derive(Debug)]
pub struct Controller {
    /// Its name.
    pub name: String,
    /// The region it runs in; `None`: outside all of them.
    pub place: Option<RegionId>,
    /// Its process is dead while this is held.
    pub dead: Held,
    /// Its process stands still while this is held.
    pub paused: Held,
    /// A second instance runs while this is held.
    pub doubled: Held,
    /// How far its clock is ahead, by fault, in nanoseconds.
    skews: Vec<(FaultId, i64)>,
    journal: JournalState,
}

#[derive(Debug, Default)]
struct JournalState {
    entries: Vec<String>,
    epoch: u32,
    holder: Option<u32>,
    until: Instant,
}

/// What the processes of a controller should be doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Whether the first instance lives.
    pub alive: bool,
    /// Whether it stands still.
    pub paused: bool,
    /// Whether there is a second instance.
    pub doubled: bool,
}

/// Holds what an interruption holds: it is no fault of the schedule.
const INTERRUPTION: FaultId = FaultId(u16::MAX);

impl Controller {
    /// The controller of `plan`.
    pub fn new(plan: &ControllerPlan) -> Self {
        Self {
            name: plan.name.clone(),
            place: plan.place,
            dead: Held::default(),
            paused: Held::default(),
            doubled: Held::default(),
            skews: Vec::new(),
            journal: JournalState::default(),
        }
    }

    /// What is in force, for comparing.
    pub(in crate::model) fn in_force(&self) -> String {
        let skew = self.skews.iter().fold(0, |sum, (_, nanos)| i64::saturating_add(sum, *nanos));
        let (dead, paused, doubled) = (self.dead.is_on(), self.paused.is_on(), self.doubled.is_on());
        format!("{}: dead {dead}, paused {paused}, doubled {doubled}, clock {skew} ns ahead", self.name)
    }
}

impl World {
    /// What the processes of each controller should be doing at present.
    pub fn wanted(&self) -> Vec<Wanted> {
        let wanted = |c: &Controller| {
            let dark = c.place.is_some_and(|region| self.core.regions[region.index()].dark.is_on());
            Wanted { alive: !c.dead.is_on() && !dark, paused: c.paused.is_on(), doubled: c.doubled.is_on() && !dark }
        };
        self.control.controllers.iter().map(wanted).collect()
    }

    /// Whether what controllers should be doing may have changed since this was last asked.
    pub fn take_controllers_changed(&mut self) -> bool {
        self.core.wake.take_processes()
    }

    /// The process of a controller dies. What that changes is counted when it would have gone on; a lease is lost at once.
    pub fn kill_controller(&mut self, controller: u16, fault: FaultId) {
        self.change_controller(controller, |c| c.dead.hold(fault));
        if self.control.controllers[usize::from(controller)].journal.holder.is_some() {
            self.core.hit(fault);
        }
    }

    /// A process would go on now: counts the faults that keep it from that, or let it go on otherwise than it should.
    pub(in crate::model) fn count_blows(&mut self, call: u32, caller: Caller) {
        let controller = &self.control.controllers[usize::from(caller.controller)];
        let (is_first, waits) =
            (self.core.calls.desk.borrow().is_first(caller), self.core.calls.desk.borrow().waits_for(call));
        let dead = controller.dead.holder().filter(|_| is_first);
        let paused = controller.paused.holder().filter(|_| is_first && waits);
        let doubled = controller.doubled.holder().filter(|_| !is_first && waits);
        let misled = controller.skews.iter().map(|(fault, _)| *fault).filter(|_| waits);
        let faults: Vec<FaultId> = [dead, paused, doubled].into_iter().flatten().chain(misled).collect();
        for fault in faults.into_iter().filter(|fault| *fault != INTERRUPTION) {
            self.core.hit(fault);
        }
    }

    /// A controller is started again, as far as this fault is concerned.
    pub fn restart_controller(&mut self, controller: u16, fault: FaultId) {
        self.change_controller(controller, |c| c.dead.release(fault));
    }

    /// The process of a controller stands still: it notices nothing until it goes on.
    pub fn pause_controller(&mut self, controller: u16, fault: FaultId) {
        self.change_controller(controller, |c| c.paused.hold(fault));
    }

    /// The process of a controller goes on, as far as this fault is concerned.
    pub fn resume_controller(&mut self, controller: u16, fault: FaultId) {
        self.change_controller(controller, |c| c.paused.release(fault));
    }

    /// A second instance of a controller is started beside the first.
    pub fn double_controller(&mut self, controller: u16, fault: FaultId) {
        self.change_controller(controller, |c| c.doubled.hold(fault));
    }

    /// The second instance is gone, as far as this fault is concerned.
    pub fn single_controller(&mut self, controller: u16, fault: FaultId) {
        self.change_controller(controller, |c| c.doubled.release(fault));
    }

    fn change_controller(&mut self, controller: u16, change: impl FnOnce(&mut Controller)) {
        change(&mut self.control.controllers[usize::from(controller)]);
        self.core.wake.processes();
    }

    /// The clock of a controller is ahead of everybody else's by `nanos`, or behind if that is negative.
    pub fn skew_controller(&mut self, controller: u16, nanos: i64, fault: FaultId) {
        self.control.controllers[usize::from(controller)].skews.push((fault, nanos));
        self.show_skew(controller);
    }

    /// The clock of a controller is set right, as far as this fault is concerned.
    pub fn set_controller_right(&mut self, controller: u16, fault: FaultId) {
        self.control.controllers[usize::from(controller)].skews.retain(|(holder, _)| *holder != fault);
        self.show_skew(controller);
    }

    fn show_skew(&mut self, controller: u16) {
        let skews = self.control.controllers[usize::from(controller)].skews.iter().map(|(_, nanos)| *nanos);
        let sum = skews.fold(0, i64::saturating_add);
        self.core.calls.desk.borrow_mut().set_skew(controller, sum);
    }

    /// The journal answers nothing any more.
    pub fn silence_journal(&mut self, fault: FaultId) {
        self.control.journal_down.hold(fault);
    }

    /// The journal answers again, as far as this fault is concerned.
    pub fn restore_journal(&mut self, fault: FaultId) {
        self.control.journal_down.release(fault);
    }

    /// Carries out what strikes controllers at their calls.
    pub fn take_blows(&mut self) {
        loop {
            let Some(blow) = self.core.calls.desk.borrow_mut().next_blow() else { return };
            let Blow { controller, act, .. } = &blow;
            let lasts = match *act {
                Act::Kill(lasts) => {
                    self.change_controller(*controller, |c| c.dead.hold(INTERRUPTION));
                    lasts
                }
                Act::Pause(lasts) => {
                    self.change_controller(*controller, |c| c.paused.hold(INTERRUPTION));
                    lasts
                }
                Act::Double(lasts) => {
                    self.change_controller(*controller, |c| c.doubled.hold(INTERRUPTION));
                    lasts
                }
                Act::Overtake(lasts) => {
                    self.change_controller(*controller, |c| {
                        c.paused.hold(INTERRUPTION);
                        c.doubled.hold(INTERRUPTION);
                    });
                    lasts
                }
            };
            let controller = self.control.controllers[usize::from(*controller)].name.clone();
            self.core.note(ControllerEvent::Struck { controller, act: Prose::from(format!("{act:?}")) });
            let over = self.core.kernel.now().saturating_add(lasts);
            self.core.put(over, Class::Control, Due::BlowOver(Box::new(blow)));
        }
    }

    /// What struck a controller is over.
    pub(in crate::model) fn blow_over(&mut self, blow: Blow) {
        self.change_controller(blow.controller, |c| match blow.act {
            Act::Kill(_) => c.dead.release(INTERRUPTION),
            Act::Pause(_) | Act::Overtake(_) => c.paused.release(INTERRUPTION),
            Act::Double(_) => c.doubled.release(INTERRUPTION),
        });
        if let Some(kept) = blow.kept {
            self.core.calls.desk.borrow_mut().send_late(kept);
        }
        self.core.wake.control();
    }

    /// Carries out a command for the journal of its caller.
    pub(in crate::model) fn use_journal(&mut self, call: u32, caller: Caller, command: Command) {
        if let Some(fault) = self.control.journal_down.holder() {
            return self.core.hit(fault);
        }
        let now = self.core.kernel.now();
        let Some(controller) = self.control.controllers.get_mut(usize::from(caller.controller)) else { return };
        let answer = controller.journal.carry_out(caller, command, now);
        self.core.calls.granted(caller.controller, controller.journal.epoch);
        self.core.answer(call, answer);
    }
}

impl JournalState {
    fn carry_out(&mut self, caller: Caller, command: Command, now: Instant) -> Result<Answer, PortError> {
        match command {
            Command::AcquireLease(span) => self.grant(caller.process, span, now),
            Command::RenewLease(span) => {
                self.check(caller)?;
                self.until = now.saturating_add(span);
                Ok(Answer::Done)
            }
            Command::ReadJournal(from) => {
                let from = usize::try_from(from).unwrap_or(usize::MAX).min(self.entries.len());
                Ok(Answer::Entries(self.entries[from..].to_vec()))
            }
            Command::AppendJournal(position, entry) => {
                self.check(caller)?;
                if position != self.entries.len() as u64 {
                    let why = format!("the journal has {} entries, not {position}", self.entries.len());
                    return Err(PortError::Refused(why));
                }
                self.entries.push(entry);
                Ok(Answer::Done)
            }
            _ => Err(PortError::Refused("the journal keeps leases and entries only".into())),
        }
    }

    fn grant(&mut self, process: u32, span: Span, now: Instant) -> Result<Answer, PortError> {
        if self.holder.is_some_and(|holder| holder != process) && now < self.until {
            return Err(PortError::Refused(format!("another holds the lease until {}", self.until.clock())));
        }
        self.epoch += 1;
        self.holder = Some(process);
        self.until = now.saturating_add(span);
        Ok(Answer::Lease(Lease { epoch: self.epoch, lasts: span }))
    }

    const fn check(&self, caller: Caller) -> Result<(), PortError> {
        if caller.epoch == self.epoch {
            Ok(())
        } else {
            Err(PortError::Superseded { held: caller.epoch, newest: self.epoch })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Span = Span::from_secs(15);

    fn caller(process: u32, epoch: u32) -> Caller {
        Caller { controller: 0, process, epoch }
    }

    fn at(seconds: u64) -> Instant {
        Instant::from_secs(seconds)
    }

    #[test]
    fn the_lease_is_one_process_alone_until_it_runs_out() {
        let mut journal = JournalState::default();
        assert_eq!(journal.grant(1, SPAN, at(0)), Ok(Answer::Lease(Lease { epoch: 1, lasts: SPAN })));
        assert!(matches!(journal.grant(2, SPAN, at(14)), Err(PortError::Refused(_))));
        assert_eq!(journal.carry_out(caller(1, 1), Command::RenewLease(SPAN), at(10)), Ok(Answer::Done));
        assert!(matches!(journal.grant(2, SPAN, at(24)), Err(PortError::Refused(_))));
        assert_eq!(journal.grant(2, SPAN, at(25)), Ok(Answer::Lease(Lease { epoch: 2, lasts: SPAN })));
        let late = journal.carry_out(caller(1, 1), Command::RenewLease(SPAN), at(26));
        assert_eq!(late, Err(PortError::Superseded { held: 1, newest: 2 }));
    }

    #[test]
    fn asking_again_raises_the_epoch_and_a_lease_nobody_took_is_renewed() {
        let mut journal = JournalState::default();
        journal.grant(1, SPAN, at(0)).unwrap();
        assert_eq!(journal.grant(1, SPAN, at(1)), Ok(Answer::Lease(Lease { epoch: 2, lasts: SPAN })));
        assert_eq!(journal.carry_out(caller(1, 2), Command::RenewLease(SPAN), at(100)), Ok(Answer::Done));
    }

    #[test]
    fn an_entry_goes_to_the_end_or_nowhere_and_only_under_the_newest_epoch() {
        let mut journal = JournalState::default();
        journal.grant(1, SPAN, at(0)).unwrap();
        let append = |position, epoch| (caller(1, epoch), Command::AppendJournal(position, format!("e{position}")));
        let mut carry_out = |(caller, command)| journal.carry_out(caller, command, at(1));
        assert_eq!(carry_out(append(0, 1)), Ok(Answer::Done));
        assert!(matches!(carry_out(append(0, 1)), Err(PortError::Refused(_))));
        assert!(matches!(carry_out(append(2, 1)), Err(PortError::Refused(_))));
        assert_eq!(carry_out(append(1, 0)), Err(PortError::Superseded { held: 0, newest: 1 }));
        assert_eq!(carry_out(append(1, 1)), Ok(Answer::Done));
        let all = Answer::Entries(vec!["e1".to_owned()]);
        assert_eq!(carry_out((caller(1, 1), Command::ReadJournal(1))), Ok(all));
    }
}

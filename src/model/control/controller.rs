//! Controllers as processes of the world: where they run, whether they live, and the journal they share with those who
//! take over from them.
//!
//! Owns what faults hold of a controller, its lease and its entries. Does not know what a controller decides, and does
//! not run it: the run does, as the state here says.
//!
//! Invariants: at most one process holds the lease of a controller, and each grant raises the epoch; an entry is appended
//! only at the end, and only under the newest epoch.

use super::journal_api::JournalState;
use crate::kernel::Class;
use crate::model::control::ControlPlane;
use crate::model::control::Due;
use crate::model::core::Core;
use crate::model::core::desk::Caller;
use crate::model::core::held::Held;
use crate::model::core::interruption::{Act, PendingInterruption};
use crate::model::plan::ControllerPlan;
use crate::record::event::{ControllerEvent, Prose};
use crate::units::{FaultId, RegionId};

/// A controller.
#[derive(Debug)]
pub struct Controller {
    /// Its name.
    pub name: String,
    /// The region it runs in; `None`: outside all of them.
    pub place: Option<RegionId>,
    /// Its process is dead while this is held.
    pub dead: Held,
    /// Its process is paused while this is held.
    pub paused: Held,
    /// A second instance runs while this is held.
    pub doubled: Held,
    /// How far its clock is ahead, by fault, in nanoseconds.
    skews: Vec<(FaultId, i64)>,
    pub(super) journal: JournalState,
}

/// What the processes of a controller should be doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Whether the first instance lives.
    pub alive: bool,
    /// Whether it is paused.
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

    /// What is in effect, for comparing.
    pub(in crate::model) fn in_force(&self) -> String {
        let skew = self.skews.iter().fold(0, |sum, (_, nanos)| i64::saturating_add(sum, *nanos));
        let (dead, paused, doubled) = (self.dead.is_on(), self.paused.is_on(), self.doubled.is_on());
        format!("{}: dead {dead}, paused {paused}, doubled {doubled}, clock {skew} ns ahead", self.name)
    }
}

impl ControlPlane {
    /// What the processes of each controller should be doing at present.
    pub fn wanted(&self, core: &Core) -> Vec<Wanted> {
        let wanted = |c: &Controller| {
            let dark = c.place.is_some_and(|region| core.regions[region.index()].dark.is_on());
            Wanted { alive: !c.dead.is_on() && !dark, paused: c.paused.is_on(), doubled: c.doubled.is_on() && !dark }
        };
        self.controllers.iter().map(wanted).collect()
    }

    /// The process of a controller dies. What that changes is counted when it would have continued; a lease is lost at
    /// once.
    pub fn kill_controller(&mut self, core: &mut Core, controller: u16, fault: FaultId) {
        self.change_controller(core, controller, |c| c.dead.hold(fault));
        let lease = core.calls.lease_of(controller);
        if self.controllers[usize::from(lease)].journal.holder.is_some() {
            core.hit(fault);
        }
    }

    /// A process would run now: counts the faults that keep it from that, or let it run otherwise than it should.
    pub(in crate::model) fn count_interruptions(&mut self, core: &mut Core, call: u32, caller: Caller) {
        let controller = &self.controllers[usize::from(caller.controller)];
        let (is_first, waits) = (core.calls.desk.borrow().is_first(caller), core.calls.desk.borrow().waits_for(call));
        let dead = controller.dead.holder().filter(|_| is_first);
        let paused = controller.paused.holder().filter(|_| is_first && waits);
        let doubled = controller.doubled.holder().filter(|_| !is_first && waits);
        let misled = controller.skews.iter().map(|(fault, _)| *fault).filter(|_| waits);
        let faults: Vec<FaultId> = [dead, paused, doubled].into_iter().flatten().chain(misled).collect();
        for fault in faults.into_iter().filter(|fault| *fault != INTERRUPTION) {
            core.hit(fault);
        }
    }

    /// A controller is started again, as far as this fault is concerned.
    pub fn restart_controller(&mut self, core: &mut Core, controller: u16, fault: FaultId) {
        self.change_controller(core, controller, |c| c.dead.release(fault));
    }

    /// The process of a controller is paused: it notices nothing until it resumes.
    pub fn pause_controller(&mut self, core: &mut Core, controller: u16, fault: FaultId) {
        self.change_controller(core, controller, |c| c.paused.hold(fault));
    }

    /// The process of a controller resumes, as far as this fault is concerned.
    pub fn resume_controller(&mut self, core: &mut Core, controller: u16, fault: FaultId) {
        self.change_controller(core, controller, |c| c.paused.release(fault));
    }

    /// A second instance of a controller is started beside the first.
    pub fn double_controller(&mut self, core: &mut Core, controller: u16, fault: FaultId) {
        self.change_controller(core, controller, |c| c.doubled.hold(fault));
    }

    /// The second instance is gone, as far as this fault is concerned.
    pub fn single_controller(&mut self, core: &mut Core, controller: u16, fault: FaultId) {
        self.change_controller(core, controller, |c| c.doubled.release(fault));
    }

    fn change_controller(&mut self, core: &mut Core, controller: u16, change: impl FnOnce(&mut Controller)) {
        change(&mut self.controllers[usize::from(controller)]);
        core.wake.processes();
    }

    /// The clock of a controller is ahead of everybody else's by `nanos`, or behind if that is negative.
    pub fn skew_controller(&mut self, core: &mut Core, controller: u16, nanos: i64, fault: FaultId) {
        self.controllers[usize::from(controller)].skews.push((fault, nanos));
        self.show_skew(core, controller);
    }

    /// The clock of a controller is set right, as far as this fault is concerned.
    pub fn set_controller_right(&mut self, core: &mut Core, controller: u16, fault: FaultId) {
        self.controllers[usize::from(controller)].skews.retain(|(holder, _)| *holder != fault);
        self.show_skew(core, controller);
    }

    fn show_skew(&mut self, core: &mut Core, controller: u16) {
        let skews = self.controllers[usize::from(controller)].skews.iter().map(|(_, nanos)| *nanos);
        let sum = skews.fold(0, i64::saturating_add);
        core.calls.desk.borrow_mut().set_skew(controller, sum);
    }

    /// Carries out the interruptions of controllers at their calls.
    pub fn apply_interruptions(&mut self, core: &mut Core) {
        loop {
            let Some(pending) = core.calls.desk.borrow_mut().next_interruption() else { return };
            let PendingInterruption { controller, act, .. } = &pending;
            let lasts = match *act {
                Act::Kill(lasts) => {
                    self.change_controller(core, *controller, |c| c.dead.hold(INTERRUPTION));
                    lasts
                }
                Act::Pause(lasts) => {
                    self.change_controller(core, *controller, |c| c.paused.hold(INTERRUPTION));
                    lasts
                }
                Act::Double(lasts) => {
                    self.change_controller(core, *controller, |c| c.doubled.hold(INTERRUPTION));
                    lasts
                }
                Act::Overtake(lasts) => {
                    self.change_controller(core, *controller, |c| {
                        c.paused.hold(INTERRUPTION);
                        c.doubled.hold(INTERRUPTION);
                    });
                    lasts
                }
            };
            let controller = self.controllers[usize::from(*controller)].name.clone();
            core.note(ControllerEvent::Struck { controller, act: Prose::from(format!("{act:?}")) });
            let over = core.kernel.now().saturating_add(lasts);
            core.schedule(over, Class::Control, Due::InterruptionEnded(Box::new(pending)));
        }
    }

    /// The interruption of a controller is over.
    pub(in crate::model) fn interruption_ended(&mut self, core: &mut Core, pending: PendingInterruption) {
        self.change_controller(core, pending.controller, |c| match pending.act {
            Act::Kill(_) => c.dead.release(INTERRUPTION),
            Act::Pause(_) | Act::Overtake(_) => c.paused.release(INTERRUPTION),
            Act::Double(_) => c.doubled.release(INTERRUPTION),
        });
        if let Some(kept) = pending.kept {
            core.calls.desk.borrow_mut().send_late(kept);
        }
        core.wake.control();
    }
}

//! What happens to names by itself: planned changes, the automation that writes the zone, and faults of both.
//!
//! Owns the path from such a change to the zone. Does not know what control changes: that comes over the desk.
//! Invariant: a record that loses its addresses, and gets them back, says so in the timeline.

use crate::kernel::Class;
use crate::model::core::Core;
use crate::model::core::turns::ChangeSubject;
use crate::model::names::dns::{Enacted, PlanCheck, Planning, ServerOutage};
use crate::model::names::{Due, Names};
use crate::model::plan::Target;
use crate::record::event::{NameEvent, RecordTarget};
use crate::units::{FaultId, Instant, NameId, Span};

/// What is due with the automation that writes the zone.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) enum Automation {
    /// The planner writes a plan.
    Plan,
    /// An enactor looks for a plan.
    Look(u32),
    /// An enactor has worked long enough.
    Enact(u32),
    /// Whoever put this generation into effect deletes old plans.
    CleanUp(u64),
    /// People know why the records are gone.
    Found,
    /// People have restored the records.
    Restored,
}

impl Names {
    /// Files the planned changes, and the first round of the automation.
    pub(in crate::model) fn start_naming(&mut self, core: &mut Core) {
        for index in 0..core.plan.dns.changes.len() {
            let at = Instant::ZERO.saturating_add(core.plan.dns.changes[index].at);
            core.schedule(at, Class::Control, Due::ZoneChange(index));
        }
        let Some(planning) = &self.planning else { return };
        let (every, enactors) = (planning.every, planning.enactors());
        self.automate(core, every, Automation::Plan);
        for enactor in 0..enactors {
            // They look one after the other, each as often as there is a plan.
            let share = u128::from(every.as_nanos()) * u128::from(enactor + 1) / u128::from(enactors);
            self.automate(core, every.saturating_add(Span::from_nanos(share as u64)), Automation::Look(enactor));
        }
    }

    fn automate(&mut self, core: &mut Core, wait: Span, what: Automation) {
        let at = core.kernel.now().saturating_add(wait);
        core.schedule(at, Class::Control, Due::Automation(what));
    }

    /// A change planned by hand is due.
    pub(in crate::model) fn zone_change(&mut self, core: &mut Core, index: usize) {
        let change = core.plan.dns.changes[index].clone();
        let now = core.kernel.now();
        if let Some(ttl) = change.ttl {
            core.calls.changed(ChangeSubject::Ttl(change.record));
            self.set_ttl(core, change.record, ttl);
        }
        let Some(to) = change.to else { return };
        if self.zone.refuses(to) {
            return self.note_refusal(core, change.record);
        }
        core.calls.changed(ChangeSubject::Record(change.record));
        self.zone.publish(change.record, now, to);
        self.follow_health(core, change.record);
        self.note_published(core, change.record);
    }

    /// Answers for `record` may be kept for `ttl` from now on.
    pub(in crate::model) fn set_ttl(&mut self, core: &mut Core, record: NameId, ttl: Span) {
        self.zone.set_ttl(record, core.now(), ttl);
        let record = self.record_name(core, record);
        core.note(NameEvent::Ttl { record, ttl });
    }

    /// Something is due with the automation.
    pub(in crate::model) fn automation_due(&mut self, core: &mut Core, what: Automation) {
        let told: Vec<Target> = self.records(core).map(|record| self.zone.configured(record)).collect();
        let Some(planning) = &mut self.planning else { return };
        let every = planning.every;
        match what {
            Automation::Plan => {
                planning.plan(told);
                self.automate(core, every, what);
            }
            Automation::Look(enactor) => {
                match planning.look(enactor) {
                    PlanCheck::Idle => {}
                    PlanCheck::Begins(takes) => self.automate(core, takes, Automation::Enact(enactor)),
                    PlanCheck::HeldUp(fault) => core.hit(fault),
                }
                self.automate(core, every, what);
            }
            Automation::Enact(enactor) => self.enact(core, enactor),
            Automation::CleanUp(generation) => self.clean_up_plans(core, generation),
            Automation::Found => core.note(NameEvent::PlanFound {}),
            Automation::Restored => {
                let targets = planning.restore();
                self.show_plan(core, &targets);
                core.note(NameEvent::PlanRestored {});
            }
        }
    }

    fn enact(&mut self, core: &mut Core, enactor: u32) {
        let Some(planning) = &mut self.planning else { return };
        let clean_up = planning.clean_up;
        let (enacted, generation) = planning.enact(enactor);
        match enacted {
            Enacted::Obsolete => return,
            Enacted::Refused => return core.note(NameEvent::PlanRefused { plan: generation }),
            Enacted::Newer(targets) => self.show_plan(core, &targets),
            Enacted::Stale(targets) => {
                self.show_plan(core, &targets);
                core.note(NameEvent::PlanStale { plan: generation });
            }
        }
        if let Some(late) = self.planning.as_mut().and_then(|planning| planning.overtaken(generation)) {
            self.automate(core, Span::ZERO, Automation::Enact(late));
        }
        self.automate(core, clean_up, Automation::CleanUp(generation));
    }

    fn clean_up_plans(&mut self, core: &mut Core, generation: u64) {
        let Some(planning) = &mut self.planning else { return };
        let loses = planning.would_lose(generation);
        let refused = loses && self.zone.refuses(Target::Nothing);
        planning.delete_before(generation, refused);
        let (found, restored) = (planning.found, planning.restored);
        if !loses {
            return;
        }
        if refused {
            return self.records(core).for_each(|record| self.note_refusal(core, record));
        }
        let nothing: Vec<Target> = self.records(core).map(|_| Target::Nothing).collect();
        core.note(NameEvent::PlanLost {});
        self.show_plan(core, &nothing);
        self.automate(core, found, Automation::Found);
        self.automate(core, restored, Automation::Restored);
    }

    /// Puts a plan into effect where it differs from what is answered.
    fn show_plan(&mut self, core: &mut Core, targets: &[Target]) {
        let now = core.kernel.now();
        for (record, target) in self.records(core).zip(targets) {
            if self.zone.answer(record, now) != *target {
                self.zone.show(record, now, *target);
                self.note_published(core, record);
            }
        }
    }

    fn records(&self, core: &Core) -> impl Iterator<Item = NameId> + use<> {
        (0..core.plan.dns.records.len() as u16).map(NameId)
    }

    fn note_refusal(&mut self, core: &mut Core, record: NameId) {
        let record = self.record_name(core, record);
        core.note(NameEvent::Refused { record });
    }

    /// Says what `record` is answered with, now that a change of it was published.
    pub(in crate::model) fn note_published(&mut self, core: &mut Core, record: NameId) {
        let (record, answer) = (self.record_name(core, record), self.answered_with(core, record));
        core.note(NameEvent::Published { record, answer });
    }

    /// What `record` is answered with.
    pub(in crate::model) fn answered_with(&self, core: &Core, record: NameId) -> RecordTarget {
        match self.zone.answer(record, core.kernel.now()) {
            Target::Region(region) => RecordTarget::Region(core.region_name(region)),
            Target::Balancer => RecordTarget::Balancer,
            Target::Nothing => RecordTarget::Nothing,
        }
    }

    /// The name of `record`.
    pub(in crate::model) fn record_name(&self, core: &Core, record: NameId) -> String {
        core.plan.dns.records[record.index()].name.clone()
    }

    /// Authoritative servers answer nothing, or that there is no address.
    pub fn break_name_servers(&mut self, core: &mut Core, down: u32, bad: u32, fault: FaultId) {
        self.zone.hold_servers(ServerOutage { fault, down, bad }, core.kernel.now());
    }

    /// They answer what was published again, as far as this fault is concerned.
    pub fn repair_name_servers(&mut self, core: &mut Core, fault: FaultId) {
        core.hits[fault.index()] += self.zone.release_servers(fault, core.kernel.now());
    }

    /// The enactor of this number is held up with the next plan it begins.
    pub fn hold_up_enactor(&mut self, enactor: u32, fault: FaultId) {
        if let Some(planning) = &mut self.planning {
            planning.hold_up(fault, enactor);
        }
    }

    /// It is as quick as the others again, as far as this fault is concerned.
    pub fn let_enactor_go(&mut self, core: &mut Core, fault: FaultId) {
        if let Some((enactor, takes)) = self.planning.as_mut().and_then(|planning| planning.let_go(fault)) {
            self.automate(core, takes, Automation::Enact(enactor));
        }
    }
}

/// The automation of a plan, if it has one.
pub(in crate::model) fn planning(
    plan: &crate::model::plan::WorldPlan,
    streams: &crate::kernel::Streams,
) -> Option<Planning> {
    let targets = || plan.dns.records.iter().map(|record| record.target).collect();
    plan.dns.planning.as_ref().map(|planning| Planning::new(planning, targets(), streams))
}

//! What happens to names by itself: planned changes, the automation that writes the zone, and faults of both.
//!
//! Owns the way from such a change to the zone. Refuses to know what control changes: that comes over the desk.
//! Invariant: a record that loses its addresses, and gets them back, says so in the timeline.

use crate::kernel::Class;
use crate::model::World;
use crate::model::names::Due;
use crate::model::names::dns::{Enacted, Look, Outage, Planning};
use crate::model::plan::Target;
use crate::record::event::{Answer, NameEvent};
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

impl World {
    /// Files the planned changes, and the first round of the automation.
    pub(in crate::model) fn start_naming(&mut self) {
        for index in 0..self.core.plan.dns.changes.len() {
            let at = Instant::ZERO.saturating_add(self.core.plan.dns.changes[index].at);
            self.core.put(at, Class::Control, Due::ZoneChange(index));
        }
        let Some(planning) = &self.names.planning else { return };
        let (every, enactors) = (planning.every, planning.enactors());
        self.automate(every, Automation::Plan);
        for enactor in 0..enactors {
            // They look one after the other, each as often as there is a plan.
            let share = u128::from(every.as_nanos()) * u128::from(enactor + 1) / u128::from(enactors);
            self.automate(every.saturating_add(Span::from_nanos(share as u64)), Automation::Look(enactor));
        }
    }

    fn automate(&mut self, wait: Span, what: Automation) {
        let at = self.core.kernel.now().saturating_add(wait);
        self.core.put(at, Class::Control, Due::Automation(what));
    }

    /// A change planned by hand is due.
    pub(in crate::model) fn zone_change(&mut self, index: usize) {
        let change = self.core.plan.dns.changes[index].clone();
        let now = self.core.kernel.now();
        if let Some(ttl) = change.ttl {
            self.names.zone.set_ttl(change.record, now, ttl);
            let record = self.record_name(change.record);
            self.core.note(NameEvent::Ttl { record, ttl });
        }
        let Some(to) = change.to else { return };
        if self.names.zone.refuses(to) {
            return self.note_refusal(change.record);
        }
        self.names.zone.publish(change.record, now, to);
        self.follow_health(change.record);
        self.note_published(change.record);
    }

    /// Something is due with the automation.
    pub(in crate::model) fn automation_due(&mut self, what: Automation) {
        let told: Vec<Target> = self.records().map(|record| self.names.zone.told(record)).collect();
        let Some(planning) = &mut self.names.planning else { return };
        let every = planning.every;
        match what {
            Automation::Plan => {
                planning.plan(told);
                self.automate(every, what);
            }
            Automation::Look(enactor) => {
                match planning.look(enactor) {
                    Look::Idle => {}
                    Look::Begins(takes) => self.automate(takes, Automation::Enact(enactor)),
                    Look::HeldUp(fault) => self.core.hit(fault),
                }
                self.automate(every, what);
            }
            Automation::Enact(enactor) => self.enact(enactor),
            Automation::CleanUp(generation) => self.clean_up_plans(generation),
            Automation::Found => self.core.note(NameEvent::PlanFound {}),
            Automation::Restored => {
                let targets = planning.restore();
                self.show_plan(&targets);
                self.core.note(NameEvent::PlanRestored {});
            }
        }
    }

    fn enact(&mut self, enactor: u32) {
        let Some(planning) = &mut self.names.planning else { return };
        let clean_up = planning.clean_up;
        let (enacted, generation) = planning.enact(enactor);
        match enacted {
            Enacted::Moot => return,
            Enacted::Refused => return self.core.note(NameEvent::PlanRefused { plan: generation }),
            Enacted::Newer(targets) => self.show_plan(&targets),
            Enacted::Stale(targets) => {
                self.show_plan(&targets);
                self.core.note(NameEvent::PlanStale { plan: generation });
            }
        }
        if let Some(late) = self.names.planning.as_mut().and_then(|planning| planning.overtaken(generation)) {
            self.automate(Span::ZERO, Automation::Enact(late));
        }
        self.automate(clean_up, Automation::CleanUp(generation));
    }

    fn clean_up_plans(&mut self, generation: u64) {
        let Some(planning) = &mut self.names.planning else { return };
        let loses = planning.would_lose(generation);
        let refused = loses && self.names.zone.refuses(Target::Nothing);
        planning.delete_before(generation, refused);
        let (found, restored) = (planning.found, planning.restored);
        if !loses {
            return;
        }
        if refused {
            return self.records().for_each(|record| self.note_refusal(record));
        }
        let nothing: Vec<Target> = self.records().map(|_| Target::Nothing).collect();
        self.core.note(NameEvent::PlanLost {});
        self.show_plan(&nothing);
        self.automate(found, Automation::Found);
        self.automate(restored, Automation::Restored);
    }

    /// Puts a plan into effect where it differs from what is answered.
    fn show_plan(&mut self, targets: &[Target]) {
        let now = self.core.kernel.now();
        for (record, target) in self.records().zip(targets) {
            if self.names.zone.answer(record, now) != *target {
                self.names.zone.show(record, now, *target);
                self.note_published(record);
            }
        }
    }

    fn records(&self) -> impl Iterator<Item = NameId> + use<> {
        (0..self.core.plan.dns.records.len() as u16).map(NameId)
    }

    fn note_refusal(&mut self, record: NameId) {
        let record = self.record_name(record);
        self.core.note(NameEvent::Refused { record });
    }

    /// Says what `record` is answered with, now that a change of it was published.
    pub(in crate::model) fn note_published(&mut self, record: NameId) {
        let (record, answer) = (self.record_name(record), self.answered_with(record));
        self.core.note(NameEvent::Published { record, answer });
    }

    /// What `record` is answered with.
    pub(in crate::model) fn answered_with(&self, record: NameId) -> Answer {
        match self.names.zone.answer(record, self.core.kernel.now()) {
            Target::Region(region) => Answer::Region(self.core.region_name(region)),
            Target::Balancer => Answer::Balancer,
            Target::Nothing => Answer::Nothing,
        }
    }

    /// The name of `record`.
    pub(in crate::model) fn record_name(&self, record: NameId) -> String {
        self.core.plan.dns.records[record.index()].name.clone()
    }

    /// Authoritative servers answer nothing, or that there is no address.
    pub fn break_name_servers(&mut self, down: u32, bad: u32, fault: FaultId) {
        self.names.zone.hold_servers(Outage { fault, down, bad }, self.core.kernel.now());
    }

    /// They answer what was published again, as far as this fault is concerned.
    pub fn mend_name_servers(&mut self, fault: FaultId) {
        self.core.hits[fault.index()] += self.names.zone.release_servers(fault, self.core.kernel.now());
    }

    /// The enactor of this number is held up with the next plan it begins.
    pub fn hold_up_enactor(&mut self, enactor: u32, fault: FaultId) {
        if let Some(planning) = &mut self.names.planning {
            planning.hold_up(fault, enactor);
        }
    }

    /// It is as quick as the others again, as far as this fault is concerned.
    pub fn let_enactor_go(&mut self, fault: FaultId) {
        if let Some((enactor, takes)) = self.names.planning.as_mut().and_then(|planning| planning.let_go(fault)) {
            self.automate(takes, Automation::Enact(enactor));
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

//! What is due at the rate of control: effects of commands that take time, answers on their way, scrapes.

use super::clients::population::DrillTouch;
use super::core::desk::{Answer, Command};
use super::core::interruption::Blow;
use super::data::backups::BackupDue;
use super::health::CheckDue;
use super::names::naming::Automation;
use super::people::person::Due;
use super::plan::Target;
use super::{Event, World};
use crate::kernel::Class;
use crate::ports::{PortError, Promotion};
use crate::record::event::{DataEvent, PeopleEvent, PlatformEvent};
use crate::units::{DatabaseId, Instant, NameId, Ratio, RegionId, ServiceId};

/// Something due at the rate of control.
#[derive(Debug)]
pub(super) enum Agenda {
    /// Scrape every service.
    Scrape,
    /// Something is due with health checks.
    Check(CheckDue),
    /// A change of the zone that was planned by hand is due.
    ZoneChange(usize),
    /// Something is due with the automation that writes the zone.
    Automation(Automation),
    /// The services of a region are ready that health checks have activated.
    ActivatedByChecks(RegionId),
    /// The autoscaler of a service decides.
    Autoscale(ServiceId),
    /// Servers that an autoscaler asked for begin to serve.
    Provisioned { service: ServiceId, count: u32 },
    /// Every server of a service knows how many there are.
    FleetLearned(ServiceId),
    /// A command reaches the world.
    Command(u32, Command),
    /// A command that was late is carried out.
    Delayed(u32, Command),
    /// Those who should have done something say what came of it.
    WentWrong(u32, Result<Answer, PortError>),
    /// A call has waited for its answer long enough.
    TimeOut(u32),
    /// An answer reaches control.
    Answer(u32, Result<Answer, PortError>),
    /// A DNS change is answered by every authoritative server.
    Published { call: u32, record: NameId, region: RegionId },
    /// A change of weights that was answered already comes into force.
    Settled(u32),
    /// Weights are in force.
    Weighed { call: u32, weights: Vec<(RegionId, Ratio)> },
    /// The services of a region are ready.
    Activated { call: u32, region: RegionId },
    /// A copy has applied what it received and opens for writes.
    Promoted { call: u32, database: DatabaseId, copy: usize, epoch: u32 },
    /// Something happens to a person.
    People(Due),
    /// An epoch is in force: whoever wrote in an older one cannot any more.
    Fenced { call: u32, database: DatabaseId, epoch: u32 },
    /// A lease on a database runs out, unless it was renewed.
    LeaseOut(DatabaseId),
    /// Somebody looks whether writes have waited too long for a replica.
    Patience(DatabaseId),
    /// The authority's data has been copied to a copy.
    Rebuilt { call: u32, database: DatabaseId, copy: usize },
    /// Something is due with backups.
    Backup(BackupDue),
    /// A message reaches its audience.
    Delivered { audience: String, message: String },
    /// What struck a controller is over.
    BlowOver(Box<Blow>),
}

impl World {
    /// Puts something on the agenda.
    pub(super) fn put(&mut self, at: Instant, class: Class, item: Agenda) {
        let slot = match self.agenda_free.pop() {
            Some(slot) => {
                self.agenda[slot as usize] = Some(item);
                slot
            }
            None => {
                self.agenda.push(Some(item));
                self.agenda.len() as u32 - 1
            }
        };
        self.kernel.schedule(at, class, Event::Agenda(slot));
    }

    pub(super) fn agenda_due(&mut self, slot: u32) {
        let Some(item) = self.agenda[slot as usize].take() else { return };
        self.agenda_free.push(slot);
        match item {
            Agenda::Scrape => self.scrape(),
            Agenda::Check(due) => self.check_due(due),
            Agenda::ZoneChange(index) => self.zone_change(index),
            Agenda::Automation(due) => self.automation_due(due),
            Agenda::ActivatedByChecks(region) => {
                self.make_active(region);
            }
            Agenda::Autoscale(service) => self.autoscale(service),
            Agenda::Provisioned { service, count } => self.provisioned(service, count),
            Agenda::FleetLearned(service) => self.fleet_learned(service),
            Agenda::Command(call, command) => self.carry_out(call, command),
            Agenda::Delayed(call, command) => self.carry_out_late(call, command),
            Agenda::WentWrong(call, answer) => self.answer(call, answer),
            Agenda::TimeOut(call) => self.time_out(call),
            Agenda::Answer(call, answer) => self.deliver(call, answer),
            Agenda::BlowOver(blow) => self.blow_over(*blow),
            Agenda::Published { call, record, region } => self.published(call, record, region),
            Agenda::Settled(change) => self.settled(change),
            Agenda::Weighed { call, weights } => self.weighed(call, &weights),
            Agenda::Activated { call, region } => self.activated(call, region),
            Agenda::Promoted { call, database, copy, epoch } => self.promoted(call, database, copy, epoch),
            Agenda::People(due) => self.person_due(due),
            Agenda::Fenced { call, database, epoch } => self.fenced(call, database, epoch),
            Agenda::Patience(database) => self.patience_over(database),
            Agenda::LeaseOut(database) => self.lease_out(database),
            Agenda::Rebuilt { call, database, copy } => self.rebuilt(call, database, copy),
            Agenda::Backup(due) => self.backup_due(due),
            Agenda::Delivered { audience, message } => {
                self.note(PeopleEvent::Notified { audience, message: message.into() });
            }
        }
    }

    fn published(&mut self, call: u32, record: NameId, region: RegionId) {
        if let Some(refusal) = self.superseded(call) {
            return self.answer(call, Err(refusal));
        }
        let now = self.kernel.now();
        self.note_drill(call, DrillTouch::Record(record));
        self.zone.publish(record, now, Target::Region(region));
        self.remedy = Some(region);
        self.note_published(record);
        self.follow_health(record);
        self.answer(call, Ok(Answer::Done));
    }

    fn activated(&mut self, call: u32, region: RegionId) {
        if let Some(refusal) = self.superseded(call) {
            return self.answer(call, Err(refusal));
        }
        if self.make_active(region) {
            self.answer_from(region, call, Ok(Answer::Done));
        }
    }

    /// Services of `region` that were on standby are ready. Whether it is there to say so.
    fn make_active(&mut self, region: RegionId) -> bool {
        let now = self.kernel.now();
        if let Some(fault) = self.regions[region.index()].dark.holder() {
            self.hit(fault);
            return false;
        }
        let mut any = false;
        for station in self.stations.iter_mut().filter(|s| s.region == region && !s.active) {
            station.active = true;
            station.warmth.chill(now);
            any = true;
        }
        if any {
            let region = self.regions[region.index()].name.clone();
            self.note(PlatformEvent::Active { region });
        }
        true
    }

    fn promoted(&mut self, call: u32, database: DatabaseId, copy: usize, epoch: u32) {
        if let Some(refusal) = self.superseded(call) {
            return self.answer(call, Err(refusal));
        }
        let now = self.kernel.now();
        let state = &mut self.databases[database.index()];
        let region = state.copies[copy].region;
        if let Some(fault) = self.regions[region.index()].dark.holder().or(state.copies[copy].crashed.holder()) {
            return self.hit(fault);
        }
        if epoch < state.epoch {
            let newer = state.epoch;
            return self.answer(call, Err(PortError::Refused(format!("epoch {newer} is in force"))));
        }
        if let Some(leader) = state.leads(epoch).filter(|leader| *leader != copy) {
            let leader = self.regions[state.copies[leader].region.index()].name.clone();
            return self.answer(call, Err(PortError::Refused(format!("{leader} leads epoch {epoch}"))));
        }
        state.advance(now);
        let ready = state.copies[copy].caught_up_at(now);
        if ready > now && state.copies[copy].received(now) > state.copies[copy].applied {
            return self.put(ready, Class::Control, Agenda::Promoted { call, database, copy, epoch });
        }
        let name = self.regions[region.index()].name.clone();
        let (old, synchronous) = (state.authority, state.synchronous);
        let restored = state.backups.as_ref().and_then(|backups| backups.restored);
        if restored.is_some_and(|restore| restore.copy == copy) {
            // What a restore does for clients begins here; elsewhere it is a change of routes that does it.
            self.remedy = Some(region);
        }
        let from_lsn = state.promote(copy, epoch, &name, now);
        for (region, route) in state.routes.iter_mut().enumerate() {
            if !self.regions[region].is_silent() {
                *route = copy;
            }
        }
        let told = state.name.clone();
        self.note(DataEvent::Promoted { database: told, region: name, from: from_lsn, epoch });
        if synchronous && self.databases[database.index()].is_stray(old) {
            self.strand_writes(database, old, from_lsn);
        }
        self.refresh_replication(database);
        self.answer_from(region, call, Ok(Answer::Promoted(Promotion { epoch, from_lsn })));
    }
}

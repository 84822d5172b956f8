//! What control's commands do to the world, and what is answered.
//!
//! Invariants: a command takes the control plane's latency each way; a place that is dark answers nothing, so that
//! control's call ends indeterminate; a change that was accepted is answered when it is in force, as a control plane's
//! client waits for it; a command that names an epoch older than the one in force is refused.

use crate::kernel::Class;
use crate::model::agenda::Agenda;
use crate::model::control::Due;
use crate::model::control::interface::{Errand, is_errand};
use crate::model::core::desk::{Answer, Caller, Command, Note};
use crate::model::core::drills::DrillTouch;
use crate::model::core::job::Job;
use crate::model::data::database::Standing;
use crate::model::plan::Target;
use crate::model::{World, data, names, people, platform};
use crate::ports::{CopyStatus, PortError, Promotion, ServiceStatus};
use crate::record::LossBound;
use crate::record::event::{DataEvent, PlatformEvent};
use crate::units::{DatabaseId, RegionId, ServiceId, Span};

/// Probes are numbered apart from every population's requests.
const PROBE_NUMBERS: u64 = u64::MAX << 40;

impl World {
    /// Carries what control wrote down and handed over into the world.
    pub fn serve_desk(&mut self) {
        while let Some(note) = self.next_note() {
            match note {
                Note::Lap(lap) => self.core.chronicle.laps.push(lap),
                Note::Event(caller, event) => {
                    // What one that was superseded still tells is kept, but says nothing about what is under way.
                    let leader = self.core.calls.leads(caller).then_some(caller.controller);
                    self.core.note_from(leader, event.from_control());
                }
                Note::LossBound(database, bound) => self.announce(database, bound),
            }
        }
        while let Some((call, caller, command)) = self.next_command() {
            self.accept(call, caller, command);
            self.settle();
        }
        self.take_blows();
    }

    fn next_note(&mut self) -> Option<Note> {
        self.core.calls.desk.borrow_mut().next_note()
    }

    fn next_command(&mut self) -> Option<(u32, Caller, Command)> {
        self.core.calls.desk.borrow_mut().next_command()
    }

    fn announce(&mut self, database: DatabaseId, bound: LossBound) {
        let state = &mut self.data.databases[database.index()];
        state.ledger.announce_bound(bound);
        let database = state.name.clone();
        self.core.note(DataEvent::LossAnnounced { database, bound });
    }

    fn accept(&mut self, call: u32, caller: Caller, command: Command) {
        let now = self.core.kernel.now();
        self.core.calls.begin(call, caller);
        if let Command::Sleep(span) = command {
            return self.core.put(now.saturating_add(span), Class::Control, Agenda::Answer(call, Ok(Answer::Done)));
        }
        let control = &self.core.plan.control;
        let (latency, timeout) = (control.latency, control.timeout);
        self.core.put(now.saturating_add(timeout), Class::Deadline, Due::TimeOut(call));
        if latency == Span::ZERO {
            self.carry_out(call, command);
        } else {
            self.core.put(now.saturating_add(latency), Class::Control, Due::Command(call, command));
        }
    }

    /// Nothing came back in time. A change that was accepted is waited for: its caller's budget is the limit.
    pub(in crate::model) fn time_out(&mut self, call: u32) {
        if self.core.calls.take_accepted(call) {
            return;
        }
        let timeout = self.core.plan.control.timeout;
        self.deliver(call, Err(PortError::Indeterminate(format!("no answer within {timeout}"))));
    }

    /// An answer reaches control.
    pub(in crate::model) fn deliver(&mut self, call: u32, answer: Result<Answer, PortError>) {
        if let Some(caller) = self.core.calls.end(call) {
            self.count_blows(call, caller);
        }
        self.core.calls.desk.borrow_mut().answer(call, answer);
        self.core.wake.control();
    }

    /// A command reaches the interface it is for, which may need something else before it does anything.
    pub(in crate::model) fn carry_out(&mut self, call: u32, command: Command) {
        let interface = command.interface();
        if interface
            .is_none_or(|interface| self.has_what_it_needs(interface, || Errand::Command(call, command.clone())))
        {
            self.carry_on(call, command);
        }
    }

    /// A command that lacks nothing.
    pub(in crate::model) fn carry_on(&mut self, call: u32, command: Command) {
        if command.is_for_journal() {
            let Some(caller) = self.core.calls.caller(call) else { return };
            return self.use_journal(call, caller, command);
        }
        if command.changes()
            && let Some(refusal) = self.core.superseded(call)
        {
            return self.core.answer(call, Err(refusal));
        }
        if !self.goes_wrong(call, &command) {
            self.carry_out_for_leader(call, command);
        }
    }

    /// A command that was late reaches those who do it.
    pub(in crate::model) fn carry_out_late(&mut self, call: u32, command: Command) {
        match self.core.superseded(call) {
            Some(refusal) => self.core.answer(call, Err(refusal)),
            None => self.carry_out_for_leader(call, command),
        }
    }

    fn carry_out_for_leader(&mut self, call: u32, command: Command) {
        let now = self.core.kernel.now();
        match command {
            Command::Sleep(_)
            | Command::AcquireLease(_)
            | Command::RenewLease(_)
            | Command::ReadJournal(_)
            | Command::AppendJournal(..) => {}
            Command::PointRecord(record, region) => {
                if let Some(fault) = self.names.zone.api_down.holder() {
                    return self.core.hit(fault);
                }
                let at = now.saturating_add(self.names.zone.publish);
                self.core.take_on(call, at, names::Due::Published { call, record, region });
            }
            Command::ReadRecord(record) => {
                if let Some(fault) = self.names.zone.api_down.holder() {
                    return self.core.hit(fault);
                }
                let answer = match self.names.zone.answer(record, now) {
                    Target::Region(region) => Ok(Answer::Region(region)),
                    Target::Balancer => Err(PortError::Refused("the record names the balancer, not a region".into())),
                    Target::Nothing => Err(PortError::Refused("the record has no address".into())),
                };
                self.core.answer(call, answer);
            }
            Command::SetWeights(weights) => self.names.weigh(&mut self.core, call, weights),
            Command::ReadWeights => self.names.read_weights(&mut self.core, call),
            Command::Activate(region) => self.activate(call, region),
            Command::Deactivate(region) => self.deactivate(call, region),
            Command::ServiceStatus(region) => self.service_status(call, region),
            Command::CopyStatus(database, region) => self.copy_status(call, database, region),
            Command::HeadBound(database) => {
                let database = &self.data.databases[database.index()];
                let (head, led_from) = (database.seen.bound(now), database.copies[database.authority].region);
                self.count_unseen(led_from);
                self.core.answer(call, Ok(Answer::Head(head)));
            }
            Command::Fence(database, epoch) => self.fence(call, database, epoch),
            Command::Promote(database, region, epoch) => self.promote(call, database, region, epoch),
            Command::Rebuild(database, region) => self.rebuild(call, database, region),
            Command::AssessDamage(database, region) => self.assess_damage(call, database, region),
            Command::ListBackups(database) => self.list_backups(call, database),
            Command::VerifyBackup(database, backup) => self.verify_backup(call, database, backup),
            Command::RestoreBackup { database, region, backup, epoch } => {
                self.restore_backup(call, database, region, backup, epoch);
            }
            Command::ReadRegion(region) => {
                if self.monitoring_is_silent() {
                    return;
                }
                self.count_unseen(region);
                let services = &self.core.plan.regions[region.index()].services;
                let reading = |id: &ServiceId| {
                    (self.core.plan.services[id.index()].name.clone(), self.observe.monitoring.reading(*id, now))
                };
                let readings = services.iter().map(reading).collect();
                self.core.answer(call, Ok(Answer::Readings(readings)));
            }
            Command::Probe(service) => self.probe(call, service),
            Command::Notify(audience, message) => {
                let what = format!("a message to {audience}");
                self.people.send_message(&mut self.core, &what, people::Due::Delivered { audience, message });
                self.core.answer(call, Ok(Answer::Done));
            }
            Command::Page(person, message) => self.people.page(&mut self.core, call, person, message),
            Command::Ask(person, question) => self.people.ask(&mut self.core, call, person, question),
        }
    }

    fn activate(&mut self, call: u32, region: RegionId) {
        if self.core.is_silent(region) {
            return;
        }
        let asleep = self.platform.stations.iter().filter(|s| s.region == region && !s.active);
        let takes = asleep.map(|s| s.activation).max().unwrap_or(Span::ZERO);
        let at = self.core.kernel.now().saturating_add(takes);
        self.core.take_on(call, at, platform::Due::Activated { call, region });
    }

    fn deactivate(&mut self, call: u32, region: RegionId) {
        if self.core.is_silent(region) {
            return;
        }
        for station in self.platform.stations.iter_mut().filter(|s| s.region == region) {
            station.active = false;
        }
        let name = self.core.region_name(region);
        self.core.note(PlatformEvent::Standby { region: name });
        self.core.answer(call, Ok(Answer::Done));
    }

    fn service_status(&mut self, call: u32, region: RegionId) {
        if self.core.is_silent(region) {
            return;
        }
        let services = self.core.plan.regions[region.index()].services.iter();
        let status = services.map(|id| ServiceStatus {
            service: self.core.plan.services[id.index()].name.clone(),
            active: self.platform.stations[id.index()].active,
            servers: self.platform.stations[id.index()].capacity(),
        });
        let status = status.collect();
        self.core.answer(call, Ok(Answer::Services(status)));
    }

    /// The copy of `database` in `region`, if there is one and it could answer; otherwise control is answered here.
    pub(in crate::model) fn copy_that_answers(
        &mut self,
        call: u32,
        database: DatabaseId,
        region: RegionId,
    ) -> Option<usize> {
        if self.core.is_silent(region) {
            return None;
        }
        let state = &self.data.databases[database.index()];
        let Some(copy) = state.copies.iter().position(|c| c.region == region) else {
            self.core.refuse(call, "the database has no copy there");
            return None;
        };
        if let Some(fault) = state.copies[copy].crashed.holder() {
            self.core.hit(fault);
            self.core.answer(call, Err(PortError::Unreachable("connection refused".into())));
            return None;
        }
        Some(copy)
    }

    fn copy_status(&mut self, call: u32, database: DatabaseId, region: RegionId) {
        let now = self.core.kernel.now();
        let Some(copy) = self.copy_that_answers(call, database, region) else { return };
        let state = &mut self.data.databases[database.index()];
        if state.copies[copy].standing == Standing::Lost {
            return self.core.answer(call, Err(PortError::Unreachable("it has no data to open".into())));
        }
        state.advance(now);
        let writable = state.may_write(copy, now);
        let replica = &state.copies[copy];
        let status = CopyStatus {
            region: self.core.region_name(region),
            epoch: replica.epoch,
            applied_lsn: replica.applied,
            // A copy that writes, or was stopped from it, has received all that is in its log.
            received_lsn: if replica.standing == Standing::Writable { replica.last() } else { replica.received(now) },
            writable,
            leader: self.core.regions[state.copies[state.authority].region.index()].name.clone(),
        };
        self.core.answer(call, Ok(Answer::Copy(status)));
    }

    fn fence(&mut self, call: u32, database: DatabaseId, epoch: u32) {
        let now = self.core.kernel.now();
        if epoch < self.data.databases[database.index()].epoch {
            let newer = self.data.databases[database.index()].epoch;
            return self.core.refuse(call, format!("epoch {newer} is in force"));
        }
        if !self.claims(call, database, epoch) {
            return;
        }
        self.core.note_drill(call, DrillTouch::Database(database));
        self.raise_epoch(database, epoch);
        let at = self.data.databases[database.index()].in_force_from(now);
        if at > now {
            return self.core.take_on(call, at, data::Due::Fenced { call, database, epoch });
        }
        self.fenced(call, database, epoch);
    }

    fn promote(&mut self, call: u32, database: DatabaseId, region: RegionId, epoch: u32) {
        let now = self.core.kernel.now();
        let Some(copy) = self.copy_that_answers(call, database, region) else { return };
        let state = &mut self.data.databases[database.index()];
        state.advance(now);
        if state.authority == copy && state.copies[copy].epoch == epoch && state.may_write(copy, now) {
            let from_lsn = state.ledger.first(state.ledger.epoch()) - 1;
            return self.core.answer(call, Ok(Answer::Promoted(Promotion { epoch, from_lsn })));
        }
        if epoch < state.epoch {
            let newer = state.epoch;
            return self.core.refuse(call, format!("epoch {newer} is in force"));
        }
        if let Some(leader) = state.leads(epoch).filter(|leader| *leader != copy) {
            let leader = self.core.regions[state.copies[leader].region.index()].name.clone();
            let why = format!("{leader} leads epoch {epoch}");
            return self.core.refuse(call, why);
        }
        if !state.is_promotable(copy) {
            let why = match state.copies[copy].standing {
                Standing::Lost => "the copy has no data",
                _ => "the copy holds writes the authority does not have; it must be rebuilt first",
            };
            return self.core.refuse(call, why);
        }
        if !self.claims(call, database, epoch) {
            return;
        }
        let state = &self.data.databases[database.index()];
        let takes = mutant!("a_promotion_takes_no_time": state.plan.promote_time => Span::ZERO);
        let at = state.copies[copy].caught_up_at(now).max(now).saturating_add(takes);
        self.core.note_drill(call, DrillTouch::Database(database));
        let at = at.max(self.open_epoch(database, epoch));
        self.core.take_on(call, at, data::Due::Promoted { call, database, copy, epoch });
    }

    fn probe(&mut self, call: u32, service: ServiceId) {
        if let Some(fault) = self.core.regions[self.platform.stations[service.index()].region.index()].cut_off.holder()
        {
            return self.core.hit(fault);
        }
        let number = PROBE_NUMBERS | self.flow.probes;
        self.flow.probes += 1;
        self.enter(Job::probe(number, call, service, u16::MAX, self.core.kernel.now()));
    }

    /// A probe came back.
    pub(in crate::model) fn probe_answered(&mut self, job: &Job, ok: bool) {
        if job.is_check() {
            return self.health.check_answered(&mut self.core, job, ok);
        }
        if is_errand(job) {
            return self.errand_answered(job, ok);
        }
        let latency = self.core.plan.control.latency;
        let took = self.core.kernel.now().since(job.entered) + latency * 2;
        let refused = || PortError::Refused("the service answered with an error".into());
        self.core.answer(job.ticket, if ok { Ok(Answer::Took(took)) } else { Err(refused()) });
    }
}

//! What control's commands do to the world, and what is answered.
//!
//! Invariants: a command takes the control plane's latency each way; a place that is dark answers nothing, so that
//! control's call ends indeterminate; a change that was accepted is answered when it is in force, as a control plane's
//! client waits for it; a command that names an epoch older than the one in force is refused.

use crate::kernel::Class;
use crate::model::World;
use crate::model::agenda::Agenda;
use crate::model::clients::population::DrillTouch;
use crate::model::control::interface::{Errand, is_errand};
use crate::model::core::desk::{Answer, Caller, Command, Note};
use crate::model::core::job::Job;
use crate::model::data::database::Standing;
use crate::model::health::is_check;
use crate::model::plan::Target;
use crate::ports::{CopyStatus, PortError, Promotion, ServiceStatus};
use crate::record::LossBound;
use crate::record::event::{DataEvent, PlatformEvent};
use crate::units::{DatabaseId, Instant, RegionId, ServiceId, Span};

/// Probes are numbered apart from every population's requests.
const PROBE_NUMBERS: u64 = u64::MAX << 40;

impl World {
    /// Carries what control wrote down and handed over into the world.
    pub fn serve_desk(&mut self) {
        while let Some(note) = self.next_note() {
            match note {
                Note::Lap(lap) => self.laps.push(lap),
                Note::Event(caller, event) => {
                    // What one that was superseded still tells is kept, but says nothing about what is under way.
                    let leader = self.leads(caller).then_some(caller.controller);
                    self.note_from(leader, event.from_control());
                }
                Note::LossBound(database, bound) => self.announce(database, bound),
            }
        }
        while let Some((call, caller, command)) = self.next_command() {
            self.accept(call, caller, command);
        }
        self.take_blows();
    }

    fn next_note(&mut self) -> Option<Note> {
        self.desk.borrow_mut().next_note()
    }

    fn next_command(&mut self) -> Option<(u32, Caller, Command)> {
        self.desk.borrow_mut().next_command()
    }

    fn announce(&mut self, database: DatabaseId, bound: LossBound) {
        let state = &mut self.databases[database.index()];
        state.ledger.announce_bound(bound);
        let database = state.name.clone();
        self.note(DataEvent::LossAnnounced { database, bound });
    }

    fn accept(&mut self, call: u32, caller: Caller, command: Command) {
        let now = self.kernel.now();
        self.callers.insert(call, caller);
        if let Command::Sleep(span) = command {
            return self.put(now.saturating_add(span), Class::Control, Agenda::Answer(call, Ok(Answer::Done)));
        }
        let control = &self.plan.control;
        let (latency, timeout) = (control.latency, control.timeout);
        self.put(now.saturating_add(timeout), Class::Deadline, Agenda::TimeOut(call));
        if latency == Span::ZERO {
            self.carry_out(call, command);
        } else {
            self.put(now.saturating_add(latency), Class::Control, Agenda::Command(call, command));
        }
    }

    /// Nothing came back in time. A change that was accepted is waited for: its caller's budget is the limit.
    pub(in crate::model) fn time_out(&mut self, call: u32) {
        if self.accepted.remove(&call) {
            return;
        }
        let timeout = self.plan.control.timeout;
        self.deliver(call, Err(PortError::Indeterminate(format!("no answer within {timeout}"))));
    }

    /// The other side took on a change that takes time and will answer `call` when it is done, at `at`.
    pub(in crate::model) fn take_on(&mut self, call: u32, at: Instant, done: Agenda) {
        self.accepted.insert(call);
        self.put(at, Class::Control, done);
    }

    /// Sends an answer back to control.
    pub(in crate::model) fn answer(&mut self, call: u32, answer: Result<Answer, PortError>) {
        let latency = self.plan.control.latency;
        if latency == Span::ZERO {
            self.deliver(call, answer);
        } else {
            let at = self.kernel.now().saturating_add(latency);
            self.put(at, Class::Control, Agenda::Answer(call, answer));
        }
    }

    /// An answer reaches control.
    pub(in crate::model) fn deliver(&mut self, call: u32, answer: Result<Answer, PortError>) {
        if let Some(caller) = self.callers.remove(&call) {
            self.count_blows(call, caller);
        }
        self.desk.borrow_mut().answer(call, answer);
        self.wake.control();
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
            let Some(caller) = self.callers.get(&call).copied() else { return };
            return self.use_journal(call, caller, command);
        }
        if command.changes()
            && let Some(refusal) = self.superseded(call)
        {
            return self.answer(call, Err(refusal));
        }
        if !self.goes_wrong(call, &command) {
            self.carry_out_for_leader(call, command);
        }
    }

    /// A command that was late reaches those who do it.
    pub(in crate::model) fn carry_out_late(&mut self, call: u32, command: Command) {
        match self.superseded(call) {
            Some(refusal) => self.answer(call, Err(refusal)),
            None => self.carry_out_for_leader(call, command),
        }
    }

    fn carry_out_for_leader(&mut self, call: u32, command: Command) {
        let now = self.kernel.now();
        match command {
            Command::Sleep(_)
            | Command::AcquireLease(_)
            | Command::RenewLease(_)
            | Command::ReadJournal(_)
            | Command::AppendJournal(..) => {}
            Command::PointRecord(record, region) => {
                if let Some(fault) = self.zone.api_down.holder() {
                    return self.hit(fault);
                }
                let at = now.saturating_add(self.zone.publish);
                self.take_on(call, at, Agenda::Published { call, record, region });
            }
            Command::ReadRecord(record) => {
                if let Some(fault) = self.zone.api_down.holder() {
                    return self.hit(fault);
                }
                let answer = match self.zone.answer(record, now) {
                    Target::Region(region) => Ok(Answer::Region(region)),
                    Target::Balancer => Err(PortError::Refused("the record names the balancer, not a region".into())),
                    Target::Nothing => Err(PortError::Refused("the record has no address".into())),
                };
                self.answer(call, answer);
            }
            Command::SetWeights(weights) => self.weigh(call, weights),
            Command::ReadWeights => self.read_weights(call),
            Command::Activate(region) => self.activate(call, region),
            Command::Deactivate(region) => self.deactivate(call, region),
            Command::ServiceStatus(region) => self.service_status(call, region),
            Command::CopyStatus(database, region) => self.copy_status(call, database, region),
            Command::HeadBound(database) => {
                let database = &self.databases[database.index()];
                let (head, led_from) = (database.seen.bound(now), database.copies[database.authority].region);
                self.count_unseen(led_from);
                self.answer(call, Ok(Answer::Head(head)));
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
                let services = &self.plan.regions[region.index()].services;
                let reading =
                    |id: &ServiceId| (self.plan.services[id.index()].name.clone(), self.monitoring.reading(*id, now));
                let readings = services.iter().map(reading).collect();
                self.answer(call, Ok(Answer::Readings(readings)));
            }
            Command::Probe(service) => self.probe(call, service),
            Command::Notify(audience, message) => {
                let what = format!("a message to {audience}");
                self.send_message(&what, Agenda::Delivered { audience, message });
                self.answer(call, Ok(Answer::Done));
            }
            Command::Page(person, message) => self.page(call, person, message),
            Command::Ask(person, question) => self.ask(call, person, question),
        }
    }

    /// Whether `region` is dark or cut off from control; what was sent there gets no answer.
    pub(in crate::model) fn is_silent(&mut self, region: RegionId) -> bool {
        let region = &self.regions[region.index()];
        let holder = region.dark.holder().or(region.cut_off.holder());
        if let Some(fault) = holder {
            self.hit(fault);
        }
        holder.is_some()
    }

    /// Sends an answer out of `region`, which is lost if control was cut off meanwhile.
    pub(in crate::model) fn answer_from(&mut self, region: RegionId, call: u32, answer: Result<Answer, PortError>) {
        match self.regions[region.index()].cut_off.holder() {
            Some(fault) => self.hit(fault),
            None => self.answer(call, answer),
        }
    }

    fn activate(&mut self, call: u32, region: RegionId) {
        if self.is_silent(region) {
            return;
        }
        let asleep = self.stations.iter().filter(|s| s.region == region && !s.active);
        let takes = asleep.map(|s| s.activation).max().unwrap_or(Span::ZERO);
        let at = self.kernel.now().saturating_add(takes);
        self.take_on(call, at, Agenda::Activated { call, region });
    }

    fn deactivate(&mut self, call: u32, region: RegionId) {
        if self.is_silent(region) {
            return;
        }
        for station in self.stations.iter_mut().filter(|s| s.region == region) {
            station.active = false;
        }
        let name = self.regions[region.index()].name.clone();
        self.note(PlatformEvent::Standby { region: name });
        self.answer(call, Ok(Answer::Done));
    }

    fn service_status(&mut self, call: u32, region: RegionId) {
        if self.is_silent(region) {
            return;
        }
        let services = self.plan.regions[region.index()].services.iter();
        let status = services.map(|id| ServiceStatus {
            service: self.plan.services[id.index()].name.clone(),
            active: self.stations[id.index()].active,
            servers: self.stations[id.index()].capacity(),
        });
        let status = status.collect();
        self.answer(call, Ok(Answer::Services(status)));
    }

    /// The copy of `database` in `region`, if there is one and it could answer; otherwise control is answered here.
    pub(in crate::model) fn copy_that_answers(
        &mut self,
        call: u32,
        database: DatabaseId,
        region: RegionId,
    ) -> Option<usize> {
        if self.is_silent(region) {
            return None;
        }
        let state = &self.databases[database.index()];
        let Some(copy) = state.copies.iter().position(|c| c.region == region) else {
            self.answer(call, Err(PortError::Refused("the database has no copy there".into())));
            return None;
        };
        if let Some(fault) = state.copies[copy].crashed.holder() {
            self.hit(fault);
            self.answer(call, Err(PortError::Unreachable("connection refused".into())));
            return None;
        }
        Some(copy)
    }

    fn copy_status(&mut self, call: u32, database: DatabaseId, region: RegionId) {
        let now = self.kernel.now();
        let Some(copy) = self.copy_that_answers(call, database, region) else { return };
        let state = &mut self.databases[database.index()];
        if state.copies[copy].standing == Standing::Lost {
            return self.answer(call, Err(PortError::Unreachable("it has no data to open".into())));
        }
        state.advance(now);
        let writable = state.may_write(copy, now);
        let replica = &state.copies[copy];
        let status = CopyStatus {
            region: self.regions[region.index()].name.clone(),
            epoch: replica.epoch,
            applied_lsn: replica.applied,
            // A copy that writes, or was stopped from it, has received all that is in its log.
            received_lsn: if replica.standing == Standing::Writable { replica.last() } else { replica.received(now) },
            writable,
            leader: self.regions[state.copies[state.authority].region.index()].name.clone(),
        };
        self.answer(call, Ok(Answer::Copy(status)));
    }

    fn fence(&mut self, call: u32, database: DatabaseId, epoch: u32) {
        let now = self.kernel.now();
        if epoch < self.databases[database.index()].epoch {
            let newer = self.databases[database.index()].epoch;
            return self.answer(call, Err(PortError::Refused(format!("epoch {newer} is in force"))));
        }
        if !self.claims(call, database, epoch) {
            return;
        }
        self.note_drill(call, DrillTouch::Database(database));
        self.raise_epoch(database, epoch);
        let at = self.databases[database.index()].in_force_from(now);
        if at > now {
            return self.take_on(call, at, Agenda::Fenced { call, database, epoch });
        }
        self.fenced(call, database, epoch);
    }

    fn promote(&mut self, call: u32, database: DatabaseId, region: RegionId, epoch: u32) {
        let now = self.kernel.now();
        let Some(copy) = self.copy_that_answers(call, database, region) else { return };
        let state = &mut self.databases[database.index()];
        state.advance(now);
        if state.authority == copy && state.copies[copy].epoch == epoch && state.may_write(copy, now) {
            let from_lsn = state.ledger.first(state.ledger.epoch()) - 1;
            return self.answer(call, Ok(Answer::Promoted(Promotion { epoch, from_lsn })));
        }
        if epoch < state.epoch {
            let newer = state.epoch;
            return self.answer(call, Err(PortError::Refused(format!("epoch {newer} is in force"))));
        }
        if let Some(leader) = state.leads(epoch).filter(|leader| *leader != copy) {
            let leader = self.regions[state.copies[leader].region.index()].name.clone();
            let why = format!("{leader} leads epoch {epoch}");
            return self.answer(call, Err(PortError::Refused(why)));
        }
        if !state.is_promotable(copy) {
            let why = match state.copies[copy].standing {
                Standing::Lost => "the copy has no data",
                _ => "the copy holds writes the authority does not have; it must be rebuilt first",
            };
            return self.answer(call, Err(PortError::Refused(why.into())));
        }
        if !self.claims(call, database, epoch) {
            return;
        }
        let state = &self.databases[database.index()];
        let takes = mutant!("a_promotion_takes_no_time": state.plan.promote_time => Span::ZERO);
        let at = state.copies[copy].caught_up_at(now).max(now).saturating_add(takes);
        self.note_drill(call, DrillTouch::Database(database));
        let at = at.max(self.open_epoch(database, epoch));
        self.take_on(call, at, Agenda::Promoted { call, database, copy, epoch });
    }

    fn probe(&mut self, call: u32, service: ServiceId) {
        if let Some(fault) = self.regions[self.stations[service.index()].region.index()].cut_off.holder() {
            return self.hit(fault);
        }
        let number = PROBE_NUMBERS | self.probes;
        self.probes += 1;
        self.enter(Job::probe(number, call, service, u16::MAX, self.kernel.now()));
    }

    /// A probe came back.
    pub(in crate::model) fn probe_answered(&mut self, job: &Job, ok: bool) {
        if is_check(job) {
            return self.check_answered(job, ok);
        }
        if is_errand(job) {
            return self.errand_answered(job, ok);
        }
        let latency = self.plan.control.latency;
        let took = self.kernel.now().since(job.entered) + latency * 2;
        let refused = || PortError::Refused("the service answered with an error".into());
        self.answer(job.ticket, if ok { Ok(Answer::Took(took)) } else { Err(refused()) });
    }
}

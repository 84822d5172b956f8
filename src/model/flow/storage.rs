//! Services talking to databases, and what happens when a copy is slow, silent or demoted.
//!
//! Invariants: whether a copy that was read was behind is counted where it is read.
//! A service waits for its database no longer than the call time-out. What a fault overtook gets no
//! answer, and the caller learns that it may have happened.

use crate::model::World;
use crate::model::core::job::{Access, Job};
use crate::model::data::database::{CopyOperation, OperationKind, RowContent};
use crate::model::flow::hop::HopTo;
use crate::model::flow::reply::ClientReply;
use crate::model::flow::traffic::culprits;
use crate::model::platform::Store;
use crate::record::{FailureReason, OUTDATED, Position, RequestEvent, StoreEvent, position_of, version};
use crate::units::{DatabaseId, FaultId, Instant, RegionId, Span};

impl World {
    /// The entry service of `job` calls `database`: the copy it takes for the authority.
    pub(in crate::model) fn database_call(&mut self, job: Job, database: DatabaseId) {
        let service_region = self.platform.region_of(&job);
        let copy = self.copy_called(&job, database);
        let copy_region = self.data.databases[database.index()].copies[copy].region;
        match self.travel_between(service_region, copy_region, (&job, job.draw() << 1)) {
            None => self.hang(job, database, copy),
            Some(Span::ZERO) => self.database_arrive(job, database, copy),
            Some(latency) => self.send(job, HopTo::Database { database, copy: copy as u8 }, latency),
        }
    }

    /// `job` reaches `copy` of `database`.
    pub(in crate::model) fn database_arrive(&mut self, job: Job, database: DatabaseId, copy: usize) {
        let now = self.core.kernel.now();
        let state = &self.data.databases[database.index()];
        let replica = &state.copies[copy];
        let service_region = self.platform.region_of(&job);
        let copy_region = replica.region;
        let crashed = replica.crashed.holder();
        if let Some(fault) = self.core.regions[copy_region.index()].dark.holder() {
            self.touch(&job, fault);
            return self.hang(job, database, copy);
        }
        let Some(back) = self.travel_between(copy_region, service_region, (&job, (job.draw() << 1) | 1)) else {
            return self.unheard(job, database, copy);
        };
        let state = &mut self.data.databases[database.index()];
        if let Some(fault) = crashed {
            self.touch(&job, fault);
            return self.reply(&job, service_region, ClientReply::Error(FailureReason::DatabaseUnreachable), back);
        }
        if !state.copies[copy].is_readable() {
            let wiped = state.copies[copy].wiped.holder();
            wiped.into_iter().for_each(|fault| self.touch(&job, fault));
            return self.without_data(job, database, copy, back);
        }
        state.taken_on += u64::from(copy == state.authority);
        if !job.access.writes() {
            if copy != state.authority {
                let behind = mutant!("a_copy_nearby_is_never_behind": state.behind_by(copy, job.key, now) => None);
                let tally = &mut self.platform.stations[job.entry.index()].tally;
                tally.behind += u64::from(behind.is_some());
                tally.outdated += u64::from(behind.is_some_and(|by| by > OUTDATED));
                if let Some(ago) = behind {
                    self.platform.note_old_read(&job, ago, now);
                }
            }
            let state = &self.data.databases[database.index()];
            if state.tells_reads && !job.is_probe() {
                state.witness.tell(now, StoreEvent::Read { key: job.key });
            }
            if self.core.requests_watched.is_some() {
                self.tell_what_is_read(&job, database, copy);
            }
            let ready = now + self.data.databases[database.index()].plan.read_time + back;
            return self.operate(job, database, copy, OperationKind::Read, ready, back);
        }
        if !state.may_write(copy, now) {
            let causes = self.data.lost_its_lease_to(&self.core, database, copy);
            causes.into_iter().for_each(|fault| self.touch(&job, fault));
            return self.not_authority(job, database, copy, back);
        }
        if self.data.has_no_room(&mut self.core, database, copy) {
            return self.reply(&job, service_region, ClientReply::Error(FailureReason::DatabaseRefused), back);
        }
        self.write(job, database, copy, back);
    }

    /// What `job` reads from `copy` now, for those who watch.
    #[cold]
    fn tell_what_is_read(&mut self, job: &Job, database: DatabaseId, copy: usize) {
        let now = self.core.now();
        let state = &mut self.data.databases[database.index()];
        state.advance(now);
        let version = state.copies[copy].rows()[job.key as usize];
        let row = (version != 0).then(|| position_of(version));
        let (number, attempt) = (job.number, job.attempt);
        self.core.tell_of_request(now, RequestEvent::Read { number, attempt, store: database, row });
    }

    /// How long message `draw`, about `job`, takes from one region to another; `None` if it is lost.
    pub(in crate::model) fn travel_between(
        &mut self,
        from: RegionId,
        to: RegionId,
        (job, draw): (&Job, u64),
    ) -> Option<Span> {
        let Some(link) = self.core.network.between(from, to) else { return Some(Span::ZERO) };
        let (travel, culprits) = (link.travel(draw), link.is_touched().then(|| culprits(link, draw)));
        culprits.into_iter().flatten().flatten().for_each(|fault| self.touch(job, fault));
        travel
    }

    /// `job` reaches `copy`, but no answer comes back: what it wrote stands in the log, and its service waits until its
    /// time-out.
    fn unheard(&mut self, job: Job, database: DatabaseId, copy: usize) {
        let now = self.core.kernel.now();
        let state = &self.data.databases[database.index()];
        let takes = job.access.writes() && !state.copies[copy].crashed.is_on() && state.may_write(copy, now);
        if takes && !self.data.has_no_room(&mut self.core, database, copy) {
            self.write(job, database, copy, CopyOperation::UNHEARD);
        }
        self.hang(job, database, copy);
    }

    fn write(&mut self, job: Job, database: DatabaseId, copy: usize, back: Span) {
        let now = self.core.kernel.now();
        let live = self.clients.is_live(&job);
        let invoked = if live { self.clients.requests[job.slot].started } else { job.entered };
        let fresh = live && !self.may_be_there(&job);
        let appended = self.data.databases[database.index()].append(copy, &job, invoked, fresh, now);
        if live {
            self.clients.note_appended(job.slot, database, appended.position);
        }
        if self.data.databases[database.index()].contents.is_some() {
            self.note_row(&job, database, appended.position);
        }
        self.platform.note_written(Store::Database(database), job.key, now);
        self.data.count_held_back(&mut self.core, database, copy);
        self.data.watch_patience(&mut self.core, (database, copy), now, appended.acknowledged);
        let kind = OperationKind::Write(appended.position);
        self.operate(job, database, copy, kind, appended.acknowledged, back);
    }

    /// What the row holds that `job` wrote, for whoever reads rows: the service that took the request has stamped it.
    #[cold]
    fn note_row(&mut self, job: &Job, database: DatabaseId, position: Position) {
        let region = self.core.plan.services[job.entry.index()].region;
        let stamp = self.core.regions[region.index()].clock(job.entered);
        let wrong: Vec<FaultId> = self.core.regions[region.index()].skews.iter().map(|(fault, _)| *fault).collect();
        wrong.into_iter().for_each(|fault| self.core.hit(fault));
        let version = version(position, job.access == Access::Delete);
        self.data.databases[database.index()].note_content(version, RowContent { value: job.number, stamp });
    }

    /// The copy has nothing to read or to write. A service that took it for the authority by mistake goes there once.
    fn without_data(&mut self, job: Job, database: DatabaseId, copy: usize, back: Span) {
        if self.data.databases[database.index()].authority != copy {
            return self.not_authority(job, database, copy, back);
        }
        let service_region = self.platform.region_of(&job);
        self.reply(&job, service_region, ClientReply::Error(FailureReason::DatabaseRefused), back);
    }

    /// The copy does not take writes. A service follows the hint to the authority once.
    fn not_authority(&mut self, mut job: Job, database: DatabaseId, copy: usize, back: Span) {
        let state = &mut self.data.databases[database.index()];
        let service_region = self.platform.region_of(&job);
        let authority = state.authority;
        if authority == copy || job.redirected {
            return self.reply(&job, service_region, ClientReply::Error(FailureReason::DatabaseRefused), back);
        }
        state.routes[service_region.index()] = authority;
        job.redirected = true;
        self.database_call(job, database);
    }

    /// Nobody answers `job`: its service gives up after the call time-out.
    fn hang(&mut self, job: Job, database: DatabaseId, copy: usize) {
        let ready = self.core.now() + self.data.databases[database.index()].plan.call_timeout;
        self.blame_database(&job);
        self.operate(job, database, copy, OperationKind::Hang, ready, Span::ZERO);
    }

    fn blame_database(&mut self, job: &Job) {
        if self.clients.is_live(job) && self.answer_hangs_on(job) {
            self.clients.requests[job.slot].reason = FailureReason::DatabaseUnreachable;
        }
    }

    /// The service of `job` waits for its database without an answer, until then.
    pub(in crate::model) fn hangs(&mut self, job: &Job, until: Instant) {
        self.blame_database(job);
        self.expect_no_sooner(job, until);
    }

    /// The connection of the service of `job` to its database was reset.
    pub(in crate::model) fn reset(&mut self, job: &Job, written: Option<(DatabaseId, Position)>, back: Span) {
        let region = self.platform.region_of(job);
        self.reply(job, region, ClientReply::Doubtful(written), back);
    }

    fn operate(
        &mut self,
        job: Job,
        database: DatabaseId,
        copy: usize,
        kind: OperationKind,
        ready: Instant,
        back: Span,
    ) {
        let begun = self.core.now();
        let operation = CopyOperation { job, kind, copy: copy as u8, ready, back, begun, stamp: 0, open: true };
        let answered = self.data.given_up_at(database, &operation).unwrap_or(ready);
        self.expect_no_sooner(&job, answered);
        self.data.begin_operation(&mut self.core, database, operation);
    }

    /// `job` gets no answer before `ready`, which may be too late for its client.
    #[inline]
    fn expect_no_sooner(&mut self, job: &Job, ready: Instant) {
        if self.clients.is_live(job) && ready > self.clients.requests[job.slot].deadline {
            self.clients.await_timeout(&mut self.core, job.slot);
        }
    }

    /// The operation in `slot` is due.
    pub(in crate::model) fn operated(&mut self, database: DatabaseId, slot: u32, stamp: u32) {
        if let Some(operation) = self.data.give_up(&mut self.core, database, slot, stamp) {
            return self.given_up(&operation, database);
        }
        let Some(operation) = self.data.end_operation(&self.core, database, slot, stamp) else { return };
        let job = operation.job;
        let region = self.platform.region_of(&job);
        match operation.kind {
            OperationKind::Hang => self.reply(&job, region, ClientReply::Doubtful(None), Span::ZERO),
            OperationKind::Read => self.stored(job, None, Span::ZERO),
            OperationKind::Write(position) => {
                let promised = self.data.databases[database.index()].promise(&operation, position, self.core.now());
                let written = Some((database, position));
                if operation.back != CopyOperation::UNHEARD {
                    if promised {
                        self.stored(job, written, operation.back);
                    } else {
                        self.reply(&job, region, ClientReply::Doubtful(written), operation.back);
                    }
                }
            }
        }
    }

    /// The service of a write returns an error to its caller: no acknowledgement has come in time. What keeps the copies from
    /// each other that a commit waits for has got at the request.
    fn given_up(&mut self, operation: &CopyOperation, database: DatabaseId) {
        let OperationKind::Write(position) = operation.kind else { return };
        let job = operation.job;
        for fault in self.data.held_back_by(&self.core, database, usize::from(operation.copy)) {
            self.blame(&job, fault);
        }
        self.blame_database(&job);
        let region = self.platform.region_of(&job);
        self.reply(&job, region, ClientReply::Doubtful(Some((database, position))), Span::ZERO);
    }
}

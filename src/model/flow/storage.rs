//! Services talking to databases, and what becomes of it when a copy is slow, silent or deposed.
//!
//! Invariants: a service waits for its database no longer than the call time-out. What a fault overtook gets no
//! answer, and the caller learns that it may have happened.

use crate::kernel::Class;
use crate::model::core::job::Job;
use crate::model::data::database::{Operation, OperationKind, Replica, Standing};
use crate::model::flow::hop::HopTo;
use crate::model::flow::traffic::{Reply, culprits};
use crate::model::plan::Commit;
use crate::model::{Event, World};
use crate::record::FailureReason;
use crate::units::{DatabaseId, FaultId, Instant, RegionId, Span};

/// How long an answer travels that never arrives.
const LOST: Span = Span::MAX;

impl World {
    /// The entry service of `job` calls `database`: the copy it takes for the authority.
    pub(in crate::model) fn database_call(&mut self, job: Job, database: DatabaseId) {
        let service_region = self.platform.stations[job.entry.index()].region;
        let copy = self.data.databases[database.index()].routes[service_region.index()];
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
        let service_region = self.platform.stations[job.entry.index()].region;
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
            return self.reply(&job, service_region, Reply::Error(FailureReason::DatabaseUnreachable), back);
        }
        if !state.copies[copy].is_readable() {
            let wiped = state.copies[copy].wiped.holder();
            wiped.into_iter().for_each(|fault| self.touch(&job, fault));
            return self.without_data(job, database, copy, back);
        }
        state.taken_on += u64::from(copy == state.authority);
        if !job.write {
            let ready = now + state.plan.read_time + back;
            return self.operate(job, database, copy, OperationKind::Read, ready, back);
        }
        if !state.may_write(copy, now) {
            return self.not_authority(job, database, copy, back);
        }
        if self.has_no_room(database, copy) {
            return self.reply(&job, service_region, Reply::Error(FailureReason::DatabaseRefused), back);
        }
        self.write(job, database, copy, back);
    }

    /// How long message `draw`, about `job`, takes from one region to another; `None` if it is lost.
    fn travel_between(&mut self, from: RegionId, to: RegionId, (job, draw): (&Job, u64)) -> Option<Span> {
        let Some(link) = self.core.network.between(from, to) else { return Some(Span::ZERO) };
        let (travel, culprits) = (link.travel(draw), link.is_touched().then(|| culprits(link, draw)));
        culprits.into_iter().flatten().flatten().for_each(|fault| self.touch(job, fault));
        travel
    }

    /// `job` reaches `copy`, but no answer comes back: what it wrote stands in the log, and its service waits in vain.
    fn unheard(&mut self, job: Job, database: DatabaseId, copy: usize) {
        let now = self.core.kernel.now();
        let state = &self.data.databases[database.index()];
        let takes = job.write && !state.copies[copy].crashed.is_on() && state.may_write(copy, now);
        if takes && !self.has_no_room(database, copy) {
            self.write(job, database, copy, LOST);
        }
        self.hang(job, database, copy);
    }

    fn write(&mut self, job: Job, database: DatabaseId, copy: usize, back: Span) {
        let now = self.core.kernel.now();
        let live = self.clients.is_live(&job);
        let invoked = if live { self.clients.requests[job.slot].started } else { job.entered };
        let fresh = live && job.attempt == 0;
        let appended = self.data.databases[database.index()].append(copy, &job, invoked, fresh, now);
        if live {
            self.clients.requests[job.slot].appended = Some((database.0, appended.position));
        }
        self.count_held_back(database, copy);
        self.watch_patience(database, appended.acknowledged);
        let kind = OperationKind::Write(appended.position);
        self.operate(job, database, copy, kind, appended.acknowledged, back);
    }

    /// A record that a stalled stream does not carry is one that the stall affected, and so is one that waits for a replica
    /// which is gone.
    fn count_held_back(&mut self, database: DatabaseId, authority: usize) {
        let state = &self.data.databases[database.index()];
        let waits = state.plan.commit == Commit::Synchronous;
        for (_, copy) in state.copies.iter().enumerate().filter(|(index, _)| *index != authority) {
            if let Some(fault) = copy
                .stalled
                .holder()
                .or(copy.full.holder())
                .or(waits.then(|| self.gone_with(copy)).flatten())
                .or(self.core.network.cut_between(state.copies[authority].region, copy.region))
            {
                self.core.hits[fault.index()] += 1;
            }
        }
    }

    /// The fault that `copy` is down with.
    fn gone_with(&self, copy: &Replica) -> Option<FaultId> {
        self.core.regions[copy.region.index()].dark.holder().or(copy.crashed.holder())
    }

    /// The copy has nothing to read or to write. A service that took it for the authority by mistake goes there once.
    fn without_data(&mut self, job: Job, database: DatabaseId, copy: usize, back: Span) {
        if self.data.databases[database.index()].authority != copy {
            return self.not_authority(job, database, copy, back);
        }
        let service_region = self.platform.stations[job.entry.index()].region;
        self.reply(&job, service_region, Reply::Error(FailureReason::DatabaseRefused), back);
    }

    /// The copy does not take writes. A service follows the hint to the authority once.
    fn not_authority(&mut self, mut job: Job, database: DatabaseId, copy: usize, back: Span) {
        let state = &mut self.data.databases[database.index()];
        let service_region = self.platform.stations[job.entry.index()].region;
        let authority = state.authority;
        if authority == copy || job.redirected {
            return self.reply(&job, service_region, Reply::Error(FailureReason::DatabaseRefused), back);
        }
        state.routes[service_region.index()] = authority;
        job.redirected = true;
        self.database_call(job, database);
    }

    /// Nobody answers `job`: its service gives up after the call time-out.
    fn hang(&mut self, job: Job, database: DatabaseId, copy: usize) {
        let ready = self.core.kernel.now() + self.data.databases[database.index()].plan.call_timeout;
        if self.clients.is_live(&job) {
            self.clients.requests[job.slot].reason = FailureReason::DatabaseUnreachable;
        }
        self.operate(job, database, copy, OperationKind::Hang, ready, Span::ZERO);
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
        if self.clients.is_live(&job) && ready > self.clients.requests[job.slot].deadline {
            self.clients.await_timeout(&mut self.core, job.slot);
        }
        let begun = self.core.kernel.now();
        let operations = &mut self.data.databases[database.index()].operations;
        let operation = Operation { job, kind, copy: copy as u8, ready, back, begun, stamp: 0, open: true };
        let slot = operations.insert(operation);
        let stamp = self.core.next_stamp();
        self.data.databases[database.index()].operations[slot].stamp = stamp;
        if ready != Instant::MAX {
            self.file_operation(database, slot);
        }
    }

    pub(in crate::model) fn file_operation(&mut self, database: DatabaseId, slot: u32) {
        let operation = self.data.databases[database.index()].operations[slot];
        let event = Event::Database { database, slot, stamp: operation.stamp };
        let wait = operation.ready.since(self.core.kernel.now());
        self.core.push_delay(wait, operation.ready, Class::Completion, event);
    }

    /// The operation in `slot` is due.
    pub(in crate::model) fn operated(&mut self, database: DatabaseId, slot: u32, stamp: u32) {
        let now = self.core.kernel.now();
        let operation = self.data.databases[database.index()].operations[slot];
        if !operation.open || operation.stamp != stamp || operation.ready > now {
            return;
        }
        self.close_operation(database, slot);
        let region = self.platform.stations[operation.job.entry.index()].region;
        match operation.kind {
            OperationKind::Hang => self.reply(&operation.job, region, Reply::Doubtful(None), Span::ZERO),
            OperationKind::Read => self.reply_at_once(&operation.job, region),
            OperationKind::Write(position) => {
                let state = &mut self.data.databases[database.index()];
                // A copy that was deposed meanwhile must not promise what the new authority may not have.
                let copy = usize::from(operation.copy);
                if !state.may_write(copy, now) {
                    let doubtful = Reply::Doubtful(Some((database, position)));
                    return self.reply_unless_lost(operation.job, region, doubtful, operation.back);
                }
                state.ledger.server_acked(position, now);
                let write = (operation.job.number, operation.job.key);
                state.audit.acked(copy, state.copies[copy].epoch, write, now);
                let ok = Reply::Ok(Some((database, position)));
                self.reply_unless_lost(operation.job, region, ok, operation.back);
            }
        }
    }

    fn reply_unless_lost(&mut self, job: Job, region: RegionId, reply: Reply, back: Span) {
        if back != LOST {
            self.reply(&job, region, reply, back);
        }
    }

    fn close_operation(&mut self, database: DatabaseId, slot: u32) {
        let operations = &mut self.data.databases[database.index()].operations;
        operations[slot].open = false;
        operations.release(slot);
    }

    /// Everything under way at `copy` is lost. A crash resets connections, so the services learn of it at once; a dark
    /// region says nothing.
    pub(in crate::model) fn lose_operations(&mut self, database: DatabaseId, copy: usize, reset: bool) {
        for slot in 0..self.data.databases[database.index()].operations.slots() {
            let operation = self.data.databases[database.index()].operations[slot];
            if !operation.open || usize::from(operation.copy) != copy || operation.kind == OperationKind::Hang {
                continue;
            }
            self.close_operation(database, slot);
            let region = self.platform.stations[operation.job.entry.index()].region;
            let appended = match operation.kind {
                OperationKind::Write(position) => Some((database, position)),
                OperationKind::Read | OperationKind::Hang => None,
            };
            if self.core.regions[region.index()].dark.is_on() {
                self.no_answer(&operation.job);
            } else if operation.back == LOST {
                // Its service waits beside it already.
            } else if reset {
                self.reply(&operation.job, region, Reply::Doubtful(appended), operation.back);
            } else {
                self.hang(operation.job, database, copy);
            }
        }
    }

    /// Replication of `database` moves or stands still according to what faults hold at present. Writes that wait for
    /// a replica are timed anew.
    pub(in crate::model) fn refresh_replication(&mut self, database: DatabaseId) {
        let now = self.core.kernel.now();
        let state = &mut self.data.databases[database.index()];
        state.advance(now);
        let up = |copy: &Replica| {
            !copy.crashed.is_on() && copy.is_readable() && !self.core.regions[copy.region.index()].dark.is_on()
        };
        let lead = &state.copies[state.authority];
        let linked = |copy: &Replica| self.core.network.cut_between(lead.region, copy.region).is_none();
        let follows =
            |copy: &Replica| up(lead) && up(copy) && linked(copy) && !copy.stalled.is_on() && !copy.full.is_on();
        let added = |copy: &Replica| self.core.network.added_between(lead.region, copy.region);
        let moves: Vec<(bool, Span)> = state.copies.iter().map(|copy| (follows(copy), added(copy))).collect();
        for (index, (moves, added)) in moves.into_iter().enumerate() {
            state.copies[index].added = added;
            match state.copies[index].standing {
                Standing::Writable => {}
                Standing::Rebuilding | Standing::Lost | Standing::Restored => state.copies[index].connect(false, now),
                Standing::Following | Standing::Diverged => state.copies[index].connect(moves, now),
            }
        }
        self.resume_waiting(database);
        self.retime_writes(database);
        self.watch_authority(database);
    }
}

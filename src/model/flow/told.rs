//! What is told of requests and of the writes they make: to the databases that keep them, and to those who watch.
//!
//! Owns nothing. Does not know what is made of it. Invariant: a write is acknowledged once by each database that has promised it,
//! and in doubt in every one that it may have come to.

use crate::model::World;
use crate::model::clients::places::WrittenPlace;
use crate::model::core::job::Access;
use crate::model::observe::meter::RequestOutcome;
use crate::model::observe::sampled::Sampled;
use crate::record::{Position, RequestEvent, StoreEvent, Write};
use crate::units::{DatabaseId, Instant};

impl World {
    /// The request in `slot` was sent, for those who watch, if anything it reaches keeps rows.
    #[cold]
    pub(super) fn tell_who_asks(&self, slot: u32) {
        let request = &self.clients.requests[slot];
        let route = &self.clients.populations[usize::from(request.workload)].routes[usize::from(request.step)];
        if !route.databases.is_empty() {
            let (number, key, access) = (request.number, request.key, request.access);
            self.core.tell_of_request(
                request.started,
                RequestEvent::Sent { number, key, writes: access.writes(), deletes: access == Access::Delete },
            );
        }
    }

    /// The request in `slot`, which came to `outcome` at `at`, is shown by itself.
    #[cold]
    pub(super) fn sample(&mut self, slot: u32, outcome: RequestOutcome, at: Instant) {
        let request = &self.clients.requests[slot];
        self.observe.sampled.keep(Sampled {
            number: request.number,
            workload: request.workload,
            region: request.sent_to,
            write: request.access.writes(),
            attempts: u32::from(request.attempt) + 1,
            during: (request.started, at),
            outcome: outcome.of_operation(),
            reason: request.reason,
        });
    }

    #[inline(always)]
    pub(super) fn write_acknowledged(&mut self, slot: u32, database: DatabaseId, position: Position, at: Instant) {
        let request = &self.clients.requests[slot];
        let write = Write {
            operation: request.number,
            key: request.key,
            invoked: request.started,
            deleted: request.access == Access::Delete,
        };
        let state = &mut self.data.databases[database.index()];
        state.witness.tell(at, StoreEvent::Acknowledged { position, write });
        state.note_acknowledged(at);
    }

    /// The client of the write in `slot` is told that it is done, by all the places that have promised it, those in `told`
    /// counted already.
    #[cold]
    pub(super) fn others_acknowledged(&mut self, slot: u32, told: Option<DatabaseId>, at: Instant) {
        let promised =
            self.clients.places.of(slot).iter().filter(|place| place.promised && Some(place.database) != told);
        for WrittenPlace { database, position, .. } in promised.copied().collect::<Vec<_>>() {
            self.write_acknowledged(slot, database, position, at);
        }
    }

    pub(super) fn mark_doubtful(&mut self, slot: u32) {
        let request = &mut self.clients.requests[slot];
        request.in_doubt = true;
        if !request.access.writes() {
            return;
        }
        let (number, now) = (request.number, self.core.kernel.now());
        let route = &self.clients.populations[request.workload as usize].routes[usize::from(request.step)];
        for database in &route.databases {
            let appended = self.clients.stands_at(slot, *database);
            self.data.databases[database.index()].in_doubt(number, appended, now);
        }
    }

    /// A write came to an end that was not told to be done.
    pub(super) fn write_unanswered(&mut self, slot: u32, outcome: RequestOutcome) {
        let request = &self.clients.requests[slot];
        let routes = &self.clients.populations[request.workload as usize].routes;
        let databases = &routes[usize::from(request.step)].databases;
        let event = match outcome {
            RequestOutcome::Unknown => StoreEvent::GaveUp { operation: request.number },
            _ => StoreEvent::Refused,
        };
        for database in databases {
            self.data.databases[database.index()].witness.tell(self.core.kernel.now(), event);
        }
    }
}

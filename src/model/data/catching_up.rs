//! Copies that receive from another copy what the authority can no longer send them.
//!
//! Does not know why one is behind. Invariant: only records of the common history are passed on, and only over a way that
//! is open when they arrive.

use crate::model::core::Core;
use crate::model::data::database::ReplicaState;
use crate::model::data::databases_api::DatabasesAnswer;
use crate::model::data::{Data, Due};
use crate::ports::PortError;
use crate::record::event::DataEvent;
use crate::units::{DatabaseId, RegionId};

impl Data {
    /// Control wants the copy in the first region to have all that the one in the second has.
    pub(super) fn catch_up(
        &mut self,
        core: &mut Core,
        call: u32,
        database: DatabaseId,
        (region, from): (RegionId, RegionId),
    ) {
        let now = core.kernel.now();
        let Some(copy) = self.copy_that_answers(core, call, database, region) else { return };
        let Some(source) = self.copy_that_answers(core, call, database, from) else { return };
        self.databases[database.index()].advance(now);
        if self.has_all_of(core, database, (copy, source)) {
            let received = self.databases[database.index()].copies[copy].log_end(now);
            return core.answer(call, Ok(DatabasesAnswer::Received(received).into()));
        }
        if let Some(why) = self.cannot_be_fed(core, database, (copy, source)) {
            return core.refuse(call, why);
        }
        let at = now.saturating_add(self.databases[database.index()].copies[copy].travels());
        core.accept_change(call, at, Due::CaughtUp { call, database, copy, source });
    }

    /// The time that the missing records travel is over.
    pub(super) fn caught_up(&mut self, core: &mut Core, call: u32, database: DatabaseId, between: (usize, usize)) {
        let (now, (copy, source)) = (core.kernel.now(), between);
        let region = self.databases[database.index()].copies[copy].region;
        self.databases[database.index()].advance(now);
        let up = |index: usize| {
            let copy = &self.databases[database.index()].copies[index];
            !copy.crashed.is_on() && !core.regions[copy.region.index()].dark.is_on()
        };
        if mutant!("the_dead_feed": !up(copy) || !up(source) => false) {
            return core.answer_from(region, call, Err(PortError::Unreachable("connection reset".into())));
        }
        if let Some(why) = self.cannot_be_fed(core, database, between) {
            return core.answer_from(region, call, Err(PortError::Refused(why)));
        }
        let state = &mut self.databases[database.index()];
        let up_to = state.copies[source].log_end(now);
        state.copies[copy].take_in(up_to, now);
        state.advance(now);
        let received = state.copies[copy].log_end(now);
        let (name, source) = (state.name.clone(), state.copies[source].region);
        let (to, from) = (core.region_name(region), core.region_name(source));
        core.note(DataEvent::CaughtUp { database: name, region: to, source: from, up_to: received });
        self.refresh_replication(core, database);
        core.answer_from(region, call, Ok(DatabasesAnswer::Received(received).into()));
    }

    fn has_all_of(&self, core: &Core, database: DatabaseId, (copy, source): (usize, usize)) -> bool {
        let copies = &self.databases[database.index()].copies;
        copies[copy].log_end(core.now()) >= copies[source].log_end(core.now())
    }

    /// Why the one copy cannot pass records on to the other, if it cannot.
    fn cannot_be_fed(&self, core: &mut Core, database: DatabaseId, (copy, source): (usize, usize)) -> Option<String> {
        let state = &self.databases[database.index()];
        let (to, from) = (&state.copies[copy], &state.copies[source]);
        if mutant!("who_diverged_feeds": to.state != ReplicaState::Following || !state.is_promotable(source) => false) {
            return Some("the copies do not share one history".to_owned());
        }
        let way = core.network.cut_between(from.region, to.region);
        let fault = to.stalled.holder().or(to.full.holder()).or(way)?;
        let (here, there) = (core.region_name(to.region), core.region_name(from.region));
        core.hit(fault);
        Some(format!("no records get from {there} to {here}"))
    }
}

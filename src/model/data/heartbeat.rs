//! Rows that control writes itself, to see whether clients' writes would be acknowledged.
//!
//! Does not know who asks. Invariants: a heartbeat is acknowledged exactly when a client's write would be, and is in no
//! client's history.

use crate::kernel::Class;
use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::data::{Data, Due};
use crate::units::{DatabaseId, Instant, RegionId};

impl Data {
    /// Control commits a row at the copy in `region`.
    pub(super) fn heartbeat(&mut self, core: &mut Core, call: u32, database: DatabaseId, region: RegionId) {
        let now = core.kernel.now();
        let Some(copy) = self.copy_that_answers(core, call, database, region) else { return };
        if mutant!("anybody_takes_a_heartbeat": !self.databases[database.index()].may_write(copy, now) => false) {
            return core.refuse(call, "it accepts no writes");
        }
        if self.has_no_room(core, database, copy) {
            return core.refuse(call, "its disk is full");
        }
        let state = &mut self.databases[database.index()];
        if let Some(acks) = state.acks_take(copy).filter(|acks| *acks <= state.plan.call_timeout) {
            let at = now.saturating_add(state.plan.commit_time).saturating_add(acks);
            return core.schedule(at, Class::Control, Due::Heartbeat { call, database, copy });
        }
        state.copies[copy].heartbeat.get_or_insert(now);
        let at = now.saturating_add(state.plan.call_timeout);
        self.watch_patience(core, (database, copy), now, Instant::MAX);
        core.schedule(at, Class::Control, Due::Heartbeat { call, database, copy });
    }

    /// A heartbeat is acknowledged by now, or nobody waits for it any longer.
    pub(super) fn heartbeat_due(&mut self, core: &mut Core, call: u32, database: DatabaseId, copy: usize) {
        let now = core.kernel.now();
        let state = &self.databases[database.index()];
        let region = state.copies[copy].region;
        if let Some(fault) = core.regions[region.index()].dark.holder().or(state.copies[copy].crashed.holder()) {
            return core.hit(fault);
        }
        let acknowledged = state.may_write(copy, now)
            && mutant!("a_heartbeat_waits_for_nobody": state.acks_take(copy).is_some_and(|acks| acks <= state.plan.call_timeout) => true);
        if acknowledged {
            self.databases[database.index()].copies[copy].heartbeat = None;
            return core.answer_from(region, call, Ok(Answer::Done));
        }
        let waited = state.plan.call_timeout;
        let why = format!("a write was not acknowledged within {waited:#}: too few replicas answer");
        core.answer_from(region, call, Err(crate::ports::PortError::Refused(why)));
    }
}

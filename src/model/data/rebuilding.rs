//! Copies that are made to follow the authority again.
//!
//! Does not know why they diverged. Invariant: a copy follows only if the authority could be read to the end of the copying.

use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::data::database::ReplicaState;
use crate::model::data::{Data, Due};
use crate::ports::PortError;
use crate::record::event::DataEvent;
use crate::units::{DatabaseId, Instant, RegionId};

impl Data {
    /// Control makes the copy in `region` follow again.
    pub(super) fn rebuild(&mut self, core: &mut Core, call: u32, database: DatabaseId, region: RegionId) {
        let now = core.kernel.now();
        let Some(copy) = self.copy_that_answers(core, call, database, region) else { return };
        if self.databases[database.index()].authority == copy {
            let why = "it is the authority itself";
            return core.refuse(call, why);
        }
        let state = &mut self.databases[database.index()];
        match state.copies[copy].state {
            ReplicaState::Following => return core.answer(call, Ok(Answer::Done)),
            ReplicaState::Rebuilding => {}
            ReplicaState::Writable | ReplicaState::Diverged | ReplicaState::Lost | ReplicaState::Restored => {
                if mutant!("an_unreadable_authority_is_copied": !self.authority_is_readable(core, database, copy) => false)
                {
                    return core.refuse(call, UNREADABLE);
                }
                let state = &self.databases[database.index()];
                let lost = state.copies[copy].wiped_by.filter(|_| state.copies[copy].state == ReplicaState::Lost);
                lost.into_iter().for_each(|fault| core.hit(fault));
                self.begin_rebuild(core, database, copy, now);
            }
        }
        let at = self.databases[database.index()].copies[copy].rebuilt_at;
        core.accept_change(call, at, Due::Rebuilt { call, database, copy });
    }

    fn begin_rebuild(&mut self, core: &mut Core, database: DatabaseId, copy: usize, now: Instant) {
        let state = &mut self.databases[database.index()];
        let discarded = state.begin_rebuild(copy, now, now.saturating_add(state.plan.rebuild_time));
        let (name, region) = (state.name.clone(), core.regions[state.copies[copy].region.index()].name.clone());
        core.note(DataEvent::RebuildBegun { database: name, region, discarded });
        self.refresh_replication(core, database);
    }

    /// The time it takes to copy the data is over.
    pub(super) fn rebuilt(&mut self, core: &mut Core, call: u32, database: DatabaseId, copy: usize) {
        let state = &self.databases[database.index()];
        let replica = &state.copies[copy];
        let region = replica.region;
        let whole = self.authority_is_readable(core, database, copy);
        match replica.state {
            ReplicaState::Rebuilding if replica.crashed.is_on() || core.regions[region.index()].dark.is_on() => {
                return self.databases[database.index()].end_rebuild(copy, false);
            }
            ReplicaState::Rebuilding if mutant!("a_rebuild_that_was_interrupted_is_done": core.now() < replica.rebuilt_at => false) =>
            {
                return core.answer_from(region, call, Err(PortError::Refused(INTERRUPTED.into())));
            }
            ReplicaState::Rebuilding => self.databases[database.index()].end_rebuild(copy, whole),
            ReplicaState::Following => return core.answer_from(region, call, Ok(Answer::Done)),
            ReplicaState::Writable | ReplicaState::Diverged | ReplicaState::Lost | ReplicaState::Restored => {
                return core.answer_from(region, call, Err(PortError::Refused(INTERRUPTED.into())));
            }
        }
        if !whole {
            return core.answer_from(region, call, Err(PortError::Refused(UNREADABLE.into())));
        }
        let state = &self.databases[database.index()];
        let (name, place) = (state.name.clone(), core.region_name(region));
        let from = state.copies[copy].applied;
        core.note(DataEvent::Rebuilt { database: name, region: place, from });
        self.refresh_replication(core, database);
        core.answer_from(region, call, Ok(Answer::Done));
    }

    /// Whether `copy` can read what the authority holds.
    fn authority_is_readable(&self, core: &Core, database: DatabaseId, copy: usize) -> bool {
        let state = &self.databases[database.index()];
        let (lead, copy) = (&state.copies[state.authority], &state.copies[copy]);
        let up = lead.is_readable() && !lead.crashed.is_on() && !core.regions[lead.region.index()].dark.is_on();
        up && core.network.cut_between(lead.region, copy.region).is_none()
    }
}

const INTERRUPTED: &str = "the copying of the authority's data was interrupted";
const UNREADABLE: &str = "the authority's data cannot be read";

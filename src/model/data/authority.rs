//! Changes of authority as the world sees them: who can be told, when an epoch is in force, when a lease runs out, and
//! the rebuilding of copies.
//!
//! Refuses to know when control asks for it. Invariant: whatever may change who can write ends in
//! [`World::watch_authority`], so that the audit knows of it at that instant.

use crate::kernel::Class;
use crate::model::World;
use crate::model::command::Answer;
use crate::model::data::Due;
use crate::model::data::database::{Reach, Replica, Standing};
use crate::model::data::databases_api::DatabasesAnswer;
use crate::model::platform::service::{Station, Step};
use crate::ports::PortError;
use crate::record::event::DataEvent;
use crate::units::{DatabaseId, Instant, RegionId};
use std::iter;

/// The services of `region` through which requests reach `database`: those that use it, and those that they call.
fn on_the_way_to(database: DatabaseId, stations: &[Station], region: RegionId) -> impl Iterator<Item = &Station> {
    let uses = move |station: &&Station| station.region == region && station.route.contains(&Step::Database(database));
    let called = move |step: &Step| match step {
        Step::Service(service) => Some(&stations[service.index()]),
        Step::Database(_) | Step::Cache { .. } => None,
    };
    let users = stations.iter().filter(uses);
    users.flat_map(move |user| iter::once(user).chain(user.route.iter().filter_map(called)))
}

impl World {
    /// Renews leases that can be renewed, and writes down who accepts writes.
    pub(in crate::model) fn watch_authority(&mut self, database: DatabaseId) {
        let now = self.core.kernel.now();
        let (regions, stations, state) =
            (&self.core.regions, &self.platform.stations, &mut self.data.databases[database.index()]);
        let in_reach = |copy: &Replica| !copy.crashed.is_on() && !regions[copy.region.index()].is_silent();
        let mut ends: Option<Instant> = None;
        for index in 0..state.copies.len() {
            let renewable = in_reach(&state.copies[index]);
            if let Some(end) = state.lease_renewable(index, renewable, now) {
                ends = Some(ends.map_or(end, |first| first.min(end)));
            }
        }
        let lead = &state.copies[state.authority];
        let place = &regions[lead.region.index()];
        let reach = Reach {
            alive: !lead.crashed.is_on() && !place.dark.is_on() && lead.is_readable(),
            clients: self.core.network.cut_from_clients(lead.region).is_none(),
            control: !place.cut_off.is_on(),
        };
        let place_of_lead = lead.region;
        state.outages.note(reach, now);
        let touched = |copy: &Replica| {
            let place = &regions[copy.region.index()];
            let at_hand = place.is_silent() || copy.crashed.is_on() || copy.stalled.is_on() || copy.full.is_on();
            let linked = self.core.network.touches_between(place_of_lead, copy.region);
            let serves_badly = on_the_way_to(database, stations, copy.region).any(Station::is_touched);
            at_hand || copy.wiped.is_on() || linked || serves_badly || self.core.network.touches_clients_of(copy.region)
        };
        let any = state.copies.iter().any(touched);
        state.note_touched(any, now);
        state.note_terms(|copy| !copy.crashed.is_on() && !regions[copy.region.index()].dark.is_on(), now);
        if let Some(end) = ends {
            self.core.put(end, Class::Control, Due::LeaseOut(database));
        }
    }

    /// Something changed that may touch copies of any database.
    pub(in crate::model) fn watch_every_authority(&mut self) {
        for database in (0..self.data.databases.len() as u16).map(DatabaseId) {
            self.watch_authority(database);
        }
    }

    /// Nobody who wrote on a lease that ends now may write any more.
    pub(in crate::model) fn lease_out(&mut self, database: DatabaseId) {
        let now = self.core.kernel.now();
        let state = &self.data.databases[database.index()];
        let lead = &state.copies[state.authority];
        if lead.lease_until == now && lead.standing == Standing::Writable && !lead.deposed {
            let (name, region) = (state.name.clone(), self.core.regions[lead.region.index()].name.clone());
            self.core.note(DataEvent::LeaseOut { database: name, region });
        }
        self.watch_authority(database);
    }

    /// Raises the epoch, unless it is that high. Copies that can be reached learn of it.
    pub(in crate::model) fn raise_epoch(&mut self, database: DatabaseId, epoch: u32) {
        let now = self.core.kernel.now();
        let (regions, state) = (&self.core.regions, &mut self.data.databases[database.index()]);
        if epoch > state.epoch {
            let reached = |copy: &Replica| !copy.crashed.is_on() && !regions[copy.region.index()].is_silent();
            state.note_change(now);
            state.raise(epoch, reached);
            self.watch_authority(database);
        }
    }

    /// Whether `epoch` is, or becomes, that of the controller that made `call`: whoever asks for an epoch first keeps it,
    /// through all its restarts. If it is another's, control is answered here. A call whose caller has given up on it
    /// claims nothing.
    pub(in crate::model) fn claims(&mut self, call: u32, database: DatabaseId, epoch: u32) -> bool {
        let Some(caller) = self.core.calls.caller(call).map(|caller| caller.controller) else { return true };
        let owner = self.data.databases[database.index()].claim(epoch, caller);
        if owner != caller {
            let name = &self.control.controllers[usize::from(owner)].name;
            let why = format!("epoch {epoch} belongs to {name}, which asked for it first");
            self.core.refuse(call, why);
        }
        owner == caller
    }

    /// Raises the epoch for a promotion that nobody fenced for, where that takes more than the promotion itself.
    /// Returns when it is in force.
    pub(in crate::model) fn open_epoch(&mut self, database: DatabaseId, epoch: u32) -> Instant {
        let now = self.core.kernel.now();
        if !self.data.databases[database.index()].checks_every_commit() {
            self.raise_epoch(database, epoch);
        }
        self.data.databases[database.index()].in_force_from(now)
    }

    /// `epoch` is in force.
    pub(in crate::model) fn fenced(&mut self, call: u32, database: DatabaseId, epoch: u32) {
        let state = &mut self.data.databases[database.index()];
        if epoch > state.audit.in_force() {
            state.audit.fenced(epoch);
            let database = state.name.clone();
            self.core.note(DataEvent::Fenced { database, epoch });
        }
        // The epoch was raised when it was asked for and cannot be lowered: only the answer may be another.
        let answer = self.core.superseded(call).map_or(Ok(DatabasesAnswer::Epoch(epoch).into()), Err);
        self.core.answer(call, answer);
    }

    pub(in crate::model) fn rebuild(&mut self, call: u32, database: DatabaseId, region: RegionId) {
        let now = self.core.kernel.now();
        let Some(copy) = self.copy_that_answers(call, database, region) else { return };
        if self.data.databases[database.index()].authority == copy {
            let why = "it is the authority itself";
            return self.core.refuse(call, why);
        }
        let state = &mut self.data.databases[database.index()];
        match state.copies[copy].standing {
            Standing::Following => return self.core.answer(call, Ok(Answer::Done)),
            Standing::Rebuilding => {}
            Standing::Writable | Standing::Diverged | Standing::Lost | Standing::Restored => {
                if !self.authority_is_readable(database, copy) {
                    return self.core.refuse(call, UNREADABLE);
                }
                self.begin_rebuild(database, copy, now);
            }
        }
        let at = self.data.databases[database.index()].copies[copy].rebuilt_at;
        self.core.take_on(call, at, Due::Rebuilt { call, database, copy });
    }

    fn begin_rebuild(&mut self, database: DatabaseId, copy: usize, now: Instant) {
        let state = &mut self.data.databases[database.index()];
        let discarded = state.begin_rebuild(copy, now, now.saturating_add(state.plan.rebuild_time));
        let (name, region) = (state.name.clone(), self.core.regions[state.copies[copy].region.index()].name.clone());
        self.core.note(DataEvent::RebuildBegun { database: name, region, discarded });
        self.refresh_replication(database);
    }

    /// The time it takes to copy the data is over.
    pub(in crate::model) fn rebuilt(&mut self, call: u32, database: DatabaseId, copy: usize) {
        let state = &self.data.databases[database.index()];
        let replica = &state.copies[copy];
        let region = replica.region;
        let whole = self.authority_is_readable(database, copy);
        match replica.standing {
            Standing::Rebuilding if replica.crashed.is_on() || self.core.regions[region.index()].dark.is_on() => {
                return self.data.databases[database.index()].end_rebuild(copy, false);
            }
            Standing::Rebuilding => self.data.databases[database.index()].end_rebuild(copy, whole),
            Standing::Following => return self.core.answer_from(region, call, Ok(Answer::Done)),
            Standing::Writable | Standing::Diverged | Standing::Lost | Standing::Restored => {
                let why = "the authority changed while its data was copied";
                return self.core.answer_from(region, call, Err(PortError::Refused(why.into())));
            }
        }
        if !whole {
            return self.core.answer_from(region, call, Err(PortError::Refused(UNREADABLE.into())));
        }
        let state = &self.data.databases[database.index()];
        let (name, place) = (state.name.clone(), self.core.region_name(region));
        let from = state.copies[copy].applied;
        self.core.note(DataEvent::Rebuilt { database: name, region: place, from });
        self.refresh_replication(database);
        self.core.answer_from(region, call, Ok(Answer::Done));
    }

    /// Whether `copy` can read what the authority holds.
    fn authority_is_readable(&self, database: DatabaseId, copy: usize) -> bool {
        let state = &self.data.databases[database.index()];
        let (lead, copy) = (&state.copies[state.authority], &state.copies[copy]);
        let up = lead.is_readable() && !lead.crashed.is_on() && !self.core.regions[lead.region.index()].dark.is_on();
        up && self.core.network.cut_between(lead.region, copy.region).is_none()
    }
}

const UNREADABLE: &str = "the authority's data cannot be read";

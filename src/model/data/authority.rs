//! Who accepts writes, who could be told so, and what could take acknowledged writes away.
//!
//! Does not know what changes it. Invariant: whatever may change who can write ends in [`Data::watch_authority`], so that the
//! audit knows of it at that instant.

use crate::kernel::Class;
use crate::model::core::Core;
use crate::model::data::database::{ReachTracker, Replica, ReplicaState};
use crate::model::data::{Data, Due};
use crate::model::plan::Fencing;
use crate::record::StoreEvent;
use crate::record::event::DataEvent;
use crate::units::{DatabaseId, FaultId, Instant, ServiceId};

impl Data {
    /// Renews leases that can be renewed, and writes down who accepts writes.
    pub(super) fn watch_authority(&mut self, core: &mut Core, database: DatabaseId) {
        let now = core.kernel.now();
        self.renew_at_store(core, database);
        let failsafe = self.goes_on_without_store(core, database);
        let (regions, state) = (&core.regions, &mut self.databases[database.index()]);
        let in_reach = |copy: &Replica| !copy.crashed.is_on() && core.cut_off_from_leases(copy.region).is_none();
        let mut ends: Option<Instant> = None;
        for index in 0..state.copies.len() {
            let copy = &state.copies[index];
            let answers = core.lease_store_out(Some(copy.region)).is_none();
            let store = mutant!("leases_need_no_store": answers => true) || failsafe;
            let renewable = store && mutant!("who_is_cut_off_renews": in_reach(copy) => true);
            if let Some(end) = state.lease_renewable(index, renewable, now) {
                ends = Some(ends.map_or(end, |first| first.min(end)));
            }
        }
        let lead = &state.copies[state.authority];
        let place = &regions[lead.region.index()];
        let reach = ReachTracker {
            alive: !lead.crashed.is_on() && !place.dark.is_on() && lead.is_readable(),
            clients: core.network.cut_from_clients(lead.region).is_none(),
            control: !place.cut_off.is_on(),
        };
        let place_of_lead = lead.region;
        state.outages.note(reach, now);
        let touched = |copy: &Replica| {
            let place = &regions[copy.region.index()];
            let at_hand = place.is_silent() || copy.crashed.is_on() || copy.stalled.is_on() || copy.full.is_on();
            let linked = core.network.touches_between(place_of_lead, copy.region);
            let serves_badly = self.dependents.are_touched(database, copy.region);
            at_hand || copy.wiped.is_on() || linked || serves_badly || core.network.touches_clients_of(copy.region)
        };
        let store_out = core.lease_store_out(Some(lead.region)).is_some();
        let no_lease = matches!(state.plan.fencing, Fencing::Lease(_)) && store_out;
        let any = no_lease || state.copies.iter().any(touched);
        state.note_touched(any, now);
        state.note_terms(|copy| !copy.crashed.is_on() && !regions[copy.region.index()].dark.is_on(), now);
        if let Some(end) = ends {
            core.schedule(end, Class::Control, Due::LeaseOut(database));
        }
    }

    /// An authority with a lease renews it as often as it has to: members of the store that are out are among those it asks.
    fn renew_at_store(&self, core: &mut Core, database: DatabaseId) {
        let state = &self.databases[database.index()];
        let lead = &state.copies[state.authority];
        let leased = matches!(state.plan.fencing, Fencing::Lease(_)) && !lead.crashed.is_on();
        if leased
            && core.lease_store_out(Some(lead.region)).is_none()
            && core.cut_off_from_leases(lead.region).is_none()
        {
            core.lease_store_answers(Some(lead.region));
        }
    }

    /// Whether the authority may write on while the store of leases is out: by its fail-safe rule, as long as it reaches
    /// every other copy.
    fn goes_on_without_store(&self, core: &Core, database: DatabaseId) -> bool {
        let state = &self.databases[database.index()];
        let lead = &state.copies[state.authority];
        let reached = |copy: &Replica| {
            let up = !copy.crashed.is_on() && !core.regions[copy.region.index()].dark.is_on();
            up && core.network.cut_between(lead.region, copy.region).is_none()
        };
        state.plan.failsafe && mutant!("failsafe_needs_nobody": state.copies.iter().all(reached) => true)
    }

    /// The faults for which the authority, `copy`, holds no lease any more, if that is all that keeps it from writing.
    pub(in crate::model) fn lost_its_lease_to(&self, core: &Core, database: DatabaseId, copy: usize) -> Vec<FaultId> {
        let state = &self.databases[database.index()];
        let lead = &state.copies[copy];
        let ran_out = copy == state.authority && lead.lease_until <= core.now() && !lead.demoted;
        if !ran_out {
            return Vec::new();
        }
        // Who is cut off from the store by itself asks no other copy.
        let away = core.cut_off_from_leases(lead.region).filter(|_| !lead.crashed.is_on());
        let store: Vec<FaultId> = core.lease_store_faults(lead.region).into_iter().chain(away).collect();
        if store.is_empty() {
            return store;
        }
        let keeps_away = |other: &Replica| {
            let down = core.regions[other.region.index()].dark.holder().or(other.crashed.holder());
            down.or(core.network.cut_between(lead.region, other.region))
        };
        let members = state.copies.iter().filter_map(keeps_away).filter(|_| state.plan.failsafe);
        store.iter().copied().chain(members).collect()
    }

    /// Whether nobody can be given a lease on `database` now; counted for the fault that keeps it so.
    pub(super) fn has_no_lease_to_give(&self, core: &mut Core, database: DatabaseId) -> bool {
        let leased = matches!(self.databases[database.index()].plan.fencing, Fencing::Lease(_));
        let Some(fault) = core.lease_store_out(None).filter(|_| leased) else { return false };
        core.hit(fault);
        true
    }

    /// Whether a fault touches `service` from now on, through which requests may reach databases.
    pub(in crate::model) fn service_touched(&mut self, core: &mut Core, service: ServiceId, touched: bool) {
        self.dependents.note(service, touched);
        for database in self.ids() {
            self.watch_authority(core, database);
        }
    }

    /// Nobody who wrote on a lease that ends now may write any more.
    pub(super) fn lease_out(&mut self, core: &mut Core, database: DatabaseId) {
        let now = core.kernel.now();
        let state = &self.databases[database.index()];
        let lead = &state.copies[state.authority];
        if lead.lease_until == now && lead.state == ReplicaState::Writable && !lead.demoted {
            let (name, region) = (state.name.clone(), core.regions[lead.region.index()].name.clone());
            core.note(DataEvent::LeaseOut { database: name, region });
            self.databases[database.index()].witness.tell(now, StoreEvent::LeaseRanOut);
            let authority = self.databases[database.index()].authority;
            let causes = self.lost_its_lease_to(core, database, authority);
            causes.into_iter().for_each(|fault| core.hit(fault));
        }
        self.watch_authority(core, database);
    }
}

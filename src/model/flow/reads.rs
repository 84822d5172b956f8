//! Which copy of a database a read goes to, as the service that makes it was told.
//!
//! Owns nothing. Does not know how far a copy is behind: that is counted where it is read. Invariant: a copy that would have
//! been read but for a fault counts as touched by it.

use crate::model::World;
use crate::model::core::job::Job;
use crate::model::data::database::Database;
use crate::model::plan::Reads;
use crate::units::{DatabaseId, FaultId, RegionId};

impl World {
    /// The copy that the entry service of `job` calls: the one it takes for the authority, unless it reads elsewhere.
    #[inline]
    pub(super) fn copy_called(&mut self, job: &Job, database: DatabaseId) -> usize {
        let service = &self.core.plan.services[job.entry.index()];
        let (reads, region) = (service.reads, self.platform.region_of(job));
        let state = &self.data.databases[database.index()];
        let route = state.routes[region.index()];
        if job.access.writes() || reads == Reads::Primary {
            route
        } else {
            self.copy_read((job, reads), database, region, route)
        }
    }

    /// The copy that `job` reads, which need not be `route`.
    #[inline(never)]
    fn copy_read(
        &mut self,
        (job, reads): (&Job, Reads),
        database: DatabaseId,
        region: RegionId,
        route: usize,
    ) -> usize {
        let state = &self.data.databases[database.index()];
        let (copy, missed) = match reads {
            Reads::Nearest => self.nearest(state, region, route),
            _ => match state.follower_in(region) {
                Some(copy) => (copy, Vec::new()),
                None => (route, state.down_in(region).into_iter().collect()),
            },
        };
        missed.into_iter().for_each(|fault| self.touch(job, fault));
        copy
    }

    /// The copy whose answers reach `region` first, of those that follow and of `route`; and the faults for which nearer ones
    /// are passed over.
    fn nearest(&self, state: &Database, region: RegionId, route: usize) -> (usize, Vec<FaultId>) {
        let away = |copy: usize| self.core.network.usual_between(region, state.copies[copy].region);
        let out = |copy: usize| {
            let there = state.copies[copy].region;
            let dark = self.core.regions[there.index()].dark.holder();
            dark.or_else(|| self.core.network.cut_between(region, there))
        };
        let nearer: Vec<usize> = (0..state.copies.len()).filter(|copy| away(*copy) < away(route)).collect();
        let follows =
            |copy: &usize| state.follower_in(state.copies[*copy].region) == Some(*copy) && out(*copy).is_none();
        let chosen = nearer.iter().copied().filter(follows).min_by_key(|copy| away(*copy)).unwrap_or(route);
        let passed = nearer.iter().filter(|copy| away(**copy) < away(chosen));
        let missed = passed.filter_map(|copy| out(*copy).or_else(|| state.down_in(state.copies[*copy].region)));
        (chosen, missed.collect())
    }
}

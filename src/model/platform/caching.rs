//! How requests meet caches on their way, and how answers fill them.
//!
//! Does not know what a cache holds. Invariant: a cache takes up only what came back from behind it, and only from
//! requests that had asked it.

use crate::model::core::Core;
use crate::model::core::job::Job;
use crate::model::platform::Platform;
use crate::model::platform::cache::Lookup;
use crate::model::platform::service::RouteStep;
use crate::units::{FaultId, Instant, ServiceId};

impl Platform {
    /// Whether the cache of `service` answers `job`; if not, what comes back may fill it.
    pub(in crate::model) fn cache_answers(
        &mut self,
        core: &mut Core,
        job: &mut Job,
        service: ServiceId,
        number: u8,
    ) -> bool {
        let now = core.now();
        let station = &mut self.stations[service.index()];
        let Some(cache) = &station.cache else { return false };
        if job.is_probe() {
            return false;
        }
        if let Some(fault) = station.cache_down.holder() {
            core.hit(fault);
            station.tally.misses += u64::from(!job.write);
            return false;
        }
        let found = if job.write { Lookup::Miss } else { cache.look_up(job.key, job.draw(), now) };
        match found {
            Lookup::Hit => station.tally.hits += 1,
            Lookup::Stale => {
                station.tally.hits += 1;
                station.tally.stale += 1;
            }
            Lookup::Miss => {
                station.tally.misses += u64::from(!job.write);
                job.caches |= 1_u32.checked_shl(u32::from(number)).unwrap_or(0);
            }
        }
        found != Lookup::Miss
    }

    /// The answer to `job` passes the caches it had asked. `done`: it is what was asked for; otherwise it is an error
    /// after which a write may or may not have happened. `live`: its client still waits for it.
    pub(in crate::model) fn pass_caches(&mut self, core: &Core, job: &Job, done: bool, live: bool) {
        for place in 0..self.stations[job.entry.index()].route.len() {
            let RouteStep::Cache { service, number, .. } = self.stations[job.entry.index()].route[place] else {
                continue;
            };
            if job.caches & 1_u32.checked_shl(u32::from(number)).unwrap_or(0) == 0 {
                continue;
            }
            if job.write {
                self.overwrite(core, service, job.key);
            } else if done {
                self.fill_cache(service, job.key, live, core.now());
            }
        }
    }

    fn fill_cache(&mut self, service: ServiceId, key: u32, live: bool, now: Instant) {
        let station = &mut self.stations[service.index()];
        if station.cache_down.is_on() {
            return;
        }
        if let Some(cache) = &mut station.cache
            && (live || cache.fills_late())
        {
            cache.fill(key, now);
        }
    }

    /// A write through `service` drops the key from its cache. Caches of the same service elsewhere do not hear of it.
    fn overwrite(&mut self, core: &Core, service: ServiceId, key: u32) {
        for other in 0..self.stations.len() {
            if core.plan.services[other].name != core.plan.services[service.index()].name {
                continue;
            }
            if let Some(cache) = &mut self.stations[other].cache {
                if other == service.index() { cache.invalidate(key) } else { cache.outdate(key) }
            }
        }
    }

    /// The cache of `service` is lost, and answers nothing while `fault` lasts.
    pub fn lose_cache(&mut self, service: ServiceId, fault: FaultId) {
        let station = &mut self.stations[service.index()];
        if let Some(cache) = &mut station.cache {
            cache.lose();
            station.cache_down.hold(fault);
        }
    }

    /// The cache of `service` is back, empty, as far as this fault is concerned.
    pub fn regain_cache(&mut self, service: ServiceId, fault: FaultId) {
        self.stations[service.index()].cache_down.release(fault);
    }
}

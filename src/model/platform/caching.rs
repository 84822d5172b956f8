//! How requests meet caches on their way, and how answers fill them.
//!
//! Does not know what a cache holds. Invariant: a cache takes up only what came back from behind it, and only from
//! requests that had asked it.

use crate::model::core::Core;
use crate::model::core::job::Job;
use crate::model::plan::{RouteStep, WorldPlan};
use crate::model::platform::Platform;
use crate::model::platform::cache::Lookup;
use crate::record::OUTDATED;
use crate::units::{BucketId, DatabaseId, FaultId, Instant, ServiceId, Span};
use std::collections::BTreeMap;

/// What keeps what a cache holds a copy of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::model) enum Store {
    /// A database.
    Database(DatabaseId),
    /// A bucket.
    Bucket(BucketId),
}

/// By store: the services with a cache in front of it.
pub(super) fn caches_in_front(plan: &WorldPlan) -> BTreeMap<Store, Vec<ServiceId>> {
    let mut found: BTreeMap<Store, Vec<ServiceId>> = BTreeMap::new();
    for (id, service) in (0..).map(ServiceId).zip(&plan.services).filter(|(_, service)| service.cache.is_some()) {
        // What is called is checked to have no circles.
        let mut ahead = vec![service];
        while let Some(service) = ahead.pop() {
            let stores = service.databases().map(Store::Database).chain(service.bucket.map(Store::Bucket));
            for store in stores {
                let in_front = found.entry(store).or_default();
                if !in_front.contains(&id) {
                    in_front.push(id);
                }
            }
            ahead.extend(service.called().map(|call| &plan.services[call.index()]));
        }
    }
    found
}

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
            station.tally.misses += u64::from(!job.access.writes());
            return false;
        }
        let found = if job.access.writes() { Lookup::Miss } else { cache.look_up(job.key, job.draw(), now) };
        match found {
            Lookup::Hit => station.tally.hits += 1,
            Lookup::Stale | Lookup::Outdated => {
                station.tally.hits += 1;
                station.tally.stale += 1;
                station.tally.cache_outdated += u64::from(found == Lookup::Outdated);
            }
            Lookup::Miss => {
                station.tally.misses += u64::from(!job.access.writes());
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
            if job.access.writes() {
                self.overwrite(core, service, job.key);
            } else if done {
                self.fill_cache(service, job, live, core.now());
            }
        }
        if !self.read_old.is_empty() {
            self.read_old.remove(&job.draw());
        }
    }

    fn fill_cache(&mut self, service: ServiceId, job: &Job, live: bool, now: Instant) {
        let station = &mut self.stations[service.index()];
        if station.cache_down.is_on() {
            return;
        }
        if let Some(cache) = &mut station.cache
            && (live || cache.fills_late())
        {
            cache.fill(job.key, now);
            if let Some(outdated_from) = self.read_old.get(&job.draw()) {
                cache.outdate(job.key, *outdated_from);
            }
        }
    }

    /// What `job` has read had been replaced `ago`: what it fills is as old.
    pub(in crate::model) fn note_old_read(&mut self, job: &Job, ago: Span, now: Instant) {
        if job.caches != 0 {
            let left = OUTDATED.as_nanos().saturating_sub(ago.as_nanos());
            self.read_old.insert(job.draw(), now.saturating_add(Span::from_nanos(left)));
        }
    }

    /// `key` was written to `store`: whatever any cache in front of it holds of it is old, as long as its time to live
    /// allows, if it has one.
    pub(in crate::model) fn note_written(&mut self, store: Store, key: u32, now: Instant) {
        let Some(in_front) = self.in_front.get(&store) else { return };
        for service in in_front {
            if let Some(cache) = &mut self.stations[service.index()].cache {
                let allowed = cache.ttl().unwrap_or(OUTDATED);
                cache.outdate(key, now.saturating_add(allowed));
            }
        }
    }

    /// A write through `service` drops the key from its cache. Caches of the same service elsewhere do not hear of it, though
    /// whoever reads from them reckons with that.
    fn overwrite(&mut self, core: &Core, service: ServiceId, key: u32) {
        for other in 0..self.stations.len() {
            if core.plan.services[other].name != core.plan.services[service.index()].name {
                continue;
            }
            if let Some(cache) = &mut self.stations[other].cache {
                if other == service.index() {
                    cache.invalidate(key);
                } else {
                    cache.outdate(key, core.now().saturating_add(OUTDATED));
                }
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

//! Services, what serves in them, and what limits them.
//!
//! Does not know who sends a job, or what happens to one that is lost, refused or done: that is reported to the caller.
//!
//! Invariant: nothing here knows another part of the world.

pub(super) mod autoscaler;
mod cache;
mod caching;
pub(super) mod capacity;
mod choice;
pub(super) mod degradation;
mod fleet;
mod gauges;
mod generation;
pub(super) mod layer;
mod limits;
mod provider;
pub(super) mod service;
pub(super) mod services_api;
mod tally;
mod warm_up;

use crate::kernel::Streams;
use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::core::episodes::Episodes;
use crate::model::core::job::Job;
use crate::model::core::turns::{ChangeSubject, ChangeTurn};
use crate::model::plan::{ServicePlan, WorldPlan, layers, regions, route};
use crate::ports::PortError;
use crate::record::event::PlatformEvent;
use crate::units::{Instant, RegionId, ServiceId, Span};
use cache::Cache;
pub(in crate::model) use caching::Store;
use caching::caches_in_front;
use gauges::PlatformGauges;
use provider::Provider;
use service::Station;
use services_api::note_services;
use std::collections::BTreeMap;

/// Services and the providers in front of them.
#[derive(Debug)]
pub struct Platform {
    pub(in crate::model) stations: Vec<Station>,
    pub(in crate::model) providers: Vec<Provider>,
    gauges: PlatformGauges,
    /// By store: the services with a cache in front of it.
    in_front: BTreeMap<Store, Vec<ServiceId>>,
    /// By attempt that has read something old and may fill a cache with it: from when on that is outdated.
    read_old: BTreeMap<u64, Instant>,
    /// By provider and by service: when their limits are reached.
    episodes: (Vec<Episodes>, Vec<Episodes>),
}

impl Platform {
    /// As the plan has them.
    pub(in crate::model) fn new(core: &mut Core, streams: &Streams) -> Self {
        let Core { plan, signals, .. } = core;
        Self {
            stations: stations(plan, streams),
            providers: plan.providers.iter().map(|provider| Provider::new(provider, streams)).collect(),
            gauges: PlatformGauges::new(plan, signals),
            in_front: caches_in_front(plan),
            read_old: BTreeMap::new(),
            episodes: (vec![Episodes::default(); plan.providers.len()], vec![Episodes::default(); plan.services.len()]),
        }
    }

    /// Where the service is that works on `job` at present.
    #[inline(always)]
    pub(in crate::model) fn region_of(&self, job: &Job) -> RegionId {
        let station = &self.stations[job.entry.index()];
        match station.regions.as_slice() {
            [] => station.region,
            regions => regions.get(usize::from(job.stage).wrapping_sub(1)).copied().unwrap_or(station.region),
        }
    }

    /// By service, what a fault may hold, as it is in effect at present.
    pub(in crate::model) fn in_force(&self) -> impl Iterator<Item = String> + '_ {
        self.stations.iter().enumerate().map(|(at, station)| format!("service {at}: {}", station.in_force()))
    }

    /// How long it takes until every service of `region` is ready.
    fn until_active(&self, region: RegionId) -> Span {
        let asleep = self.stations.iter().filter(|s| s.region == region && !s.active);
        asleep.map(|s| s.activation).max().unwrap_or(Span::ZERO)
    }
}

fn stations(plan: &WorldPlan, streams: &Streams) -> Vec<Station> {
    let station = |(index, service): (u16, &ServicePlan)| {
        let region = &plan.regions[service.region.index()];
        let mut station = Station::new(service, &region.name, region.zones, streams);
        station.route = route(&plan.services, ServiceId(index));
        station.layers = layers(&plan.services, ServiceId(index));
        station.regions = regions(&plan.services, ServiceId(index));
        let path = format!("service/{}/{}", region.name, service.name);
        let stream = |purpose| streams.stream(&path, purpose);
        let cache = |plan_of| Cache::new(plan_of, plan.key_count(), stream("cache"), stream("cache age"));
        station.cache = service.cache.as_ref().map(cache);
        station
    };
    (0..).zip(&plan.services).map(station).collect()
}

/// What is due with services.
#[derive(Debug)]
pub(super) enum Due {
    /// The services of a region are ready.
    Activated { call: u32, region: RegionId, outages: u32 },
    /// The services of a region are ready that health checks have activated.
    ActivatedByChecks { region: RegionId, turn: ChangeTurn, outages: u32 },
    /// The autoscaler of a service decides.
    Autoscale(ServiceId),
    /// Servers that an autoscaler asked for begin to serve.
    Provisioned { service: ServiceId, count: u32 },
    /// Every server of a service knows how many there are.
    FleetLearned(ServiceId),
}

impl Platform {
    /// The services of `region` are ready, unless it has become dark since they were activated, as often as `outages` says.
    pub(super) fn activated(&mut self, core: &mut Core, call: u32, region: RegionId, outages: u32) {
        if let Some(refusal) = core.overruled(call) {
            return core.answer(call, Err(refusal));
        }
        let place = &core.regions[region.index()];
        if place.outages != outages && !place.dark.is_on() {
            let why = "the region went dark while its services were activated".to_owned();
            return core.answer_from(region, call, Err(PortError::Refused(why)));
        }
        if self.make_active(core, region) {
            note_services(core, call, region, "active");
            core.answer_from(region, call, Ok(Answer::Done));
        }
    }

    /// Health checks want the services of `region`.
    pub(super) fn activate_for_checks(&self, core: &mut Core, region: RegionId) {
        let takes = self.until_active(region);
        let turn = core.calls.next_turn(ChangeSubject::Services(region));
        let outages = core.regions[region.index()].outages;
        core.schedule_in(takes, Due::ActivatedByChecks { region, turn, outages });
    }

    /// They are ready, unless the region has become dark since: then they begin anew.
    pub(super) fn activated_by_checks(&mut self, core: &mut Core, region: RegionId, outages: u32) {
        let place = &core.regions[region.index()];
        if place.outages != outages && !place.dark.is_on() {
            return self.activate_for_checks(core, region);
        }
        self.make_active(core, region);
    }

    /// Services of `region` are back at `now`: cold, and without whatever was only in memory.
    pub(super) fn begin_anew(&mut self, region: RegionId, now: Instant) {
        for station in self.stations.iter_mut().filter(|s| s.region == region) {
            station.warmth.chill(now);
            if let Some(cache) = &mut station.cache {
                cache.lose();
            }
        }
    }

    /// Services of `region` that were on standby are ready. Whether it is there to say so.
    pub(super) fn make_active(&mut self, core: &mut Core, region: RegionId) -> bool {
        let now = core.now();
        if let Some(fault) = core.regions[region.index()].dark.holder() {
            core.hit(fault);
            return false;
        }
        let mut any = false;
        for station in self.stations.iter_mut().filter(|s| s.region == region && !s.active) {
            station.active = true;
            station.warmth.chill(now);
            any = true;
        }
        if any {
            let region = core.region_name(region);
            core.note(PlatformEvent::Active { region });
        }
        true
    }
}

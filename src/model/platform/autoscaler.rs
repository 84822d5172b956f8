//! Target tracking: the number of servers follows how busy they are.
//!
//! Owns what the autoscaler saw and when it last wanted how many. Does not know requests: it sees what a metrics
//! pipeline shows it, the share of servers at work.
//!
//! Invariants: it never goes below its minimum or above its maximum. A server that was asked for serves after the
//! provisioning lag, if at all; one that is taken away finishes the request it works on.
//!
//! The rule is that of the Kubernetes horizontal pod autoscaler: as many servers as bring the mean to the target,
//! nothing within the tolerance, and fewer only if fewer would have done all through the cool-down. As there, a low
//! figure is taken for low demand, whatever its cause.

use crate::kernel::{Class, Sampler, Stream, Streams, chance};
use crate::model::core::Core;
use crate::model::core::held::Held;
use crate::model::message::ServerOrder;
use crate::model::plan::AutoscalePlan;
use crate::model::platform::{Due, Platform};
use crate::record::event::CapacityEvent;
use crate::units::{FaultId, Instant, Ratio, ServiceId};
use std::collections::VecDeque;

/// The autoscaler of one service.
#[derive(Debug)]
pub struct Autoscaler {
    plan: AutoscalePlan,
    lag: Sampler,
    lag_stream: Stream,
    fail_stream: Stream,
    /// It decides nothing while this is held.
    pub off: Held,
    /// Nothing it asks for arrives while this is held.
    pub starved: Held,
    /// Server-seconds at work and there, since it last decided.
    work: (u64, u64),
    /// Servers asked for that do not serve yet.
    coming: u32,
    /// What it wanted when, back to one cool-down ago.
    wanted: VecDeque<(Instant, u32)>,
    /// Requests for servers so far.
    asked: u64,
}

/// What an autoscaler decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    Stay,
    Add(u32),
    Remove(u32),
}

/// What others have to do after a decision.
#[derive(Debug)]
pub(in crate::model) enum Scaling {
    /// Nothing.
    Nothing,
    /// Provide servers.
    Order(ServerOrder),
    /// Reckon with fewer servers.
    Fewer,
}

impl Autoscaler {
    /// The autoscaler of `plan`, drawn from streams at `path`.
    pub fn new(plan: &AutoscalePlan, path: &str, streams: &Streams) -> Self {
        Self {
            plan: plan.clone(),
            lag: Sampler::new(&plan.provision),
            lag_stream: streams.stream(path, "provision"),
            fail_stream: streams.stream(path, "provision_fails"),
            off: Held::default(),
            starved: Held::default(),
            work: (0, 0),
            coming: 0,
            wanted: VecDeque::new(),
            asked: 0,
        }
    }

    /// `busy` of `servers` servers were at work for `seconds` seconds.
    pub fn observe(&mut self, busy: u32, servers: u32, seconds: u64) {
        self.work.0 += u64::from(busy) * seconds;
        self.work.1 += u64::from(servers) * seconds;
    }

    /// What was seen up to now is of no use later.
    fn forget(&mut self) {
        self.work = (0, 0);
    }

    /// What to do at `now` about `servers` servers.
    fn decide(&mut self, servers: u32, now: Instant) -> Decision {
        let (busy, there) = std::mem::take(&mut self.work);
        if there == 0 {
            return Decision::Stay;
        }
        let wanted = self.needed(servers, busy, there).clamp(self.plan.min, self.plan.max);
        let window = self.plan.cool_down;
        self.wanted.retain(|(at, _)| now.since(*at) < window);
        self.wanted.push_back((now, wanted));
        let there = servers + self.coming;
        // Fewer only if fewer would have done all the time.
        let least = self.wanted.iter().map(|(_, wanted)| *wanted).max().unwrap_or(wanted);
        if wanted > there {
            Decision::Add(wanted - there)
        } else if least < servers && self.coming == 0 {
            Decision::Remove(servers - least)
        } else {
            Decision::Stay
        }
    }

    /// As many as bring the share at work, `busy` of `there`, to the target.
    fn needed(&self, servers: u32, busy: u64, there: u64) -> u32 {
        let whole = u128::from(Ratio::ONE.as_ppb());
        let (busy, there) = (u128::from(busy), u128::from(there));
        let target = u128::from(self.plan.target.as_ppb().max(1));
        let tolerance = u128::from(self.plan.tolerance.as_ppb());
        // |busy / there − target| ≤ target × tolerance, without fractions.
        let off_by = (busy * whole * whole).abs_diff(there * target * whole);
        if off_by <= there * target * tolerance {
            return servers;
        }
        let share = mutant!("an_autoscaler_wants_all_at_work": target => whole);
        let needed = (u128::from(servers) * busy * whole).div_ceil(there * share);
        u32::try_from(needed).unwrap_or(u32::MAX)
    }
}

impl Platform {
    pub(in crate::model) fn start_autoscalers(&self, core: &mut Core) {
        for service in (0..self.stations.len() as u16).map(ServiceId) {
            self.expect_decision(core, service);
        }
    }

    /// The autoscaler of `service`, if it has one, decides some time from now.
    pub(in crate::model) fn expect_decision(&self, core: &mut Core, service: ServiceId) {
        if let Some(scaler) = &self.stations[service.index()].autoscaler {
            let next = core.now().saturating_add(scaler.plan.every);
            core.schedule(next, Class::Control, Due::Autoscale(service));
        }
    }

    /// Nothing changed for `seconds` seconds: what autoscalers see of that.
    pub(in crate::model) fn observe_load(&mut self, seconds: u64) {
        for station in &mut self.stations {
            let (busy, servers) = (station.busy(), station.capacity());
            if let Some(scaler) = &mut station.autoscaler {
                scaler.observe(busy, servers, seconds);
            }
        }
    }

    /// The autoscaler of `service` decides.
    pub(in crate::model) fn autoscale(&mut self, core: &mut Core, service: ServiceId) -> Scaling {
        let station = &mut self.stations[service.index()];
        let Some(scaler) = &mut station.autoscaler else { return Scaling::Nothing };
        if let Some(fault) = scaler.off.holder() {
            core.hit(fault);
            scaler.forget();
            return Scaling::Nothing;
        }
        if !station.active || core.regions[station.region.index()].dark.is_on() {
            scaler.forget();
            return Scaling::Nothing;
        }
        let servers = station.base;
        match scaler.decide(servers, core.now()) {
            Decision::Stay => Scaling::Nothing,
            Decision::Add(count) => self.order_servers(core, service, count).map_or(Scaling::Nothing, Scaling::Order),
            Decision::Remove(count) => {
                self.resize(core, service, servers - count);
                Scaling::Fewer
            }
        }
    }

    /// What is asked of those who provide servers, unless they refuse at once.
    fn order_servers(&mut self, core: &mut Core, service: ServiceId, count: u32) -> Option<ServerOrder> {
        let scaler = self.stations[service.index()].autoscaler.as_mut()?;
        let draw = scaler.asked;
        scaler.asked += 1;
        let starved = scaler.starved.holder();
        if let Some(fault) = starved {
            core.hit(fault);
        }
        let refused = starved.is_some() || chance(scaler.fail_stream.at(draw), scaler.plan.fails);
        scaler.coming += count;
        let order = ServerOrder { service, count, draw };
        if refused {
            self.order_failed(core, order);
        }
        (!refused).then_some(order)
    }

    /// The servers of `order` will come.
    pub(in crate::model) fn order_accepted(&self, core: &mut Core, order: ServerOrder) {
        let ServerOrder { service, count, draw } = order;
        let Some(scaler) = &self.stations[service.index()].autoscaler else { return };
        let at = core.now().saturating_add(scaler.lag.span(scaler.lag_stream.at(draw)));
        core.schedule(at, Class::Control, Due::Provisioned { service, count });
    }

    /// The servers of `order` will never come.
    pub(in crate::model) fn order_failed(&mut self, core: &mut Core, order: ServerOrder) {
        let ServerOrder { service, count, .. } = order;
        if let Some(scaler) = &mut self.stations[service.index()].autoscaler {
            scaler.coming -= count;
        }
        let (region, service) = core.service_name(service);
        core.note(CapacityEvent::ScalingFailed { region, service, asked_for: count });
    }

    /// Servers that were asked for begin to serve.
    pub(in crate::model) fn provisioned(&mut self, core: &mut Core, service: ServiceId, count: u32) {
        let station = &mut self.stations[service.index()];
        let servers = station.base + count;
        if let Some(scaler) = &mut station.autoscaler {
            scaler.coming -= count;
        }
        self.resize(core, service, servers);
    }

    fn resize(&mut self, core: &mut Core, service: ServiceId, now: u32) {
        let before = std::mem::replace(&mut self.stations[service.index()].base, now);
        let (region, name) = core.service_name(service);
        core.note(match now > before {
            true => CapacityEvent::ScaledOut { region, service: name, before, now },
            false => CapacityEvent::ScaledIn { region, service: name, before, now },
        });
    }

    /// The autoscaler of `service` decides nothing any more.
    pub fn stop_autoscaler(&mut self, service: ServiceId, fault: FaultId) {
        if let Some(scaler) = &mut self.stations[service.index()].autoscaler {
            scaler.off.hold(fault);
        }
    }

    /// It decides again, as far as this fault is concerned.
    pub fn resume_autoscaler(&mut self, service: ServiceId, fault: FaultId) {
        if let Some(scaler) = &mut self.stations[service.index()].autoscaler {
            scaler.off.release(fault);
        }
    }

    /// No server that the autoscaler of `service` asks for can be had.
    pub fn starve_autoscaler(&mut self, service: ServiceId, fault: FaultId) {
        if let Some(scaler) = &mut self.stations[service.index()].autoscaler {
            scaler.starved.hold(fault);
        }
    }

    /// Servers can be had again, as far as this fault is concerned.
    pub fn feed_autoscaler(&mut self, service: ServiceId, fault: FaultId) {
        if let Some(scaler) = &mut self.stations[service.index()].autoscaler {
            scaler.starved.release(fault);
        }
    }
}

#[cfg(test)]
#[path = "autoscaler_tests.rs"]
mod tests;

//! Probes: when checkers send them, what comes back, and how long they wait for it.
//!
//! Owns the probes under way. Refuses to know what follows from results. Invariants: a probe has one result, at the
//! latest when its time-out is over; a ping is answered by whatever is active, a request is served as clients' are.

use super::User;
use super::fleet::Checks;
use crate::kernel::{Class, Streams};
use crate::model::World;
use crate::model::core::job::{CHECKERS, Job};
use crate::model::core::slab::Slab;
use crate::model::flow::hop::HopTo;
use crate::model::plan::{Probe, WorldPlan};
use crate::units::{RegionId, ServiceId, Span};

/// A request that a checker waits for.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) struct ProbeUnderWay {
    probe: SentBy,
    /// Tells it from others that used the slot.
    stamp: u32,
    deadline: crate::units::Instant,
}

/// Who sent a probe, and to where.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) struct SentBy {
    checks: u16,
    checker: u16,
    region: RegionId,
}

/// Something due with health checks.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) enum CheckDue {
    /// A checker probes every region.
    Probe { checks: u16, checker: u16 },
    /// Real requests are judged.
    Judge(u16),
    /// The result of a probe is known.
    Result(SentBy, bool),
    /// A checker has waited long enough.
    TimeOut { slot: u32, stamp: u32 },
}

/// The checks of everybody in `plan` who wants some.
pub(in crate::model) fn checks(plan: &WorldPlan, streams: &Streams) -> Vec<Checks> {
    let balancer = plan.balancer.iter().filter_map(|b| b.checks.as_ref()).map(|checks| (User::Balancer, checks));
    let records = (0..).zip(&plan.dns.records).filter_map(|(index, record)| {
        let failover = record.failover.as_ref()?;
        Some((User::Record(crate::units::NameId(index)), &failover.checks))
    });
    let all = balancer.chain(records).enumerate();
    all.map(|(index, (user, checks))| Checks::new(user, index, checks, plan.regions.len(), streams)).collect()
}

impl World {
    pub(in crate::model) fn start_checks(&mut self) {
        for index in 0..self.health.checks.len() {
            let checks = index as u16;
            for checker in 0..self.health.checks[index].first.len() {
                let first = self.health.checks[index].first[checker];
                self.check_after(first, CheckDue::Probe { checks, checker: checker as u16 });
            }
            if let Some(passive) = &self.health.checks[index].plan.passive {
                self.check_after(passive.every, CheckDue::Judge(checks));
            }
        }
    }

    fn check_after(&mut self, wait: Span, due: CheckDue) {
        let at = self.core.kernel.now().saturating_add(wait);
        self.core.put(at, Class::Control, due);
    }

    pub(in crate::model) fn check_due(&mut self, due: CheckDue) {
        match due {
            CheckDue::Probe { checks, checker } => self.probe_regions(checks, checker),
            CheckDue::Judge(checks) => self.judge_regions(checks),
            CheckDue::Result(sent, success) => self.probe_result(sent, success),
            CheckDue::TimeOut { slot, stamp } => {
                if self.health.probes_under_way[slot].stamp == stamp {
                    self.end_probe(slot, false);
                }
            }
        }
    }

    fn probe_regions(&mut self, checks: u16, checker: u16) {
        let Some(active) = self.health.checks[usize::from(checks)].plan.active.as_ref() else { return };
        let (every, timeout, probe) = (active.every, active.timeout, active.probe);
        for region in (0..self.core.regions.len() as u16).map(RegionId) {
            let sent = SentBy { checks, checker, region };
            match probe {
                Probe::Ping => self.ping(sent, timeout),
                Probe::Request => self.send_check(sent, timeout),
            }
        }
        self.check_after(every, CheckDue::Probe { checks, checker });
    }

    /// Asks whether something is there: what is dark does not answer, what is asleep refuses.
    fn ping(&mut self, sent: SentBy, timeout: Span) {
        let dark = self.core.regions[sent.region.index()].dark.is_on();
        if dark && timeout != Span::ZERO {
            return self.check_after(timeout, CheckDue::Result(sent, false));
        }
        let serves = self.platform.stations.iter().any(|s| s.region == sent.region && s.active);
        self.probe_result(sent, !dark && serves);
    }

    /// Sends a request as the first population does.
    fn send_check(&mut self, sent: SentBy, timeout: Span) {
        let entry = self
            .clients
            .populations
            .iter()
            .find_map(|population| population.ways.first()?.entries[sent.region.index()]);
        let Some(entry) = entry else { return self.probe_result(sent, false) };
        let now = self.core.kernel.now();
        let (stamp, deadline) = (self.core.next_stamp(), now.saturating_add(timeout));
        let slot = self.health.probes_under_way.insert(ProbeUnderWay { probe: sent, stamp, deadline });
        self.check_after(timeout, CheckDue::TimeOut { slot, stamp });
        let job = self.check_job(entry, slot, stamp);
        match self.core.network.to(sent.region).travel(job.draw() << 1) {
            None => {}
            Some(Span::ZERO) => self.enter(job),
            Some(latency) => self.send(job, HopTo::Entry, latency),
        }
    }

    fn check_job(&mut self, entry: ServiceId, slot: u32, stamp: u32) -> Job {
        self.health.checks_sent += 1;
        let number = u64::from(CHECKERS) << 40 | self.health.checks_sent;
        Job { key: stamp, ..Job::probe(number, slot, entry, CHECKERS, self.core.kernel.now()) }
    }

    /// A service answers a checker: the answer travels back.
    pub(in crate::model) fn check_answered(&mut self, job: &Job, success: bool) {
        let under_way = self.health.probes_under_way[job.ticket];
        if under_way.stamp != job.key {
            return;
        }
        let travel = self.core.network.from(under_way.probe.region).travel((job.draw() << 1) | 1);
        let Some(latency) = travel else { return };
        if self.core.kernel.now().saturating_add(latency) > under_way.deadline {
            return;
        }
        if latency == Span::ZERO {
            return self.end_probe(job.ticket, success);
        }
        self.release_probe(job.ticket);
        self.check_after(latency, CheckDue::Result(under_way.probe, success));
    }

    fn end_probe(&mut self, slot: u32, success: bool) {
        let sent = self.health.probes_under_way[slot].probe;
        self.release_probe(slot);
        self.probe_result(sent, success);
    }

    fn release_probe(&mut self, slot: u32) {
        self.health.probes_under_way[slot].stamp = 0;
        self.health.probes_under_way.release(slot);
    }

    fn probe_result(&mut self, sent: SentBy, success: bool) {
        let index = usize::from(sent.checks);
        if let Some(healthy) = self.health.checks[index].observe(usize::from(sent.checker), sent.region, success) {
            self.verdict(index, sent.region, healthy);
        }
    }

    fn judge_regions(&mut self, checks: u16) {
        let (index, now) = (usize::from(checks), self.core.kernel.now());
        for region in (0..self.core.regions.len() as u16).map(RegionId) {
            if let Some(healthy) = self.health.checks[index].judge(region, now, self.observe.meter.flow(region)) {
                self.verdict(index, region, healthy);
            }
        }
        if let Some(passive) = &self.health.checks[index].plan.passive {
            self.check_after(passive.every, CheckDue::Judge(checks));
        }
    }
}

/// Room for the probes under way.
pub(in crate::model) fn under_way() -> Slab<ProbeUnderWay> {
    Slab::with_capacity(16)
}

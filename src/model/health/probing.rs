//! Probes: when checkers send them, what comes back, and how long they wait for it.
//!
//! Owns the probes under way. Does not know what follows from results. Invariants: a probe has one result, at the
//! latest when its time-out is over; a ping is answered by whatever is active, a request is served as clients' are.

use super::fleet::Checks;
use super::passive::RequestCounts;
use crate::kernel::{Class, Streams};
use crate::model::core::Core;
use crate::model::core::job::{Job, Waiter};
use crate::model::core::slab::Slab;
use crate::model::health::Health;
use crate::model::message::Message;
use crate::model::message::User;
use crate::model::plan::{ProbeKind, WorldPlan};
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

/// What those who check can come to see of the world.
#[derive(Debug)]
pub(in crate::model) struct Sight {
    /// By region: whether anything there serves.
    pub serves: Vec<bool>,
    /// By region: the service that clients call.
    pub entries: Vec<Option<ServiceId>>,
    /// By region: the outcomes of real requests so far.
    pub flows: Vec<RequestCounts>,
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

/// Checks are numbered apart from every population's requests.
const CHECK_NUMBERS: u64 = (u16::MAX as u64 - 1) << 40;

impl Health {
    pub(in crate::model) fn start_checks(&mut self, core: &mut Core) {
        for index in 0..self.checks.len() {
            let checks = index as u16;
            for checker in 0..self.checks[index].first.len() {
                let first = self.checks[index].first[checker];
                self.check_after(core, first, CheckDue::Probe { checks, checker: checker as u16 });
            }
            if let Some(passive) = &self.checks[index].plan.passive {
                self.check_after(core, passive.every, CheckDue::Judge(checks));
            }
        }
    }

    fn check_after(&mut self, core: &mut Core, wait: Span, due: CheckDue) {
        let at = core.kernel.now().saturating_add(wait);
        core.schedule(at, Class::Control, due);
    }

    /// Something is due; `sight`: what probes of now find, and real traffic up to now.
    pub(in crate::model) fn check_due(&mut self, core: &mut Core, due: CheckDue, sight: &Sight) {
        match due {
            CheckDue::Probe { checks, checker } => self.probe_regions(core, (checks, checker), sight),
            CheckDue::Judge(checks) => self.judge_regions(core, checks, &sight.flows),
            CheckDue::Result(sent, success) => self.probe_result(core, sent, success),
            CheckDue::TimeOut { slot, stamp } => {
                if self.probes_under_way[slot].stamp == stamp {
                    self.end_probe(core, slot, false);
                }
            }
        }
    }

    fn probe_regions(&mut self, core: &mut Core, (checks, checker): (u16, u16), sight: &Sight) {
        let Some(active) = self.checks[usize::from(checks)].plan.active.as_ref() else { return };
        let (every, timeout, probe) = (active.every, active.timeout, active.probe);
        for region in (0..core.regions.len() as u16).map(RegionId) {
            let sent = SentBy { checks, checker, region };
            match probe {
                ProbeKind::Ping => self.ping(core, sent, timeout, sight.serves[region.index()]),
                ProbeKind::Request => self.send_check(core, sent, timeout, sight.entries[region.index()]),
            }
        }
        self.check_after(core, every, CheckDue::Probe { checks, checker });
    }

    /// Asks whether something is there: what is dark does not answer, what is asleep refuses.
    fn ping(&mut self, core: &mut Core, sent: SentBy, timeout: Span, serves: bool) {
        let dark = core.regions[sent.region.index()].dark.is_on();
        if dark && timeout != Span::ZERO {
            return self.check_after(core, timeout, CheckDue::Result(sent, false));
        }
        self.probe_result(core, sent, !dark && serves);
    }

    /// Sends a request to `entry`, as clients do.
    fn send_check(&mut self, core: &mut Core, sent: SentBy, timeout: Span, entry: Option<ServiceId>) {
        let Some(entry) = entry else { return self.probe_result(core, sent, false) };
        let now = core.now();
        let (stamp, deadline) = (core.next_stamp(), now.saturating_add(timeout));
        let slot = self.probes_under_way.insert(ProbeUnderWay { probe: sent, stamp, deadline });
        self.check_after(core, timeout, CheckDue::TimeOut { slot, stamp });
        self.checks_sent += 1;
        let number = CHECK_NUMBERS | self.checks_sent;
        let job = Job { key: stamp, ..Job::probe(number, slot, entry, Waiter::Checker, now) };
        if let Some(latency) = core.network.to(sent.region).travel(job.draw() << 1) {
            core.tell(Message::Enter(job, latency));
        }
    }

    /// A service answers a checker: the answer travels back.
    pub(in crate::model) fn check_answered(&mut self, core: &mut Core, job: &Job, success: bool) {
        let under_way = self.probes_under_way[job.ticket];
        if under_way.stamp != job.key {
            return;
        }
        let travel = core.network.from(under_way.probe.region).travel((job.draw() << 1) | 1);
        let Some(latency) = travel else { return };
        if core.kernel.now().saturating_add(latency) > under_way.deadline {
            return;
        }
        if latency == Span::ZERO {
            return self.end_probe(core, job.ticket, success);
        }
        self.release_probe(job.ticket);
        self.check_after(core, latency, CheckDue::Result(under_way.probe, success));
    }

    fn end_probe(&mut self, core: &mut Core, slot: u32, success: bool) {
        let sent = self.probes_under_way[slot].probe;
        self.release_probe(slot);
        self.probe_result(core, sent, success);
    }

    fn release_probe(&mut self, slot: u32) {
        self.probes_under_way[slot].stamp = 0;
        self.probes_under_way.release(slot);
    }

    fn probe_result(&mut self, core: &mut Core, sent: SentBy, success: bool) {
        let index = usize::from(sent.checks);
        if let Some(healthy) = self.checks[index].observe(usize::from(sent.checker), sent.region, success) {
            self.tell(core, index, sent.region, healthy);
        }
    }

    fn judge_regions(&mut self, core: &mut Core, checks: u16, flows: &[RequestCounts]) {
        let (index, now) = (usize::from(checks), core.now());
        for (region, flow) in (0..).map(RegionId).zip(flows) {
            if let Some(healthy) = self.checks[index].judge(region, now, *flow) {
                self.tell(core, index, region, healthy);
            }
        }
        if let Some(passive) = &self.checks[index].plan.passive {
            self.check_after(core, passive.every, CheckDue::Judge(checks));
        }
    }

    /// Those on whose behalf checks number `index` are made hear what is thought of `region` now.
    fn tell(&mut self, core: &mut Core, index: usize, region: RegionId, healthy: bool) {
        let user = self.checks[index].user;
        core.tell(Message::Judged { user, region, healthy });
    }
}

/// Room for the probes under way.
pub(in crate::model) fn under_way() -> Slab<ProbeUnderWay> {
    Slab::with_capacity(16)
}

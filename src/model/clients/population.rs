//! Client populations: what they send, where they believe the service is, how long they wait and when they try again.
//!
//! Owns what clients do about failure. Does not know what happens between sending an attempt and getting an answer.
//!
//! Invariants: a request has one outcome. A time-out is filed only while the outcome of the attempt is open; it keeps
//! the place in the order of events that was reserved when the attempt was sent. Draws are addressed by request
//! number, so two worlds that differ in one policy see the same requests; users who wait for their answers are numbered
//! apart, and so are the requests of each.

use crate::kernel::{Distribution, Kernel, LaneId, Stream, Streams, Zipf, below, chance};
use crate::model::clients::arrivals::{ArrivalStreams, Pace};
use crate::model::clients::breakers::Breakers;
use crate::model::clients::lease::Leases;
use crate::model::clients::request::{NO_CLASS, Request};
use crate::model::clients::retry_budget::RetryBudget;
use crate::model::clients::session::{Sessions, Visit};
use crate::model::core::event::KernelEvent;
use crate::model::core::job::{Access, HEDGE, draw_of};
use crate::model::plan::{Arrivals, Beyond, Keys, ObeysPlan, RegionPlan, WorkloadPlan, WorldPlan, is_wide, route};
use crate::policy::Backoff;
use crate::record::FailureClass;
use crate::units::{DatabaseId, Instant, Ratio, ServiceId, Span};

/// Requests of one population are numbered below this power of two; the population's number stands above.
pub(in crate::model) const NUMBER_BITS: u32 = 40;

/// How keys are chosen.
#[derive(Debug)]
enum KeyChoice {
    Uniform(u32),
    Zipf(Zipf),
}

/// Where the requests of a population, or of one step of its journey, go.
#[derive(Debug)]
pub struct Route {
    /// By region: the service that answers there.
    pub entries: Vec<Option<ServiceId>>,
    /// Whether its requests reach something that keeps data: only then do keys matter.
    pub keyed: bool,
    /// The databases its requests reach.
    pub databases: Vec<DatabaseId>,
    /// Whether what they write is kept in more than one place, or goes on after it is.
    pub wide: bool,
    /// Whether all of its requests write, or none; `None`: as drawn.
    pub write: Option<bool>,
    /// The classes its requests are counted in: those that read, and those that write.
    pub classes: [u16; 2],
}

/// One client population.
#[derive(Debug)]
pub struct Population {
    /// By step of its journey, where its requests go; one if there is no journey.
    pub routes: Vec<Route>,
    /// How long a client waits for an answer to one attempt.
    pub timeout: Span,
    /// The lane its arrivals come from.
    pub arrivals: LaneId,
    /// The lane its time-outs wait in.
    pub timeouts: LaneId,
    /// The stream that spreads requests over a balancer's regions.
    pub balance: Stream,
    /// Groups of clients.
    groups: u64,
    /// After which time a read is hedged, and the lane in which that waits.
    pub hedge: Option<(Span, LaneId)>,
    /// The users who come and go, if requests belong to sessions.
    pub sessions: Option<Sessions>,
    /// The leases these users hold, if that is what they ask for.
    pub leases: Option<Leases>,
    /// How long a user thinks between two requests on average, if the population is a number of users who wait for
    /// their answers: what a blocked one leaves out.
    pub thinks: Option<Span>,
    /// When requests, or sessions, arrive by themselves.
    pub pace: Pace,
    /// By which they stop sending to a region that fails.
    pub breakers: Breakers,
    retries: u16,
    /// By class of failure: whether it is followed by another attempt.
    retried: [bool; FailureClass::COUNT],
    budget: Option<RetryBudget>,
    /// Retries that the budget did not allow in the present second.
    denied_retries: u64,
    backoff: Backoff,
    obeys: Option<ObeysPlan>,
    /// Whether its writes carry an idempotency key.
    pub keyed_writes: bool,
    /// The share of requests that write, those that delete among them.
    writes: Ratio,
    deletes: Ratio,
    writes_unkept: bool,
    keys: KeyChoice,
    next: u64,
    sent: bool,
    base: u64,
    streams: PopulationStreams,
}

#[derive(Debug)]
struct PopulationStreams {
    arrivals: ArrivalStreams,
    group: Stream,
    write: Stream,
    key: Stream,
    backoff: Stream,
}

/// The lanes of one population.
#[derive(Debug, Clone, Copy)]
struct PopulationLanes {
    arrivals: LaneId,
    timeouts: LaneId,
    /// There only if it hedges.
    hedges: Option<LaneId>,
}

/// A request as it is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Drawn {
    /// Its number, unique in the run.
    pub number: u64,
    /// Its client group.
    pub group: u32,
    /// What it does with the row of its key.
    pub access: Access,
    /// The key it reads or writes; zero where no database is used.
    pub key: u32,
}

/// The populations of `plan`, with lanes of `kernel`.
pub(super) fn populations(plan: &WorldPlan, streams: &Streams, kernel: &mut Kernel<KernelEvent>) -> Vec<Population> {
    let end = Instant::ZERO.saturating_add(plan.duration);
    let population = |(index, workload): (u16, &WorkloadPlan)| {
        let routes = match workload.journey.as_slice() {
            [] => vec![Route::new(plan, workload, &workload.service, None)],
            steps => steps.iter().map(|step| Route::new(plan, workload, &step.service, Some(step.write))).collect(),
        };
        let lanes = PopulationLanes {
            arrivals: kernel.lane(),
            timeouts: kernel.lane(),
            hedges: workload.hedge.map(|_| kernel.lane()),
        };
        Population::new(index, workload, routes, lanes, end, streams)
    };
    (0..).zip(&plan.workloads).map(population).collect()
}

impl Route {
    /// Where requests of `workload` for `service` go; `write`: whether all of them write, if that is settled.
    fn new(plan: &WorldPlan, workload: &WorkloadPlan, service: &str, write: Option<bool>) -> Self {
        let entry =
            |region: &RegionPlan| region.services.iter().copied().find(|id| plan.services[id.index()].name == service);
        let entries: Vec<Option<ServiceId>> = plan.regions.iter().map(entry).collect();
        let mut databases: Vec<DatabaseId> =
            entries.iter().flatten().flat_map(|entry| plan.reached_databases(*entry)).collect();
        databases.sort_unstable();
        databases.dedup();
        let wide = entries.iter().flatten().any(|entry| is_wide(&route(&plan.services, *entry)));
        let class = |kind: &str| {
            let name = format!("{}.{service}.{kind}", workload.name);
            let found = plan.objective.classes.iter().position(|class| class.name == name);
            found.and_then(|index| u16::try_from(index).ok()).unwrap_or(NO_CLASS)
        };
        let keyed = entries.iter().flatten().any(|entry| plan.keeps_data_behind(*entry));
        Self { entries, keyed, databases, wide, write, classes: [class("read"), class("write")] }
    }
}

impl Population {
    /// The population `index` of `plan`, with the lanes it may use. `routes` has one entry for each step of its journey.
    fn new(
        index: u16,
        plan: &WorkloadPlan,
        routes: Vec<Route>,
        lanes: PopulationLanes,
        end: Instant,
        streams: &Streams,
    ) -> Self {
        let path = format!("workload/{}", plan.name);
        let stream = |purpose| streams.stream(&path, purpose);
        let regions = routes.first().map_or(0, |route| route.entries.len());
        Self {
            timeout: plan.timeout,
            arrivals: lanes.arrivals,
            timeouts: lanes.timeouts,
            balance: stream("balance"),
            groups: u64::from(plan.groups),
            hedge: plan.hedge.zip(lanes.hedges),
            sessions: Sessions::new(plan, stream("think"), stream("thinking at the start")),
            leases: Leases::new(plan, stream("renewals")),
            thinks: thinks(plan),
            pace: Pace::new(&plan.arrivals, end),
            breakers: Breakers::new(plan.breaker, regions, plan.breaker_processes),
            denied_retries: 0,
            retried: plan.retried,
            retries: u16::try_from(plan.retries).unwrap_or(HEDGE - 2),
            budget: plan.retry_budget.map(|(share, burst)| RetryBudget::new(share, burst)),
            backoff: plan.backoff,
            obeys: plan.obeys,
            keyed_writes: plan.keyed_writes,
            writes: plan.writes,
            deletes: plan.deletes,
            writes_unkept: plan.writes_unkept,
            keys: match routes.iter().any(|route| route.keyed) {
                true => key_choice(plan.keys),
                // Nobody asks.
                false => KeyChoice::Uniform(1),
            },
            next: 0,
            sent: false,
            base: u64::from(index) << NUMBER_BITS,
            streams: PopulationStreams {
                arrivals: ArrivalStreams {
                    gap: stream("arrivals"),
                    kept: stream("kept"),
                    bursts: stream("bursts"),
                    lengths: stream("burst lengths"),
                },
                group: stream("group"),
                write: stream("write"),
                key: stream("key"),
                backoff: stream("backoff"),
            },
            routes,
        }
    }

    /// When the next request, or session, arrives, the one before having arrived at `now`; [`Instant::MAX`]: none does.
    #[inline(always)]
    pub fn next_arrival(&mut self, now: Instant) -> Instant {
        self.pace.next(self.next, now, &self.streams.arrivals)
    }

    /// Whether it has sent a request.
    pub fn has_sent(&self) -> bool {
        self.sent
    }

    /// Draws the next request.
    #[inline(always)]
    pub fn draw(&mut self) -> Drawn {
        let n = self.next;
        self.next += 1;
        let group = below(self.streams.group.at(n), self.groups) as u32;
        self.drawn_as(n, 0, group)
    }

    /// The number of the next session, which is taken, and its group.
    pub fn draw_session(&mut self) -> (u64, u32) {
        let n = self.next;
        self.next += 1;
        (n, below(self.streams.group.at(n), self.groups) as u32)
    }

    /// Draws the request that a session makes now.
    pub fn draw_visit(&mut self, visit: &Visit) -> Drawn {
        self.drawn_as(visit.number, visit.step, visit.group % self.groups as u32)
    }

    /// Request number `n` of the population.
    #[inline(always)]
    fn drawn_as(&mut self, n: u64, step: u8, group: u32) -> Drawn {
        self.sent = true;
        if let Some(budget) = &mut self.budget {
            budget.deposit();
        }
        let route = &self.routes[usize::from(step)];
        let keyed = route.keyed;
        let access = match route.write {
            None if keyed || self.writes_unkept => self.access(self.streams.write.at(n)),
            None => Access::Read,
            Some(writes) => Access::writing(writes),
        };
        let key = if keyed { self.key(self.streams.key.at(n)) } else { 0 };
        Drawn { number: self.base | n, group, access, key }
    }

    /// What a request does for which that was drawn: the least draws delete, those above them write.
    #[inline(always)]
    fn access(&self, draw: u64) -> Access {
        if !chance(draw, self.writes) {
            Access::Read
        } else if chance(draw, mutant!("nobody_deletes": self.deletes => Ratio::ZERO)) {
            Access::Delete
        } else {
            Access::Write
        }
    }

    /// Whether a hedge may be sent now, as far as the retry budget goes.
    pub fn affords_hedge(&self) -> bool {
        self.budget.as_ref().is_none_or(RetryBudget::allows)
    }

    /// How long the client waits before it tries `request` again, whose attempt failed at `at`, having been told to come back
    /// after `told`; `None`: it does not.
    #[inline]
    pub fn retries_in(&self, request: &Request, at: Instant, told: Option<Span>) -> Option<Span> {
        if !self.retried[request.failed_as(at) as usize] {
            return None;
        }
        if let (Some(told), Some(obeys)) = (told, self.obeys) {
            match obeys.beyond {
                _ if told == Span::ZERO => {}
                _ if told <= obeys.up_to => return self.backs_off(request).map(|_| told),
                Beyond::GiveUp => return None,
                Beyond::Backoff => {}
            }
        }
        self.backs_off(request)
    }

    /// Whether `request`, whose attempt failed at `at`, can be made again without harm: a write that may have happened only
    /// if it carries a key.
    pub fn may_repeat(&self, request: &Request, at: Instant) -> bool {
        !request.access.writes() || self.keyed_writes || request.failed_as(at) == FailureClass::Limited
    }

    /// How long the client waits by itself before it tries `request` again; `None`: it does not.
    #[inline]
    fn backs_off(&self, request: &Request) -> Option<Span> {
        let repeatable = !request.access.writes() || self.keyed_writes;
        let draw = draw_of(request.number, request.attempt);
        let made = request.attempt - request.fallbacks;
        let affordable = self.budget.as_ref().is_none_or(RetryBudget::allows);
        let retries = mutant!("the_last_retry_is_not_made": self.retries => self.retries.saturating_sub(1));
        (repeatable && affordable && made < retries).then(|| {
            let draw = self.streams.backoff.at(draw);
            self.backoff.wait(u32::from(made), mutant!("backoff_has_no_jitter": draw => u64::MAX))
        })
    }

    /// `request`, whose attempt failed at `at`, is not tried again: counts it if only the budget is in the way.
    pub fn given_up(&mut self, request: &Request, at: Instant) {
        let repeatable =
            (!request.access.writes() || self.keyed_writes) && self.retried[request.failed_as(at) as usize];
        let denied = self.budget.as_ref().is_some_and(|budget| !budget.allows());
        self.denied_retries += u64::from(denied && repeatable && request.attempt - request.fallbacks < self.retries);
    }

    /// Retries that the budget has not allowed since this was last asked.
    pub fn take_denied_retries(&mut self) -> u64 {
        std::mem::take(&mut self.denied_retries)
    }

    /// A retry is made.
    #[inline]
    pub fn spend_retry(&mut self) {
        if let Some(budget) = &mut self.budget {
            budget.spend();
        }
    }

    fn key(&self, draw: u64) -> u32 {
        match &self.keys {
            KeyChoice::Uniform(count) => below(draw, u64::from(*count)) as u32,
            KeyChoice::Zipf(zipf) => zipf.at(draw),
        }
    }
}

/// How long a user of a closed population thinks, or holds a lease, between two requests.
fn thinks(plan: &WorkloadPlan) -> Option<Span> {
    let Arrivals::Closed(closed) = &plan.arrivals else { return None };
    if let Some(lease) = closed.lease {
        return Some(lease.every);
    }
    let mean =
        |distribution: &Distribution| Span::from_nanos(distribution.mean().map_or(0, |seconds| (seconds * 1e9) as u64));
    let steps = plan.journey.iter().rev().skip(1).map(|step| mean(&step.think));
    let whole = steps.fold(mean(&closed.think), Span::saturating_add);
    Some(Span::from_nanos(whole.as_nanos() / plan.journey.len().max(1) as u64))
}

fn key_choice(keys: Keys) -> KeyChoice {
    match keys {
        Keys::Uniform { count } => KeyChoice::Uniform(count),
        Keys::Zipf { count, s } => match Zipf::new(count, s) {
            Ok(zipf) => KeyChoice::Zipf(zipf),
            Err(_) => KeyChoice::Uniform(count),
        },
    }
}

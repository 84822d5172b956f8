//! Client populations: what they send, where they believe the service is, how long they wait and when they try again.
//!
//! Owns the requests under way. Refuses to know what happens between sending
//! an attempt and getting an answer.
//!
//! Invariants: a request has one outcome. A time-out is filed only while the outcome of the attempt is open; it keeps
//! the place in the order of events that was reserved when the attempt was sent. Draws are addressed by request
//! number, so two worlds that differ in one policy see the same requests.

use super::dns::Stubs;
use super::plan::{Arrivals, Keys, WorkloadPlan};
use super::retry_budget::RetryBudget;
use crate::kernel::{LaneId, Law, Sampler, Sequence, Stream, Streams, Zipf, below, chance};
use crate::policy::Backoff;
use crate::record::Position;
use crate::units::{DatabaseId, Instant, NameId, Ratio, ServiceId, Span};

/// Requests of one population are numbered below this power of two; the population's number stands above.
const NUMBER_BITS: u32 = 40;

/// `queued_at` of a request that waits at no service.
pub const NOWHERE: u16 = u16::MAX;

/// A request under way.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// Its number, unique in the run.
    pub number: u64,
    /// When the client first sent it.
    pub started: Instant,
    /// When the client gives up on the present attempt.
    pub deadline: Instant,
    /// The place in the order of events its time-out takes, if it comes to one.
    pub timeout: Option<Sequence>,
    /// The key it reads or writes.
    pub key: u32,
    /// The client group.
    pub group: u32,
    /// Which attempt is the present one. Changes with every attempt and when the slot is freed.
    pub ticket: u32,
    /// The population.
    pub workload: u16,
    /// The service the present attempt waits at, or [`NOWHERE`].
    pub queued_at: u16,
    /// How many attempts came before.
    pub attempt: u8,
    /// Whether it writes.
    pub write: bool,
    /// Whether an attempt may have happened without its answer coming back.
    pub in_doubt: bool,
    /// Where its write stands in a log, if it is known to.
    pub appended: Option<(u16, Position)>,
}

/// How keys are chosen.
#[derive(Debug)]
enum KeyChoice {
    Uniform(u32),
    Zipf(Zipf),
}

/// How long until the next request.
#[derive(Debug)]
enum Gap {
    Random(Sampler),
    Even(Span),
}

/// One client population.
#[derive(Debug)]
pub struct Population {
    /// By region: the service that answers there.
    pub entries: Vec<Option<ServiceId>>,
    /// The database its requests reach, if any: only then do keys matter.
    pub database: Option<DatabaseId>,
    /// How long a client waits for an answer to one attempt.
    pub timeout: Span,
    /// The lane its arrivals come from.
    pub arrivals: LaneId,
    /// The lane its time-outs wait in.
    pub timeouts: LaneId,
    /// The stream that spreads requests over a balancer's regions.
    pub balance: Stream,
    /// What its client groups have cached and where they are connected.
    pub stubs: Stubs,
    /// Whether a drill has changed something its requests depend on, though it is none of the drill's.
    pub touched: bool,
    synthetic: bool,
    record: NameId,
    retries: u8,
    budget: Option<RetryBudget>,
    backoff: Backoff,
    keyed_writes: bool,
    gap: Gap,
    writes: Ratio,
    keys: KeyChoice,
    next: u64,
    base: u64,
    streams: PopulationStreams,
}

#[derive(Debug)]
struct PopulationStreams {
    gap: Stream,
    group: Stream,
    write: Stream,
    key: Stream,
    backoff: Stream,
}

/// What a drill has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrillTouch {
    /// Where a record points.
    Record(NameId),
    /// Who leads a database.
    Database(DatabaseId),
    /// The balancer's weights.
    Balancer,
}

/// A request as it is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Drawn {
    /// Its number, unique in the run.
    pub number: u64,
    /// Its client group.
    pub group: u32,
    /// Whether it writes.
    pub write: bool,
    /// The key it reads or writes; zero where no database is used.
    pub key: u32,
}

impl Population {
    /// A drill has changed `what`: if that concerns these clients, and they are real ones, it has touched production.
    /// Says whether that is news.
    pub fn touched_by_drill(&mut self, what: DrillTouch, record: super::plan::Target) -> bool {
        let concerned = match what {
            DrillTouch::Record(changed) => changed == self.record,
            DrillTouch::Database(changed) => Some(changed) == self.database,
            DrillTouch::Balancer => record == super::plan::Target::Balancer,
        };
        let news = concerned && !self.synthetic && !self.touched;
        self.touched |= news;
        news
    }

    /// The population `index` of `plan`, with the lanes it may use. `entries` names its service in each region.
    pub fn new(
        index: u16,
        plan: &WorkloadPlan,
        entries: Vec<Option<ServiceId>>,
        database: Option<DatabaseId>,
        (arrivals, timeouts): (LaneId, LaneId),
        (stubs, streams): (Stubs, &Streams),
    ) -> Self {
        let path = format!("workload/{}", plan.name);
        let stream = |purpose| streams.stream(&path, purpose);
        Self {
            entries,
            database,
            timeout: plan.timeout,
            arrivals,
            timeouts,
            balance: stream("balance"),
            stubs,
            touched: false,
            synthetic: plan.synthetic,
            record: plan.record,
            retries: u8::try_from(plan.retries).unwrap_or(u8::MAX - 1),
            budget: plan.retry_budget.map(|(share, burst)| RetryBudget::new(share, burst)),
            backoff: plan.backoff,
            keyed_writes: plan.keyed_writes,
            gap: gap(plan.arrivals),
            writes: plan.writes,
            keys: key_choice(plan.keys),
            next: 0,
            base: u64::from(index) << NUMBER_BITS,
            streams: PopulationStreams {
                gap: stream("arrivals"),
                group: stream("group"),
                write: stream("write"),
                key: stream("key"),
                backoff: stream("backoff"),
            },
        }
    }

    /// How long until the next request; [`Span::MAX`]: there is none.
    #[inline]
    pub fn next_gap(&self) -> Span {
        match &self.gap {
            Gap::Random(sampler) => sampler.span(self.streams.gap.at(self.next)),
            Gap::Even(span) => *span,
        }
    }

    /// Draws the next request.
    #[inline]
    pub fn draw(&mut self) -> Drawn {
        let n = self.next;
        self.next += 1;
        if let Some(budget) = &mut self.budget {
            budget.deposit();
        }
        let group = below(self.streams.group.at(n), self.stubs.count()) as u32;
        let write = self.database.is_some() && chance(self.streams.write.at(n), self.writes);
        let key = if self.database.is_some() { self.key(self.streams.key.at(n)) } else { 0 };
        Drawn { number: self.base | n, group, write, key }
    }

    /// How long the client waits before it tries `request` again; `None`: it does not.
    #[inline]
    pub fn retry_after(&self, request: &Request) -> Option<Span> {
        let repeatable = !request.write || self.keyed_writes;
        let draw = (request.number << 8) | u64::from(request.attempt);
        let affordable = self.budget.as_ref().is_none_or(RetryBudget::allows);
        (repeatable && affordable && request.attempt < self.retries)
            .then(|| self.backoff.wait(u32::from(request.attempt), self.streams.backoff.at(draw)))
    }

    /// A retry is made.
    #[inline]
    pub fn spend_retry(&mut self) {
        if let Some(budget) = &mut self.budget {
            budget.spend();
        }
    }

    /// Requests drawn so far.
    pub fn drawn(&self) -> u64 {
        self.next
    }

    fn key(&self, draw: u64) -> u32 {
        match &self.keys {
            KeyChoice::Uniform(count) => below(draw, u64::from(*count)) as u32,
            KeyChoice::Zipf(zipf) => zipf.at(draw),
        }
    }
}

fn gap(arrivals: Arrivals) -> Gap {
    let interval = |rate: crate::units::Rate| rate.interval_nanos().map_or(Span::MAX, Span::from_nanos);
    match arrivals {
        Arrivals::Constant(rate) => Gap::Even(interval(rate)),
        Arrivals::Poisson(rate) if rate.interval_nanos().is_none() => Gap::Even(Span::MAX),
        Arrivals::Poisson(rate) => Gap::Random(Sampler::new(&Law::Exponential { mean: interval(rate) })),
    }
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

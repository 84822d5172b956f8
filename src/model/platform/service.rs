//! A service in one region: servers behind one first-in-first-out queue, and what a monitoring scrape can read of it.
//!
//! Does not know who sent a job or what happens to its answer.
//!
//! Invariants: at most `capacity` jobs are worked on at once, by servers that are there; a job that is being worked on has exactly one live stamp,
//! so a completion that was overtaken by a fault is recognised.

use crate::kernel::{Sampler, Stream, Streams};
use crate::model::core::counters::Counters;
use crate::model::core::held::Held;
use crate::model::core::job::Job;
use crate::model::core::rate_limit::Limiter;
use crate::model::plan::{Layer, RouteStep, ServicePlan};
use crate::model::platform::autoscaler::Autoscaler;
use crate::model::platform::cache::Cache;
use crate::model::platform::capacity::Losses;
use crate::model::platform::choice::Choice;
use crate::model::platform::degradation::Degradation;
use crate::model::platform::fleet::Fleet;
use crate::model::platform::generation::Generation;
use crate::model::platform::tally::Tally;
use crate::model::platform::warm_up::Warmth;
use crate::units::{FaultId, Instant, Ratio, RegionId, Span};
use std::collections::VecDeque;

#[derive(Debug, Clone, Copy)]
struct Server {
    job: Job,
    stamp: u32,
    busy: bool,
}

/// One service in one region.
#[derive(Debug)]
pub struct Station {
    /// Its region.
    pub region: RegionId,
    /// Where a request that enters here goes once its own work is done, in order.
    pub route: Vec<RouteStep>,
    /// By place of that route: the layer of calls it belongs to. Empty where nobody asks again.
    pub layers: Vec<Layer>,
    /// By place of that route: the region that is at work there. Empty where it never leaves this one.
    pub regions: Vec<RegionId>,
    /// Which of several services it calls.
    pub choice: Option<Choice>,
    /// Whether it serves; a standby refuses.
    pub active: bool,
    /// How long activation takes.
    pub activation: Span,
    /// The share of requests that fail in the service itself.
    pub errors: Ratio,
    /// Decides which.
    pub error_stream: Stream,
    /// The faults that slow or fail a share of its requests.
    pub degradations: Vec<Degradation>,
    /// What monitoring can read.
    pub counters: Counters,
    /// What it did in the present second.
    pub tally: Tally,
    /// Longer waits are counted apart.
    pub wait_target: Option<Span>,
    /// How cold it is.
    pub warmth: Warmth,
    /// A request older than this is refused when its turn comes.
    pub shed_after: Option<Span>,
    /// Whether it still serves waiting requests whose client has given up.
    pub serves_abandoned: bool,
    /// What it lets through.
    pub limiter: Option<Limiter>,
    /// What its work takes beside its time, if a language model answers.
    pub generation: Option<Box<Generation>>,
    /// What it asks before calls and database.
    pub cache: Option<Cache>,
    /// Its cache answers nothing and takes nothing up while this is held.
    pub cache_down: Held,
    /// The autoscaler that changes its number of servers.
    pub autoscaler: Option<Box<Autoscaler>>,
    /// The overhead that its servers cause each other.
    pub fleet: Option<Fleet>,
    /// Servers by plan, or as the autoscaler wants them.
    pub base: u32,
    /// Servers that were added, by fault.
    pub added: Vec<(FaultId, u32)>,
    /// Decides how long each job takes.
    time: Sampler,
    time_stream: Stream,
    /// What faults have taken of its servers.
    pub losses: Losses,
    /// The zones its servers are spread over.
    zones: u32,
    /// Servers that are there, and those that faults have taken.
    planned: u32,
    /// Servers that are there.
    capacity: u32,
    /// By server: whether it is gone. Empty while none is.
    gone: Vec<bool>,
    bound: u32,
    servers: Vec<Server>,
    idle: Vec<u32>,
    /// Who waits, and since when.
    queue: VecDeque<(Job, Instant)>,
    waiting: u32,
    busy: u32,
}

/// A job a server has begun to work on.
#[derive(Debug, Clone, Copy)]
pub struct Begun {
    /// Which server.
    pub server: u32,
    /// The stamp its completion must carry.
    pub stamp: u32,
}

impl Station {
    /// The service of `plan` in the region named `region`, spread over that many zones.
    pub fn new(plan: &ServicePlan, region: &str, zones: u32, streams: &Streams) -> Self {
        let path = format!("service/{region}/{}", plan.name);
        Self {
            region: plan.region,
            route: Vec::new(),
            layers: Vec::new(),
            regions: Vec::new(),
            choice: plan.choice.as_ref().map(|choice| Choice::new(choice, streams.stream(&path, "choice"))),
            active: plan.active,
            activation: plan.activation,
            errors: plan.errors,
            error_stream: streams.stream(&path, "errors"),
            degradations: Vec::new(),
            counters: Counters::default(),
            tally: Tally::default(),
            wait_target: plan.wait_target,
            warmth: Warmth::new(plan.warm_up),
            shed_after: plan.shed_after,
            serves_abandoned: mutant!("who_gave_up_is_not_worked_for": plan.serves_abandoned => false),
            limiter: plan.limit.as_ref().map(Limiter::new),
            generation: plan.generation.as_ref().map(|plan| Box::new(Generation::new(plan, &path, streams))),
            cache: None,
            cache_down: Held::default(),
            autoscaler: plan.autoscale.as_ref().map(|plan| Box::new(Autoscaler::new(plan, &path, streams))),
            fleet: plan.fleet.map(|fleet| Fleet::new(fleet, plan.servers)),
            base: plan.servers,
            added: Vec::new(),
            time: Sampler::new(&plan.time),
            time_stream: streams.stream(&path, "time"),
            losses: Losses::default(),
            zones,
            planned: plan.servers,
            capacity: plan.servers,
            gone: Vec::new(),
            bound: plan.queue.unwrap_or(u32::MAX),
            servers: Vec::with_capacity(plan.servers as usize),
            idle: Vec::with_capacity(plan.servers as usize),
            queue: VecDeque::new(),
            waiting: 0,
            busy: 0,
        }
    }

    /// How long a server works on the job of draw `draw`, faults not counted.
    #[inline(always)]
    pub fn work(&self, draw: u64) -> Span {
        let time = self.time.span(self.time_stream.at(draw));
        let whole = match &self.generation {
            None => time,
            Some(generation) => time.saturating_add(generation.writing(draw)),
        };
        let work = self.fleet.as_ref().map_or(whole, |fleet| fleet.stretched(whole));
        mutant!("a_server_takes_half_again_as_long": work => work.saturating_add(Span::from_nanos(work.as_nanos() / 2)))
    }

    /// Whether it takes requests at all.
    #[inline(always)]
    pub fn serves(&self) -> bool {
        self.active && !self.fleet.as_ref().is_some_and(|fleet| fleet.overgrown)
    }

    /// Whether the limit lets the request of draw `draw` through.
    pub fn admits(&mut self, draw: u64, now: Instant) -> bool {
        let Some(limiter) = &mut self.limiter else { return true };
        let counted = self.generation.as_ref().filter(|_| limiter.counts_tokens());
        limiter.admits(counted.map_or(0, |generation| generation.tokens(draw)), now)
    }

    /// What the limit tells the request of draw `draw`, which it has turned away, of when to come back.
    pub fn retry_after(&self, draw: u64, now: Instant) -> Option<Span> {
        let limiter = self.limiter.as_ref()?;
        let counted = self.generation.as_ref().filter(|_| limiter.counts_tokens());
        limiter.retry_after(counted.map_or(0, |generation| generation.tokens(draw)), now)
    }

    /// Servers by plan and those added, whether faults have taken them or not.
    pub fn members(&self) -> u32 {
        self.added.iter().fold(self.base, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Whether a server is free.
    #[inline(always)]
    pub fn has_idle_server(&self) -> bool {
        mutant!("one_server_stays_idle": self.busy < self.capacity => self.busy < self.capacity.max(2) - 1)
    }

    /// Whether one more job may wait.
    #[inline]
    pub fn has_room(&self) -> bool {
        mutant!("one_more_may_wait": self.waiting < self.bound => self.waiting <= self.bound)
    }

    /// Gives `job` to a free server.
    #[inline(always)]
    pub fn begin(&mut self, job: Job) -> Begun {
        self.busy += 1;
        self.tally.begun += 1;
        let server = match self.idle.pop() {
            Some(server) => server,
            None => self.set_up_server(&job),
        };
        let slot = &mut self.servers[server as usize];
        let stamp = slot.stamp.wrapping_add(1);
        *slot = Server { job, stamp, busy: true };
        Begun { server, stamp }
    }

    /// Servers are set up as they are first needed, for `job`; those that are gone meanwhile are passed over.
    #[cold]
    fn set_up_server(&mut self, job: &Job) -> u32 {
        let absent = Server { job: *job, stamp: 0, busy: false };
        while self.gone.get(self.servers.len()) == Some(&true) {
            self.servers.push(absent);
        }
        self.servers.push(absent);
        self.servers.len() as u32 - 1
    }

    /// Counts its servers again after faults or the autoscaler removed or returned some. Returns the jobs that went
    /// with those a fault took; one beyond the present number finishes its job and takes no other.
    pub fn count_servers(&mut self) -> Vec<Job> {
        let servers = self.members();
        self.planned = servers;
        self.gone = self.losses.gone(servers, self.zones);
        self.capacity = servers - self.gone.iter().filter(|gone| **gone).count() as u32;
        let mut lost = Vec::new();
        self.idle.clear();
        for (index, server) in self.servers.iter_mut().enumerate() {
            let gone = self.gone.get(index) == Some(&true);
            if gone && server.busy {
                server.busy = false;
                self.busy -= 1;
                lost.push(server.job);
            }
            if !gone && !server.busy && index < servers as usize {
                self.idle.push(index as u32);
            }
        }
        lost
    }

    /// What a fault may hold of it, as it is in effect at present.
    pub fn in_force(&self) -> String {
        let grip = |d: &Degradation| format!("{} of requests at {}, {} fail", d.share, d.slowdown, d.errors);
        let mut effects: Vec<String> = self.degradations.iter().map(grip).collect();
        effects.sort();
        let cold = self.cache_down.is_on();
        let scaler = self.autoscaler.as_ref().map(|scaler| (scaler.off.is_on(), scaler.starved.is_on()));
        format!(
            "{} servers, effects {effects:?}, cache lost {cold}, autoscaler off and starved {scaler:?}",
            self.capacity
        )
    }

    /// The fault that leaves it without any server, if one does.
    pub fn emptied_by(&self) -> Option<FaultId> {
        if self.capacity == 0 { self.losses.first() } else { None }
    }

    /// Whether any fault makes it slow, lets it fail or takes servers of it.
    pub fn is_touched(&self) -> bool {
        !self.degradations.is_empty() || self.losses.first().is_some()
    }

    /// Counts a request it has finished, at `at`.
    #[inline(always)]
    pub fn count(&mut self, job: &Job, error: bool, at: Instant) {
        self.counters.requests += 1;
        if error {
            self.counters.errors += 1;
        } else {
            self.counters.latency.record(at.since(job.entered));
        }
    }

    /// Counts a request that a rate limit turned away, for scrapes to read.
    pub fn count_limited(&mut self) {
        self.counters.limited += 1;
    }

    /// Takes the finished job from `server`; `None` if that work was lost in the meantime.
    #[inline(always)]
    pub fn finish(&mut self, server: u32, stamp: u32) -> Option<Job> {
        let slot = self.servers.get_mut(server as usize)?;
        if !slot.busy || slot.stamp != stamp {
            return None;
        }
        slot.busy = false;
        self.busy -= 1;
        if server < self.planned {
            self.idle.push(server);
        }
        Some(slot.job)
    }

    /// Lets `job` wait from `now` on.
    #[inline]
    pub fn enqueue(&mut self, job: Job, now: Instant) {
        self.waiting += 1;
        self.queue.push_back((job, now));
    }

    /// A waiting job was given up by its client: it no longer takes up room, unless nobody notices here.
    #[inline]
    pub fn abandon(&mut self) {
        if !self.serves_abandoned {
            self.waiting -= 1;
        }
    }

    /// Whether anybody is in its queue, given up or not.
    #[inline]
    pub fn has_queue(&self) -> bool {
        !self.queue.is_empty()
    }

    /// The oldest waiting job that `is_live` accepts, and since when it has waited; those it rejects were abandoned and are dropped, unless nobody
    /// notices here.
    #[inline(always)]
    pub fn next_waiting(&mut self, mut is_live: impl FnMut(&Job) -> bool) -> Option<(Job, Instant)> {
        while let Some((job, since)) =
            mutant!("the_last_come_is_served_first": self.queue.pop_front() => self.queue.pop_back())
        {
            if self.serves_abandoned || is_live(&job) {
                self.waiting -= 1;
                return Some((job, since));
            }
        }
        None
    }

    /// Everything it was working on or that waited is lost. Returns what was lost, abandoned jobs included.
    pub fn lose_everything(&mut self) -> Vec<Job> {
        let mut lost: Vec<Job> = self.queue.drain(..).map(|(job, _)| job).collect();
        for (index, server) in self.servers.iter_mut().enumerate().filter(|(_, s)| s.busy) {
            server.busy = false;
            lost.push(server.job);
            if index < self.planned as usize {
                self.idle.push(index as u32);
            }
        }
        self.waiting = 0;
        self.busy = 0;
        lost
    }

    /// Who waits for a server, those included that were given up and are not dropped yet.
    pub fn queued(&self) -> impl Iterator<Item = &Job> {
        self.queue.iter().map(|(job, _)| job)
    }

    /// What its servers work on.
    pub fn working(&self) -> impl Iterator<Item = &Job> {
        self.servers.iter().filter(|server| server.busy).map(|server| &server.job)
    }

    /// Jobs that wait.
    pub fn waiting(&self) -> u32 {
        self.waiting
    }

    /// Jobs being worked on.
    pub fn busy(&self) -> u32 {
        self.busy
    }

    /// Servers that are there.
    pub fn capacity(&self) -> u32 {
        self.capacity
    }
}

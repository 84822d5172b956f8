//! A service in one region: servers behind one first-in-first-out queue, and what a monitoring scrape can read of it.
//!
//! Refuses to know who sent a job or what becomes of its answer.
//!
//! Invariants: at most `capacity` jobs are worked on at once, by servers that are there; a job that is being worked on has exactly one live stamp,
//! so a completion that was overtaken by a fault is recognised.

use super::capacity::Losses;
use super::job::Job;
use super::plan::ServicePlan;
use super::warm_up::Warmth;
use crate::kernel::{Sampler, Stream, Streams, chance};
use crate::record::Buckets;
use crate::units::{DatabaseId, FaultId, Ratio, RegionId, ServiceId, Span};
use std::collections::VecDeque;

/// One place on the way of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A service of the same region.
    Service(ServiceId),
    /// A database, wherever its authority is.
    Database(DatabaseId),
}

/// The way of a request that enters at `service`, after that service's own work: each service it calls with all that
/// one calls, then its database.
pub fn route(services: &[ServicePlan], service: ServiceId) -> Vec<Step> {
    let plan = &services[service.index()];
    let mut steps = Vec::new();
    for call in &plan.calls {
        steps.push(Step::Service(*call));
        steps.extend(route(services, *call));
    }
    steps.extend(plan.database.map(Step::Database));
    steps
}

/// A fault's grip on a share of the requests a service works on.
#[derive(Debug, Clone, Copy)]
pub struct Degradation {
    /// The fault.
    pub fault: FaultId,
    /// The share of requests it touches.
    pub share: Ratio,
    /// How much longer they take: 500 % is five times as long.
    pub slowdown: Ratio,
    /// The share of those it touches that fail.
    pub errors: Ratio,
    /// Decides which requests it touches, and which of them fail.
    pub stream: Stream,
}

impl Degradation {
    /// Whether the fault touches this job.
    pub fn touches(&self, job: &Job) -> bool {
        chance(self.stream.at(job.draw() << 1), self.share)
    }

    /// Whether a job it touches fails.
    pub fn fails(&self, job: &Job) -> bool {
        self.errors != Ratio::ZERO && chance(self.stream.at((job.draw() << 1) | 1), self.errors)
    }
}

/// What a scrape reads: everything since the start, as counters do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests finished, well or not.
    pub requests: u64,
    /// Of these, those answered with an error.
    pub errors: u64,
    /// Response times of the requests answered.
    pub latency: Buckets,
}

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
    pub route: Vec<Step>,
    /// Whether it serves; a standby refuses.
    pub active: bool,
    /// How long activation takes.
    pub activation: Span,
    /// The share of requests it fails by itself.
    pub errors: Ratio,
    /// Decides which.
    pub error_stream: Stream,
    /// The faults that slow or fail a share of its requests.
    pub degradations: Vec<Degradation>,
    /// What monitoring can read.
    pub counters: Counters,
    /// How cold it is.
    pub warmth: Warmth,
    /// A request older than this is refused when its turn comes.
    pub shed_after: Option<Span>,
    /// Whether it goes on with waiting requests whose client has given up.
    pub works_abandoned: bool,
    /// Decides how long each job takes.
    time: Sampler,
    time_stream: Stream,
    /// What faults have taken of its servers.
    pub losses: Losses,
    /// Servers by plan, and the zones they are spread over.
    planned: (u32, u32),
    /// Servers that are there.
    capacity: u32,
    /// By server: whether it is gone. Empty while none is.
    gone: Vec<bool>,
    bound: u32,
    servers: Vec<Server>,
    idle: Vec<u32>,
    queue: VecDeque<Job>,
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
            active: plan.active,
            activation: plan.activation,
            errors: plan.errors,
            error_stream: streams.stream(&path, "errors"),
            degradations: Vec::new(),
            counters: Counters::default(),
            warmth: Warmth::new(plan.warm_up),
            shed_after: plan.shed_after,
            works_abandoned: mutant!("who_gave_up_is_not_worked_for": plan.works_abandoned => false),
            time: Sampler::new(&plan.time),
            time_stream: streams.stream(&path, "time"),
            losses: Losses::default(),
            planned: (plan.servers, zones),
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
    #[inline]
    pub fn work(&self, draw: u64) -> Span {
        let work = self.time.span(self.time_stream.at(draw));
        mutant!("a_server_takes_half_again_as_long": work => work.saturating_add(Span::from_nanos(work.as_nanos() / 2)))
    }

    /// Whether a server is free.
    #[inline]
    pub fn has_idle_server(&self) -> bool {
        self.busy < self.capacity
    }

    /// Whether one more job may wait.
    #[inline]
    pub fn has_room(&self) -> bool {
        self.waiting < self.bound
    }

    /// Gives `job` to a free server.
    #[inline]
    pub fn begin(&mut self, job: Job) -> Begun {
        self.busy += 1;
        if let Some(server) = self.idle.pop() {
            let slot = &mut self.servers[server as usize];
            slot.stamp = slot.stamp.wrapping_add(1);
            slot.job = job;
            slot.busy = true;
            return Begun { server, stamp: slot.stamp };
        }
        // Servers are set up as they are first needed; those that are gone meanwhile are passed over.
        while self.gone.get(self.servers.len()) == Some(&true) {
            self.servers.push(Server { job, stamp: 0, busy: false });
        }
        self.servers.push(Server { job, stamp: 0, busy: true });
        Begun { server: self.servers.len() as u32 - 1, stamp: 0 }
    }

    /// Counts its servers anew after faults took or gave back some. Returns the jobs that went with them.
    pub fn count_servers(&mut self) -> Vec<Job> {
        let (servers, zones) = self.planned;
        self.gone = self.losses.gone(servers, zones);
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
            if !gone && !server.busy {
                self.idle.push(index as u32);
            }
        }
        lost
    }

    /// The fault that leaves it without any server, if one does.
    pub fn emptied_by(&self) -> Option<FaultId> {
        if self.capacity == 0 { self.losses.first() } else { None }
    }

    /// Takes the finished job from `server`; `None` if that work was lost in the meantime.
    #[inline]
    pub fn finish(&mut self, server: u32, stamp: u32) -> Option<Job> {
        let slot = self.servers.get_mut(server as usize)?;
        if !slot.busy || slot.stamp != stamp {
            return None;
        }
        slot.busy = false;
        self.busy -= 1;
        self.idle.push(server);
        Some(slot.job)
    }

    /// Lets `job` wait.
    #[inline]
    pub fn enqueue(&mut self, job: Job) {
        self.waiting += 1;
        self.queue.push_back(job);
    }

    /// A waiting job was given up by its client: it no longer takes up room, unless nobody notices here.
    #[inline]
    pub fn abandon(&mut self) {
        if !self.works_abandoned {
            self.waiting -= 1;
        }
    }

    /// The oldest waiting job that `is_live` accepts; those it rejects were abandoned and are dropped, unless nobody
    /// notices here.
    #[inline]
    pub fn next_waiting(&mut self, mut is_live: impl FnMut(&Job) -> bool) -> Option<Job> {
        while let Some(job) = self.queue.pop_front() {
            if self.works_abandoned || is_live(&job) {
                self.waiting -= 1;
                return Some(job);
            }
        }
        None
    }

    /// Everything it was working on or that waited is lost. Returns what was lost, abandoned jobs included.
    pub fn lose_everything(&mut self) -> Vec<Job> {
        let mut lost: Vec<Job> = self.queue.drain(..).collect();
        for (index, server) in self.servers.iter_mut().enumerate().filter(|(_, s)| s.busy) {
            server.busy = false;
            lost.push(server.job);
            self.idle.push(index as u32);
        }
        self.waiting = 0;
        self.busy = 0;
        lost
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

//! The simulated world: synchronous state machines on one kernel.
//!
//! Owns everything that can happen to a request and everything control can reach. Refuses to decide anything about the
//! migration: it does what clients, faults and control make it do.
//!
//! Invariants: models act only when an event is handled, a fault calls or control's commands are carried out; all
//! randomness is drawn from named streams; what control learns goes over the desk.

mod agenda;
mod build;
mod clients;
mod closing;
mod control;
mod core;
mod data;
mod flow;
mod health;
mod in_force;
mod names;
pub(crate) mod observe;
mod outage;
mod people;
pub mod plan;
mod platform;

pub use self::core::desk::{CallTrace, Desk};
pub use self::core::event::Event;
pub use self::core::interruption::{Act, Interruption};
pub use self::core::network::{Direction, Wear};
pub use clients::trace::{Survey, TraceProblem, TraceShape, survey};
pub use closing::Remains;
pub use control::controller::Wanted;
pub use control::imperfect::{Action, Imperfection, Wrong};
pub use control::ports::SimulatedPorts;
pub use data::database::Spoils;
pub use observe::meter::Ended;
pub use observe::touches::Touches;
pub use platform::service::Degradation;

use self::core::chronicle::FreshEvent;
use self::core::held::Held;
use self::core::network::Network;
use self::core::slab::Slab;
use self::core::wake::Wake;
use crate::kernel::{Class, Kernel, LaneId, Limit, Limits, Stream, Streams, TieBreak};
use crate::record::event::PlatformEvent;
use crate::record::{Digest, Lap, Timeline};
use crate::units::{FaultId, Instant, Ratio, RegionId, Span, WorkloadId};
use agenda::Agenda;
use clients::population::Population;
use clients::request::Request;
use clients::session::Session;
use control::controller::Controller;
use data::database::Database;
use flow::hop::{Hop, HopTo};
use health::{Checks, ProbeUnderWay};
use names::balancer::Balancer;
use names::dns::{Planning, Resolvers, Zone};
use observe::meter::{Gauge, Meter};
use observe::monitoring::Monitoring;
use people::notification::Channel;
use people::person::Person;
use plan::WorldPlan;
use platform::rate_limit::Limiter;
use platform::service::Station;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

/// The digest's number for "a request came to its outcome".
const REQUEST_FINISHED: u16 = 1;

#[derive(Debug)]
struct Region {
    name: String,
    provider: crate::units::ProviderId,
    /// Nothing here answers while this is held.
    dark: Held,
    /// Control and monitoring do not reach it while this is held.
    cut_off: Held,
}

impl Region {
    /// Whether control and monitoring get no answer from here.
    fn is_silent(&self) -> bool {
        self.dark.is_on() || self.cut_off.is_on()
    }
}

#[derive(Debug)]
struct Provider {
    /// Whether it can turn a request away at all.
    is_gate: bool,
    errors: Ratio,
    stream: Stream,
    limiter: Option<Limiter>,
    /// Attempts above its limit in the present second.
    limited: u64,
}

/// The signals that are read off the state of the world, not counted.
#[derive(Debug)]
struct StateGauges {
    services: Vec<observe::tally::ServiceGauges>,
    regions: Vec<Gauge>,
    /// By provider, if it has a limit.
    limited: Vec<Option<Gauge>>,
    databases: Vec<DatabaseGauges>,
    dns: Vec<Gauge>,
    /// By population, if its clients hold leases: how many do, and the share that does not.
    leases: Vec<Option<(Gauge, Gauge)>>,
    /// Room for counting client groups by region.
    believers: Vec<u64>,
    /// There only if a drill can be held.
    touched: Option<Gauge>,
    seen: Vec<(Gauge, Gauge, Gauge)>,
}

/// Signals of one database.
#[derive(Debug, Clone, Copy)]
struct DatabaseGauges {
    lag: Gauge,
    backlog: Gauge,
    writable: Gauge,
    /// There only with synchronous commit.
    degraded: Option<Gauge>,
    /// There only if it is backed up.
    backups: Option<BackupGauges>,
}

/// Signals of the backups of one database.
#[derive(Debug, Clone, Copy)]
struct BackupGauges {
    age: Gauge,
    restorable: Gauge,
    restored: Gauge,
}

/// The simulated world.
#[derive(Debug)]
pub struct World {
    kernel: Kernel<Event>,
    plan: WorldPlan,
    network: Network,
    zone: Zone,
    resolvers: Resolvers,
    balancer: Option<Balancer>,
    /// What writes the zone by itself.
    planning: Option<Planning>,
    checks: Vec<Checks>,
    probes_under_way: Slab<ProbeUnderWay>,
    checks_sent: u64,
    providers: Vec<Provider>,
    regions: Vec<Region>,
    stations: Vec<Station>,
    databases: Vec<Database>,
    populations: Vec<Population>,
    requests: Slab<Request>,
    sessions: Slab<Session>,
    hops: Slab<Hop>,
    delays: Vec<(Span, LaneId)>,
    monitoring: Monitoring,
    channel: Channel,
    people: Vec<Person>,
    desk: Rc<RefCell<Desk>>,
    agenda: Vec<Option<Agenda>>,
    agenda_free: Vec<u32>,
    meter: Meter,
    /// Of the limits that turn work away.
    episodes: observe::episodes::LimitEpisodes,
    gauges: StateGauges,
    hits: Vec<u64>,
    fault_streams: Vec<(Stream, Stream)>,
    actions: control::imperfect::Actions,
    errands: control::interface::Errands,
    wake: Wake,
    stamps: u32,
    probes: u64,
    controllers: Vec<Controller>,
    /// Writes of real clients that ended after a drill had changed something they depend on.
    touched_writes: u64,
    journal_down: Held,
    /// Who made the calls that are not answered yet.
    callers: BTreeMap<u32, self::core::desk::Caller>,
    /// Calls whose change was accepted and is not yet in force.
    accepted: BTreeSet<u32>,
    remedy: Option<RegionId>,
    workload_end: Instant,
    digest: Digest,
    timeline: Timeline,
    laps: Vec<Lap>,
    fresh_events: VecDeque<FreshEvent>,
}

impl World {
    /// The world of `plan` at the start of a run with `seed`, with injections to come that draw under these names.
    pub fn new(plan: &WorldPlan, seed: u64, faults: &[&str]) -> Self {
        let streams = Streams::new(seed);
        let tie_break = if plan.tie_break_seeded {
            TieBreak::Seeded(streams.stream("kernel", "ties").at(0))
        } else {
            TieBreak::Fifo
        };
        let mut kernel = Kernel::new(tie_break);
        let names: Vec<&str> = plan.regions.iter().map(|r| r.name.as_str()).collect();
        let resolvers = Resolvers::new(&plan.resolvers, &plan.dns, &streams);
        let populations = build::populations(plan, &resolvers, &streams, &mut kernel);
        let mut meter = Meter::new(plan);
        let gauges = build::state_gauges(plan, &mut meter);
        Self {
            network: Network::new(&plan.network, &names, &streams),
            zone: Zone::new(&plan.dns, &streams),
            planning: names::naming::planning(plan, &streams),
            checks: health::checks(plan, &streams),
            probes_under_way: health::under_way(),
            checks_sent: 0,
            balancer: plan.balancer.as_ref().map(|b| Balancer::new(b, plan.regions.len())),
            providers: plan.providers.iter().map(|p| build::provider(p, &streams)).collect(),
            regions: plan.regions.iter().map(build::region).collect(),
            stations: build::stations(plan, &streams),
            databases: build::databases(plan),
            populations,
            requests: Slab::with_capacity(1 << 14),
            sessions: Slab::with_capacity(1 << 10),
            hops: Slab::with_capacity(1 << 10),
            delays: build::delay_lanes(plan, &mut kernel),
            monitoring: Monitoring::new(&plan.monitoring, plan.services.len(), plan.regions.len()),
            channel: Channel::new(plan.notification.delay),
            people: plan.people.iter().map(|p| Person::new(p, &streams)).collect(),
            desk: Rc::default(),
            agenda: Vec::new(),
            agenda_free: Vec::new(),
            meter,
            episodes: observe::episodes::LimitEpisodes::new(
                plan.providers.len(),
                plan.services.len(),
                plan.workloads.len(),
            ),
            gauges,
            hits: vec![0; faults.len()],
            fault_streams: faults.iter().map(|id| build::fault_streams(id, &streams)).collect(),
            actions: control::imperfect::Actions::default(),
            errands: control::interface::Errands::default(),
            wake: Wake::new(),
            stamps: 0,
            probes: 0,
            touched_writes: 0,
            controllers: plan.controllers.iter().map(Controller::new).collect(),
            journal_down: Held::default(),
            callers: BTreeMap::new(),
            accepted: BTreeSet::new(),
            remedy: None,
            workload_end: Instant::ZERO.saturating_add(plan.duration),
            digest: Digest::default(),
            timeline: Timeline::default(),
            laps: Vec::new(),
            fresh_events: VecDeque::new(),
            resolvers,
            plan: plan.clone(),
            kernel,
        }
    }

    /// Files the first events: arrivals, scrapes, health checks, planned changes, and the end.
    pub fn start(&mut self, limits: Limits) {
        self.kernel.set_limits(limits);
        for workload in (0..self.populations.len() as u16).map(WorkloadId) {
            let first = self.populations[workload.index()].next_arrival(Instant::ZERO);
            self.expect_arrival(workload, first);
            self.start_users(workload);
        }
        self.kernel.schedule(self.workload_end, Class::Fault, Event::WorkloadEnd);
        self.kernel.schedule(self.workload_end.saturating_add(self.plan.settle), Class::Control, Event::SettleEnd);
        self.start_watchers();
    }

    /// The next event, if there is one and no [`World::limit`] forbids it.
    #[inline(always)]
    pub fn next_event(&mut self) -> Option<Event> {
        let event = self.kernel.advance()?;
        if self.kernel.now() >= self.meter.second_ends() {
            self.roll();
        }
        Some(event)
    }

    /// The limit that was hit, if one was.
    pub fn limit(&mut self) -> Option<Limit> {
        self.kernel.limit()
    }

    /// Lets the world carry out `event`.
    #[inline(always)]
    pub fn handle(&mut self, event: Event) {
        match event {
            Event::Arrival(workload) => self.arrive(workload),
            Event::Retry { slot, ticket } => self.retry(slot, ticket),
            Event::Deadline { slot, ticket } => self.deadline(slot, ticket),
            Event::Hop(hop) => self.hop(hop),
            Event::Hedge { slot, ticket } => self.hedge(slot, ticket),
            Event::Proceed(session) => self.proceed(session),
            Event::LeaseEnds { workload, holder } => self.lease_ends(workload, holder),
            Event::Served { service, server, stamp } => self.served(service, server, stamp),
            Event::Database { database, slot, stamp } => self.operated(database, slot, stamp),
            Event::Agenda(slot) => self.agenda_due(slot),
            Event::Inject(_) | Event::Heal(_) | Event::WorkloadEnd | Event::SettleEnd | Event::TraceBroken(_) => {}
        }
    }

    /// Files an event at the rate of control.
    pub fn schedule(&mut self, at: Instant, class: Class, event: Event) {
        self.kernel.schedule(at, class, event);
    }

    /// The present instant.
    pub fn now(&self) -> Instant {
        self.kernel.now()
    }

    /// Whether everything due at the present instant has happened.
    pub fn instant_is_over(&mut self) -> bool {
        let now = self.kernel.now();
        self.kernel.peek().is_none_or(|next| next > now)
    }

    /// Events handled so far.
    pub fn events(&self) -> u64 {
        self.kernel.popped()
    }

    /// The desk control works at.
    pub fn desk(&self) -> Rc<RefCell<Desk>> {
        Rc::clone(&self.desk)
    }

    /// The plan of this world.
    pub fn plan(&self) -> &WorldPlan {
        &self.plan
    }

    /// The random stream of a fault: keyed by its id, so that another fault in the file moves nothing.
    pub fn fault_stream(&self, fault: FaultId) -> Stream {
        self.fault_streams[fault.index()].0
    }

    /// Another random stream of a fault, for how long something takes that it does.
    pub fn fault_lengths(&self, fault: FaultId) -> Stream {
        self.fault_streams[fault.index()].1
    }

    /// Whether control was given something to react to since this was last asked.
    pub fn take_control_woken(&mut self) -> bool {
        self.wake.take()
    }

    /// Whether control has something to react to.
    #[inline]
    pub fn control_is_woken(&self) -> bool {
        self.wake.is_on()
    }

    /// When clients stop sending.
    pub fn workload_end(&self) -> Instant {
        self.workload_end
    }

    /// What is wrong with the recording that the load of `workload` is read from, if anything is.
    pub fn trace_defect(&self, workload: WorkloadId) -> Option<String> {
        self.populations[workload.index()].pace.defect()
    }

    /// Requests started so far.
    pub fn requests_started(&self) -> u64 {
        self.meter.requests_started()
    }

    /// Writes down every request that ends from now on, which takes memory for each.
    pub fn log_requests(&mut self) {
        self.meter.log_requests();
    }

    /// The requests written down.
    pub fn logged_requests(&self) -> &[Ended] {
        self.meter.logged()
    }

    /// Counts one operation that `fault` affected.
    #[inline]
    pub fn hit(&mut self, fault: FaultId) {
        self.hits[fault.index()] += 1;
    }

    /// Counts `job` for `fault`, which affected it. What checkers send to see whether a region is there does not count:
    /// nobody needs it.
    #[inline]
    fn hit_by(&mut self, fault: FaultId, job: &self::core::job::Job) {
        self.hits[fault.index()] += u64::from(!health::is_check(job));
    }

    /// Files `event` at `at`, `delay` from now, in the lane of that delay if it has one.
    #[inline]
    fn push_delay(&mut self, delay: Span, at: Instant, class: Class, event: Event) {
        match self.delays.iter().find(|(lane_delay, _)| *lane_delay == delay) {
            Some((_, lane)) => self.kernel.push(*lane, at, class, event),
            None => self.kernel.schedule(at, class, event),
        }
    }

    fn next_stamp(&mut self) -> u32 {
        self.stamps = self.stamps.wrapping_add(1);
        self.stamps
    }

    fn note_remedy_served(&mut self, region: RegionId) {
        self.remedy = None;
        let region = self.regions[region.index()].name.clone();
        self.note(PlatformEvent::Served { region });
    }
}

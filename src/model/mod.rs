//! The simulated world: synchronous state machines on one kernel.
//!
//! Owns everything that can happen to a request and everything control can reach. Does not decide anything about the
//! migration: it does what clients, faults and control make it do.
//!
//! Invariants: models act only when an event is handled, a fault calls or control's commands are carried out; all
//! randomness is drawn from named streams; what control learns goes over the desk.

mod agenda;
mod build;
mod clients;
mod command;
mod control;
mod core;
mod data;
mod finish;
mod flow;
mod health;
mod in_force;
mod message;
mod names;
mod objects;
pub(crate) mod observe;
mod outage;
mod people;
pub mod plan;
mod platform;
mod ports;

pub use self::core::Core;
pub use self::core::desk::{CallTrace, Desk};
pub use self::core::event::KernelEvent;
pub use self::core::interruption::{Act, Interruption};
pub use self::core::network::{Direction, LinkDegradation};
pub use self::core::operation::Action;
pub use clients::trace::{Survey, TraceProblem, TraceShape, survey};
pub use control::action_faults::{ActionFault, FailureMode};
pub use control::controller::Wanted;
pub use data::database::Corruption;
pub use finish::FinalState;
pub use objects::ObjectState;
pub use observe::meter::Ended;
pub use observe::touches::Touches;
pub use platform::degradation::Degradation;
pub use ports::SimulatedPorts;

use self::core::chronicle::FreshEvent;
use self::core::drills::Drills;
use crate::kernel::{Class, LimitReached, Limits, Stream, Streams};
use crate::record::Observer;
use crate::record::event::PlatformEvent;
use crate::units::{FaultId, Instant, RegionId, WorkloadId};
pub use clients::Clients;
pub use control::ControlPlane;
pub use data::Data;
pub use flow::Flow;
pub use health::Health;
pub use names::Names;
pub use objects::ObjectStore;
pub use observe::Observe;
pub use people::Responders;
use plan::WorldPlan;
pub use platform::Platform;
use std::cell::RefCell;
use std::rc::Rc;

/// The digest's number for "a request came to its outcome".
const REQUEST_FINISHED: u16 = 1;

/// The simulated world: its parts, and what they share.
#[derive(Debug)]
pub struct World {
    /// What all of them share.
    pub core: Core,
    /// Clients.
    pub clients: Clients,
    /// Services.
    pub platform: Platform,
    /// Databases.
    pub data: Data,
    /// Buckets.
    pub objects: ObjectStore,
    /// Names and weights.
    pub names: Names,
    /// Health checks.
    pub health: Health,
    /// What is seen.
    pub observe: Observe,
    /// People.
    pub people: Responders,
    /// The processes of control.
    pub control: ControlPlane,
    /// What is between two places.
    pub flow: Flow,
}

impl World {
    /// The world of `plan` at the start of a run with `seed`, with injections to come that draw under these names. `observer`
    /// is told what happens to data.
    pub fn new(plan: &WorldPlan, seed: u64, faults: &[&str], observer: &Rc<RefCell<dyn Observer>>) -> Self {
        let streams = Streams::new(seed);
        let mut core = Core::new(plan, &streams, faults);
        core.requests_watched = observer.borrow().hears_requests().then(|| Rc::clone(observer));
        let names = Names::new(&mut core, &streams);
        let clients = Clients::new(&mut core, &streams);
        core.open_lanes(&build::constant_delays(plan));
        core.drills = Drills::new(clients.dependences(plan));
        let observe = Observe::new(&mut core);
        let data = Data::new(&mut core, observer);
        let objects = ObjectStore::new(&mut core);
        Self {
            platform: Platform::new(&mut core, &streams),
            health: Health::new(plan, &streams),
            people: Responders::new(plan, &streams),
            control: ControlPlane::new(plan),
            flow: Flow::default(),
            clients,
            names,
            data,
            objects,
            observe,
            core,
        }
    }

    /// Files the first events: arrivals, scrapes, health checks, planned changes, and the end.
    pub fn start(&mut self, limits: Limits) {
        self.core.kernel.set_limits(limits);
        self.clients.start(&mut self.core);
        self.core.kernel.schedule(self.core.workload_end, Class::Fault, KernelEvent::WorkloadEnd);
        self.core.kernel.schedule(
            self.core.workload_end.saturating_add(self.core.plan.settle),
            Class::Control,
            KernelEvent::SettleEnd,
        );
        self.start_watchers();
    }

    /// The next event, if there is one and no [`World::limit`] forbids it.
    #[inline(always)]
    pub fn next_event(&mut self) -> Option<KernelEvent> {
        let event = self.core.kernel.advance()?;
        if self.core.kernel.now() >= self.observe.meter.second_ends() {
            self.roll();
        }
        Some(event)
    }

    /// The limit that was hit, if one was.
    pub fn limit(&mut self) -> Option<LimitReached> {
        self.core.kernel.limit()
    }

    /// Lets the world carry out `event`.
    #[inline(always)]
    pub fn handle(&mut self, event: KernelEvent) {
        match event {
            KernelEvent::Arrival(workload) => self.arrive(workload),
            KernelEvent::Retry { slot, ticket } => self.retry(slot, ticket),
            KernelEvent::Deadline { slot, ticket } => self.deadline(slot, ticket),
            KernelEvent::Unanswered { slot, ticket } => self.unanswered(slot, ticket),
            KernelEvent::LegLate { fork, number } => self.leg_late(fork, number),
            KernelEvent::Hop(hop) => self.hop(hop),
            KernelEvent::Hedge { slot, ticket } => self.hedge(slot, ticket),
            KernelEvent::Proceed(session) => self.proceed(session),
            KernelEvent::LeaseEnds { workload, holder } => self.clients.lease_ends(&mut self.core, workload, holder),
            KernelEvent::Served { service, server, stamp } => self.served(service, server, stamp),
            KernelEvent::Database { database, slot, stamp } => self.operated(database, slot, stamp),
            KernelEvent::Agenda(slot) => self.agenda_due(slot),
            KernelEvent::Inject(_)
            | KernelEvent::Heal(_)
            | KernelEvent::WorkloadEnd
            | KernelEvent::SettleEnd
            | KernelEvent::TraceBroken(_) => {}
        }
        if self.core.has_messages() {
            self.settle();
        }
    }

    /// Files an event at the rate of control.
    pub fn schedule(&mut self, at: Instant, class: Class, event: KernelEvent) {
        self.core.kernel.schedule(at, class, event);
    }

    /// The present instant.
    pub fn now(&self) -> Instant {
        self.core.kernel.now()
    }

    /// Whether everything due at the present instant has happened.
    pub fn instant_is_over(&mut self) -> bool {
        let now = self.core.kernel.now();
        self.core.kernel.peek().is_none_or(|next| next > now)
    }

    /// Events handled so far.
    pub fn events(&self) -> u64 {
        self.core.kernel.popped()
    }

    /// The desk control works at.
    pub fn desk(&self) -> Rc<RefCell<Desk>> {
        Rc::clone(&self.core.calls.desk)
    }

    /// The plan of this world.
    pub fn plan(&self) -> &WorldPlan {
        &self.core.plan
    }

    /// The random stream of a fault: keyed by its id, so that another fault in the file moves nothing.
    pub fn fault_stream(&self, fault: FaultId) -> Stream {
        self.core.fault_stream(fault)
    }

    /// Another random stream of a fault, for how long something takes that it does.
    pub fn fault_lengths(&self, fault: FaultId) -> Stream {
        self.core.fault_lengths(fault)
    }

    /// Whether control was given something to react to since this was last asked.
    pub fn take_control_woken(&mut self) -> bool {
        self.core.wake.take()
    }

    /// Whether control has something to react to.
    #[inline]
    pub fn control_is_woken(&self) -> bool {
        self.core.wake.is_on()
    }

    /// Whether what processes of controllers should be doing has changed since this was last asked.
    pub fn take_controllers_changed(&mut self) -> bool {
        self.core.wake.take_processes()
    }

    /// What the processes of each controller should be doing.
    pub fn wanted(&self) -> Vec<Wanted> {
        self.control.wanted(&self.core)
    }

    /// When clients stop sending.
    pub fn workload_end(&self) -> Instant {
        self.core.workload_end
    }

    /// What is wrong with the recording that the load of `workload` is read from, if anything is.
    pub fn trace_defect(&self, workload: WorkloadId) -> Option<String> {
        self.clients.populations[workload.index()].pace.defect()
    }

    /// Requests started so far.
    pub fn requests_started(&self) -> u64 {
        self.observe.meter.requests_started()
    }

    /// Writes down every request that ends from now on, which takes memory for each.
    pub fn log_requests(&mut self) {
        self.observe.meter.log_requests();
    }

    /// The requests written down.
    pub fn logged_requests(&self) -> &[Ended] {
        self.observe.meter.logged()
    }

    /// Counts one operation that `fault` affected.
    #[inline]
    pub fn hit(&mut self, fault: FaultId) {
        self.core.hit(fault);
    }

    /// Writes down that something happened.
    pub fn note(&mut self, event: impl Into<crate::record::event::Event>) {
        self.core.note(event);
    }

    /// Whether control has something to react to, or something has happened that nobody has reacted to yet.
    #[inline]
    pub fn has_news(&self) -> bool {
        self.core.wake.is_on() || self.core.chronicle.has_fresh_events()
    }

    /// Whether something has happened that nobody has reacted to yet.
    #[inline]
    pub fn has_fresh_events(&self) -> bool {
        self.core.chronicle.has_fresh_events()
    }

    /// The next event nobody has reacted to yet: for the run, which counts procedures under way and knows the faults that
    /// wait for it.
    pub fn take_fresh_event(&mut self) -> Option<FreshEvent> {
        self.core.chronicle.take_fresh_event()
    }

    fn note_remedy_served(&mut self, region: RegionId) {
        self.core.remedy = None;
        let region = self.core.region_name(region);
        self.core.note(PlatformEvent::Served { region });
    }
}

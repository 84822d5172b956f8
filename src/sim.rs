//! One run: (plan, seed) → record.
//!
//! Builds the world, carries out the fault schedule, lets control live in it, and finalizes accounting. Does not judge,
//! choose the seed or sample the schedule.
//!
//! Invariants: everything due at an instant happens before control is polled, so control sees the world as it is at
//! that instant. A run is workload under faults, then every fault healed, then time to settle, then the closing scan.

mod injector;
mod maintenance;

use crate::control::Control;
use crate::fault::{Injection, PlannedFault};
use crate::kernel::{Executor, Limits, TaskId};
use crate::model::plan::{DatabasePlan, WorldPlan};
use crate::model::{CallTrace, Desk, Interruption, KernelEvent, SimulatedPorts, Wanted, World};
use crate::outcome::Stopped;
use crate::record::event::PlatformEvent;
use crate::record::{Books, Observer, ObserverSource, Observers, Record, WatchedStore};
use crate::units::{DatabaseId, Instant, RegionId, Span};
use injector::Injector;
use maintenance::windows;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

/// What a run needs beside its seed.
#[derive(Debug, Clone, Copy)]
pub struct Rehearsal<'a> {
    /// The world.
    pub world: &'a WorldPlan,
    /// What can go wrong.
    pub faults: &'a [PlannedFault],
    /// The written schedule: which of it goes wrong when.
    pub injections: &'a [Injection],
    /// Who reacts.
    pub controls: &'a [Arc<dyn Control>],
    /// The most kernel events the run may take.
    pub events_max: u64,
    /// The interruptions of controllers at their calls.
    pub interruptions: &'a [Interruption],
    /// Who watches what happens to data.
    pub observers: &'a [Arc<dyn ObserverSource>],
    /// Whether the calls of controllers are written down, so that they can be interrupted.
    pub trace_calls: bool,
}

/// The most kernel events a run may take unless the scenario says otherwise: some hours of computing.
pub const EVENTS_MAX: u64 = 100_000_000_000;

/// Events that may be pending at once before the run is called out of hand.
const PENDING_MAX: usize = 1 << 23;

/// Rounds of events at one instant before the run is called busy without progress.
const ROUNDS_MAX: u32 = 1_000;

/// A run, whole or stopped early.
#[derive(Debug)]
pub struct Run {
    /// What happened.
    pub record: Record,
    /// Why it ended before its time, if it did.
    pub stopped: Option<Stopped>,
}

/// A run under way, for those who want to look at it in between.
pub struct Live<'a> {
    rehearsal: Rehearsal<'a>,
    seed: u64,
    world: World,
    /// Who watches what happens to data.
    books: Rc<RefCell<Books>>,
    desk: Rc<RefCell<Desk>>,
    executor: Executor,
    /// By controller: its processes.
    processes: Vec<Processes>,
    /// Processes started so far.
    started: u32,
    injector: Injector<'a>,
    healing: bool,
    /// Procedures begun and not ended, by controller and name. A controller that has died may have left one open.
    procedures: BTreeSet<(u16, String)>,
    stopped: Option<Stopped>,
    over: bool,
}

/// The processes of one controller.
#[derive(Debug, Clone, Copy, Default)]
struct Processes {
    first: Option<TaskId>,
    second: Option<TaskId>,
}

/// Runs `rehearsal` with `seed` to its end.
pub fn run(rehearsal: Rehearsal<'_>, seed: u64) -> Run {
    let mut live = Live::new(rehearsal, seed);
    while live.step() {}
    live.close()
}

/// Events between two looks at how far a run is.
const LOOKED_AT: u32 = 1 << 14;

/// Runs `rehearsal` with `seed` to its end, and says from time to time how far it is.
pub fn run_watched(rehearsal: Rehearsal<'_>, seed: u64, reached: &dyn Fn(Instant)) -> Run {
    let mut live = Live::new(rehearsal, seed);
    while (0..LOOKED_AT).all(|_| live.step()) {
        reached(live.now());
    }
    live.close()
}

impl<'a> Live<'a> {
    /// A run that has not begun.
    ///
    /// # Panics
    ///
    /// If the world's plan does not name exactly the controllers that react.
    pub fn new(rehearsal: Rehearsal<'a>, seed: u64) -> Self {
        let (acting, named) = (rehearsal.controls.len(), rehearsal.world.controllers.len());
        assert_eq!(acting, named, "one controller of the plan for each that reacts");
        let mut injector = Injector::new(rehearsal.faults, rehearsal.injections);
        let keys = injector.stream_keys();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let books = Rc::new(RefCell::new(opened(rehearsal.world, rehearsal.observers)));
        let observer: Rc<RefCell<dyn Observer>> = books.clone();
        let mut world = World::new(rehearsal.world, seed, &keys, &observer);
        let end = world.workload_end().saturating_add(rehearsal.world.settle);
        let until = end.saturating_add(Span::from_secs(1));
        world.start(Limits { events: rehearsal.events_max, until, pending: PENDING_MAX, rounds: ROUNDS_MAX });
        injector.start(&mut world);
        let desk = world.desk();
        desk.borrow_mut().prepare(rehearsal.controls.len(), rehearsal.interruptions, rehearsal.trace_calls);
        let mut live = Self {
            rehearsal,
            seed,
            world,
            books,
            desk,
            executor: Executor::new(),
            processes: vec![Processes::default(); rehearsal.controls.len()],
            started: 0,
            injector,
            healing: false,
            procedures: BTreeSet::new(),
            stopped: None,
            over: false,
        };
        live.poll_control();
        live.hear_events();
        if let Some(why) = Injector::refusal(rehearsal.injections) {
            live.stop(why);
        }
        live
    }

    /// Lets the next event happen, and control react to it. Returns whether there is more to come.
    #[inline(always)]
    pub fn step(&mut self) -> bool {
        if self.over {
            return false;
        }
        match self.world.next_event() {
            Some(event) => self.happen(event),
            None => self.run_out(),
        }
        if self.healing || self.world.has_news() {
            self.attend();
        }
        !self.over
    }

    /// There is no next event, or a limit forbids it.
    #[cold]
    fn run_out(&mut self) {
        match self.world.limit() {
            Some(limit) => self.stop(limit.to_string()),
            None => self.over = true,
        }
    }

    /// Lets control react, and those waiting for something to have happened; checks whether the run is over.
    fn attend(&mut self) {
        if self.world.control_is_woken() && self.world.instant_is_over() {
            self.poll_control();
        }
        if self.world.has_fresh_events() {
            self.hear_events();
        }
        if self.healing && !self.over {
            self.over = self.procedures.is_empty() && self.world.is_quiet();
        }
    }

    /// The present instant of the run.
    pub fn now(&self) -> Instant {
        self.world.now()
    }

    /// Writes down every request that ends from now on, for those who want to look at each.
    pub fn log_requests(&mut self) {
        self.world.log_requests();
    }

    /// The world as it is.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The calls controllers have made so far, if they are written down.
    pub fn calls(&self) -> Vec<CallTrace> {
        self.desk.borrow().trace().to_vec()
    }

    #[inline(always)]
    fn happen(&mut self, event: KernelEvent) {
        match event {
            KernelEvent::Inject(fault) => self.injector.inject(fault, &mut self.world),
            KernelEvent::Heal(fault) => self.injector.heal(fault, &mut self.world),
            KernelEvent::WorkloadEnd => {
                self.world.note_who_is_up();
                self.injector.heal_everything(&mut self.world);
                self.healing = true;
            }
            KernelEvent::SettleEnd => self.give_up_settling(),
            KernelEvent::TraceBroken(workload) => {
                let why = self.world.trace_defect(workload).unwrap_or_default();
                self.stop(format!("the recorded load cannot be read further: {why}"));
            }
            other => self.world.handle(other),
        }
    }

    /// The time to settle is over and something is still under way: what the stores hold now is not the last word.
    fn give_up_settling(&mut self) {
        let (settle, procedures) = (self.rehearsal.world.settle, self.procedures.len() as u64);
        let at_rest = self.world.is_quiet();
        self.world.note(PlatformEvent::Unsettled { settle, procedures, at_rest });
        self.over = true;
    }

    fn poll_control(&mut self) {
        loop {
            self.world.take_control_woken();
            self.desk.borrow_mut().set_now(self.world.now());
            if self.world.take_controllers_changed() {
                self.tend_processes();
            }
            if let Err(limit) = self.executor.poll_ready() {
                return self.stop(limit.to_string());
            }
            self.world.serve_desk();
            if !(self.world.control_is_woken() && self.world.instant_is_over()) {
                break;
            }
        }
    }

    /// Starts, stops, pauses and resumes the processes of controllers, as the world says they should be.
    fn tend_processes(&mut self) {
        for (index, wanted) in self.world.wanted().into_iter().enumerate() {
            let Wanted { alive, paused, doubled } = wanted;
            let Processes { first, second } = self.processes[index];
            let first = self.tend(index, first, alive, true);
            let second = self.tend(index, second, doubled, false);
            if let Some(task) = first {
                self.executor.set_paused(task, paused);
            }
            self.processes[index] = Processes { first, second };
        }
    }

    /// Brings one process of a controller to life, or ends it.
    fn tend(&mut self, controller: usize, task: Option<TaskId>, alive: bool, is_first: bool) -> Option<TaskId> {
        match (task, alive) {
            (Some(task), false) => {
                self.executor.kill(task);
                None
            }
            (None, true) => {
                self.started += 1;
                let index = controller as u16;
                if is_first {
                    self.desk.borrow_mut().set_first(index, self.started);
                }
                let ports = SimulatedPorts::new(Rc::clone(&self.desk), self.rehearsal.world, index, self.started);
                let name = &self.rehearsal.world.controllers[controller].name;
                let working = self.rehearsal.controls[controller].start(self.rehearsal.world, ports);
                Some(self.executor.spawn(name, working))
            }
            (task, _) => task,
        }
    }

    /// Lets the schedule hear what has happened, and follows which procedures are under way.
    fn hear_events(&mut self) {
        // What is sampled second by second says nothing of an event in between.
        self.world.sample_now();
        while let Some(event) = self.world.take_fresh_event() {
            self.injector.hear(&event.name, &mut self.world);
            let (Some(controller), Some((procedure, phase))) = (event.controller, event.run()) else { continue };
            let run = (controller, procedure.to_owned());
            if phase.is_under_way() {
                self.procedures.insert(run);
            } else if phase.is_end() {
                self.procedures.remove(&run);
            }
        }
    }

    fn stop(&mut self, why: String) {
        let waiting: Vec<&str> = self.executor.unfinished().map(|(_, name)| name).collect();
        let waiting =
            if waiting.is_empty() { String::new() } else { format!("; still waiting: {}", waiting.join(", ")) };
        let calls = self.desk.borrow().waiting();
        let why = format!("{why}{waiting}; {calls} control calls without an answer");
        self.stopped = Some(Stopped { at: self.world.now(), why });
        self.over = true;
    }

    /// Finalizes accounting.
    pub fn close(self) -> Run {
        let (events, end, workload_end) = (self.world.events(), self.world.now(), self.world.workload_end());
        let remains = self.world.close(!self.rehearsal.observers.is_empty());
        let books = self.books.borrow_mut().close(remains.stores, self.injector.beginnings(), end);
        let faults = self.injector.records(&remains.hits, &remains.touches);
        let mut signals = remains.signals;
        signals.extend(self.injector.unserved(&remains.touches));
        signals.extend(books.signals);
        signals.sort_by(|a, b| a.name.cmp(&b.name));
        let stable = remains.objective.stable;
        let maintenance = windows(&self.rehearsal.world.maintenance, &remains.timeline, stable);
        let record = Record {
            seed: self.seed,
            digest: remains.digest,
            events,
            workload_end,
            end,
            laps: remains.laps,
            reconciliations: remains.reconciliations,
            signals,
            objective: remains.objective,
            silent: remains.silent,
            maintenance,
            timeline: remains.timeline,
            requests: remains.requests,
            latency_by_class: remains.latency_by_class,
            stores: books.stores,
            dual_writes: books.dual_writes,
            observations: books.observations,
            history: books.history,
            sampled: remains.sampled,
            waits: remains.waits,
            faults,
        };
        Run { record, stopped: self.stopped }
    }
}

/// The books of the databases of `world`, empty, with those who watch beside.
fn opened(world: &WorldPlan, observers: &[Arc<dyn ObserverSource>]) -> Books {
    let name_of = |region: RegionId| world.regions[region.index()].name.clone();
    let regions_of = |database: &DatabasePlan| -> Vec<String> {
        let replicas = database.replicas.iter().map(|replica| replica.region);
        std::iter::once(database.primary).chain(replicas).map(name_of).collect()
    };
    let regions: Vec<Vec<String>> = world.databases.iter().map(regions_of).collect();
    let keys = world.key_count();
    let mut books = Books::new(regions.iter().map(|regions| WatchedStore { keys, regions }));
    for (primary, secondary) in world.compared_databases() {
        let name = |id: DatabaseId| world.databases[id.index()].name.as_str();
        books.pair([primary, secondary], [name(primary), name(secondary)], keys);
    }
    let names: Vec<String> = world.databases.iter().map(|database| database.name.clone()).collect();
    books.watched_by(Observers::new(observers.iter().map(|source| source.observer(&names)).collect()))
}

//! Carries out a written schedule: begins and ends injections when they are due, and keeps account of each fault.
//!
//! Owns which injection is waiting, there or over. Does not know what faults do, and draws nothing.
//!
//! Invariants: every injection happens at most once and heals at most once, by an identifier of its own, so that
//! injections of one fault that overlap heal apart. Once the workload is over nothing begins any more.

use crate::fault::schedule::{Cue, MOST_INJECTIONS, stream_key};
use crate::fault::{Injection, PlannedFault, Timing, Trigger};
use crate::kernel::Class;
use crate::model::{KernelEvent, Touches, World};
use crate::record::event::{FaultEvent, Prose};
use crate::record::{FaultReach, FaultRecord, Period, Sample, Signal, SignalUnit, Viewpoint};
use crate::units::{FaultId, Instant};
use std::collections::BTreeMap;

/// Where an injection is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Ahead,
    There,
    Over,
}

/// An injection that waits for an event.
#[derive(Debug)]
struct Waiting<'a> {
    injection: FaultId,
    cue: &'a Cue,
    /// How often the event has happened.
    heard: u32,
}

/// The schedule of a run under way.
#[derive(Debug)]
pub(super) struct Injector<'a> {
    faults: &'a [PlannedFault],
    injections: &'a [Injection],
    phases: Vec<Phase>,
    /// How many injections of each fault are there.
    there: Vec<usize>,
    waiting: Vec<Waiting<'a>>,
    records: Vec<FaultRecord>,
    closing: bool,
    /// When each injection began.
    began: Vec<Instant>,
    closed: bool,
}

impl<'a> Injector<'a> {
    /// The schedule `injections` of `faults`, of which nothing has happened. What is beyond the most there may be is
    /// left out: see [`Injector::refusal`].
    pub fn new(faults: &'a [PlannedFault], injections: &'a [Injection]) -> Self {
        let injections = &injections[..injections.len().min(MOST_INJECTIONS)];
        let record = |fault: &PlannedFault| FaultRecord {
            id: fault.id.clone(),
            kind: fault.kind.to_owned(),
            at: None,
            healed: None,
            hits: 0,
            reach: fault.fault.reach(),
            touched: 0,
            periods: Vec::new(),
            random: fault.timing.is_random(),
            optional: fault.optional,
        };
        Self {
            faults,
            injections,
            phases: vec![Phase::Ahead; injections.len()],
            there: vec![0; faults.len()],
            waiting: Vec::new(),
            records: faults.iter().map(record).collect(),
            closing: false,
            began: Vec::new(),
            closed: false,
        }
    }

    /// Why a run of `injections` must not begin, if it must not.
    pub fn refusal(injections: &[Injection]) -> Option<String> {
        let many = injections.len() > MOST_INJECTIONS;
        many.then(|| format!("the schedule has more than {MOST_INJECTIONS} injections; make faults rarer or longer"))
    }

    /// The name under which each injection draws.
    pub fn stream_keys(&self) -> Vec<String> {
        self.injections.iter().map(|i| stream_key(&self.faults[i.fault].id, i.occurrence)).collect()
    }

    /// Files what begins by the clock, and listens for the rest.
    pub fn start(&mut self, world: &mut World) {
        for (id, injection) in ids(self.injections) {
            match &injection.trigger {
                Trigger::At(at) => {
                    world.schedule(*at, Class::Fault, KernelEvent::Inject(id));
                    Self::file_end(id, injection, *at, world);
                }
                Trigger::On(cue) => self.waiting.push(Waiting { injection: id, cue, heard: 0 }),
            }
        }
    }

    /// An event has happened just now: what waited for it begins after its delay.
    pub fn hear(&mut self, event: &str, world: &mut World) {
        let now = world.now();
        self.waiting.retain_mut(|waiting| {
            if waiting.cue.event != event {
                return true;
            }
            waiting.heard += 1;
            if waiting.heard < waiting.cue.occurrence {
                return true;
            }
            let at = now.saturating_add(waiting.cue.after);
            world.schedule(at, Class::Fault, KernelEvent::Inject(waiting.injection));
            Self::file_end(waiting.injection, &self.injections[waiting.injection.index()], at, world);
            false
        });
    }

    /// Begins an injection.
    pub fn inject(&mut self, id: FaultId, world: &mut World) {
        if self.closed || self.phases[id.index()] != Phase::Ahead {
            return;
        }
        self.phases[id.index()] = Phase::There;
        let injection = &self.injections[id.index()];
        self.there[injection.fault] += 1;
        let fault = &self.faults[injection.fault];
        let record = &mut self.records[injection.fault];
        record.at.get_or_insert(world.now());
        begin_period(&mut record.periods, world.now(), &fault.timing);
        self.began.push(world.now());
        let (effect, occurrence) = (Prose::from(fault.fault.describe()), which(fault, injection));
        world.note(FaultEvent::Began { fault: fault.id.clone(), effect, occurrence });
        record.reach = fault.fault.reach_in(world.plan());
        if record.reach != FaultReach::Control {
            world.observe.disturbance_begins();
        }
        fault.fault.inject(world, id);
        world.settle();
    }

    /// Ends an injection, if it is there.
    pub fn heal(&mut self, id: FaultId, world: &mut World) {
        if self.phases[id.index()] != Phase::There {
            return;
        }
        self.phases[id.index()] = Phase::Over;
        let injection = &self.injections[id.index()];
        let fault = &self.faults[injection.fault];
        self.there[injection.fault] -= 1;
        let still_on = self.there[injection.fault] > 0;
        let record = &mut self.records[injection.fault];
        record.healed = Some(world.now());
        if let Some(period) = record.periods.last_mut().filter(|_| !self.closing && !still_on) {
            period.until = Some(world.now());
        }
        let (effect, occurrence) = (Prose::from(fault.fault.describe()), which(fault, injection));
        world.note(FaultEvent::Healed { fault: fault.id.clone(), effect, occurrence });
        if record.reach != FaultReach::Control {
            world.observe.disturbance_ends(&mut world.core);
        }
        fault.fault.heal(world, id);
        world.settle();
    }

    /// The workload is over: whatever is there heals unless it lasts for good, and nothing begins any more.
    pub fn heal_everything(&mut self, world: &mut World) {
        self.closing = true;
        for (id, injection) in ids(self.injections) {
            if !self.faults[injection.fault].for_good {
                self.heal(id, world);
            }
        }
        self.closed = true;
    }

    /// When each injection began, in order.
    pub fn beginnings(&self) -> &[Instant] {
        &self.began
    }

    /// Every fault as it went, given the operations that each injection affected, and the requests it touched.
    pub fn records(&self, hits: &[u64], touches: &Touches) -> Vec<FaultRecord> {
        let mut records = self.records.clone();
        for ((id, injection), hits) in ids(self.injections).zip(hits) {
            records[injection.fault].hits += hits;
            records[injection.fault].touched += touches.requests(id);
        }
        records
    }

    /// Of each fault that touched requests which were not served: how many, by the second in which they began.
    pub fn unserved(&self, touches: &Touches) -> Vec<Signal> {
        let of_fault = |(index, fault): (usize, &PlannedFault)| {
            let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
            for (id, _) in ids(self.injections).filter(|(_, injection)| injection.fault == index) {
                touches.unserved(id).for_each(|(second, count)| *counts.entry(second).or_insert(0) += count);
            }
            let mut signal = Signal::new(format!("unserved.{}", fault.id), SignalUnit::PerSecond, Viewpoint::Truth);
            for (second, count) in &counts {
                signal.set(Instant::from_secs(*second), Sample::count(*count));
                if !counts.contains_key(&(second + 1)) {
                    signal.set(Instant::from_secs(second + 1), Sample::count(0));
                }
            }
            (!counts.is_empty()).then_some(signal)
        };
        self.faults.iter().enumerate().filter_map(of_fault).collect()
    }

    fn file_end(id: FaultId, injection: &Injection, at: Instant, world: &mut World) {
        if let Some(lasts) = injection.lasts {
            world.schedule(at.saturating_add(lasts), Class::Fault, KernelEvent::Heal(id));
        }
    }
}

fn ids(injections: &[Injection]) -> impl Iterator<Item = (FaultId, &Injection)> {
    (0..).map(FaultId).zip(injections)
}

/// Which happening it is, of a fault that may happen more than once.
fn which(fault: &PlannedFault, injection: &Injection) -> Option<u32> {
    (fault.timing.recurs() || injection.occurrence != 1).then_some(injection.occurrence)
}

/// The fault is on from `now`: still, if it overlaps itself or flaps, or once more.
fn begin_period(periods: &mut Vec<Period>, now: Instant, timing: &Timing) {
    let new = Period { from: now, until: None };
    match periods.last_mut() {
        Some(last) if last.until.is_none() || timing.flap.is_some() => last.until = None,
        _ => periods.push(new),
    }
}

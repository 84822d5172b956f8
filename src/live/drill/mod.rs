//! The record of a live drill, put together from what was seen of it: of the form that a rehearsal leaves, so that checks
//! and reports run on it.
//!
//! Owns the way from requests, rows and what control told to signals, ledgers and a timeline. Does not know how any of it
//! was gathered, and judges nothing.
//!
//! Invariants: it says nothing that nobody saw. How requests were served and which writes are gone is counted by the
//! same code as in a rehearsal. What only a simulator can know is missing: what a server did when nobody asked, and by which
//! of several faults a request was touched.

mod clients;
mod stores;

pub use clients::{LiveAnswer, LiveRequest};
pub use stores::{LivePromotion, LiveStore};

use super::LiveRecord;
use crate::record::event::{DataEvent, FaultEvent, PlatformEvent, Prose};
use crate::record::{
    Digest, FaultReach, FaultRecord, Objective, Period, Record, Signal, SignalUnit, StoreRecord, Timeline,
    TimelineEvent, Viewpoint,
};
use crate::units::Instant;
use std::collections::BTreeMap;

/// A fault that was brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveFault {
    /// What it is called.
    pub id: String,
    /// Which kind it is of.
    pub kind: String,
    /// What it did, in words.
    pub effect: String,
    /// When it began. It was not healed while clients sent requests.
    pub at: Instant,
    /// The region that it took away.
    pub region: String,
}

/// What was seen of a drill.
#[derive(Debug, Clone)]
pub struct LiveDrill {
    /// What clients were promised. Requests are of one of its classes, by position, the total left out.
    pub objective: Objective,
    /// What was brought about, in order.
    pub faults: Vec<LiveFault>,
    /// Every request that came to its end.
    pub requests: Vec<LiveRequest>,
    /// The databases.
    pub stores: Vec<LiveStore>,
    /// What control has told.
    pub told: LiveRecord,
    /// When clients stopped sending.
    pub workload_end: Instant,
    /// When it was over.
    pub end: Instant,
}

impl LiveDrill {
    /// Its record.
    pub fn record(self) -> Record {
        let faults: Vec<FaultRecord> = self.faults.iter().map(|fault| self.fault(fault)).collect();
        let (stores, authority): (Vec<StoreRecord>, Vec<Signal>) =
            self.stores.iter().map(|store| store.closed(&self)).unzip();
        let timeline = self.timeline();
        let mut digest = Digest::default();
        timeline.events().iter().for_each(|event| digest.note_event(event.at, &event.event));
        let counted = clients::counted(&self);
        let mut signals = counted.signals;
        signals.extend(authority);
        signals.extend(self.faults.iter().map(|fault| self.unserved(fault)));
        signals.sort_by(|a, b| a.name.cmp(&b.name));
        Record {
            seed: 0,
            digest,
            events: (self.requests.len() + timeline.events().len()) as u64,
            workload_end: self.workload_end,
            end: self.end,
            timeline,
            laps: self.told.laps,
            signals,
            objective: counted.objective,
            silent: Vec::new(),
            maintenance: Vec::new(),
            requests: counted.totals,
            latency_by_class: counted.latency_by_class,
            stores,
            dual_writes: Vec::new(),
            reconciliations: Vec::new(),
            observations: Vec::new(),
            history: None,
            sampled: Vec::new(),
            waits: Vec::new(),
            faults,
        }
    }

    /// The requests that `fault` can have touched: those sent to its region that it was there for.
    fn touched<'a>(&'a self, fault: &'a LiveFault) -> impl Iterator<Item = &'a LiveRequest> {
        self.requests.iter().filter(|request| request.region == fault.region && request.ended >= fault.at)
    }

    fn fault(&self, fault: &LiveFault) -> FaultRecord {
        let touched = self.touched(fault).count() as u64;
        FaultRecord {
            id: fault.id.clone(),
            kind: fault.kind.clone(),
            at: Some(fault.at),
            healed: None,
            hits: touched,
            reach: FaultReach::Direct,
            touched,
            periods: vec![Period { from: fault.at, until: None }],
            random: false,
            optional: false,
        }
    }

    /// Of each second: the requests that began in it, that the fault touched, and that were not served.
    fn unserved(&self, fault: &LiveFault) -> Signal {
        let unserved = self.touched(fault).filter(|request| request.answer != LiveAnswer::Done);
        clients::per_second(&format!("unserved.{}", fault.id), unserved.map(|request| request.began), self.end)
    }

    /// What control told, and what is known of the world.
    fn timeline(&self) -> Timeline {
        let mut events: Vec<TimelineEvent> = self.told.timeline.events().to_vec();
        for fault in &self.faults {
            let effect = Prose::from(fault.effect.as_str());
            let began = FaultEvent::Began { fault: fault.id.clone(), effect, occurrence: None };
            events.push(TimelineEvent::new(fault.at, began.into()));
        }
        for (at, database, bound) in &self.told.bounds {
            let announced = DataEvent::LossAnnounced { database: database.clone(), bound: *bound };
            events.push(TimelineEvent::new(*at, announced.into()));
        }
        for store in &self.stores {
            events.extend(store.events());
        }
        events.extend(self.first_served());
        events.sort_by_key(|event| event.at);
        let mut timeline = Timeline::default();
        events.into_iter().filter(|event| event.at <= self.end).for_each(|event| timeline.push(event));
        timeline
    }

    /// The first request that each region served after it was promoted.
    fn first_served(&self) -> impl Iterator<Item = TimelineEvent> {
        let mut regions: BTreeMap<&str, Instant> = BTreeMap::new();
        for promotion in self.stores.iter().flat_map(|store| &store.promotions) {
            regions.entry(&promotion.region).or_insert(promotion.asked);
        }
        regions.into_iter().filter_map(|(region, from)| {
            let served = |request: &&LiveRequest| {
                request.region == region && request.began >= from && request.answer == LiveAnswer::Done
            };
            let at = self.requests.iter().filter(served).map(|request| request.ended).min()?;
            Some(TimelineEvent::new(at, PlatformEvent::Served { region: region.to_owned() }.into()))
        })
    }
}

/// A signal of the truth, as far as it was seen.
fn signal(name: String, unit: SignalUnit) -> Signal {
    Signal::new(name, unit, Viewpoint::Truth)
}

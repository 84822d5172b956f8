//! Records written by hand, for tests.

use super::catalog::CATALOG;
use super::property::Property;
use super::vocabulary::tests::scope;
use crate::field::Values;
use crate::field::{Entry, Node, NodeValue, Origin, Place, Problems, decode};
use crate::record::{
    Actor, AuthorityRecord, CopyRecord, CopyRole, Digest, FaultRecord, Record, RequestTotals, Sample, Signal,
    SignalUnit, StoreRecord, Timeline, View,
};
use crate::units::{Instant, Span};
use std::sync::Arc;

/// A record under construction. Times are in whole seconds unless said otherwise.
pub struct Fixture {
    record: Record,
    events: Vec<(Instant, Actor, String)>,
}

impl Fixture {
    /// An empty run of so many seconds.
    pub fn new(end: u64) -> Self {
        let record = Record {
            seed: 1,
            digest: Digest::default(),
            events: 0,
            workload_end: Instant::from_secs(end),
            end: Instant::from_secs(end),
            timeline: Timeline::default(),
            laps: Vec::new(),
            signals: Vec::new(),
            requests: RequestTotals::default(),
            stores: Vec::new(),
            faults: Vec::new(),
        };
        Self { record, events: Vec::new() }
    }

    pub fn workload_end(mut self, at: u64) -> Self {
        self.record.workload_end = Instant::from_secs(at);
        self
    }

    /// A signal through `(second, part, whole)`.
    pub fn signal(self, name: &str, unit: SignalUnit, points: &[(u64, u64, u64)]) -> Self {
        let nanos: Vec<_> = points.iter().map(|(at, part, whole)| (at * 1_000_000_000, *part, *whole)).collect();
        self.signal_nanos(name, unit, &nanos)
    }

    /// A signal through `(nanosecond, part, whole)`.
    pub fn signal_nanos(mut self, name: &str, unit: SignalUnit, points: &[(u64, u64, u64)]) -> Self {
        let mut signal = Signal::new(name, unit, View::Truth);
        for (at, part, whole) in points {
            signal.set(Instant::from_nanos(*at), Sample::quotient(*part, *whole));
        }
        self.record.signals.push(signal);
        self.record.signals.sort_by(|a, b| a.name.cmp(&b.name));
        self
    }

    pub fn event(self, at: u64, name: &str) -> Self {
        self.event_by(Instant::from_secs(at), Actor::Control, name)
    }

    pub fn event_by(mut self, at: Instant, actor: Actor, name: &str) -> Self {
        self.events.push((at, actor, name.to_owned()));
        self
    }

    /// A fault that begins at `at`, with its event.
    pub fn fault(mut self, id: &str, at: u64, hits: u64) -> Self {
        let at = Instant::from_secs(at);
        self.record.faults.push(FaultRecord {
            id: id.into(),
            kind: "test".into(),
            at: Some(at),
            healed: None,
            hits,
            random: false,
            optional: false,
        });
        self.event_by(at, Actor::Fault, &format!("fault.{id}"))
    }

    pub fn store(mut self, name: &str, acked: u64, change: impl FnOnce(&mut StoreRecord)) -> Self {
        let mut store = StoreRecord {
            store: name.into(),
            acked,
            lost_total: 0,
            lost_visible: 0,
            at_risk: 0,
            lost_before_fault: 0,
            first_lost_before_fault: None,
            last_lost_after_fault: None,
            fault_at: None,
            lost: Vec::new(),
            announced_bound: None,
            copies: Vec::new(),
            authority: AuthorityRecord::default(),
        };
        change(&mut store);
        self.record.stores.push(store);
        self
    }

    pub fn requests(mut self, requests: RequestTotals) -> Self {
        self.record.requests = requests;
        self
    }

    pub fn record(mut self) -> Record {
        self.events.sort_by_key(|(at, ..)| *at);
        for (at, actor, name) in self.events {
            self.record.timeline.push(at, actor, name, "");
        }
        self.record
    }
}

/// A copy of a database.
pub fn copy(region: &str, epoch: u32, lsn: u64, digest: u128, role: CopyRole) -> CopyRecord {
    CopyRecord { region: region.into(), epoch, applied_lsn: lsn, rows: lsn, digest, role }
}

/// The whole second `s`.
pub fn at(s: u64) -> Instant {
    Instant::from_secs(s)
}

/// So many seconds.
pub fn secs(s: u64) -> Span {
    Span::from_secs(s)
}

/// A property of that kind, or the problems with its fields.
pub fn try_build(kind: &str, fields: &[(&str, &str)]) -> Result<Arc<dyn Property>, Problems> {
    let entry = CATALOG.iter().find(|entry| entry.kind.name == kind).unwrap();
    let place = Place::beginning(Origin::File);
    let entries = fields.iter().map(|(key, text)| Entry {
        key: (*key).to_owned(),
        key_place: place,
        value: Node::scalar(*text, place),
    });
    let node = Node { place, value: NodeValue::Map(entries.collect()) };
    let scope = scope();
    let mut problems = Problems::new();
    let values: Option<Values> = decode(&entry.kind, &node, &scope, &mut problems);
    let built = values.and_then(|values| (entry.build)("test", &values, &scope, &mut problems));
    built.ok_or(problems)
}

/// A property of that kind.
pub fn build(kind: &str, fields: &[(&str, &str)]) -> Arc<dyn Property> {
    try_build(kind, fields).unwrap_or_else(|problems| panic!("{kind} {fields:?}: {problems:?}"))
}

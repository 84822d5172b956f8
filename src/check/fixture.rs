//! Records written by hand, for tests of which the point is a figure that is known exactly.
//!
//! Rejects events that are known by name alone, except those that a user's own controller may report.

pub mod events;

use super::catalog::CATALOG;
use super::judge::{Check, RunInfo};
use super::property::Property;
use super::vocabulary::tests::scope;
use crate::field::Values;
use crate::field::{MapEntry, Node, NodeValue, Origin, Place, Problems, decode};
use crate::outcome::{Expectation, Stopped};
use crate::record::event::Event;
use crate::record::{
    AuthorityRecord, CopyRecord, CopyRole, Digest, FaultReach, FaultRecord, HistoryCut, LostWriteLocations, Objective,
    Period, Record, RequestTotals, Sample, ServiceClass, Signal, SignalUnit, StoreRecord, Timeline, TimelineEvent,
    Unanswered, Viewpoint,
};
use crate::units::{Instant, Ratio, Span};
use std::sync::Arc;

/// A record under construction. Times are in whole seconds unless said otherwise.
pub struct Fixture {
    record: Record,
    events: Vec<(Instant, Event)>,
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
            objective: Objective { stable: Span::from_secs(60), declared: true, classes: Vec::new() },
            silent: Vec::new(),
            maintenance: Vec::new(),
            requests: RequestTotals::default(),
            latency_by_class: Vec::new(),
            stores: Vec::new(),
            dual_writes: Vec::new(),
            reconciliations: Vec::new(),
            sampled: Vec::new(),
            waits: Vec::new(),
            observations: Vec::new(),
            history: None,
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
        let mut signal = Signal::new(name, unit, Viewpoint::Truth);
        for (at, part, whole) in points {
            signal.set(Instant::from_nanos(*at), Sample::quotient(*part, *whole));
        }
        self.record.signals.push(signal);
        self.record.signals.sort_by(|a, b| a.name.cmp(&b.name));
        self
    }

    /// One class of requests, promised that share, which has no requests.
    pub fn promising(mut self, served: Ratio) -> Self {
        let class = ServiceClass { name: "users.api.read".into(), served, within: Span::from_secs(10), drill: false };
        self.record.objective.classes.push(class);
        self
    }

    /// A class of requests promised 99 %, of which so many are served: `(second, served, requests)`, each until the next,
    /// up to `until`. Where some are not served, the last of them begins half a second in; where none is, at the end of
    /// the second. An answer takes a tenth of a second.
    pub fn served(mut self, class: &str, points: &[(u64, u64, u64)], until: u64) -> Self {
        let served = Ratio::from_percent(99);
        let name = class.to_owned();
        let class = ServiceClass { name: class.into(), served, within: Span::from_secs(10), drill: false };
        let (mut firsts, mut lasts, mut backs, mut waits) = (Vec::new(), Vec::new(), Vec::new(), false);
        let ends = points.iter().skip(1).map(|point| point.0).chain([until]);
        for (second, served, requests) in
            points.iter().zip(ends).flat_map(|(point, end)| (point.0..end).map(|second| (second, point.1, point.2)))
        {
            let start = second * 1_000_000_000;
            let bad = served < requests;
            let last = start + if served == 0 { 999_000_000 } else { 500_000_000 };
            firsts.push((start, start, u64::from(bad)));
            lasts.push((start, last, u64::from(bad)));
            let asked = bad || waits;
            let answered = asked && served > 0;
            backs.push((start, if bad { start + 700_000_000 } else { start + 100_000_000 }, u64::from(answered)));
            waits = asked && !answered;
        }
        let share: Vec<_> = points.iter().map(|(at, s, r)| (at * 1_000_000_000, *s, *r)).collect();
        let ended = [share, vec![(until * 1_000_000_000, 0, 0)]].concat();
        let blank = |points: Vec<(u64, u64, u64)>| {
            let value = |(at, value, there): (u64, u64, u64)| (at, if there == 1 { value } else { 0 }, there);
            points.into_iter().map(value).collect::<Vec<_>>()
        };
        let nanos = SignalUnit::Nanoseconds;
        self = self.signal_nanos(&class.share_signal(), SignalUnit::Ratio, &ended);
        self = self.signal_nanos(&class.first_signal(), nanos, &blank(firsts));
        self = self.signal_nanos(&class.last_signal(), nanos, &blank(lasts));
        self = self.signal_nanos(&class.back_signal(), nanos, &blank(backs));
        self.record.objective.classes.push(class);
        self.usual(&name, 100)
    }

    /// What is usual for a class, in milliseconds, taken in the first minute.
    fn usual(self, class: &str, usual: u64) -> Self {
        let named = ServiceClass { name: class.into(), served: Ratio::ONE, within: Span::ZERO, drill: false };
        self.signal(&named.usual_signal(), SignalUnit::Nanoseconds, &[(0, usual * 1_000_000, 1), (60, 0, 0)])
    }

    /// Of the answers to a class, so many took longer than twice the usual: `(second, slow, answers)`. `usual` was taken in
    /// the first minute; what was slow took `slow`. Both in milliseconds.
    pub fn slow(mut self, class: &str, (usual, slow): (u64, u64), points: &[(u64, u64, u64)]) -> Self {
        const MS: u64 = 1_000_000;
        let named = ServiceClass { name: class.into(), served: Ratio::ONE, within: Span::ZERO, drill: false };
        let p95 = |(at, part, whole): &(u64, u64, u64)| {
            let is_slow = part * 20 > *whole;
            (*at, if is_slow { slow * MS } else { 0 }, u64::from(is_slow))
        };
        let share = |(at, part, whole): &(u64, u64, u64)| (*at, *part, if *part > 0 { *whole } else { 1 });
        let nanos = SignalUnit::Nanoseconds;
        self.record.signals.retain(|signal| signal.name != named.usual_signal());
        self.usual(class, usual)
            .signal(&named.slow_signal(), SignalUnit::Ratio, &points.iter().map(share).collect::<Vec<_>>())
            .signal(&named.slow_p95_signal(), nanos, &points.iter().map(p95).collect::<Vec<_>>())
    }

    pub fn change(mut self, change: impl FnOnce(&mut Record)) -> Self {
        change(&mut self.record);
        self
    }

    pub fn happened(self, at: u64, event: impl Into<Event>) -> Self {
        self.happened_at(Instant::from_secs(at), event)
    }

    pub fn happened_at(mut self, at: Instant, event: impl Into<Event>) -> Self {
        self.events.push((at, event.into()));
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
            reach: FaultReach::Direct,
            touched: hits,
            periods: vec![Period { from: at, until: None }],
            random: false,
            optional: false,
        });
        self.happened_at(at, events::began(id))
    }

    pub fn store(mut self, name: &str, acked: u64, change: impl FnOnce(&mut StoreRecord)) -> Self {
        let mut store = StoreRecord {
            store: name.into(),
            acked,
            at_stake: acked,
            lost_total: 0,
            lost_visible: 0,
            whereabouts: LostWriteLocations::default(),
            unanswered: Unanswered::default(),
            cuts: Vec::new(),
            lost: Vec::new(),
            announced: None,
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
        for (at, event) in self.events {
            self.record.timeline.push(TimelineEvent::new(at, event));
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
    let entries = fields.iter().map(|(key, text)| MapEntry {
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

/// A property under a name, with what is expected of it.
pub fn check(id: &str, expected: impl Into<Expectation>, kind: &str, fields: &[(&str, &str)]) -> Check {
    let kind = CATALOG.iter().find(|entry| entry.kind.name == kind).expect("a kind of property").kind.name;
    Check { id: id.into(), kind, expected: expected.into(), within: None, property: build(kind, fields) }
}

/// A run of which nothing is said but whether it stopped.
pub fn info(stopped: Option<Stopped>) -> RunInfo {
    RunInfo {
        scenario: "test".into(),
        program: "firedrill".into(),
        file: "-".into(),
        settings: Vec::new(),
        schedule: None,
        description: String::new(),
        bases: Vec::new(),
        source: String::new(),
        assumptions: Vec::new(),
        stopped,
        watched: Vec::new(),
    }
}

/// A cut at `cut` after an outage at `outage`, to which writes acknowledged at these seconds were lost, in order.
pub fn lost_at(outage: u64, cut: u64, acked: &[u64]) -> HistoryCut {
    let outage = at(outage);
    let acked: Vec<Instant> = acked.iter().map(|second| at(*second)).collect();
    HistoryCut {
        at: at(cut),
        from: "west".into(),
        to: Some("north".into()),
        outage: Some(outage),
        overwrites: false,
        lost: acked.len() as u64,
        lost_before: acked.iter().filter(|acked| **acked < outage).count() as u64,
        first_lost: acked.first().copied(),
        last_server_acked: acked.last().copied(),
        last_lost_after: acked.last().copied().filter(|last| *last >= outage),
    }
}

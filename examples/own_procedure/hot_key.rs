//! A property of one's own, with somebody who watches for it: no key is written more often than so many times in a minute,
//! for the table locks the row.

use firedrill::check::{Evidence, Judgement, Property, PropertyKind};
use firedrill::field::{Field, FieldType, Kind, Problems, Scope, Values};
use firedrill::record::{ClosingStore, Observation, Observer, ObserverSource, Record, StoreEvent, Violation};
use firedrill::units::{DatabaseId, Instant};
use std::collections::BTreeMap;
use std::sync::Arc;

const NAME: &str = "hot_key";

/// What may be written in a scenario.
pub const KIND: PropertyKind = PropertyKind {
    kind: Kind::new(
        NAME,
        "No key is written more than so many times in a minute.",
        &[Field::required("per_minute", FieldType::Count { min: 1, max: 1_000_000 }, "The most writes to one key.")],
    ),
    build,
};

fn build(_: &str, values: &Values, _: &Scope, _: &mut Problems) -> Option<Arc<dyn Property>> {
    Some(Arc::new(HotKey { most: values.count("per_minute") }))
}

#[derive(Debug, Clone)]
struct HotKey {
    most: u64,
}

impl HotKey {
    /// The name of who watches: two such properties of one scenario each have their own.
    fn watcher(&self) -> String {
        format!("{NAME} {}", self.most)
    }
}

impl Property for HotKey {
    fn demand(&self) -> String {
        format!("no key is written more than {} times a minute", self.most)
    }

    fn bound(&self) -> String {
        self.most.to_string()
    }

    fn watched_by(&self) -> Option<Arc<dyn ObserverSource>> {
        Some(Arc::new(self.clone()))
    }

    fn judge(&self, record: &Record) -> Judgement {
        let Some(seen) = record.observation(&self.watcher()) else {
            return Judgement::not_exercised("nobody watched this run");
        };
        match seen.named.first() {
            Some(hot) => Judgement::fail(seen.checked, format!("{}: {}", hot.store, hot.what)).at(hot.at),
            None => {
                Judgement::pass(Evidence::counted(seen.checked, "minutes of keys"), "no key was written that often")
            }
        }
    }
}

impl ObserverSource for HotKey {
    fn observer(&self, databases: &[String]) -> Box<dyn Observer> {
        Box::new(Watch { name: self.watcher(), most: self.most, databases: databases.to_vec(), ..Watch::default() })
    }
}

/// Counts what enters each log.
#[derive(Debug, Default)]
struct Watch {
    name: String,
    most: u64,
    databases: Vec<String>,
    minute: u64,
    writes: BTreeMap<(DatabaseId, u32), u64>,
    seen: Option<Observation>,
}

impl Observer for Watch {
    fn on(&mut self, at: Instant, store: DatabaseId, event: StoreEvent) {
        let StoreEvent::Appended { write, .. } = event else { return };
        if at.second() / 60 != self.minute {
            self.minute = at.second() / 60;
            self.writes.clear();
        }
        let count = self.writes.entry((store, write.key)).or_insert(0);
        *count += 1;
        // Each key is looked at once a minute, and once more when it has become too much.
        let violation = (*count == self.most + 1).then(|| Violation {
            store: self.databases[store.index()].clone(),
            key: Some(write.key),
            what: format!("key {} is written more than {} times in minute {}", write.key, self.most, self.minute),
            operations: vec![write.operation],
            at: Some(at),
        });
        if *count == 1 || violation.is_some() {
            self.seen.get_or_insert_with(|| Observation::new(&self.name, "minutes of keys")).note(violation);
        }
    }

    fn close(&mut self, _: &[ClosingStore], _: Instant) -> Option<Observation> {
        self.seen.take()
    }
}

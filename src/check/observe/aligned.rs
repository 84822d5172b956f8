//! Whether copies hold exactly what the log says at the position they have come to.
//!
//! Owns a replay of each database's history, from what is told of it alone. Does not know how copies are fed. Invariant: two
//! copies are compared only with the replay at their own position; what cannot be replayed is undecided, never equal.

use crate::record::{ClosingStore, CopyRole, NAMED_VIOLATIONS, Observation, Observer, Position, StoreEvent, Violation};
use crate::units::{DatabaseId, Instant};
use std::collections::{BTreeMap, VecDeque};

/// The name of this observer.
pub const ALIGNED: &str = "aligned";

/// A write of the history that leads.
#[derive(Debug, Clone, Copy)]
struct Logged {
    position: Position,
    key: u32,
    operation: u64,
}

/// The history of one database that leads at present.
#[derive(Debug)]
struct Replay {
    epoch: u32,
    /// By key: the last write up to `base`.
    rows: BTreeMap<u32, Logged>,
    /// Up to where rows are replayed for good: no copy that leads or follows is behind that.
    base: u64,
    /// What comes after.
    log: VecDeque<Logged>,
}

impl Replay {
    const EMPTY: Self = Self { epoch: 1, rows: BTreeMap::new(), base: 0, log: VecDeque::new() };

    fn hear(&mut self, event: StoreEvent) {
        match event {
            // What a copy writes that was replaced is in no history that leads.
            StoreEvent::Appended { position, write } | StoreEvent::Repaired { position, write }
                if position.epoch == self.epoch =>
            {
                self.log.push_back(Logged { position, key: write.key, operation: write.operation });
            }
            StoreEvent::Everywhere(up_to) => {
                while self.log.front().is_some_and(|logged| logged.position.lsn <= up_to.lsn) {
                    self.log.pop_front().map(|logged| self.rows.insert(logged.key, logged));
                }
                self.base =
                    self.base.max(up_to.lsn.min(self.log.front().map_or(up_to.lsn, |next| next.position.lsn - 1)));
            }
            StoreEvent::Cut { survives, .. } => {
                self.log
                    .retain(|logged| mutant!("what_was_cut_off_is_expected": logged.position.lsn <= survives => true));
                self.epoch += 1;
            }
            StoreEvent::Gone { survives: Some(survives), .. } => {
                self.log.retain(|logged| logged.position.lsn <= survives)
            }
            StoreEvent::Gone { survives: None, .. } => (self.rows, self.log) = (BTreeMap::new(), VecDeque::new()),
            StoreEvent::Voided(from) => {
                let stays = |logged: &Logged| logged.position.epoch != from.epoch || logged.position.lsn < from.lsn;
                self.log.retain(stays);
            }
            _ => {}
        }
    }

    /// Every row up to `lsn`; `None` if some may be newer.
    fn at(&self, lsn: u64) -> Option<BTreeMap<u32, Logged>> {
        let known = lsn >= self.base;
        let mut rows = known.then(|| self.rows.clone())?;
        rows.extend(
            self.log.iter().take_while(|logged| logged.position.lsn <= lsn).map(|logged| (logged.key, *logged)),
        );
        Some(rows)
    }
}

/// Watches what enters logs, and looks at every copy in the end.
#[derive(Debug)]
pub struct Aligned {
    replays: Vec<Replay>,
}

impl Aligned {
    /// Of so many databases.
    pub fn new(databases: usize) -> Self {
        Self { replays: (0..databases).map(|_| Replay::EMPTY).collect() }
    }
}

impl Observer for Aligned {
    fn on(&mut self, _: Instant, store: DatabaseId, event: StoreEvent) {
        self.replays[store.index()].hear(event);
    }

    fn close(&mut self, stores: &[ClosingStore], end: Instant) -> Option<Observation> {
        let mut seen = Observation::new(ALIGNED, "copies");
        for (replay, store) in self.replays.iter().zip(stores) {
            let copies = store.copies.iter().zip(&store.rows);
            for (copy, rows) in copies.filter(|(copy, _)| matches!(copy.role, CopyRole::Authority | CopyRole::Follower))
            {
                let Some(expected) = replay.at(copy.applied_lsn) else {
                    seen.undecided += 1;
                    continue;
                };
                seen.checked += 1;
                compare(&mut seen, (&store.store, &copy.region), &expected, rows, end);
            }
        }
        Some(seen)
    }
}

/// Notes every key at which a copy holds something else than `expected`.
fn compare(
    seen: &mut Observation,
    (store, region): (&str, &str),
    expected: &BTreeMap<u32, Logged>,
    rows: &[(u32, Position)],
    end: Instant,
) {
    let rows: BTreeMap<u32, Position> = rows.iter().copied().collect();
    let keys = expected.keys().chain(rows.keys().filter(|key| !expected.contains_key(*key)));
    for key in keys {
        let (logged, held) = (expected.get(key), rows.get(key));
        if logged.map(|logged| logged.position) == held.copied() {
            continue;
        }
        seen.violations += 1;
        if seen.named.len() == NAMED_VIOLATIONS {
            continue;
        }
        let place = |at: &Position| format!("position {}:{}", at.epoch, at.lsn);
        let what = match (logged, held) {
            (Some(logged), Some(held)) => {
                format!("the copy in {region} holds {} where the log has {}", place(held), place(&logged.position))
            }
            (Some(logged), None) => format!("the copy in {region} lacks {}", place(&logged.position)),
            (None, held) => {
                format!("the copy in {region} holds {}, which is in no log", held.map_or_else(String::new, place))
            }
        };
        seen.named.push(Violation {
            store: store.to_owned(),
            key: Some(*key),
            what,
            operations: logged.map(|logged| logged.operation).into_iter().collect(),
            at: Some(end),
        });
    }
}

#[cfg(test)]
#[path = "aligned_tests.rs"]
mod tests;

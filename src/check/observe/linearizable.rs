//! Whether what clients were told of each key could have come from one register that does one thing at a time.
//!
//! Owns the rule. Does not know copies, logs or epochs: it knows operations with their beginnings and ends, and the value that
//! each read was answered with. Sound and complete where no two writes write the same value, as here, where a write writes
//! its own number; by sorting, so near linear.
//!
//! Invariant: a key is looked at by itself, for a history is linearizable if and only if it is key by key (Herlihy and Wing,
//! Linearizability, 1990). Source of the rule: the zones of Gibbons and Korach, Testing Shared Memories, 1997. All that is told
//! of one value is a cluster; a cluster in which one operation was over before another began holds the register between
//! these two, and any other fits in where all of its operations were under way.

use crate::record::{
    ClosingStore, HistoryLog, Observation, Observer, Operation, OperationKind, OperationOutcome, RequestEvent,
    StoreEvent, Violation,
};
use crate::units::{DatabaseId, Instant};
use std::collections::BTreeMap;

/// The name of this observer.
pub const LINEARIZABLE: &str = "linearizable";

/// Watches everything clients ask for and are told.
#[derive(Debug, Default)]
pub struct Linearizable {
    log: HistoryLog,
    names: Vec<String>,
}

impl Linearizable {
    /// Of databases with these names, by number.
    pub fn new(names: Vec<String>) -> Self {
        Self { log: HistoryLog::default(), names }
    }
}

impl Observer for Linearizable {
    fn on(&mut self, _: Instant, store: DatabaseId, event: StoreEvent) {
        self.log.store(store, event);
    }

    fn request(&mut self, at: Instant, event: RequestEvent) {
        self.log.request(at, event);
    }

    fn hears_requests(&self) -> bool {
        true
    }

    fn close(&mut self, _: &[ClosingStore], _: Instant) -> Option<Observation> {
        let mut seen = Observation::new(LINEARIZABLE, "keys that were read");
        let mut keys: BTreeMap<(DatabaseId, u32), Vec<Operation>> = BTreeMap::new();
        for operation in self.log.close() {
            keys.entry((operation.store, operation.key)).or_default().push(operation);
        }
        for ((store, key), operations) in keys {
            if operations.iter().any(|operation| !operation.kind.is_write()) {
                let name = self.names.get(store.index()).map_or("", String::as_str);
                seen.note(linearizable(&operations).map(|found| found.of(name, key)));
            }
        }
        Some(seen)
    }
}

/// What shows that a key was no register, with the numbers of the operations that show it, and when that was certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    what: &'static str,
    operations: Vec<u64>,
    at: Instant,
}

impl Contradiction {
    /// What it is, in words.
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// The operations that show it, no more than it takes.
    pub fn operations(&self) -> &[u64] {
        &self.operations
    }

    fn of(self, store: &str, key: u32) -> Violation {
        let Self { what, operations, at } = self;
        Violation { store: store.to_owned(), key: Some(key), what: what.to_owned(), operations, at: Some(at) }
    }
}

/// All that is told of one value: its write, and the reads that found it.
#[derive(Debug, Clone, Copy)]
struct Cluster {
    /// When the first operation was over, and which that was; before the run, that nothing had been written.
    first_over: (Option<Instant>, u64),
    /// When the last operation began, and which that was.
    last_begun: (Option<Instant>, u64),
}

impl Cluster {
    const ABSENT: Self = Self { first_over: (None, NOBODY), last_begun: (None, NOBODY) };

    fn of(number: u64, begun: Instant, over: Instant) -> Self {
        Self { first_over: (Some(over), number), last_begun: (Some(begun), number) }
    }

    fn add(&mut self, number: u64, begun: Instant, over: Instant) {
        self.first_over = self.first_over.min((Some(over), number));
        self.last_begun = self.last_begun.max((Some(begun), number));
    }

    /// Whether its value was there from one instant to another, whatever came before and after: one of its operations was over
    /// before another one began. Operations that only touch were under way at once.
    fn holds(&self) -> bool {
        mutant!("nothing_holds_a_register": self.first_over.0 < self.last_begun.0 => false)
    }

    fn named(&self, more: &Self) -> Vec<u64> {
        let mut all = vec![self.first_over.1, self.last_begun.1, more.first_over.1, more.last_begun.1];
        all.sort_unstable();
        all.dedup();
        // The absent value was written by nobody.
        all.retain(|number| *number != NOBODY);
        all
    }
}

/// The number of the operation that left every key absent before the first.
const NOBODY: u64 = u64::MAX;

/// What shows that the operations of one key of one database, whose writes differ, are those of no register; `None`: they may be.
pub fn linearizable(operations: &[Operation]) -> Option<Contradiction> {
    let mut writes: BTreeMap<u64, &Operation> = BTreeMap::new();
    for write in operations.iter().filter(|operation| operation.kind.is_write()) {
        writes.insert(write.number, write);
    }
    let mut clusters: BTreeMap<Option<u64>, Cluster> = BTreeMap::new();
    clusters.insert(None, Cluster::ABSENT);
    for write in writes.values().filter(|write| write.outcome == OperationOutcome::Ok) {
        clusters.insert(Some(write.number), cluster_of(write));
    }
    for read in operations.iter().filter(|operation| operation.outcome == OperationOutcome::Ok) {
        let OperationKind::Read(value) = read.kind else { continue };
        let returned = read.returned.unwrap_or(Instant::MAX);
        if let Some(number) = value {
            let Some(write) = writes.get(&number) else {
                return contradiction("what was read was written by nobody", vec![read.number], returned);
            };
            if mutant!("what_failed_may_be_read": write.outcome == OperationOutcome::Fail => false) {
                let what = "what was read had failed, as its client was told";
                return contradiction(what, vec![write.number, read.number], returned);
            }
            if mutant!("what_is_to_come_may_be_read": returned < write.invoked => false) {
                let what = "what was read was written only later";
                return contradiction(what, vec![write.number, read.number], write.invoked);
            }
            // Of what nobody knows, a read shows that it was done.
            clusters.entry(value).or_insert_with(|| cluster_of(write));
        }
        if let Some(cluster) = clusters.get_mut(&value) {
            cluster.add(read.number, read.invoked, returned);
        }
    }
    apart(clusters.into_values())
}

fn cluster_of(write: &Operation) -> Cluster {
    Cluster::of(write.number, write.invoked, write.returned.unwrap_or(Instant::MAX))
}

fn contradiction(what: &'static str, operations: Vec<u64>, at: Instant) -> Option<Contradiction> {
    Some(Contradiction { what, operations, at })
}

/// Two clusters of which neither can come before the other.
fn apart(clusters: impl Iterator<Item = Cluster>) -> Option<Contradiction> {
    let (mut holding, fitting): (Vec<Cluster>, Vec<Cluster>) = clusters.partition(Cluster::holds);
    holding.sort_by_key(|cluster| (cluster.first_over, cluster.last_begun));
    for two in holding.windows(2) {
        if two[1].first_over.0 < two[0].last_begun.0 {
            let at = two[0].last_begun.0.max(two[1].last_begun.0).unwrap_or_default();
            return contradiction("two values were there at once", two[0].named(&two[1]), at);
        }
    }
    for cluster in fitting {
        let (from, to) = (cluster.last_begun.0, cluster.first_over.0);
        // The last that began to hold before it began: others have ended, or begin later.
        let before = holding.partition_point(|other| other.first_over.0 < from);
        let around = before.checked_sub(1).map(|index| &holding[index]).filter(|other| to < other.last_begun.0);
        if let Some(around) = mutant!("what_is_within_fits": around => None) {
            let what = "it was over while another value was there, before and after";
            return contradiction(what, around.named(&cluster), around.last_begun.0.unwrap_or_default());
        }
    }
    None
}

#[cfg(test)]
#[path = "linearizable_tests.rs"]
mod tests;

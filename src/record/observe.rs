//! What happens to the operations on data, one by one, and those who watch it.
//!
//! Owns the list of what can be told. Does not know who watches, nor what is made of it. Invariant: things are told at
//! the instant at which they happen and in their order; who watches changes nothing of the run, and learns nothing but
//! what is told here and what copies hold at the end.
//!
//! There are too many of these for the timeline, which has what people would write down.

use super::{ClosingStore, LossBound, Observation, Occasion, Operation, Position, RequestEvent, Write};
use crate::units::{DatabaseId, Instant};
use std::cell::RefCell;
use std::fmt::Debug;
use std::rc::Rc;

/// Something happens to the data of one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreEvent {
    /// A write enters a log, at the next position of its lineage.
    Appended {
        /// Where.
        position: Position,
        /// What.
        write: Write,
    },
    /// Control writes a row that a client wrote before, or deletes one ([`REPAIR`](super::REPAIR)): it enters the log like any
    /// write.
    Repaired {
        /// Where.
        position: Position,
        /// What: the operation is the one whose value it is.
        write: Write,
    },
    /// A client's request reads a row, of a database that gets the writes of another one.
    Read {
        /// Its key.
        key: u32,
    },
    /// A copy promises a write to its caller.
    Promised {
        /// The copy, by its place among those of its database.
        copy: usize,
        /// The epoch it believes in.
        epoch: u32,
        /// Where the write stands.
        position: Position,
        /// The number of the operation.
        operation: u64,
        /// The key it wrote.
        key: u32,
    },
    /// A client sees that its write is done.
    Acknowledged {
        /// Where it stands.
        position: Position,
        /// What it wrote.
        write: Write,
    },
    /// An attempt at an operation got no answer.
    InDoubt {
        /// The number of the operation.
        operation: u64,
        /// Where it stands, if it is known to have entered a log.
        appended: Option<Position>,
    },
    /// A write was refused: its client knows that it did not happen.
    Refused,
    /// The client of an operation gave up without an answer.
    GaveUp {
        /// The number of the operation.
        operation: u64,
    },
    /// Every copy that could be promoted has applied a lineage up to there.
    Everywhere(Position),
    /// The history is cut, and the next lineage goes on from there.
    Cut {
        /// The last position that survives.
        survives: u64,
        /// The copy that leads from now on.
        copy: usize,
        /// Why.
        occasion: Occasion,
    },
    /// No copy holds anything beyond a position any more, nor, if there is none, anything at all.
    Gone {
        /// The last position that is left.
        survives: Option<u64>,
        /// Why.
        occasion: Occasion,
    },
    /// The copy that wrote a lineage crashed before what stands from there on was durable: those positions stay empty.
    Voided(Position),
    /// Control says what the action it is about to take may cost.
    Announced(LossBound),
    /// From now on a copy accepts writes in that epoch, or none if there is no epoch.
    Writable {
        /// The copy.
        copy: usize,
        /// The epoch.
        epoch: Option<u32>,
    },
    /// No older epoch may promise a write any more.
    Fenced {
        /// The epoch in effect.
        epoch: u32,
    },
    /// The lease of the copy that leads ran out.
    LeaseRanOut,
    /// A copy leads that epoch.
    Promoted {
        /// The epoch.
        epoch: u32,
    },
    /// Writes that a copy held alone were discarded.
    Discarded {
        /// How many.
        writes: u64,
    },
}

/// Who watches what happens to data.
pub trait Observer: Debug {
    /// `event` happens to `store` at `at`.
    fn on(&mut self, at: Instant, store: DatabaseId, event: StoreEvent);

    /// `event` happens to a request of a client at `at`, which may be later than what is told next: a client knows of an
    /// answer only when that has travelled.
    fn request(&mut self, at: Instant, event: RequestEvent) {
        let _ = (at, event);
    }

    /// Whether it is to be told of requests. What is kept of each costs memory.
    fn hears_requests(&self) -> bool {
        false
    }

    /// The operations that clients made, if it is one who keeps them.
    fn history(&mut self) -> Option<Vec<Operation>> {
        None
    }

    /// The run ended at `end` with databases as `stores` says, by number: what it came to, if it is one who says something.
    fn close(&mut self, stores: &[ClosingStore], end: Instant) -> Option<Observation> {
        let _ = (stores, end);
        None
    }
}

/// Where an observer comes from: a new one for every run.
pub trait ObserverSource: Debug + Send + Sync {
    /// An observer of databases with these names, by number.
    fn observer(&self, databases: &[String]) -> Box<dyn Observer>;

    /// How many bytes it keeps of every request of a client, roughly, for `check` to say beforehand.
    fn bytes_of_a_request(&self) -> u64 {
        0
    }
}

/// Several who watch the same.
#[derive(Debug, Default)]
pub struct Observers {
    all: Vec<Box<dyn Observer>>,
}

impl Observers {
    /// These.
    pub fn new(all: Vec<Box<dyn Observer>>) -> Self {
        Self { all }
    }

    /// What they came to; what two came to alike is told once.
    pub fn closed(&mut self, stores: &[ClosingStore], end: Instant) -> Vec<Observation> {
        let mut seen: Vec<Observation> = Vec::new();
        for observation in self.all.iter_mut().filter_map(|observer| observer.close(stores, end)) {
            if !seen.contains(&observation) {
                seen.push(observation);
            }
        }
        seen
    }

    /// The operations that clients made, if anybody keeps them.
    pub fn history(&mut self) -> Option<Vec<Operation>> {
        self.all.iter_mut().find_map(|observer| observer.history())
    }

    /// Whether nobody watches.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl Observer for Observers {
    fn on(&mut self, at: Instant, store: DatabaseId, event: StoreEvent) {
        self.all.iter_mut().for_each(|observer| observer.on(at, store, event));
    }

    fn request(&mut self, at: Instant, event: RequestEvent) {
        self.all
            .iter_mut()
            .filter(|observer| observer.hears_requests())
            .for_each(|observer| observer.request(at, event));
    }

    fn hears_requests(&self) -> bool {
        self.all.iter().any(|observer| observer.hears_requests())
    }
}

/// Where one database tells what happens to it.
#[derive(Debug, Clone)]
pub struct Witness {
    observer: Rc<RefCell<dyn Observer>>,
    store: DatabaseId,
}

impl Witness {
    /// `observer` watches `store`.
    pub fn new(observer: Rc<RefCell<dyn Observer>>, store: DatabaseId) -> Self {
        Self { observer, store }
    }

    /// `event` happens at `at`.
    ///
    /// # Panics
    ///
    /// If who watches is being told something at present: a mistake in the model, for nothing happens by watching.
    #[inline]
    pub fn tell(&self, at: Instant, event: StoreEvent) {
        self.observer.borrow_mut().on(at, self.store, event);
    }
}

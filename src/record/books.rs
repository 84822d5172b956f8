//! The books of every database: who watches them all, and what that comes to at the end.
//!
//! Owns a ledger and an authority log for each, and one more for every pair that a dual write goes to. Does not know a model:
//! it is told what happens, and at the end what copies hold. Invariant: what happens to one database reaches no books of another.

use super::dual_write::{DualLedger, Side};
use super::{
    AuthorityLog, Closing, ClosingStore, CopyRecord, CopyRole, DualWriteRecord, Ledger, Observation, Observer,
    Observers, Operation, Position, RequestEvent, Signal, StoreEvent, StoreRecord, Write,
};
use crate::units::{DatabaseId, Instant};

/// One database that is watched from its beginning.
#[derive(Debug, Clone, Copy)]
pub struct WatchedStore<'a> {
    /// How many keys it has.
    pub keys: u32,
    /// The region of each of its copies; the first leads.
    pub regions: &'a [String],
}

#[derive(Debug)]
struct Book {
    regions: Vec<String>,
    ledger: Ledger,
    authority: AuthorityLog,
}

impl Book {
    /// The first copy of the history that leads which does not hold what the ledger says of it: the ledger has heard of
    /// every write and of every cut, and of nothing that copies did with them.
    fn differs<'a>(&self, store: &'a ClosingStore) -> Option<&'a CopyRecord> {
        store.copies.iter().filter(|copy| matches!(copy.role, CopyRole::Authority | CopyRole::Follower)).find(|copy| {
            self.ledger.rows_at(copy.applied_lsn).is_some_and(|expected| expected != (copy.rows, copy.digest))
        })
    }
}

/// Two databases that get the same writes, and what that comes to.
#[derive(Debug)]
struct DualBook {
    stores: [DatabaseId; 2],
    names: [String; 2],
    ledger: DualLedger,
}

impl DualBook {
    fn side(&self, store: DatabaseId) -> Option<Side> {
        let sides = [Side::Primary, Side::Secondary];
        sides.into_iter().zip(self.stores).find(|(_, of)| *of == store).map(|(side, _)| side)
    }
}

/// What the books come to.
#[derive(Debug)]
pub struct ClosedBooks {
    /// By database.
    pub stores: Vec<StoreRecord>,
    /// By pair of databases that a dual write goes to.
    pub dual_writes: Vec<DualWriteRecord>,
    /// What those who watched beside came to.
    pub observations: Vec<Observation>,
    /// What clients asked for and were told, if somebody keeps it.
    pub history: Option<Vec<Operation>>,
    /// Signals of pairs.
    pub signals: Vec<Signal>,
}

/// The books of all databases.
#[derive(Debug)]
pub struct Books {
    books: Vec<Book>,
    dual: Vec<DualBook>,
    /// Who else watches.
    others: Observers,
}

impl Books {
    /// Empty books of `stores`, by number.
    pub fn new<'a>(stores: impl IntoIterator<Item = WatchedStore<'a>>) -> Self {
        let book = |store: WatchedStore<'_>| Book {
            regions: store.regions.to_vec(),
            ledger: Ledger::new(store.keys, &store.regions[0]),
            authority: AuthorityLog::new(store.regions.to_vec()),
        };
        Self { books: stores.into_iter().map(book).collect(), dual: Vec::new(), others: Observers::default() }
    }

    /// With these watching beside.
    #[must_use]
    pub fn watched_by(self, others: Observers) -> Self {
        Self { others, ..self }
    }

    /// The writes of `stores`, the first of which is the primary, go to both. They have these names, and so many keys.
    pub fn pair(&mut self, stores: [DatabaseId; 2], names: [&str; 2], keys: u32) {
        let ledger = DualLedger::new(names[1], keys);
        self.dual.push(DualBook { stores, names: names.map(str::to_owned), ledger });
    }

    /// Closes the books of databases that ended at `end` as `stores` says, by number. `faults`: when each began.
    pub fn close(&mut self, stores: Vec<ClosingStore>, faults: &[Instant], end: Instant) -> ClosedBooks {
        let closed = |(book, store): (&Book, ClosingStore)| {
            debug_assert_eq!(
                book.differs(&store),
                None,
                "{} holds what nobody wrote there, or lacks what stands",
                store.store
            );
            StoreRecord {
                at_stake: store.at_stake,
                copies: store.copies,
                authority: book.authority.close(end),
                ..book.ledger.close(&store.store, Closing { faults, tips: &store.tips })
            }
        };
        let observations = self.others.closed(&stores, end);
        let stores = self.books.iter().zip(stores).map(closed).collect();
        let dual = self.dual.drain(..).map(|book| book.ledger.close(&book.names[0], &book.names[1], end));
        let (dual_writes, signals): (Vec<_>, Vec<_>) = dual.unzip();
        let history = self.others.history();
        ClosedBooks { stores, dual_writes, observations, history, signals: signals.into_iter().flatten().collect() }
    }

    #[inline]
    fn written(&mut self, at: Instant, store: DatabaseId, epoch: u32, write: Write) {
        // What a copy writes that was replaced is in no history that leads.
        if epoch != self.books[store.index()].ledger.epoch() {
            return;
        }
        for book in &mut self.dual {
            if let Some(side) = book.side(store) {
                book.ledger.written(at, side, write);
            }
        }
    }

    #[inline]
    fn acknowledged(&mut self, at: Instant, store: DatabaseId, position: Position, write: Write) {
        for book in &mut self.dual {
            if let Some(side) = book.side(store) {
                book.ledger.acknowledged(at, write, (side == Side::Primary).then_some(position));
            }
        }
    }

    /// Control writes a row of `store`.
    #[cold]
    fn repaired(&mut self, at: Instant, store: DatabaseId, epoch: u32, write: Write) {
        if epoch != self.books[store.index()].ledger.epoch() {
            return;
        }
        for book in &mut self.dual {
            let lost = book.side(store).and_then(|side| book.ledger.repaired(at, side, write));
            if let Some(lost) = lost {
                self.books[store.index()].ledger.overwritten(at, lost);
            }
        }
    }

    /// The history of `store` is another from `at` on.
    #[cold]
    fn replaced(&mut self, at: Instant, store: DatabaseId) {
        for book in &mut self.dual {
            if let Some(side) = book.side(store) {
                book.ledger.replaced(at, side, &self.books[store.index()].ledger);
            }
        }
    }
}

impl Observer for Books {
    #[inline]
    fn on(&mut self, at: Instant, store: DatabaseId, event: StoreEvent) {
        if !self.others.is_empty() {
            self.others.on(at, store, event);
        }
        let Book { regions, ledger, authority } = &mut self.books[store.index()];
        match event {
            StoreEvent::Appended { position, write } => {
                let place = ledger.append(position.epoch, write);
                assert_eq!(place, position, "a log leaves no gap and uses no position twice");
                self.written(at, store, position.epoch, write);
            }
            StoreEvent::Repaired { position, write } => {
                let place = ledger.append(position.epoch, write);
                assert_eq!(place, position, "a log leaves no gap and uses no position twice");
                self.repaired(at, store, position.epoch, write);
            }
            StoreEvent::Read { key } => {
                let second = |book: &&mut DualBook| book.stores[Side::Secondary as usize] == store;
                self.dual.iter_mut().filter(second).for_each(|book| book.ledger.read(at, key));
            }
            StoreEvent::Promised { copy, epoch, position, operation, key } => {
                ledger.server_acked(position, at);
                authority.acked(copy, epoch, (operation, key), at);
            }
            StoreEvent::Acknowledged { position, write } => {
                ledger.client_acked(position, write.key, at);
                self.acknowledged(at, store, position, write);
            }
            StoreEvent::InDoubt { operation, appended } => ledger.in_doubt(operation, appended),
            StoreEvent::Refused => ledger.refused(),
            StoreEvent::GaveUp { operation } => ledger.gave_up(operation),
            StoreEvent::Everywhere(position) => ledger.replicated(position.epoch, position.lsn),
            StoreEvent::Cut { survives, copy, occasion } => {
                ledger.cut(survives, &regions[copy], occasion);
                self.replaced(at, store);
            }
            StoreEvent::Gone { survives, occasion } => {
                ledger.lose_beyond(survives, occasion);
                self.replaced(at, store);
            }
            StoreEvent::Voided(from) => {
                ledger.void_tail(from.epoch, from.lsn);
                self.replaced(at, store);
            }
            StoreEvent::Announced(bound) => ledger.announce_bound(bound),
            StoreEvent::Writable { copy, epoch } => authority.writable(copy, epoch, at),
            StoreEvent::Fenced { epoch } => authority.fenced(epoch),
            StoreEvent::LeaseRanOut => authority.lease_ran_out(),
            StoreEvent::Promoted { epoch } => authority.promoted(epoch),
            StoreEvent::Discarded { writes } => authority.discarded(writes),
        }
    }

    fn request(&mut self, at: Instant, event: RequestEvent) {
        self.others.request(at, event);
    }

    fn hears_requests(&self) -> bool {
        self.others.hears_requests()
    }
}

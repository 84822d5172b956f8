//! The books of every database: who watches them all, and what that comes to at the end.
//!
//! Owns a ledger and an authority log for each. Does not know a model: it is told what happens, and at the end what
//! copies hold. Invariant: what one database is told reaches no other's books.

use super::{AuthorityLog, Closing, ClosingStore, CopyRecord, CopyRole, Ledger, Observer, StoreEvent, StoreRecord};
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

/// The books of all databases.
#[derive(Debug)]
pub struct Books {
    books: Vec<Book>,
}

impl Books {
    /// Empty books of `stores`, by number.
    pub fn new<'a>(stores: impl IntoIterator<Item = WatchedStore<'a>>) -> Self {
        let book = |store: WatchedStore<'_>| Book {
            regions: store.regions.to_vec(),
            ledger: Ledger::new(store.keys, &store.regions[0]),
            authority: AuthorityLog::new(store.regions.to_vec()),
        };
        Self { books: stores.into_iter().map(book).collect() }
    }

    /// Closes the books of databases that ended at `end` as `stores` says, by number. `faults`: when each began.
    pub fn close(&self, stores: Vec<ClosingStore>, faults: &[Instant], end: Instant) -> Vec<StoreRecord> {
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
        self.books.iter().zip(stores).map(closed).collect()
    }
}

impl Observer for Books {
    #[inline]
    fn on(&mut self, at: Instant, store: DatabaseId, event: StoreEvent) {
        let Book { regions, ledger, authority } = &mut self.books[store.index()];
        match event {
            StoreEvent::Appended { position, write } => {
                let place = ledger.append(position.epoch, write);
                assert_eq!(place, position, "a log leaves no gap and uses no position twice");
            }
            StoreEvent::Promised { copy, epoch, position, operation, key } => {
                ledger.server_acked(position, at);
                authority.acked(copy, epoch, (operation, key), at);
            }
            StoreEvent::Acknowledged { position, key } => ledger.client_acked(position, key, at),
            StoreEvent::InDoubt { operation, appended } => ledger.in_doubt(operation, appended),
            StoreEvent::Refused => ledger.refused(),
            StoreEvent::GaveUp { operation } => ledger.gave_up(operation),
            StoreEvent::Everywhere(position) => ledger.replicated(position.epoch, position.lsn),
            StoreEvent::Cut { survives, copy, occasion } => {
                ledger.cut(survives, &regions[copy], occasion);
            }
            StoreEvent::Gone { survives, occasion } => ledger.lose_beyond(survives, occasion),
            StoreEvent::Voided(from) => ledger.void_tail(from.epoch, from.lsn),
            StoreEvent::Announced(bound) => ledger.announce_bound(bound),
            StoreEvent::Writable { copy, epoch } => authority.writable(copy, epoch, at),
            StoreEvent::Fenced { epoch } => authority.fenced(epoch),
            StoreEvent::LeaseRanOut => authority.lease_ran_out(),
            StoreEvent::Promoted { epoch } => authority.promoted(epoch),
            StoreEvent::Discarded { writes } => authority.discarded(writes),
        }
    }
}

//! Where a write stands that more than one place keeps, or that goes on after it is kept.
//!
//! Owns, by request, the places its attempts have reached so far. Does not know whether they survive. Invariant: a request
//! has at most one place in each database, the newest.

use crate::record::Position;
use crate::units::DatabaseId;
use std::collections::BTreeMap;

/// One place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenPlace {
    /// The database.
    pub database: DatabaseId,
    /// Where in its log.
    pub position: Position,
    /// Whether the database has promised it to the service that asked.
    pub promised: bool,
}

/// The places of all requests under way.
#[derive(Debug, Default)]
pub struct WrittenPlaces {
    by_slot: BTreeMap<u32, Vec<WrittenPlace>>,
}

impl WrittenPlaces {
    /// The write of the request in `slot` entered the log of `database`.
    pub fn appended(&mut self, slot: u32, database: DatabaseId, position: Position) {
        let places = self.by_slot.entry(slot).or_default();
        match places.iter_mut().find(|place| place.database == database) {
            // A repeated write that keeps its place keeps what was promised of it.
            Some(place) if place.position == position => {}
            Some(place) => *place = WrittenPlace { database, position, promised: false },
            None => places.push(WrittenPlace { database, position, promised: false }),
        }
    }

    /// `database` has promised it.
    pub fn promised(&mut self, slot: u32, database: DatabaseId, position: Position) {
        self.appended(slot, database, position);
        let places = self.by_slot.get_mut(&slot).into_iter().flatten();
        places.filter(|place| place.database == database).for_each(|place| place.promised = true);
    }

    /// The places of the request in `slot`, in the order in which it came to their databases.
    pub fn of(&self, slot: u32) -> &[WrittenPlace] {
        self.by_slot.get(&slot).map_or(&[], Vec::as_slice)
    }

    /// Where it stands in `database`, if it does.
    pub fn in_database(&self, slot: u32, database: DatabaseId) -> Option<Position> {
        self.of(slot).iter().find(|place| place.database == database).map(|place| place.position)
    }

    /// The request in `slot` is over.
    pub fn forget(&mut self, slot: u32) {
        self.by_slot.remove(&slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_has_one_place_in_each_database_and_a_new_one_has_been_promised_to_nobody() {
        let (old, new) = (DatabaseId(0), DatabaseId(1));
        let at = |lsn| Position { epoch: 1, lsn };
        let mut places = WrittenPlaces::default();
        places.appended(7, old, at(3));
        places.promised(7, new, at(1));
        places.appended(7, new, at(1));
        assert_eq!(places.of(7).iter().map(|place| place.promised).collect::<Vec<_>>(), [false, true]);
        places.appended(7, new, at(2));
        assert!(places.of(7).iter().all(|place| !place.promised));
        assert_eq!((places.in_database(7, new), places.in_database(8, new)), (Some(at(2)), None));
        places.forget(7);
        assert_eq!(places.of(7), []);
    }
}

//! The state of copies at the end, and who could write during the run.
//!
//! Digests are comparable at equal positions only. A copy that could not be read, was set aside or stopped elsewhere is
//! reported; it is never silently taken for equal.
//!
//! The audit checks that no two copies of one database accepted writes at once, whatever their epochs. It sees what the
//! signal shows: with one sample per second, a shorter overlap can escape it.

use crate::record::{CopyRecord, CopyRole, Record, StoreRecord};
use crate::units::{Instant, Span};

/// What comparing the copies of one database came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyState {
    /// The database.
    pub store: String,
    /// How many pairs stood at the same position and could be compared.
    pub compared: u64,
    /// Pairs of regions at the same position with different rows.
    pub differing: Vec<(String, String)>,
    /// Regions whose copy holds writes that the authority does not have.
    pub diverged: Vec<String>,
    /// Regions whose copy could not be read.
    pub unreachable: Vec<String>,
    /// Regions whose readable copy stood at another position than the authority.
    pub elsewhere: Vec<String>,
}

/// A time during which several copies of one database accepted writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitAuthority {
    /// The database.
    pub store: String,
    /// When it began.
    pub at: Instant,
    /// How long all such times lasted together.
    pub lasted: Span,
    /// How many copies, at most.
    pub writable: u64,
}

/// Compares the copies of one database.
pub fn state_of(store: &StoreRecord) -> CopyState {
    let with_role = |role: CopyRole| store.copies.iter().filter(move |copy| copy.role == role);
    let regions = |role: CopyRole| with_role(role).map(|copy| copy.region.clone()).collect::<Vec<_>>();
    let readable: Vec<&CopyRecord> =
        store.copies.iter().filter(|c| matches!(c.role, CopyRole::Authority | CopyRole::Follower)).collect();
    let (mut compared, mut differing) = (0, Vec::new());
    for (i, a) in readable.iter().enumerate() {
        for b in readable[i + 1..].iter().filter(|b| position(a) == position(b)) {
            compared += 1;
            if (a.digest, a.rows) != (b.digest, b.rows) {
                differing.push((a.region.clone(), b.region.clone()));
            }
        }
    }
    let authority = with_role(CopyRole::Authority).next().map(position);
    let behind = with_role(CopyRole::Follower).filter(|copy| authority.is_some_and(|at| at != position(copy)));
    CopyState {
        store: store.store.clone(),
        compared,
        differing,
        diverged: regions(CopyRole::Diverged),
        unreachable: regions(CopyRole::Unreachable),
        elsewhere: behind.map(|copy| copy.region.clone()).collect(),
    }
}

const fn position(copy: &CopyRecord) -> (u32, u64) {
    (copy.epoch, copy.applied_lsn)
}

impl CopyState {
    /// What a reader must know, one sentence each; nothing if all copies agree.
    pub fn findings(&self) -> Vec<String> {
        let store = &self.store;
        let mut found: Vec<String> = Vec::new();
        for (a, b) in &self.differing {
            found.push(format!("{store}: {a} and {b} differ at the same position"));
        }
        for region in &self.diverged {
            found.push(format!("{store}: {region} holds writes the authority does not have"));
        }
        for region in &self.unreachable {
            found.push(format!("{store}: {region} could not be read at the end"));
        }
        for region in &self.elsewhere {
            found.push(format!("{store}: {region} stood at another position than the authority at the end"));
        }
        found
    }
}

/// Databases of which several copies accepted writes at once.
pub fn split_authorities(record: &Record) -> Vec<SplitAuthority> {
    record.stores.iter().filter_map(|store| split_authority(&store.store, record)).collect()
}

fn split_authority(store: &str, record: &Record) -> Option<SplitAuthority> {
    let points = record.signal(&format!("db.{store}.writable"))?.points();
    let mut found: Option<SplitAuthority> = None;
    for (i, (at, sample)) in points.iter().enumerate() {
        let copies = sample.part.checked_div(sample.whole).unwrap_or(0);
        if copies <= 1 {
            continue;
        }
        let until = points.get(i + 1).map_or(record.end, |(next, _)| *next);
        let split = found.get_or_insert(SplitAuthority {
            store: store.to_owned(),
            at: *at,
            lasted: Span::ZERO,
            writable: copies,
        });
        split.lasted += until.since(*at);
        split.writable = split.writable.max(copies);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::fixture::Fixture;
    use crate::record::SignalUnit;

    #[test]
    fn two_writable_copies_are_split_brain_however_short() {
        let audit = |samples: &[(u64, u64, u64)]| {
            let fixture = Fixture::new(60).store("orders", 1, |_| {});
            split_authorities(&fixture.signal("db.orders.writable", SignalUnit::Count, samples).record())
        };
        assert_eq!(audit(&[(0, 1, 1), (10, 0, 1), (20, 1, 1)]), []);
        let split = audit(&[(0, 1, 1), (10, 2, 1), (13, 1, 1), (20, 3, 1), (21, 1, 1)]);
        assert_eq!((split[0].at, split[0].lasted, split[0].writable), (Instant::from_secs(10), Span::from_secs(4), 3));
    }
}

//! The state of copies at the end.
//!
//! Digests are comparable at equal positions only. A copy that could not be read, was set aside or stopped elsewhere is
//! reported; it is never silently taken for equal.

use crate::record::{CopyRecord, CopyRole, StoreRecord};

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
            if mutant!("equal_counts_are_equal_rows": (a.digest, a.rows) != (b.digest, b.rows) => a.rows != b.rows) {
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
        diverged: mutant!("who_diverged_agrees": regions(CopyRole::Diverged) => Vec::new()),
        unreachable: mutant!("who_cannot_be_read_agrees": regions(CopyRole::Unreachable) => Vec::new()),
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
            found.push(format!("{store}: {region} was at a different position than the authority at the end"));
        }
        found
    }
}

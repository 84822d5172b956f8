//! Who could write to a database and when, and what was acknowledged by a copy that had no right to.
//!
//! Owns the terms of copies as writers and the acknowledgements given outside them. Does not know why a copy could
//! write: it is notified of each change at the instant of the change, never sampled.
//!
//! Invariant: a copy has at most one open term; terms are kept in the order in which they began. An acknowledgement is
//! given either in an open term of the current epoch, or under a stale epoch.
//!
//! Source of the rule: at most one writer per epoch, and no commit in an epoch that is no longer in effect (fencing
//! tokens, as in Kleppmann, Designing Data-Intensive Applications, ch. 8).

use crate::units::{As, Instant, Seconds};
use serde::{Deserialize, Serialize};

/// How many stale-epoch writes are named; the rest are counted.
pub const NAMED_STALE_EPOCH_WRITES: usize = 1000;

/// A time in which one copy accepted writes, in one epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteTerm {
    /// The copy's region.
    pub region: String,
    /// The epoch it wrote in.
    pub epoch: u32,
    /// From when on.
    #[serde(rename = "from_s", with = "As::<Seconds>")]
    pub from: Instant,
    /// Until when, this instant excluded; the end of the run if it still did then.
    #[serde(rename = "until_s", with = "As::<Seconds>")]
    pub until: Instant,
    /// Writes it acknowledged in that time.
    pub acked: u64,
}

/// A write acknowledged by a copy whose epoch was no longer in effect, or outside any term of its.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StaleEpochWrite {
    /// The operation's number, unique in the run.
    pub operation: u64,
    /// The key it wrote.
    pub key: u32,
    /// When the copy acknowledged it.
    #[serde(rename = "at_s", with = "As::<Seconds>")]
    pub at: Instant,
    /// The region of the copy.
    pub region: String,
    /// The copy's epoch.
    pub epoch: u32,
    /// The epoch that was in effect.
    pub in_force: u32,
}

/// Everything the audit of one database's authority needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorityRecord {
    /// Fences that took effect, leases that ran out among them.
    pub fences: u64,
    /// Promotions that were done.
    pub promotions: u64,
    /// Writes that a copy held alone and that were discarded when it was rebuilt.
    pub discarded: u64,
    /// Who accepted writes, and when.
    pub terms: Vec<WriteTerm>,
    /// Writes acknowledged by a copy whose epoch was no longer in force, or outside any term of its.
    pub stale_epoch_total: u64,
    /// The first thousand of them.
    pub stale_epoch: Vec<StaleEpochWrite>,
}

/// The term of a copy that accepts writes at present.
#[derive(Debug, Clone, Copy)]
struct OpenTerm {
    index: usize,
    epoch: u32,
}

/// Writes the record of one database down as it happens.
#[derive(Debug)]
pub struct AuthorityLog {
    regions: Vec<String>,
    open: Vec<Option<OpenTerm>>,
    in_force: u32,
    record: AuthorityRecord,
}

impl AuthorityLog {
    /// The log of a database with copies in `regions`, in their order, none of which accepts writes yet. Epoch 1 is in
    /// effect.
    pub fn new(regions: Vec<String>) -> Self {
        Self { open: vec![None; regions.len()], regions, in_force: 1, record: AuthorityRecord::default() }
    }

    /// From `at` on `copy` accepts writes in that epoch, or none if there is no epoch.
    pub fn writable(&mut self, copy: usize, epoch: Option<u32>, at: Instant) {
        if self.open[copy].map(|term| term.epoch) == epoch {
            return;
        }
        if let Some(term) = self.open[copy].take() {
            self.record.terms[term.index].until = mutant!("terms_never_end": at => Instant::MAX);
        }
        if let Some(epoch) = epoch {
            let region = self.regions[copy].clone();
            self.record.terms.push(WriteTerm { region, epoch, from: at, until: Instant::MAX, acked: 0 });
            self.open[copy] = Some(OpenTerm { index: self.record.terms.len() - 1, epoch });
        }
    }

    /// No older epoch than this may acknowledge a write any more.
    pub fn fenced(&mut self, epoch: u32) {
        self.in_force = mutant!("a_fence_has_no_effect": self.in_force.max(epoch) => self.in_force);
        self.record.fences += 1;
    }

    /// The authority's lease ran out: it fenced itself off.
    pub fn lease_ran_out(&mut self) {
        self.record.fences += 1;
    }

    /// A copy became the authority of `epoch`.
    pub fn promoted(&mut self, epoch: u32) {
        self.in_force = self.in_force.max(epoch);
        self.record.promotions += 1;
    }

    /// `writes` that a copy held alone were discarded.
    pub fn discarded(&mut self, writes: u64) {
        self.record.discarded += writes;
    }

    /// The current epoch.
    pub fn in_force(&self) -> u32 {
        self.in_force
    }

    /// `copy`, which is in `epoch`, acknowledged write `operation` of `key`.
    #[inline]
    pub fn acked(&mut self, copy: usize, epoch: u32, (operation, key): (u64, u32), at: Instant) {
        let term = self.open[copy];
        if let Some(term) = term {
            self.record.terms[term.index].acked += 1;
        }
        if mutant!("a_write_outside_any_term_is_sound": term.is_none() => false)
            || mutant!("an_old_epoch_is_not_stale": epoch < self.in_force => false)
        {
            self.stale_epoch(StaleEpochWrite {
                operation,
                key,
                at,
                region: self.regions[copy].clone(),
                epoch,
                in_force: self.in_force,
            });
        }
    }

    #[cold]
    fn stale_epoch(&mut self, write: StaleEpochWrite) {
        self.record.stale_epoch_total += 1;
        if self.record.stale_epoch.len() < NAMED_STALE_EPOCH_WRITES {
            self.record.stale_epoch.push(write);
        }
    }

    /// The record, as it stands at `end`.
    pub fn close(&self, end: Instant) -> AuthorityRecord {
        let mut record = self.record.clone();
        for term in record.terms.iter_mut().filter(|term| term.until == Instant::MAX) {
            term.until = end;
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: fn(u64) -> Instant = Instant::from_secs;

    fn log() -> AuthorityLog {
        let mut log = AuthorityLog::new(vec!["west".into(), "north".into()]);
        log.writable(0, Some(1), T(0));
        log
    }

    #[test]
    fn a_term_ends_where_the_copy_stops_accepting_writes_or_its_epoch_changes() {
        let mut log = log();
        log.acked(0, 1, (7, 3), T(1));
        log.writable(0, Some(1), T(2));
        log.writable(0, None, T(5));
        log.writable(1, Some(2), T(9));
        log.writable(1, Some(3), T(12));
        let terms = log.close(T(20)).terms;
        let spans: Vec<_> = terms.iter().map(|t| (t.region.as_str(), t.epoch, t.from, t.until, t.acked)).collect();
        assert_eq!(spans, [("west", 1, T(0), T(5), 1), ("north", 2, T(9), T(12), 0), ("north", 3, T(12), T(20), 0)]);
    }

    #[test]
    fn what_an_older_epoch_acknowledges_is_stray_and_the_first_thousand_are_named() {
        let mut log = log();
        log.acked(0, 1, (1, 9), T(1));
        log.fenced(2);
        for operation in 2..=1_500 {
            log.acked(0, 1, (operation, 9), T(2));
        }
        let record = log.close(T(9));
        assert_eq!(
            (record.stale_epoch_total, record.stale_epoch.len(), record.fences),
            (1_499, NAMED_STALE_EPOCH_WRITES, 1)
        );
        let first = &record.stale_epoch[0];
        assert_eq!((first.operation, first.key, first.at, first.epoch, first.in_force), (2, 9, T(2), 1, 2));
        assert_eq!((first.region.as_str(), record.terms[0].acked), ("west", 1_500));
    }
}

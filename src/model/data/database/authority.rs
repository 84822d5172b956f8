//! Who may write: the current epoch, how a copy learns that it lost its authority, leases, promotion.
//!
//! Does not know places: it is given the copies that can be reached. Invariants: with storage fencing no copy but one
//! of the newest epoch may write; an epoch has one owner and one leader; with leases none may whose lease has run out,
//! and an epoch is not in effect before that; without fencing a copy that was not told writes on, on a lineage that is
//! cut off.

use super::copy::{Replica, ReplicaState};
use super::{Database, LeadOutages};
use crate::model::plan::{Commit, Fencing};
use crate::record::Occasion;
use crate::units::{Instant, Span};

/// A lease is renewed so many times within its length, as by Patroni: ttl 30 s, loop_wait 10 s.
const RENEWALS_PER_LEASE: u64 = 3;

impl Database {
    /// Whether the copy may acknowledge writes at `now`.
    pub fn may_write(&self, copy: usize, now: Instant) -> bool {
        let copy = &self.copies[copy];
        copy.state == ReplicaState::Writable
            && !copy.demoted
            && match self.plan.fencing {
                Fencing::Storage => copy.epoch == self.epoch,
                Fencing::Lease(_) => now < copy.lease_until,
                Fencing::None => true,
            }
    }

    /// Whether the copy was the authority once, was never told that it is not any more, and writes on by itself.
    pub fn is_stale(&self, copy: usize) -> bool {
        copy != self.authority && self.copies[copy].state == ReplicaState::Writable
    }

    /// Whether the copy may become the authority: it holds nothing of its own.
    pub fn is_promotable(&self, copy: usize) -> bool {
        match self.copies[copy].state {
            ReplicaState::Lost => false,
            ReplicaState::Following | ReplicaState::Restored => true,
            ReplicaState::Writable | ReplicaState::Diverged | ReplicaState::Rebuilding => copy == self.authority,
        }
    }

    /// Whether an epoch is checked wherever a write is committed, so that raising it is all it takes.
    pub fn checks_every_commit(&self) -> bool {
        self.plan.fencing == Fencing::Storage
    }

    /// The controller that `epoch` belongs to: that which claimed it first, now or earlier.
    pub fn claim(&mut self, epoch: u32, controller: u16) -> u16 {
        *self.owners.entry(epoch).or_insert(controller)
    }

    /// The copy that was promoted to lead `epoch`, if one was.
    pub fn leads(&self, epoch: u32) -> Option<usize> {
        let promoted = self.ledger.epoch() > 1 && self.copies[self.authority].epoch == epoch;
        promoted.then_some(self.authority)
    }

    /// Raises the epoch. Copies that `reaches` accepts learn that they were demoted.
    pub fn raise(&mut self, epoch: u32, reaches: impl Fn(&Replica) -> bool) {
        self.epoch = epoch;
        for index in 0..self.copies.len() {
            if reaches(&self.copies[index]) && self.copies[index].epoch < epoch {
                self.tell(index);
            }
        }
    }

    /// From when on, at `now` or later, no copy of an older epoch than the newest acknowledges a write, as far as the
    /// controller that raised it can know.
    pub fn in_force_from(&self, now: Instant) -> Instant {
        let lead = &self.copies[self.authority];
        match self.plan.fencing {
            Fencing::Lease(_) if !lead.demoted && lead.epoch < self.epoch => lead.lease_until.max(now),
            _ => now,
        }
    }

    /// The copy can renew its lease from `now` on, or no longer can. Returns when the lease runs out, if it begins to.
    pub fn lease_renewable(&mut self, index: usize, renewable: bool, now: Instant) -> Option<Instant> {
        let Fencing::Lease(lease) = self.plan.fencing else { return None };
        let copy = &mut self.copies[index];
        if renewable == (copy.lease_until == Instant::MAX) {
            return None;
        }
        if !renewable {
            let every = (lease.as_nanos() / RENEWALS_PER_LEASE).max(1);
            let renewed = now - Span::from_nanos(now.as_nanos() % every);
            copy.lease_until = renewed.saturating_add(lease);
            return Some(copy.lease_until);
        }
        copy.lease_until = Instant::MAX;
        if copy.epoch < self.epoch {
            self.tell(index);
        }
        None
    }

    /// Makes `copy`, which has applied all it received, the authority of `epoch`. Returns the position the new
    /// lineage starts from. Copies that hold more than that diverge; the rest follow, but for an old authority that
    /// nobody told: it writes on.
    pub fn promote(&mut self, copy: usize, epoch: u32, successor: &str, now: Instant) -> u64 {
        self.epoch = self.epoch.max(epoch);
        self.note_change(now);
        let old = self.ledger.epoch();
        let from = self.copies[copy].applied;
        let lineage = self.ledger.cut(from, successor, Occasion { at: now, outage: self.outages.last() });
        let stale_epoch = |index: usize| {
            index != copy && (self.is_stale(index) || (index == self.authority && self.may_write(index, now)))
        };
        let stale_epoch_writes: Vec<bool> = (0..self.copies.len()).map(stale_epoch).collect();
        for (index, other) in self.copies.iter_mut().enumerate().filter(|(index, _)| !stale_epoch_writes[*index]) {
            let ahead = if index == self.authority { self.ledger.head(old) > from } else { other.applied > from };
            other.forget_from(from + 1);
            if index == copy {
                other.state = ReplicaState::Writable;
                other.lineage = lineage;
            } else if !other.is_readable() {
                other.state = ReplicaState::Lost;
            } else if ahead || other.state == ReplicaState::Rebuilding {
                other.state = ReplicaState::Diverged;
            } else if other.state == ReplicaState::Writable {
                other.state = ReplicaState::Following;
            }
            if other.state == ReplicaState::Following {
                other.epoch = self.epoch;
            }
        }
        if let Some(backups) = &mut self.backups {
            backups.cut(from);
        }
        (self.authority, self.led_from) = (copy, now);
        self.outages = LeadOutages::new();
        let lead = &mut self.copies[copy];
        (lead.epoch, lead.demoted, lead.lease_until) = (self.epoch, false, Instant::MAX);
        (lead.synchronous, lead.heartbeat) = (self.plan.commit == Commit::Synchronous, None);
        self.audit.promoted(self.epoch);
        from
    }

    /// Writes down which copies accept writes at `now`, of those that are `up`.
    pub fn note_terms(&mut self, up: impl Fn(&Replica) -> bool, now: Instant) {
        for index in 0..self.copies.len() {
            let copy = &self.copies[index];
            let writes = up(copy) && self.may_write(index, now);
            let epoch = writes.then_some(copy.epoch);
            self.audit.writable(index, epoch, now);
        }
    }

    /// The copy learns that a newer epoch than its own has begun.
    fn tell(&mut self, index: usize) {
        self.copies[index].demoted = true;
        if self.is_stale(index) {
            self.copies[index].state = ReplicaState::Diverged;
        }
    }
}

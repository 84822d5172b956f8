//! Who may write: the current epoch, how a copy learns that it lost its authority, leases, promotion.
//!
//! Does not know places: it is given the copies that can be reached. Invariants: with storage fencing no copy but one
//! of the newest epoch may write; an epoch has one owner and one leader; with leases none may whose lease has run out,
//! and an epoch is not in effect before that; without fencing a copy that was not told writes on, on a lineage that is
//! cut off.

use super::copy::{Replica, ReplicaState};
use super::{Database, LeadOutages};
use crate::model::plan::{Commit, Fencing};
use crate::record::{Occasion, StoreEvent};
use crate::units::{Instant, Span};

/// A lease is renewed so many times within its length, as by Patroni: ttl 30 s, loop_wait 10 s.
const RENEWALS_PER_LEASE: u64 = 3;

impl Database {
    /// Whether the copy may acknowledge writes at `now`.
    pub fn may_write(&self, copy: usize, now: Instant) -> bool {
        let copy = &self.copies[copy];
        copy.state == ReplicaState::Writable
            && mutant!("the_demoted_write_on": !copy.demoted => true)
            && match self.plan.fencing {
                Fencing::Storage => mutant!("storage_checks_no_epoch": copy.epoch == self.epoch => true),
                Fencing::Lease(_) => mutant!("a_lease_never_ends": now < copy.lease_until => true),
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
            ReplicaState::Writable | ReplicaState::Diverged | ReplicaState::Rebuilding => {
                mutant!("who_diverged_may_lead": copy == self.authority => true)
            }
        }
    }

    /// Whether an epoch is checked wherever a write is committed, so that raising it is all it takes.
    pub fn checks_every_commit(&self) -> bool {
        self.plan.fencing == Fencing::Storage
    }

    /// The controller that `epoch` belongs to: that which claimed it first, now or earlier.
    pub fn claim(&mut self, epoch: u32, controller: u16) -> u16 {
        mutant!("an_epoch_belongs_to_who_asks_last": *self.owners.entry(epoch).or_insert(controller) => controller)
    }

    /// The copy that was promoted to lead `epoch`, if one was.
    pub fn leads(&self, epoch: u32) -> Option<usize> {
        let promoted = self.log.epoch() > 1 && self.copies[self.authority].epoch == epoch;
        promoted.then_some(self.authority)
    }

    /// Raises the epoch. Copies that `reaches` accepts learn that they were demoted.
    pub fn raise(&mut self, epoch: u32, reaches: impl Fn(&Replica) -> bool) {
        self.epoch = epoch;
        for index in 0..self.copies.len() {
            if mutant!("whoever_is_out_of_reach_is_told": reaches(&self.copies[index]) => true)
                && self.copies[index].epoch < epoch
            {
                self.tell(index);
            }
        }
    }

    /// From when on, at `now` or later, no copy of an older epoch than the newest acknowledges a write, as far as the
    /// controller that raised it can know.
    pub fn in_force_from(&self, now: Instant) -> Instant {
        let lead = &self.copies[self.authority];
        match self.plan.fencing {
            Fencing::Lease(_) if !lead.demoted && lead.epoch < self.epoch => {
                mutant!("a_lease_is_not_waited_for": lead.lease_until.max(now) => now)
            }
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
            let renewed =
                mutant!("a_lease_counts_from_the_loss": now - Span::from_nanos(now.as_nanos() % every) => now);
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
    pub fn promote(&mut self, copy: usize, epoch: u32, now: Instant) -> u64 {
        self.epoch = self.epoch.max(epoch);
        self.note_change(now);
        let old = self.log.epoch();
        let from = self.copies[copy].applied;
        let lineage = self.log.cut(from);
        let occasion = Occasion { at: now, outage: mutant!("a_cut_has_no_outage": self.outages.last() => None) };
        self.witness.tell(now, StoreEvent::Cut { survives: from, copy, occasion });
        let stale_epoch = |index: usize| {
            index != copy
                && (self.is_stale(index)
                    || (index == self.authority
                        && mutant!("an_authority_nobody_told_gives_way": self.may_write(index, now) => false)))
        };
        let stale_epoch_writes: Vec<bool> = (0..self.copies.len()).map(stale_epoch).collect();
        for (index, other) in self.copies.iter_mut().enumerate().filter(|(index, _)| !stale_epoch_writes[*index]) {
            let ahead = if index == self.authority {
                mutant!("what_was_applied_is_the_log": self.log.head(old) > from => other.applied > from)
            } else {
                other.applied > from
            };
            other.forget_from(mutant!("a_promotion_forgets_one_record_too_many": from + 1 => from));
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
            backups.cut(mutant!("backups_of_a_past_that_did_not_happen": from => u64::MAX));
        }
        (self.authority, self.led_from) = (copy, now);
        self.outages = LeadOutages::new();
        let lead = &mut self.copies[copy];
        (lead.epoch, lead.demoted, lead.lease_until) = (self.epoch, false, Instant::MAX);
        (lead.synchronous, lead.heartbeat) =
            (mutant!("a_promoted_copy_waits_for_nobody": self.plan.commit == Commit::Synchronous => false), None);
        self.in_force = self.in_force.max(self.epoch);
        self.witness.tell(now, StoreEvent::Promoted { epoch: self.epoch });
        from
    }

    /// Writes down which copies accept writes at `now`, of those that are `up`.
    pub fn note_terms(&mut self, up: impl Fn(&Replica) -> bool, now: Instant) {
        for index in 0..self.copies.len() {
            let copy = &self.copies[index];
            let writes =
                up(copy) && mutant!("terms_follow_the_title": self.may_write(index, now) => index == self.authority);
            let epoch = writes.then_some(copy.epoch);
            self.witness.tell(now, StoreEvent::Writable { copy: index, epoch });
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

#[cfg(test)]
mod tests {
    use super::super::tests::{Watched, database, job, later};
    use super::*;
    use crate::record::CopyRole;

    /// West leads, in epoch 1, and its log holds a record that is not durable before 2 ms.
    fn written(fencing: Fencing) -> Watched {
        let mut database = database(Commit::Asynchronous);
        database.plan.fencing = fencing;
        database.append(0, &job(1, 0), later(0), true, later(0));
        database
    }

    const LEASE: Fencing = Fencing::Lease(Span::from_secs(30));

    #[test]
    fn an_old_authority_diverges_by_its_log_whatever_it_has_applied() {
        let mut database = written(Fencing::Storage);
        assert_eq!(database.promote(1, 2, later(1)), 0);
        assert_eq!((database.copies[0].applied, database.copies[0].state), (0, ReplicaState::Diverged));
    }

    #[test]
    fn an_old_authority_that_nobody_told_writes_on_unless_something_fences_it() {
        for (fencing, state) in [(Fencing::None, ReplicaState::Writable), (LEASE, ReplicaState::Writable)] {
            let mut database = written(fencing);
            database.promote(1, 2, later(1));
            assert_eq!(database.copies[0].state, state, "{fencing:?}");
        }
    }

    #[test]
    fn copies_that_are_reached_learn_of_a_newer_epoch_and_the_others_do_not() {
        let (mut told, mut apart) = (written(Fencing::None), written(Fencing::None));
        told.raise(2, |_| true);
        apart.raise(2, |_| false);
        assert!(!told.may_write(0, later(5)) && apart.may_write(0, later(5)));
    }

    #[test]
    fn a_lease_lasts_from_its_last_renewal_and_no_epoch_is_in_force_before_it_ends() {
        let mut database = written(LEASE);
        assert_eq!(database.lease_renewable(0, false, later(65_000)), Some(later(90_000)), "renewed at 60 s");
        assert!(database.may_write(0, later(89_999)) && !database.may_write(0, later(90_000)));
        database.raise(2, |_| false);
        assert_eq!(database.in_force_from(later(70_000)), later(90_000));
        assert_eq!(database.in_force_from(later(95_000)), later(95_000));
    }

    #[test]
    fn an_epoch_belongs_to_who_claims_it_first() {
        let mut database = written(Fencing::Storage);
        assert_eq!((database.claim(2, 7), database.claim(2, 8), database.claim(3, 8)), (7, 7, 8));
    }

    #[test]
    fn only_a_copy_without_writes_of_its_own_may_be_promoted() {
        let mut database = written(Fencing::Storage);
        for (state, may) in [
            (ReplicaState::Following, true),
            (ReplicaState::Restored, true),
            (ReplicaState::Diverged, false),
            (ReplicaState::Rebuilding, false),
            (ReplicaState::Writable, false),
            (ReplicaState::Lost, false),
        ] {
            database.copies[1].state = state;
            assert_eq!(database.is_promotable(1), may, "{state:?}");
        }
    }

    /// The record before the cut was sent to both replicas and has reached one of them.
    #[test]
    fn a_copy_that_follows_is_still_sent_all_of_the_common_history() {
        let mut plan = database(Commit::Asynchronous).plan.clone();
        let mut late = plan.replicas[0].clone();
        (late.region, late.feed.delay) = (crate::units::RegionId(2), Span::from_secs(3));
        plan.replicas.push(late);
        let mut database = Watched::new(&plan);
        for number in 1..=2 {
            database.append(0, &job(number, number as u32), later(0), true, later(0));
        }
        database.advance(later(300));
        assert_eq!(database.promote(1, 2, later(300)), 2);
        let record = database.record(later(9_000), &[]);
        let followers: Vec<_> = record.copies.iter().filter(|copy| copy.role == CopyRole::Follower).collect();
        assert_eq!(followers.len(), 2);
        assert!(followers.iter().all(|copy| (copy.rows, copy.digest) == (2, record.copies[1].digest)));
    }

    #[test]
    fn a_keyed_write_that_is_repeated_takes_effect_once_and_waits_like_the_first() {
        let mut database = database(Commit::Synchronous);
        let first = database.append(0, &job(1, 0), later(0), true, later(0));
        database.in_doubt(1, Some(first.position), later(0));
        database.copies[1].connect(false, later(1));
        let again = database.append(0, &job(1, 0), later(0), false, later(50));
        assert_eq!(again.position, first.position);
        assert_eq!(again.acknowledged, Instant::MAX, "no replica has it");
    }
}

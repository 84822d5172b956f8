//! Whether writes wait for replicas, and for which: synchronous commit that proceeds without them, and goes back to waiting.
//!
//! Does not know places or time-outs of callers. Invariants: nothing but [`Database::degraded`] shows that a commit
//! which should wait does not: clients are answered as before. Whoever leads, a commit waits for as many copies as the
//! plan says.

use super::copy::{Replica, ReplicaState};
use super::{Commit, Database, OperationKind};
use crate::model::plan::AckCount;
use crate::record::Position;
use crate::units::{Instant, Span};

impl Database {
    /// Whether writes should wait for a replica, and do not at present.
    pub fn degraded(&self) -> bool {
        self.plan.commit == Commit::Synchronous && !self.copies[self.authority].synchronous
    }

    /// Whether there are enough replicas that writes could wait for.
    pub fn may_be_synchronous(&self) -> bool {
        let answers = |copy: &&Replica| match self.plan.degrade_after {
            None => copy.is_connected(),
            Some(patience) => copy.answers_within(patience),
        };
        self.plan.commit == Commit::Synchronous
            && self.counted_followers().filter(answers).count() >= self.acks_needed()
    }

    /// Whether writes wait for replicas of which too few answer.
    pub fn is_blocked(&self) -> bool {
        self.copies[self.authority].synchronous
            && self
                .counted_followers()
                .filter(|copy| mutant!("nobody_is_blocked_by_who_is_cut_off": copy.is_connected() => true))
                .count()
                < self.acks_needed()
    }

    /// Whether a commit waits for the copy, while it follows.
    pub fn counts(&self, index: usize) -> bool {
        let of = &self.plan.acks.of;
        let named = |index: usize| of.contains(&self.copies[index].region);
        // Once a copy that counts leads, the first primary counts in its place.
        index != self.authority
            && (of.is_empty()
                || named(index)
                || (index == 0 && mutant!("the_first_primary_never_counts": named(self.authority) => false)))
    }

    /// How many copies a commit waits for.
    pub fn acks_needed(&self) -> usize {
        match self.plan.acks.count {
            AckCount::Any(count) | AckCount::First(count) => count as usize,
            AckCount::All => mutant!("all_means_one": self.counted().count() => 1),
        }
    }

    /// The copies that count, in the order in which they are listed.
    fn counted(&self) -> impl Iterator<Item = &Replica> {
        (0..self.copies.len()).filter(|index| self.counts(*index)).map(|index| &self.copies[index])
    }

    fn counted_followers(&self) -> impl Iterator<Item = &Replica> {
        self.counted()
            .filter(|copy| mutant!("who_does_not_follow_counts": copy.state == ReplicaState::Following => true))
    }

    /// When as many replicas as a commit waits for have, or will have, the record at `position`; [`Instant::MAX`]: not
    /// while things stay as they are.
    pub fn replicated_at(&self, position: Position) -> Instant {
        let needed = self.acks_needed();
        if let AckCount::First(_) = self.plan.acks.count {
            let chosen = self.in_order_of_preference().filter(|copy| copy.is_connected()).take(needed);
            let (count, last) = chosen
                .fold((0, Instant::ZERO), |(count, last), copy| (count + 1, copy.arrival(position.lsn).max(last)));
            return if mutant!("too_few_are_enough": count < needed => false) { Instant::MAX } else { last };
        }
        if needed == 1 {
            return self.counted_followers().map(|copy| copy.arrival(position.lsn)).min().unwrap_or(Instant::MAX);
        }
        let mut arrivals: Vec<Instant> = self.counted_followers().map(|copy| copy.arrival(position.lsn)).collect();
        arrivals.sort_unstable();
        needed
            .checked_sub(1)
            .and_then(|last| arrivals.get(mutant!("the_first_of_many_answers": last => 0)).copied())
            .unwrap_or(Instant::MAX)
    }

    /// The followers that count, as `acks` lists them; those it does not list come last.
    fn in_order_of_preference(&self) -> impl Iterator<Item = &Replica> {
        let of = &self.plan.acks.of;
        let mut followers: Vec<&Replica> = self.counted_followers().collect();
        followers.sort_by_key(|copy| of.iter().position(|region| *region == copy.region).unwrap_or(of.len()));
        followers.into_iter()
    }

    /// How long a record that is durable at `copy` takes until it is acknowledged, as far as replicas go; `None`: as long
    /// as things stay as they are it is not.
    pub fn acks_take(&self, copy: usize) -> Option<Span> {
        if !self.copies[copy].synchronous {
            return Some(Span::ZERO);
        }
        if copy != self.authority {
            return None;
        }
        let needed = self.acks_needed();
        let mut travels: Vec<Span> =
            self.in_order_of_preference().filter(|copy| copy.is_connected()).map(Replica::travels).collect();
        if let AckCount::First(_) = self.plan.acks.count {
            travels.truncate(needed);
        }
        travels.sort_unstable();
        travels.get(needed.checked_sub(1)?).copied()
    }

    /// How long a write at `copy` that is acknowledged at `acknowledged` may wait, if that is longer than anybody waits and
    /// nobody watches yet.
    pub fn patience(&mut self, copy: usize, now: Instant, acknowledged: Instant) -> Option<Span> {
        let planned = self.plan.degrade_after?;
        let patience = mutant!("a_lonely_commit_waits_twice_as_long": planned => planned.saturating_add(planned));
        let lead = &mut self.copies[copy];
        let waits = lead.synchronous && acknowledged > now.saturating_add(patience) && !lead.patience_watched;
        lead.patience_watched |= waits;
        waits.then_some(patience)
    }

    /// Since when the longest wait at `copy` for a replica lasts that has not ended by `now`, if one does.
    pub fn waiting_since(&self, copy: usize, now: Instant) -> Option<Instant> {
        let operations = (0..self.operations.slots()).map(|slot| self.operations[slot]);
        let waits = operations.filter(|o| o.open && matches!(o.kind, OperationKind::Write(_)) && o.ready > now);
        let clients = waits.filter(|o| usize::from(o.copy) == copy).map(|o| o.begun);
        clients.chain(self.copies[copy].heartbeat).min()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Watched, database, job, later};
    use super::*;
    use crate::model::plan::{AckRule, Feed, ReplicaPlan};
    use crate::units::RegionId;

    #[test]
    fn a_commit_that_may_go_on_alone_waits_only_for_replicas_that_answer_in_time() {
        let mut database = database(Commit::Synchronous);
        assert!(database.may_be_synchronous() && !database.degraded());
        database.plan.degrade_after = Some(Span::from_millis(199));
        assert!(!database.may_be_synchronous(), "the replica takes 200 ms");
        database.plan.degrade_after = Some(Span::from_millis(200));
        assert!(database.may_be_synchronous());
        database.copies[1].connect(false, later(5));
        assert!(!database.may_be_synchronous());
    }

    #[test]
    fn the_first_primary_counts_only_in_the_place_of_a_copy_that_counted() {
        let counted = |lead: usize| {
            let mut database = three(AckCount::All, &[2]);
            database.promote(lead, 2, later(0));
            (0..4).map(|copy| database.counts(copy)).collect::<Vec<_>>()
        };
        assert_eq!(counted(1), [false, false, true, false], "the one that counts is there");
        assert_eq!(counted(2), [true, false, false, false]);
    }

    /// Three replicas that take 100, 200 and 300 ms.
    fn three(count: AckCount, of: &[u16]) -> Watched {
        let mut plan = database(Commit::Synchronous).plan.clone();
        let replica = |region: u16, ms: u64| ReplicaPlan {
            region: RegionId(region),
            feed: Feed { delay: Span::from_millis(ms), apply_rate: None },
        };
        plan.replicas = vec![replica(1, 100), replica(2, 200), replica(3, 300)];
        plan.acks = AckRule { of: of.iter().map(|region| RegionId(*region)).collect(), count };
        Watched::new(&plan)
    }

    fn acknowledged(database: &mut Database) -> Option<u64> {
        let logged = database.append(0, &job(1, 0), later(0), true, later(0));
        (logged.acknowledged != Instant::MAX).then(|| logged.acknowledged.since(later(0)).as_nanos() / 1_000_000)
    }

    #[test]
    fn a_commit_waits_for_as_many_of_those_that_count_as_the_rule_says() {
        for (count, of, ms) in [
            (AckCount::Any(1), &[][..], 102),
            (AckCount::Any(2), &[], 202),
            (AckCount::All, &[], 302),
            (AckCount::Any(1), &[3], 302),
            (AckCount::Any(2), &[2, 3], 302),
            (AckCount::First(1), &[3, 1], 302),
            (AckCount::First(2), &[2, 1, 3], 202),
        ] {
            let mut database = three(count, of);
            assert_eq!(acknowledged(&mut database), Some(ms), "{count:?} of {of:?}");
            assert_eq!(
                database.acks_take(0).map(|span| span.as_nanos() / 1_000_000 + 2),
                Some(ms),
                "{count:?} of {of:?}"
            );
        }
    }

    #[test]
    fn with_one_away_the_next_in_line_counts_for_first_alone() {
        for (count, of, ms) in [
            (AckCount::First(1), &[3, 1][..], Some(102)),
            (AckCount::Any(1), &[3], None),
            (AckCount::All, &[], None),
            (AckCount::Any(2), &[], Some(202)),
        ] {
            let mut database = three(count, of);
            database.copies[3].connect(false, later(0));
            assert_eq!(acknowledged(&mut database), ms, "{count:?} of {of:?}");
            assert_eq!(database.is_blocked(), ms.is_none(), "{count:?} of {of:?}");
        }
    }

    #[test]
    fn a_promoted_copy_waits_as_the_plan_says_and_the_first_primary_counts_once_it_follows() {
        let mut database = three(AckCount::Any(1), &[1]);
        database.promote(1, 2, later(0));
        assert!(database.copies[1].synchronous, "whatever was connected at that instant");
        let counted: Vec<bool> = (0..4).map(|copy| database.counts(copy)).collect();
        assert_eq!(counted, [true, false, false, false]);
    }

    #[test]
    fn a_copy_that_is_away_or_has_another_history_acknowledges_nothing() {
        let mut database = three(AckCount::First(2), &[1, 2]);
        (1..=3).for_each(|copy| database.copies[copy].connect(copy == 1, later(0)));
        assert_eq!(acknowledged(&mut database), None, "one of two is there");
        let mut database = three(AckCount::Any(1), &[1]);
        database.copies[1].state = ReplicaState::Diverged;
        assert!(acknowledged(&mut database).is_none() && database.is_blocked());
    }

    #[test]
    fn patience_is_watched_once_and_only_for_writes_that_exceed_it() {
        let mut database = database(Commit::Synchronous);
        database.plan.degrade_after = Some(Span::from_millis(300));
        let appended = database.append(0, &job(1, 0), later(0), true, later(0));
        assert_eq!(database.patience(0, later(0), appended.acknowledged), None, "202 ms");
        database.copies[1].connect(false, later(5));
        let appended = database.append(0, &job(2, 0), later(6), true, later(6));
        assert_eq!(database.patience(0, later(6), appended.acknowledged), Some(Span::from_millis(300)));
        assert_eq!(database.patience(0, later(7), Instant::MAX), None, "somebody looks already");
    }
}

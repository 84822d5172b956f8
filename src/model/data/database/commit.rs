//! Whether writes wait for a replica: synchronous commit that proceeds without one, and goes back to waiting.
//!
//! Does not know places or time-outs of callers. Invariant: nothing but [`Database::degraded`] shows that a commit
//! which should wait does not: clients are answered as before.

use super::copy::Replica;
use super::{Commit, Database, OperationKind};
use crate::units::{Instant, Span};

impl Database {
    /// Whether writes should wait for a replica, and do not at present.
    pub fn degraded(&self) -> bool {
        self.plan.commit == Commit::Synchronous && !self.synchronous
    }

    /// Whether there is a replica that writes could wait for.
    pub fn may_be_synchronous(&self) -> bool {
        let answers = |copy: &Replica| match self.plan.degrade_after {
            None => copy.is_connected(),
            Some(patience) => copy.answers_within(patience),
        };
        self.plan.commit == Commit::Synchronous && self.followers().any(answers)
    }

    /// How long a write that is acknowledged at `acknowledged` may wait, if that is longer than anybody waits and nobody
    /// watches yet.
    pub fn patience(&mut self, now: Instant, acknowledged: Instant) -> Option<Span> {
        let planned = self.plan.degrade_after?;
        let patience = mutant!("a_lonely_commit_waits_twice_as_long": planned => planned.saturating_add(planned));
        let waits = self.synchronous && acknowledged > now.saturating_add(patience) && !self.patience_watched;
        self.patience_watched |= waits;
        waits.then_some(patience)
    }

    /// Since when the longest wait for a replica lasts that has not ended by `now`, if one does.
    pub fn waiting_since(&self, now: Instant) -> Option<Instant> {
        let operations = (0..self.operations.slots()).map(|slot| self.operations[slot]);
        let waits = operations.filter(|o| o.open && matches!(o.kind, OperationKind::Write(_)) && o.ready > now);
        waits.filter(|o| usize::from(o.copy) == self.authority).map(|o| o.begun).min()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{database, job, later};
    use super::*;

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
    fn patience_is_watched_once_and_only_for_writes_that_exceed_it() {
        let mut database = database(Commit::Synchronous);
        database.plan.degrade_after = Some(Span::from_millis(300));
        let appended = database.append(0, &job(1, 0), later(0), true, later(0));
        assert_eq!(database.patience(later(0), appended.acknowledged), None, "202 ms");
        database.copies[1].connect(false, later(5));
        let appended = database.append(0, &job(2, 0), later(6), true, later(6));
        assert_eq!(database.patience(later(6), appended.acknowledged), Some(Span::from_millis(300)));
        assert_eq!(database.patience(later(7), Instant::MAX), None, "somebody looks already");
    }
}

//! What the authority's machine has left for its replicas: apply speed under load, and room for the log.
//!
//! Does not know services or faults. Invariant: replicas never stall because of load alone, and never apply faster than
//! they can by themselves.

use super::{Database, ReplicaState};
use crate::units::{Instant, Rate, Span};

/// The part of its capacity that an overloaded authority still has for its replicas. The figure is ours: logs are sent by
/// processes of their own, which are slowed but not stopped.
const LEAST_PART: u64 = 100;

impl Database {
    /// A second is over: what the authority was asked for in it decides how fast replicas are fed in the next.
    pub fn share_capacity(&mut self, now: Instant) {
        let taken_on = std::mem::take(&mut self.taken_on);
        let Some(capacity) = self.plan.capacity else { return };
        self.advance(now);
        let left = interval_left(capacity, taken_on);
        for (index, copy) in self.copies.iter_mut().enumerate() {
            copy.feed_every(if index == self.authority { Span::ZERO } else { left });
        }
    }

    /// Whether the log that replicas have not received, at `now`, leaves no room for one more record.
    pub fn log_fills_disk(&self, now: Instant) -> bool {
        let Some(space) = self.plan.log_space else { return false };
        let head = self.copies[self.authority].last();
        let kept_for = |state| matches!(state, ReplicaState::Following | ReplicaState::Rebuilding);
        let slowest = self.copies.iter().filter(|c| kept_for(c.state)).map(|c| c.received(now)).min();
        let lacking = slowest.map_or(0, |received| head.saturating_sub(received));
        let kept = mutant!("half_of_the_log_is_kept": lacking => lacking / 2);
        u128::from(kept + 1) * u128::from(space.record.get()) > u128::from(space.size.get())
    }
}

/// Between two records, if `taken_on` operations a second leave what they leave of `capacity`.
fn interval_left(capacity: Rate, taken_on: u64) -> Span {
    let least = capacity.interval_nanos().unwrap_or(1).max(1);
    let all = 1_000_000_000 / least;
    match all.saturating_sub(taken_on) {
        left if left > all / LEAST_PART => Span::from_nanos(1_000_000_000 / left),
        _ => Span::from_nanos(least.saturating_mul(LEAST_PART)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Commit;
    use super::super::tests::{Watched, database, job, later};
    use super::*;
    use crate::model::plan::LogSpace;
    use crate::units::Bytes;

    #[test]
    fn what_clients_take_of_the_capacity_replicas_do_not_get() {
        let capacity = Rate::per_second(1_000);
        for (taken_on, micros) in [(0, 1_000), (500, 2_000), (900, 10_000), (995, 100_000), (5_000, 100_000)] {
            assert_eq!(interval_left(capacity, taken_on), Span::from_nanos(micros * 1_000), "{taken_on}");
        }
    }

    fn busy(taken_on: u64) -> Watched {
        let mut database = database(Commit::Asynchronous);
        database.plan.capacity = Some(Rate::per_second(1_000));
        for n in 0..100 {
            database.append(0, &job(n, 0), later(0), true, later(0));
        }
        database.taken_on = taken_on;
        database.share_capacity(later(1));
        database
    }

    #[test]
    fn a_replica_of_a_busy_authority_catches_up_more_slowly() {
        for (taken_on, applied) in [(0, 98), (500, 49), (900, 9)] {
            let mut database = busy(taken_on);
            database.advance(later(300));
            assert_eq!(database.copies[1].applied, applied, "{taken_on} operations a second");
        }
    }

    #[test]
    fn the_log_kept_for_a_replica_that_is_cut_off_fills_the_disk() {
        let mut database = database(Commit::Asynchronous);
        database.plan.log_space = Some(LogSpace { size: Bytes::new(300), record: Bytes::new(100) });
        database.copies[1].connect(false, later(0));
        for n in 0..3 {
            assert!(!database.log_fills_disk(later(1)), "{n} records are kept");
            database.append(0, &job(n, 0), later(1), true, later(1));
        }
        assert!(database.log_fills_disk(later(2)));
        database.copies[1].connect(true, later(10));
        assert!(!database.log_fills_disk(later(300)), "what the replica has received need not be kept");
    }
}

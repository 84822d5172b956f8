//! Which acknowledged writes something could have taken away: those without which a claim of no loss proves nothing.
//!
//! Does not know what touches a copy: it is notified when something does, and when the history was fenced or cut.
//! Invariant: an acknowledged write is counted at most once, and only if it was acknowledged while a copy was touched,
//! or within the reach of that or of a change of authority.

use super::Database;
use crate::units::{Instant, Span};
use std::collections::VecDeque;

/// What counts as shortly before and after, beside the time replication takes. Product default: requests under way at
/// that instant are answered within it.
const SHORTLY: Span = Span::from_secs(1);

/// The writes at stake so far.
#[derive(Debug, Default)]
pub struct Stake {
    touched: bool,
    writes: u64,
    /// Acknowledgements within reach, of writes that were not at stake when they were given.
    recent: VecDeque<Instant>,
    /// Until when a change of authority is still within reach.
    open_until: Instant,
}

impl Stake {
    /// Writes at stake so far.
    pub const fn writes(&self) -> u64 {
        self.writes
    }

    fn acknowledged(&mut self, at: Instant, reach: Span) {
        if self.touched || mutant!("a_change_is_over_at_once": at < self.open_until => false) {
            self.writes += 1;
            return;
        }
        self.forget(at, reach);
        self.recent.push_back(at);
    }

    fn forget(&mut self, now: Instant, reach: Span) {
        while self.recent.front().is_some_and(|at| now.since(*at) > reach) {
            self.recent.pop_front();
        }
    }

    /// Something happens at `now` that reaches back so far.
    fn strikes(&mut self, now: Instant, reach: Span) {
        self.forget(now, reach);
        self.writes += mutant!("what_was_just_acknowledged_is_safe": self.recent.len() as u64 => 0);
        self.recent.clear();
    }
}

impl Database {
    /// A client saw the acknowledgement of a write at `at`.
    pub fn note_acknowledged(&mut self, at: Instant) {
        let reach = self.reach_back(at);
        self.stake.acknowledged(at, reach);
    }

    /// Whether anything touches a copy from `now` on.
    pub fn note_touched(&mut self, touched: bool, now: Instant) {
        if touched != self.stake.touched {
            let reach = self.reach_back(now);
            self.stake.strikes(now, reach);
            self.stake.touched = touched;
        }
    }

    /// The authority is fenced off or changes at `now`, or control writes rows.
    pub fn note_change(&mut self, now: Instant) {
        let reach = self.reach_back(now);
        self.stake.strikes(now, reach);
        self.stake.open_until = now.saturating_add(reach);
    }

    /// How long an acknowledged write may take to be everywhere at present, or has taken already.
    fn reach_back(&self, now: Instant) -> Span {
        let travels = self.followers().map(super::Replica::travels).max().unwrap_or(Span::ZERO);
        let late = self.lag(now).unwrap_or(Span::ZERO);
        travels.max(late).saturating_add(self.plan.commit_time).saturating_add(SHORTLY)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{database, job, later};
    use super::super::{Commit, Database};

    fn acknowledged(database: &mut Database, milliseconds: &[u64]) {
        for ms in milliseconds {
            database.note_acknowledged(later(*ms));
        }
    }

    #[test]
    fn what_was_acknowledged_within_reach_of_a_touch_or_during_it_is_at_stake() {
        let mut database = database(Commit::Asynchronous);
        acknowledged(&mut database, &[1_000, 7_000]);
        database.note_touched(true, later(10_000));
        assert_eq!(database.stake.writes(), 0, "the replica is 200 ms behind, and that was 3 s ago");
        acknowledged(&mut database, &[10_500, 20_000]);
        database.note_touched(false, later(30_000));
        acknowledged(&mut database, &[31_000, 39_000]);
        assert_eq!(database.stake.writes(), 2);
        database.note_touched(true, later(39_900));
        assert_eq!(database.stake.writes(), 3, "one came within a second before");
    }

    #[test]
    fn a_change_of_authority_reaches_back_as_far_as_replicas_lag_and_shortly_on() {
        let mut database = database(Commit::Asynchronous);
        database.copies[1].connect(false, later(0));
        database.append(0, &job(1, 0), later(0), true, later(0));
        acknowledged(&mut database, &[2, 5_000]);
        database.note_change(later(9_000));
        assert_eq!(database.stake.writes(), 2, "the replica has received nothing for 9 s");
        acknowledged(&mut database, &[9_500, 60_000]);
        assert_eq!(database.stake.writes(), 3);
    }
}

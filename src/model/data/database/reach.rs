//! When something last took the copy that leads away from clients or control: what losses are measured from.
//!
//! Does not know faults or places: it is given what reaches the copy at present. Invariant: an outage begins when the
//! copy is newly out of somebody's reach, unless it was dark, dead or without data already: what happens to a copy that
//! nobody can use any more begins nothing.

use crate::units::Instant;

/// Who reaches the copy that leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReachTracker {
    /// It runs, in a region that is not dark, and has data.
    pub alive: bool,
    /// Clients outside its region do.
    pub clients: bool,
    /// Control does.
    pub control: bool,
}

/// The outages of the copy that leads.
#[derive(Debug, Clone, Copy)]
pub struct LeadOutages {
    reach: ReachTracker,
    last: Option<Instant>,
}

impl LeadOutages {
    /// A copy that everybody reaches begins to lead.
    pub const fn new() -> Self {
        Self { reach: ReachTracker { alive: true, clients: true, control: true }, last: None }
    }

    /// From `now` on that is who reaches it.
    pub fn note(&mut self, reach: ReachTracker, now: Instant) {
        let before = std::mem::replace(&mut self.reach, reach);
        let lost =
            (before.alive && !reach.alive) || (before.clients && !reach.clients) || (before.control && !reach.control);
        if before.alive && lost {
            self.last = Some(now);
        }
    }

    /// When the last outage began, if there was one.
    pub const fn last(&self) -> Option<Instant> {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: ReachTracker = ReachTracker { alive: true, clients: true, control: true };
    const T: fn(u64) -> Instant = Instant::from_secs;

    #[test]
    fn the_last_outage_is_the_last_time_it_was_taken_away_while_it_lived() {
        let mut outages = LeadOutages::new();
        assert_eq!(outages.last(), None);
        outages.note(ReachTracker { control: false, ..ALL }, T(10));
        assert_eq!(outages.last(), Some(T(10)));
        outages.note(ReachTracker { control: false, clients: false, ..ALL }, T(20));
        outages.note(ReachTracker { control: false, alive: false, ..ALL }, T(30));
        assert_eq!(outages.last(), Some(T(30)), "each takes more of it away");
        outages.note(ReachTracker { control: false, clients: false, alive: false }, T(40));
        assert_eq!(outages.last(), Some(T(30)), "it was dead already");
        outages.note(ALL, T(50));
        assert_eq!(outages.last(), Some(T(30)), "its return is no outage");
        outages.note(ReachTracker { alive: false, ..ALL }, T(60));
        assert_eq!(outages.last(), Some(T(60)), "flapping: the last one counts");
    }
}

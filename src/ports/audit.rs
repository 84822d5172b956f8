//! Writing down what control does, for people to read.
//!
//! Invariant: nothing of it fails or waits, so that no step goes another way for having been told.

use crate::record::event::Event;
use crate::record::{Lap, LossBound, Reconciliation};

/// Where control writes down what it does for people to read. Never fails and never waits.
pub trait Audit {
    /// A step ended.
    fn lap(&self, lap: Lap);
    /// Something was noticed, decided or begun. What no declaration describes is [told by name](Event::told).
    fn event(&self, event: impl Into<Event>);
    /// What comparing two databases has come to. Where nobody keeps it, the events say how many rows there were of each kind.
    fn reconciled(&self, _: Reconciliation) {}
    /// The largest loss that the action about to be taken may cost in `database`.
    fn announce_loss_bound(&self, database: &str, bound: LossBound);
}

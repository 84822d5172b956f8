//! What of an event enters the digest: the key of its kind and its fields, and never its words.
//!
//! Invariant: rewording an event, or what somebody else says in it, changes no digest; changing its facts does.

use super::{Prose, RecordTarget, Shares};
use crate::record::LossBound;
use crate::units::{Instant, Ratio, Span};

/// The hash of an event under way: FNV-1a, 64 bit (Fowler, Noll, Vo), which the digest mixes with the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imprint(u64);

impl Default for Imprint {
    /// Of nothing yet.
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Imprint {
    /// The hash.
    pub const fn hash(self) -> u64 {
        self.0
    }

    /// Adds a text with its end, so that two fields never run into each other.
    pub fn text(&mut self, text: &str) {
        text.bytes().chain([0xff]).for_each(|byte| self.byte(byte));
    }

    /// Adds a number.
    pub fn number(&mut self, number: u64) {
        number.to_le_bytes().into_iter().for_each(|byte| self.byte(byte));
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
}

/// A field of an event.
pub trait Fact {
    /// Adds it to what enters the digest.
    fn imprint(&self, into: &mut Imprint);
}

impl Fact for String {
    fn imprint(&self, into: &mut Imprint) {
        into.text(self);
    }
}

impl Fact for Prose {
    /// Words are for people.
    fn imprint(&self, _: &mut Imprint) {}
}

impl Fact for u64 {
    fn imprint(&self, into: &mut Imprint) {
        into.number(*self);
    }
}

impl Fact for u32 {
    fn imprint(&self, into: &mut Imprint) {
        into.number(u64::from(*self));
    }
}

impl Fact for bool {
    fn imprint(&self, into: &mut Imprint) {
        into.number(u64::from(*self));
    }
}

impl Fact for Span {
    fn imprint(&self, into: &mut Imprint) {
        into.number(self.as_nanos());
    }
}

impl Fact for Instant {
    fn imprint(&self, into: &mut Imprint) {
        into.number(self.as_nanos());
    }
}

impl Fact for Ratio {
    fn imprint(&self, into: &mut Imprint) {
        into.number(self.as_ppb());
    }
}

impl<T: Fact> Fact for Option<T> {
    fn imprint(&self, into: &mut Imprint) {
        into.number(u64::from(self.is_some()));
        if let Some(fact) = self {
            fact.imprint(into);
        }
    }
}

impl<T: Fact> Fact for Vec<T> {
    fn imprint(&self, into: &mut Imprint) {
        into.number(self.len() as u64);
        self.iter().for_each(|fact| fact.imprint(into));
    }
}

impl<A: Fact, B: Fact> Fact for (A, B) {
    fn imprint(&self, into: &mut Imprint) {
        self.0.imprint(into);
        self.1.imprint(into);
    }
}

impl Fact for Shares {
    fn imprint(&self, into: &mut Imprint) {
        self.0.imprint(into);
    }
}

impl Fact for RecordTarget {
    fn imprint(&self, into: &mut Imprint) {
        let region = match self {
            Self::Region(name) => Some(name.clone()),
            Self::Balancer | Self::Nothing => None,
        };
        into.number(u64::from(*self == Self::Nothing));
        region.imprint(into);
    }
}

impl Fact for LossBound {
    fn imprint(&self, into: &mut Imprint) {
        into.number(self.if_dead);
        into.number(self.if_alive);
    }
}

#[cfg(test)]
mod tests {
    use crate::record::event::{DataEvent, Event, Prose, WatchEvent};
    use crate::units::Instant;

    /// The same events as in use, in other words.
    #[expect(dead_code, reason = "only its imprint is asked for")]
    mod reworded {
        events! {
            /// What the database said, told otherwise.
            DataEvent, DataKind;

            /// Old writers are out.
            Fenced by World "db.{database}.fenced" { database: String, epoch: u32 }
                => "writes to {database} need epoch {epoch} or newer"
        }
    }

    fn hash(event: impl Into<Event>) -> u64 {
        event.into().imprint().hash()
    }

    #[test]
    fn rewording_an_event_leaves_the_digest_alone() {
        let (ours, theirs) = (
            DataEvent::Fenced { database: "orders".into(), epoch: 2 },
            reworded::DataEvent::Fenced { database: "orders".into(), epoch: 2 },
        );
        assert_ne!(ours.words(), theirs.words());
        let mut imprint = super::Imprint::default();
        theirs.imprint(&mut imprint);
        assert_eq!(imprint.hash(), hash(ours));
        let seen = |evidence: &str| WatchEvent::Fit { region: "west".into(), evidence: Prose::from(evidence) };
        assert_eq!(hash(seen("all is well")), hash(seen("nothing is wrong")));
    }

    #[test]
    fn what_is_so_otherwise_moves_it() {
        let fenced = |database: &str, epoch| hash(DataEvent::Fenced { database: database.into(), epoch });
        assert_ne!(fenced("orders", 2), fenced("orders", 3));
        assert_ne!(fenced("orders", 2), fenced("users", 2));
        let held =
            |region: &str, second| WatchEvent::HeldBack { region: region.into(), until: Instant::from_secs(second) };
        assert_ne!(hash(held("west", 1)), hash(held("west", 2)));
        assert_ne!(hash(WatchEvent::NoLongerNeeded { region: "west".into() }), hash(held("west", 1)));
    }
}

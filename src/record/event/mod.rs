//! What can happen in a run, as typed values: each kind of event is declared once, in the file of its family.
//!
//! Owns the name of every event, its words, its actor and its place in the reference. Does not know who brings an event
//! about, nor what follows from it. A declaration reads
//!
//! ```text
//! /// A copy of the database became the authority.
//! Promoted by World "db.{database}.promoted" { database: String, region: String, from: u64, epoch: u32 }
//!     => "{region} leads {database} from position {from}, epoch {epoch}"
//! ```
//!
//! and is all there is to a new event: the emitter builds the value, a reader matches on it or on its [`EventKind`].
//!
//! Invariant: nothing outside this folder puts the name of an event together or takes one apart. What others report by
//! name, such as a user's own controller or a file of results, is [`CustomEvent`], and has the kind whose declaration it fits.

#[macro_use]
mod declare;

mod balancer;
mod capacity;
mod clients;
mod consent;
mod controller;
mod custom;
mod data;
mod fault;
mod imprint;
mod monitoring;
mod names;
mod pattern;
mod people;
mod platform;
mod procedure;
mod reconcile;
mod run;
mod scrub;
mod shares;

pub use balancer::{BalancerEvent, BalancerKind};
pub use capacity::{CapacityEvent, CapacityKind};
pub use clients::{ClientEvent, ClientKind};
pub use consent::{ConsentEvent, ConsentKind, OnCallEvent, OnCallKind};
pub use controller::{ControllerEvent, ControllerKind, DrillEvent, DrillKind, ShiftEvent, ShiftKind};
pub use custom::{CustomEvent, Prose};
pub use data::{DataEvent, DataKind};
pub use fault::{FaultEvent, FaultKind};
pub use imprint::{Fact, Imprint};
pub use monitoring::{WatchEvent, WatchKind};
pub use names::{NameEvent, NameKind, RecordTarget};
pub use pattern::EventPattern;
pub use people::{MESSAGE, PeopleEvent, PeopleKind};
pub use platform::{PlatformEvent, PlatformKind};
pub use procedure::{ProcedureEvent, ProcedureKind};
pub use reconcile::{ReconcileEvent, ReconcileKind};
pub use run::{Change, RunPhase};
pub use scrub::{ScrubEvent, ScrubKind};
pub use shares::Shares;

use super::Actor;
use std::cmp::Reverse;

/// What a kind of event is called, who brings it about, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declaration {
    /// Its name, with `{fault}` and the like for what the scenario declares.
    pub pattern: &'static str,
    /// Who brings it about: the lane of the timeline it belongs to.
    pub actor: Actor,
    /// When it happens, in a sentence.
    pub doc: &'static str,
}

families! {
    /// What the fault schedule did.
    Fault(FaultEvent, FaultKind),
    /// How a run of a procedure goes.
    Procedure(ProcedureEvent, ProcedureKind),
    /// What the watch of a region saw and decided.
    Watch(WatchEvent, WatchKind),
    /// How a drill went.
    Drill(DrillEvent, DrillKind),
    /// Who acts, and on which journal.
    Controller(ControllerEvent, ControllerKind),
    /// How a shift of the balancer's weights goes.
    Shift(ShiftEvent, ShiftKind),
    /// How copies of buckets are verified and repaired.
    Scrub(ScrubEvent, ScrubKind),
    /// How control compares databases that should be the same.
    Reconcile(ReconcileEvent, ReconcileKind),
    /// How control asks people for approval.
    Consent(ConsentEvent, ConsentKind),
    /// How control pages those on call.
    OnCall(OnCallEvent, OnCallKind),
    /// What names resolve to.
    Name(NameEvent, NameKind),
    /// What happens to databases and their copies.
    Data(DataEvent, DataKind),
    /// Where the balancer routes traffic.
    Balancer(BalancerEvent, BalancerKind),
    /// What clients do on their own.
    Client(ClientEvent, ClientKind),
    /// The capacity of services.
    Capacity(CapacityEvent, CapacityKind),
    /// What happens to regions, and to the run as a whole.
    Platform(PlatformEvent, PlatformKind),
    /// What reaches people, and what they do.
    People(PeopleEvent, PeopleKind),
}

impl Event {
    /// An event that is known by name alone.
    pub fn custom(actor: Actor, name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Custom(CustomEvent { actor, name: name.into(), text: text.into() })
    }

    /// The same event, as a controller reports it: what belongs to others is theirs to bring about, and only quoted
    /// here.
    #[must_use]
    pub fn from_control(self) -> Self {
        if self.actor() == Actor::Control { self } else { Self::custom(Actor::Control, self.name(), self.text()) }
    }
}

impl EventKind {
    /// The kind of an event of `actor` called `name`; `None`: no declaration describes it. Of several that do it is the one
    /// that leaves least open: `shift.done` is no end of a procedure called `shift`.
    pub fn of(actor: Actor, name: &str) -> Option<Self> {
        let count = |kind: &Self, what: char| kind.declaration().pattern.matches(what).count();
        let is_of = |kind: &Self| kind.declaration().actor == actor && kind.fits(name);
        // A dot belongs to the declaration rather than to what is declared in a scenario.
        Self::all().filter(is_of).min_by_key(|kind| (Reverse(count(kind, '.')), count(kind, '{')))
    }

    /// The name of such an event of things called so, in the order in which they stand in it; `*` for what is not given.
    pub fn called(self, things: &[&str]) -> String {
        let mut things = things.iter().copied();
        let part = |part: &'static str| if part.starts_with('{') { things.next().unwrap_or("*") } else { part };
        self.declaration().pattern.split('.').map(part).collect::<Vec<_>>().join(".")
    }

    /// The first part of the name of such an event, or its `{parameter}`.
    pub fn first(self) -> &'static str {
        self.declaration().pattern.split('.').next().unwrap_or_default()
    }

    /// What stands in `name` where the declaration has `{parameter}`; `None`: it is not the name of such an event, or has
    /// nothing of the kind.
    pub fn part<'a>(self, parameter: &str, name: &'a str) -> Option<&'a str> {
        let mut parts = aligned(self.declaration().pattern, name)?.into_iter();
        parts.find(|(part, _)| *part == parameter).map(|(_, it)| it)
    }

    fn fits(self, name: &str) -> bool {
        aligned(self.declaration().pattern, name).is_some()
    }
}

/// What stands in `name` for each parameter of `pattern`, if it fits; what the scenario declares may have dots in its name,
/// and of several ways to read it the first parameter is as short as can be.
fn aligned<'p, 'n>(pattern: &'p str, name: &'n str) -> Option<Vec<(&'p str, &'n str)>> {
    let (part, rest) = match pattern.split_once('.') {
        Some((part, rest)) => (part, Some(rest)),
        None => (pattern, None),
    };
    let parameter = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
    let begins = |end: usize| match (parameter, rest) {
        (None, _) if name[..end] != *part => None,
        (_, None) => (end == name.len()).then(Vec::new),
        (_, Some(rest)) => aligned(rest, name.get(end + 1..)?),
    };
    let ends = name.match_indices('.').map(|(at, _)| at).chain([name.len()]);
    ends.into_iter().find_map(|end| {
        let mut parts = begins(end)?;
        parts.extend(parameter.map(|parameter| (parameter, &name[..end])));
        Some(parts)
    })
}

#[cfg(test)]
mod tests;

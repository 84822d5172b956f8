//! What the fault schedule does.

use super::super::Actor;
use super::{EventKind, Prose};

events! {
    /// What the fault schedule did.
    FaultEvent, FaultKind;

    /// The fault began.
    Began by Fault "fault.{fault}" { fault: String, effect: Prose, occurrence: Option<u32> }
        => { format!("{effect}{}", which(*occurrence)) }
    /// The fault was healed.
    Healed by Fault "fault.{fault}.healed" { fault: String, effect: Prose, occurrence: Option<u32> }
        => { format!("resolved: {effect}{}", which(*occurrence)) }
}

/// Which happening it is, of a fault that may happen more than once.
fn which(occurrence: Option<u32>) -> String {
    occurrence.map_or_else(String::new, |number| format!(" (occurrence {number})"))
}

impl FaultEvent {
    /// The name under which the fault `id` begins.
    pub fn begins(id: &str) -> String {
        EventKind::Fault(FaultKind::Began).called(&[id])
    }

    /// The name under which the fault `id` ends.
    pub fn ends(id: &str) -> String {
        EventKind::Fault(FaultKind::Healed).called(&[id])
    }

    /// The fault whose beginning or end is called `name`, and which of the two it is.
    pub fn of(name: &str) -> Option<(&str, FaultKind)> {
        let kind = EventKind::of(Actor::Fault, name)?;
        let EventKind::Fault(of_fault) = kind else { return None };
        Some((kind.part("fault", name)?, of_fault))
    }
}

//! What the watch of a region sees in its metrics, and what it decides.

use super::{CustomEvent, Event, Prose};
use crate::units::{Instant, Span};

events! {
    /// What the watch of a region saw in its metrics, and what it decided.
    WatchEvent, WatchKind;

    /// Monitoring raised a correct alarm.
    Detected by Control "watch.detected" { region: String, state: Prose, evidence: Prose }
        => "{region} is {state}: {evidence}"
    /// The alarm cleared.
    Cleared by Control "watch.cleared" { region: String, state: Prose, evidence: Prose }
        => "{region} is {state}: {evidence}"
    /// The watch decided to act.
    Decided by Control "watch.decided" { procedure: String, region: String, why: Prose }
        => "{procedure} of {region}: {why}"
    /// The watch would have acted, but was cooling down.
    HeldBack by Control "watch.held_back" { region: String, until: Instant }
        => { format!("{region}: cooling down until {}", until.clock()) }
    /// Monitoring sees the region that was left healthy again.
    Fit by Control "watch.fit" { region: String, evidence: Prose } => "{region} is healthy again: {evidence}"
    /// The region that was left is not healthy after all.
    Unfit by Control "watch.unfit" { region: String, evidence: Prose } => "{region} is not healthy after all: {evidence}"
    /// The watch started the failback.
    ComingBack by Control "watch.coming_back" { procedure: String, region: String, held: Span }
        => "{procedure} to {region}: healthy for {held:#}"
    /// The watch could not read its metrics.
    Blind by Control "watch.blind" { region: String, error: Prose } => "no metrics of {region}: {error}"
    /// The region recovered while people were being asked, so nothing was started.
    NoLongerNeeded by Control "watch.no_longer_needed" { region: String } => "{region} recovered while people were being asked"
    /// Somebody refused, so nothing is done until the region has recovered.
    Refused by Control "watch.refused" { by: String, reason: Prose }
        => "{by} refuses, {reason}: nothing is done until it has recovered"
    /// Nobody answered, so nothing was started.
    Unanswered by Control "watch.unanswered" {} => "nobody answered: nothing is done"
}

impl Event {
    /// The region whose state an event of a watch tells. What was only told says it in its first words.
    pub fn region_told(&self) -> Option<&str> {
        match self {
            Self::Watch(
                WatchEvent::Detected { region, .. }
                | WatchEvent::Cleared { region, .. }
                | WatchEvent::Fit { region, .. }
                | WatchEvent::Unfit { region, .. },
            ) => Some(region),
            Self::Custom(CustomEvent { text, .. }) => text.split_once(" is ").map(|(region, _)| region),
            _ => None,
        }
    }
}

//! What happened to the writes of one database: which were lost, at which cut of its history, and who holds them still.
//!
//! Does not judge. Invariants: every lost write belongs to exactly one cut; lost writes are in a copy that was up, only
//! in copies that were down, or in none, never in two of these.
//!
//! Definitions (NIST SP 800-34r1, extended by the time after the outage, for which it has no word): of the writes lost to
//! one cut, those the server acknowledged before the outage reach back from it to the earliest acknowledgement a client
//! saw; those it acknowledged after the outage, on a branch that did not survive, reach forward to the latest.

use super::{CopyRecord, Position};
use crate::units::{As, Instant, Seconds, Span, plural};
use serde::{Deserialize, Serialize};

/// A write that was acknowledged to its client and is not in the history that leads at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LostWrite {
    /// The operation's number, unique in the run.
    pub operation: u64,
    /// The key it wrote.
    pub key: u32,
    /// The epoch of the lineage it was written in.
    pub epoch: u32,
    /// Its position in that lineage's log.
    pub lsn: u64,
    /// When the database acknowledged it.
    #[serde(rename = "server_acked_s", with = "As::<Seconds>")]
    pub server_acked: Instant,
    /// When the client saw the acknowledgement.
    #[serde(rename = "client_acked_s", with = "As::<Seconds>")]
    pub client_acked: Instant,
    /// Whether no surviving later write legally overwrote it, so that a reader could notice.
    pub visible: bool,
    /// The cut it fell behind, by its place among those of its database.
    pub cut: u32,
    /// The region whose copy took it.
    pub last_seen: String,
    /// The regions whose copies hold it at the end, beside the history that leads.
    pub held_by: Vec<String>,
}

/// A cut of a database's history: a promotion, the loss of every copy, or what control overwrote at an instant, and what it cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HistoryCut {
    /// When the history was cut.
    #[serde(rename = "at_s", with = "As::<Seconds>")]
    pub at: Instant,
    /// The region that led before.
    pub from: String,
    /// The region that led from then on; `None`: none, for no copy has what fell behind the cut any more.
    pub to: Option<String>,
    /// The instant losses are measured from: when something last took the copy that led away from clients or control
    /// before the cut, or else when the last fault before the cut began. `None`: there was no fault before it.
    #[serde(rename = "outage_s", with = "As::<Option<Seconds>>")]
    pub outage: Option<Instant>,
    /// Whether no history was cut, but control has overwritten acknowledged writes by what was over before they began.
    pub overwrites: bool,
    /// Acknowledged writes that fell behind it.
    pub lost: u64,
    /// Of these, those the database acknowledged before `outage`.
    #[serde(rename = "lost_before_outage")]
    pub lost_before: u64,
    /// The earliest acknowledgement that a client saw of a lost write.
    #[serde(rename = "first_lost_s", with = "As::<Option<Seconds>>")]
    pub first_lost: Option<Instant>,
    /// The latest acknowledgement that the database gave of a lost write.
    #[serde(rename = "last_server_acked_s", with = "As::<Option<Seconds>>")]
    pub last_server_acked: Option<Instant>,
    /// Of those it gave at `outage` or later, the latest that a client saw.
    #[serde(rename = "last_lost_after_outage_s", with = "As::<Option<Seconds>>")]
    pub last_lost_after: Option<Instant>,
}

/// What an action about to be taken may cost at most, in writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossBound {
    /// If the authority is dead and has taken no writes since it was last seen.
    pub if_dead: u64,
    /// If it is only cut off, and keeps accepting writes until it is fenced. Never below the other.
    pub if_alive: u64,
}

impl LossBound {
    /// Both, in words for a person; [`u64::MAX`] is what nobody can bound.
    pub fn in_words(self) -> String {
        match (self.if_dead, self.if_alive) {
            (u64::MAX, _) => "an unknown number of writes are lost".to_owned(),
            (dead, alive) if alive > dead && alive < u64::MAX => {
                let dead = plural(dead, "write");
                format!("at most {dead} lost, {alive} if it was only cut off and has accepted writes until now")
            }
            (dead, _) => format!("at most {} lost", plural(dead, "write")),
        }
    }
}

/// When a history is cut, and when something last took the copy that led before away from clients or control, if
/// anything did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occasion {
    /// The cut.
    pub at: Instant,
    /// The outage.
    pub outage: Option<Instant>,
}

/// What a copy holds at the end: everything up to a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    /// The copy's region.
    pub region: String,
    /// The last position it holds.
    pub position: Position,
    /// Whether the copy was up when clients stopped sending.
    pub was_up: bool,
}

/// What is known once a run has ended.
#[derive(Debug, Clone, Copy, Default)]
pub struct Closing<'a> {
    /// When each fault began: what losses are measured from where nothing took the copy that led away.
    pub faults: &'a [Instant],
    /// The copies that hold anything, at most as many as a database may have.
    pub tips: &'a [Tip],
}

/// One database as it is when a run has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosingStore {
    /// The database's name.
    pub store: String,
    /// What its copies were.
    pub copies: Vec<CopyRecord>,
    /// How far the logs of those go that could be read.
    pub tips: Vec<Tip>,
    /// Acknowledged writes that something could have taken away.
    pub at_stake: u64,
    /// By copy, in the order of `copies`: the rows it holds, by key, each with where its last write stands. Only where somebody
    /// looks at them.
    pub rows: Vec<Vec<(u32, Position)>>,
}

impl ClosingStore {
    /// The rows of the copy that leads, if it could be read.
    pub fn authority_rows(&self) -> Option<&[(u32, Position)]> {
        let leads = self.copies.iter().position(|copy| copy.role == super::CopyRole::Authority)?;
        self.rows.get(leads).map(Vec::as_slice)
    }
}

/// How far losses reach from an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Back before it: the recovery point achieved.
    pub before: Span,
    /// On after it.
    pub after: Span,
}

/// A copy that holds lost writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// Its region.
    pub region: String,
    /// How many of them it holds.
    pub writes: u64,
    /// Whether it was up when clients stopped sending; one that was not came back only because everything is healed then.
    pub was_up: bool,
}

/// Where the lost writes of a database are at the end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LostWriteLocations {
    /// In a copy that was up when clients stopped sending.
    pub held: u64,
    /// Only in copies that were down then.
    pub held_by_the_dead: u64,
    /// In no copy.
    pub nowhere: u64,
    /// The copies that hold any.
    pub holders: Vec<Holder>,
}

/// Writes never acknowledged to a client, each counted once, by its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unanswered {
    /// Refused: the client knows that nothing was written.
    pub refused: u64,
    /// Of unknown outcome to the client, and never in a log.
    pub never_stored: u64,
    /// Of unknown outcome to the client, and in the history that leads at the end.
    pub stored: u64,
    /// Of unknown outcome to the client, once in a log, and not in the history that leads at the end.
    pub gone: u64,
}

impl LossBound {
    /// The same, whether the authority is dead or not.
    pub const fn flat(writes: u64) -> Self {
        Self { if_dead: writes, if_alive: writes }
    }

    /// Both together, for two actions one after the other.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        let if_dead = self.if_dead.saturating_add(other.if_dead);
        Self { if_dead, if_alive: self.if_alive.saturating_add(other.if_alive) }
    }
}

impl HistoryCut {
    /// How far what was lost reaches from its outage; `None` if nothing was lost or there was no fault to measure from.
    pub fn reach(&self) -> Option<Reach> {
        let (outage, first) = (self.outage?, self.first_lost?);
        let after = self.last_lost_after.map_or(Span::ZERO, |last| last.since(outage));
        Some(Reach { before: outage.since(first), after })
    }

    /// How far what was lost reaches from another instant. Forward it is the latest acknowledgement the database gave.
    pub fn reach_from(&self, from: Instant) -> Option<Reach> {
        let (first, last) = (self.first_lost?, self.last_server_acked?);
        let after = if last < from { Span::ZERO } else { last.since(from) };
        Some(Reach { before: from.since(first), after })
    }
}

impl Reach {
    /// The larger of both on either side.
    pub fn or(self, other: Self) -> Self {
        Self { before: self.before.max(other.before), after: self.after.max(other.after) }
    }
}

impl Unanswered {
    /// Writes whose client never learnt the outcome.
    pub const fn unknown(&self) -> u64 {
        self.never_stored + self.stored + self.gone
    }
}

impl LostWriteLocations {
    /// Where they are, in words; nothing if there are none.
    pub fn said(&self) -> String {
        let names = |was_up: bool| {
            let of = self.holders.iter().filter(move |holder| holder.was_up == was_up);
            of.map(|holder| holder.region.clone()).collect::<Vec<_>>().join(" and ")
        };
        let held = (self.held > 0).then(|| format!("{} held by {}", self.held, names(true)));
        let dead = (self.held_by_the_dead > 0).then(|| {
            format!(
                "{} held only by {}, which was down until everything was healed",
                self.held_by_the_dead,
                names(false)
            )
        });
        let nowhere = (self.nowhere > 0).then(|| format!("{} in no copy", self.nowhere));
        held.into_iter().chain(dead).chain(nowhere).collect::<Vec<_>>().join(", ")
    }
}

//! What must hold: the trait, and one file per kind.
//!
//! Margins: zero is exactly on the bound, negative is violated, in parts of the bound. Deadlines are inclusive, windows
//! closed.

pub mod agrees;
pub mod always;
pub mod at_most;
pub mod authority;
pub mod consistent;
pub mod ends_with;
pub mod fires_iff;
mod judgement;
pub mod ledger;
pub mod measure;
pub mod never;
pub mod observed;
pub mod precedes;
mod read;
pub mod recovers;
pub mod responds;
mod stake;

pub use judgement::{Evidence, Finding, Judgement};

use super::finding::Harm;
use super::revived::revived;
use crate::outcome::Comparison;
use crate::record::event::EventPattern;
use crate::record::{ObserverSource, Record, StoreRecord};
use crate::units::{Instant, Span};
use std::fmt::Debug;
use std::sync::Arc;

/// Something that must hold of a run.
pub trait Property: Debug + Send + Sync {
    /// What it demands, in words.
    fn demand(&self) -> String;
    /// The bound, as printed: `15m`, `0 lost`, `99%`.
    fn bound(&self) -> String;
    /// Whether it held. A pass names its [`Evidence`].
    fn judge(&self, record: &Record) -> Judgement;
    /// The figure it compares with what that should be, if that is what it does.
    fn comparison(&self, record: &Record) -> Option<Comparison> {
        let _ = record;
        None
    }
    /// How soon after the event `name` it demands that clients are served as `record` promises them, if that is what it
    /// demands.
    fn recovery_objective(&self, name: &str, record: &Record) -> Option<Span> {
        let _ = (name, record);
        None
    }
    /// Who must watch the run so that it can be judged, if anybody must.
    fn watched_by(&self) -> Option<Arc<dyn ObserverSource>> {
        None
    }
    /// Whether it rests on what the stores hold in the end, which is not known before everything has settled.
    fn rests_on_stores(&self) -> bool {
        false
    }
    /// Whether it says how much of `harm` there may be, so that the reader knows it if it holds.
    fn bounds(&self, harm: &Harm<'_>, record: &Record) -> bool {
        let _ = (harm, record);
        false
    }
    /// Whether it says of the event `name` that it may, must or must not happen, or what must follow it.
    fn speaks_of(&self, name: &str) -> bool {
        let _ = name;
        false
    }
}

/// What `judge` says of the times after each event that `after` means, all together; no pass if one of them is missing.
fn after_each(after: &EventPattern, record: &Record, judge: impl Fn(Instant) -> Judgement) -> Judgement {
    let judged = after.effective_times(record).into_iter().map(judge).reduce(Judgement::worse);
    match (judged, after.missing(record)) {
        (Some(judged), Some(missing)) => judged.without_occasion(&missing),
        (Some(judged), None) => judged,
        (None, missing) => Judgement::not_exercised(missing.unwrap_or_else(|| format!("`{after}` never happened"))),
    }
}

/// `judged`, or no pass if the copies of `store` that it rests on were brought back by the end of the run.
fn live(judged: Judgement, store: &StoreRecord, record: &Record) -> Judgement {
    revived(store, record).into_iter().fold(judged, |judged, doubt| judged.doubted(&doubt))
}

/// How much of `allowed` is left of `taken`, in parts of `allowed`; not below -1, so that late never ranks below never.
fn time_margin(allowed: Span, taken: Span) -> f64 {
    let left = allowed.as_nanos() as f64 - taken.as_nanos() as f64;
    (left / allowed.as_nanos().max(1) as f64).max(-1.0)
}

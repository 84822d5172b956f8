//! Judging a run: what must hold, and whether it did.
//!
//! Owns the property language, one file per kind of property, the measures every run gets (recovery, availability, the
//! audit of authority, the state of copies) and the judging of one record into an outcome. Does not know the simulator: a check runs as well
//! on the record of a live drill.
//!
//! Invariants: zero observations are never a pass; a threshold is compared exactly; a violated property is a value,
//! never an error. Missing data is neither good nor bad.

pub mod allowance;
pub mod authority;
pub mod availability;
pub mod catalog;
pub(crate) mod caught;
pub mod cause;
pub mod copies;
mod counted;
mod event;
pub mod expression;
pub mod finding;
mod grounds;
pub mod judge;
mod loss;
mod misjudged;
mod monitor;
pub mod observe;
pub mod outage;
pub mod property;
mod queues;
mod rational;
pub mod recovery;
mod relapse;
mod revived;
pub(crate) mod setback;
pub(crate) mod slowdown;
pub(crate) mod storm;
mod trace;
pub mod vocabulary;
mod waiting;
mod within;

pub use crate::record::event::EventPattern;
pub use catalog::{BuildProperty, CATALOG, PropertyKind};
pub use judge::{Check, RunInfo, judge};
pub use loss::Loss;
pub use property::{Evidence, Judgement, Property};
pub use queues::{OpenQueue, overlong};
pub use rational::Rational;
pub use trace::{Judged, Trace, TraceSegment};
pub use vocabulary::{SIGNALS, SignalKind, Vocabulary};
pub use within::Within;

#[cfg(test)]
mod fixture;

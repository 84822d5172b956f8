//! The quantities everything else is written in.
//!
//! Owns integer time ([`Instant`], [`Span`]), integer proportions ([`Ratio`]), event rates ([`Rate`]), sizes
//! ([`Bytes`]) and how fast data move ([`Throughput`]), with one way to read and one way to print each; and measured values
//! in any of them ([`Figure`]). In files of results some of them stand in a [`Form`] of their own.
//!
//! Does not know any simulated thing, or any floating-point time or probability.
//!
//! Invariant: `parse(display(x)) == x` for every value of every unit.

mod bytes;
mod figure;
mod form;
mod id;
mod parse;
mod rate;
mod ratio;
mod throughput;
mod time;
mod words;

pub use bytes::Bytes;
pub use figure::{Figure, TimedFigure};
pub use form::{As, EXACT, Form, Ppb, Seconds, Wide};
pub use id::{BucketId, DatabaseId, FaultId, NameId, PersonId, ProviderId, RegionId, ServiceId, WorkloadId};
pub use parse::{UnitError, decimal_length};
pub use rate::Rate;
pub use ratio::Ratio;
pub use throughput::Throughput;
pub use time::{Instant, Span};
pub use words::plural;

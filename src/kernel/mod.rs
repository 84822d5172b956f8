//! The machinery of a discrete-event simulation: clock, pending events, random streams, samplers, tasks, limits.
//!
//! Owns virtual time and the one total order in which things happen ([`Kernel`]), named random streams
//! ([`Streams`]), distributions of duration and their samplers ([`Distribution`], [`Sampler`], [`Poisson`], [`Zipf`]) and a
//! single-threaded executor for procedures ([`Executor`]). What draws from a generator of the crate `rand` draws from a
//! [`Cursor`].
//!
//! Does not know any simulated thing: it would run a lift or a bank as well. Uses no wall clocks, threads, random
//! hashing or platform mathematics.
//!
//! Invariant: what comes out is a function of what went in. The same calls give the same events, draws and polls
//! on every machine, in every build profile.

mod buckets;
mod engine;
mod key;
mod ladder;
mod lanes;
mod limits;
#[cfg(test)]
mod oracle;
mod present;
mod random;
mod sample;
mod task;
#[cfg(test)]
mod tests;

pub use engine::Kernel;
pub use key::{Class, Sequence, TieBreak};
pub use lanes::LaneId;
pub use limits::{LimitReached, Limits};
pub use random::{Cursor, Stream, Streams, below, chance, members};
pub use sample::{Distribution, Lives, Poisson, Sampler, Zipf, left_over};
pub use task::{Executor, TaskId};

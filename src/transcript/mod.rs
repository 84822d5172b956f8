//! The calls of control code on its ports, verbatim, so that they can be replayed.
//!
//! Owns the record of every call, every answer and every read of the clock, and what answers from it. Does not know
//! what the calls are for, nor whether the ports were simulated or real.
//!
//! Control code decides by nothing but what its ports answer and when. Whoever gives it the same answers in the same
//! order therefore sees it make the same calls, unless the code is another: [`Recorded`] keeps a run of any ports,
//! [`replay`] runs the control code again on what was kept, in no time, and stops at the first call that differs.
//!
//! Invariants: what is recorded changes nothing for who calls. A replay sends nothing to anybody, and never goes on
//! after a call that differs. A record that ends in the middle, as one of a process that was killed does, is replayed up to its end.

mod calls;
mod line;
mod recorded;
mod replayed;

pub use line::{Line, Transcript, TranscriptError};
pub use recorded::Recorded;
pub use replayed::{Divergence, Replayed, replay};

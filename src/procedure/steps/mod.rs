//! What steps of several procedures share: those of the product, and a user's own.
//!
//! Owns the calls, their order, and what is known of them. Does not know the procedures: each piece is given the names
//! it works on and the part of the evidence it keeps, and asks for the ports it uses and for no others.
//!
//! Invariant: what a call may have changed is in the journal before the call is sent.

mod authority;
mod copies;
mod probe;
mod tell;
mod undoing;

pub use authority::{fence, give_back, loss_bound, promote};
pub use copies::{Survey, acknowledges_writes, feed, kept, rebuild, survey};
pub use probe::services_answer;
pub use tell::tell;
pub use undoing::{set_by_others, weighted_by_others};

//! What steps of several procedures share.
//!
//! Owns the calls, their order, and what is known of them. Refuses to know the procedures: each piece is given the names
//! it works on and the part of the evidence it keeps, and asks for the ports it uses and for no others.
//!
//! Invariant: what a call may have changed is in the journal before the call is sent.

mod authority;
mod copies;
mod probe;
mod tell;

pub(super) use authority::{fence, promote};
pub(super) use copies::rebuild;
pub(super) use probe::services_answer;
pub(super) use tell::tell;

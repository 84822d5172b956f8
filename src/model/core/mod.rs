//! What every part of the world may use, and that knows no part.

pub(super) mod chronicle;
pub(super) mod desk;
pub(super) mod event;
pub(super) mod held;
pub(super) mod interruption;
pub(super) mod job;
pub(super) mod network;
pub(super) mod slab;
pub(super) mod wake;

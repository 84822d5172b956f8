//! Names and weights: how clients find a region.

pub(super) mod balancer;
pub(super) mod dns;
pub(super) mod naming;
pub(super) mod weighing;

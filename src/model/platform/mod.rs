//! Services, what serves in them, and what limits them.

pub(super) mod autoscaler;
pub(super) mod cache;
pub(super) mod caching;
pub(super) mod capacity;
pub(super) mod fleet;
pub(super) mod generation;
pub(super) mod layer;
pub(super) mod rate_limit;
pub(super) mod service;
pub(super) mod warm_up;

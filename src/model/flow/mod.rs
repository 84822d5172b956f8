//! The way of a request through clients, platform and data.

pub(super) mod hop;
pub(super) mod serving;
pub(super) mod storage;
pub(super) mod traffic;

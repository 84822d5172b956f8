//! Clients: when they send, what they believe and how they go about failure.

pub(super) mod arrivals;
pub(super) mod breakers;
pub(super) mod hedge;
pub(super) mod lease;
pub(super) mod population;
pub(super) mod request;
pub(super) mod retry_budget;
pub(super) mod session;
pub(super) mod trace;

//! What a provider does at its gate: requests above its limit, and those it fails.
//!
//! Owns its limit and its dice. Does not know services.

use super::rate_limit::Limiter;
use crate::kernel::{Stream, Streams};
use crate::model::plan::ProviderPlan;
use crate::units::Ratio;

/// The gate of a provider.
#[derive(Debug)]
pub(in crate::model) struct Provider {
    /// Whether it can turn a request away at all.
    pub is_gate: bool,
    pub errors: Ratio,
    pub stream: Stream,
    pub limiter: Option<Limiter>,
    /// Attempts above its limit in the present second.
    pub limited: u64,
}

impl Provider {
    /// The gate of a provider of the plan.
    pub fn new(plan: &ProviderPlan, streams: &Streams) -> Self {
        let stream = streams.stream(&format!("provider/{}", plan.name), "errors");
        let is_gate = plan.limit.is_some() || plan.errors != Ratio::ZERO;
        Self { is_gate, errors: plan.errors, stream, limiter: plan.limit.as_ref().map(Limiter::new), limited: 0 }
    }
}

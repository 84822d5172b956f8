//! What a provider does at its gate: requests above its limit, and those it fails.
//!
//! Owns its limit and its random stream. Of a service it knows how many tokens a request to it has.

use crate::kernel::{Stream, Streams, chance};
use crate::model::core::Core;
use crate::model::core::job::Job;
use crate::model::core::rate_limit::Limiter;
use crate::model::plan::ProviderPlan;
use crate::model::platform::Platform;
use crate::units::{Ratio, RegionId, Span};

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

impl Platform {
    /// Whether `job` is above the limit of the provider of `region`.
    pub(in crate::model) fn provider_limits(
        &mut self,
        core: &Core,
        region: RegionId,
        job: &Job,
    ) -> Option<Option<Span>> {
        let provider = &mut self.providers[core.regions[region.index()].provider.index()];
        let limiter = provider.limiter.as_mut()?;
        let counted = self.stations[job.entry.index()].generation.as_ref().filter(|_| limiter.counts_tokens());
        let tokens = counted.map_or(0, |generation| generation.tokens(job.draw()));
        if limiter.admits(tokens, core.now()) {
            return None;
        }
        let told = limiter.retry_after(tokens, core.now());
        provider.limited += 1;
        Some(told)
    }

    /// Whether the provider of `region` fails `job`.
    pub(in crate::model) fn provider_fails(&self, core: &Core, region: RegionId, job: &Job) -> bool {
        let provider = &self.providers[core.regions[region.index()].provider.index()];
        provider.errors != Ratio::ZERO && chance(provider.stream.at(job.draw()), provider.errors)
    }
}

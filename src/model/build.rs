//! What the lanes of the kernel are built from.
//!
//! Invariant: lanes are numbered in the plan's order.

use super::plan::WorldPlan;
use crate::kernel::Distribution;
use crate::units::Span;

/// Constant delays that get a lane of their own; the rest goes through the queue.
const DELAY_LANES_MAX: usize = 12;

/// The first constant delays of the plan: each gets a lane of its own.
pub(super) fn constant_delays(plan: &WorldPlan) -> Vec<Span> {
    let links = plan.network.clients.iter().chain(&plan.network.regions);
    let latencies = links.filter_map(|link| match link.latency {
        Distribution::Constant(span) => Some(span),
        _ => None,
    });
    let times = plan.databases.iter().flat_map(|d| {
        let feeds = d.replicas.iter().map(|r| r.feed).chain([d.primary_follows]);
        let replicated = feeds.map(|feed| d.commit_time + feed.delay);
        [d.commit_time, d.read_time, d.call_timeout].into_iter().chain(replicated)
    });
    let mut delays: Vec<Span> = latencies.chain(times).filter(|span| *span != Span::ZERO).collect();
    delays.sort_unstable();
    delays.dedup();
    delays.truncate(DELAY_LANES_MAX);
    delays
}

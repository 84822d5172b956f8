//! Where the balancer routes traffic.

use super::Shares;

events! {
    /// Where the balancer routes traffic.
    BalancerEvent, BalancerKind;

    /// The balancer acknowledged new weights.
    WeightsChanged by World "balancer.weights_changed" { in_force: Option<Shares> } => {
        match in_force {
            Some(shares) => format!("the balancer routes {shares}"),
            None => "the balancer has accepted new weights, which are not in effect yet".to_owned(),
        }
    }
    /// Weights that the balancer had acknowledged earlier took effect.
    Settled by World "balancer.settled" { in_force: Shares } => "the balancer routes {in_force}"
    /// The balancer found the region unhealthy.
    Ejected by World "balancer.{region}.ejected" { region: String } => "{region} fails the balancer's checks"
    /// The balancer found the region healthy again.
    Restored by World "balancer.{region}.restored" { region: String } => "{region} passes the balancer's checks"
    /// The region is unhealthy but still used: no more may be ejected.
    Kept by World "balancer.{region}.kept" { region: String }
        => "{region} stays in use: no more regions may be ejected"
    /// No region that has a weight is healthy, so the balancer uses healthy ones that have none.
    SpareUsed by World "balancer.spare_used" {} => "no region with a weight is healthy: those without are used"
    /// A region that has a weight is healthy again, and the balancer goes by the weights.
    SpareUsedOver by World "balancer.spare_used_over" {} => "a region with a weight is healthy again, and is used"
    /// No region is healthy, so the balancer uses all of them.
    FailOpen by World "balancer.fail_open" {} => "no region is healthy: all are used"
    /// A region is healthy again, and the balancer uses only healthy ones.
    FailOpenOver by World "balancer.fail_open_over" {} => "a region is healthy again: only healthy ones are used"
    /// No region is healthy, and the balancer uses none.
    FailClosed by World "balancer.fail_closed" {} => "no region is healthy: none is used"
    /// A region is healthy again, and the balancer uses it.
    FailClosedOver by World "balancer.fail_closed_over" {} => "a region is healthy again, and is used"
}

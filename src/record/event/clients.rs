//! What clients do on their own.

use crate::units::Span;

events! {
    /// What clients do on their own.
    ClientEvent, ClientKind;

    /// The first circuit breaker of these clients opened: they stop sending to the region, one process after the other.
    BreakerOpen by World "breaker.{workload}.{region}.open" { workload: String, region: String, is_last: bool }
        => { format!("clients of {workload} begin to stop sending to {region}: too many attempts fail{}", rest(*is_last)) }
    /// The first breaker lets probes through since it opened.
    BreakerHalfOpen by World "breaker.{workload}.{region}.half_open" {
        workload: String, region: String, after: Span, is_last: bool,
    } => { format!("the first clients of {workload} try {region} again, after {after:#}{}", rest(*is_last)) }
    /// The last breaker closed: all clients send to the region again.
    BreakerClosed by World "breaker.{workload}.{region}.closed" {
        workload: String, region: String, after: Span, in_vain: u32, is_last: bool,
    } => {
        let tries = match in_vain {
            0 => String::new(),
            1 => ", once without success".to_owned(),
            n => format!(", {n} times without success"),
        };
        format!("all clients of {workload} send to {region} again, after {after:#}{tries}{}", rest(*is_last))
    }
    /// Clients have exhausted their retry budget and give up instead of retrying.
    BudgetExhausted by World "retry_budget.{workload}.exhausted" { workload: String }
        => "clients of {workload} have exhausted their retry budget and give up"
    /// No retry was denied for lack of budget for ten seconds.
    BudgetRefilled by World "retry_budget.{workload}.refilled" { workload: String, denied: u64, lasted: Span }
        => "clients of {workload} may retry again: {denied} denied in {lasted:#}"
}

/// Where to look for what is no longer reported, after the last of them.
const fn rest(is_last: bool) -> &'static str {
    if is_last { "; further changes are in the signal breaker.open" } else { "" }
}

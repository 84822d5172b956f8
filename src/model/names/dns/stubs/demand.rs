//! How often a group of clients sends something, as planned.
//!
//! Owns nothing. Does not know what is sent. A rate that changes counts as it is at the start, a day as its mean.

use crate::kernel::Distribution;
use crate::model::plan::{Arrivals, WorkloadPlan};
use crate::units::{Rate, Span};

/// The mean time between two requests of a group of `plan`; [`Span::MAX`] if there are none. Users who wait for their
/// answers count as if these took no time, and a recording of load as if it were dense.
pub(super) fn mean_gap(plan: &WorkloadPlan) -> Span {
    let steps = plan.journey.len().max(1) as u64;
    let of_rate = |rate: Rate| rate.interval_nanos().map(|nanos| nanos.saturating_mul(u64::from(plan.groups)) / steps);
    let gap = match &plan.arrivals {
        Arrivals::Poisson(rate) | Arrivals::Constant(rate) => of_rate(*rate),
        Arrivals::Diurnal(day) => {
            // Halfway between the quietest hour and the busiest, as a cosine is.
            let twice = 1.0 + day.peak.as_f64();
            of_rate(day.base).map(|nanos| (nanos as f64 * 2.0 / twice) as u64)
        }
        Arrivals::Bursts(bursts) => of_rate(bursts.base),
        Arrivals::Steps(_, steps) => steps.first().and_then(|(_, rate)| of_rate(*rate)),
        Arrivals::Trace(..) => Some(0),
        Arrivals::Closed(closed) => {
            let mean = |think: &Distribution| think.mean().map_or(0, |seconds| (seconds * 1e9) as u64);
            let between = plan.journey.iter().rev().skip(1).map(|step| mean(&step.think)).sum::<u64>();
            let whole =
                closed.lease.map_or(mean(&closed.think).saturating_add(between), |lease| lease.every.as_nanos());
            (whole.saturating_mul(u64::from(plan.groups)) / steps).checked_div(u64::from(closed.users))
        }
    };
    gap.map_or(Span::MAX, Span::from_nanos)
}

//! Monitors: what a trace of a statement says about obligations in time.
//!
//! Three-valued throughout. Moments without data, and everything after the end of the observation, may turn out either
//! way: what is definite holds however they do, what is possible holds in the best case.
//!
//! Windows are closed and deadlines inclusive. All monitors are linear in the stretches of the trace.

use super::trace::Trace;
use crate::units::{Instant, Span};

/// The next nanosecond: the first one outside a closed window.
pub fn just_after(at: Instant) -> Instant {
    at.saturating_add(Span::from_nanos(1))
}

/// The first stretch at or after `from` whose value satisfies `wanted`: where in it the search begins.
pub fn first_moment<V: Copy + PartialEq>(
    trace: &Trace<V>,
    from: Instant,
    wanted: impl Fn(V) -> bool,
) -> Option<Instant> {
    let later = trace.stretches().filter(|s| s.until.is_none_or(|until| until > from));
    later.filter(|s| wanted(s.value)).map(|s| s.from.max(from)).find(|at| *at <= trace.end())
}

/// The closed window of length `per` that holds the most of `times`, which are in order: how many, and when the last of
/// them happened. The earliest such window.
pub fn busiest_window(times: &[Instant], per: Option<Span>) -> (u64, Option<Instant>) {
    let (mut first, mut most) = (0, (0, None));
    for (last, at) in times.iter().enumerate() {
        while per.is_some_and(|per| times[first].saturating_add(per) < *at) {
            first += 1;
        }
        let inside = (last - first + 1) as u64;
        if inside > most.0 {
            most = (inside, Some(*at));
        }
    }
    most
}

/// The first moment at which more than `limit` of `times` lie in one closed window of length `per`.
pub fn first_excess(times: &[Instant], limit: u64, per: Option<Span>) -> Option<Instant> {
    let ahead = usize::try_from(limit).ok()?;
    let later = times.get(ahead..)?;
    times
        .iter()
        .zip(later)
        .find(|(first, last)| per.is_none_or(|per| first.saturating_add(per) >= **last))
        .map(|(_, l)| *l)
}

#[cfg(test)]
#[path = "monitor_tests.rs"]
mod tests;

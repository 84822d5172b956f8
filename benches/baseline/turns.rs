//! How long a side of a comparison takes.
//!
//! Owns the clock and the median. Invariant: a turn is timed by what its own thread ran, where that is known, so that a
//! busy machine moves the figures less.

use std::hint::black_box;

/// Nanoseconds that a call takes: those its thread ran, where the system tells and the call is long enough for it to
/// know; wall time otherwise.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub fn time<T>(run: impl FnOnce() -> T) -> f64 {
    let (start, ran) = (std::time::Instant::now(), thread_time());
    black_box(run());
    let wall = start.elapsed().as_nanos() as f64;
    match (ran, thread_time()) {
        (Some(before), Some(after)) if wall > 4e7 => after - before,
        _ => wall,
    }
}

/// Nanoseconds this thread has run, known to a few milliseconds. Linux only.
fn thread_time() -> Option<f64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

/// The middle one.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}

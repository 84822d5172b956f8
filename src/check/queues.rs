//! Queues without a bound, in which requests waited nearly as long as their clients do.
//!
//! Owns when that is worth a word. Does not judge: nothing fails for it. Invariant: a queue is named only if the record
//! shows the waits.

use crate::record::Record;
use crate::units::Span;

/// A queue that takes any number of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenQueue {
    /// The service, as signals name it: `west.api`.
    pub service: String,
    /// How long clients wait for one attempt at most.
    pub patience: Span,
}

/// The seconds that are worth a word. The figure is ours: shorter, and it is a burst.
const LONG: usize = 60;

/// What is to be said of the queues in which, for a minute or more, requests had waited most of what their clients bear
/// before a server turned to them.
pub fn overlong(record: &Record, queues: &[OpenQueue]) -> Vec<String> {
    let seconds = |queue: &OpenQueue| {
        let signal = record.signal(&format!("service.{}.waited", queue.service))?;
        let mut points = signal.points().peekable();
        let mut long = 0;
        while let Some((at, sample)) = points.next() {
            let until = points.peek().map_or(record.end, |(next, _)| *next);
            // More than half of it, in integers.
            let waited = u128::from(sample.part) * 2;
            if sample.whole != 0 && waited > u128::from(queue.patience.as_nanos()) * u128::from(sample.whole) {
                long += usize::try_from(until.since(at).as_nanos() / 1_000_000_000).unwrap_or(usize::MAX);
            }
        }
        (long >= LONG).then_some(long)
    };
    let said = |queue: &OpenQueue| {
        let long = Span::from_secs(u64::try_from(seconds(queue)?).unwrap_or(u64::MAX));
        let OpenQueue { service, patience } = queue;
        Some(format!(
            "for {long} in total, requests at {service} had waited more than half of the {patience} that clients are \
             willing to wait before a server took them: its queue is unbounded, so an overload may sustain itself; set \
             `queue` or `shed_after`, or model what really bounds it"
        ))
    };
    queues.iter().filter_map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::fixture::Fixture;
    use crate::record::SignalUnit;

    #[test]
    fn a_minute_of_long_waits_is_told_and_a_burst_is_not() {
        let queue = |patience| OpenQueue { service: "west.api".to_owned(), patience };
        let said = |seconds: u64, patience| {
            let waits = [(0, 0, 1), (10, 6_000_000_000, 2), (10 + seconds, 0, 1)];
            let record = Fixture::new(600).signal("service.west.api.waited", SignalUnit::Nanoseconds, &waits).record();
            overlong(&record, &[queue(patience)])
        };
        assert_eq!(said(59, Span::from_secs(5)), [""; 0]);
        assert!(
            said(60, Span::from_secs(5))[0]
                .starts_with("for 1m in total, requests at west.api had waited more than half")
        );
        assert_eq!(said(60, Span::from_secs(6)), [""; 0]);
    }
}

//! Overload that outlives its cause: nothing is broken any more, and clients' own retries keep the service down.
//!
//! Source of the notion: Bronson et al., Metastable Failures in Distributed Systems (HotOS 2021). There is a trigger, it
//! is gone, and what sustains the overload is work done again.
//!
//! Invariants: nothing is said of a run in which a fault was still there, or too lately, to tell, nor where the service
//! never gave as many answers as clients ask for at the end without any retry: that is too small, not metastable.

use crate::record::Record;
use crate::units::{Instant, Span};

/// What is looked at: the last minute of the workload.
const LOOKED_AT: Span = Span::from_secs(60);

/// Clients that get less than this share of what they ask for are not served. Unit: percent.
const SERVED: u64 = 90;

/// With more than this share of retries among the attempts, retries are what the service works on. Unit: percent.
const RETRIED: u64 = 20;

/// What to say if the run ends in such a state.
pub(super) fn finding(record: &Record) -> Option<String> {
    let to = Instant::from_secs(record.workload_end.second());
    let from = Instant::from_nanos(to.as_nanos().checked_sub(LOOKED_AT.as_nanos())?);
    let ends = record.faults.iter().filter(|fault| fault.at.is_some());
    let healed = ends.map(|fault| fault.healed.unwrap_or(Instant::MAX)).max()?;
    if healed > from {
        return None;
    }
    let sum = |signal| total(record, signal, from, to);
    let (offered, goodput, attempts) = (sum("offered"), sum("goodput"), sum("attempts"));
    let retries = attempts.saturating_sub(offered);
    let stormy = offered > 0 && goodput * 100 < offered * SERVED && retries * 100 > attempts * RETRIED;
    let enough =
        mutant!("what_is_too_small_is_metastable": most_served(record, from) * 100 >= offered * SERVED => true);
    (stormy && enough).then(|| {
        format!(
            "the overload sustains itself: {} after the last fault was healed clients get {} % of what they request, \
             and {} % of all attempts are retries (a metastable failure)",
            Span::from_secs(to.since(healed).as_nanos() / 1_000_000_000),
            goodput * 100 / offered,
            retries * 100 / attempts
        )
    })
}

/// The most requests that were served in a minute before `until`.
fn most_served(record: &Record, until: Instant) -> u64 {
    let Some(signal) = record.signal("goodput") else { return 0 };
    let minute = LOOKED_AT.as_nanos() / 1_000_000_000;
    let served: Vec<u64> = (0..until.second()).map(|second| signal.at(Instant::from_secs(second)).part).collect();
    served.windows(usize::try_from(minute).unwrap_or(usize::MAX)).map(|seconds| seconds.iter().sum()).max().unwrap_or(0)
}

/// The counts of a signal that counts by the second.
fn total(record: &Record, signal: &str, from: Instant, to: Instant) -> u64 {
    let Some(signal) = record.signal(signal) else { return 0 };
    (from.second()..to.second()).map(|second| signal.at(Instant::from_secs(second)).part).sum()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::check::fixture::Fixture;
    use crate::record::SignalUnit::PerSecond;

    /// Ten minutes at 100 requests a second, a fault from minute 1 to 2, then so many answers and attempts a second.
    fn run(goodput: u64, attempts: u64, workload_end: u64) -> Option<String> {
        let record = Fixture::new(600)
            .workload_end(workload_end)
            .signal("offered", PerSecond, &[(0, 100, 1)])
            .signal("goodput", PerSecond, &[(0, 100, 1), (60, goodput, 1)])
            .signal("attempts", PerSecond, &[(0, 100, 1), (60, attempts, 1)])
            .fault("still", 60, 5);
        let mut record = record.record();
        record.faults[0].healed = Some(Instant::from_secs(120));
        finding(&record)
    }

    #[test]
    fn retries_that_outlive_the_fault_are_named() {
        let told = run(10, 300, 600).unwrap();
        assert!(told.contains("8m after the last fault was healed clients get 10 %"), "{told}");
        assert!(told.contains("66 % of all attempts are retries"), "{told}");
    }

    #[test]
    fn nothing_is_said_where_clients_are_served_or_retries_are_few_or_it_is_too_early_to_tell() {
        assert_eq!(run(95, 300, 600), None, "served");
        assert_eq!(run(10, 110, 600), None, "overload by load alone");
        assert_eq!(run(10, 300, 150), None, "half a minute after the fault");
    }

    #[test]
    fn a_service_that_never_served_as_much_is_too_small() {
        let after = |before: u64| {
            let record = Fixture::new(600)
                .signal("offered", PerSecond, &[(0, 100, 1)])
                .signal("goodput", PerSecond, &[(0, before, 1), (60, 50, 1)])
                .signal("attempts", PerSecond, &[(0, 200, 1)])
                .fault("dark", 60, 5);
            let mut record = record.record();
            record.faults[0].healed = Some(Instant::from_secs(120));
            finding(&record)
        };
        assert!(after(91).is_some());
        assert_eq!(after(75), None);
    }

    pub(crate) const EACH: &[fn()] = &[
        retries_that_outlive_the_fault_are_named,
        nothing_is_said_where_clients_are_served_or_retries_are_few_or_it_is_too_early_to_tell,
        a_service_that_never_served_as_much_is_too_small,
    ];
}

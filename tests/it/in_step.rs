//! Populations that have been at it before the run begins are not in step, whenever something happens to them.

use super::plan_of;
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::units::Instant;

/// A name moves; its caches live for five minutes and are asked by each group once in 100 s.
const SELDOM: &str = "
firedrill: 1
name: seldom asked
duration: 12m
settle: 0s
regions:
  west: {services: {api: {servers: 50, time: 1ms}}}
  north: {like: west, role: secondary, services: {api: {servers: 50, time: 1ms, active: true}}}
network: {clients: 0ms, latency: 0ms}
dns: {ttl: 300s, changes: [{at: 10s, to: north}]}
resolvers: {count: 0}
workload:
  - open: {rate: 60/s, groups: 6000, keep_alive: 0s, timeout: 1s, retries: 0}
";

/// A name that is kept for a second moves; connections live for a minute.
const BUSY: &str = "
firedrill: 1
name: connections in use
duration: 3m
settle: 0s
regions:
  west: {services: {api: {servers: 100, time: 1ms}}}
  north: {like: west, role: secondary, services: {api: {servers: 100, time: 1ms, active: true}}}
network: {clients: 0ms, latency: 0ms}
dns: {ttl: 1s, changes: [{at: 70s, to: north}]}
resolvers: {count: 0}
workload:
  - open: {rate: 2k/s, groups: 1000, keep_alive: 60s, timeout: 1s, retries: 0}
";

fn run(text: &str, settings: &[(&str, &str)], seed: u64) -> Outcome {
    rehearse(&plan_of(text, "in-step.yaml", settings), &Provenance::default(), seed)
}

/// What a signal counted in those seconds.
fn sum(outcome: &Outcome, signal: &str, seconds: std::ops::Range<u64>) -> f64 {
    let signal = outcome.record.signal(signal).expect("recorded");
    seconds.map(|second| signal.at(Instant::from_secs(second)).part as f64).sum()
}

#[test]
fn a_change_finds_as_many_stale_caches_at_every_phase_of_their_time_to_live() {
    // Each cache sends r ∫ stale = rT / (1 + rT) · rT / 2 = 1.125 requests to the old place.
    for at in [10, 80, 160, 230, 310, 390] {
        let at_text = format!("{at}s");
        let stale = |seed| {
            let outcome = run(SELDOM, &[("dns.changes.0.at", &at_text)], seed);
            sum(&outcome, "region.west.ok", at..at + 301) / (6_000.0 * 1.125)
        };
        let mean = (0..3).map(stale).sum::<f64>() / 3.0;
        assert!((mean - 1.0).abs() < 0.04, "a change at {at} s finds {mean} of what is due");
    }
}

#[test]
fn connections_that_were_there_do_not_end_together() {
    for at in [5, 31, 70] {
        let at_text = format!("{at}s");
        let outcome = run(BUSY, &[("dns.changes.0.at", &at_text)], 1);
        for (after, due) in [(15, 0.75), (30, 0.5), (45, 0.25)] {
            // The share falls along a line, so that its mean over ten seconds is its value in their middle.
            let seconds = at + after - 5..at + after + 5;
            let (old, all) = (sum(&outcome, "region.west.ok", seconds.clone()), sum(&outcome, "attempts", seconds));
            assert!((old / all - due).abs() < 0.05, "{} of a change at {at} s are old after {after} s", old / all);
        }
        assert!(sum(&outcome, "region.west.ok", at + 63..at + 90) < 0.5, "all of them are over");
    }
}

#[test]
fn clients_that_start_with_the_run_are_in_step() {
    let outcome = run(BUSY, &[("workload.0.start", "cold"), ("workload.0.groups", "200")], 1);
    let old = |second: u64| sum(&outcome, "region.west.ok", second..second + 1) / 2_000.0;
    assert!(old(115) > 0.99 && old(124) < 0.01, "{} and {}", old(115), old(124));
}

#[test]
fn a_connection_nobody_uses_ends_before_one_in_use() {
    let connections =
        [("workload.0.keep_alive", "10m"), ("workload.0.idle_timeout", "5s"), ("workload.0.groups", "200")];
    // Ten requests a second in each group: none is idle for five seconds. A request in ten seconds: nearly all are.
    let still_old = |rate| {
        let settings = [&connections[..], &[("workload.0.rate", rate)]].concat();
        let outcome = run(BUSY, &settings, 1);
        sum(&outcome, "region.west.ok", 150..180) / sum(&outcome, "attempts", 150..180)
    };
    let (busy, seldom) = (still_old("2k/s"), still_old("20/s"));
    assert!(busy > 0.75 && seldom < 0.05, "{busy} and {seldom}");
}

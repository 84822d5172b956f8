//! For how long control was wrong about a region: against seconds counted by hand.

use super::plan_of;
use firedrill::outcome::{Misjudged, Outcome};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::units::Span;

/// A watch that sees and does nothing about it: a region must fail for ten minutes first. Calls take no time.
fn outcome(faults: &str, more: &str) -> Outcome {
    let text = format!(
        "
firedrill: 1
name: wrong for how long
duration: 5m
settle: 0s
regions:
  west:  {{services: {{api: {{servers: 8, time: 10ms}}}}}}
  north: {{role: secondary, services: {{api: {{servers: 8, time: 10ms}}}}}}
network: {{latency: 0ms, clients: 0ms}}
control_plane: {{latency: 0ms, timeout: 10s}}
monitoring: {{scrape: 10s, window: 30s, delay: 2s}}
workload:
  - open: {{rate: 20/s, arrivals: constant, timeout: 1s, retries: 0}}
faults:
{faults}
properties: {{served: {{always: success >= 99%}}}}
{more}
"
    );
    rehearse(&plan_of(&text, "wrong.yaml", &[]), &Provenance::default(), 1)
}

const WATCH: &str = "control:
  - watch: {every: 5s, sustained: 10m, min_requests: 20, error_rate: 10%, run: region_failover}";

fn west(outcome: &Outcome) -> [Span; 3] {
    let [Misjudged { region, missed, false_alarm, known }] = outcome.misjudged.as_slice() else {
        panic!("one region is watched: {:?}", outcome.misjudged)
    };
    assert_eq!(region, "west");
    [*missed, *false_alarm, *known]
}

/// The region is dark from 100 s to 160 s, and the first request after that is answered within 10 ms. The scrape at 100 s
/// finds it dark, which can be read at 102 s and is, at 105 s: 5 s late. The scrape at 160 s finds it there, with what it
/// has answered since the last scrape that it answered, at 90 s: 200 requests without an error. That can be read at 162 s
/// and is, at 165 s.
#[test]
fn an_outage_is_seen_late_and_so_is_its_end() {
    let outcome = outcome("  - region_outage: {id: dark, region: west, at: 100s, for: 1m}", WATCH);
    let [missed, false_alarm, known] = west(&outcome);
    assert_eq!([missed, known], [5, 300].map(Span::from_secs));
    let late = Span::from_secs(5);
    assert!(false_alarm <= late && late <= false_alarm.saturating_add(Span::from_millis(60)), "{false_alarm}");
}

/// Half of what is asked of the region fails from 100 to 200 s. The watch takes six in ten for a failure: it never says a
/// word.
#[test]
fn what_the_limits_of_a_watch_let_pass_is_missed_for_as_long_as_it_lasts() {
    let watch = WATCH.replace("error_rate: 10%", "error_rate: 60%");
    let outcome = outcome(
        "  - slow_share: {id: gray, region: west, service: api, share: 100%, errors: 50%, at: 100s, for: 100s}",
        &watch,
    );
    let [missed, false_alarm, known] = west(&outcome);
    assert_eq!([false_alarm, known], [0, 300].map(Span::from_secs));
    let (shortest, longest) = (Span::from_secs(99), Span::from_millis(100_200));
    assert!(shortest <= missed && missed <= longest, "from the first request that fails to the last: {missed}");
}

/// The region answers clients as ever, and monitoring does not reach it from 100 to 160 s: the alarm is false from 105 s, as
/// after an outage, until 165 s.
#[test]
fn a_region_that_only_monitoring_does_not_reach_is_a_false_alarm() {
    let outcome = outcome("  - partition: {id: cut, region: west, from: control, at: 100s, for: 1m}", WATCH);
    assert_eq!(west(&outcome), [0, 60, 300].map(Span::from_secs));
}

#[test]
fn where_nobody_watches_nobody_is_wrong() {
    assert_eq!(outcome("  - region_outage: {id: dark, region: west, at: 100s, for: 1m}", "").misjudged, []);
}

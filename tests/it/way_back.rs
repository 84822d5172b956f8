//! The failback: what the first primary receives once it follows takes as long as it says, and is lost as it would be
//! on the way there.

use super::plan_of;
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::units::{Instant, Span};

/// West goes dark for a minute and follows afterwards; north goes dark for good at 420 s, and what it had not sent is gone.
fn world(of_the_database: &str) -> Outcome {
    let text = format!(
        "
firedrill: 1
name: reverse replication
duration: 15m
settle: 5m
regions:
  west:  {{services: {{api: {{servers: 50, time: 5ms}}}}}}
  north: {{like: west, role: secondary}}
databases:
  orders: {{primary: west, replicas: [north], commit: async, {of_the_database}, promote_time: 1s}}
dns: {{zone: app.example, ttl: 5s, publish: 1s}}
resolvers: {{violators: 0%}}
monitoring: {{scrape: 5s, window: 15s, delay: 1s}}
workload:
  - open: {{name: r, rate: 50/s, mix: {{read: 100%}}, timeout: 1s}}
  - open: {{name: w, rate: 50/s, mix: {{write: 100%}}, timeout: 1s, retries: 0, arrivals: {{steps: {{to: {{30s: 0.000001/d, 200s: 50/s}}}}}}}}
faults:
  - region_outage: {{id: first, region: west, at: 60s, for: 60s}}
  - region_outage: {{id: second, region: north, at: 420s}}
control:
  - watch: {{id: there, every: 5s, sustained: 0s, cool_down: 1h, min_requests: 3, from: west, to: north, run: region_failover}}
  - watch: {{id: back, every: 5s, sustained: 150s, cool_down: 10s, min_requests: 3, from: north, to: west, run: region_failover}}
properties:
  lag: {{measure: {{value: \"max(db.orders.lag, 230s, 410s)\", at_most: 1s}}}}
"
    );
    rehearse(&plan_of(&text, "scenarios/way-back.yaml", &[]), &Provenance::default(), 1)
}

#[test]
fn what_is_lost_on_the_way_back_is_what_was_on_its_way() {
    let alike = world("delay: 20s");
    let [store] = &alike.record.stores[..] else { panic!("one database") };
    // Some 50 writes a second for the 20 s before the second outage, and nothing before 420 s - 20 s.
    assert!((850..=1_150).contains(&store.lost_total), "{} lost", store.lost_total);
    assert!(store.lost.iter().all(|write| write.client_acked >= Instant::from_secs(399)), "{:?}", store.lost.first());
    for written in ["delay: {west: 20s, north: 20s}", "delay: {west: 20s, north: 1s}", "delay: {north: 20s}"] {
        let lost = world(written).record.stores[0].lost_total;
        assert!((850..=1_150).contains(&lost), "{written}: {lost} lost");
    }
    let quick = world("delay: {west: 0s, north: 20s}").record.stores[0].lost_total;
    assert!(quick < 20, "a failback that takes no time loses what is under way: {quick}");
}

#[test]
fn the_first_primary_applies_no_faster_than_it_can() {
    let slow = world("delay: 20s, apply_rate: {west: 25/s, north: 1k/s}");
    let lag = slow.record.signal("db.orders.lag").expect("recorded");
    let late = lag.points().filter(|(at, _)| (300..410).contains(&at.second())).map(|(_, s)| s.part / s.whole.max(1));
    let largest = Span::from_nanos(late.max().expect("samples"));
    // 50 writes a second come and 25 are applied: after 200 s and more, half of them have not been.
    assert!(largest > Span::from_secs(60), "{largest}");
}

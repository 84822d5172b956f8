//! Two controllers that want a database in two places: an epoch belongs to the controller that claimed it first, so
//! that one of them is refused, and no two copies take writes at once.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

/// North takes over from west, which is dark for a minute. While that is under way the other controller sees north fail,
/// as its services still reach for west, and moves the database back.
fn rivals(of_the_database: &str) -> Outcome {
    let text = format!(
        "
firedrill: 1
name: rivals
duration: 10m
settle: 5m
regions:
  west:  {{services: {{api: {{servers: 50, time: 5ms}}}}}}
  north: {{like: west, role: secondary}}
databases:
  orders: {{primary: west, replicas: [north], delay: 200ms, promote_time: 1s, {of_the_database}}}
dns: {{zone: app.example, ttl: 5s, publish: 1s}}
resolvers: {{violators: 0%}}
monitoring: {{scrape: 5s, window: 15s, delay: 1s}}
workload:
  - open: {{name: r, rate: 50/s, mix: {{read: 100%}}, timeout: 1s}}
  - open: {{name: w, rate: 50/s, mix: {{write: 100%}}, timeout: 1s, retries: 0}}
faults:
  - region_outage: {{id: first, region: west, at: 60s, for: 60s}}
control:
  - watch: {{id: there, every: 5s, sustained: 0s, min_requests: 3, from: west, to: north, cool_down: 1h, run: region_failover}}
  - watch: {{id: back, every: 5s, sustained: 0s, min_requests: 3, from: north, to: west, cool_down: 10s, run: region_failover}}
properties:
  auth: {{authority: orders}}
  one: {{always: \"db.orders.writable <= 1\"}}
"
    );
    rehearse(&plan_of(&text, "scenarios/rivals.yaml", &[]), &Provenance::default(), 1)
}

#[test]
fn two_controllers_never_lead_one_database_in_one_epoch() {
    for of_the_database in ["fencing: storage", "fencing: lease, lease: 15s", "commit: sync, without_replicas: degrade"]
    {
        let outcome = rivals(of_the_database);
        for property in &outcome.properties {
            assert_eq!(property.verdict, Verdict::Pass, "{of_the_database}: {}", property.why);
        }
        let terms = &outcome.record.stores[0].authority.terms;
        for (index, a) in terms.iter().enumerate() {
            for b in &terms[index + 1..] {
                assert!(a.until <= b.from || b.until <= a.from, "{of_the_database}: {a:?} and {b:?}");
                assert!(a.region == b.region || a.epoch != b.epoch, "{of_the_database}: {a:?} and {b:?}");
            }
        }
        let refused = |e: &&firedrill::record::TimelineEvent| e.text.contains("which claimed it first");
        let events = outcome.record.timeline.events();
        assert!(events.iter().any(|e| refused(&e)), "{of_the_database}: nobody was refused");
    }
}

//! What a failover may lose is said to whoever must agree to it, and in the record: if the old authority is dead, and if
//! it is only cut off.

use super::plan_of;
use firedrill::record::Record;
use firedrill::rehearse::{Provenance, rehearse};

fn asked(approval: &str) -> Record {
    let text = format!(
        "
firedrill: 1
name: the price of a failover
duration: 10m
regions:
  west:  {{services: {{api: {{servers: 50, time: 20ms}}}}}}
  north: {{like: west, role: secondary}}
databases:
  orders: {{primary: west, replicas: [north], delay: 2s, promote_time: 5s}}
dns: {{ttl: 5s, publish: 2s}}
resolvers: {{count: 0}}
monitoring: {{scrape: 5s, window: 15s, delay: 1s}}
workload:
  - open: {{rate: 50/s, mix: {{write: 50%}}, timeout: 2s}}
people:
  alice: {{availability: 100%, acknowledge: 5s, decide: 5s}}
faults:
  - region_outage: {{id: dark, region: west, at: 2m}}
control:
  - watch: {{id: pilot, every: 5s, sustained: 10s, min_requests: 3, run: region_failover, approve: {approval}}}
properties:
  promised: {{ledger: {{lost: 10000, announced: true}}}}
"
    );
    rehearse(&plan_of(&text, "scenarios/announced.yaml", &[]), &Provenance::default(), 1).record
}

#[test]
fn the_question_holds_both_numbers() {
    for approval in ["{ask: [alice], before: [activate_secondary]}", "{ask: [alice]}"] {
        let record = asked(approval);
        let events = record.timeline.events();
        let question = &events.iter().find(|e| e.name == "approval.asked").expect("somebody is asked").text;
        let (before, after) = question.split_once("orders: at most ").unwrap_or_else(|| panic!("{question}"));
        assert!(before.contains("region_failover"), "{question}");
        let (dead, alive) = after.split_once(" writes lost, ").unwrap_or_else(|| panic!("{question}"));
        let alive = alive.split_once(" if it was only cut off").unwrap_or_else(|| panic!("{question}")).0;
        let numbers: Vec<u64> = [dead, alive].map(|n| n.parse().unwrap_or_else(|_| panic!("{question}"))).to_vec();
        assert!(0 < numbers[0] && numbers[0] < numbers[1], "{question}");
    }
}

#[test]
fn the_record_holds_both_numbers_and_the_loss_is_within_them() {
    let record = asked("{ask: [alice]}");
    let store = &record.stores[0];
    let bound = store.announced.expect("it was announced");
    assert!(0 < store.lost_total && store.lost_total <= bound.if_dead && bound.if_dead < bound.if_alive, "{bound:?}");
}

//! An outage of a database whose lease ran out belongs to what kept the lease from being renewed, and to nothing beside it.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

/// Writers in west, whose database lives on a lease, and readers in north, whose link is slow the while.
fn run(fault: &str, more: &str) -> Outcome {
    let text = format!(
        "firedrill: 1\nname: causes\nduration: 20m\nregions:\n  west: {{services: {{api: {{servers: 16, time: 10ms, database: d}}}}}}\n  north: \
         {{role: secondary, services: {{api: {{active: true, servers: 16, time: 10ms}}}}}}\n  south: {{role: secondary, services: \
         {{}}}}\ndatabases:\n  d: {{primary: west, replicas: [south], delay: 200ms, fencing: lease, lease: 30s}}\ndns: {{records: \
         {{app.example: west, o.example: north}}}}\nresolvers: {{count: 0}}\nworkload:\n  - open: {{name: w, rate: 10/s, mix: {{write: 50%}}, \
         retries: 0, record: app.example}}\n  - open: {{name: o, rate: 10/s, mix: {{write: 0%}}, retries: 0, record: \
         o.example}}\nfaults:\n  - {fault}\n  - link_degraded: {{id: decoy, region: north, delay: 20ms, at: 4m, for: 10m}}\n{more}properties:\n  \
         decoy: {{recovers: {{after: fault.decoy, within: 10m}}}}\n"
    );
    rehearse(&plan_of(&text, "causes.yaml", &[]), &Provenance::default(), 1)
}

#[test]
fn a_lease_that_ran_out_is_put_down_to_what_kept_it_from_being_renewed() {
    for (fault, more) in [
        ("partition: {id: why, region: west, from: control, at: 5m, for: 3m}", ""),
        ("journal_down: {id: why, at: 5m, for: 3m}", ""),
    ] {
        let outcome = run(fault, more);
        let writes: Vec<_> = outcome.outages.iter().filter(|outage| outage.class == "w.api.write").collect();
        assert_eq!(writes.len(), 1, "{fault}");
        assert_eq!(writes[0].causes, ["fault.why"], "{fault}");
        assert_eq!(outcome.verdict, Verdict::Inconclusive, "the decoy's recovery bounds none of it: {fault}");
        let why = outcome.record.faults.iter().find(|found| found.id == "why").expect("it is there");
        assert!(why.hits > 0 && why.touched > 0, "{why:?}");
    }
}

//! A copy that lost its data and was not rebuilt is missing in the end, and a GO says so.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

fn run(rest: &str) -> Outcome {
    let text = format!(
        "firedrill: 1\nname: copies\nduration: 15m\nregions:\n  west: {{services: {{api: {{servers: 32, time: 20ms, database: \
         d}}}}}}\n  east: {{like: west, role: secondary, services: {{api: {{active: true, reads: nearby}}}}}}\ndatabases:\n  d: {{primary: west, replicas: [east], rebuild_time: \
         2m}}\ndns: {{records: {{app.example: balancer}}}}\nbalancer: {{weights: {{west: 50%, east: 50%}}}}\nworkload:\n  - open: {{name: u, rate: 5/s, mix: {{write: 20%}}}}\nfaults:\n  - data_lost: {{id: \
         wiped, database: d, region: east, at: 5m}}\n{rest}"
    );
    rehearse(&plan_of(&text, "copies.yaml", &[]), &Provenance::default(), 1)
}

const CALM: &str = "properties:\n  ok: {always: success >= 95%}\n";

#[test]
fn a_replica_without_data_is_found_at_the_end_unless_a_property_allows_it() {
    let outcome = run(CALM);
    assert_eq!(outcome.verdict, Verdict::Inconclusive, "{:?}", outcome.findings);
    assert!(
        outcome.findings[0].contains("d: at the end 1 of 2 copies had no data, the first since 5m"),
        "{:?}",
        outcome.findings
    );
    for allowed in ["always: db.d.without_data <= 1", "ends_with: db.d.without_data <= 1"] {
        let outcome = run(&format!("{CALM}  one_left: {{{allowed}}}\n"));
        assert_eq!((outcome.verdict, outcome.findings.len()), (Verdict::Pass, 0), "{:?}", outcome.findings);
    }
    let outcome = run(&format!("{CALM}  both: {{ends_with: db.d.without_data <= 0}}\n"));
    assert_eq!(outcome.verdict, Verdict::Fail);
}

#[test]
fn a_replica_that_is_rebuilt_is_a_copy_again() {
    // It has to apply what was written meanwhile.
    const OLD: &str = "  old: {always: service.east.api.outdated_reads <= 20/s}\n";
    let rebuilt = "procedures:\n  again:\n    - rebuild: {database: d, region: east}\ncontrol:\n  - run: {procedure: again, at: 7m}\n";
    let outcome = run(&format!("{rebuilt}{CALM}{OLD}"));
    assert_eq!((outcome.verdict, outcome.findings.len()), (Verdict::Pass, 0), "{:?}", outcome.findings);
    let signal = outcome.record.signal("db.d.without_data").expect("recorded");
    let at = |second| signal.at(firedrill::units::Instant::from_secs(second)).part;
    assert_eq!([290, 310, 430, 899].map(at), [0, 1, 1, 0]);
}

//! Answers with what has long been replaced, from caches and buckets, and objects that are nowhere in reach: none is a GO.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

fn run(text: &str) -> Outcome {
    let text = format!("firedrill: 1\nname: old answers\nduration: 20m\nsettle: 1h\n{text}");
    rehearse(&plan_of(&text, "old-answers.yaml", &[]), &Provenance::default(), 1)
}

/// What is said of a run that holds all its properties, which must be one thing that contains `words`, or nothing.
fn finds(text: &str, words: &[&str]) {
    let outcome = run(text);
    let verdict = if words.is_empty() { Verdict::Pass } else { Verdict::Inconclusive };
    assert_eq!((outcome.verdict, outcome.findings.len()), (verdict, words.len()), "{:?}", outcome.findings);
    for (finding, words) in outcome.findings.iter().zip(words) {
        assert!(finding.contains(words), "{finding}");
    }
}

/// Editors who write through one service what others read through the cache of another.
fn cached(cache: &str, rest: &str) -> String {
    format!(
        "regions:\n  west:\n    services:\n      writer: {{servers: 32, time: 20ms, database: d}}\n      reader: {{servers: 32, time: \
         20ms, database: d, cache: {{{cache}}}}}\ndatabases: {{d: {{primary: west}}}}\nworkload:\n  - open: {{name: editors, service: \
         writer, rate: 2/s, mix: {{write: 100%}}, keys: {{uniform: 1000}}}}\n  - open: {{name: readers, service: reader, rate: 10/s, mix: \
         {{write: 0%}}, keys: {{uniform: 1000}}}}\nproperties:\n  ok: {{always: success >= 90%}}\n{rest}"
    )
}

#[test]
fn a_cache_that_nobody_tells_of_writes_is_outdated_unless_its_time_to_live_says_how_long() {
    finds(&cached("entries: 1000", ""), &["west.reader: "]);
    finds(&cached("entries: 1000, ttl: 1m", ""), &[]);
    finds(&cached("entries: 1000", "  old: {always: service.west.reader.cache_outdated <= 20/s}\n"), &[]);
    finds(&cached("entries: 1000", "  old: {always: service.west.reader.cache_stale <= 20/s}\n"), &["west.reader: "]);
}

#[test]
fn a_cache_elsewhere_that_writes_do_not_invalidate_is_outdated_whatever_its_time_to_live() {
    let both = |mix: &str| {
        format!(
            "regions:\n  west: {{services: {{api: {{servers: 32, time: 20ms, database: d, cache: {{entries: 100, ttl: 1h}}}}}}}}\n  east: \
             {{services: {{api: {{servers: 32, time: 20ms, database: d, active: true, cache: {{entries: 100, ttl: \
             1h}}}}}}}}\ndatabases: {{d: {{primary: west, replicas: [east]}}}}\ndns: {{records: {{app.example: balancer}}}}\nbalancer: \
             {{weights: {{west: 50%, east: 50%}}}}\nworkload:\n  - open: {{name: u, rate: 20/s, mix: {mix}, keys: {{uniform: \
             100}}}}\nproperties:\n  ok: {{always: success >= 90%}}\n"
        )
    };
    finds(&both("{write: 20%}"), &["east.api: ", "west.api: "]);
    finds(&both("{write: 0%}"), &[]);
}

#[test]
fn a_cache_that_was_filled_from_a_replica_behind_is_as_old_as_that() {
    let stalled = |at: &str| {
        run(&format!(
            "regions:\n  west: {{services: {{api: {{servers: 32, time: 20ms, database: d}}}}}}\n  east: {{services: {{api: {{servers: 32, \
             time: 20ms, database: d, active: true, reads: nearest, cache: {{entries: 10k, ttl: 5m}}}}}}}}\ndatabases: {{d: {{primary: \
             west, replicas: [east]}}}}\ndns: {{records: {{w.example: west, e.example: east}}}}\nworkload:\n  - open: {{name: editors, \
             record: w.example, rate: 2/s, mix: {{write: 100%}}, keys: {{uniform: 1000}}}}\n  - open: {{name: readers, record: e.example, \
             rate: 10/s, mix: {{write: 0%}}, keys: {{uniform: 1000}}}}\nfaults:\n  - replication_stall: {{id: stall, database: d, at: \
             {at}, for: 2m}}\nproperties:\n  ok: {{always: success >= 90%}}\n"
        ))
    };
    let outcome = stalled("5m");
    let outdated = |outcome: &Outcome, second: u64| {
        let signal = outcome.record.signal("service.east.api.cache_outdated").expect("recorded");
        signal.at(firedrill::units::Instant::from_secs(second)).part
    };
    let late: u64 = (440..600).map(|second| outdated(&outcome, second)).sum();
    assert!(late > 0, "the stall was over at 7 minutes, and what was read before is held for five");
    assert_eq!((0..300).map(|second| outdated(&outcome, second)).sum::<u64>(), 0);
    assert!(outcome.findings.iter().any(|finding| finding.contains("from its cache")), "{:?}", outcome.findings);
}

/// A failover from a region whose bucket is copied with `delay`, which is back after `lasts`.
fn bucket(delay: &str, lasts: &str, rest: &str) -> String {
    format!(
        "regions:\n  west: {{services: {{api: {{servers: 32, time: 20ms, bucket: b}}}}}}\n  east: {{like: west, role: \
         secondary}}\nbuckets: {{b: {{primary: west, replicas: [east], delay: {delay}}}}}\ndns: {{ttl: 30s}}\nresolvers: {{violators: \
         0%}}\nworkload:\n  - open: {{name: u, rate: 20/s, mix: {{write: 50%}}, keys: {{uniform: 20k}}}}\nfaults:\n  - region_outage: \
         {{id: dark, region: west, at: 5m, for: {lasts}}}\ncontrol: [{{watch: {{run: region_failover}}}}]\nproperties:\n  rto: \
         {{recovers: {{after: fault.dark, within: 10m}}}}\n{rest}"
    )
}

#[test]
fn objects_that_were_not_replicated_before_a_failover_are_found_by_reads_and_at_the_end() {
    const STALE: &str = "  stale: {always: bucket.b.east.stale <= 100k}\n";
    finds(&bucket("0s", "30m", ""), &[]);
    finds(&bucket("10m", "10m", ""), &["b.east: "]);
    finds(&bucket("10m", "10m", STALE), &[]);
    finds(&bucket("10m", "30m", STALE), &["out of reach when clients stopped: from 5m on"]);
    finds(&bucket("10m", "30m", &format!("{STALE}  there: {{always: bucket.b.out_of_reach <= 20k}}\n")), &[]);
}

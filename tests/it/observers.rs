//! Who watches a run: what they see is what the ledger says, and watching changes nothing.

use super::{ROOT, plan_of};
use firedrill::check::property::observed::watchers;
use firedrill::outcome::Verdict;
use firedrill::record::{Observation, Record};
use firedrill::rehearse::{Provenance, rehearsal, rehearse};
use firedrill::scenario::Plan;
use firedrill::sim::{Rehearsal, run};

fn watched(plan: &Plan, seed: u64) -> Record {
    let schedule = plan.schedule(seed);
    run(Rehearsal { observers: &watchers(), ..rehearsal(plan, &schedule) }, seed).record
}

fn seen<'a>(record: &'a Record, observer: &str) -> &'a Observation {
    record.observations.iter().find(|seen| seen.observer == observer).expect("it watched")
}

/// The ledger, which knows the logs, and the final state, which knows only what clients were told, must count the same; and
/// no copy may hold anything but what the log says.
fn agree(path: &str, plan: &Plan, seed: u64) -> bool {
    let record = watched(plan, seed);
    let visible: u64 = record.stores.iter().map(|store| store.lost_visible).sum();
    let (state, aligned) = (seen(&record, "final_state"), seen(&record, "aligned"));
    assert_eq!(aligned.violations, 0, "{path}: {:?}", aligned.named);
    let keys: std::collections::BTreeSet<(&str, u32)> = record
        .stores
        .iter()
        .flat_map(|store| store.lost.iter().filter(|lost| lost.visible).map(|lost| (store.store.as_str(), lost.key)))
        .collect();
    let whole = record.stores.iter().all(|store| store.lost.len() as u64 == store.lost_total);
    if whole && state.undecided == 0 {
        assert_eq!(state.violations, keys.len() as u64, "{path}: {:?}", state.named);
    } else {
        assert!(state.undecided > 0 || (state.violations > 0) == (visible > 0), "{path}");
    }
    visible > 0
}

fn scenarios(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(format!("{ROOT}/scenarios/{folder}")).expect("it is there");
    let name = |entry: std::fs::DirEntry| format!("scenarios/{folder}/{}", entry.file_name().to_string_lossy());
    let mut files: Vec<String> = entries.map(|entry| name(entry.expect("readable"))).collect();
    files.retain(|file| file.ends_with(".yaml"));
    files.sort();
    files
}

#[test]
fn black_box_and_ledger_agree_on_what_ships() {
    let every = if std::env::var_os("FIREDRILL_FULL").is_some() { 1 } else { 4 };
    let files = ["databases", "ai-provider", "verdicts"].into_iter().flat_map(scenarios).step_by(every);
    let (mut looked_at, mut lossy) = (0, 0);
    for file in files {
        let text = std::fs::read_to_string(format!("{ROOT}/{file}")).expect("readable");
        if text.contains("\nbase:") {
            continue;
        }
        let plan = plan_of(&text, &file, &[]);
        if plan.world.databases.is_empty() {
            continue;
        }
        looked_at += 1;
        lossy += u64::from(agree(&file, &plan, 1));
    }
    assert!(looked_at > 15 && lossy > 2, "{looked_at} {lossy}");
}

/// A failover without what had not arrived, in a small estate.
const LOSES: &str = "
firedrill: 1
name: loses
duration: 6m
regions:
  west: {services: {api: {servers: 50, time: 10ms, database: orders}}}
  north: {like: west, role: secondary}
databases:
  orders: {primary: west, replicas: [north], delay: 2s, promote_time: 5s}
dns: {zone: app.example, ttl: 20s, publish: 5s}
resolvers: {violators: 0%}
monitoring: {scrape: 5s, window: 20s, delay: 1s}
workload:
  - open: {rate: 50/s, mix: {write: 50%}, keys: {uniform: {count: 20k}}, timeout: 2s}
faults:
  - region_outage: {id: dark, region: west, at: 60s}
control:
  - watch: {every: 5s, sustained: 20s, run: region_failover}
properties:
  explained: {final_state: {}}
  replayed: {aligned: {}}
";

#[test]
fn watching_moves_nothing_and_decides_what_it_saw() {
    let plan = plan_of(LOSES, "loses.yaml", &[]);
    assert!(agree("loses.yaml", &plan, 1), "something is lost that no later write covers");
    let outcome = rehearse(&plan, &Provenance::default(), 1);
    let verdict = |id: &str| outcome.properties.iter().find(|property| property.id == id).expect(id).verdict;
    assert_eq!((verdict("explained"), verdict("replayed")), (Verdict::Fail, Verdict::Pass));
    let without = LOSES.replace(
        "  explained: {final_state: {}}\n  replayed: {aligned: {}}\n",
        "  up: {measure: {value: availability, at_least: 1%}}\n",
    );
    let alone = rehearse(&plan_of(&without, "loses.yaml", &[]), &Provenance::default(), 1);
    assert_eq!(alone.record.digest, outcome.record.digest);
    assert!(alone.record.observations.is_empty());
}

#[test]
fn random_runs_agree_whatever_strikes() {
    let text = LOSES.replace(
        "  - region_outage: {id: dark, region: west, at: 60s}\n",
        "  - database_crash: {id: crash, database: orders, rate: 20/h, for: {exponential: 20s}, optional: true}\n  - region_outage: {id: dark, region: west, rate: 10/h, for: {exponential: 60s}, optional: true}\n",
    );
    let plan = plan_of(&text, "random.yaml", &[]);
    let seeds = if std::env::var_os("FIREDRILL_FULL").is_some() { 400 } else { 25 };
    let lossy = (0..seeds).filter(|seed| agree(&format!("random.yaml, seed {seed}"), &plan, *seed)).count();
    assert!(lossy > 2, "{lossy}");
}

//! Same scenario, seed and version: same bytes. And what is added to a scenario changes nobody else's random numbers.

use super::{ROOT, plan, plan_of};
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};
use std::path::PathBuf;
use std::process::Command;

/// Small enough to be run many times.
const SMALL: &str = "
firedrill: 1
name: small
preset: ai-provider
duration: 6m
regions:
  west:
    services:
      api: {servers: 8, time: {lognormal: {median: 40ms, sigma: 0.6}}, database: orders}
      other: {servers: 4, time: {exponential: 20ms}, database: notes}
  north: {like: west, role: secondary}
databases:
  orders: {primary: west, replicas: [north], delay: 200ms, promote_time: 1s}
  notes: {primary: west, replicas: [north], delay: 200ms, promote_time: 1s}
dns: {zone: app.example, ttl: 30s, publish: 1s}
resolvers: {count: 0} # a shared cache is one way in which populations rightly touch each other
workload:
  - open: {name: users, rate: 40/s, service: api, mix: {read: 50%, write: 50%}, keys: {uniform: {count: 500}}}
faults:
  - region_outage: {id: dark, region: west, at: 1m, for: 3m}
control:
  - watch: {every: 5s, sustained: 10s, run: region_failover}
properties:
  no_loss: {ledger: {lost: 0}}
expect: {no_loss: fail}
";

const ANOTHER_FAULT: (&str, &str) = (
    "control:",
    "  - slow_share: {id: late, region: north, service: other, slowdown: 200%, at: 5m, optional: true}\ncontrol:",
);

const ANOTHER_WORKLOAD: (&str, &str) =
    ("faults:", "  - open: {name: more, rate: 20/s, service: other, keys: {uniform: {count: 500}}}\nfaults:");

fn outcome(text: &str, seed: u64) -> Outcome {
    rehearse(&plan_of(text, "small.yaml", &[]), &Provenance::default(), seed)
}

/// What the users of `api` saw of their own requests, and what became of their writes.
fn of_the_users(outcome: &Outcome) -> String {
    let service =
        |region: &str| outcome.record.signal(&format!("service.{region}.api.busy")).expect("recorded").clone();
    let orders = outcome.record.stores.iter().find(|store| store.store == "orders").expect("declared");
    format!("{:?}\n{:?}\n{orders:?}", service("west"), service("north"))
}

#[test]
fn the_same_seed_gives_the_same_outcome_and_another_seed_another_one() {
    let (first, again, other) = (outcome(SMALL, 1), outcome(SMALL, 1), outcome(SMALL, 2));
    assert!(first == again, "two runs of one seed differ");
    assert_ne!(first.record.digest, other.record.digest);
}

#[test]
fn another_fault_moves_nobody_elses_dice() {
    let with = SMALL.replacen(ANOTHER_FAULT.0, ANOTHER_FAULT.1, 1);
    let (without, with) = (outcome(SMALL, 7), outcome(&with, 7));
    assert_eq!(with.record.faults.len(), without.record.faults.len() + 1);
    assert!(of_the_users(&with) == of_the_users(&without), "the users' requests have changed");
}

#[test]
fn another_population_of_clients_moves_nobody_elses_dice() {
    let with = SMALL.replacen(ANOTHER_WORKLOAD.0, ANOTHER_WORKLOAD.1, 1);
    let (without, with) = (outcome(SMALL, 7), outcome(&with, 7));
    assert!(with.record.requests.started > without.record.requests.started + 1_000);
    assert!(of_the_users(&with) == of_the_users(&without), "the users' requests have changed");
}

#[test]
fn shuffled_ties_are_another_order_of_the_same_world() {
    let shuffled = SMALL.replacen("duration: 6m", "duration: 6m\ntie_break: seeded", 1);
    let (fifo, seeded) = (outcome(SMALL, 1), outcome(&shuffled, 1));
    assert_eq!(fifo.record.requests.started, seeded.record.requests.started);
    assert_eq!(fifo.verdict, seeded.verdict);
}

/// A fresh folder for one test.
pub fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("an old folder of this test can be removed");
    }
    std::fs::create_dir_all(&folder).expect("a folder for this test");
    folder
}

/// Runs the program on [`SMALL`] and returns its `results.json`.
fn results(folder: &std::path::Path, name: &str, arguments: &[&str]) -> Vec<u8> {
    let scenario = folder.join("small.yaml");
    std::fs::write(&scenario, SMALL).expect("a scenario can be written");
    let output = folder.join(name);
    let status = Command::new(env!("CARGO_BIN_EXE_firedrill"))
        .current_dir(folder)
        .args(["run", "small.yaml", "-q", "-o"])
        .arg(&output)
        .args(arguments)
        .status()
        .expect("the program starts");
    assert!(status.success(), "{status}");
    std::fs::read(output.join("results.json")).expect("results were written")
}

#[test]
fn two_processes_and_any_number_of_jobs_write_the_same_bytes() {
    let folder = folder("two-processes");
    let one = |name: &str| results(&folder, name, &["--seed", "3"]);
    assert!(one("a") == one("b"), "two processes differ");
    let many = |jobs: &str| results(&folder, jobs, &["--seeds", "0..5", "--jobs", jobs]);
    let single = many("1");
    for jobs in ["2", "7"] {
        assert!(single == many(jobs), "{jobs} jobs differ from one");
    }
}

/// The digests under `tests/golden` were written by whatever profile blessed them; this test runs in whatever profile
/// tests are run in, and the checks before a change lands run the same scenario in release.
#[test]
fn the_profile_does_not_matter() {
    let golden = std::fs::read_to_string(format!("{ROOT}/tests/golden/scenarios.txt")).expect("blessed digests");
    let path = "scenarios/ai-provider/slow-share.yaml";
    let line = golden.lines().find(|line| line.contains(path)).expect("the scenario is there");
    let outcome = rehearse(&plan(path, &[]), &Provenance::default(), 1);
    assert_eq!(line.split(' ').next(), Some(outcome.record.digest.to_string().as_str()));
}

//! The integration tests, in one binary: what the parts do together.
#![allow(missing_docs, reason = "tests are named for what they show")]

mod allocation;
mod capacity;
mod command_line;
mod determinism;
mod documents;
mod failover_by_hand;
mod fencing;
mod interface;
mod interruptions;
mod names;
mod overlaps;
mod people;
mod procedures;
mod scenarios;
mod schedule;
mod schema;
mod storms;
mod switchover;
mod tidy;
mod world_faults;

use firedrill::scenario::{Catalogs, Plan, load};

/// The repository.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Compiles the scenario at `path`, from the repository's root, with `settings`. Panics with its problems.
fn plan(path: &str, settings: &[(&str, &str)]) -> Plan {
    let text = std::fs::read_to_string(format!("{ROOT}/{path}")).unwrap_or_else(|error| panic!("{path}: {error}"));
    plan_of(&text, path, settings)
}

/// Compiles a scenario's text.
fn plan_of(text: &str, path: &str, settings: &[(&str, &str)]) -> Plan {
    let settings: Vec<(String, String)> = settings.iter().map(|(p, v)| ((*p).to_owned(), (*v).to_owned())).collect();
    match load(text, path, &settings, &Catalogs::BUILT_IN) {
        Ok((plan, _)) => plan,
        Err(problems) => panic!("{path}: {problems:#?}"),
    }
}

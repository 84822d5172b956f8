//! The integration tests, in one binary: what the parts do together.
#![allow(missing_docs, reason = "tests are named for what they show")]

mod allocation;
mod announced;
mod backups_unread;
mod budgets;
mod call_timeout;
mod capacity;
mod change_request;
mod chosen_region;
mod claims;
mod command_line;
mod conformance;
mod controllers;
mod copies_left;
mod cost;
mod determinism;
mod documents;
mod dual_write;
mod estates;
mod evidence;
mod failover_by_hand;
mod fencing;
mod histories;
mod in_step;
mod interface;
mod interference;
mod interrupted_work;
mod interruptions;
mod judged_again;
mod late_and_unheard;
mod lease_causes;
mod lease_quorum;
mod limited;
mod limits;
mod many_runs;
mod misjudged;
mod names;
mod nearby_reads;
mod noisy_thresholds;
mod objects;
mod observers;
mod old_answers;
mod overlaps;
mod overtaken;
mod own_procedure;
mod own_program;
mod people;
mod pipes;
mod planned_moves;
mod policies;
mod procedures;
mod promtool;
mod queries;
mod reasons;
mod reconciliation;
mod recovery_point;
mod refusals;
mod restores;
mod rival_controllers;
mod routes;
mod runbooks;
mod scenarios;
mod schedule;
mod schema;
mod script;
mod setbacks;
mod settable;
mod shared_lease;
mod side_by_side;
mod small_estates;
mod stake;
mod storms;
mod switchover;
mod third_region;
mod throttled;
mod tidy;
mod time_to_live;
mod undoing;
mod unforeseen;
mod users;
mod way_back;
mod world_faults;

use firedrill::model::plan::Readable;
use firedrill::scenario::{Catalogs, Files, Plan, load_with_files};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The repository.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Of `cells`, those to be looked at: all where `FIREDRILL_FULL` is set, as in `.ci/run --full`, and one in three from the
/// number `from` on where it is not. Three has no factor in common with the eight ways in which a call is struck.
fn sampled<T>(cells: Vec<T>, from: usize) -> Vec<T> {
    let every = if std::env::var_os("FIREDRILL_FULL").is_some() { 1 } else { 3 };
    cells.into_iter().skip(from % every).step_by(every).collect()
}

/// Compiles the scenario at `path`, from the repository's root, with `settings`. Panics with its problems.
fn plan(path: &str, settings: &[(&str, &str)]) -> Plan {
    let text = std::fs::read_to_string(format!("{ROOT}/{path}")).unwrap_or_else(|error| panic!("{path}: {error}"));
    plan_of(&text, path, settings)
}

/// Compiles a scenario's text.
fn plan_of(text: &str, path: &str, settings: &[(&str, &str)]) -> Plan {
    let settings: Vec<(String, String)> = settings.iter().map(|(p, v)| ((*p).to_owned(), (*v).to_owned())).collect();
    let folder = Path::new(ROOT).join(path).parent().map(Path::to_owned).unwrap_or_default();
    match load_with_files(text, path, &settings, &Catalogs::BUILT_IN, &Folder(folder)) {
        Ok((plan, _)) => plan,
        Err(problems) => panic!("{path}: {problems:#?}"),
    }
}

/// The files beside a scenario.
struct Folder(PathBuf);

#[derive(Debug)]
struct Recording(PathBuf);

impl Files for Folder {
    fn find(&self, path: &str) -> Result<Arc<dyn Readable>, String> {
        Ok(Arc::new(Recording(self.0.join(path))))
    }
}

impl Readable for Recording {
    fn open(&self) -> io::Result<Box<dyn BufRead>> {
        Ok(Box::new(BufReader::new(File::open(&self.0)?)))
    }
}

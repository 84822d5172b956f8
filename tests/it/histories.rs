//! Histories of operations: written when asked for, in forms that are read back, and explained by what the run says.

use super::command_line::{code, firedrill};
use super::determinism::folder;
use firedrill::record::OperationOutcome;
use firedrill::report::history::{ReadOperation, read_elle, read_porcupine};
use std::collections::BTreeMap;
use std::path::Path;

const SCENARIO: &str = "
firedrill: 1
name: told
duration: 3m
regions:
  west: {services: {api: {servers: 50, time: 10ms, database: orders, dual_write: [copy]}}}
databases:
  orders: {primary: west}
  copy: {primary: west}
resolvers: {count: 0}
workload:
  - open: {rate: 20/s, mix: {write: 50%}, keys: {uniform: {count: 50}}, timeout: 2s}
faults:
  - database_crash: {id: down, database: orders, at: 1m, for: 20s}
properties:
  kept: {ledger: {lost: 0, database: orders}}
";

fn read(place: &Path) -> Vec<ReadOperation> {
    let text = |file: &str| std::fs::read_to_string(place.join("out/history").join(file)).expect(file);
    let operations = read_elle(&text("elle.edn")).expect("a history");
    assert_eq!(read_porcupine(&text("porcupine.edn")), Ok(operations.clone()), "both tell the same");
    operations
}

#[test]
fn a_history_has_every_operation_with_what_its_client_was_told() {
    let place = folder("history");
    std::fs::write(place.join("told.yaml"), SCENARIO).expect("a file can be written");
    let run = firedrill(&place, &["run", "told.yaml", "--history", "-o", "out"]);
    assert_eq!(code(&run), Some(3), "nobody bounds the outage: {}", String::from_utf8_lossy(&run.stderr));
    let operations = read(&place);
    let results: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(place.join("out/results.json")).expect("written")).expect("JSON");
    let of = |store: &str| operations.iter().filter(|o| o.key.starts_with(store)).collect::<Vec<_>>();
    let acked = |store: &str| {
        let losses = results["loss"].as_array().expect("a list");
        losses.iter().find(|loss| loss["store"] == store).expect("it is there")["acked"].as_u64().expect("a count")
    };
    for store in ["orders", "copy"] {
        let done =
            of(&format!("{store}/")).into_iter().filter(|o| o.writes.is_some() && o.outcome == OperationOutcome::Ok);
        assert_eq!(done.count() as u64, acked(store), "{store}");
    }
    let in_doubt = of("copy/").into_iter().filter(|o| o.outcome == OperationOutcome::Info).count();
    assert!(in_doubt > 100, "while the first is down the second has what nobody was told of: {in_doubt}");
    // A read sees the newest write that was done before it began, or one at the same time.
    let mut newest: BTreeMap<&str, Vec<&ReadOperation>> = BTreeMap::new();
    of("orders/").into_iter().filter(|o| o.writes.is_some()).for_each(|o| newest.entry(&o.key).or_default().push(o));
    let reads: Vec<_> = of("orders/").into_iter().filter(|o| o.writes.is_none()).collect();
    assert!(reads.len() > 1_000);
    for read in reads {
        let writes = newest.get(read.key.as_str()).map_or(&[][..], Vec::as_slice);
        let over = |write: &&&ReadOperation| write.returned.is_some_and(|returned| returned < read.invoked);
        let latest = writes.iter().filter(over).map(|write| write.invoked).max();
        let seen = read.reads.and_then(|value| writes.iter().find(|write| write.writes == Some(value)));
        assert_eq!(seen.is_none(), read.reads.is_none(), "what is read was written");
        assert!(seen.is_some() || latest.is_none(), "{read:?}");
        let stale = seen.zip(latest).filter(|(seen, latest)| seen.returned.is_some_and(|returned| returned < *latest));
        assert!(stale.is_none(), "{read:?} is older than what was done before it began");
    }
}

#[test]
fn a_history_is_kept_only_when_asked_for_and_of_one_run() {
    let place = folder("no-history");
    std::fs::write(place.join("told.yaml"), SCENARIO).expect("a file can be written");
    assert_eq!(code(&firedrill(&place, &["run", "told.yaml", "-o", "out"])), Some(3));
    assert!(!place.join("out/history").exists());
    let digest = |arguments: &[&str]| {
        let run = firedrill(&place, &[&["run", "told.yaml", "-o", "out"], arguments].concat());
        String::from_utf8_lossy(&run.stdout).lines().nth(1).map(str::to_owned)
    };
    assert_eq!(digest(&[]), digest(&["--history", "--report", "md"]), "watching changes nothing");
    assert!(place.join("out/history/elle.edn").exists() && !place.join("out/report.html").exists());
    let again = firedrill(&place, &["report", "out"]);
    assert_eq!(code(&again), Some(0), "{}", String::from_utf8_lossy(&again.stderr));
    assert_eq!(code(&firedrill(&place, &["run", "told.yaml", "--history", "--seeds", "3"])), Some(2));
}

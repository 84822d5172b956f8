//! What the tables hold, and that none is too large.

use super::*;
use crate::explore;
use crate::outcome::fixture;
use crate::record::{FaultRecord, Sample, Signal, SignalUnit, Viewpoint};
use crate::units::Instant;

fn file(documents: &[Document], name: &str) -> String {
    let path = format!("series/{name}.csv");
    let found = documents.iter().find(|d| d.path == path);
    String::from_utf8(found.unwrap_or_else(|| panic!("{path} is missing")).bytes.clone()).unwrap()
}

#[test]
fn signals_are_rows_of_what_they_describe_with_units_in_the_heading() {
    let documents = Csv.run(&fixture::outage(7));
    let databases = file(&documents, "databases");
    let heading = "t_s,lasting_s,database,lag_s,backlog_records,writable_copies";
    assert_eq!(databases.lines().next(), Some(heading));
    for row in ["60,1,orders,4.54302,18,0", "342,1,orders,286.543,5.65343,0.68592", "343,137,orders,,0,1"] {
        assert!(databases.lines().any(|line| line == row), "{row} is missing from\n{databases}");
    }
    let regions = file(&documents, "regions");
    assert!(regions.contains("\n366,2,northeurope,10,1,1\n"), "{regions}");
    assert!(file(&documents, "requests").contains("\n61,1,10,0,10,0,1,,,\n"));
}

#[test]
fn a_signal_nobody_knows_yet_has_its_place() {
    let mut outcome = fixture::outage(7);
    let mut signal = Signal::new("approvals.waiting", SignalUnit::Nanoseconds, Viewpoint::Control);
    signal.set(Instant::from_secs(60), Sample::count(1_500_000_000));
    outcome.record.signals.push(signal);
    let others = file(&Csv.run(&outcome), "other_signals");
    assert!(others.contains("\n60,420,approvals.waiting,s,control,1.5\n"), "{others}");
}

#[test]
fn every_file_has_rows_and_is_owned() {
    let campaign = explore::run(0..3, None, fixture::spaced).unwrap();
    let documents = Csv.campaign(&campaign);
    for document in &documents {
        assert!(Csv.owns(document.path.strip_prefix("series/").unwrap()), "{}", document.path);
        assert!(document.bytes.iter().filter(|b| **b == b'\n').count() > 1, "{} has no rows", document.path);
    }
    let seeds = file(&documents, "seeds");
    assert!(seeds.lines().nth(1).unwrap().starts_with("0,fail,true,false,18,"), "{seeds}");
    assert_eq!(file(&documents, "seed_properties").lines().nth(2), Some("0,no_loss,fail,-0.0292683"));
    assert_eq!(file(&documents, "seed_recovery").lines().nth(2), Some("1,dark,280.001"));
    assert!(!Csv.owns("holiday.csv") && !Csv.owns("requests.txt"));
}

#[test]
fn a_run_of_three_days_is_thinned_but_not_around_its_faults() {
    let mut outcome = fixture::outage(7);
    outcome.record.end = Instant::from_secs(72 * 3_600);
    let mut noisy = Signal::new("goodput", SignalUnit::PerSecond, Viewpoint::Truth);
    (0..72 * 3_600).for_each(|t| noisy.set(Instant::from_secs(t), Sample::count(t % 97)));
    outcome.record.signals = vec![noisy];
    outcome.record.faults.push(FaultRecord {
        at: Some(Instant::from_secs(100_007)),
        healed: Some(Instant::from_secs(100_100)),
        ..outcome.record.faults[0].clone()
    });
    let requests = file(&Csv.run(&outcome), "requests");
    assert!(requests.lines().count() < 7_000, "{} rows", requests.lines().count());
    assert!(requests.contains("\n100007,1,"), "second by second at the fault");
    assert!(requests.contains("\n200040,60,"), "minute by minute elsewhere");
}

#[test]
fn a_run_of_four_years_is_cut_into_hours() {
    let mut outcome = fixture::outage(7);
    outcome.record.end = Instant::from_secs(1_450 * 86_400);
    let mut noisy = Signal::new("goodput", SignalUnit::PerSecond, Viewpoint::Truth);
    (0..1_450 * 24).for_each(|hour| noisy.set(Instant::from_secs(hour * 3_600), Sample::count(hour % 97)));
    outcome.record.signals = vec![noisy];
    let requests = file(&Csv.run(&outcome), "requests");
    assert!(requests.lines().count() < 37_000, "{} rows", requests.lines().count());
    assert!(requests.contains("\n36000000,3600,"), "hour by hour");
}

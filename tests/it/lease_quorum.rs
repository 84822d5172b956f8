//! A store of leases with members in several regions: whom it answers.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::record::{ControlRun, Record};
use firedrill::rehearse::{Provenance, rehearse};

/// The authority in west lives on a lease of 30 s; something happens at 3 min, for 5.
const ESTATE: &str = "
firedrill: 1
name: quorum
duration: 15m
regions:
  west: {role: primary, services: {api: {servers: 16, time: 10ms, database: accounts}}}
  north: {like: west, role: secondary}
  south: {role: secondary, services: {}}
databases:
  accounts: {primary: west, replicas: [north], delay: 200ms, fencing: lease, lease: 30s}
journal: {members: [west, north, south]}
dns: {ttl: 30s, publish: 5s}
resolvers: {count: 0}
workload:
  - open: {rate: 10/s, mix: {write: 100%}, timeout: 5s, retries: 0}
faults:
FAULTS
control:
  - watch: {every: 10s, run: region_failover, from: west, to: north, runs_in: north}
properties:
  one: {authority: accounts}
";

fn run(faults: &[&str], change: (&str, &str)) -> Outcome {
    let faults: Vec<String> = faults.iter().map(|fault| format!("  - {fault}")).collect();
    let text = ESTATE.replace("FAULTS", &faults.join("\n")).replace(change.0, change.1);
    rehearse(&plan_of(&text, "quorum.yaml", &[]), &Provenance::default(), 1)
}

/// How many copies accept writes then.
fn writers(record: &Record, second: u64) -> u64 {
    let signal = record.signal("db.accounts.writable").expect("recorded");
    signal.seconds(record.end).find(|(at, _)| *at == second).map_or(0, |(_, sample)| sample.part)
}

const NORTH: &str = "region_outage: {id: north, region: north, at: 3m, for: 5m}";
const SOUTH: &str = "region_outage: {id: south, region: south, at: 3m, for: 5m}";
const WEST: &str = "region_outage: {id: west, region: west, at: 3m, for: 5m}";
const AS_IT_IS: (&str, &str) = ("", "");

#[test]
fn most_members_are_enough_and_half_of_them_are_not() {
    for one in [NORTH, SOUTH] {
        assert_eq!(writers(&run(&[one], AS_IT_IS).record, 300), 1, "{one}: two of three are left");
    }
    let both = run(&[NORTH, SOUTH], AS_IT_IS).record;
    assert_eq!((writers(&both, 179), writers(&both, 211), writers(&both, 479)), (1, 0, 0), "the lease has run out");
    assert_eq!(writers(&both, 500), 1, "and is renewed");
    assert!(both.faults.iter().all(|fault| fault.hits > 0), "{:#?}", both.faults);
    let pair = ("[west, north, south]", "[west, south]");
    assert_eq!(writers(&run(&[SOUTH], pair).record, 300), 0, "one of two is not most of them");
}

#[test]
fn a_member_that_the_store_does_without_was_missed_by_whoever_asked() {
    let served = ("one: {authority: accounts}", "served: {always: success >= 99%}");
    let outcome = run(&[SOUTH], served);
    assert!(outcome.record.faults[0].hits > 0, "{:?}", outcome.record.faults);
    assert_eq!((outcome.verdict, outcome.doubts.len()), (Verdict::Pass, 0), "{:?}", outcome.doubts);
    let nobody_asks = |text: &str| text.replace("fencing: lease, lease: 30s", "fencing: storage");
    let text = ESTATE.replace("FAULTS", &format!("  - {SOUTH}")).replace(served.0, served.1);
    let alone = nobody_asks(&text)
        .replace("  - watch: {every: 10s, run: region_failover, from: west, to: north, runs_in: north}", "");
    let outcome =
        rehearse(&plan_of(&alone.replace("control:", "control: []"), "quorum.yaml", &[]), &Provenance::default(), 1);
    assert_eq!((outcome.record.faults[0].hits, outcome.verdict), (0, Verdict::Inconclusive), "nobody had a lease");
}

#[test]
fn who_is_cut_off_from_the_other_members_loses_its_lease_and_they_can_give_it_on() {
    let apart = "partition: {id: apart, region: west, from: everything, at: 3m, for: 5m}";
    let record = run(&[apart], AS_IT_IS).record;
    let most = (0..=900).map(|second| writers(&record, second)).max();
    assert_eq!(most, Some(1), "never two");
    assert!(
        ControlRun::all(&record.timeline).iter().any(|run| run.name == "region_failover"),
        "north and south are most of the members"
    );
    let none_between = "partition: {id: apart, region: west, from: north, at: 3m, for: 5m}";
    let through_south = run(&[none_between], AS_IT_IS).record;
    assert_eq!(writers(&through_south, 300), 1, "the member in south has west's, and its own");
}

#[test]
fn the_region_that_leads_may_be_lost_with_its_member_but_not_with_the_whole_store() {
    let leads_at_the_end = |record: &Record| record.signal("db.accounts.lag").is_some() && writers(record, 460) == 1;
    assert!(leads_at_the_end(&run(&[WEST], AS_IT_IS).record), "north leads");
    let alone = ("{members: [west, north, south]}", "{runs_in: west}");
    assert!(!leads_at_the_end(&run(&[WEST], alone).record), "nobody can be given the lease");
}

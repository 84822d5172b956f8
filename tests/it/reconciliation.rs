//! Databases that get the same writes, compared row by row: what a walk finds and repairs, what it must leave alone, and what it
//! takes away where it does not.

use super::plan_of;
use firedrill::outcome::Outcome;
use firedrill::record::{MismatchKind, Reconciliation, Repaired, Row};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::units::{Instant, Span};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Every write goes to `old`, which answers, and to `new`, which is in another place.
const BOTH: &str = "
firedrill: 1
name: reconciled
duration: 7m
regions:
  west:  {services: {api: {servers: 50, time: 10ms, database: old, dual_write: {to: [new], ack: primary}}}}
  north: {role: secondary, services: {api: {servers: 50, time: 10ms, database: old, dual_write: {to: [new], ack: primary}}}}
databases:
  old: {primary: west, DELETES}
  new: {primary: north, DELETES}
network: {between: [{a: west, b: north, latency: 400ms}]}
resolvers: {count: 0}
workload:
  - open: {rate: 40/s, mix: {read: 40%, write: 50%, delete: 10%}, keys: {uniform: {count: 5000}}, retries: 0, timeout: 2s}
faults: [FAULTS]
control:
  - reconcile: {primary: old, secondary: new, page: 1000, rate: 1000/s, WALK}
properties:
  up: {measure: {value: availability, at_least: 99%}}
  clients_can_tell: {final_state: {}}
";

const NEW_DOWN: &str = "{database_crash: {id: down, database: new, at: 3m, for: 2m}}";

/// `deletes`: soft, hard, or none if nobody deletes.
fn run(deletes: &str, faults: &str, walk: &str, seed: u64) -> Outcome {
    let (both, deletes) = match deletes {
        "none" => (BOTH.replace(", delete: 10%", ""), "hard"),
        kind => (BOTH.to_owned(), kind),
    };
    let both = both.replace("write: 50%", if both.contains("delete:") { "write: 50%" } else { "write: 60%" });
    let text = both.replace("DELETES", &format!("deletes: {deletes}")).replace("FAULTS", faults).replace("WALK", walk);
    rehearse(&plan_of(&text, "reconciled.yaml", &[]), &Provenance::default(), seed)
}

fn walk(outcome: &Outcome, number: usize) -> &Reconciliation {
    &outcome.record.reconciliations[number]
}

/// Acknowledged writes of the primary that are lost, and those that a reader could still notice.
fn lost(outcome: &Outcome) -> (u64, u64) {
    let old = outcome.record.stores.iter().find(|store| store.store == "old").expect("there is one");
    (old.lost_total, old.lost_visible)
}

fn violations(outcome: &Outcome) -> u64 {
    outcome.record.observation("final_state").expect("somebody watches").violations
}

#[test]
fn a_walk_names_and_repairs_what_a_leg_missed_and_the_next_one_finds_nothing() {
    for deletes in ["hard", "soft"] {
        let outcome = run(deletes, NEW_DOWN, "at: 5m 10s, every: 1m, settle: 2s", 1);
        let first = walk(&outcome, 0);
        // 2,880 writes of 5,000 keys in those two minutes, and ten seconds of writes to both after that.
        assert!((1_000..2_400).contains(&first.mismatches()), "{deletes}: {first:?}");
        assert_eq!(first.mismatches(), first.repaired_in_secondary + first.changed, "{deletes}");
        assert_eq!((first.repaired_in_primary, first.left, first.complete), (0, 0, true), "{deletes}");
        assert_eq!(first.named.len() as u64, first.mismatches().min(1_000), "the first thousand by name");
        let kinds = |kind| first.named.iter().filter(|named| named.kind == kind).count();
        assert!(kinds(MismatchKind::Different) > 5, "{deletes}");
        assert_eq!(
            kinds(MismatchKind::Deleted) > 0,
            deletes == "soft",
            "a hard delete cannot be told from a row that never was"
        );
        assert!(kinds(MismatchKind::Missing) > 0 || deletes == "soft", "{deletes}");
        for named in first.named.iter().filter(|named| named.repaired == Repaired::InSecondary) {
            assert_ne!(Row::found(named.primary), Row::found(named.secondary), "{named:?}");
        }
        let pair = &outcome.record.dual_writes[0];
        assert_eq!(
            (pair.overwritten, pair.overwritten_in_secondary, pair.missing, pair.differing),
            (0, 0, 0, 0),
            "{deletes}"
        );
        assert!(pair.most_missing > 1_000, "{deletes}: there was something to repair");
        assert_eq!((lost(&outcome), violations(&outcome)), ((0, 0), 0), "{deletes}");
    }
}

#[test]
fn what_is_only_reported_stays() {
    let outcome = run("hard", NEW_DOWN, "at: 5m 10s, repair: never", 1);
    let first = walk(&outcome, 0);
    assert!(first.mismatches() > 1_000 && first.left == first.mismatches());
    assert!(outcome.record.dual_writes[0].missing > 0 && outcome.record.reconciliations.len() == 1);
}

#[test]
fn a_write_on_its_way_is_no_difference_that_lasts_but_a_list_worked_off_later_overwrites() {
    // Nothing is wrong here: 24 writes a second are 400 ms on their way.
    let careful = run("soft", "", "at: 1m, every: 1m, settle: 2s", 1);
    let found: u64 = careful.record.reconciliations.iter().map(Reconciliation::mismatches).sum();
    let pair = &careful.record.dual_writes[0];
    assert!(found > 0, "some were seen on their way");
    assert_eq!((pair.overwritten_in_secondary, pair.differing), (0, 0));
    let naive = run("soft", NEW_DOWN, "at: 5m 10s, repair: always, settle: 20s", 1);
    let pair = &naive.record.dual_writes[0];
    assert!(pair.overwritten_in_secondary > 10 && pair.overwritten == 0, "{pair:?}");
    assert_eq!(lost(&naive), (0, 0), "users read the other one");
}

#[test]
fn hard_deletes_come_back_where_what_is_there_wins_and_soft_ones_do_not() {
    let back = run("hard", NEW_DOWN, "at: 5m 10s, strategy: latest_wins, settle: 2s", 1);
    let (total, visible) = lost(&back);
    assert!(total > 5 && visible > 0, "{total} {visible}");
    assert_eq!(violations(&back), visible, "what clients can tell is what the log says");
    let lost_to = |outcome: &Outcome| {
        let old = outcome.record.stores.iter().find(|store| store.store == "old").expect("there is one");
        old.cuts.iter().filter(|cut| cut.overwrites).map(|cut| cut.lost).sum::<u64>()
    };
    assert_eq!(lost_to(&back), total);
    assert!(back.findings.iter().any(|finding| finding.starts_with("old: ")), "{:?}", back.findings);
    let gone = run("soft", NEW_DOWN, "at: 5m 10s, strategy: latest_wins, settle: 2s", 1);
    assert_eq!((lost(&gone), violations(&gone)), ((0, 0), 0));
}

#[test]
fn the_latest_wins_by_the_clocks_of_those_who_wrote() {
    let skewed = format!("{{clock_skew: {{id: clocks, region: west, by: 1h, at: 0s, for: 2m 50s}}}}, {NEW_DOWN}");
    let outcome = run("soft", &skewed, "at: 5m 10s, strategy: latest_wins, settle: 2s", 1);
    let ahead = |row: &Row| row.stamp > Instant::ZERO.saturating_add(Span::from_secs(3_000));
    let stamped: Vec<Row> = walk(&outcome, 0).named.iter().filter_map(|named| named.secondary).filter(ahead).collect();
    assert!(!stamped.is_empty(), "rows of the time when clocks were an hour ahead");
    let (total, visible) = lost(&outcome);
    assert!(total > 0 && violations(&outcome) == visible, "{total} {visible}");
    let primary = run("soft", &skewed, "at: 5m 10s, settle: 2s", 1);
    assert_eq!((lost(&primary), violations(&primary)), ((0, 0), 0), "clocks are not asked");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever is wrong, and whichever row counts: what clients can tell in the end is what the log says was overwritten; and where
    /// the primary wins nothing is.
    #[test]
    fn clients_and_the_log_agree_on_what_a_walk_takes_away(
        seed in 0_u64..1000,
        (at, lasts) in (60_u64..240, 10_u64..120),
        skew in prop::option::of(1_u64..600),
        strategy in prop::sample::select(vec!["primary_wins", "secondary_wins", "latest_wins"]),
        repair in prop::sample::select(vec!["stable", "always"]),
        deletes in prop::sample::select(vec!["soft", "hard", "none"]),
        settle in 1_u64..20,
    ) {
        let mut faults = format!("{{database_crash: {{id: down, database: new, at: {at}s, for: {lasts}s}}}}");
        if let Some(by) = skew {
            faults += &format!(", {{clock_skew: {{id: clocks, region: west, by: {by}s, at: 30s, for: {}s}}}}", at);
        }
        let walk = format!("at: 5m 30s, every: 1m, strategy: {strategy}, repair: {repair}, settle: {settle}s");
        let outcome = run(deletes, &faults, &walk, seed);
        let (total, visible) = lost(&outcome);
        // A key of which two writes were overwritten is one violation.
        let old = outcome.record.stores.iter().find(|store| store.store == "old").expect("there is one");
        let keys: BTreeSet<u32> = old.lost.iter().filter(|write| write.visible).map(|write| write.key).collect();
        let (keys, violations) = (keys.len() as u64, violations(&outcome));
        prop_assert!(violations <= visible && (violations == keys || total > 1_000), "{} {} {}", walk, faults, deletes);
        if strategy == "primary_wins" {
            prop_assert_eq!(total, 0);
        }
        // A delete on its way finds no row where none ever was: until it is there a repair may bring the row back that it deletes.
        if strategy == "primary_wins" && repair == "stable" && deletes == "none" {
            prop_assert_eq!(outcome.record.dual_writes[0].overwritten_in_secondary, 0);
        }
    }
}

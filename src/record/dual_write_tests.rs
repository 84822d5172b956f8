//! Rows of two databases, by hand, and random histories against an oracle that keeps everything.

use super::*;
use proptest::prelude::*;

const T: fn(u64) -> Instant = Instant::from_secs;

fn write(operation: u64, key: u32, invoked: u64) -> Write {
    Write { operation, key, invoked: T(invoked), deleted: false }
}

fn closed(ledger: DualLedger) -> DualWriteRecord {
    ledger.close("old", "new", T(99)).0
}

#[test]
fn a_row_lacks_a_write_that_was_acknowledged_and_went_to_one_database_only() {
    let mut ledger = DualLedger::new("new", 4);
    for side in [Side::Primary, Side::Secondary] {
        ledger.written(T(1), side, write(1, 0, 1));
    }
    ledger.acknowledged(T(2), write(1, 0, 1), None);
    ledger.written(T(5), Side::Primary, write(2, 0, 5));
    assert_eq!((ledger.missing, ledger.differing), (0, 1), "nobody was told so far");
    ledger.acknowledged(T(6), write(2, 0, 5), None);
    let record = closed(ledger);
    assert_eq!((record.rows, record.missing, record.most_missing, record.differing), (1, 1, 1, 1));
    let expected = DifferingRow {
        key: 0,
        primary: Some(2),
        secondary: Some(1),
        acknowledged: Some(2),
        missing: true,
        since: T(6),
    };
    assert_eq!(record.named, [expected]);
}

#[test]
fn a_later_write_to_both_mends_the_row() {
    let mut ledger = DualLedger::new("new", 1);
    ledger.written(T(1), Side::Primary, write(1, 0, 1));
    ledger.acknowledged(T(2), write(1, 0, 1), None);
    assert_eq!(ledger.missing, 1);
    ledger.written(T(3), Side::Primary, write(2, 0, 3));
    ledger.written(T(4), Side::Secondary, write(2, 0, 3));
    let record = closed(ledger);
    assert_eq!((record.missing, record.most_missing, record.differing), (0, 1, 0));
}

#[test]
fn two_writes_at_once_in_another_order_differ_and_neither_is_missing() {
    let mut ledger = DualLedger::new("new", 1);
    let (one, other) = (write(1, 0, 1), write(2, 0, 1));
    for (side, first, last) in [(Side::Primary, one, other), (Side::Secondary, other, one)] {
        ledger.written(T(2), side, first);
        ledger.written(T(3), side, last);
    }
    ledger.acknowledged(T(4), one, None);
    ledger.acknowledged(T(4), other, None);
    assert_eq!((ledger.missing, ledger.differing), (0, 1));
}

#[test]
fn a_leg_that_comes_after_a_newer_write_was_acknowledged_brings_back_what_that_replaced() {
    let mut ledger = DualLedger::new("new", 1);
    let (late, newer) = (write(1, 0, 1), write(2, 0, 3));
    ledger.written(T(1), Side::Primary, late);
    ledger.acknowledged(T(2), late, None);
    for side in [Side::Primary, Side::Secondary] {
        ledger.written(T(3), side, newer);
    }
    ledger.acknowledged(T(4), newer, None);
    assert_eq!(ledger.missing, 0);
    ledger.written(T(5), Side::Secondary, late);
    assert_eq!((ledger.missing, ledger.differing), (1, 1));
}

#[test]
fn signals_hold_what_was_so_when_a_second_began_and_in_the_end() {
    let mut ledger = DualLedger::new("new", 1);
    ledger.written(T(3), Side::Primary, write(1, 0, 3));
    ledger.acknowledged(Instant::from_nanos(5_500_000_000), write(1, 0, 3), None);
    let (_, [missing, differing, _]) = ledger.close("old", "new", T(9));
    let at = |signal: &Signal, second| signal.at(T(second)).part;
    assert_eq!([4, 5, 6, 9].map(|second| at(&missing, second)), [0, 0, 1, 1]);
    assert_eq!([3, 4, 9].map(|second| at(&differing, second)), [0, 1, 1]);
}

#[test]
fn a_row_that_is_gone_is_what_a_delete_leaves_whoever_it_was() {
    let delete = |operation, invoked| Write { deleted: true, ..write(operation, 0, invoked) };
    let mut ledger = DualLedger::new("new", 1);
    ledger.written(T(1), Side::Primary, write(1, 0, 1));
    ledger.acknowledged(T(2), write(1, 0, 1), None);
    ledger.written(T(3), Side::Primary, delete(2, 3));
    assert_eq!((ledger.missing, ledger.differing), (1, 0), "the row is gone here and was never there");
    ledger.acknowledged(T(4), delete(2, 3), None);
    assert_eq!((ledger.missing, ledger.differing), (0, 0));
    ledger.written(T(5), Side::Secondary, write(1, 0, 1));
    assert_eq!((ledger.missing, ledger.differing), (1, 1), "a late leg brings it back");
    assert_eq!(ledger.repaired(T(6), Side::Secondary, delete(REPAIR, 6)), None);
    let record = closed(ledger);
    assert_eq!((record.rows, record.missing, record.differing, record.overwritten_in_secondary), (0, 0, 0, 0));
}

#[test]
fn what_control_replaces_by_what_was_over_before_it_began_is_lost_and_nothing_else() {
    let place = Position { epoch: 1, lsn: 7 };
    let both = |older: u64, newer: u64| {
        let mut ledger = DualLedger::new("new", 1);
        for (write, ends) in [(write(1, 0, older), older + 1), (write(2, 0, newer), newer + 1)] {
            ledger.written(write.invoked, Side::Primary, write);
            ledger.acknowledged(T(ends), write, Some(place));
        }
        ledger
    };
    let older = write(1, 0, 1);
    let mut ledger = both(1, 5);
    let lost = ledger.repaired(T(9), Side::Primary, older);
    let expected = Overwritten { write: write(2, 0, 5), position: place, client_acked: T(6), by: 1 };
    assert_eq!((lost, ledger.overwritten), (Some(expected), [1, 0]));
    assert_eq!(ledger.repaired(T(10), Side::Primary, older), None, "it is lost once");
    assert_eq!(both(1, 2).repaired(T(9), Side::Primary, older), None, "they were under way at once");
    let mut ledger = both(1, 5);
    assert_eq!(ledger.repaired(T(9), Side::Secondary, older), None, "the secondary lacked it before");
    assert_eq!(ledger.repaired(T(10), Side::Secondary, write(2, 0, 5)), None);
    assert_eq!(ledger.repaired(T(11), Side::Secondary, older), None, "users read the primary");
    assert_eq!(ledger.overwritten, [0, 1]);
    let mut ledger = both(1, 5);
    let lost = ledger.repaired(T(9), Side::Primary, Write { deleted: true, ..write(REPAIR, 0, 9) });
    assert_eq!(lost.map(|lost| lost.by), Some(REPAIR), "a row that was deleted by mistake");
}

#[test]
fn what_was_acknowledged_elsewhere_stays_so_when_the_second_database_crashes() {
    let mut ledger = DualLedger::new("new", 1);
    let mut own = Ledger::new(1, "there");
    let (older, newer) = (write(1, 0, 1), write(2, 0, 5));
    ledger.written(T(1), Side::Primary, older);
    ledger.acknowledged(T(2), older, None);
    ledger.written(T(3), Side::Secondary, older);
    own.append(1, older);
    ledger.replaced(T(4), Side::Secondary, &own);
    ledger.written(T(5), Side::Primary, newer);
    ledger.acknowledged(T(6), newer, None);
    assert_eq!((ledger.missing, ledger.differing), (1, 1), "its own ledger never heard that the older one was done");
}

#[test]
fn reads_of_a_row_that_has_long_lacked_an_acknowledged_write_are_counted_second_by_second() {
    let mut ledger = DualLedger::new("new", 2);
    ledger.written(T(1), Side::Primary, write(1, 0, 1));
    ledger.acknowledged(T(2), write(1, 0, 1), None);
    for (second, key) in [(3, 0), (17, 0), (18, 0), (18, 0), (18, 1), (40, 0)] {
        ledger.read(T(second), key);
    }
    ledger.written(T(50), Side::Secondary, write(1, 0, 1));
    ledger.read(T(90), 0);
    let (_, [.., lacking]) = ledger.close("old", "new", T(99));
    let counts: Vec<(u64, u64)> = lacking.seconds(T(99)).map(|(at, n)| (at, n.part)).filter(|(_, n)| *n > 0).collect();
    assert_eq!(counts, [(18, 2), (40, 1)], "15 s are long; who lacks nothing is not read in vain");
}

/// One step of a random history: a write begins, enters a database, or is acknowledged, or control gives one database what the
/// other has.
#[derive(Debug, Clone)]
enum Step {
    Repair { key: u32, secondary: bool },
    Begin { key: u32 },
    Enter { which: usize, secondary: bool },
    Acknowledge { which: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..2_u32).prop_map(|key| Step::Begin { key }),
        4 => (any::<usize>(), any::<bool>()).prop_map(|(which, secondary)| Step::Enter { which, secondary }),
        3 => any::<usize>().prop_map(|which| Step::Acknowledge { which }),
        1 => (0..2_u32, any::<bool>()).prop_map(|(key, secondary)| Step::Repair { key, secondary }),
    ];
    prop::collection::vec(step, 0..40)
}

/// What is known of one write.
#[derive(Debug, Clone, Copy)]
struct Known {
    write: Write,
    entered: [bool; 2],
    returned: Option<Instant>,
}

/// By brute force: a row of the secondary may be what is left of its key if there is an order of all acknowledged writes and
/// of any others, in keeping with which were over before which began, that ends with it.
fn may_be_last(last: Option<&Known>, of_key: &[&Known]) -> bool {
    let acknowledged: Vec<&&Known> = of_key.iter().filter(|known| known.returned.is_some()).collect();
    match last {
        None => acknowledged.is_empty(),
        Some(last) => {
            acknowledged.iter().all(|other| last.returned.is_none_or(|returned| returned >= other.write.invoked))
        }
    }
}

proptest! {
    #[test]
    fn what_is_missing_is_what_no_order_of_the_acknowledged_writes_explains(steps in steps()) {
        let mut ledger = DualLedger::new("new", 2);
        let mut all: Vec<Known> = Vec::new();
        let mut entered: Vec<(usize, usize)> = Vec::new();
        let mut overwritten = [0, 0];
        for (now, step) in (1_u64..).zip(steps) {
            match step {
                Step::Begin { key } => {
                    all.push(Known { write: write(now, key, now), entered: [false; 2], returned: None });
                }
                Step::Enter { which, secondary } if !all.is_empty() => {
                    let n = which % all.len();
                    let side = if secondary { Side::Secondary } else { Side::Primary };
                    if !all[n].entered[side as usize] {
                        all[n].entered[side as usize] = true;
                        entered.push((n, side as usize));
                        ledger.written(T(now), side, all[n].write);
                    }
                }
                Step::Acknowledge { which } if !all.is_empty() => {
                    let n = which % all.len();
                    if all[n].returned.is_none() && all[n].entered.contains(&true) {
                        all[n].returned = Some(T(now));
                        ledger.acknowledged(T(now), all[n].write, None);
                    }
                }
                Step::Repair { key, secondary } => {
                    let last = |side| entered.iter().rev().find(|(n, of)| *of == side && all[*n].write.key == key).map(|(n, _)| *n);
                    let side = usize::from(secondary);
                    let Some(given) = last(1 - side) else { continue };
                    let of_key: Vec<&Known> = all.iter().filter(|known| known.write.key == key).collect();
                    let fine = |n: Option<usize>| may_be_last(n.map(|n| &all[n]), &of_key);
                    overwritten[side] += u64::from(fine(last(side)) && !fine(Some(given)));
                    ledger.repaired(T(now), [Side::Primary, Side::Secondary][side], all[given].write);
                    entered.push((given, side));
                }
                Step::Enter { .. } | Step::Acknowledge { .. } => {}
            }
        }
        let record = closed(ledger);
        let (mut missing, mut differing) = (0, 0);
        for key in 0..2 {
            let of_key: Vec<&Known> = all.iter().filter(|known| known.write.key == key).collect();
            let last = |side: usize| {
                entered.iter().rev().find(|(n, of)| *of == side && all[*n].write.key == key).map(|(n, _)| &all[*n])
            };
            let late = |known: &&Known| known.returned.is_some();
            missing += u64::from(!may_be_last(last(1), &of_key) && of_key.iter().any(late));
            differing += u64::from(last(0).map(|known| known.write.operation) != last(1).map(|known| known.write.operation));
        }
        prop_assert_eq!((record.missing, record.differing), (missing, differing));
        prop_assert_eq!([record.overwritten, record.overwritten_in_secondary], overwritten);
    }
}

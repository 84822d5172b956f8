//! The rule by hand, with each kind of violation, and against every order there is.

use super::*;
use proptest::prelude::*;

const T: fn(u64) -> Instant = Instant::from_secs;
const STORE: DatabaseId = DatabaseId(0);

fn operation(number: u64, kind: OperationKind, invoked: u64, returned: u64, outcome: OperationOutcome) -> Operation {
    let returned = (outcome != OperationOutcome::Info).then(|| T(returned));
    Operation { number, store: STORE, key: 0, kind, invoked: T(invoked), returned, outcome }
}

fn write(number: u64, invoked: u64, returned: u64) -> Operation {
    operation(number, OperationKind::Write, invoked, returned, OperationOutcome::Ok)
}

fn read(number: u64, value: Option<u64>, invoked: u64, returned: u64) -> Operation {
    operation(number, OperationKind::Read(value), invoked, returned, OperationOutcome::Ok)
}

fn found(operations: &[Operation]) -> Option<(&'static str, Vec<u64>)> {
    linearizable(operations).map(|found| (found.what(), found.operations().to_vec()))
}

#[test]
fn each_kind_of_violation_is_named_with_the_operations_that_show_it() {
    let two = "two values were there at once";
    let within = "it was over while another value was there, before and after";
    // A stale read, after the newer value was acknowledged.
    assert_eq!(found(&[write(1, 1, 2), write(2, 3, 4), read(3, Some(1), 5, 6)]), Some((within, vec![1, 2, 3])));
    // Nothing is found, though something was written.
    assert_eq!(found(&[write(1, 1, 2), read(3, None, 5, 6)]), Some((within, vec![1, 3])));
    // One reader sees the new value, and a later one the old.
    let back = [write(1, 1, 2), write(2, 3, 9), read(3, Some(2), 4, 5), read(4, Some(1), 6, 7)];
    assert_eq!(found(&back), Some((within, vec![1, 3, 4])), "its write is over, and a later read finds it");
    // Two values that alternate.
    let turns =
        [write(1, 1, 2), write(2, 1, 2), read(3, Some(1), 3, 4), read(4, Some(2), 5, 6), read(5, Some(1), 7, 8)];
    assert_eq!(found(&turns).map(|(what, _)| what), Some(two));
    let failed = operation(1, OperationKind::Write, 1, 2, OperationOutcome::Fail);
    assert_eq!(
        found(&[failed, read(2, Some(1), 3, 4)]),
        Some(("what was read had failed, as its client was told", vec![1, 2]))
    );
    assert_eq!(
        found(&[write(1, 5, 6), read(2, Some(1), 3, 4)]),
        Some(("what was read was written only later", vec![1, 2]))
    );
    assert_eq!(found(&[read(2, Some(9), 3, 4)]), Some(("what was read was written by nobody", vec![2])));
}

#[test]
fn what_is_under_way_at_once_may_come_in_either_order() {
    for second in [Some(1), Some(2)] {
        assert_eq!(found(&[write(1, 1, 5), write(2, 2, 6), read(3, second, 7, 8)]), None);
    }
    // One that begins as the other returns is not after it.
    assert_eq!(found(&[write(1, 1, 2), write(2, 3, 4), read(3, Some(1), 4, 5)]), None);
    assert_eq!(found(&[write(1, 1, 2), read(3, None, 2, 3)]), None);
    assert!(found(&[write(1, 0, 0), read(3, None, 1, 1)]).is_some(), "nothing was there before the run");
}

#[test]
fn a_write_in_doubt_may_be_done_at_any_time_or_never() {
    let doubtful = operation(1, OperationKind::Write, 1, 0, OperationOutcome::Info);
    for late in [None, Some(1)] {
        assert_eq!(found(&[doubtful, read(2, late, 50, 51)]), None, "{late:?}");
    }
    assert_eq!(found(&[doubtful, write(2, 3, 4), read(3, Some(2), 5, 6), read(4, Some(1), 7, 8)]), None, "a late one");
    let taken_back = [doubtful, read(3, Some(1), 5, 6), read(4, None, 7, 8)];
    assert!(found(&taken_back).is_some(), "once it was seen it was done");
}

/// By brute force: whether some order of all operations that are over, and of some of those in doubt, in keeping with which was
/// over before which began, is that of a register (Wing and Gong, Testing and Verifying Concurrent Objects, 1993).
fn some_order_explains(operations: &[Operation]) -> bool {
    fn orders(left: &mut Vec<Operation>, value: Option<u64>) -> bool {
        if left.iter().all(|operation| operation.outcome == OperationOutcome::Info) {
            return true;
        }
        for index in 0..left.len() {
            let next = left[index];
            let before = |other: &Operation| other.returned.is_some_and(|returned| returned < next.invoked);
            let after = match next.kind {
                OperationKind::Write | OperationKind::Delete => Some(next.number),
                OperationKind::Read(found) if found == value => value,
                OperationKind::Read(_) => continue,
            };
            if left.iter().any(before) {
                continue;
            }
            left.remove(index);
            let explained = orders(left, after);
            left.insert(index, next);
            if explained {
                return true;
            }
        }
        false
    }
    let counts = |operation: &&Operation| match operation.kind {
        OperationKind::Write | OperationKind::Delete => operation.outcome != OperationOutcome::Fail,
        OperationKind::Read(_) => operation.outcome == OperationOutcome::Ok,
    };
    orders(&mut operations.iter().filter(counts).copied().collect(), None)
}

/// A few operations on one key.
fn histories() -> impl Strategy<Value = Vec<Operation>> {
    let one = (0_u64..10, 0_u64..5, 0_u8..8, 0_u64..5);
    prop::collection::vec(one, 0..8).prop_map(|operations| {
        let operations = (1..).zip(operations).map(|(number, (invoked, lasts, kind, value))| match kind {
            0 => operation(number, OperationKind::Write, invoked, invoked + lasts, OperationOutcome::Fail),
            1 => operation(number, OperationKind::Write, invoked, 0, OperationOutcome::Info),
            2 | 3 => write(number, invoked, invoked + lasts),
            _ => read(number, (value > 0).then_some(value), invoked, invoked + lasts),
        });
        operations.collect()
    })
}

proptest! {
    #[test]
    fn the_rule_finds_what_no_order_explains_and_nothing_else(operations in histories()) {
        let explained = some_order_explains(&operations);
        let found = linearizable(&operations);
        prop_assert_eq!(found.is_none(), explained, "{:?}", found);
        // What is named is enough, and no more than it takes.
        if let Some(found) = found {
            let named = |operation: &&Operation| found.operations().contains(&operation.number);
            let shown: Vec<Operation> = operations.iter().filter(named).copied().collect();
            prop_assert!(found.operations().len() <= 4);
            let of_nobody = shown.iter().any(|operation| matches!(operation.kind, OperationKind::Read(Some(value)) if !shown.iter().any(|write| write.number == value)));
            prop_assert!(of_nobody || linearizable(&shown).is_some(), "{:?}", found);
        }
    }
}

//! The rule by hand, with each kind of violation, and against every order there is.

use super::*;
use proptest::prelude::*;

const T: fn(u64) -> Instant = Instant::from_secs;
const STORE: DatabaseId = DatabaseId(0);

fn write(number: u64, key: u32, invoked: u64, returned: Option<u64>, outcome: OperationOutcome) -> Operation {
    let kind = OperationKind::Write;
    Operation { number, store: STORE, key, kind, invoked: T(invoked), returned: returned.map(T), outcome }
}

fn ok(number: u64, key: u32, invoked: u64, returned: u64) -> Operation {
    write(number, key, invoked, Some(returned), OperationOutcome::Ok)
}

fn seen(writes: &[Operation], rows: &[(u32, FinalValue)]) -> Observation {
    let mut seen = Observation::new(FINAL_STATE, "keys");
    final_state(&mut seen, "orders", writes.iter(), &rows.iter().copied().collect(), T(99));
    seen
}

#[test]
fn each_kind_of_violation_is_named_with_the_operations_that_show_it() {
    let history = [ok(1, 0, 1, 2), ok(2, 0, 3, 4)];
    let found = |value| {
        let seen = seen(&history, &[(0, value)]);
        seen.named.first().map(|violation| (violation.what.clone(), violation.operations.clone()))
    };
    assert_eq!(found(FinalValue::Of(2)), None);
    assert_eq!(
        found(FinalValue::Of(1)),
        Some(("acknowledged, and the row holds an older write".to_owned(), vec![2, 1]))
    );
    assert_eq!(found(FinalValue::Absent), Some(("acknowledged, and there is no row".to_owned(), vec![2])));
    assert_eq!(found(FinalValue::Unknown), Some(("the row holds what nobody wrote".to_owned(), vec![2])));
    assert_eq!(found(FinalValue::Of(9)), Some(("the row holds what nobody wrote".to_owned(), vec![2])));
    let failed = [write(3, 0, 1, Some(2), OperationOutcome::Fail)];
    let seen = seen(&failed, &[(0, FinalValue::Of(3))]);
    assert_eq!(seen.named[0].what, "the row holds what its client was told did not happen");
}

#[test]
fn a_write_in_doubt_may_be_last_and_need_not_be_there() {
    let doubtful = write(2, 0, 1, None, OperationOutcome::Info);
    let history = [doubtful, ok(1, 0, 5, 6)];
    for value in [FinalValue::Of(1), FinalValue::Of(2)] {
        assert_eq!(seen(&history, &[(0, value)]).violations, 0, "{value:?}");
    }
    assert_eq!(seen(&[doubtful], &[]).violations, 0);
    assert_eq!(seen(&[], &[]).checked, 0);
}

#[test]
fn a_row_is_gone_by_the_last_delete_and_by_none_that_a_write_followed() {
    let delete =
        |number, invoked, returned| Operation { kind: OperationKind::Delete, ..ok(number, 0, invoked, returned) };
    for (history, violations) in [
        ([ok(1, 0, 1, 2), delete(2, 3, 4)], 0),
        ([delete(1, 1, 2), ok(2, 0, 3, 4)], 1),
        ([delete(1, 1, 4), ok(2, 0, 3, 9)], 0),
    ] {
        assert_eq!(seen(&history, &[]).violations, violations, "{history:?}");
        assert_eq!(seen(&history, &[(0, FinalValue::Absent)]).violations, violations, "{history:?}");
    }
}

#[test]
fn writes_at_once_may_come_in_either_order() {
    // One that begins as the other returns is not after it.
    for (invoked, violations) in [(3, 0), (4, 0), (5, 1)] {
        let history = [ok(1, 0, 1, 4), ok(2, 0, invoked, 9)];
        assert_eq!(seen(&history, &[(0, FinalValue::Of(1))]).violations, violations, "{invoked}");
    }
}

/// By brute force: whether some order of all acknowledged writes and some of those in doubt, in keeping with which returned
/// before which began, ends with `value`.
fn some_order_ends_with(writes: &[Operation], value: FinalValue) -> bool {
    fn orders(left: &mut Vec<Operation>, last: Option<Operation>, value: Option<u64>) -> bool {
        let must = |write: &Operation| write.outcome == OperationOutcome::Ok;
        let leaves = match value {
            Some(number) => last.is_some_and(|last| last.number == number),
            None => last.is_none_or(|last| last.kind == OperationKind::Delete),
        };
        if leaves && !left.iter().any(must) {
            return true;
        }
        for index in 0..left.len() {
            let next = left[index];
            // Whoever returned before it began comes first.
            let before = |other: &Operation| other.returned.is_some_and(|returned| returned < next.invoked);
            if left.iter().any(before) {
                continue;
            }
            left.remove(index);
            let found = orders(left, Some(next), value);
            left.insert(index, next);
            if found {
                return true;
            }
        }
        false
    }
    let mut left: Vec<Operation> =
        writes.iter().filter(|write| write.outcome != OperationOutcome::Fail).copied().collect();
    let value = match value {
        FinalValue::Absent => None,
        FinalValue::Of(number) => Some(number),
        FinalValue::Unknown => return false,
    };
    orders(&mut left, None, value)
}

/// A few writes of one key, and what it holds in the end.
fn histories() -> impl Strategy<Value = (Vec<Operation>, FinalValue)> {
    let one = (0_u64..8, 0_u64..6, 0_u8..6, 0_u8..3);
    (prop::collection::vec(one, 0..6), 0_u64..8).prop_map(|(writes, last)| {
        let writes = (1..).zip(writes).map(|(number, (invoked, lasts, outcome, kind))| {
            let written = match outcome {
                0 => write(number, 0, invoked, Some(invoked + lasts), OperationOutcome::Fail),
                1 | 2 => write(number, 0, invoked, None, OperationOutcome::Info),
                _ => ok(number, 0, invoked, invoked + lasts),
            };
            Operation { kind: if kind == 0 { OperationKind::Delete } else { OperationKind::Write }, ..written }
        });
        let value = match last {
            0 => FinalValue::Absent,
            7 => FinalValue::Unknown,
            number => FinalValue::Of(number),
        };
        (writes.collect(), value)
    })
}

proptest! {
    #[test]
    fn the_rule_finds_what_no_order_explains_and_nothing_else((writes, value) in histories()) {
        let rows: Vec<(u32, FinalValue)> = if value == FinalValue::Absent { Vec::new() } else { vec![(0, value)] };
        let found = seen(&writes, &rows);
        let is_there = !writes.is_empty() || !rows.is_empty();
        prop_assert_eq!(found.checked, u64::from(is_there));
        prop_assert_eq!(found.violations == 0, !is_there || some_order_ends_with(&writes, value));
    }
}

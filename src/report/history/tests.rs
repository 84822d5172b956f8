//! What is written comes back, whatever it is called, and what is no history is refused at its line.

use super::*;
use crate::outcome::fixture;
use crate::record::OperationKind;
use crate::units::DatabaseId;
use proptest::prelude::*;

fn operation(number: u64, kind: OperationKind, (invoked, lasts): (u64, u64), outcome: OperationOutcome) -> Operation {
    let invoked = Instant::from_nanos(invoked);
    let returned = (outcome != OperationOutcome::Info).then(|| Instant::from_nanos(invoked.as_nanos() + lasts));
    Operation { number, store: DatabaseId(0), key: (number % 3) as u32, kind, invoked, returned, outcome }
}

/// What is to come back of an operation.
fn as_read(told: &Told<'_>, process: u64, operation: &Operation) -> ReadOperation {
    let (writes, reads) = match operation.kind {
        OperationKind::Write | OperationKind::Delete => (Some(operation.number), None),
        OperationKind::Read(value) => (None, value),
    };
    let (invoked, returned, outcome) = (operation.invoked, operation.returned, operation.outcome);
    ReadOperation { process, key: told.key(operation), writes, reads, invoked, returned, outcome }
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let one = (0_u64..50, 0_u64..20, 0_u8..6, prop::option::of(0_u64..9));
    prop::collection::vec(one, 0..12).prop_map(|all| {
        let one = |(number, (invoked, lasts, how, read)): (u64, (u64, u64, u8, Option<u64>))| match how {
            0 => operation(number, OperationKind::Write, (invoked, lasts), OperationOutcome::Fail),
            1 => operation(number, OperationKind::Write, (invoked, lasts), OperationOutcome::Info),
            2 | 3 => operation(number, OperationKind::Write, (invoked, lasts), OperationOutcome::Ok),
            _ => operation(number, OperationKind::Read(read), (invoked, lasts), OperationOutcome::Ok),
        };
        (1..).zip(all).map(one).collect()
    })
}

proptest! {
    #[test]
    fn what_is_written_comes_back(operations in operations(), name in "[a-z\"\\\\ \n]{1,8}") {
        let mut store = fixture::outage(7).record.stores.remove(0);
        store.store = name;
        let told = Told { operations: &operations, stores: &[store] };
        let expected: Vec<ReadOperation> = (0..).zip(&operations).map(|(process, o)| as_read(&told, process, o)).collect();
        prop_assert_eq!(read_elle(&elle::written(&told)), Ok(expected.clone()));
        prop_assert_eq!(read_porcupine(&porcupine::written(&told)), Ok(expected));
    }
}

#[test]
fn the_lines_are_those_that_the_checkers_show() {
    let mut store = fixture::outage(7).record.stores.remove(0);
    store.store = "orders".to_owned();
    let operations = [
        operation(4, OperationKind::Write, (10, 5), OperationOutcome::Ok),
        operation(7, OperationKind::Read(Some(4)), (15, 5), OperationOutcome::Ok),
        operation(8, OperationKind::Write, (16, 0), OperationOutcome::Info),
    ];
    let told = Told { operations: &operations, stores: &[store] };
    let lines = elle::written(&told);
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines[0], "{:index 0, :type :invoke, :process 0, :f :txn, :value [[:w \"orders/1\" 4]], :time 10}");
    assert_eq!(
        lines[1], "{:index 1, :type :invoke, :process 1, :f :txn, :value [[:r \"orders/1\" nil]], :time 15}",
        "it may be at once"
    );
    assert_eq!(lines[4], "{:index 4, :type :ok, :process 1, :f :txn, :value [[:r \"orders/1\" 4]], :time 20}");
    assert_eq!(lines[5], "{:index 5, :type :info, :process 2, :f :txn, :value [[:w \"orders/2\" 8]], :time 20}");
    let lines = porcupine::written(&told);
    assert_eq!(
        lines.lines().nth(4),
        Some("{:process 1, :type :ok, :f :get, :key \"orders/1\", :value \"4\", :time 20}")
    );
}

#[test]
fn what_is_no_history_is_refused_at_its_line() {
    let begun = "{:index 0, :type :invoke, :process 0, :f :txn, :value [[:w \"a\" 1]], :time 1}";
    for wrong in
        ["{", "{:type :invoke}", "nil", "{:type :ok, :process 9, :value [[:w \"a\" 1]], :time 2}", "[1 2", "\"a"]
    {
        assert_eq!(read_elle(&format!("{begun}\n\n{wrong}\n")), Err(3), "{wrong}");
        assert_eq!(read_porcupine(&format!("\n{wrong}\n")), Err(2), "{wrong}");
    }
}

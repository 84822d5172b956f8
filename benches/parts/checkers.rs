//! Judging a record: every property of a scenario, recovery, availability, findings. And what one key's operations take to be
//! found linearizable, beside one pass that only reads them.

use super::outage::Outage;
use criterion::{BatchSize, Criterion, Throughput};
use firedrill::check::observe::linearizable;
use firedrill::record::{Operation, OperationKind, OperationOutcome};
use firedrill::rehearse::judge_record;
use firedrill::units::{DatabaseId, Instant, Span};

/// Operations on one key: a hot one, for others have few.
const OPERATIONS: u64 = 100_000;

pub fn measure(criterion: &mut Criterion, outage: &Outage) {
    let mut group = criterion.benchmark_group("checkers");
    group.bench_function("a region outage judged", |bencher| {
        let judged = |record| judge_record(&outage.plan, &outage.provenance, record);
        bencher.iter_batched(|| outage.outcome.record.clone(), judged, BatchSize::LargeInput);
    });
    let operations = operations();
    group.throughput(Throughput::Elements(OPERATIONS));
    group.bench_function("operations found linearizable", |bencher| bencher.iter(|| linearizable(&operations)));
    group.bench_function("the same operations read once", |bencher| {
        bencher.iter(|| operations.iter().filter_map(|operation| operation.returned).max());
    });
    group.finish();
}

/// A register that is written and read in turn, each operation while the one before goes on.
fn operations() -> Vec<Operation> {
    let one = |number: u64| {
        let invoked = Instant::ZERO + Span::from_millis(10 * number);
        let returned = Some(invoked + Span::from_millis(12));
        let kind = if number.is_multiple_of(2) { OperationKind::Write } else { OperationKind::Read(Some(number - 1)) };
        let outcome = OperationOutcome::Ok;
        Operation { number, store: DatabaseId(0), key: 0, kind, invoked, returned, outcome }
    };
    (0..OPERATIONS).map(one).collect()
}

//! Judging a record: every property of a scenario, recovery, availability, findings.

use super::outage::Outage;
use criterion::{BatchSize, Criterion};
use firedrill::rehearse::judge_record;

pub fn measure(criterion: &mut Criterion, outage: &Outage) {
    let mut group = criterion.benchmark_group("checkers");
    group.bench_function("a region outage judged", |bencher| {
        let judged = |record| judge_record(&outage.plan, &outage.provenance, record);
        bencher.iter_batched(|| outage.outcome.record.clone(), judged, BatchSize::LargeInput);
    });
    group.finish();
}

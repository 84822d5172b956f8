//! Every format of the report.

use super::outage::Outage;
use criterion::{Criterion, Throughput};
use firedrill::report::{CATALOG, FOLDERS, Look};

pub fn measure(criterion: &mut Criterion, outage: &Outage) {
    let mut group = criterion.benchmark_group("report");
    for format in CATALOG {
        let written = || format.run(&outage.outcome, Look::PLAIN);
        group.throughput(Throughput::Bytes(written().len() as u64));
        group.bench_function(format.name(), |bencher| bencher.iter(written));
    }
    for folder in FOLDERS {
        let written = || folder.run(&outage.outcome);
        group.throughput(Throughput::Bytes(written().iter().map(|document| document.bytes.len() as u64).sum()));
        group.bench_function(folder.name(), |bencher| bencher.iter(written));
    }
    group.finish();
}

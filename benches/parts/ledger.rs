//! The ledger of writes: each write's way into it, and its closing after a history was cut.

use criterion::{BatchSize, Criterion, Throughput};
use firedrill::record::{Closing, Ledger, Occasion, Write};
use firedrill::units::{Instant, Span};

const WRITES: u64 = 10_000;
const KEYS: u32 = 1_000;
/// Writes that had not been replicated when the history was cut.
const LOST: u64 = 2_000;

pub fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ledger");
    group.throughput(Throughput::Elements(WRITES));
    group.bench_function("writes acknowledged and replicated", |bencher| bencher.iter(|| filled(WRITES)));
    group.throughput(Throughput::Elements(LOST));
    group.bench_function("lost writes told", |bencher| {
        let cut = || {
            let mut ledger = filled(WRITES - LOST);
            let at = Instant::from_secs(100);
            ledger.cut(WRITES - LOST, "b", Occasion { at, outage: None });
            ledger
        };
        bencher.iter_batched(cut, |ledger| ledger.close("orders", Closing::default()), BatchSize::LargeInput);
    });
    group.finish();
}

/// A ledger of so many writes, all acknowledged, of which the first `replicated` are everywhere.
fn filled(replicated: u64) -> Ledger {
    let mut ledger = Ledger::new(KEYS, "a");
    for operation in 0..WRITES {
        let at = Instant::ZERO + Span::from_millis(operation);
        let key = (operation % u64::from(KEYS)) as u32;
        let position = ledger.append(1, Write { operation, key, invoked: at, deleted: false });
        ledger.server_acked(position, at);
        ledger.client_acked(position, key, at);
        if position.lsn <= replicated {
            ledger.replicated(1, position.lsn);
        }
    }
    ledger
}

//! The property language: reading a statement, and evaluating it over a run.

use super::outage::Outage;
use criterion::Criterion;
use firedrill::check::Vocabulary;
use firedrill::check::expression::Expression;
use firedrill::field::{Origin, Place, Referent, Scope};
use std::hint::black_box;

const STATEMENTS: [(&str, &str); 3] = [
    ("a comparison", "success >= 99%"),
    ("a window", "quantile(latency.p99, 99%, 5m) <= 2s or mean(errors, 1m) > 1%"),
    ("arithmetic", "max(lag, 1m) <= 30s and 1 - success < errors + 5% and not latency.p50 > 800ms"),
];

pub fn measure(criterion: &mut Criterion, outage: &Outage) {
    let mut scope = Scope::default();
    scope.declare(Referent::Region, "westeurope", Place::beginning(Origin::File));
    scope.declare(Referent::Database, "orders", Place::beginning(Origin::File));
    let known = Vocabulary::new(&scope);
    let mut group = criterion.benchmark_group("expressions");
    for (name, text) in STATEMENTS {
        let read = || match Expression::parse(text, &known) {
            Ok(statement) => statement,
            Err(error) => panic!("{text}: {error:?}"),
        };
        group.bench_function(format!("{name}, read"), |bencher| bencher.iter(|| black_box(read())));
        let statement = read();
        let evaluated = || statement.evaluate(&outage.outcome.record).expect("its numbers fit");
        group.bench_function(format!("{name}, evaluated"), |bencher| bencher.iter(|| black_box(evaluated())));
    }
    group.finish();
}

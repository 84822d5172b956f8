//! Requests on their way through the world, with everything that is recorded of them.

use super::outage::plan;
use criterion::{Criterion, Throughput};
use firedrill::rehearse::rehearsal;
use firedrill::scenario::Plan;
use firedrill::sim::run;

/// Two regions with a web server and a replicated database, for a minute: requests through network, service and store.
const WRITES: &str = "
firedrill: 1
name: Reads and writes
duration: 1m
regions:
  a: {services: {api: {servers: 64, time: {lognormal: {median: 40ms, sigma: 0.6}}, database: orders}}}
  b: {like: a, role: secondary}
databases:
  orders: {primary: a, replicas: [b], commit: async, delay: 200ms, apply_rate: 2k/s}
workload:
  - open: {rate: 500/s, mix: {read: 80%, write: 20%}}
";

/// Every write goes to two databases; `CONTROL` may be somebody who reads their rows.
const TWICE: &str = "
firedrill: 1
name: Written twice
duration: 1m
regions:
  a: {services: {api: {servers: 64, time: {lognormal: {median: 40ms, sigma: 0.6}}, database: old, dual_write: {to: [new]}}}}
databases: {old: {primary: a}, new: {primary: a}}
workload:
  - open: {rate: 500/s, mix: {read: 50%, write: 45%, delete: 5%}, keys: {zipf: {count: 20k, s: 0.99}}}
CONTROL
";

/// He who reads rows, once, at the end: what is measured is what it takes to know what they hold.
const READ: &str = "control: [{reconcile: {primary: old, secondary: new, at: 59s, repair: never}}]";

pub fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("requests");
    group.sample_size(10);
    let failover = plan(include_str!("../region-failover.yaml"), "benches/region-failover.yaml");
    let twice = |control| plan(&TWICE.replace("CONTROL", control), "-");
    for (name, plan) in [
        ("through a failover", failover),
        ("with a database", plan(WRITES, "-")),
        ("with two databases, rows are versions", twice("")),
        ("with two databases, rows have contents", twice(READ)),
    ] {
        group.throughput(Throughput::Elements(requests(&plan)));
        group.bench_function(name, |bencher| bencher.iter(|| requests(&plan)));
    }
    group.finish();
}

/// How many requests there are in a run of `plan`.
fn requests(plan: &Plan) -> u64 {
    let schedule = plan.schedule(1);
    run(rehearsal(plan, &schedule), 1).record.requests.started
}

//! What each part of the product takes by itself, measured by criterion, so that a change shows in the part it is in.
//!
//! `cargo bench --bench parts` measures and compares with the last time; `-- NAME` only what has NAME in its name,
//! `-- --test` runs everything once. Refuses to compare with anything but itself: `kernel` and `requests` do that.

mod checkers;
mod expressions;
mod kernel;
mod ledger;
mod outage;
mod report;
mod requests;

use criterion::Criterion;
use std::time::Duration;

fn main() {
    let mut criterion = Criterion::default()
        .without_plots()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4))
        .configure_from_args();
    kernel::measure(&mut criterion);
    requests::measure(&mut criterion);
    ledger::measure(&mut criterion);
    let outage = outage::rehearsed();
    expressions::measure(&mut criterion, &outage);
    checkers::measure(&mut criterion, &outage);
    report::measure(&mut criterion, &outage);
    criterion.final_summary();
}

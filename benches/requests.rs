//! The region failover as a scenario file, through the real models, ports, metrics, record and digest, against the
//! hand-written baseline, in one process, taking turns.
//!
//! `cargo bench --bench requests` prints nanoseconds and events per request and how much of the baseline's speed the
//! product reaches; `-- --smoke` runs it once. Both must come to the same answer within their randomness.

mod baseline;

use baseline::failover;
use baseline::turns::{median, time};
use firedrill::scenario::{Catalogs, Plan, load};
use firedrill::sim::{Run, run};
use firedrill::units::{Rate, Span};
use std::hint::black_box;

/// Repetitions of each side.
const TURNS: usize = 9;

/// Seconds from the fault to the end of the last second of arrivals with less than 99 % success.
fn recovery_s(run: &Run) -> u64 {
    let success = run.record.signal("success").map(|signal| signal.points().collect::<Vec<_>>()).unwrap_or_default();
    let bad = success.iter().filter(|(_, s)| s.whole > 0 && s.part * 100 < s.whole * 99);
    bad.map(|(at, _)| at.second() + 1 - 100).max().unwrap_or(0)
}

fn plan(settings: &[(String, String)]) -> Plan {
    let text = include_str!("region-failover.yaml");
    match load(text, "benches/region-failover.yaml", settings, &Catalogs::BUILT_IN) {
        Ok((plan, _)) => plan,
        Err(problems) => panic!("the bench's scenario is broken: {problems:?}"),
    }
}

fn rehearse(plan: &Plan) -> Run {
    let schedule = plan.schedule(1);
    let rehearsal = firedrill::rehearse::rehearsal(plan, &schedule);
    run(rehearsal, 1)
}

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--smoke");
    let turns = if smoke { 1 } else { TURNS };
    compare("500/s", 500, &[], turns);
    if !smoke {
        let pairs = [("workload.0.rate", "50k/s"), ("regions.a.services.api.servers", "6400")];
        let more = [("regions.b.services.api.servers", "6400"), ("duration", "200s")];
        let settings: Vec<_> = pairs.iter().chain(&more).map(|(p, v)| ((*p).to_owned(), (*v).to_owned())).collect();
        compare("50k/s", 50_000, &settings, 3);
    }
}

fn compare(name: &str, rate: u64, settings: &[(String, String)], turns_count: usize) {
    let plan = plan(settings);
    let duration = plan.world.duration;
    let by_hand = || failover::run(1, Rate::per_second(rate), Span::from_nanos(duration.as_nanos()));
    let mut turns = Vec::new();
    for _ in 0..turns_count {
        // Three times, so that a turn of either side is long enough to be timed.
        let theirs = time(|| (0..3).map(|_| black_box(by_hand()).requests).sum::<u64>()) / 3.0;
        turns.push((theirs, time(|| black_box(rehearse(&plan)))));
    }
    let (hand, run) = (by_hand(), rehearse(&plan));
    let requests = run.record.requests;
    let ratio = median(turns.iter().map(|(theirs, ours)| theirs / ours).collect());
    let side = |side: fn(&(f64, f64)) -> f64| median(turns.iter().map(side).collect());
    let theirs = side(|turn| turn.0) / hand.requests as f64;
    let ours = side(|turn| turn.1) / requests.started as f64;
    // Both sides have the same arrivals but for the last.
    let ratio = ratio * requests.started as f64 / hand.requests as f64;
    println!("(b) region failover, {name}");
    println!("  {:<10}{:>14}{:>16}{:>10}{:>12}", "", "ns/request", "requests/s", "success", "recovery");
    let line = |who: &str, ns: f64, success: f64, recovery: u64| {
        println!("  {who:<10}{ns:>14.1}{:>16.3e}{success:>10.4}{recovery:>10} s", 1e9 / ns);
    };
    line("by hand", theirs, hand.ok as f64 / hand.requests as f64, hand.recovery_s);
    line("firedrill", ours, requests.ok as f64 / requests.started as f64, recovery_s(&run));
    let events = run.record.events as f64 / requests.started as f64;
    println!("  {events:.2} events per request; {ratio:.2} of the speed by hand (target 0.35, aim 0.8)");
}

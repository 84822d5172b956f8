//! Small estates under random faults, by the hundred: inside what they tolerate nothing acknowledged is ever lost, and
//! outside it no promotion costs more than was announced before it.

use super::interruptions::judge;
use super::plan;
use firedrill::record::event::{DataEvent, Event};
use firedrill::record::{CopyRole, HistoryCut, LossBound, Record, StoreRecord};
use firedrill::rehearse::rehearsal;
use firedrill::scenario::Plan;
use firedrill::sim::{Run, run};
use firedrill::units::{Instant, Span};
use std::sync::Mutex;

/// What makes one estate another: settings of a scenario of `scenarios/random`.
type Estate = &'static [(&'static str, &'static str)];

/// With three copies and storage that fences; with a lease that outlasts the decision to fail over; with two copies.
const INSIDE: [Estate; 3] = [
    &[],
    &[("databases.orders.fencing", "lease"), ("databases.orders.lease", "60s")],
    &[("databases.orders.replicas", "[north]"), ("databases.orders.delay", "2s")],
];

/// The same, with copies that are seconds behind.
const OUTSIDE: [Estate; 3] =
    [INSIDE[0], INSIDE[1], &[("databases.orders.replicas", "[north]"), ("databases.orders.delay", "8s")]];

/// So many seeds are run, each in one estate; with `FIREDRILL_SEEDS` as many as that says, each in every estate.
const SEEDS: u64 = 200;

/// Every run that is to be made: which estate, and the seed.
fn runs() -> Vec<(usize, u64)> {
    match std::env::var_os("FIREDRILL_SEEDS").and_then(|seeds| seeds.to_str()?.parse().ok()) {
        Some(seeds) => (0..seeds).flat_map(|seed| (0..INSIDE.len()).map(move |estate| (estate, seed))).collect(),
        None => (0..SEEDS).map(|seed| (seed as usize % INSIDE.len(), seed)).collect(),
    }
}

/// Runs all of them; says of each what `wrong` says, and how to see it again.
fn violations(side: &str, estates: &[Estate], wrong: impl Fn(&Record) -> Vec<String> + Sync) -> Vec<String> {
    let file = format!("scenarios/random/{side}-tolerance.yaml");
    let plans: Vec<Plan> = estates.iter().map(|settings| plan(&file, settings)).collect();
    judge(&runs(), |(estate, seed)| {
        let plan = &plans[*estate];
        let Run { record, stopped, .. } = run(rehearsal(plan, &plan.schedule(*seed)), *seed);
        let mut found = wrong(&record);
        found.extend(stopped.map(|stopped| format!("stopped: {stopped:?}")));
        found.extend(usurped(&record));
        let settings: String =
            estates[*estate].iter().map(|(path, value)| format!(" --set '{path}={value}'")).collect();
        (!found.is_empty()).then(|| format!("run {file} --seed {seed}{settings}: {}", found.join("; ")))
    })
}

/// Where two copies took writes at once, one took them in an old epoch, a superseded controller changed something, or copies
/// that have got equally far differ.
fn usurped(record: &Record) -> Vec<String> {
    let mut found = Vec::new();
    for store in &record.stores {
        let stale = store.authority.stale_epoch_total;
        let writers = record.signal(&format!("db.{}.writable", store.store)).expect("always recorded");
        if stale > 0 {
            found.push(format!("{stale} writes acknowledged in an old epoch"));
        }
        if writers.points().any(|(_, copies)| copies.part > 1) {
            found.push("two copies took writes at once".to_owned());
        }
        let sound = |role| matches!(role, CopyRole::Authority | CopyRole::Follower);
        let copies: Vec<_> = store.copies.iter().filter(|copy| sound(copy.role)).collect();
        for (one, other) in copies.iter().enumerate().flat_map(|(n, one)| copies[..n].iter().map(move |o| (one, o))) {
            if one.applied_lsn == other.applied_lsn && (one.rows, one.digest) != (other.rows, other.digest) {
                found.push(format!("{} and {} differ", one.region, other.region));
            }
        }
    }
    let events = record.timeline.events().iter();
    let stale = events.filter(|event| event.name.ends_with(".stale_change")).count();
    found.extend((stale > 0).then(|| format!("{stale} changes by a superseded controller")));
    found
}

#[test]
fn inside_its_tolerance_no_seed_costs_a_small_estate_an_acknowledged_write() {
    let moved = Mutex::new(0);
    let wrong = violations("inside", &INSIDE, |record| {
        *moved.lock().expect("nobody panics") += record.stores[0].cuts.len();
        let lost: u64 = record.stores.iter().map(|store| store.lost_total).sum();
        Vec::from_iter((lost > 0).then(|| format!("{lost} acknowledged writes lost")))
    });
    assert!(wrong.is_empty(), "{} of {} runs:\n{}", wrong.len(), runs().len(), wrong.join("\n"));
    let moved = moved.into_inner().expect("nobody panics");
    println!("{} runs, {moved} promotions", runs().len());
    assert!(moved * 2 > runs().len(), "only {moved} promotions in {} runs", runs().len());
}

/// What was announced last before each cut of a history, since the one before, and when; nothing: nothing was.
fn announced(record: &Record, store: &StoreRecord) -> Vec<Option<(Instant, LossBound)>> {
    let mut since = Instant::ZERO;
    let last = |cut: &HistoryCut| {
        let events = record.timeline.events().iter().filter(|event| since <= event.at && event.at <= cut.at);
        let mut bounds = events.filter_map(|event| match &event.event {
            Event::Data(DataEvent::LossAnnounced { database, bound }) if *database == store.store => {
                Some((event.at, *bound))
            }
            _ => None,
        });
        let bound = bounds.next_back();
        since = cut.at;
        bound
    };
    store.cuts.iter().map(last).collect()
}

/// What was announced for how things were: that for a dead authority if it took no writes for a second before that was said
/// and had taken none that nobody had seen, that for one that is cut off if not.
fn applicable(store: &StoreRecord, cut: &HistoryCut, (said, bound): (Instant, LossBound)) -> u64 {
    let terms = store.authority.terms.iter().filter(|term| term.region == cut.from && term.from < cut.at);
    let wrote_until = terms.map(|term| term.until).max().unwrap_or(Instant::ZERO);
    let was_dead = wrote_until.saturating_add(Span::from_secs(1)) < said && cut.lost <= bound.if_dead;
    if was_dead { bound.if_dead } else { bound.if_alive }
}

#[test]
fn outside_its_tolerance_no_promotion_costs_more_than_was_announced_and_little_less() {
    let ratios: Mutex<Vec<f64>> = Mutex::new(Vec::new());
    let wrong = violations("outside", &OUTSIDE, |record| {
        let mut found = Vec::new();
        let store = &record.stores[0];
        let (mut bound, mut lost) = (0_u64, 0);
        for (cut, announced) in store.cuts.iter().zip(announced(record, store)).filter(|(cut, _)| cut.lost > 0) {
            let Some(announced) = announced else {
                found.push(format!("{} writes lost at {:#}, nothing announced", cut.lost, cut.at));
                continue;
            };
            if cut.lost > announced.1.if_alive {
                found.push(format!("{} writes lost at {:#}, {announced:?} announced", cut.lost, cut.at));
            }
            bound = bound.saturating_add(applicable(store, cut, announced));
            lost += cut.lost;
        }
        if lost > 0 {
            ratios.lock().expect("nobody panics").push(bound as f64 / lost as f64);
        }
        found
    });
    assert!(wrong.is_empty(), "{} of {} runs:\n{}", wrong.len(), runs().len(), wrong.join("\n"));
    let mut ratios = ratios.into_inner().expect("nobody panics");
    ratios.sort_by(f64::total_cmp);
    let close = ratios.iter().filter(|ratio| **ratio <= 10.0).count();
    let quantile = |tenths: usize| ratios.get(ratios.len() * tenths / 10).copied().unwrap_or(f64::NAN);
    println!(
        "{} runs, {} with a loss: bound over loss within 10 in {close}; median {:.1}, nine in ten {:.1}, largest {:.1}",
        runs().len(),
        ratios.len(),
        quantile(5),
        quantile(9),
        ratios.last().copied().unwrap_or(f64::NAN)
    );
    assert!(ratios.len() * 10 >= runs().len(), "a loss in only {} runs", ratios.len());
    assert!(close * 10 >= ratios.len() * 9, "within ten times the loss in only {close} of {}", ratios.len());
}

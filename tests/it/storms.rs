//! Random worlds under random faults keep their books, and never panic.

use super::plan_of;
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};
use proptest::prelude::*;

/// The knobs of a random world.
#[derive(Debug, Clone)]
struct Weather {
    servers: u32,
    queue: u32,
    rate: u32,
    retries: u32,
    timeout_ms: u32,
    latency_ms: u32,
    loss: u32,
    commit: &'static str,
    fencing: &'static str,
    service: &'static str,
    client: &'static str,
    keep_alive_s: u32,
    violators: u32,
    faults: Vec<String>,
}

fn fault() -> impl Strategy<Value = String> {
    let kinds = prop_oneof![
        Just("region_outage: {region: west"),
        Just("region_outage: {region: north"),
        Just("slow_share: {region: west, service: api, share: 60%, slowdown: 900%, errors: 30%"),
        Just("slow_share: {region: north, slowdown: 300%"),
        Just("dns_api_down: {"),
        Just("replication_stall: {database: orders"),
        Just("replication_stall: {database: orders, region: north"),
        Just("database_crash: {database: orders"),
        Just("database_crash: {database: orders, region: north"),
        Just("partition: {region: west"),
        Just("partition: {region: west, from: north"),
        Just("partition: {region: west, from: control"),
        Just("partition: {region: north, from: control"),
        Just("bucket_down: {bucket: pictures"),
        Just("objects_late: {bucket: pictures, by: 1m"),
        Just("objects_damaged: {bucket: pictures, region: west, share: 30%"),
    ];
    (kinds, 0..170_u32, 1..200_u32).prop_map(|(kind, at, length)| {
        let comma = if kind.ends_with('{') { "" } else { ", " };
        format!("{kind}{comma}at: {at}s, for: {length}s}}")
    })
}

fn weather() -> impl Strategy<Value = Weather> {
    let load = (1..12_u32, prop_oneof![Just(0), Just(3), Just(10_000)], 1..120_u32, 0..4_u32);
    let service = prop_oneof![
        Just(""),
        Just(", warm_up: 30s"),
        Just(", shed_after: 300ms"),
        Just(", serve_abandoned: true"),
        Just(", serve_abandoned: true, shed_after: 1s, warm_up: {over: 1m, factor: 900%}"),
    ];
    let client = prop_oneof![Just(""), Just("retry_budget: 10%"), Just("retry_budget: 0%")];
    let capacity = (service, client);
    let links = (50..4_000_u32, 0..80_u32, prop_oneof![Just(0), Just(5)]);
    let fencing = prop_oneof![Just("storage"), Just("lease, lease: 12s"), Just("none")];
    let rest = (
        (prop_oneof![Just("async"), Just("sync")], fencing),
        0..40_u32,
        0..100_u32,
        prop::collection::vec(fault(), 1..5),
    );
    (load, links, capacity, rest).prop_map(|(load, links, (service, client), rest)| {
        let ((servers, queue, rate, retries), (timeout_ms, latency_ms, loss)) = (load, links);
        let ((commit, fencing), keep_alive_s, violators, faults) = rest;
        Weather {
            servers,
            queue,
            rate,
            retries,
            timeout_ms,
            latency_ms,
            loss,
            commit,
            fencing,
            service,
            client,
            keep_alive_s,
            violators,
            faults,
        }
    })
}

fn scenario(w: &Weather) -> String {
    let faults: String = w.faults.iter().map(|fault| format!("  - {fault}\n")).collect();
    format!(
        "
firedrill: 1
name: storm
duration: 3m
settle: 2m
regions:
  west:
    zones: 2
    services:
      api: {{servers: {}, queue: {}, time: {{exponential: 60ms}}, calls: [cache], database: orders{}}}
      cache: {{servers: 2, time: {{exponential: 2ms}}, bucket: pictures}}
  north: {{like: west, role: secondary}}
databases:
  orders: {{primary: west, replicas: [north], commit: {}, fencing: {}, delay: 300ms, apply_rate: 200/s, promote_time: 2s, zone: {{north: 2}}}}
buckets: {{pictures: {{primary: west, replicas: [north], delay: 3s, time: 5ms}}}}
balancer: {{weights: {{west: 100%}}, apply: 1s}}
dns: {{zone: app.example, ttl: 10s, publish: 1s}}
resolvers: {{count: 20, violators: {}%, violator_ttl: 1m}}
network: {{clients: {}ms, client_loss: {}%, latency: 5ms}}
workload:
  - open:
      rate: {}/s
      mix: {{read: 50%, write: 50%}}
      keys: {{zipf: {{count: 300, s: 0.9}}}}
      timeout: {}ms
      retries: {}
      keep_alive: {}s
      {}
faults:
{faults}control:
  - watch: {{every: 5s, sustained: 10s, cool_down: 30s, run: region_failover}}
  - shift: {{at: 50s, weights: {{west: 60%, north: 40%}}, within: 1m}}
properties:
  no_loss: {{ledger: {{lost: 0}}}}
",
        w.servers,
        w.queue,
        w.service,
        w.commit,
        w.fencing,
        w.violators,
        w.latency_ms,
        w.loss,
        w.rate,
        w.timeout_ms,
        w.retries,
        w.keep_alive_s,
        w.client
    )
}

/// What must be true of any run that settled.
fn books(outcome: &Outcome, fenced: bool) -> Result<(), String> {
    let requests = outcome.record.requests;
    if let Some(stopped) = &outcome.stopped {
        return Err(format!("stopped: {stopped:?}"));
    }
    let settled = outcome.record.timeline.times("run.unsettled").next().is_none();
    let ended = requests.ok + requests.failed + requests.unknown;
    if ended > requests.started || (settled && ended != requests.started) {
        return Err(format!("{ended} of {} requests came to an end", requests.started));
    }
    let reasons = requests.reasons.total();
    if reasons != requests.failed + requests.unknown {
        return Err(format!("{reasons} requests have a reason, {} failed", requests.failed + requests.unknown));
    }
    for store in &outcome.record.stores {
        if store.lost_visible > store.lost_total || store.lost_total > store.acked || store.acked > requests.ok {
            return Err(format!("the ledger contradicts itself: {store:?}"));
        }
    }
    for store in outcome.record.stores.iter().filter(|_| fenced) {
        let audit = firedrill::check::authority::audit(store);
        if !audit.is_sound() {
            return Err(format!("two authorities: {:?} of {:?}", audit.findings(), store.authority.terms));
        }
    }
    let acked: u64 = outcome.record.stores[0].authority.terms.iter().map(|term| term.acked).sum();
    if acked < outcome.record.stores[0].acked {
        return Err(format!("{acked} writes acknowledged in terms, {} by clients", outcome.record.stores[0].acked));
    }
    let writable = outcome.record.signal("db.orders.writable").ok_or("not recorded")?;
    let most = writable.points().map(|(_, copies)| copies.part).max().unwrap_or(0);
    if most > 1 && fenced { Err(format!("{most} copies were writable at once")) } else { Ok(()) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn random_worlds_keep_their_books(weather in weather(), seed in any::<u64>()) {
        let text = scenario(&weather);
        let outcome = rehearse(&plan_of(&text, "storm.yaml", &[]), &Provenance::default(), seed);
        let books = books(&outcome, weather.fencing != "none");
        prop_assert!(books.is_ok(), "{}\n{text}", books.unwrap_err());
    }

    /// With synchronous commit nothing that was acknowledged is lost, whatever happens, as long as one copy that
    /// acknowledged survives: the claim the product exists to check.
    #[test]
    fn synchronous_commit_loses_nothing_acknowledged(weather in weather(), seed in any::<u64>()) {
        let text = scenario(&Weather { commit: "sync", ..weather });
        let outcome = rehearse(&plan_of(&text, "storm.yaml", &[]), &Provenance::default(), seed);
        let lost = &outcome.record.stores[0];
        prop_assert!(lost.lost_total == 0, "{} lost, such as {:?}\n{text}", lost.lost_total, lost.lost.first());
    }
}

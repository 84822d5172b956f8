//! Where requests go inside and between regions: services that choose, ask in turn, and call other regions.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::record::{FailureReason, RequestTotals};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::scenario::{Catalogs, load};

fn run(text: &str) -> Outcome {
    rehearse(&plan_of(text, "routes.yaml", &[]), &Provenance::default(), 1)
}

fn totals(text: &str) -> RequestTotals {
    run(text).record.requests
}

/// A gateway in front of two models; `HOW` it calls them, and what happens to them.
const GATEWAY: &str = "
firedrill: 1
name: gateway
duration: 10m
settle: 1m
regions:
  west:
    services:
      gateway: {servers: 1000, time: 0ms, HOW}
      first: {servers: 4, queue: 1000000, time: 10ms, FIRST}
      second: {servers: 4, time: 10ms}
network: {clients: 0ms}
resolvers: {count: 0}
workload:
  - open: {service: gateway, rate: 50/s, timeout: 2s, retries: 0}
faults: [FAULT]
properties:
  up: {measure: {value: availability, at_least: 99%}}
";

fn gateway(how: &str, first: &str, fault: &str) -> String {
    GATEWAY.replace("HOW", how).replace("FIRST", first).replace("FAULT", fault)
}

const FIRST_SLOW: &str =
    "slow_share: {id: slow, region: west, service: first, share: 100%, slowdown: 100000%, at: 2m, for: 5m}";
const FIRST_GONE: &str =
    "slow_share: {id: gone, region: west, service: first, share: 100%, errors: 100%, at: 2m, for: 5m}";

#[test]
fn who_fails_is_not_noticed_where_another_is_asked() {
    let alone = totals(&gateway("calls: [first]", "", FIRST_GONE));
    assert!(alone.ok < alone.started * 6 / 10, "{alone:?}");
    let both = totals(&gateway("first_of: [first, second]", "", FIRST_GONE));
    assert_eq!(both.started, both.ok);
}

#[test]
fn who_is_slow_is_noticed_unless_the_caller_gives_up_in_time() {
    let waits = totals(&gateway("first_of: [first, second]", "", FIRST_SLOW));
    assert!(waits.ok < waits.started * 6 / 10, "a call without a time-out lasts as long as it takes: {waits:?}");
    let in_time = run(&gateway("first_of: [first, second], call_timeout: 500ms", "", FIRST_SLOW));
    let requests = &in_time.record.requests;
    assert_eq!(requests.ok, requests.started, "all come to the second");
    let late = totals(&gateway("first_of: [first, second], call_timeout: 3s", "", FIRST_SLOW));
    assert!(late.ok < late.started * 6 / 10, "its client has gone by then: {late:?}");
}

#[test]
fn calls_that_were_given_up_leave_the_queue_and_the_service_recovers_at_once() {
    let short = |abandoned: &str| {
        let text = gateway("first_of: [first, second], call_timeout: 500ms", abandoned, FIRST_SLOW);
        let queue = "  short: {measure: {value: max(service.west.first.queue), at_most: 60}}\n";
        let outcome = run(&(text + queue));
        outcome.properties.iter().find(|property| property.id == "short").expect("it was judged").verdict
    };
    // Fifty a second wait half a second each; where nobody notices, all of five minutes wait.
    assert_eq!(short("serve_abandoned: false"), Verdict::Pass);
    assert_eq!(short("serve_abandoned: true"), Verdict::Fail);
}

#[test]
fn a_choice_sends_each_request_one_way_and_a_fault_of_one_way_meets_its_share() {
    let outcome = run(&gateway("choose: {shares: {first: 20%, second: 80%}}", "", FIRST_GONE));
    let requests = &outcome.record.requests;
    let failed = (requests.started - requests.ok) as f64 / requests.started as f64;
    // Half of the time one request in five.
    assert!((0.08..0.12).contains(&failed), "{failed}");
    assert_eq!(outcome.verdict, Verdict::Fail);
}

/// A shop in the west that calls a payment service of the east, which has a database there.
const REMOTE: &str = "
firedrill: 1
name: remote
duration: 10m
settle: 1m
regions:
  west: {role: primary, services: {shop: {servers: 100, time: 5ms, database: null, remote_calls: {payment: east}, HOW}}}
  east: {role: secondary, services: {payment: {servers: 100, time: 5ms, active: true, database: payments, call_retries: 2}}}
databases:
  payments: {primary: east}
network: {latency: 40ms, clients: 10ms}
resolvers: {count: 0}
workload:
  - open: {service: shop, rate: 20/s, mix: {write: 50%}, keyed_writes: true, keys: {uniform: {count: 100}}, timeout: 3s, retries: 0}
faults: [FAULT]
properties:
  kept: {ledger: {lost: 0}}
  up: {measure: {value: availability, at_least: 99%}}
";

fn remote(how: &str, fault: &str) -> Outcome {
    run(&REMOTE.replace("HOW", how).replace("FAULT", fault))
}

#[test]
fn a_database_behind_a_remote_call_is_read_from_that_region_and_keeps_what_it_acknowledged() {
    let outcome = remote("call_timeout: 1s", "");
    let requests = &outcome.record.requests;
    assert_eq!(requests.ok, requests.started);
    let stored = &outcome.record.stores[0];
    assert!(stored.acked > 5_000 && stored.lost_total == 0, "{}", stored.acked);
    // 2 · 10 + 5 + 2 · 40 + 5, and the database beside it.
    let median = outcome.record.requests.latency.p50.as_secs_f64();
    assert!((0.110..0.125).contains(&median), "{median}");
}

#[test]
fn a_region_that_is_gone_is_heard_of_by_the_time_out_of_the_call() {
    const DARK: &str = "region_outage: {id: dark, region: east, at: 2m, for: 5m}";
    let (given_up, hangs) = (remote("call_timeout: 1s", DARK), remote("activation: 1m", DARK));
    for outcome in [&given_up, &hangs] {
        let requests = &outcome.record.requests;
        let unserved = (requests.started - requests.ok) as f64 / requests.started as f64;
        assert!((0.48..0.52).contains(&unserved) && outcome.verdict == Verdict::Fail, "{unserved}");
    }
    let because = |outcome: &Outcome, reason| outcome.record.requests.reasons.of(reason);
    let unserved = |outcome: &Outcome| outcome.record.requests.started - outcome.record.requests.ok;
    assert_eq!(because(&given_up, FailureReason::TimedOut), unserved(&given_up));
    assert_eq!(because(&hangs, FailureReason::Dark), unserved(&hangs));
    // Half of them were writes, of which nobody knows whether they are done.
    let unknown = given_up.record.requests.unknown as f64 / unserved(&given_up) as f64;
    assert!((0.45..0.55).contains(&unknown), "{unknown}");
}

#[test]
fn what_came_to_the_second_database_is_missing_in_the_first_and_no_go() {
    let shop = |how: &str, bound: &str| {
        let text = format!(
            "firedrill: 1\nname: scattered\nduration: 10m\nregions:\n  west:\n    services:\n      \
             shop: {{servers: 50, time: 1ms, {how}}}\n      one: {{servers: 50, time: 5ms, database: old}}\n      \
             two: {{servers: 50, time: 5ms, database: new}}\n\
             databases:\n  old: {{primary: west, call_timeout: 1s}}\n  new: {{primary: west}}\nresolvers: {{count: 0}}\nworkload:\n  \
             - open: {{service: shop, rate: 40/s, mix: {{write: 50%}}, keys: {{uniform: {{count: 1000}}}}, retries: 0}}\n\
             faults:\n  - database_crash: {{id: down, database: old, at: 8m, for: 1m}}\n\
             properties:\n  up: {{measure: {{value: availability, at_least: 80%}}}}\n{bound}"
        );
        run(&text)
    };
    let missing = |outcome: &Outcome, store: &str| {
        let pairs = outcome.record.dual_writes.iter();
        pairs.clone().find(|pair| pair.secondary == store).map(|pair| pair.missing)
    };
    let fell_back = shop("first_of: [one, two]", "");
    assert_eq!(fell_back.record.requests.ok, fell_back.record.requests.started, "nobody has noticed");
    // 1,200 writes over 1,000 keys in that minute, half of which are written again before the end.
    let lacks = missing(&fell_back, "old").expect("they are compared");
    assert!((100..500).contains(&lacks), "{lacks}");
    assert_eq!(fell_back.verdict, Verdict::Inconclusive);
    assert!(fell_back.findings.iter().any(|finding| finding.contains("who reads old")), "{:?}", fell_back.findings);
    let bounded = "  lacks: {measure: {value: last(db.old.missing), at_most: 600}}\n  \
                   other: {measure: {value: last(db.new.missing), at_most: 1000}}\n  \
                   old_rows: {always: db.old.lacking_reads <= 1000}\n  \
                   other_rows: {always: db.new.lacking_reads <= 1000}\n";
    assert_eq!(shop("first_of: [one, two]", bounded).verdict, Verdict::Pass);
    let by_chance = shop("choose: {shares: {one: 50%, two: 50%}}", "");
    assert!(missing(&by_chance, "new").is_some_and(|rows| rows > 300) && by_chance.verdict == Verdict::Inconclusive);
    let by_key = shop("choose: {shares: {one: 50%, two: 50%}, by: key}", "");
    assert_eq!(missing(&by_key, "new"), None, "each key is in one of them");
}

#[test]
fn a_write_that_was_given_up_and_sent_on_is_done_once_if_it_has_a_key() {
    // The first takes a second, and its caller waits for half of one: each write comes to the database twice.
    let written = |keyed: &str| {
        let text = format!(
            "firedrill: 1\nname: twice\nduration: 10m\nsettle: 1m\nregions:\n  west:\n    services:\n      \
             shop: {{servers: 500, time: 1ms, database: null, first_of: [slow, quick], call_timeout: 500ms}}\n      \
             slow: {{servers: 500, time: 1s, database: orders}}\n      quick: {{servers: 500, time: 5ms, database: orders}}\n\
             databases:\n  orders: {{primary: west}}\nresolvers: {{count: 0}}\nworkload:\n  \
             - open: {{service: shop, rate: 20/s, mix: {{write: 50%}}, keyed_writes: {keyed}, retries: 0}}\n\
             properties:\n  up: {{measure: {{value: availability, at_least: 99%}}}}\n"
        );
        let outcome = run(&text);
        assert_eq!(outcome.record.requests.ok, outcome.record.requests.started);
        let store = &outcome.record.stores[0];
        (store.acked, store.copies[0].applied_lsn)
    };
    let (acked, applied) = written("true");
    assert!(acked > 5_000 && applied == acked, "{acked} {applied}");
    let (acked, applied) = written("false");
    // Of the last, the second writes come after the run.
    assert!(applied + 20 > 2 * acked && applied <= 2 * acked, "nobody can tell: {acked} {applied}");
}

#[test]
fn calls_that_come_back_in_a_circle_and_routes_without_end_are_refused() {
    let circle = REMOTE
        .replace("HOW", "activation: 1m")
        .replace("FAULT", "")
        .replace("call_retries: 2}", "call_retries: 2, remote_calls: {shop: west}}");
    let said = |text: &str| {
        let problems = load(text, "routes.yaml", &[], &Catalogs::BUILT_IN).expect_err("it has no end");
        problems.iter().map(|problem| format!("{} {}", problem.code, problem.message)).collect::<Vec<_>>()
    };
    assert_eq!(said(&circle), ["FD0207 circular calls: shop of west → payment of east → shop of west"]);
    let mut services = String::from("last: {servers: 1, time: 1ms}");
    for number in 0..8 {
        let called = if number == 0 { "last".to_owned() } else { format!("s{}", number - 1) };
        services += &format!(", s{number}: {{servers: 1, time: 1ms, calls: [{called}, {called}]}}");
    }
    let text = format!(
        "firedrill: 1\nname: deep\nduration: 1m\nregions: {{west: {{services: {{{services}}}}}}}\n\
         workload:\n  - open: {{service: s7, rate: 1/s}}\n"
    );
    assert_eq!(said(&text)[1..], ["FD0248 requests to `s7` pass 510 places, calls of calls included"]);
}

#[test]
fn a_run_that_is_not_over_says_who_waits_for_whom() {
    let text = gateway(
        "first_of: [first, second]",
        "",
        "slow_share: {id: slow, region: west, service: first, share: 100%, slowdown: 100000%, at: 8m}",
    )
    .replace("settle: 1m", "settle: 0s")
    .replace("timeout: 2s", "timeout: 5m");
    let outcome = run(&text);
    let waits = &outcome.record.waits;
    let count = |what: &str| waits.iter().filter(|wait| wait.whom == what).map(|wait| wait.count).sum::<u64>();
    assert_eq!((count("first in west"), waits.len()), (4, 2), "{waits:?}");
    // Fifty a second for two minutes, of which few were answered: four servers, ten seconds a request.
    assert!((5_800..6_050).contains(&count("a server of first in west")), "{waits:?}");
    assert!(run(&gateway("calls: [first]", "", "")).record.waits.is_empty());
}

#[test]
fn why_a_run_cannot_be_judged_names_those_who_wait() {
    let apart = "partition: {id: apart, region: west, from: east, at: 9m 30s, for: 10m}";
    let text = REMOTE.replace("HOW", "activation: 1m").replace("FAULT", apart);
    let quick = "  quick: {measure: {value: \"mean(latency.p50, 0s, 9m)\", at_most: 1s}}\n";
    let outcome = run(&(text.replace("settle: 1m", "settle: 1s").replace("timeout: 3s", "timeout: 5m") + quick));
    let reason = &outcome.properties.iter().find(|property| property.id == "quick").expect("it was judged").why;
    assert!(
        reason.contains("wait for an answer that nobody will give, or to try again, the first since 9m 30s"),
        "{reason}"
    );
}

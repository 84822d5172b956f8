//! What users went through, against an oracle that sees every request and knows no windows; and the runs that once made
//! a wrong GO.
//!
//! The oracle takes a run of requests of one class that all went unserved, with nobody served in between, as time without
//! service: from the fault to the first answer to a request that began after them. It bounds what the program says from
//! below. From above it takes every request not served, however alone, that began before service was back for good.

use super::plan_of;
use firedrill::model::Ended;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::record::TimelineEvent;
use firedrill::rehearse::{Provenance, rehearsal, rehearse};
use firedrill::scenario::Plan;
use firedrill::sim::Live;
use firedrill::units::{Instant, Span};
use std::fmt::Write;

/// How far the program may be off: it knows the first answer to an eighth of a second, and failures by the second.
const RESOLUTION: Span = Span::from_millis(1_200);

/// Requests in a row that cannot all fail by chance.
const ENOUGH: usize = 8;

/// Worlds in the suite. `FIREDRILL_WORLDS=10000` makes as many.
const WORLDS: u64 = 60;

/// A generator of worlds, so that the tests need no more than a number for each.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % n
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// A small world with one fault, from a second to three minutes long, that may flap, and perhaps a rescue.
fn world(seed: u64) -> String {
    let mut draw = Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    for _ in 0..4 {
        draw.below(2);
    }
    let (rate, timeout, retries) = (draw.of(&[3, 10, 40]), draw.of(&[1, 3, 8, 30]), draw.below(4));
    let writes = draw.of(&["0%", "3%", "30%", "100%"]);
    let (from, lasts, bound) = (60 + draw.below(60), 1 + draw.below(180), 2 + draw.below(240));
    let fault = draw.of(&[
        "region_outage: {id: f, region: west",
        "partition: {id: f, region: west",
        "partition: {id: f, region: west, direction: from",
        "slow_share: {id: f, region: west, share: 100%, errors: 100%",
    ]);
    let flap = if draw.below(3) == 0 { ", flap: {down: 7s, up: 11s}" } else { "" };
    let mut text = format!(
        "firedrill: 1\nname: world {seed}\nduration: 9m\nregions:\n  west: {{services: {{api: {{servers: 90, time: 20ms}}}}}}\n  \
         north: {{like: west, role: secondary}}\ndatabases:\n  orders: {{primary: west, replicas: [north], delay: 50ms, \
         promote_time: 3s}}\ndns: {{ttl: 10s, publish: 2s}}\nresolvers: {{violators: 0%}}\nworkload:\n  - open: {{name: users, \
         rate: {rate}/s, mix: {{write: {writes}}}, timeout: {timeout}s, retries: {retries}}}\nfaults:\n  - {fault}, at: {from}s, \
         for: {lasts}s{flap}}}\nproperties:\n  rto: {{recovers: {{after: fault.f, within: {bound}s}}}}\n"
    );
    if draw.below(2) == 0 {
        text.push_str("control:\n  - watch: {every: 5s, sustained: 15s, min_requests: 3, run: region_failover}\n");
    }
    text
}

fn judged(plan: &Plan) -> Outcome {
    rehearse(plan, &Provenance::default(), 1)
}

/// Every request of the same run.
fn requests(plan: &Plan) -> Vec<Ended> {
    let schedule = plan.schedule(1);
    let mut live = Live::new(rehearsal(plan, &schedule), 1);
    live.log_requests();
    while live.step() {}
    live.world().logged_requests().to_vec()
}

/// From when to when each rescue ran: what it does to users counts for the fault that set it off.
fn rescues(outcome: &Outcome) -> Vec<(Instant, Instant)> {
    let events = outcome.record.timeline.events();
    let of = |event: &TimelineEvent, word: &str| event.name == format!("region_failover.{word}");
    let over = |event: &&TimelineEvent| ["done", "undone", "undo_failed", "stopped"].iter().any(|word| of(event, word));
    let starts = events.iter().filter(|event| of(event, "started"));
    let end = |from: Instant| events.iter().filter(over).map(|event| event.at).find(|at| *at >= from);
    starts.map(|event| (event.at, end(event.at).unwrap_or(Instant::MAX))).collect()
}

/// What of a run the oracle goes by.
struct Times {
    fault: (Instant, Instant),
    rescues: Vec<(Instant, Instant)>,
    /// How long service must stay, to be back.
    stable: Span,
}

/// At least and at most how long after the fault users of one class were not served, until stably over.
fn without_service(all: &[Ended], class: u16, limit: Span, times: &Times) -> (Span, Span) {
    let Times { fault, rescues, stable } = times;
    let mut mine: Vec<&Ended> = all.iter().filter(|request| request.class == class).collect();
    mine.sort_by_key(|request| (request.started, request.at));
    let served = |request: &Ended| request.answered && request.at.since(request.started) <= limit;
    let back = |after: Instant| {
        let later = mine.iter().filter(|request| request.started > after && served(request));
        later.map(|request| request.at).min()
    };
    let (mut least, mut most) = (fault.0, fault.0);
    let (mut block, mut until) = (Vec::new(), fault.1);
    for request in &mine {
        if served(request) {
            block.clear();
            continue;
        }
        block.push(request.started);
        for (from, end) in rescues {
            if *from <= until.saturating_add(*stable) {
                until = until.max(request.started.clamp(*from, *end));
            }
        }
        if request.started > until.saturating_add(*stable) {
            break;
        }
        let end = back(request.started).unwrap_or(Instant::MAX);
        until = until.max(end);
        most = most.max(end);
        if block.len() >= ENOUGH {
            least = least.max(end);
        }
    }
    (least.since(fault.0), most.since(fault.0))
}

#[test]
fn no_pass_over_users_without_service_and_no_failure_while_they_had_it() {
    let worlds = std::env::var_os("FIREDRILL_WORLDS").and_then(|n| n.to_str()?.parse().ok()).unwrap_or(WORLDS);
    let mut wrong = String::new();
    let mut told = [0_u32; 3];
    for seed in 1..=worlds {
        let text = world(seed);
        let plan = plan_of(&text, "world.yaml", &[]);
        let (outcome, all) = (judged(&plan), requests(&plan));
        let fault = &outcome.record.faults[0];
        let heal = fault.periods[0].until.unwrap_or(outcome.record.workload_end);
        let bound: u64 =
            text.split("within: ").nth(1).and_then(|rest| rest.split('s').next()?.parse().ok()).expect("a bound");
        let bound = Span::from_secs(bound);
        let (fault, stable) = ((fault.at.expect("it began"), heal), plan.world.objective.stable);
        let times = Times { fault, rescues: rescues(&outcome), stable };
        let classes = plan.world.objective.classes.iter().zip(0..);
        let (least, most) = classes.fold((Span::ZERO, Span::ZERO), |(least, most), (class, index)| {
            let (a, b) = without_service(&all, index, class.within, &times);
            (least.max(a), most.max(b))
        });
        let rto = &outcome.properties[0];
        told[rto.verdict as usize] += 1;
        let passes = rto.verdict == Verdict::Pass || outcome.verdict == Verdict::Pass || outcome.as_expected;
        if passes && least > bound.saturating_add(RESOLUTION) {
            writeln!(wrong, "world {seed}: {least} without service, bound {bound}: {}\n{text}", rto.why).expect("text");
        }
        if rto.verdict == Verdict::Fail && most.saturating_add(RESOLUTION) < bound {
            writeln!(wrong, "world {seed}: at most {most} without service, bound {bound}: {}\n{text}", rto.why)
                .expect("text");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(told[0] > 5 && told[2] > 5, "the worlds must be of both kinds: {told:?}");
}

/// A scenario of one region with ten requests a second, half of them writes, and a lasting fault that harms nobody.
fn estate(rest: &str) -> Outcome {
    let text = format!(
        "firedrill: 1\nname: estate\nduration: 30m\nregions:\n  west: {{services: {{api: {{servers: 8, time: 100ms}}}}}}\n  \
         north: {{like: west, role: secondary}}\ndatabases:\n  orders: {{primary: west, replicas: [north]}}\nresolvers: \
         {{violators: 0%}}\n{rest}"
    );
    judged(&plan_of(&text, "estate.yaml", &[]))
}

const STEADY: &str = "workload:\n  - open: {name: users, rate: 10/s, timeout: 5s, retries: 0}\n";

#[test]
fn of_two_overlapping_faults_each_answers_for_its_own() {
    let outcome = estate(&format!(
        "{STEADY}faults:\n  - slow_share: {{id: mild, region: west, share: 100%, slowdown: 110%, at: 5m, for: 20m}}\n  - \
         region_outage: {{id: dark, region: west, at: 10m, for: 5m}}\nproperties:\n  mild: {{recovers: {{after: fault.mild, \
         within: 1m}}}}\n  dark: {{recovers: {{after: fault.dark, within: 1m}}}}\nexpect: {{dark: fail}}\n"
    ));
    let verdicts: Vec<_> = outcome.properties.iter().map(|p| p.verdict).collect();
    assert_eq!(verdicts, [Verdict::Pass, Verdict::Fail], "{:?}", outcome.properties);
    assert!(outcome.as_expected);
}

#[test]
fn a_harmless_lasting_fault_does_not_answer_for_a_later_overload() {
    let outcome = estate(
        "people:\n  alice: {}\nworkload:\n  - open: {name: users, rate: 10/s, timeout: 5s, retries: 0, arrivals: {steps: {to: \
         {15m: 150/s, 20m: 10/s}}}}\nfaults:\n  - person_unreachable: {id: away, person: alice, at: 1m}\nproperties:\n  back: \
         {recovers: {after: fault.away, within: 1h}}\n",
    );
    assert!(outcome.outages.iter().any(|outage| outage.causes == ["load"]), "{:?}", outcome.outages);
    assert_ne!(outcome.verdict, Verdict::Pass, "an outage by load alone is not bounded by a person");
    assert!(!outcome.as_expected);
}

#[test]
fn a_night_without_traffic_proves_nothing() {
    let outcome = estate(
        "workload:\n  - open: {name: users, rate: 10/s, timeout: 5s, arrivals: {steps: {to: {4m: 0.000001/d, 20m: \
         10/s}}}}\nfaults:\n  - region_outage: {id: dark, region: west, at: 5m, for: 10m}\nproperties:\n  back: {recovers: \
         {after: fault.dark, within: 5m}}\n",
    );
    assert_eq!(outcome.verdict, Verdict::Inconclusive, "{:?}", outcome.properties);
}

#[test]
fn slow_answers_are_not_served_beyond_the_objective_and_found_below_it() {
    let brown_out = |slowdown: &str| {
        estate(&format!(
            "workload:\n  - open: {{name: users, rate: 2/s, timeout: 60s, retries: 0}}\nfaults:\n  - slow_share: {{id: brown, \
             region: west, share: 100%, slowdown: {slowdown}, at: 10m, for: 5m}}\nproperties:\n  lasts: {{at_most: {{event: \
             fault.brown, n: 1}}}}\n"
        ))
    };
    let late = brown_out("15000%");
    assert!(late.outages.iter().any(|outage| outage.causes == ["fault.brown"]), "{:?}", late.outages);
    assert_eq!((late.verdict, late.as_expected), (Verdict::Inconclusive, false));
    let slow = brown_out("300%");
    assert!(slow.outages.is_empty() && slow.findings.iter().any(|found| found.contains("slow")), "{:?}", slow.findings);
    assert_eq!(slow.verdict, Verdict::Inconclusive);
}

#[test]
fn an_outage_by_load_alone_is_no_go() {
    let outcome = estate(
        "workload:\n  - open: {name: users, rate: 10/s, timeout: 5s, retries: 0, arrivals: {steps: {to: {10m: 150/s, 12m: \
         10/s}}}}\nproperties:\n  lasts: {measure: {value: \"max(service.west.api.busy)\", at_least: 50%}}\n",
    );
    assert!(outcome.outages.iter().any(|outage| outage.causes == ["load"]), "{:?}", outcome.outages);
    assert_eq!((outcome.verdict, outcome.as_expected), (Verdict::Inconclusive, false));
}

/// A case that once was a wrong GO: its properties' verdicts, and whether the run may end in GO.
fn case(rest: &str) -> (Vec<(Verdict, Option<String>)>, Outcome) {
    let outcome = judged(&plan_of(&format!("firedrill: 1\n{rest}"), "case.yaml", &[]));
    (outcome.properties.iter().map(|p| (p.verdict, p.measured.clone())).collect(), outcome)
}

#[test]
fn patient_clients_do_not_make_an_outage_disappear() {
    let (verdicts, outcome) = case(
        "duration: 40m\nregions:\n  west: {role: primary, services: {api: {servers: 64, time: 100ms}}}\nresolvers: {count: \
         0}\nworkload:\n  - open: {rate: 20/s, sdk: openai, mix: {read: 100%}}\nfaults:\n  - region_outage: {id: dark, region: \
         west, at: 5m, for: 10m}\nproperties:\n  rto: {recovers: {after: fault.dark, holds: \"success >= 99%\", within: 5m}}\n",
    );
    assert_eq!(verdicts, [(Verdict::Fail, Some("10m 00.1s".into()))]);
    assert!(outcome.availability.longest_bad >= Span::from_mins(10), "{:?}", outcome.availability);
}

#[test]
fn retrying_clients_do_not_shorten_an_outage() {
    for (timeout, retries) in [(1, 0), (10, 3), (30, 0), (60, 2)] {
        let (verdicts, outcome) = case(&format!(
            "duration: 20m\nregions:\n  west: {{role: primary, services: {{api: {{servers: 64, time: 100ms}}}}}}\nresolvers: \
             {{count: 0}}\nworkload:\n  - open: {{rate: 20/s, timeout: {timeout}s, retries: {retries}}}\nfaults:\n  - \
             region_outage: {{id: dark, region: west, at: 5m, for: 35s}}\nproperties:\n  rto: {{recovers: {{after: fault.dark, \
             within: 34s}}}}\n"
        ));
        let rto = outcome.recovery[0].rto.expect("it recovered");
        assert!(rto >= Span::from_secs(35), "{timeout} s, {retries} retries: {rto}");
        assert_eq!(verdicts[0].0, Verdict::Fail, "{timeout} s, {retries} retries");
    }
}

#[test]
fn a_residual_within_the_promise_is_no_outage_at_any_load() {
    for rate in ["20/s", "200/s", "1000/s"] {
        let (verdicts, _) = case(&format!(
            "duration: 30m\nregions:\n  west: {{services: {{api: {{servers: 200, time: {{exponential: 40ms}}}}}}}}\nresolvers: \
             {{violators: 0%}}\nworkload:\n  - open: {{name: users, rate: {rate}, retries: 0}}\nfaults:\n  - slow_share: {{id: f, \
             region: west, share: 3%, errors: 100%, at: 5m, for: 20m}}\nproperties:\n  rto: {{measure: {{value: \"rto(fault.f, \
             95%)\", at_most: 5m}}}}\n"
        ));
        assert_eq!(verdicts, [(Verdict::Pass, Some("0s".into()))], "{rate}");
    }
}

#[test]
fn users_who_stand_still_count_by_what_they_would_have_done() {
    let (verdicts, outcome) = case(
        "duration: 10m\nregions:\n  west: {services: {api: {servers: 50, time: 20ms}}}\nresolvers: {violators: 0%}\nworkload:\n  - \
         closed: {users: 100, think: 1s, timeout: 60s, retries: 0}\nfaults:\n  - region_outage: {id: dark, region: west, at: 5m, \
         for: 4m}\nproperties:\n  a: {measure: {value: availability, at_least: 90%}}\n",
    );
    assert_eq!(verdicts[0].0, Verdict::Fail, "{verdicts:?}");
    assert!(outcome.record.requests.missing > 15_000, "{:?}", outcome.record.requests);
}

#[test]
fn a_failback_that_interrupts_service_is_a_relapse_and_a_planned_one_is_counted_apart() {
    let text = |maintenance: &str| {
        format!(
            "duration: 40m\nregions:\n  west: {{services: {{api: {{servers: 20, time: 20ms, database: orders}}}}}}\n  north: {{like: \
             west, role: secondary}}\ndatabases:\n  orders: {{primary: west, replicas: [north], delay: 100ms, promote_time: \
             20s}}\ndns: {{ttl: 5s, publish: 2s}}\nresolvers: {{violators: 0%}}\nworkload:\n  - open: {{name: users, rate: 20/s, mix: \
             {{write: 50%}}, timeout: 2s, retries: 0}}\nfaults:\n  - region_outage: {{id: dark, region: west, at: 5m, for: \
             5m}}\ncontrol:\n  - watch: {{every: 5s, sustained: 15s, run: region_failover, then: failback, hold_down: 5m}}\n{maintenance}\
             properties:\n  rto: {{recovers: {{after: fault.dark, within: 15m}}}}\n"
        )
    };
    let (_, plain) = case(&text(""));
    let Some(back) = plain.record.timeline.events().iter().find(|event| event.name == "failback.started") else {
        panic!("it comes home: {:?}", plain.record.timeline.events().iter().map(|e| &e.name).collect::<Vec<_>>());
    };
    let recovery = &plain.recovery[0];
    assert!(recovery.outages > 1, "{recovery:?}");
    assert!(recovery.rto.is_none_or(|rto| recovery.at.saturating_add(rto) > back.at), "{recovery:?}");
    let (_, planned) = case(&text("maintenance:\n  - {during: failback}\n"));
    let recovery = &planned.recovery[0];
    assert!(recovery.rto < recovery.with_planned, "{recovery:?}");
}

/// What was found in a run of an estate with two services, of which `reports` gets four requests in a hundred, and which
/// properties held.
fn two_services(faults: &str, properties: &str) -> Outcome {
    let text = format!(
        "firedrill: 1\nname: two services\nduration: 30m\nregions:\n  west: {{services: {{api: {{servers: 50, time: 20ms}}, \
         reports: {{servers: 50, time: {{exponential: 100ms}}}}}}}}\nresolvers: {{violators: 0%}}\nworkload:\n  - open: {{name: \
         users, service: api, rate: 96/s, retries: 0}}\n  - open: {{name: office, service: reports, rate: 4/s, mix: {{read: \
         100%}}, retries: 0}}\nfaults:\n  - slow_share: {{id: slow, region: west, share: 100%, {faults}}}\nproperties:\n  lasts: \
         {{at_most: {{event: fault.slow, n: 20}}}}\n{properties}"
    );
    judged(&plan_of(&text, "two.yaml", &[]))
}

#[test]
fn a_small_class_that_is_slow_altogether_is_found_and_no_latency_of_all_bounds_it() {
    let slow = "service: reports, slowdown: 1000%, at: 10m, for: 5m";
    let all = "  fast: {measure: {value: p95(latency), at_most: 1s}}\n";
    for properties in ["", all] {
        let outcome = two_services(slow, properties);
        assert!(outcome.outages.is_empty(), "{:?}", outcome.outages);
        let found = outcome.findings.concat();
        assert!(found.starts_with("office.reports.read: answers were slow from 10m"), "{found}");
        assert!(found.contains("was usual before the first fault, and no property"), "{found}");
        assert_eq!((outcome.verdict, outcome.as_expected), (Verdict::Inconclusive, false));
    }
    let bounded = two_services(slow, "  fast: {measure: {value: max(latency), at_most: 1m}}\n");
    assert_eq!((bounded.verdict, bounded.findings.len()), (Verdict::Pass, 0), "{:?}", bounded.findings);
    let mild = two_services("service: reports, slowdown: 110%, at: 10m, for: 5m", "");
    assert_eq!((mild.verdict, mild.findings.len()), (Verdict::Pass, 0), "{:?}", mild.findings);
}

#[test]
fn stalls_that_come_again_and_again_are_one_slow_time() {
    let outcome = two_services("service: api, slowdown: 500%, at: 10m, for: 3m, flap: {down: 7s, up: 11s}", "");
    let found = outcome.findings.concat();
    assert!(found.starts_with("users.api.") && found.contains("answers were slow from 10m"), "{found}");
    assert_eq!((outcome.verdict, outcome.as_expected), (Verdict::Inconclusive, false));
    let once = two_services("service: api, slowdown: 500%, at: 10m, for: 7s", "");
    assert_eq!((once.verdict, once.findings.len()), (Verdict::Pass, 0), "{:?}", once.findings);
}

#[test]
fn a_fault_from_the_start_is_judged_by_the_time_after_it_or_said_to_be_unjudged() {
    let outcome = two_services("service: reports, slowdown: 1000%, at: 0s, for: 5m", "");
    let found = outcome.findings.concat();
    assert!(found.starts_with("office.reports.read: answers were slow from 1s to 5m"), "{found}");
    assert!(found.contains("in the seconds from 6m") && found.contains("without an active fault"), "{found}");
    let unknown = two_services("service: reports, slowdown: 1000%, at: 5s", "");
    let found = unknown.findings.concat();
    assert!(
        found.contains("office.reports.read") && found.contains("whether answers were slow cannot be decided"),
        "{found}"
    );
    assert_eq!((unknown.verdict, unknown.as_expected), (Verdict::Inconclusive, false));
    let bounded = two_services("slowdown: 1000%, at: 5s", "  fast: {measure: {value: max(latency), at_most: 1m}}\n");
    assert_eq!((bounded.verdict, bounded.findings.len()), (Verdict::Pass, 0), "{:?}", bounded.findings);
}

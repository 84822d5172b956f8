//! Users who wait for their answers, and journeys that end at the first failure.

use super::*;
use crate::kernel::Streams;
use crate::outcome::Outcome as Rehearsed;
use crate::rehearse::{Provenance, rehearse};
use crate::scenario::{Catalogs, load};

/// A run of five minutes of these clients with a service that needs 10 ms, and one that always fails.
pub fn run(workload: &str) -> Rehearsed {
    let text = format!(
        "
firedrill: 1
duration: 5m
providers: {{any: {{errors: 0%}}}}
regions:
  west:
    provider: any
    role: primary
    services:
      api: {{servers: 50, time: 10ms}}
      broken: {{servers: 50, time: 10ms, errors: 100%}}
      unsure: {{servers: 50, time: 10ms, errors: 20%}}
network: {{latency: 0ms, clients: 0ms}}
resolvers: {{count: 0}}
workload:
  - {workload}
properties:
  some: {{measure: {{value: availability, at_least: 1%}}}}
"
    );
    let (plan, _) = load(&text, "clients.yaml", &[], &Catalogs::BUILT_IN).unwrap_or_else(|p| panic!("{p:#?}"));
    rehearse(&plan, &Provenance::default(), 1)
}

/// All that a signal counted, second by second.
pub fn total(outcome: &Rehearsed, signal: &str) -> u64 {
    let signal = outcome.record.signal(signal).expect("recorded");
    (0..=outcome.record.end.second()).map(|second| signal.at(Instant::from_secs(second)).part).sum()
}

#[test]
fn users_never_have_more_than_one_request_under_way_and_think_in_between() {
    let outcome = run("closed: {users: 10, think: 990ms, start: cold}");
    // Each needs a second for a round, begins after 990 ms, and has five minutes.
    assert_eq!((outcome.record.requests.started, outcome.record.requests.ok), (10 * 300, 10 * 300));
    let busy = outcome.record.signal("service.west.api.busy").unwrap();
    assert_eq!(busy.points().map(|(_, servers)| servers.part).max(), Some(10));
}

#[test]
fn users_who_have_been_at_it_are_not_in_step() {
    let most = |start: &str| {
        let outcome = run(&format!("closed: {{users: 40, think: 10s, {start}}}"));
        outcome.record.signal("offered").unwrap().points().map(|(_, requests)| requests.part).max()
    };
    assert_eq!(most("start: cold"), Some(40), "they begin together, think alike, and go on together");
    assert!(most("start: warm") < Some(15), "four a second: {:?}", most("start: warm"));
}

#[test]
fn a_journey_goes_through_its_steps_and_succeeds_when_all_do() {
    let journey = "journey: [{service: api, think: 1s}, {service: api, does: write, think: 1s}, {service: unsure}]";
    let outcome = run(&format!("closed: {{users: 100, think: 2s, retries: 0, {journey}}}"));
    let (ok, requests) = (total(&outcome, "journeys"), outcome.record.requests);
    // Four seconds and three requests a round; one in five fails at the last step.
    assert!(requests.started.abs_diff(100 * 74 * 3) < 400, "{requests:?}");
    let share = ok as f64 / (requests.started as f64 / 3.0);
    assert!((share - 0.8).abs() < 0.02, "{share} of the journeys succeeded");
    assert!(outcome.record.signal("journeys.success").is_some());
}

#[test]
fn the_first_step_that_fails_ends_a_journey() {
    let outcome = run("closed: {users: 10, think: 1s, retries: 0, journey: [broken, api, api]}");
    assert_eq!((outcome.record.requests.ok, total(&outcome, "journeys")), (0, 0));
    assert!(outcome.record.requests.failed > 2_900, "they start over");
}

#[test]
fn users_who_arrive_go_through_their_journey_once() {
    let outcome = run("open: {rate: 5/s, arrivals: constant, journey: [{service: api, think: 1s}, api]}");
    let (requests, journeys) = (outcome.record.requests, total(&outcome, "journeys"));
    assert_eq!(requests.started, requests.ok);
    // Those who arrive in the last second are cut off.
    assert!((1_494..=1_500).contains(&journeys), "{journeys} journeys of five a second for five minutes");
    assert!(requests.started >= 2 * journeys && requests.started <= 2 * journeys + 6);
}

#[test]
fn the_requests_of_a_user_do_not_depend_on_how_fast_the_others_are() {
    let plan = |users| WorkloadPlan { arrivals: closed(users), ..open() };
    let stream = Streams::new(1).stream("workload/test", "think");
    let sessions = Sessions::new(&plan(20), stream, stream).unwrap();
    let mut session = sessions.begin(7, 7, WorkloadId(0));
    let numbers: Vec<u64> = (0..3)
        .map(|sent| {
            session.sent = sent;
            sessions.visit(&session).number
        })
        .collect();
    assert_eq!(numbers, [7 << 35, (7 << 35) + 1, (7 << 35) + 2], "five bits for twenty users");
    let most = Sessions::new(&plan(1_000_000), stream, stream).unwrap();
    assert!(most.visit(&most.begin(999_999, 0, WorkloadId(0))).number < 1 << NUMBER_BITS);
    assert!(most.visit(&Session { sent: u32::MAX, ..most.begin(999_999, 0, WorkloadId(0)) }).number < 1 << NUMBER_BITS);
}

fn closed(users: u32) -> Arrivals {
    let think = crate::kernel::Distribution::Constant(Span::from_secs(1));
    Arrivals::Closed(crate::model::plan::Closed { users, think, lease: None })
}

/// The population of a scenario that says nothing of it but its rate.
fn open() -> WorkloadPlan {
    let text = "firedrill: 1\nduration: 1m\nregions: {a: {services: {api: {servers: 1, time: 1ms}}}}\nworkload: [{open: {rate: 1/s}}]\nproperties: {p: {measure: {value: availability, at_least: 1%}}}";
    load(text, "x.yaml", &[], &Catalogs::BUILT_IN).unwrap().0.world.workloads.remove(0)
}

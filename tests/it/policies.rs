//! By which rule a watch judges its region: those of the product, and one of one's own.

use super::plan_of;
use firedrill::control::{Policy, PolicyKind};
use firedrill::field::{Field, FieldType, Kind};
use firedrill::outcome::Outcome;
use firedrill::policy::{HealthLimits, HealthPolicy, HealthReport, HealthState, ServiceReading};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::scenario::{Catalogs, load};
use firedrill::units::{Instant, Span};
use std::sync::Arc;

const WORLD: &str = "
firedrill: 1
name: policies
preset: ai-provider
duration: 8m
regions:
  west:  {services: {api: {servers: 8, time: 20ms}}}
  north: {like: west, role: secondary}
dns: {zone: app.example, ttl: 30s}
resolvers: {count: 20, violators: 0%}
monitoring: {scrape: 10s}
workload:
  - open: {name: users, rate: 20/s, timeout: 5s}
faults:
  - region_outage: {id: dark, region: west, at: 60s}
properties: {back: {recovers: {after: fault.dark, within: 6m}}}
";

fn text(policy: &str) -> String {
    format!("{WORLD}control: [{{watch: {{run: region_failover{policy}}}}}]\n")
}

/// From the fault to the decision.
fn decided(outcome: &Outcome) -> Span {
    let at = outcome.record.timeline.times("watch.decided").next().expect("decided");
    at.since(Instant::from_secs(60))
}

fn judged(policy: &str, catalogs: &Catalogs) -> Outcome {
    let (plan, _) = load(&text(policy), "policies.yaml", &[], catalogs).expect("valid");
    rehearse(&plan, &Provenance::default(), 1)
}

#[test]
fn scrapes_in_a_row_decide_sooner_than_a_sustained_minute_and_the_limits_are_what_is_meant_by_nothing() {
    let minute = judged("", &Catalogs::BUILT_IN);
    assert_eq!(judged(", policy: thresholds", &Catalogs::BUILT_IN).record.digest, minute.record.digest);
    assert!(decided(&minute) >= Span::from_secs(60));
    for scrapes in [1, 3, 5] {
        let outcome = judged(&format!(", policy: {{in_a_row: {scrapes}}}"), &Catalogs::BUILT_IN);
        // The first failing scrape comes within an interval, each look and each scrape may add one more.
        let (soonest, latest) = ((scrapes - 1) * 10, scrapes * 10 + 20);
        let took = decided(&outcome);
        assert!(took >= Span::from_secs(soonest) && took <= Span::from_secs(latest), "{scrapes}: {took:#}");
        let told = outcome.record.timeline.events().iter().find(|told| told.name == "watch.decided").expect("told");
        assert!(told.text.contains(&format!("scrape {scrapes} of {scrapes} in a row")), "{}", told.text);
    }
    let plan = plan_of(&text(", policy: {in_a_row: 4}"), "policies.yaml", &[]);
    let line =
        plan.assumptions.iter().find(|line| line.path == "control.watch.policy.in_a_row.scrapes").expect("explained");
    assert_eq!(line.value, "4");
}

#[derive(Debug)]
struct AnyError(u64);

impl Policy for AnyError {
    fn fresh(&self, _: &HealthLimits, _: &[String]) -> Box<dyn HealthPolicy> {
        Box::new(Errors { most: self.0, since: None })
    }
}

/// A region has failed as soon as it gives so many errors, or is not reached.
struct Errors {
    most: u64,
    since: Option<Instant>,
}

impl HealthPolicy for Errors {
    fn observe(&mut self, now: Instant, readings: &[(String, ServiceReading)]) -> HealthReport {
        let fails =
            |reading: &ServiceReading| reading.scraped_at.is_some() && (!reading.up || reading.errors > self.most);
        let failing = readings.iter().any(|(_, reading)| fails(reading));
        self.since = if failing { Some(self.since.unwrap_or(now)) } else { None };
        let state = if failing { HealthState::Down } else { HealthState::Healthy };
        HealthReport { state, failing_since: self.since, evidence: format!("more than {} errors", self.most) }
    }

    fn start_over(&mut self) {
        self.since = None;
    }
}

const OWN: &[PolicyKind] = &[PolicyKind {
    kind: Kind::new(
        "any_error",
        "A region has failed as soon as it gives more errors than that.",
        &[Field::required("most", FieldType::Count { min: 0, max: 1_000 }, "How many errors are nothing.")],
    ),
    build: |values, _| Some(Arc::new(AnyError(values.count("most")))),
}];

#[test]
fn a_policy_of_ones_own_is_named_like_any_other_and_an_unknown_one_is_refused_with_those_there_are() {
    let catalogs = Catalogs::BUILT_IN.with_policies(OWN);
    let outcome = judged(", policy: {any_error: {most: 3}}", &catalogs);
    assert!(decided(&outcome) <= Span::from_secs(30), "{:#}", decided(&outcome));
    let told = outcome.record.timeline.events().iter().find(|told| told.name == "watch.decided").expect("told");
    assert!(told.text.contains("more than 3 errors"), "{}", told.text);
    let Err(problems) = load(&text(", policy: any_eror"), "policies.yaml", &[], &catalogs) else { panic!("accepted") };
    let problem = problems.iter().next().expect("one");
    assert_eq!((problem.code, problem.message.as_str()), ("FD0108", "unknown kind `any_eror`"));
    assert_eq!(problem.help.as_deref(), Some("one of thresholds, in_a_row, any_error; did you mean `any_error`?"));
    const TWICE: &[PolicyKind] = &[PolicyKind { kind: Kind::new("in_a_row", "Another.", &[]), build: |_, _| None }];
    assert_eq!(Catalogs::BUILT_IN.with_policies(TWICE).doubles(), [("policies", "in_a_row")]);
}

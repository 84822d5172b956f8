//! A user's own procedure: what a scenario is checked against is what its controls run.

use firedrill::control::SimulatedProcedure;
use firedrill::field::Catalog;
use firedrill::field::Problems;
use firedrill::ports::{Audit, Clock, Notifier, People};
use firedrill::procedure::approval::before_step;
use firedrill::procedure::{Brief, Listed, Perform, Procedure, Settings, Step, StepApproval, StepError, Work};
use firedrill::rehearse::rehearsal;
use firedrill::scenario::{Catalogs, Plan, load};
use firedrill::sim::run;
use firedrill::units::Span;
use serde::{Deserialize, Serialize};

/// What whoever puts up a notice is told.
#[derive(Clone, Serialize, Deserialize)]
struct Wording {
    region: String,
    approval: Option<StepApproval>,
    settings: Settings,
}

/// Puts up a notice and changes nothing.
struct Notice(Wording);

impl Procedure for Notice {
    type StepId = ();
    type Order = Wording;
    type Evidence = ();
    const NAME: &'static str = "notice";
    const DOC: &'static str = "puts up a notice";
    const MOVES: bool = false;

    fn ordered(order: Wording) -> Self {
        Self(order)
    }
    fn order(&self) -> &Wording {
        &self.0
    }
    fn steps(&self) -> Vec<((), Step)> {
        self.0.settings.steps(Self::STEPS)
    }
    fn limit(&self) -> Span {
        self.0.settings.limit(Self::LIMIT)
    }
    fn past_return(&self, (): &()) -> bool {
        false
    }
}

impl Listed for Notice {
    const STEPS: &'static [((), Step)] = &[((), Step::new("put_up", "tell the public", 60, 5, 5))];
    const LIMIT: Span = Span::from_mins(5);
    const LIMIT_SOURCE: &'static str = "what the press office promises";

    fn order_of(brief: &Brief) -> Wording {
        Wording {
            region: brief.from.clone(),
            approval: brief.approval.clone(),
            settings: brief.settings_of(Self::NAME),
        }
    }
}

impl<P: Clock + Notifier + People + Audit> Perform<P> for Notice {
    async fn consent(&self, run: u32, step: &Step, ports: &P, (): &()) -> Result<Option<Span>, String> {
        before_step(ports, (Self::NAME, run), (step, None), self.0.approval.as_ref()).await
    }
    async fn perform(&self, (): (), work: &mut Work<'_, P, ()>) -> Result<String, StepError> {
        work.ports.notify("public", &format!("{} is down", self.0.region)).await?;
        Ok("the public knows".to_owned())
    }
    async fn verify(&self, (): (), _: &P, (): &()) -> Result<(), StepError> {
        Ok(())
    }
    async fn undo(&self, (): (), _: &mut Work<'_, P, ()>) -> Result<String, StepError> {
        Ok("nothing was changed".to_owned())
    }
}

const OWN: &[SimulatedProcedure] = &[SimulatedProcedure::of::<Notice>()];
const CATALOGS: Catalogs = Catalogs { procedures: Catalog::new(OWN), ..Catalogs::BUILT_IN };

fn loaded(watch: &str, properties: &str, catalogs: &Catalogs) -> Result<Plan, Problems> {
    let text = format!(
        "
firedrill: 1
name: a procedure of one's own
duration: 3m
regions:
  west:  {{services: {{api: {{servers: 4, time: 20ms}}}}}}
  north: {{like: west, role: secondary}}
monitoring: {{scrape: 5s, window: 15s, delay: 1s}}
people:
  alice: {{availability: 100%, acknowledge: 10s, decide: 5s}}
workload:
  - open: {{rate: 5/s, timeout: 2s}}
faults:
  - region_outage: {{id: dark, region: west, at: 30s}}
control:
  - watch: {{every: 5s, sustained: 10s, min_requests: 3, {watch}}}
properties:
  told: {properties}
"
    );
    load(&text, "own.yaml", &[], catalogs).map(|(plan, _)| plan)
}

fn first(problems: &Problems) -> (&'static str, String) {
    problems.iter().next().map(|problem| (problem.code, problem.message.clone())).unwrap()
}

#[test]
fn a_procedure_of_ones_own_passes_the_check_and_is_run() {
    let watch = "run: notice, approve: {ask: [alice], before: [put_up]}";
    let demand = "{at_most: {event: notice.put_up.done, n: 1}}";
    let plan = loaded(watch, demand, &CATALOGS).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let record = run(rehearsal(&plan, &plan.schedule(1)), 1).record;
    let names: Vec<&str> = record.timeline.events().iter().map(|event| event.name.as_str()).collect();
    for name in ["notice.started", "approval.given", "notice.put_up.done", "notified.public", "notice.done"] {
        assert!(names.contains(&name), "{name} is missing: {names:?}");
    }
}

#[test]
fn what_a_procedure_of_ones_own_brings_about_is_not_barred() {
    let demand = "{at_most: {event: db.orders.restored, n: 1}}";
    let problems = loaded("run: notice", demand, &CATALOGS).unwrap_err();
    assert_eq!(first(&problems).0, "FD0301", "there is no such database, whatever runs");
    let problems = loaded("run: notice", "{at_most: {event: drill.passed, n: 1}}", &CATALOGS);
    assert!(problems.is_ok(), "nobody knows what it tells: {problems:#?}");
    let demand = "{at_most: {event: dns.app.example.ttl, n: 1}}";
    assert!(loaded("run: notice", demand, &CATALOGS).is_ok(), "nor which records it changes");
    let problems = loaded("run: region_failover", demand, &Catalogs::BUILT_IN).unwrap_err();
    assert!(first(&problems).1.contains("dns.app.example.ttl"), "a failover leaves it alone: {problems:#?}");
}

#[test]
fn what_cannot_be_run_is_refused_by_name() {
    let demand = "{at_most: {event: watch.decided, n: 1}}";
    let unknown = loaded("run: region_failover", demand, &CATALOGS).unwrap_err();
    assert_eq!(first(&unknown), ("FD0102", "unknown procedure `region_failover`".to_owned()));
    let back = loaded("run: notice, then: failback", demand, &CATALOGS).unwrap_err();
    assert_eq!(first(&back), ("FD0102", "unknown procedure `failback`".to_owned()));
    let step = "run: notice, approve: {ask: [alice], before: [take_down]}";
    assert_eq!(
        first(&loaded(step, demand, &CATALOGS).unwrap_err()),
        ("FD0102", "`notice` has no step `take_down`".to_owned())
    );
    assert!(loaded("run: notice", demand, &Catalogs::BUILT_IN).is_err(), "it does not come with the product");
}

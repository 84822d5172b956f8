//! Steps in parallel in a controller that dies, is paused, doubled or overtaken at every call it makes: whoever comes
//! after it performs what is left, or takes back what was done.

use super::interruptions::judge;
use super::{plan_of, sampled};
use firedrill::control::{Control, Working};
use firedrill::harness::ACTS;
use firedrill::model::plan::{ControllerPlan, WorldPlan};
use firedrill::model::{CallTrace, Interruption, SimulatedPorts};
use firedrill::ports::{Dns, Notifier, Runtime, Services};
use firedrill::procedure::{Effect, Ending, LeaseTerms, Perform, Procedure, Step, StepError, Task, Work, lead};
use firedrill::rehearse::rehearsal;
use firedrill::scenario::Plan;
use firedrill::sim::{Live, Rehearsal, Run, run};
use firedrill::units::Span;
use serde::{Deserialize, Serialize};
use std::future::pending;
use std::sync::{Arc, Mutex};

/// Whether the last check fails, so that everything is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Order {
    fails: bool,
}

/// Points a name at the north and makes its services ready, both at once.
struct Open(Order);

#[derive(Debug, Clone, Copy)]
enum OpenStep {
    Look,
    Point,
    Activate,
    Tell,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Found {
    before: String,
    pointed: Effect,
    activated: Effect,
}

const NAME: &str = "app.example";

impl Procedure for Open {
    type StepId = OpenStep;
    type Order = Order;
    type Evidence = Found;
    const NAME: &'static str = "open";
    const DOC: &'static str = "opens the north";

    fn ordered(order: Order) -> Self {
        Self(order)
    }
    fn order(&self) -> &Order {
        &self.0
    }
    fn steps(&self) -> Vec<(OpenStep, Step)> {
        vec![
            (OpenStep::Look, Step::new("look", "see where the name points", 60, 10, 5)),
            (OpenStep::Point, Step::new("point", "point it north", 120, 10, 5).undo_within(600)),
            (OpenStep::Activate, Step::new("activate", "make the north ready", 300, 10, 5).undo_within(600).beside()),
            (OpenStep::Tell, Step::new("tell", "notify stakeholders", 60, if self.0.fails { 1 } else { 10 }, 5)),
        ]
    }
    fn limit(&self) -> Span {
        Span::from_mins(15)
    }
    fn past_return(&self, _: &Found) -> bool {
        false
    }
}

impl<P: Runtime + Dns + Services + Notifier> Perform<P> for Open {
    async fn consent(&self, _: u32, _: &Step, _: &P, _: &Found) -> Result<Option<Span>, String> {
        Ok(None)
    }
    async fn perform(&self, step: OpenStep, work: &mut Work<'_, P, Found>) -> Result<String, StepError> {
        match step {
            OpenStep::Look => work.evidence.before = work.ports.read_record(NAME).await?,
            OpenStep::Point => {
                let before = work.evidence.pointed.ask();
                work.write_down().await?;
                work.evidence.pointed.learn(before, work.ports.point_record(NAME, "north").await)?;
            }
            OpenStep::Activate => {
                let before = work.evidence.activated.ask();
                work.write_down().await?;
                work.evidence.activated.learn(before, work.ports.activate("north").await)?;
            }
            OpenStep::Tell if self.0.fails => return Err(StepError::Final("nobody is to be told".to_owned())),
            OpenStep::Tell => work.ports.notify("everybody", "the north is open").await?,
        }
        Ok("done".to_owned())
    }
    async fn verify(&self, step: OpenStep, ports: &P, _: &Found) -> Result<(), StepError> {
        match step {
            OpenStep::Point if ports.read_record(NAME).await? != "north" => Err(StepError::NotYet("not north".into())),
            OpenStep::Activate if !ports.service_status("north").await?.iter().all(|service| service.active) => {
                Err(StepError::NotYet("not ready".into()))
            }
            _ => Ok(()),
        }
    }
    async fn undo(&self, step: OpenStep, work: &mut Work<'_, P, Found>) -> Result<String, StepError> {
        match step {
            OpenStep::Point if work.evidence.pointed != Effect::None => {
                work.ports.point_record(NAME, &work.evidence.before).await?;
                work.evidence.pointed = Effect::None;
            }
            OpenStep::Activate if work.evidence.activated != Effect::None => {
                work.ports.deactivate("north").await?;
                work.evidence.activated = Effect::None;
            }
            _ => {}
        }
        Ok("undone".to_owned())
    }
}

/// How a process found things once the run was over: how it ended, where the name points, whether the north serves.
type End = (Ending, String, bool);

#[derive(Debug)]
struct Opener {
    order: Order,
    ends: Arc<Mutex<Vec<End>>>,
}

impl Control for Opener {
    fn start(&self, _: &WorldPlan, ports: SimulatedPorts) -> Working {
        let (task, ends) = (Task::new(Open(self.order)), Arc::clone(&self.ends));
        Box::pin(lead(ports, LeaseTerms::default(), move |scribe| {
            let (task, ends) = (task.clone(), Arc::clone(&ends));
            async move {
                let ending = task.start(&scribe, 1).await;
                if ending == Ending::Superseded {
                    return;
                }
                let ports = scribe.ports();
                if let (Ok(region), Ok(services)) = (ports.read_record(NAME).await, ports.service_status("north").await)
                {
                    let serves = services.iter().all(|service| service.active);
                    ends.lock().expect("nobody panics").push((ending, region, serves));
                }
                pending().await
            }
        }))
    }
}

fn scenario() -> Plan {
    let text = "
firedrill: 1
name: in parallel
duration: 6m
settle: 20m
regions:
  west: {services: {api: {servers: 4, time: 20ms}}}
  north: {like: west, role: secondary}
dns: {zone: app.example, ttl: 10s, publish: 3s}
workload:
  - open: {rate: 1/s}
properties:
  served: {always: {holds: errors <= 99%}}
";
    let mut plan = plan_of(text, "side-by-side.yaml", &[]);
    plan.world.controllers = vec![ControllerPlan { name: "opener".to_owned(), place: None, drill: false, lease: None }];
    plan
}

/// A run in which the controller is struck so, and how its processes found things in the end.
fn interrupted(plan: &Plan, order: Order, interruptions: &[Interruption]) -> (Run, Vec<End>) {
    let ends = Arc::new(Mutex::new(Vec::new()));
    let controls: Vec<Arc<dyn Control>> = vec![Arc::new(Opener { order, ends: Arc::clone(&ends) })];
    let schedule = plan.schedule(1);
    let run = run(Rehearsal { controls: &controls, interruptions, ..rehearsal(plan, &schedule) }, 1);
    let ends = ends.lock().expect("nobody panics").clone();
    (run, ends)
}

/// The calls of a run that nobody disturbs.
fn calls(plan: &Plan, order: Order) -> Vec<CallTrace> {
    let controls: Vec<Arc<dyn Control>> = vec![Arc::new(Opener { order, ends: Arc::default() })];
    let schedule = plan.schedule(1);
    let mut live = Live::new(Rehearsal { controls: &controls, trace_calls: true, ..rehearsal(plan, &schedule) }, 1);
    while live.step() {}
    let calls = live.calls();
    let record = live.close().record;
    let of_it = |name: &str| name.starts_with("open.");
    let last = record.timeline.events().iter().filter(|event| of_it(&event.name)).map(|event| event.at).next_back();
    let last = last.expect("it ended");
    calls.into_iter().filter(|call| call.at <= last).collect()
}

/// What is wrong with how a struck run ended, if anything is.
fn wrong(order: Order, (run, ends): &(Run, Vec<End>)) -> Option<String> {
    let events = run.record.timeline.events();
    let count = |wanted: &dyn Fn(&str) -> bool| events.iter().filter(|event| wanted(&event.name)).count();
    if let Some(stopped) = &run.stopped {
        return Some(format!("stopped: {stopped:?}"));
    }
    if count(&|name| name == "controller.opener.struck") != 1 {
        return Some("not struck".to_owned());
    }
    if count(&|name| name.ends_with(".stale_change") || name == "run.unsettled") > 0 {
        return Some("a superseded controller changed something, or something is still under way".to_owned());
    }
    let wanted = match order.fails {
        true => (Ending::Undone, "west".to_owned(), false),
        false => (Ending::Done, "north".to_owned(), true),
    };
    (ends.last() != Some(&wanted)).then(|| format!("it ended so: {ends:?}"))
}

#[test]
fn whatever_happens_to_a_controller_at_any_call_of_steps_side_by_side_ends_safely() {
    let plan = scenario();
    for order in [Order { fails: false }, Order { fails: true }] {
        let calls = calls(&plan, order);
        let mut cells = Vec::new();
        for call in &calls {
            for sent in [false, true] {
                cells.extend(ACTS.iter().map(|(name, act)| (call, sent, *name, *act)));
            }
        }
        let together = calls.windows(2).filter(|pair| pair[0].at == pair[1].at).count();
        println!(
            "{order:?}: {} calls struck in {} routes each, {together} at the same time",
            calls.len(),
            2 * ACTS.len()
        );
        assert!(calls.len() > 25 && together > 0, "{} calls, {together} at the same time", calls.len());
        let cells = sampled(cells, usize::from(order.fails));
        let wrong = judge(&cells, |(call, sent, name, act)| {
            let pending = Interruption { controller: 0, call: call.number, sent: *sent, act: *act };
            let found = wrong(order, &interrupted(&plan, order, &[pending]))?;
            let when = if *sent { "after" } else { "before" };
            Some(format!("{order:?}: {name} {when} call {} at {}, {}: {found}", call.number, call.at, call.command))
        });
        assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), cells.len(), wrong.join("\n"));
    }
}

#[test]
fn the_two_steps_are_performed_at_the_same_time() {
    let plan = scenario();
    let order = Order { fails: false };
    let ends = Arc::new(Mutex::new(Vec::new()));
    let controls: Vec<Arc<dyn Control>> = vec![Arc::new(Opener { order, ends: Arc::clone(&ends) })];
    let schedule = plan.schedule(1);
    let record = run(Rehearsal { controls: &controls, ..rehearsal(&plan, &schedule) }, 1).record;
    assert_eq!(*ends.lock().expect("nobody panics"), [(Ending::Done, "north".to_owned(), true)]);
    let lap = |step: &str| record.laps.iter().find(|lap| lap.step == step).expect("a lap");
    let (point, activate) = (lap("point"), lap("activate"));
    assert!(point.start == activate.start && point.took.max(activate.took) < point.took + activate.took);
    assert_eq!(lap("tell").start, point.start + point.took.max(activate.took));
}

//! The control loop over a rollout that advances by steps, holds and rolls back: rules, playbook and procedures of its own, and
//! nothing of regions.

use super::clocks::{TokioClock, VirtualClock};
use super::memory::{MemoryPorts, Person, Twist, World};
use firedrill::control::cycle::{CyclePlan, LoopMoment, Observer, Play, Playbook, Response, cycle};
use firedrill::policy::decision::{Condition, DecisionRule, Gap, Gate, Limit, Matrix, Side, Triggers};
use firedrill::ports::{Clock, LoadBalancer, People, PortError, Probe, Reply, Runtime};
use firedrill::procedure::{ApprovalPlan, Perform, Procedure, RunRecord, Scribe, Step, StepError, Task, Work};
use firedrill::record::Actor;
use firedrill::record::event::Event;
use firedrill::units::{Figure, Instant, Ratio, Span, TimedFigure};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

const SECS: fn(u64) -> Span = Span::from_secs;
const AT: fn(u64) -> Instant = Instant::from_secs;

/// What can be called for, the most severe last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// To give the new provider the share of this step.
    Advance(u8),
    /// To wait.
    Hold,
    /// To have somebody look.
    Alert,
    /// To take everything back, once people agree.
    AskToRollBack,
    /// To take everything back.
    RollBack,
    /// The same, because a person says so.
    Manual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Metric {
    Errors,
    P95,
    Spent,
    Requested,
}

/// The share of the new provider, in percent, after each step; 0 is the rollback.
const SHARES: [u64; 4] = [0, 10, 50, 100];
const NAMES: [&str; 4] = ["roll_back", "advance_to_10", "advance_to_50", "advance_to_100"];

/// Gives the new provider the share of a step.
struct SetShare<const STEP: usize>;

fn shares(step: usize) -> Vec<(String, Ratio)> {
    let new = SHARES[step];
    vec![("old".to_owned(), Ratio::from_percent(100 - new)), ("new".to_owned(), Ratio::from_percent(new))]
}

impl<const STEP: usize> Procedure for SetShare<STEP> {
    type StepId = ();
    type Order = ();
    type Evidence = ();
    const NAME: &'static str = NAMES[STEP];
    const DOC: &'static str = "gives the new provider its share";

    fn ordered((): ()) -> Self {
        Self
    }
    fn order(&self) -> &() {
        &()
    }
    fn steps(&self) -> Vec<((), Step)> {
        vec![((), Step::new("set", "set the weights", 60, 3, 5))]
    }
    fn limit(&self) -> Span {
        Span::from_mins(5)
    }
    fn past_return(&self, (): &()) -> bool {
        false
    }
}

impl<P: LoadBalancer, const STEP: usize> Perform<P> for SetShare<STEP> {
    async fn consent(&self, _: u32, _: &Step, _: &P, (): &()) -> Result<Option<Span>, String> {
        Ok(None)
    }
    async fn perform(&self, (): (), work: &mut Work<'_, P, ()>) -> Result<String, StepError> {
        work.ports.set_weights(&shares(STEP)).await?;
        Ok(format!("the new provider gets {}%", SHARES[STEP]))
    }
    async fn verify(&self, (): (), ports: &P, (): &()) -> Result<(), StepError> {
        let in_force = ports.read_weights().await?;
        if in_force == shares(STEP) { Ok(()) } else { Err(StepError::NotYet("not in effect".to_owned())) }
    }
    async fn undo(&self, (): (), _: &mut Work<'_, P, ()>) -> Result<String, StepError> {
        Ok("left as it is".to_owned())
    }
}

/// From a second on: so many errors in a hundred, a response time in milliseconds, so much spent, and whether somebody has
/// asked for a rollback.
type Phase = (u64, u64, u64, u64, bool);

/// Sees what a script says; a probe stands for the call to monitoring, and fails as it is told to.
struct Script(&'static [Phase]);

impl<P: Probe + Clock> Observer<P> for Script {
    type Seen = BTreeMap<Metric, TimedFigure>;

    async fn observe(&self, ports: &P) -> Result<Self::Seen, PortError> {
        ports.probe("monitoring", "metrics").await?;
        let taken = ports.now();
        let (_, errors, p95, spent, requested) = *self.0.iter().rfind(|phase| AT(phase.0) <= taken).unwrap();
        let figures = [
            (Metric::Errors, Figure::Share { part: errors, whole: 100 }),
            (Metric::P95, Figure::Span(Span::from_millis(p95))),
            (Metric::Spent, Figure::Count(spent)),
            (Metric::Requested, Figure::Count(u64::from(requested))),
        ];
        Ok(figures.into_iter().map(|(metric, figure)| (metric, TimedFigure { figure, taken })).collect())
    }
}

fn when(of: Metric, side: Side, limit: Limit) -> Condition<Metric> {
    Condition { of, side, limit, ends_at: None, at_least: 20, stale_after: SECS(30) }
}

fn rule(class: Class, when: Vec<Condition<Metric>>, seconds: u64) -> DecisionRule<Metric, Class> {
    let (name, gate) = (format!("{class:?}"), Gate::default());
    DecisionRule { name, class, when, sustained: SECS(seconds), on_gap: Gap::Hold, gate }
}

const fn percent(percent: u64) -> Limit {
    Limit::Share(Ratio::from_percent(percent))
}

/// More than 10 % of errors for a minute rolls back, more than 5 % for ten minutes has somebody look, more than the budget
/// rolls back once people agree, a slow answer holds, five good minutes advance.
fn rules() -> Matrix<Metric, Class> {
    let back = [Class::RollBack, Class::AskToRollBack, Class::Manual];
    let until_back = |rule: DecisionRule<Metric, Class>| DecisionRule {
        gate: Gate { unless: back.to_vec(), ..Gate::default() },
        ..rule
    };
    let p95 = |side, millis| when(Metric::P95, side, Limit::Span(Span::from_millis(millis)));
    let mut rules = vec![
        rule(Class::RollBack, vec![when(Metric::Errors, Side::Above, percent(10))], 60),
        rule(Class::Alert, vec![when(Metric::Errors, Side::Above, percent(5))], 600),
        rule(Class::AskToRollBack, vec![when(Metric::Spent, Side::Above, Limit::Count(1000))], 0),
        until_back(rule(Class::Hold, vec![p95(Side::Above, 800)], 0)),
        rule(Class::Manual, vec![when(Metric::Requested, Side::Above, Limit::Count(0))], 0),
    ];
    for step in 1..=3 {
        let good = vec![when(Metric::Errors, Side::Below, percent(5)), p95(Side::Below, 800)];
        let after = (step > 1).then(|| (Class::Advance(step - 1), SECS(300), Span::from_mins(1_000_000)));
        let gate = Gate { after, unless: [&back[..], &[Class::Advance(step)]].concat(), between: None };
        rules.push(DecisionRule { gate, ..rule(Class::Advance(step), good, 300) });
    }
    Matrix::new(rules)
}

struct Rollout;

impl<P: Runtime + LoadBalancer> Playbook<P> for Rollout {
    type Class = Class;
    type Evidence = Triggers<Class>;

    fn subject(&self) -> &str {
        "the new provider"
    }

    fn action(&self, class: Class) -> Response<P> {
        let run = |task| Response::Run(Play { task, approval: None });
        match class {
            Class::Advance(1) => run(Task::new(SetShare::<1>)),
            Class::Advance(2) => run(Task::new(SetShare::<2>)),
            Class::Advance(_) => run(Task::new(SetShare::<3>)),
            Class::Hold => Response::Report,
            Class::Alert => Response::Page(people()),
            Class::AskToRollBack => Response::Run(Play { task: Task::new(SetShare::<0>), approval: Some(people()) }),
            Class::RollBack | Class::Manual => run(Task::new(SetShare::<0>)),
        }
    }

    fn class_of(&self, run: &RunRecord) -> Option<Class> {
        let step = NAMES.iter().position(|name| *name == run.procedure)?;
        Some(if step == 0 { Class::RollBack } else { Class::Advance(step as u8) })
    }

    fn report(&self, moment: &LoopMoment<'_, Class, Triggers<Class>>) -> Option<Event> {
        let tell = |name: &str, text: String| Some(Event::custom(Actor::Control, format!("rollout.{name}"), text));
        match moment {
            LoopMoment::Began { class, .. } => tell("began", format!("{class:?}")),
            LoopMoment::Ended { class, .. } => tell("ended", format!("{class:?}")),
            LoopMoment::Decided { class, why, .. } => tell("decided", format!("{class:?}: {why}")),
            LoopMoment::HeldBack { class, until } => tell("held_back", format!("{class:?} until {}", until.second())),
            LoopMoment::Blind { error } => tell("blind", error.to_string()),
            LoopMoment::NoLongerNeeded { class } => tell("no_longer_needed", format!("{class:?}")),
            LoopMoment::Refused { class, by, .. } => tell("refused", format!("{class:?} by {by}")),
            LoopMoment::Unanswered { class } => tell("unanswered", format!("{class:?}")),
        }
    }

    fn heeds_cool_down(&self, class: Class) -> bool {
        matches!(class, Class::RollBack | Class::AskToRollBack)
    }
}

fn people() -> ApprovalPlan {
    let (chain, acknowledge_within) = (vec!["alice".to_owned()], vec![SECS(300)]);
    let (quorum, veto, together) = (1, true, false);
    ApprovalPlan { chain, quorum, veto, together, acknowledge_within, decide_within: SECS(600), rounds: 1 }
}

async fn begin<P: Runtime + LoadBalancer + People + Probe>(ports: P, script: &'static [Phase]) {
    let scribe = Scribe::open(ports).await.unwrap();
    let plan = CyclePlan { every: SECS(5), cool_down: SECS(1200), on_call: Some(people()) };
    cycle(&scribe, plan, (Script(script), rules(), Rollout)).await;
}

/// All goes to the old provider, and people acknowledge after 20 s and decide after 100 s.
fn world() -> World {
    let alice = Person { acknowledges: [Some(SECS(20)); 9].into(), decides: Some(SECS(100)), reply: Reply::Approved };
    let people = BTreeMap::from([("alice".to_owned(), alice)]);
    World { weights: Some(shares(0)), people, ..World::default() }
}

/// Until `until` seconds, on both clocks.
fn observe(script: &'static [Phase], world: &World, until: u64) -> World {
    let horizon = Instant::from_nanos(until * 1_000_000_000 + 500_000_000);
    let clock = VirtualClock::default();
    let simulated = MemoryPorts::new(clock.clone(), world.clone());
    assert_eq!(clock.drive(horizon, begin(simulated.clone(), script)), None);
    let shared = Rc::new(RefCell::new(world.clone()));
    TokioClock::drive(horizon, |clock| begin(MemoryPorts::over(clock, shared.clone()), script));
    let simulated = simulated.world.borrow().clone();
    assert_eq!((&simulated.laps, &simulated.events), (&shared.borrow().laps, &shared.borrow().events));
    simulated
}

/// What was told under `name`, with its second.
fn told<'a>(world: &'a World, name: &str) -> Vec<(u64, &'a str)> {
    let wanted = world.events.iter().filter(|event| event.1 == format!("rollout.{name}"));
    wanted.map(|event| (event.0.second(), event.2.split(':').next().unwrap())).collect()
}

/// When the new provider got which share, in percent.
fn shifted(world: &World) -> Vec<(u64, u64)> {
    let share = |weights: &[(String, Ratio)]| weights[1].1.as_ppb() / 10_000_000;
    world.shifts.iter().map(|(at, weights)| (at.second(), share(weights))).collect()
}

const GOOD: Phase = (0, 1, 200, 0, false);

#[test]
fn good_minutes_advance_step_by_step_and_then_it_rests() {
    let world = observe(&[GOOD], &world(), 2_000);
    assert_eq!(shifted(&world), [(300, 10), (605, 50), (910, 100)]);
    assert_eq!(told(&world, "decided"), [(300, "Advance(1)"), (605, "Advance(2)"), (910, "Advance(3)")]);
}

#[test]
fn slow_answers_hold_and_good_ones_go_on() {
    let world = observe(&[GOOD, (400, 1, 900, 0, false), (700, 1, 200, 0, false)], &world(), 1_100);
    assert_eq!(shifted(&world), [(300, 10), (1_000, 50)]);
    assert_eq!(told(&world, "decided")[1], (400, "Hold"), "once");
    assert_eq!(told(&world, "decided").len(), 3);
}

#[test]
fn an_error_rate_above_a_tenth_for_a_minute_rolls_back_for_good() {
    let world = observe(&[GOOD, (400, 12, 200, 0, false), (480, 1, 200, 0, false)], &world(), 3_000);
    assert_eq!(shifted(&world), [(300, 10), (460, 0)]);
    let why = &world.events.iter().find(|event| event.2.starts_with("RollBack: ")).unwrap().2;
    assert!(
        why.starts_with("RollBack: RollBack: 12 of 100 above 10%, for 1m of 1m; Alert: 12 of 100 above 5%"),
        "{why}"
    );
}

#[test]
fn a_tenth_exactly_has_somebody_look_and_rolls_nothing_back() {
    let world = observe(&[GOOD, (400, 10, 200, 0, false)], &world(), 2_000);
    assert_eq!(shifted(&world), [(300, 10)]);
    assert_eq!(told(&world, "decided"), [(300, "Advance(1)"), (1_000, "Alert")], "once");
    assert_eq!(world.calls.iter().filter(|call| *call == "page alice").count(), 1);
}

#[test]
fn a_second_rollback_waits_for_the_cool_down_and_a_person_does_not() {
    let storm: &[Phase] = &[GOOD, (400, 12, 200, 0, false)];
    let world_of_storm = observe(storm, &world(), 2_000);
    assert_eq!(shifted(&world_of_storm), [(300, 10), (460, 0), (1_665, 0)], "more than 1200 s after the first");
    assert_eq!(told(&world_of_storm, "held_back"), [(525, "RollBack until 1660")]);
    let asked: &[Phase] = &[GOOD, (400, 12, 200, 0, false), (700, 12, 200, 0, true), (705, 12, 200, 0, false)];
    assert_eq!(shifted(&observe(asked, &world(), 1_000)), [(300, 10), (460, 0), (700, 0)]);
}

#[test]
fn a_budget_that_is_exceeded_is_taken_back_when_people_agree() {
    let world = observe(&[GOOD, (400, 1, 200, 1001, false)], &world(), 590);
    assert_eq!(shifted(&world), [(300, 10), (520, 0)], "acknowledged after 20 s, decided after 100 s more");
    let script: &[Phase] = &[GOOD, (400, 1, 200, 1001, false), (450, 1, 200, 1000, false)];
    let world = observe(script, &self::world(), 590);
    assert_eq!((shifted(&world), told(&world, "no_longer_needed")), (vec![(300, 10)], vec![(450, "AskToRollBack")]));
}

#[test]
fn what_is_graver_does_not_wait_for_the_people_who_are_asked() {
    let script: &[Phase] = &[GOOD, (400, 1, 200, 1001, false), (410, 12, 200, 1001, false)];
    let world = observe(script, &world(), 600);
    assert_eq!(shifted(&world), [(300, 10), (470, 0)]);
    let names: Vec<&str> = world.events.iter().map(|event| event.1.as_str()).collect();
    let withdrawn = names.iter().position(|name| *name == "approval.withdrawn").expect("the question is taken back");
    assert!(names.iter().position(|name| *name == "roll_back.started").unwrap() > withdrawn);
    assert_eq!(told(&world, "decided").last(), Some(&(470, "RollBack")));
}

#[test]
fn what_people_refuse_is_let_be_and_what_is_less_grave_is_still_done() {
    let mut world = world();
    world.people.get_mut("alice").unwrap().reply = Reply::Refused("month end".to_owned());
    let script: &[Phase] = &[GOOD, (400, 6, 200, 1001, false)];
    let world = observe(script, &world, 2_000);
    assert_eq!((shifted(&world), told(&world, "refused")), (vec![(300, 10)], vec![(520, "AskToRollBack by alice")]));
    assert_eq!(told(&world, "decided").last(), Some(&(1_000, "Alert")));
}

#[test]
fn what_cannot_be_seen_is_told_once_and_decides_nothing() {
    let mut world = world();
    world.next.insert("probe metrics".to_owned(), vec![Twist::LoseCall; 100].into());
    let world = observe(&[GOOD], &world, 1_000);
    assert_eq!(told(&world, "blind"), [(0, "no answer, it may have happened")]);
    assert_eq!(shifted(&world), [(800, 10)]);
}

/// Runs a controller until it is killed at `kill`, and another after it.
fn with_a_kill(script: &'static [Phase], kill: Instant, until: u64) -> World {
    let clock = VirtualClock::default();
    let ports = MemoryPorts::new(clock.clone(), World { latency: Span::from_millis(10), ..world() });
    assert_eq!(clock.drive(kill, begin(ports.clone(), script)), None);
    assert_eq!(clock.drive(AT(until), begin(ports.clone(), script)), None);
    ports.world.borrow().clone()
}

#[test]
fn a_controller_that_is_killed_anywhere_leaves_a_rollback_to_the_next() {
    let script: &[Phase] = &[GOOD, (400, 12, 200, 0, false)];
    let mut finished = 0;
    for k in 0..40 {
        let kill = AT(460).saturating_add(Span::from_millis(5 * k));
        let world = with_a_kill(script, kill, 1_500);
        let resumed = world.events.iter().any(|event| event.1 == "roll_back.resumed");
        finished += u32::from(resumed);
        assert_eq!(world.weights, Some(shares(0)), "killed {k} times 5 ms after the decision");
        let begun = world.journal.iter().filter(|entry| entry.contains("begun") && entry.contains("roll_back"));
        assert_eq!(begun.count(), 1, "killed at {k}: a restart forgets no cool-down");
        let started = world.events.iter().filter(|event| event.1 == "roll_back.done").count();
        assert_eq!(started, 1, "killed at {k}");
    }
    assert!(finished > 5, "some were killed in the midst of it: {finished}");
}

#[test]
fn a_controller_that_is_killed_goes_on_with_the_step_it_had_come_to() {
    for second in [310, 450, 606, 899, 911, 1_300] {
        let world = with_a_kill(&[GOOD], AT(second), 3_000);
        let steps: Vec<u64> = shifted(&world).into_iter().map(|(_, share)| share).collect();
        assert_eq!(steps, [10, 50, 100], "killed at {second} s: no step is done twice or left out");
    }
    let rolled_back: &[Phase] = &[GOOD, (400, 12, 200, 0, false), (470, 1, 200, 0, false)];
    for second in [465, 800, 1_900] {
        let world = with_a_kill(rolled_back, AT(second), 5_000);
        assert_eq!(world.shifts.len(), 2, "killed at {second} s: what was rolled back does not advance again");
    }
}

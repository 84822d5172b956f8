//! Steps in parallel, orders that outlive their controller, and procedures as parts of steps: with a small procedure
//! that does by `notify NAME`, verifies by `probe NAME` and undoes by `notify undo-NAME`.

use super::clocks::VirtualClock;
use super::memory::{MemoryPorts, Twist, World};
use super::runner::step;
use firedrill::ports::{Clock, Notifier, Probe};
use firedrill::procedure::{
    Ending, NoReturn, Perform, Procedure, ProcedureOutcome, ProcedurePlan, Scribe, Step, StepError, Winner, Work, race,
    run,
};
use firedrill::record::LapResult;
use firedrill::units::{Instant, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What each step did, under its name.
type Done = BTreeMap<String, u32>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Task {
    /// The steps of the stage in the middle.
    middle: Vec<String>,
    /// The one that is told this.
    message: String,
    /// Whether one of these steps notes what it does under the same name as another.
    clash: bool,
    /// The step after which nothing can be taken back.
    final_step: Option<String>,
}

struct Wide(Task);

fn wide(middle: &[&str]) -> Wide {
    let middle = middle.iter().map(|name| (*name).to_owned()).collect();
    Wide(Task { middle, message: "do".to_owned(), clash: false, final_step: None })
}

impl Procedure for Wide {
    type StepId = usize;
    type Order = Task;
    type Evidence = Done;
    const NAME: &'static str = "wide";
    const DOC: &'static str = "does some things at once";

    fn ordered(order: Task) -> Self {
        Self(order)
    }
    fn order(&self) -> &Task {
        &self.0
    }
    fn steps(&self) -> Vec<(usize, Step)> {
        let named = |name: &str| Step { name: name.to_owned().into(), ..step("") };
        let middle = self.0.middle.iter().enumerate().map(|(n, name)| Step { beside: n > 0, ..named(name) });
        let all = std::iter::once(named("first")).chain(middle).chain([named("last")]);
        let no_return = |step: Step| match Some(&*step.name) == self.0.final_step.as_deref() {
            true => Step { no_return: NoReturn::Inside, ..step },
            false => step,
        };
        all.map(no_return).enumerate().collect()
    }
    fn limit(&self) -> Span {
        Span::from_secs(60)
    }
    fn past_return(&self, evidence: &Done) -> bool {
        self.0.final_step.as_ref().is_some_and(|step| evidence.contains_key(step))
    }
}

impl Wide {
    fn name(&self, step: usize) -> String {
        self.steps()[step].1.name.to_string()
    }
}

impl<P: Notifier + Probe + firedrill::ports::Runtime> Perform<P> for Wide {
    async fn consent(&self, _: u32, _: &Step, _: &P, _: &Done) -> Result<Option<Span>, String> {
        Ok(None)
    }
    async fn perform(&self, id: usize, work: &mut Work<'_, P, Done>) -> Result<String, StepError> {
        let name = self.name(id);
        let key = if self.0.clash && self.0.middle.contains(&name) { "same".to_owned() } else { name.clone() };
        *work.evidence.entry(key).or_default() += id as u32 + 1;
        work.write_down().await?;
        work.ports.notify(&name, &self.0.message).await?;
        if name == "nest" {
            let nested = work.nested::<Wide>(wide(&[]).0).await;
            return Err(StepError::Final(nested.failure.map_or_else(String::new, |(_, why)| why)));
        }
        Ok(format!("{name} done"))
    }
    async fn verify(&self, id: usize, ports: &P, _: &Done) -> Result<(), StepError> {
        ports.probe("toy", &self.name(id)).await?;
        Ok(())
    }
    async fn undo(&self, id: usize, work: &mut Work<'_, P, Done>) -> Result<String, StepError> {
        let name = self.name(id);
        work.ports.notify(&format!("undo-{name}"), "undo").await?;
        work.evidence.remove(&name);
        Ok(format!("{name} undone"))
    }
}

type Ports = MemoryPorts<VirtualClock>;

const fn secs(seconds: u64) -> Span {
    Span::from_secs(seconds)
}

fn world(twists: &[(&str, Twist)]) -> World {
    let always = twists.iter().map(|(call, twist)| ((*call).to_owned(), *twist)).collect();
    World { always, ..World::default() }
}

fn play_in(world: World, procedure: &Wide) -> (ProcedureOutcome<Done>, World, Instant) {
    let clock = VirtualClock::default();
    let ports = MemoryPorts::new(clock.clone(), world);
    let play = async { run(&Scribe::open(ports.clone()).await.unwrap(), procedure, 1).await };
    let outcome = clock.drive(Instant::MAX, play).unwrap();
    let world = ports.world.borrow().clone();
    (outcome, world, clock.now())
}

fn play(twists: &[(&str, Twist)], middle: &[&str]) -> (ProcedureOutcome<Done>, World, Instant) {
    play_in(world(twists), &wide(middle))
}

fn laps(world: &World) -> Vec<(&str, LapResult, u64, Span)> {
    world.laps.iter().map(|lap| (lap.step.as_str(), lap.result, lap.start.second(), lap.took)).collect()
}

fn notes(world: &World) -> Vec<&str> {
    world.calls.iter().filter_map(|call| call.strip_prefix("notify ")).collect()
}

#[test]
fn a_stage_takes_as_long_as_its_slowest_step_and_each_leaves_a_lap() {
    let slow = [("notify a", Twist::Take(secs(4))), ("notify b", Twist::Take(secs(7)))];
    let (outcome, world, end) = play(&slow, &["a", "b"]);
    assert_eq!((outcome.ending, end), (Ending::Done, Instant::from_secs(7)));
    use LapResult::Done;
    let expected =
        [("first", Done, 0, secs(0)), ("a", Done, 0, secs(4)), ("b", Done, 0, secs(7)), ("last", Done, 7, secs(0))];
    assert_eq!(laps(&world), expected);
    let found: Vec<(&str, u32)> = outcome.evidence.iter().map(|(step, n)| (step.as_str(), *n)).collect();
    assert_eq!(found, [("a", 2), ("b", 3), ("first", 1), ("last", 4)], "what all of them found");
}

#[test]
fn each_step_of_a_stage_has_its_own_budget_and_tries() {
    let (outcome, world, _) = play(&[("notify a", Twist::Take(secs(60))), ("probe b", Twist::Refuse)], &["a", "b"]);
    assert_eq!((outcome.ending, outcome.failed_at()), (Ending::Undone, Some("a")), "the first of those that failed");
    let results: Vec<_> = world.laps.iter().map(|lap| (lap.step.as_str(), lap.result, lap.tries)).collect();
    assert_eq!(results[1..3], [("b", LapResult::Failed, 3), ("a", LapResult::OverBudget, 1)]);
}

#[test]
fn a_step_that_fails_lets_those_beside_it_end_and_all_are_taken_back_last_first() {
    let (outcome, world, _) = play(&[("probe a", Twist::Refuse), ("notify b", Twist::Take(secs(9)))], &["a", "b"]);
    assert_eq!((outcome.ending, outcome.evidence), (Ending::Undone, Done::new()));
    let (failed, done) = (LapResult::Failed, LapResult::Done);
    let results: Vec<_> = world.laps.iter().map(|lap| (lap.step.as_str(), lap.result)).collect();
    assert_eq!(results[..3], [("first", done), ("a", failed), ("b", done)]);
    assert_eq!(notes(&world)[5..], ["undo-b", "undo-a", "undo-first"], "three tries of a, one of b");
}

#[test]
fn past_the_point_of_no_return_only_the_step_that_failed_is_performed_again() {
    let mut world = world(&[]);
    world.next.insert("probe a".to_owned(), vec![Twist::Refuse; 5].into());
    let procedure = Wide(Task { final_step: Some("b".to_owned()), ..wide(&["a", "b"]).0 });
    let (outcome, world, _) = play_in(world, &procedure);
    assert_eq!(outcome.ending, Ending::Done);
    let of = |step: &str| notes(&world).iter().filter(|note| **note == step).count();
    assert_eq!((of("a"), of("b"), of("last")), (6, 1, 1));
    assert!(world.laps.iter().all(|lap| lap.result != LapResult::Undone));
}

#[test]
fn steps_side_by_side_that_change_the_same_are_refused_before_anything_is_sent() {
    let procedure = Wide(Task { clash: true, ..wide(&["a", "b"]).0 });
    let (outcome, world, _) = play_in(world(&[]), &procedure);
    let (step, why) = outcome.failure.unwrap();
    assert_eq!((outcome.ending, step.as_str()), (Ending::Undone, "b"));
    assert!(why.contains("`/same` is changed by two steps that run in parallel"), "{why}");
    assert!(!notes(&world).contains(&"b"), "{:?}", notes(&world));
}

#[test]
fn the_journal_is_written_by_one_step_at_a_time() {
    let mut slow = world(&[]);
    slow.latency = Span::from_millis(10);
    let (outcome, world, _) = play_in(slow, &wide(&["a", "b", "c", "d"]));
    assert_eq!(outcome.ending, Ending::Done);
    let appends = world.calls.iter().filter(|call| call.starts_with("append_journal")).count();
    assert_eq!(appends, world.journal.len(), "no entry collided with another");
    assert_eq!(world.calls.iter().filter(|call| call.starts_with("read_journal")).count(), 1);
}

#[test]
fn who_learns_that_another_controller_acts_drops_what_runs_beside_it() {
    let clock = VirtualClock::default();
    let slow = world(&[("notify a", Twist::Take(secs(3))), ("notify b", Twist::Take(secs(5)))]);
    let ports: Ports = MemoryPorts::new(clock.clone(), slow);
    let procedure = wide(&["a", "b"]);
    let play = async {
        let scribe = Scribe::open(ports.clone()).await.unwrap();
        let taken_over = async {
            clock.sleep(secs(2)).await;
            ports.world.borrow_mut().lease.0 = 1;
            std::future::pending::<()>().await;
        };
        match race(run(&scribe, &procedure, 1), taken_over).await {
            Winner::First(outcome) => outcome.ending,
            Winner::Second(()) => unreachable!("it waits forever"),
        }
    };
    assert_eq!(clock.drive(Instant::MAX, play), Some(Ending::Superseded));
    assert_eq!(clock.now(), Instant::from_secs(3), "b would have learned of it two seconds later");
    assert_eq!(ports.world.borrow().event_names().last(), Some(&"wide.superseded"));
}

#[test]
fn entries_that_cannot_follow_each_other_are_refused() {
    let (_, world, _) = play(&[], &["a"]);
    let journal = world.journal.iter().filter(|entry| !entry.contains("\"done\":{\"step\":\"first\"")).cloned();
    let torn = World { journal: journal.collect(), ..World::default() };
    assert_eq!(torn.journal.len() + 1, world.journal.len());
    let (outcome, torn, _) = play_in(torn, &wide(&["a"]));
    assert_eq!((outcome.ending, notes(&torn).len()), (Ending::Stopped, 0));
    assert!(torn.events[0].2.contains("a is not in the current stage of the run"), "{:?}", torn.events);
}

/// The procedure is begun by a process that dies at that time, and gone on with by another by `second`.
fn in_two_lives(world: World, first: &Wide, second: &Wide, dies_after: Span) -> (ProcedureOutcome<Done>, World) {
    let clock = VirtualClock::default();
    let ports: Ports = MemoryPorts::new(clock.clone(), world);
    let play = async {
        let scribe = Scribe::open(ports.clone()).await.unwrap();
        let life = race(run(&scribe, first, 1), clock.sleep(dies_after)).await;
        assert!(matches!(life, Winner::Second(())), "it dies before its end");
        run(&Scribe::open(ports.clone()).await.unwrap(), second, 1).await
    };
    let outcome = clock.drive(Instant::MAX, play).unwrap();
    let world = ports.world.borrow().clone();
    (outcome, world)
}

#[test]
fn a_successor_performs_only_what_is_left_of_a_stage() {
    let slow = world(&[("notify b", Twist::Take(secs(8))), ("notify c", Twist::Take(secs(6)))]);
    let procedure = wide(&["a", "b", "c"]);
    let (outcome, world) = in_two_lives(slow, &procedure, &procedure, secs(3));
    assert_eq!(outcome.ending, Ending::Done);
    let of = |step: &str| notes(&world).iter().filter(|note| **note == step).count();
    assert_eq!((of("first"), of("a"), of("b"), of("c"), of("last")), (1, 1, 2, 2, 1));
    let resumed = world.events.iter().find(|(_, name, _)| name == "wide.resumed").unwrap();
    assert_eq!(resumed.2, "run 1 resumes at b, c");
    let found: Vec<(&str, u32)> = outcome.evidence.iter().map(|(step, n)| (step.as_str(), *n)).collect();
    assert_eq!(found, [("a", 2), ("b", 6), ("c", 8), ("first", 1), ("last", 5)], "b and c note each life");
}

#[test]
fn a_successor_with_other_settings_goes_on_by_the_order_that_was_begun_and_says_so() {
    let slow = world(&[("notify b", Twist::Take(secs(8)))]);
    let begun = Wide(Task { message: "as begun".to_owned(), ..wide(&["a", "b"]).0 });
    let now = Wide(Task { message: "as set now".to_owned(), ..wide(&["x"]).0 });
    let (outcome, world) = in_two_lives(slow, &begun, &now, secs(3));
    assert_eq!(outcome.ending, Ending::Done);
    assert!(world.told.iter().all(|(_, message)| message == "as begun"), "{:?}", world.told);
    let told: Vec<&str> = world.told.iter().map(|(step, _)| step.as_str()).collect();
    assert_eq!(told, ["first", "a", "b", "last"], "the steps are those of that order too");
    assert_eq!(world.event_names().iter().filter(|name| **name == "wide.kept_order").count(), 1);
}

#[test]
fn a_successor_with_the_same_settings_has_nothing_to_say_of_them() {
    let slow = world(&[("notify a", Twist::Take(secs(8)))]);
    let (_, world) = in_two_lives(slow, &wide(&["a"]), &wide(&["a"]), secs(3));
    assert!(world.event_names().contains(&"wide.resumed") && !world.event_names().contains(&"wide.kept_order"));
}

#[test]
fn an_order_of_another_procedure_is_refused() {
    let (_, world, _) = play(&[], &["a"]);
    let journal = world.journal.iter().map(|entry| entry.replace("\"wide\"", "\"narrow\"")).collect();
    let foreign = World { journal, ..World::default() };
    let (outcome, world, _) = play_in(foreign, &wide(&["a"]));
    assert_eq!((outcome.ending, world.calls.len()), (Ending::Stopped, 1), "the journal was read");
    assert!(world.events[0].2.contains("run 1 is of narrow, not of wide"), "{:?}", world.events);
}

#[test]
fn a_step_runs_no_procedure_that_its_plan_does_not_name() {
    let (outcome, world, _) = play(&[], &["nest"]);
    assert_eq!(outcome.failure.unwrap().1, "its plan does not say that it runs wide");
    assert!(!notes(&world)[2..].contains(&"first"), "nothing of it was performed");
}

#[test]
fn a_plan_says_what_runs_side_by_side() {
    let plan = ProcedurePlan::of(&wide(&["a", "b"]));
    assert_eq!(plan.budget(), secs(30));
    assert!(plan.to_string().contains("     b runs in parallel with the step before it\n"), "{plan}");
}

//! The runner, with a procedure of three small steps: it does by `notify NAME`, verifies by `probe NAME` and undoes by
//! `notify undo-NAME`.

use super::clocks::VirtualClock;
use super::memory::{MemoryPorts, Twist, World};
use firedrill::ports::{Notifier, Probe};
use firedrill::procedure::{
    Ending, NoReturn, Perform, Procedure, ProcedureOutcome, ProcedurePlan, Repeat, Scribe, Step, StepError, Undo, Work,
    run,
};
use firedrill::record::LapResult;
use firedrill::units::{Instant, Span};

#[derive(Clone, Copy)]
struct Toy;

pub fn step(name: &'static str) -> Step {
    Step {
        repeat: Repeat::Idempotent,
        undo: Some(Undo { budget: Span::from_secs(5), tries: 2 }),
        ..Step::new(name, "a step", 10, 3, 1)
    }
}

impl Procedure for Toy {
    type StepId = &'static str;
    type Order = ();
    type Evidence = Vec<String>;
    const NAME: &'static str = "toy";
    const DOC: &'static str = "does three things";

    fn ordered((): ()) -> Self {
        Self
    }
    fn order(&self) -> &() {
        &()
    }
    fn steps(&self) -> Vec<(&'static str, Step)> {
        vec![
            ("a", step("a")),
            ("b", Step { repeat: Repeat::OnceOnly, ..step("b") }),
            ("c", Step { no_return: NoReturn::Inside, ..step("c") }),
            ("d", Step { undo: None, ..step("d") }),
        ]
    }
    fn limit(&self) -> Span {
        Span::from_secs(60)
    }
    fn past_return(&self, evidence: &Vec<String>) -> bool {
        evidence.iter().any(|done| done == "c")
    }
}

impl<P: Notifier + Probe> Perform<P> for Toy {
    async fn consent(&self, _: u32, _: &Step, _: &P, _: &Vec<String>) -> Result<Option<Span>, String> {
        Ok(None)
    }
    async fn perform(&self, id: &'static str, work: &mut Work<'_, P, Vec<String>>) -> Result<String, StepError> {
        work.ports.notify(id, "do").await?;
        work.evidence.push(id.to_owned());
        Ok(format!("{id} done"))
    }
    async fn verify(&self, id: &'static str, ports: &P, _: &Vec<String>) -> Result<(), StepError> {
        ports.probe("toy", id).await?;
        Ok(())
    }
    async fn undo(&self, id: &'static str, work: &mut Work<'_, P, Vec<String>>) -> Result<String, StepError> {
        work.ports.notify(&format!("undo-{id}"), "undo").await?;
        work.evidence.retain(|step| step != id);
        Ok(format!("{id} undone"))
    }
}

/// Runs it in a world where calls take no time unless twisted.
fn play(twists: &[(&str, Twist)], once: &[(&str, Twist)]) -> (ProcedureOutcome<Vec<String>>, World, Instant) {
    let mut world = World::default();
    for (call, twist) in twists {
        world.always.insert((*call).to_owned(), *twist);
    }
    for (call, twist) in once {
        world.next.entry((*call).to_owned()).or_default().push_back(*twist);
    }
    let clock = VirtualClock::default();
    let ports = MemoryPorts::new(clock.clone(), world);
    let play = async { run(&Scribe::open(ports.clone()).await.unwrap(), &Toy, 7).await };
    let outcome = clock.drive(Instant::MAX, play).unwrap();
    let world = ports.world.borrow().clone();
    (outcome, world, firedrill::ports::Clock::now(&clock))
}

fn laps(world: &World) -> Vec<(&str, LapResult, u32, Span)> {
    world.laps.iter().map(|lap| (lap.step.as_str(), lap.result, lap.tries, lap.took)).collect()
}

const fn secs(seconds: u64) -> Span {
    Span::from_secs(seconds)
}

#[test]
fn every_step_is_done_verified_and_recorded_in_order() {
    let (outcome, world, _) = play(&[], &[]);
    assert_eq!((outcome.ending, outcome.failure), (Ending::Done, None));
    let done = |step| (step, LapResult::Done, 1, Span::ZERO);
    assert_eq!(laps(&world), [done("a"), done("b"), done("c"), done("d")]);
    let of_step = ["append_journal ", "notify a", "probe a", "append_journal ", "append_journal ", "notify b"];
    assert_eq!(world.calls[2..8], of_step, "announced before it is performed, done once that is written down");
    let names = ["toy.started", "toy.a.started", "toy.a.done", "toy.b.started", "toy.b.done"];
    assert_eq!(world.event_names()[..5], names);
    assert_eq!(world.event_names().last(), Some(&"toy.done"));
    assert!(world.laps.iter().all(|lap| lap.procedure == "toy" && lap.run == 7 && lap.budget == secs(10)));
}

#[test]
fn a_step_that_says_it_succeeded_but_does_not_verify_has_failed() {
    let (outcome, world, _) = play(&[("probe b", Twist::Refuse)], &[]);
    assert_eq!((outcome.ending, outcome.failed_at().unwrap()), (Ending::Undone, "b"));
    assert_eq!(world.laps[1].result, LapResult::Failed);
}

#[test]
fn what_was_done_is_taken_back_last_first_with_the_step_that_failed() {
    let (outcome, world, end) = play(&[("probe b", Twist::Refuse)], &[]);
    assert!(outcome.evidence.is_empty());
    let expected = [
        ("a", LapResult::Done, 1, secs(0)),
        ("b", LapResult::Failed, 3, secs(2)),
        ("b", LapResult::Undone, 1, secs(0)),
        ("a", LapResult::Undone, 1, secs(0)),
    ];
    assert_eq!((laps(&world), end), (expected.to_vec(), Instant::from_secs(2)));
    let names = world.event_names();
    assert_eq!(names[4..], ["toy.b.failed", "toy.failed", "toy.b.undone", "toy.a.undone", "toy.undone"]);
}

#[test]
fn an_undo_that_fails_is_said_and_the_others_still_happen() {
    let (outcome, world, _) = play(&[("probe b", Twist::Refuse), ("notify undo-b", Twist::Refuse)], &[]);
    assert_eq!(outcome.ending, Ending::UndoFailed);
    assert_eq!(laps(&world)[2..], [("b", LapResult::UndoFailed, 2, secs(1)), ("a", LapResult::Undone, 1, secs(0))]);
    assert_eq!(world.event_names().last(), Some(&"toy.undo_failed"));
}

#[test]
fn an_undo_has_a_budget_of_its_own() {
    for (extra, result) in [(0, LapResult::Undone), (1, LapResult::UndoFailed)] {
        let slow = Twist::Take(secs(5) + Span::from_millis(extra));
        let (_, world, _) = play(&[("probe a", Twist::Refuse), ("notify undo-a", slow)], &[]);
        assert_eq!(laps(&world)[1], ("a", result, 1, secs(5)));
    }
}

#[test]
fn a_passing_trouble_costs_a_retry() {
    let (outcome, world, _) = play(&[], &[("notify a", Twist::Refuse), ("probe a", Twist::LoseCall)]);
    assert_eq!(outcome.ending, Ending::Done);
    assert_eq!(laps(&world)[0], ("a", LapResult::Done, 3, secs(2)));
}

#[test]
fn only_a_step_that_may_be_repeated_is_tried_again_after_an_unknown_outcome() {
    let (outcome, world, _) = play(&[], &[("notify b", Twist::LoseAnswer)]);
    assert_eq!((outcome.ending, laps(&world)[1]), (Ending::Undone, ("b", LapResult::Failed, 1, secs(0))));
    let (outcome, world, _) = play(&[], &[("notify b", Twist::Refuse)]);
    assert_eq!((outcome.ending, laps(&world)[1]), (Ending::Done, ("b", LapResult::Done, 2, secs(1))));
}

#[test]
fn finishing_exactly_at_the_deadline_is_in_time() {
    let slow = |millis| play(&[("notify a", Twist::Take(Span::from_millis(millis)))], &[]);
    for (millis, result) in [(9_999, LapResult::Done), (10_000, LapResult::Done), (10_001, LapResult::OverBudget)] {
        let (outcome, world, _) = slow(millis);
        assert_eq!(
            (laps(&world)[0].1, outcome.ending == Ending::Done),
            (result, result == LapResult::Done),
            "{millis}"
        );
        assert_eq!(laps(&world)[0].3, Span::from_millis(millis.min(10_000)));
    }
}

#[test]
fn retries_end_with_the_budget_and_the_last_error_is_told() {
    let once = [("probe a", Twist::Refuse), ("probe a", Twist::Take(secs(60)))];
    let (_, world, _) = play(&[], &once);
    assert_eq!(laps(&world)[0], ("a", LapResult::OverBudget, 2, secs(10)));
    assert_eq!(world.laps[0].note, "not finished within 10s, attempt 2; before that, refused: probe a");
}

#[test]
fn past_the_point_of_no_return_there_is_only_forward_until_the_limit() {
    let (outcome, world, end) = play(&[("probe d", Twist::Refuse)], &[]);
    assert_eq!((outcome.ending, outcome.failed_at().unwrap()), (Ending::Stopped, "d"));
    assert!(world.laps.iter().all(|lap| lap.result != LapResult::Undone));
    assert_eq!(laps(&world)[3..].len(), 20, "rounds of two seconds, a second apart");
    assert_eq!(end, Instant::from_secs(59), "no round begins at the limit of a minute or later");
    assert!(world.events.last().unwrap().2.contains("a person must act"));
}

#[test]
fn past_the_point_of_no_return_a_passing_trouble_only_delays() {
    let once = [("probe d", Twist::Refuse); 7];
    let (outcome, world, _) = play(&[], &once);
    assert_eq!(outcome.ending, Ending::Done);
    let results: Vec<LapResult> = world.laps[3..].iter().map(|lap| lap.result).collect();
    assert_eq!(results, [LapResult::Failed, LapResult::Failed, LapResult::Done]);
}

#[test]
fn a_dry_run_prints_steps_and_budgets() {
    let plan = ProcedurePlan::of(&Toy);
    assert_eq!(plan.budget(), secs(40));
    let text = plan.to_string();
    assert!(text.starts_with("toy: does three things\n  1  a "), "{text}");
    assert!(text.contains("point of no return inside c") && text.ends_with("40s in all, limit 60s"), "{text}");
}

//! The region failover: what it does, what it refuses, and what it leaves behind when a step fails.

use super::clocks::{TokioClock, VirtualClock};
use super::memory::{MemoryPorts, Twist, World};
use super::there_and_back::planned;
use firedrill::policy::HealthLimits;
use firedrill::ports::Clock;
use firedrill::procedure::{
    Brief, Ending, FailoverEvidence, FailoverOrder, Listed, ProcedureOutcome, ProcedurePlan, RegionFailover,
    RestoreFirst, Scribe, run,
};
use firedrill::record::LapResult;
use firedrill::units::{Instant, Ratio, Span};
use std::collections::BTreeMap;

/// Limits of the product policy; the rest is chosen for these tests.
pub fn brief() -> Brief {
    Brief {
        from: "west".to_owned(),
        to: "north".to_owned(),
        candidates: Vec::new(),
        origins: Vec::new(),
        records: vec!["api.example".to_owned()],
        weights: None,
        services: vec!["api".to_owned(), "search".to_owned()],
        databases: Vec::new(),
        audiences: vec!["on-call".to_owned(), "status page".to_owned()],
        limits: HealthLimits {
            error_rate: Ratio::from_percent(10),
            latency: Span::from_secs(5),
            sustained: Span::from_secs(60),
            min_requests: 20,
            stale_after: Span::from_secs(45),
            on_gap: firedrill::policy::OnGap::Hold,
        },
        probes: 3,
        planned: false,
        loss_limit: None,
        side_by_side: 2,
        restore_first: RestoreFirst::AsListed,
        approval: None,
        settings: BTreeMap::new(),
    }
}

/// What a failover is told by whoever knows that much.
pub fn order() -> FailoverOrder {
    RegionFailover::order_of(&brief())
}

/// What it does by default.
fn plan() -> ProcedurePlan {
    ProcedurePlan::of(&RegionFailover { order: order() })
}

pub type Played = (ProcedureOutcome<FailoverEvidence>, World, Instant);

async fn perform<C: Clock + Clone + 'static>(clock: C, world: World, order: FailoverOrder) -> Played {
    let ports = MemoryPorts::new(clock.clone(), world);
    let scribe = Scribe::open(ports.clone()).await.unwrap();
    let outcome = run(&scribe, &RegionFailover { order }, 1).await;
    let world = ports.world.borrow().clone();
    (outcome, world, clock.now())
}

/// Plays it on both clocks, and insists that they agree.
pub fn play_with(order: &FailoverOrder, world: &World) -> Played {
    let clock = VirtualClock::default();
    let simulated = clock.drive(Instant::MAX, perform(clock.clone(), world.clone(), order.clone())).unwrap();
    let horizon = Instant::from_secs(100_000);
    let real = TokioClock::drive(horizon, |clock| perform(clock, world.clone(), order.clone())).unwrap();
    assert_eq!(simulated.1.laps, real.1.laps, "the same laps");
    assert_eq!(simulated.1.events, real.1.events, "the same events");
    assert_eq!((&simulated.0, simulated.2), (&real.0, real.2), "the same end");
    simulated
}

fn play(twists: &[(&str, Twist)]) -> Played {
    let mut world = World::west_is_dark();
    world.always = twists.iter().map(|(call, twist)| ((*call).to_owned(), *twist)).collect();
    play_with(&order(), &world)
}

fn results(world: &World) -> Vec<(&str, LapResult)> {
    world.laps.iter().map(|lap| (lap.step.as_str(), lap.result)).collect()
}

fn assert_nothing_changed(world: &World) {
    assert_eq!((world.records["api.example"].as_str(), world.active["north"]), ("west", false));
    assert!(world.leaders.is_empty() && world.epochs["orders"] == 1);
}

#[test]
fn seven_steps_move_traffic_and_data() {
    let (outcome, world, end) = play(&[]);
    assert_eq!((outcome.ending, outcome.failure), (Ending::Done, None));
    let steps: Vec<&str> =
        world.laps.iter().filter(|lap| lap.result == LapResult::Done).map(|lap| lap.step.as_str()).collect();
    assert_eq!(steps, planned::<RegionFailover>());
    assert_eq!((world.records["api.example"].as_str(), world.active["north"]), ("north", true));
    let copy = world.copy("orders", "north");
    assert!(copy.writable && copy.epoch == 2 && copy.applied == 990 && !world.copy("orders", "west").writable);
    let announced = ("orders".to_owned(), 10);
    assert_eq!(
        world.bounds,
        [announced.clone(), announced],
        "before anything is changed, and again before the promotion"
    );
    let told: Vec<&str> = world.told.iter().map(|(audience, _)| audience.as_str()).collect();
    assert_eq!(told, ["on-call", "status page"]);
    assert!(world.told[0].1.contains("orders: leads epoch 2, at most 10 writes lost"), "{}", world.told[0].1);
    assert_eq!(end, Instant::from_nanos(2_480_000_000), "27 calls and 21 for the journal of 10 ms, two pauses of 1 s");
}

#[test]
fn the_loss_is_announced_before_anything_is_changed_and_the_fence_comes_before_the_promotion() {
    let (_, world, _) = play(&[]);
    let call = |name: &str| world.calls.iter().position(|call| call.starts_with(name)).unwrap();
    assert!(call("head_bound") < call("point_record") && call("point_record") < call("activate"));
    let (fence, promote) = (call("fence"), call("promote"));
    let between = ["copy_status north", "copy_status west", "head_bound orders", "append_journal "];
    assert_eq!(world.calls[fence + 1..promote], between, "the position is read after the fence");
    assert_eq!(world.calls[fence - 1], "append_journal ", "the fence is announced before it is asked for");
}

#[test]
fn the_budgets_are_those_of_the_requirement() {
    let plan = plan();
    let seconds: Vec<u64> = plan.steps.iter().map(|step| step.budget.as_nanos() / 1_000_000_000).collect();
    assert_eq!(seconds, [90, 60, 120, 300, 120, 120, 60]);
    assert_eq!((plan.budget(), plan.limit), (Span::from_secs(870), Span::from_secs(900)));
}

#[test]
fn a_region_that_does_not_fail_is_not_left() {
    let mut world = World::west_is_dark();
    world.dark.clear();
    let (outcome, world, _) = play_with(&order(), &world);
    assert_eq!((outcome.ending, outcome.failed_at().unwrap()), (Ending::Undone, "detect_failure"));
    assert_eq!(world.laps[0].tries, 1, "a healthy region is no reason to ask again");
    assert_nothing_changed(&world);
}

#[test]
fn silence_of_monitoring_is_no_failure() {
    let (outcome, world, _) = play(&[("query west", Twist::Lie)]);
    assert_eq!(outcome.failed_at().unwrap(), "detect_failure");
    assert!(world.laps[0].tries == 3 && world.laps[0].note.contains("unknown"), "{}", world.laps[0].note);
    assert_nothing_changed(&world);
}

#[test]
fn a_secondary_that_is_down_is_refused() {
    let mut world = World::west_is_dark();
    world.dark.push(("north", Instant::ZERO, Instant::MAX));
    let (outcome, world, _) = play_with(&order(), &world);
    assert_eq!((outcome.ending, outcome.failed_at().unwrap()), (Ending::Undone, "verify_secondary"));
    assert_nothing_changed(&world);
    assert!(world.bounds.is_empty());
}

#[test]
fn a_secondary_that_serves_must_be_healthy_and_answer() {
    for twist in [("probe api", Twist::Refuse), ("probe search", Twist::LoseCall)] {
        let mut world = World::west_is_dark();
        world.active.insert("north".to_owned(), true);
        world.always.insert(twist.0.to_owned(), twist.1);
        let (outcome, world, _) = play_with(&order(), &world);
        assert_eq!(outcome.failed_at().unwrap(), "verify_secondary");
        assert_eq!(world.records["api.example"], "west");
    }
}

#[test]
fn a_loss_above_the_limit_or_without_a_bound_is_refused() {
    for (head, limit, ending) in [
        (Some(1000), Some(10), Ending::Done),
        (Some(1000), Some(9), Ending::Undone),
        (None, Some(u64::MAX), Ending::Undone),
        (None, None, Ending::Done),
        (Some(980), Some(0), Ending::Done),
    ] {
        let world = World { head, ..World::west_is_dark() };
        let (outcome, world, _) = play_with(&FailoverOrder { loss_limit: limit, ..order() }, &world);
        assert_eq!(outcome.ending, ending, "{head:?} {limit:?}");
        assert!(ending == Ending::Done || world.records["api.example"] == "west");
    }
}

#[test]
fn an_order_that_could_only_pass_vacuously_is_refused() {
    for order in [
        FailoverOrder { to: "west".to_owned(), ..order() },
        FailoverOrder { records: Vec::new(), ..order() },
        FailoverOrder { audiences: Vec::new(), ..order() },
        FailoverOrder { probes: 0, ..order() },
        FailoverOrder { services: vec!["billing".to_owned()], ..order() },
    ] {
        let (outcome, world, _) = play_with(&order, &World::west_is_dark());
        assert_eq!(outcome.ending, Ending::Undone, "{order:?}");
        assert_nothing_changed(&world);
    }
}

#[test]
fn each_step_that_fails_alone_is_undone_before_the_promotion_and_stops_after_it() {
    use Ending::{Stopped, UndoFailed, Undone};
    use Twist::{Lie, LoseAnswer, LoseCall, Refuse};
    for (call, twist, step, ending) in [
        ("query west", Refuse, "detect_failure", Undone),
        ("query north", LoseCall, "verify_secondary", Undone),
        ("service_status", Refuse, "verify_secondary", Undone),
        ("databases_in", Refuse, "verify_secondary", Undone),
        ("copy_status", LoseCall, "verify_secondary", Undone),
        ("head_bound", Refuse, "verify_secondary", Undone),
        ("point_record north", Refuse, "switch_dns", Undone),
        ("point_record north", LoseCall, "switch_dns", Undone),
        ("point_record north", LoseAnswer, "switch_dns", Undone),
        ("point_record north", Lie, "switch_dns", Undone),
        ("point_record", LoseCall, "switch_dns", UndoFailed),
        ("activate", Refuse, "activate_secondary", Undone),
        ("activate", LoseAnswer, "activate_secondary", Undone),
        ("activate", Lie, "activate_secondary", Undone),
        ("fence", Refuse, "activate_secondary", Undone),
        ("fence", LoseAnswer, "activate_secondary", UndoFailed),
        ("promote north", Refuse, "activate_secondary", UndoFailed),
        ("promote north", LoseCall, "activate_secondary", Stopped),
        ("promote north", LoseAnswer, "activate_secondary", Stopped),
        ("promote north", Lie, "verify_data_sync", Stopped),
        ("probe search", Refuse, "verify_health", Stopped),
        ("notify status page", Refuse, "notify_stakeholders", Stopped),
    ] {
        let (outcome, world, end) = play(&[(call, twist)]);
        let failed_at = outcome.failed_at();
        assert_eq!((outcome.ending, failed_at), (ending, Some(step)), "{call} {twist:?}: {:?}", results(&world));
        let undone = world.laps.iter().any(|lap| matches!(lap.result, LapResult::Undone | LapResult::UndoFailed));
        assert_eq!(undone, ending != Stopped && !["detect_failure", "verify_secondary"].contains(&step), "{call}");
        if ending == Undone {
            assert_eq!((world.records["api.example"].as_str(), world.active["north"]), ("west", false), "{call}");
        }
        assert!(end <= Instant::from_secs(900 + 870), "{call} {twist:?} ended at {end}");
    }
}

#[test]
fn a_fence_without_a_promotion_gives_the_database_back_if_the_old_region_can_be_reached() {
    let mut world = World::west_is_dark();
    world.always.insert("promote north".to_owned(), Twist::Refuse);
    world.dark[0].2 = Instant::from_secs(60);
    let (outcome, world, _) = play_with(&order(), &world);
    assert_eq!(outcome.ending, Ending::Undone);
    let copy = world.copy("orders", "west");
    assert!(copy.writable && copy.epoch == 2);
    assert_eq!(world.leaders, [("orders".to_owned(), 2, "west".to_owned())]);
    let undone = [("activate_secondary", LapResult::Undone), ("switch_dns", LapResult::Undone)];
    assert_eq!(results(&world)[4..], undone);
}

#[test]
fn services_that_served_before_are_not_put_on_standby() {
    let mut world = World::west_is_dark();
    world.active.insert("north".to_owned(), true);
    world.always.insert("fence".to_owned(), Twist::Refuse);
    let (outcome, world, _) = play_with(&order(), &world);
    assert!(outcome.ending == Ending::Undone && world.active["north"]);
}

#[test]
fn an_indeterminate_promotion_is_asked_for_again() {
    for twist in [Twist::LoseAnswer, Twist::LoseCall] {
        let mut world = World::west_is_dark();
        world.next.insert("promote".to_owned(), [twist].into());
        let (outcome, world, _) = play_with(&order(), &world);
        assert_eq!(outcome.ending, Ending::Done);
        assert_eq!(world.laps[3].tries, 2);
        assert!(world.copy("orders", "north").writable);
    }
}

#[test]
fn somebody_elses_higher_epoch_ends_it() {
    let mut world = World::west_is_dark();
    world.epochs.insert("orders".to_owned(), 5);
    let (outcome, world, _) = play_with(&order(), &world);
    let (step, why) = outcome.failure.unwrap();
    assert_eq!((step.as_str(), world.laps[3].tries), ("activate_secondary", 1));
    assert!(why.contains("epoch 5 is current, not 2"), "{why}");
    assert!(world.leaders.is_empty() && world.records["api.example"] == "west");
}

#[test]
fn a_switch_that_ends_exactly_at_its_budget_is_in_time() {
    let budget = 120_000;
    for (took, result, ending) in [
        (budget - 1, LapResult::Done, Ending::Done),
        (budget, LapResult::Done, Ending::Done),
        (budget + 1, LapResult::OverBudget, Ending::Undone),
    ] {
        // Two reads and three entries of the journal, of 10 ms each, are around the call.
        let (outcome, world, _) = play(&[("point_record north", Twist::Take(Span::from_millis(took - 50)))]);
        assert_eq!((outcome.ending, world.laps[2].result), (ending, result), "{took}");
        assert_eq!(world.laps[2].took, Span::from_millis(took.min(budget)));
    }
}

#[test]
fn a_promotion_cut_off_by_its_budget_may_have_happened_so_there_is_only_forward() {
    let (outcome, world, _) = play(&[("promote", Twist::Take(Span::from_secs(3600)))]);
    assert_eq!(outcome.ending, Ending::Stopped);
    assert_eq!(world.laps[3].result, LapResult::OverBudget);
    assert!(world.laps.iter().all(|lap| lap.result != LapResult::Undone));
    assert_eq!(world.records["api.example"], "north");
}

#[test]
fn a_region_without_a_database_can_be_taken_back_to_the_end() {
    let mut world = World::west_is_dark();
    world.copies.clear();
    world.always.insert("notify".to_owned(), Twist::Refuse);
    let (outcome, world, _) = play_with(&order(), &world);
    assert_eq!((outcome.ending, outcome.failed_at().unwrap()), (Ending::Undone, "notify_stakeholders"));
    assert_nothing_changed(&world);
}

#[test]
fn a_fence_nobody_knows_of_is_settled_before_the_database_is_given_back() {
    let mut world = World::west_is_dark();
    world.dark[0].2 = Instant::from_secs(60);
    world.next.insert("fence".to_owned(), vec![Twist::LoseCall; 20].into());
    let (outcome, world, _) = play_with(&order(), &world);
    assert_eq!((outcome.ending, outcome.failed_at().unwrap()), (Ending::Undone, "activate_secondary"));
    assert!(world.copy("orders", "west").writable && world.epochs["orders"] == 2);
}

#[test]
fn a_copy_that_has_not_applied_all_it_received_is_waited_for() {
    let lagging_until = Instant::from_secs(30);
    let (outcome, world, end) = play_with(&order(), &World { lagging_until, ..World::west_is_dark() });
    assert_eq!((outcome.ending, world.laps[4].result), (Ending::Done, LapResult::Done));
    assert!(world.laps[4].tries == 7 && end > lagging_until, "{:?}", world.laps[4]);
    let lagging_until = Instant::MAX;
    let (outcome, world, _) = play_with(&order(), &World { lagging_until, ..World::west_is_dark() });
    assert_eq!((outcome.ending, outcome.failed_at().unwrap()), (Ending::Stopped, "verify_data_sync"));
    assert!(world.laps[4].note.contains("applied 985 of 990"), "{}", world.laps[4].note);
}

#[test]
fn an_answer_slower_than_the_limit_is_no_health() {
    for (millis, ending) in [(5000, Ending::Done), (5001, Ending::Stopped)] {
        let (outcome, _, _) = play(&[("probe api", Twist::Take(Span::from_millis(millis)))]);
        assert_eq!(outcome.ending, ending, "{millis}");
    }
}

#[test]
fn a_lineage_that_starts_before_what_the_copy_had_received_is_not_accepted() {
    let mut world = World::west_is_dark();
    world.copies.get_mut(&("orders".to_owned(), "north".to_owned())).unwrap().received = 995;
    world.always.insert("promote".to_owned(), Twist::Lie); // answers 990
    let (outcome, world, _) = play_with(&order(), &world);
    assert_eq!((outcome.ending, world.laps[3].tries), (Ending::Stopped, 1));
    assert_eq!(outcome.failure.unwrap().1, "orders starts from 990 though it had received 995");
}

#[test]
fn a_record_goes_back_to_what_it_named_before_whatever_that_was() {
    let mut world = World::west_is_dark();
    world.records.insert("api.example".to_owned(), "east".to_owned());
    world.always.insert("activate".to_owned(), Twist::Refuse);
    let (outcome, world, _) = play_with(&order(), &world);
    assert_eq!((outcome.ending, world.records["api.example"].as_str()), (Ending::Undone, "east"));
}

//! Asking people: who is turned to, when, and what comes of it, on two clocks.

use super::clocks::{TokioClock, VirtualClock};
use super::failover::{order, play_with};
use super::memory::{MemoryPorts, Person, Twist, World};
use super::watching::{observe, plan as watch_plan, times, world as dark_world};
use firedrill::control::WatchPlan;
use firedrill::kernel::{Distribution, Sampler, Streams, chance};
use firedrill::ports::{Clock, Reply};
use firedrill::procedure::approval::{ApprovalVerdict, ask, summon};
use firedrill::procedure::{ApprovalPlan, Ending, FailoverOrder, StepApproval};
use firedrill::record::LapResult;
use firedrill::units::{Instant, Ratio, Span};
use proptest::prelude::*;

const SECS: fn(u64) -> Span = Span::from_secs;

fn plan(chain: &[&str]) -> ApprovalPlan {
    let acknowledge_within = vec![SECS(180); chain.len()];
    let chain = chain.iter().map(|name| (*name).to_owned()).collect();
    let (quorum, veto, together) = (1, true, false);
    ApprovalPlan { chain, quorum, veto, together, acknowledge_within, decide_within: SECS(300), rounds: 2 }
}

/// Somebody who acknowledges each page after so many seconds, or not, and decides after so many.
fn person(acknowledges: &[Option<u64>], decides: Option<u64>, reply: Reply) -> Person {
    Person {
        acknowledges: acknowledges.iter().map(|after| after.map(SECS)).collect(),
        decides: decides.map(SECS),
        reply,
    }
}

fn with(people: &[(&str, Person)]) -> World {
    let people = people.iter().map(|(name, person)| ((*name).to_owned(), person.clone())).collect();
    World { people, ..World::west_is_dark() }
}

fn no() -> Reply {
    Reply::Refused("month end".to_owned())
}

async fn inquire<C: Clock + Clone + 'static>(
    clock: C,
    world: World,
    plan: ApprovalPlan,
) -> (ApprovalVerdict, World, Instant) {
    let ports = MemoryPorts::new(clock.clone(), world);
    let verdict = ask(&ports, &plan, "move?").await;
    let world = ports.world.borrow().clone();
    (verdict, world, clock.now())
}

/// Asks on both clocks, and insists that they agree.
fn asked(plan: &ApprovalPlan, world: &World) -> (ApprovalVerdict, World, Instant) {
    let clock = VirtualClock::default();
    let simulated = clock.drive(Instant::MAX, inquire(clock.clone(), world.clone(), plan.clone())).unwrap();
    let horizon = Instant::from_secs(100_000);
    let real = TokioClock::drive(horizon, |clock| inquire(clock, world.clone(), plan.clone())).unwrap();
    assert_eq!(simulated.1.events, real.1.events, "the same events");
    assert_eq!((&simulated.0, &simulated.1.calls, simulated.2), (&real.0, &real.1.calls, real.2), "the same end");
    simulated
}

fn approved(by: &str) -> ApprovalVerdict {
    ApprovalVerdict::Approved { by: by.to_owned() }
}

fn story(world: &World) -> Vec<(u64, &str)> {
    let seconds = |at: &Instant| at.as_nanos() / 1_000_000_000;
    world.events.iter().map(|(at, name, _)| (seconds(at), name.strip_prefix("approval.").unwrap_or(name))).collect()
}

#[test]
fn the_first_person_is_paged_then_asked() {
    let world = with(&[("alice", person(&[Some(60)], Some(90), Reply::Approved))]);
    let (verdict, world, end) = asked(&plan(&["alice", "bob"]), &world);
    assert_eq!(verdict, approved("alice"));
    assert_eq!(world.calls, ["page alice", "ask alice"]);
    assert_eq!(story(&world), [(0, "asked"), (0, "paged"), (60, "acknowledged"), (150, "given")]);
    assert_eq!(end, Instant::from_nanos(150_020_000_000), "two calls of 10 ms");
    assert!(world.events[3].2.contains("alice approves after 2m 30"), "{}", world.events[3].2);
}

#[test]
fn silence_goes_on_to_the_next_person_at_the_deadline_and_not_before() {
    let bob = ("bob", person(&[Some(30)], Some(60), no()));
    let (verdict, world, _) = asked(&plan(&["alice", "bob"]), &with(std::slice::from_ref(&bob)));
    assert_eq!(verdict, ApprovalVerdict::Refused { by: "bob".to_owned(), reason: "month end".to_owned() });
    let story = story(&world);
    assert_eq!(story[2..], [(180, "escalated"), (180, "paged"), (210, "acknowledged"), (270, "refused")]);
    // Exactly at the deadline is in time.
    let late =
        |alice| World { latency: Span::ZERO, ..with(&[bob.clone(), ("alice", person(&[Some(alice)], None, no()))]) };
    assert!(!asked(&plan(&["alice", "bob"]), &late(180)).1.event_names()[..3].contains(&"approval.escalated"));
    assert!(asked(&plan(&["alice", "bob"]), &late(181)).1.event_names()[..3].contains(&"approval.escalated"));
}

/// Three people, of whom two must agree.
fn two_of_three(together: bool, veto: bool) -> ApprovalPlan {
    ApprovalPlan { quorum: 2, together, veto, ..plan(&["alice", "bob", "carol"]) }
}

#[test]
fn all_are_paged_at_once_and_as_many_as_must_agree() {
    let people = [
        ("alice", person(&[Some(60)], Some(90), Reply::Approved)),
        ("bob", person(&[None, None], None, no())),
        ("carol", person(&[Some(20)], Some(30), Reply::Approved)),
    ];
    let (verdict, world, end) = asked(&two_of_three(true, true), &with(&people));
    assert_eq!((verdict, end.second()), (approved("carol and alice"), 150));
    assert_eq!(world.calls, ["page alice", "page bob", "page carol", "ask carol", "ask alice"]);
    let story = story(&world);
    assert_eq!(story[..4], [(0, "asked"), (0, "paged"), (0, "paged"), (0, "paged")]);
    assert_eq!(story[4..], [(20, "acknowledged"), (50, "agreed"), (60, "acknowledged"), (150, "given")]);
}

#[test]
fn in_turn_the_next_is_paged_once_the_one_before_has_agreed() {
    let yes = |decides| person(&[Some(10)], Some(decides), Reply::Approved);
    let people = [("alice", yes(20)), ("bob", yes(40)), ("carol", yes(1))];
    let (verdict, world, end) = asked(&two_of_three(false, true), &with(&people));
    assert_eq!((verdict, end.second()), (approved("alice and bob"), 80));
    assert_eq!(world.calls, ["page alice", "ask alice", "page bob", "ask bob"]);
    assert!(!world.event_names().contains(&"approval.escalated"), "nobody was passed over");
}

#[test]
fn a_single_no_decides_or_counts_against_the_quorum() {
    let with_no = |alice: u64| {
        let quick = |decides, reply| person(&[Some(1)], Some(decides), reply);
        let people = [("alice", quick(alice, no())), ("bob", quick(20, Reply::Approved)), ("carol", quick(30, no()))];
        with(&people)
    };
    let refused = |by: &str| ApprovalVerdict::Refused { by: by.to_owned(), reason: "month end".to_owned() };
    assert_eq!(asked(&two_of_three(true, true), &with_no(10)).0, refused("alice"));
    let (verdict, world, _) = asked(&two_of_three(true, false), &with_no(10));
    assert_eq!(verdict, refused("carol"), "one no leaves two, two leave too few");
    assert_eq!(story(&world)[7..], [(11, "disagreed"), (21, "agreed"), (31, "refused")]);
}

#[test]
fn somebody_paged_earlier_may_still_answer_first() {
    let people =
        [("alice", person(&[Some(200)], Some(10), Reply::Approved)), ("bob", person(&[Some(25)], Some(100), no()))];
    let (verdict, world, _) = asked(&plan(&["alice", "bob"]), &with(&people));
    assert_eq!(verdict, approved("alice"));
    assert_eq!(world.calls, ["page alice", "page bob", "ask alice", "ask bob"]);
}

#[test]
fn somebody_who_does_not_decide_is_not_waited_for_but_may_still_answer() {
    let people =
        [("alice", person(&[Some(10)], Some(400), Reply::Approved)), ("bob", person(&[None, None], None, no()))];
    let (verdict, world, end) = asked(&plan(&["alice", "bob"]), &with(&people));
    assert_eq!((verdict, end.second()), (approved("alice"), 410));
    assert_eq!(world.calls, ["page alice", "ask alice", "page bob"]);
}

#[test]
fn a_second_round_pages_everyone_again_and_asks_nobody_twice() {
    let people = [
        ("alice", person(&[Some(10), Some(10)], None, Reply::Approved)),
        ("bob", person(&[None, Some(20)], Some(30), Reply::Approved)),
    ];
    let (verdict, world, _) = asked(&plan(&["alice", "bob"]), &with(&people));
    assert_eq!(verdict, approved("bob"));
    assert_eq!(world.calls, ["page alice", "ask alice", "page bob", "page alice", "page bob", "ask bob"]);
}

#[test]
fn if_nobody_answers_that_is_said_and_is_no_consent() {
    let (verdict, world, end) = asked(&plan(&["alice", "bob"]), &with(&[]));
    assert_eq!((verdict, end), (ApprovalVerdict::NobodyAnswered, Instant::from_secs(720)));
    assert_eq!(world.events.last().map(|event| event.1.as_str()), Some("approval.nobody"));
    let (verdict, world, end) = asked(&plan(&[]), &with(&[]));
    assert_eq!((verdict, end, world.calls.len()), (ApprovalVerdict::NobodyAnswered, Instant::ZERO, 0));
}

#[test]
fn a_page_that_was_refused_is_not_waited_for_one_of_unknown_fate_is() {
    for (twist, paged_next_at) in [(Twist::Refuse, 0), (Twist::LoseCall, 180), (Twist::LoseAnswer, 180)] {
        let mut world = with(&[("bob", person(&[Some(10)], Some(10), Reply::Approved))]);
        world.always.insert("page alice".to_owned(), twist);
        let (verdict, world, _) = asked(&plan(&["alice", "bob"]), &world);
        assert_eq!(verdict, approved("bob"));
        let escalated = story(&world).into_iter().find(|(_, name)| *name == "escalated");
        assert_eq!(escalated, Some((paged_next_at, "escalated")), "{twist:?}");
    }
}

#[test]
fn a_question_that_did_not_get_through_is_asked_again_in_the_next_round() {
    let mut world = with(&[("alice", person(&[Some(10), Some(10)], Some(10), Reply::Approved))]);
    world.next.insert("ask alice".to_owned(), [Twist::LoseCall].into());
    let (verdict, world, _) = asked(&plan(&["alice"]), &world);
    assert_eq!(verdict, approved("alice"));
    assert_eq!(world.calls, ["page alice", "ask alice", "page alice", "ask alice"]);
}

#[test]
fn a_summons_ends_with_an_acknowledgement_and_asks_nothing() {
    let clock = VirtualClock::default();
    let world = with(&[("bob", person(&[None, Some(40)], None, no()))]);
    let ports = MemoryPorts::new(clock.clone(), world);
    let who = clock.drive(Instant::MAX, summon(&ports, &plan(&["alice", "bob"]), "help"));
    assert_eq!(who, Some(Some("bob".to_owned())));
    assert_eq!(ports.world.borrow().calls, ["page alice", "page bob", "page alice", "page bob"]);
    assert_eq!(ports.world.borrow().event_names().last(), Some(&"on_call.acknowledged"));
}

/// The same escalation as an integral: one person answers a page with probability 0.8 after an exponential time of mean
/// 4 min; after 5 min a second one is paged, who always answers, in the same distribution. The mean time to an acknowledgement is
/// that of the survival function: 1 + 3.2 (1 − e^−1.25) + 0.8 + 1.6 e^−1.25 = 4.54159 min.
#[test]
fn the_mean_time_to_an_acknowledgement_is_the_analytic_one() {
    const RUNS: u64 = 20_000;
    let distribution = Sampler::new(&Distribution::Exponential { mean: Span::from_mins(4) });
    let stream = |name, purpose| Streams::new(5).stream(name, purpose);
    let (alice, bob, notices) = (stream("alice", "acts"), stream("bob", "acts"), stream("alice", "notices"));
    let plan = ApprovalPlan { acknowledge_within: vec![Span::from_mins(5); 2], rounds: 50, ..plan(&["alice", "bob"]) };
    let times = (0..RUNS).map(|run| {
        let acknowledges = |span: Option<Span>| Person { acknowledges: [span].into(), ..person(&[], None, no()) };
        let first = chance(notices.at(run), Ratio::from_percent(80)).then(|| distribution.span(alice.at(run)));
        let people = [("alice", acknowledges(first)), ("bob", acknowledges(Some(distribution.span(bob.at(run)))))];
        let clock = VirtualClock::default();
        let ports = MemoryPorts::new(clock.clone(), World { latency: Span::ZERO, ..with(&people) });
        clock.drive(Instant::MAX, summon(&ports, &plan, "help")).flatten().expect("somebody comes");
        clock.now().as_secs_f64() / 60.0
    });
    let times: Vec<f64> = times.collect();
    let mean = times.iter().sum::<f64>() / RUNS as f64;
    let variance = times.iter().map(|time| (time - mean) * (time - mean)).sum::<f64>() / RUNS as f64;
    let standard_error = (variance / RUNS as f64).sqrt();
    assert!((mean - 4.541_59).abs() <= 4.0 * standard_error, "{mean} ± {standard_error}");
    assert!(4.0 * standard_error < 0.03 * mean, "enough runs to tell");
}

fn behaviour() -> impl Strategy<Value = Person> {
    let pages = prop::collection::vec(prop::option::of(0_u64..900), 0..4);
    (pages, prop::option::of(0_u64..900), any::<bool>())
        .prop_map(|(pages, decides, yes)| person(&pages, decides, if yes { Reply::Approved } else { no() }))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn nobody_is_paged_twice_in_a_round_or_after_an_answer_and_the_wait_is_bounded(
        people in prop::collection::vec(behaviour(), 1..4),
        rounds in 1_u32..4,
        within in (1_u64..400, 1_u64..400),
    ) {
        const NAMES: [&str; 3] = ["alice", "bob", "carol"];
        let people: Vec<(&str, Person)> = NAMES.into_iter().zip(people).collect();
        let chain: Vec<&str> = people.iter().map(|(name, _)| *name).collect();
        let (acknowledge_within, decide_within) = (vec![SECS(within.0); chain.len()], SECS(within.1));
        let plan = ApprovalPlan { acknowledge_within, decide_within, rounds, ..plan(&chain) };
        let (verdict, world, end) = asked(&plan, &with(&people));
        let pages: Vec<&str> = world.calls.iter().filter_map(|call| call.strip_prefix("page ")).collect();
        for round in pages.chunks(chain.len()) {
            prop_assert_eq!(round, &chain[..round.len()]);
        }
        let asks = |name: &str| world.calls.iter().filter(|call| **call == format!("ask {name}")).count();
        prop_assert!(chain.iter().all(|name| asks(name) <= 1), "the question lies there already");
        let names = world.event_names();
        let ends = names.iter().filter(|name| ["approval.given", "approval.refused", "approval.nobody"].contains(name));
        prop_assert_eq!(ends.count(), 1);
        prop_assert!(["approval.given", "approval.refused", "approval.nobody"].contains(names.last().unwrap()));
        if verdict == ApprovalVerdict::NobodyAnswered {
            prop_assert_eq!(pages.len(), chain.len() * rounds as usize, "everyone is tried before giving up");
        }
        // Each call takes 10 ms besides, and a response may come in while it is under way.
        let calls = Span::from_millis(10 * world.calls.len() as u64);
        prop_assert!(end.since(Instant::ZERO) <= plan.longest() + calls, "{end}");
    }
}

fn steps(before: &[&str], chain: &[&str]) -> FailoverOrder {
    let before = before.iter().map(|step| (*step).to_owned()).collect();
    FailoverOrder { approval: Some(StepApproval { before, plan: plan(chain) }), ..order() }
}

#[test]
fn a_step_that_needs_consent_begins_after_it_with_a_lap_of_its_own() {
    let world = with(&[("alice", person(&[Some(60)], Some(90), Reply::Approved))]);
    let (outcome, world, _) = play_with(&steps(&["switch_dns"], &["alice"]), &world);
    assert_eq!(outcome.ending, Ending::Done);
    let lap = &world.laps[2];
    assert_eq!((lap.step.as_str(), lap.result, lap.tries), ("approve", LapResult::Done, 1));
    assert_eq!(lap.note, "alice approved switch_dns after 2m 30s");
    let next = &world.laps[3];
    assert!(next.step == "switch_dns" && next.start >= lap.start + lap.took);
    assert_eq!(world.laps.iter().filter(|lap| lap.step == "approve").count(), 1);
}

#[test]
fn without_consent_to_a_step_everything_is_taken_back() {
    for (people, why) in [
        (vec![("alice", person(&[Some(60)], Some(90), no()))], "alice refused activate_secondary: month end"),
        (vec![], "nobody answered within 6m"),
    ] {
        let (outcome, world, _) = play_with(&steps(&["activate_secondary"], &["alice"]), &with(&people));
        assert_eq!(outcome.ending, Ending::Undone);
        assert_eq!(outcome.failure, Some(("activate_secondary".to_owned(), why.to_owned())));
        assert_eq!(world.records["api.example"], "west", "the record was moved and is moved back");
        assert!(!world.calls.iter().any(|call| call.starts_with("activate")));
    }
}

fn watch_with(people: &[(&str, Person)], dark: &[(u64, u64)]) -> World {
    World { people: with(people).people, ..dark_world(dark, Span::ZERO) }
}

fn consenting(chain: &[&str]) -> WatchPlan {
    WatchPlan { approval: Some(plan(chain)), ..watch_plan() }
}

#[test]
fn the_watch_decides_when_somebody_has_consented() {
    let world = watch_with(&[("alice", person(&[Some(60)], Some(93), Reply::Approved))], &[(100, 10_000)]);
    let world = observe(&consenting(&["alice"]), &world, 2_000);
    assert_eq!((times(&world, "approval.asked"), times(&world, "watch.decided")), (vec![110_000], vec![263_000]));
    assert_eq!(times(&world, "region_failover.done").len(), 1);
    let decided = &world.events.iter().find(|event| event.1 == "watch.decided").unwrap().2;
    assert!(decided.ends_with("; alice approves"), "{decided}");
}

#[test]
fn a_region_that_recovers_while_people_think_makes_the_question_moot() {
    let world = watch_with(&[("alice", person(&[Some(60)], Some(90), Reply::Approved))], &[(100, 200)]);
    let world = observe(&consenting(&["alice"]), &world, 2_000);
    assert_eq!(
        (times(&world, "watch.no_longer_needed"), times(&world, "approval.withdrawn")),
        (vec![200_000], vec![200_000])
    );
    assert!(times(&world, "watch.decided").is_empty() && world.laps.is_empty());
    assert_eq!(world.records["api.example"], "west");
}

#[test]
fn after_a_no_nothing_is_done_in_this_spell_and_somebody_is_asked_in_the_next() {
    let people = [("alice", person(&[Some(60), Some(60)], Some(90), no()))];
    let world = observe(&consenting(&["alice"]), &watch_with(&people, &[(100, 2_000), (3_000, 5_000)]), 5_000);
    assert_eq!(
        (times(&world, "watch.refused"), times(&world, "approval.asked")),
        (vec![260_000, 3_160_000], vec![110_000, 3_010_000])
    );
    assert!(times(&world, "watch.decided").is_empty() && world.records["api.example"] == "west");
}

#[test]
fn silence_is_no_consent_and_people_are_asked_again_after_the_cool_down() {
    let world = observe(&consenting(&["alice"]), &watch_with(&[], &[(100, 10_000)]), 2_000);
    assert_eq!(times(&world, "watch.unanswered")[0], 470_000, "two pages of 180 s");
    assert_eq!(times(&world, "approval.asked"), [110_000, 1_075_000]);
    assert!(times(&world, "watch.decided").is_empty() && world.laps.is_empty());
}

#[test]
fn consent_given_while_nothing_is_known_waits_for_sight() {
    let mut world = watch_with(&[("alice", person(&[Some(60)], Some(90), Reply::Approved))], &[(100, 10_000)]);
    // One read every 5 s: those from 250 s to 295 s fail, and so does everything known after 45 s.
    let reads = (0..=59).map(|k| if k >= 40 { Twist::Lie } else { Twist::Take(Span::ZERO) });
    world.next.insert("query west".to_owned(), reads.collect());
    let world = observe(&consenting(&["alice"]), &world, 2_000);
    assert_eq!(times(&world, "approval.given"), [260_000]);
    assert_eq!(times(&world, "watch.decided"), [305_000], "at the first evaluation that sees it down again");
}

#[test]
fn a_failover_that_failed_pages_those_on_call_while_the_watch_goes_on() {
    let mut world = watch_with(&[("bob", person(&[Some(700)], None, no()))], &[(100, 10_000)]);
    world.always.insert("activate".to_owned(), Twist::Refuse);
    let on_call = ApprovalPlan { acknowledge_within: vec![SECS(300); 2], rounds: 3, ..plan(&["alice", "bob"]) };
    let world = observe(&WatchPlan { on_call: Some(on_call), ..watch_plan() }, &world, 1_000);
    assert_eq!(times(&world, "region_failover.undone")[0], 205_000);
    assert_eq!(times(&world, "on_call.paged")[..2], [205_000, 505_000]);
    assert!(times(&world, "watch.decided").contains(&810_000), "the watch acts again meanwhile");
    let summoned = &world.events.iter().find(|event| event.1 == "on_call.summoned").unwrap().2;
    assert_eq!(summoned, "region_failover of west failed and was rolled back: a person must act");
}

#[test]
fn a_failover_that_is_done_pages_nobody() {
    let world = watch_with(&[], &[(100, 10_000)]);
    let world = observe(&WatchPlan { on_call: Some(plan(&["alice"])), ..watch_plan() }, &world, 1_000);
    assert!(times(&world, "region_failover.done").len() == 1 && times(&world, "on_call.paged").is_empty());
}

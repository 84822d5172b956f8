//! Procedures whose steps a scenario says: what they do, skip and take back, how they bear being struck, and which lists of
//! steps are refused.

use super::{ROOT, plan_of};
use firedrill::Drill;
use firedrill::field::{Level, Problem};
use firedrill::outcome::Outcome;
use firedrill::record::{Lap, LapResult};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::scenario::{Catalogs, load};

const WORLD: &str = "
firedrill: 1
name: own steps
preset: ai-provider
duration: 12m
regions:
  west:  {services: {api: {servers: 8, time: 20ms, database: orders}}}
  north: {like: west, role: secondary}
databases:
  orders: {primary: west, replicas: [north], delay: 200ms, promote_time: 5s}
  notes: {primary: west, replicas: []}
dns: {zone: app.example, ttl: 30s}
resolvers: {count: 20, violators: 0%}
people: {anna: {}}
workload:
  - open: {name: users, rate: 20/s, mix: {write: 50%}, timeout: 5s, retries: 2}
faults:
  - slow_share: {id: ill, service: api, region: west, share: 50%, errors: 100%, at: 60s, for: 4m}
";

/// The scenario with these steps, run by a watch with what is in `watch` beside.
fn scenario(steps: &str, watch: &str) -> String {
    format!(
        "{WORLD}procedures: {{mine: {steps}}}\ncontrol: [{{watch: {{run: mine{watch}}}}}]\nproperties: {{ok: {{always: success >= 1%}}}}\n"
    )
}

fn judged(steps: &str, watch: &str) -> Outcome {
    rehearse(&plan_of(&scenario(steps, watch), "own.yaml", &[]), &Provenance::default(), 1)
}

fn laps(outcome: &Outcome) -> Vec<(&str, LapResult, &str)> {
    let laps = outcome.record.laps.iter().filter(|lap| lap.run == 1);
    laps.map(|lap: &Lap| (lap.step.as_str(), lap.result, lap.note.as_str())).collect()
}

fn happened(outcome: &Outcome, event: &str) -> usize {
    outcome.record.timeline.events().iter().filter(|told| told.name == event).count()
}

#[test]
fn own_steps_pass_with_many_seeds_and_struck_at_every_call() {
    let small = [("workload.0.rate", "3/s"), ("duration", "6m"), ("settle", "6m"), ("faults.0.at", "60s")];
    let quick = [
        ("workload.0.retries", "0"),
        ("dns.publish", "3s"),
        ("dns.ttl", "10s"),
        ("resolvers.count", "4"),
        ("procedures.drain_and_move.steps.7.wait", "6s"),
        ("databases.orders.promote_time", "2s"),
        ("regions.westeurope.services.api.activation", "5s"),
        ("regions.northeurope.services.api.activation", "5s"),
    ];
    let drill = Drill::from_file(format!("{ROOT}/scenarios/ai-provider/own-steps.yaml"));
    let drill = small.into_iter().chain(quick).fold(drill, |drill, (path, value)| drill.set(path, value));
    let found = drill.seeds(0..2).interrupt_everywhere().run();
    assert!(found.wrong.is_empty(), "{} wrong:\n{}", found.wrong.len(), found.wrong.join("\n"));
    assert!(found.runs == 2 && found.interrupted > 200, "{} runs, {} struck", found.runs, found.interrupted);
}

/// Everything that can be taken back, and then something that never holds.
const IN_VAIN: &str = "[{set_ttl: {record: app.example, ttl: 5s}}, {activate: to}, {point_record: app.example}, \
    {fence: orders}, {require: {that: {leads: orders}, budget: 10s}}, {promote: orders}]";

#[test]
fn what_fails_before_the_point_of_no_return_leaves_everything_as_it_was() {
    let outcome = judged(IN_VAIN, ", cool_down: 1h");
    let done = LapResult::Done;
    let said: Vec<_> = laps(&outcome).into_iter().map(|(step, result, _)| (step, result)).collect();
    assert_eq!(
        said,
        [
            ("set_ttl", done),
            ("activate", done),
            ("point_record", done),
            ("fence", done),
            ("require", LapResult::OverBudget),
            ("fence", LapResult::Undone),
            ("point_record", LapResult::Undone),
            ("activate", LapResult::Undone),
            ("set_ttl", LapResult::Undone),
        ]
    );
    let notes: Vec<&str> = laps(&outcome)[5..].iter().map(|(.., note)| *note).collect();
    assert_eq!(
        notes,
        [
            "orders is led by west again, at epoch 2",
            "app.example names west again",
            "north is on standby again",
            "the TTL of app.example is 30s again",
        ]
    );
    assert_eq!((happened(&outcome, "mine.undone"), happened(&outcome, "mine.done")), (1, 0));
    let success = outcome.record.signal("success").expect("recorded");
    let last = success.points().last().expect("a second").1;
    assert_eq!(last.part, last.whole, "users are served where they were before");
}

#[test]
fn a_step_that_is_not_to_be_taken_back_stays_and_one_of_no_return_ends_the_way_back() {
    let stays = IN_VAIN.replace("ttl: 5s", "ttl: 5s, undo: false");
    let outcome = judged(&stays, ", cool_down: 1h");
    let undone = laps(&outcome).into_iter().filter(|(_, result, _)| *result == LapResult::Undone);
    assert_eq!(undone.map(|(step, ..)| step).collect::<Vec<_>>(), ["fence", "point_record", "activate"]);
    let left = ("set_ttl", LapResult::UndoFailed, "not undone: `undo: false`");
    assert_eq!(laps(&outcome).last(), Some(&left));
    assert_eq!(
        (happened(&outcome, "mine.undo_failed"), happened(&outcome, "mine.undone")),
        (1, 0),
        "nobody is told that all is as it was"
    );
    let final_step = IN_VAIN.replace("{activate: to}", "{activate: {region: to, point_of_no_return: true}}");
    let outcome = judged(&final_step, ", cool_down: 1h, limit: 3m");
    assert!(laps(&outcome).iter().all(|(_, result, _)| *result != LapResult::Undone), "{:?}", laps(&outcome));
    assert_eq!((happened(&outcome, "mine.stopped"), happened(&outcome, "mine.undone")), (1, 0));
}

#[test]
fn a_step_whose_condition_does_not_hold_is_skipped_and_one_whose_does_is_not() {
    let steps = "[{activate: {region: to, when: {fails: from}}}, {promote: {database: orders, lossless: true}}, \
        {deactivate: {region: from, when: {names: app.example}}}, {deactivate: {region: from, when: {leads: {database: \
        orders, region: to}}}}, point_record: app.example]"
        .replace("point_record: app.example]", "{point_record: app.example}]");
    let outcome = judged(&steps, ", cool_down: 1h");
    let results: Vec<_> = laps(&outcome).into_iter().map(|(step, result, _)| (step, result)).collect();
    assert_eq!(results[2], ("deactivate", LapResult::Skipped));
    assert_eq!((happened(&outcome, "mine.deactivate.skipped"), happened(&outcome, "mine.deactivate.done")), (1, 0));
    let done = outcome.record.timeline.events().iter().find(|told| told.name == "mine.done").expect("done");
    assert_eq!(done.text, "4 steps done and verified");
    let said: Vec<_> = laps(&outcome).into_iter().map(|(step, _, note)| (step, note)).collect();
    let [("activate", "north is active"), ("promote", lossless), ("deactivate", skipped), ("deactivate-2", done), _] =
        said[..]
    else {
        panic!("{said:?}")
    };
    assert_eq!(skipped, "app.example names west");
    assert_eq!(done, "west is on standby");
    assert!(lossless.ends_with("nothing lost"), "{lossless}");
    assert_eq!(happened(&outcome, "region.west.standby"), 1, "the one that was not skipped");
}

#[test]
fn steps_run_side_by_side_ask_before_they_begin_and_tell_whom_they_are_to_tell() {
    let steps = "[{set_ttl: {record: app.example, ttl: 5s}}, {activate: {region: to, beside: true}}, \
        {promote: {database: orders}}, {point_record: app.example}, {probe: [api]}, \
        {notify: {audiences: [sales], message: moved}}]";
    let outcome = judged(steps, ", cool_down: 1h, approve: {ask: [anna], before: [promote]}");
    let start = |step: &str| outcome.record.laps.iter().find(|lap| lap.step == step).expect("a lap").start;
    assert_eq!(start("set_ttl"), start("activate"));
    assert!(start("approve") < start("promote") && start("approve") > start("activate"));
    let notes = laps(&outcome);
    assert_eq!(notes.last().expect("a lap").2, "sent to sales");
    assert!(notes.iter().any(|(step, _, note)| *step == "promote" && note.contains("at most")), "{notes:?}");
    let asked =
        outcome.record.timeline.events().iter().find(|told| told.name == "mine.approve.started").expect("asked");
    assert!(asked.text.contains("promote"), "{}", asked.text);
    assert_eq!(happened(&outcome, "mine.done"), 1);
}

/// The code, what stands at the place, and the message of the first error.
fn refused(steps: &str, watch: &str) -> (String, String, String) {
    let text = scenario(steps, watch);
    let Err(problems) = load(&text, "own.yaml", &[], &Catalogs::BUILT_IN) else { panic!("accepted: {steps}") };
    let problem: &Problem = problems.iter().find(|problem| problem.level == Level::Error).expect("one");
    let place = problem.place.expect("a place");
    let line = text.lines().nth(place.line as usize - 1).expect("the line");
    (problem.code.to_owned(), line[place.column as usize - 1..].to_owned(), problem.message.clone())
}

#[test]
fn lists_of_steps_that_can_never_work_are_refused_at_their_place() {
    for (steps, code, place, message) in [
        ("[]", "FD0242", "[]", "`mine` has no steps"),
        ("[{wait: 10s, name: a}]", "FD0111", "{wait", "exactly one kind"),
        ("[{wate: 10s}]", "FD0108", "wate", "unknown kind `wate`"),
        ("[{promote: ordes}]", "FD0102", "ordes", "`ordes`"),
        ("[{point_record: {record: app.example, region: east}}]", "FD0102", "east", "`east`"),
        ("[{wait: {span: 1s, name: a}}, {wait: {span: 1s, name: a}}]", "FD0109", "{wait", "two steps are called `a`"),
        (
            "[{set_ttl: {record: app.example, ttl: 5s, undo: false, undo_budget: 90s}}]",
            "FD0242",
            "90s}",
            "is never undone",
        ),
        ("[{wait: {span: 1s, beside: true}}]", "FD0242", "true", "there is no step before `wait`"),
        (
            "[{promote: orders}, {fence: {database: orders, beside: true}}, {promote: orders}]",
            "FD0242",
            "true",
            "`promote` and `fence` run in parallel and change the same",
        ),
        ("[{wait: {span: 5m, budget: 5m}}]", "FD0242", "5m}", "`wait` waits 5m, but its budget is 5m"),
        ("[{fence: orders}]", "FD0242", "{fence", "no later step is certain to open a copy"),
        (
            "[{fence: orders}, {promote: {database: orders, when: {fit: to}}}]",
            "FD0242",
            "{fence",
            "no later step is certain",
        ),
        (
            "[{promote: orders}, {promote: {database: orders, name: again}}]",
            "FD0242",
            "{promote",
            "`again` opens a copy",
        ),
        ("[{promote: {database: orders, region: from}}]", "FD0242", "{promote", "the region being left"),
        ("[{wait: {span: 1s, name: a.b}}]", "FD0242", "{wait", "`a.b` has a dot"),
        ("{about: nothing}", "FD0242", "mine", "has no list of steps"),
        ("[{probe: {budget: 10s, pause: 10s}}]", "FD0241", "10s", "leaves no time for a second"),
        ("[{probe: {undo_budget: 10s}}]", "FD0241", "10s", "changes nothing"),
        ("[{set_weights: {weights: {west: 50%}}}]", "FD0212", "{west", "add up to 50%"),
        ("[{set_weights: {weights: {west: 100%}}}]", "FD0242", "{set_weights", "there is none"),
        ("[{promote: notes}]", "FD0242", "{promote", "needs a copy of notes in north, but there is none"),
        (
            "[{promote: {database: orders, budget: 5s, tries: 1}}]",
            "FD0242",
            "{promote",
            "opening a copy of orders takes 5s",
        ),
        ("[{require: {that: {leads: notes}}}]", "FD0242", "{require", "needs a copy of notes in north"),
    ] {
        let (found, at, said) = refused(steps, "");
        assert_eq!(found, code, "{steps}: {said}");
        assert!(at.starts_with(place), "{steps}: {at}");
        assert!(said.contains(message), "{steps}: {said}");
    }
    let (code, at, said) = refused("[{wait: 1s}]", ", approve: {ask: [anna], before: [switch_dns]}");
    assert_eq!((code.as_str(), said.as_str()), ("FD0102", "`mine` has no step `switch_dns`"));
    assert!(at.starts_with("switch_dns"));
    let text = scenario("[{wait: 1s}]", "").replace("{mine: [", "{failback: [").replace("run: mine", "run: failback");
    let Err(problems) = load(&text, "own.yaml", &[], &Catalogs::BUILT_IN) else { panic!("two of one name") };
    assert!(problems.iter().any(|p| p.message == "`failback` is built in and has steps of its own"), "{problems:?}");
}

#[test]
fn weights_are_set_read_back_and_put_back() {
    let behind = |steps: &str| {
        let text = scenario(steps, ", cool_down: 1h");
        let text = text.replace(
            "dns: {zone: app.example, ttl: 30s}",
            "dns: {zone: app.example, ttl: 30s, records: {app.example: balancer}}\nbalancer: {weights: {west: 100%}}",
        );
        rehearse(&plan_of(&text, "own.yaml", &[]), &Provenance::default(), 1)
    };
    let all = "[{activate: to}, {set_weights: {weights: {north: 100%}}}";
    let done = behind(&format!("{all}]"));
    assert_eq!(laps(&done).last().map(|(step, result, _)| (*step, *result)), Some(("set_weights", LapResult::Done)));
    assert_eq!(happened(&done, "served.north"), 1, "users are sent there");
    let undone =
        behind(&format!("{all}, {{require: {{that: {{leads: {{database: orders, region: to}}}}, budget: 10s}}}}]"));
    let notes = laps(&undone);
    assert!(
        notes.contains(&("set_weights", LapResult::Undone, "the balancer routes 100% to west, 0% to north again")),
        "{notes:?}"
    );
}

#[test]
fn above_the_limit_nothing_is_fenced() {
    let outcome = judged("[{promote: {database: orders, tries: 2}}]", ", cool_down: 1h, loss_limit: 0");
    let notes = laps(&outcome);
    assert!(notes[0].1 == LapResult::Failed && notes[0].2.contains("the limit is 0"), "{notes:?}");
    assert_eq!(happened(&outcome, "db.orders.fenced"), 0, "writes go on where they did");
}

#[test]
fn nobody_is_asked_before_a_step_that_would_be_skipped() {
    let asked = |outcome: &Outcome| outcome.record.timeline.times("approval.asked").count();
    let steps = |when: &str| format!("[{{activate: {{region: to, when: {when}}}}}, {{promote: {{database: orders}}}}]");
    let consent = ", approve: {ask: [anna], before: [activate]}";
    let outcome = judged(&steps("{names: app.example}"), consent);
    let lap = outcome.record.laps.iter().find(|lap| lap.step == "activate").expect("it was gone through");
    assert_eq!((lap.result, asked(&outcome)), (LapResult::Skipped, 0), "{}", lap.note);
    assert_eq!(outcome.record.timeline.times("mine.done").count(), 1);
    let outcome = judged(&steps("{names: {record: app.example, region: from}}"), consent);
    let lap = outcome.record.laps.iter().find(|lap| lap.step == "activate").expect("it was gone through");
    assert_eq!((lap.result, asked(&outcome)), (LapResult::Done, 1), "{}", lap.note);
}

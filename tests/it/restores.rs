//! Databases whose data are gone: restored side by side, each in use when it is ready, and lost for good where nothing has
//! them any more.

use super::plan_of;
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::units::{Instant, Span};

/// Databases with backups of so many gigabytes, all of which lose their data at 5 min. Reading one takes 5 s for each GB,
/// copying it 33⅓ s.
fn lost(volumes: &[u32], control: &str) -> String {
    let each = |line: &dyn Fn(usize, u32) -> String| -> String {
        volumes.iter().enumerate().map(|(number, volume)| line(number, *volume)).collect()
    };
    let services = each(&|n, _| format!("s{n}: {{servers: 2, time: 20ms, database: d{n}}}, "));
    let databases = each(&|n, volume| {
        let backups = format!("backups: {{volume: {volume}GB, full: 1m, log: 0s, upload_rate: 10GB/s}}");
        format!("  d{n}: {{primary: a, promote_time: 2s, {backups}}}\n")
    });
    let workload = each(&|n, _| {
        format!("  - open: {{name: w{n}, service: s{n}, rate: 1/s, mix: {{write: 100%}}, timeout: 5s, retries: 0}}\n")
    });
    let faults = each(&|n, _| format!("  - data_lost: {{id: f{n}, database: d{n}, at: 5m}}\n"));
    format!(
        "
firedrill: 1
name: data lost
duration: 25m
regions:
  a: {{role: primary, services: {{{services}}}}}
  b: {{like: a, role: secondary}}
databases:
{databases}
resolvers: {{count: 0}}
workload:
{workload}
faults:
{faults}
control:
  - watch: {{every: 10s, sustained: 10s, min_requests: 1, run: restore_from_backup{control}}}
properties:
  served: {{always: {{holds: errors <= 99%}}}}
"
    )
}

fn outcome(text: &str) -> Outcome {
    rehearse(&plan_of(text, "restores.yaml", &[]), &Provenance::default(), 1)
}

fn at(outcome: &Outcome, event: &str) -> Instant {
    outcome.record.timeline.times(event).next().unwrap_or_else(|| panic!("no {event}"))
}

/// How long after the start of the procedure each of the databases accepted writes, in whole seconds.
fn opened(outcome: &Outcome, count: usize) -> Vec<u64> {
    let start = at(outcome, "restore_from_backup.started");
    let opened = |number| at(outcome, &format!("db.d{number}.promoted")).since(start);
    (0..count).map(|number| opened(number).as_nanos() / 1_000_000_000).collect()
}

#[test]
fn each_of_six_equal_databases_is_in_use_when_it_is_ready() {
    // 15 s to read 3 GB, 100 s to copy them, 2 s to open; the calls take less than 5 s in all.
    let one = 117..=122;
    for (side_by_side, rounds) in [(6, [1, 1, 1, 1, 1, 1]), (2, [1, 1, 2, 2, 3, 3]), (1, [1, 2, 3, 4, 5, 6])] {
        let outcome = outcome(&lost(&[3; 6], &format!(", side_by_side: {side_by_side}")));
        let opened = opened(&outcome, 6);
        for (after, rounds) in opened.iter().zip(rounds) {
            let due = one.start() * rounds..=one.end() * rounds;
            assert!(due.contains(after), "{side_by_side} at once: opened after {opened:?} s, due in {due:?}");
        }
        assert_eq!(outcome.record.timeline.times("restore_from_backup.done").count(), 1);
        let health =
            outcome.record.laps.iter().find(|lap| lap.step == "verify_health").expect("the services are probed");
        let start = at(&outcome, "restore_from_backup.started");
        assert!(health.start.since(start) >= Span::from_secs(*opened.last().unwrap()), "once all are open");
        let verified = |step: &str| outcome.record.laps.iter().filter(|lap| lap.step == step).count();
        assert_eq!(["find_backup", "announce_loss", "restore", "reopen", "verify_data"].map(verified), [6; 5]);
    }
}

#[test]
fn four_at_once_unless_the_file_says_otherwise() {
    let opened = opened(&outcome(&lost(&[3; 6], "")), 6);
    assert!(
        opened[..4].iter().all(|after| *after <= 122) && opened[4..].iter().all(|after| *after >= 234),
        "{opened:?}"
    );
}

#[test]
fn the_smallest_go_first_if_the_file_says_so_and_else_those_it_names_first() {
    let volumes = [3, 1, 2];
    let order = |control: &str| {
        let opened = opened(&outcome(&lost(&volumes, &format!(", side_by_side: 1{control}"))), 3);
        let mut numbers = vec![0, 1, 2];
        numbers.sort_by_key(|number| opened[*number]);
        numbers
    };
    assert_eq!(order(""), [0, 1, 2]);
    assert_eq!(order(", restore_first: smallest"), [1, 2, 0]);
}

#[test]
fn one_that_cannot_be_restored_keeps_none_of_the_others_waiting() {
    let text = lost(&[3, 3, 3], ", side_by_side: 1").replacen(
        "backups: {volume: 3GB, full: 1m, log: 0s, upload_rate: 10GB/s}",
        "commit_time: 1ms",
        1,
    );
    let outcome = outcome(&text);
    let start = at(&outcome, "restore_from_backup.started");
    let opened = [1, 2].map(|number| at(&outcome, &format!("db.d{number}.promoted")).since(start));
    assert!(opened[0] <= Span::from_secs(130) && opened[1] <= Span::from_secs(260), "{opened:?}");
    let stopped = outcome.record.timeline.events().iter().find(|event| event.name == "restore_from_backup.stopped");
    assert!(stopped.is_some_and(|event| event.text.contains("d0 has no backups")), "{stopped:?}");
    let lost: Vec<bool> = outcome.record.stores.iter().map(|store| store.lost_total == store.acked).collect();
    assert_eq!(lost, [true, false, false], "all of what was never backed up");
}

#[test]
fn people_are_asked_about_each_database_with_what_it_costs() {
    let text = lost(&[3, 3], ", approve: {ask: [anna], before: [restore]}")
        .replace("control:", "people: {anna: {acknowledges: 20s, decides: 20s}}\ncontrol:");
    let outcome = outcome(&text);
    let asked: Vec<&str> = outcome
        .record
        .timeline
        .events()
        .iter()
        .filter(|event| event.name == "approval.asked")
        .map(|event| event.text.as_str())
        .collect();
    assert_eq!(asked.len(), 2, "{asked:?}");
    for (number, question) in asked.iter().enumerate() {
        let of_it = [format!("for d{number}"), format!("d{number} is restored from backup")];
        assert!(of_it.iter().all(|part| question.contains(part)), "{question}");
        assert!(!question.contains(&format!("d{} is restored", 1 - number)), "{question}");
    }
    assert!(opened(&outcome, 2).iter().all(|after| *after >= 117 + 30));
}

#[test]
fn data_that_are_gone_everywhere_and_were_never_backed_up_are_counted_as_lost() {
    let text = lost(&[3], "").replacen(
        "backups: {volume: 3GB, full: 1m, log: 0s, upload_rate: 10GB/s}",
        "commit_time: 1ms",
        1,
    );
    let outcome = outcome(&text);
    let store = &outcome.record.stores[0];
    assert!(store.acked > 250, "{}", store.acked);
    assert_eq!(
        (store.lost_total, store.lost_visible, store.whereabouts.nowhere),
        (store.acked, store.acked, store.acked)
    );
    let [cut] = &store.cuts[..] else { panic!("{:?}", store.cuts) };
    assert_eq!((cut.to.as_deref(), cut.lost, cut.lost_before), (None, store.acked, store.acked));
    let reach = cut.reach().expect("measured from the fault");
    assert!(reach.before > Span::from_secs(290) && reach.after == Span::ZERO, "{reach:?}");
    assert!(!outcome.record.timeline.events().iter().any(|event| event.name.starts_with("db.d0.restore")));
}

#[test]
fn of_data_that_are_gone_in_one_copy_what_had_not_reached_the_other_is_lost() {
    let one = |region: &str, run: &str| {
        let text = lost(&[3], "")
            .replacen("backups: {volume: 3GB, full: 1m, log: 0s, upload_rate: 10GB/s}", "replicas: [b], delay: 10s", 1)
            .replace("at: 5m", &format!("region: {region}, at: 5m"))
            .replace("run: restore_from_backup", run);
        outcome(&text)
    };
    for run in ["run: region_failover", "run: region_failover, error_rate: 100%"] {
        let outcome = one("a", run);
        let store = &outcome.record.stores[0];
        let promoted = outcome.record.timeline.times("db.d0.promoted").count();
        assert_eq!(promoted, usize::from(run == "run: region_failover"), "the second watch never sees a failure");
        assert!((9..=11).contains(&store.lost_total), "{run}: {} of {}", store.lost_total, store.acked);
        assert_eq!(store.whereabouts.nowhere, store.lost_total);
    }
    let replica = one("b", "run: region_failover");
    assert_eq!(replica.record.stores[0].lost_total, 0, "the one that leads has them");
}

//! Work that takes long comes to nothing if what it needs goes down meanwhile, even if that is back by the time it would be done.

use super::plan_of;
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};

/// Two regions and a failover, for good.
const FAILOVER: &str = "
firedrill: 1
name: overtaken
duration: 30m
regions:
  west: {role: primary, services: {api: {servers: 50, time: 10ms, activation: 2m, database: db}}}
  north: {like: west, role: secondary}
databases:
  db: {primary: west, replicas: [north], commit: async, delay: 1s, promote_time: 5s}
dns: {ttl: 30s, publish: 5s}
resolvers: {count: 0}
workload:
  - open: {rate: 5/s, mix: {write: 50%}, timeout: 10s, retries: 0}
faults:
  - region_outage: {id: dark, region: west, at: 5m, for: 20m}
control:
  - watch: {every: 10s, run: region_failover}
properties:
  back: {recovers: {after: fault.dark, within: 25m}}
";

/// A database that is deleted, and restored.
const RESTORE: &str = "
firedrill: 1
name: overtaken
duration: 40m
regions:
  west: {services: {api: {servers: 4, time: 20ms, database: db}}}
  north: {role: secondary, services: {api: {servers: 4, time: 20ms, database: null}}}
databases:
  db: {primary: west, backups: {volume: 6GB, full: 10m, log: 2m, place: north}}
resolvers: {count: 0}
workload:
  - open: {rate: 5/s, mix: {write: 50%}, timeout: 10s}
faults:
  - data_lost: {id: gone, database: db, at: 15m}
control:
  - watch: {every: 10s, run: restore_from_backup}
properties:
  back: {recovers: {after: fault.gone, within: 25m}}
";

/// Plays `text`, and once more with an outage of `region` in the midst of what goes on from one event to the other. Returns when
/// the second of them happened, in both.
fn twice(text: &str, (region, lasts): (&str, &str), (from, to): (&str, &str)) -> (f64, Option<f64>) {
    let run = |text: &str| rehearse(&plan_of(text, "overtaken.yaml", &[]), &Provenance::default(), 1);
    let first = |outcome: &Outcome, event: &str| {
        outcome.record.timeline.times(event).next().map(|at| at.as_nanos() as f64 / 1e9)
    };
    let calm = run(text);
    let (begun, done) = (first(&calm, from).expect(from), first(&calm, to).expect(to));
    let middle = begun + (done - begun) * 0.4;
    let fault =
        format!("  - region_outage: {{id: blow, region: {region}, at: {middle:.0}s, for: {lasts}, optional: true}}\n");
    let overtaken = run(&text.replace("control:", &format!("{fault}control:")));
    let blow = overtaken.record.faults.iter().find(|fault| fault.id == "blow").expect("it was added");
    assert!(blow.hits > 0, "what came to nothing was affected");
    (done, first(&overtaken, to))
}

#[test]
fn an_activation_that_is_overtaken_is_begun_again() {
    let steps = ("region_failover.activate_secondary.started", "region.north.active");
    let (calm, overtaken) = twice(FAILOVER, ("north", "40s"), steps);
    assert!(overtaken.is_some_and(|at| at > calm + 30.0), "{calm} {overtaken:?}");
}

#[test]
fn a_promotion_that_is_overtaken_is_begun_again() {
    let slow = FAILOVER.replace("promote_time: 5s", "promote_time: 60s").replace("activation: 2m, ", "");
    let (calm, overtaken) = twice(&slow, ("north", "20s"), ("db.db.fenced", "db.db.promoted"));
    assert!(overtaken.is_some_and(|at| at > calm + 20.0), "{calm} {overtaken:?}");
}

#[test]
fn a_restore_that_is_overtaken_is_begun_again_where_it_goes_and_where_it_comes_from() {
    for region in ["west", "north"] {
        let (calm, overtaken) = twice(RESTORE, (region, "30s"), ("db.db.restore_begun", "db.db.restored"));
        assert!(overtaken.is_none_or(|at| at > calm + 75.0), "{region}: {calm} {overtaken:?}");
    }
}

#[test]
fn what_is_on_its_way_into_a_store_that_goes_dark_is_not_in_it() {
    let slow = RESTORE.replace("volume: 6GB", "volume: 30GB");
    let text = slow.replace(
        "control:",
        "  - region_outage: {id: blow, region: north, at: 610s, for: 4m, optional: true}\ncontrol:",
    );
    let outcome = rehearse(&plan_of(&text, "overtaken.yaml", &[]), &Provenance::default(), 1);
    let first = outcome.record.timeline.times("db.db.backed_up").next();
    assert!(first.is_none_or(|at| at.second() > 905), "it was to be there at 15 min: {first:?}");
}

#[test]
fn a_rebuild_that_is_cut_off_from_the_authority_is_begun_again() {
    let back = FAILOVER
        .replace("duration: 30m", "duration: 75m")
        .replace("for: 20m", "for: 5m")
        .replace("promote_time: 5s", "promote_time: 5s, rebuild_time: 10m")
        .replace("run: region_failover}", "run: region_failover, then: failback, hold_down: 10m}");
    let rebuilt = |text: &str| {
        let outcome = rehearse(&plan_of(text, "overtaken.yaml", &[]), &Provenance::default(), 1);
        let times = |event| outcome.record.timeline.times(event).map(|at| at.second()).next();
        (times("db.db.rebuild_begun").expect("west is rebuilt"), times("db.db.rebuilt"))
    };
    let (begun, done) = rebuilt(&back);
    assert_eq!(done, Some(begun + 600));
    let cut = format!("  - partition: {{id: cut, region: west, from: north, at: {}s, for: 9m}}\ncontrol:", begun + 30);
    let (_, later) = rebuilt(&back.replace("control:", &cut));
    assert!(later.is_some_and(|at| at > begun + 30 + 540 + 600), "{begun} {later:?}");
}

//! A control interface that takes only so many calls: which it refuses, what comes of them, and who can try again.

use super::script::{Told, both, played, tell, until};
use super::{plan, plan_of};
use firedrill::control::Working;
use firedrill::model::SimulatedPorts;
use firedrill::ports::{Dns, PortError, Services};
use firedrill::record::{Lap, LapResult};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::scenario::{Catalogs, load};
use firedrill::units::Span;

const RECORD: &str = "app.example";

/// The way to the interfaces takes no time.
fn world(faults: &str, more: &str) -> String {
    format!(
        "
firedrill: 1
name: throttled
duration: 1m
settle: 0s
regions:
  west:  {{services: {{api: {{servers: 4, time: 1ms}}}}}}
  north: {{role: secondary, services: {{api: {{servers: 4, time: 1ms}}}}}}
control_plane: {{latency: 0ms, timeout: 10s}}
dns: {{publish: 0s}}
workload:
  - open: {{rate: 5/s}}
faults:
{faults}
properties: {{served: {{always: success >= 99%}}}}
{more}
"
    )
}

const BUSY: &str = "  - control_throttled: {id: busy, interface: dns, at: 10s, for: 20s}";
const NOBODY: &str = "control:\n  - watch: {run: region_failover}";

/// Reads the record `count` times at once. How often that is answered.
async fn reads(ports: &SimulatedPorts, count: usize) -> usize {
    let (first, rest) =
        (ports.read_record(RECORD), Box::pin(async move { if count > 1 { reads(ports, count - 1).await } else { 0 } }));
    let (answer, rest) = both(first, rest).await;
    match answer {
        Ok(_) => rest + 1,
        Err(PortError::Refused(why)) if why.contains("throttled") => rest,
        Err(other) => panic!("{other:?}"),
    }
}

/// Twelve calls at once: five of them pass, as the limit says, and after a second another five. Before and after the fault
/// all of them do.
#[test]
fn what_is_above_the_limit_is_refused_and_counted() {
    let (record, told) = played(&world(BUSY, NOBODY), |ports, told| {
        Box::pin(async move {
            for second in [9, 12, 13, 31] {
                until(&ports, second).await;
                tell(&told, reads(&ports, 12).await);
            }
        })
    });
    assert_eq!(told, ["12", "5", "5", "12"]);
    assert_eq!(record.faults[0].hits, 14, "seven calls each time");
}

#[test]
fn what_was_refused_has_changed_nothing_and_other_interfaces_are_spared() {
    let (record, told) = played(&world(BUSY, NOBODY), |ports, told| {
        Box::pin(async move {
            until(&ports, 12).await;
            reads(&ports, 5).await;
            tell(&told, ports.point_record(RECORD, "north").await.is_err());
            tell(&told, ports.service_status("west").await.is_ok());
            until(&ports, 13).await;
            tell(&told, ports.read_record(RECORD).await.unwrap_or_default());
            tell(&told, ports.point_record(RECORD, "north").await.is_ok());
        })
    });
    assert_eq!(told, ["true", "true", "\"west\"", "true"]);
    assert_eq!(record.faults[0].hits, 1);
}

/// The wider limit lets four calls a second pass, the tighter one two. Whichever heals first takes its limit with it.
#[test]
fn limits_that_overlap_hold_together_and_heal_apart() {
    let script: fn(SimulatedPorts, Told) -> Working = |ports, told| {
        Box::pin(async move {
            for second in [15, 25] {
                until(&ports, second).await;
                tell(&told, reads(&ports, 8).await);
            }
        })
    };
    for ((wide, tight), expected) in [((30, 10), ["2", "4"]), ((10, 30), ["2", "2"])] {
        let faults = format!(
            "  - control_throttled: {{interface: dns, calls: 4/s, at: 10s, for: {wide}s}}
  - control_throttled: {{interface: dns, calls: 2/s, at: 10s, for: {tight}s}}"
        );
        assert_eq!(played(&world(&faults, NOBODY), script).1, expected, "{faults}");
    }
}

#[test]
fn an_interface_that_nobody_can_call_cannot_be_throttled() {
    let faults = |interface| format!("  - control_throttled: {{interface: {interface}, at: 10s}}");
    let refused = [
        ("dns", "", "there is no controller, so nothing calls the interface `dns`"),
        ("balancer", NOBODY, "there is no balancer that could fail"),
        ("databases", NOBODY, "there is no database, so nothing calls the interface `databases`"),
        ("objects", NOBODY, "there is no bucket, so nothing calls the interface `objects`"),
        ("backups", NOBODY, "there is no backup, so nothing calls the interface `backups`"),
    ];
    for (interface, control, why) in refused {
        let problems = load(&world(&faults(interface), control), "t.yaml", &[], &Catalogs::BUILT_IN).unwrap_err();
        let found: Vec<_> = problems.iter().map(|problem| (problem.code, problem.message.as_str())).collect();
        assert_eq!(found, [("FD0219", why)]);
    }
    for interface in ["dns", "services", "monitoring", "notification", "journal"] {
        plan_of(&world(&faults(interface), NOBODY), "t.yaml", &[]);
    }
}

/// Three names are read one after the other and pointed at once, 0.4 s after the first: six calls, and there is room for
/// seven by then. A fourth name makes it eight, and a second try, once the first is published.
#[test]
fn a_failover_tries_again_and_says_so() {
    let switched = |settings: &[(&str, &str)]| {
        let plan = plan("scenarios/ai-provider/dns-api-throttled-in-time.yaml", settings);
        let outcome = rehearse(&plan, &Provenance::default(), 1);
        let lap = outcome.record.laps.iter().find(|lap| lap.step == "switch_dns").cloned();
        (outcome.record.faults[1].hits, lap.expect("the step was begun"))
    };
    let (hits, Lap { tries, result, took, .. }) = switched(&[]);
    assert_eq!((hits, tries, result), (1, 2, LapResult::Done));
    assert!(took > Span::from_mins(2), "what passed was published before the second try: {took}");
    let (hits, Lap { tries, .. }) = switched(&[("control.watch.records", "[app.example, api.example, login.example]")]);
    assert_eq!((hits, tries), (0, 1));
}

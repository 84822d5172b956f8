//! Faults of every kind that overlap in every order: each does what it does while it is there, and when it has healed
//! the world is as if it had not been.

use super::plan_of;
use firedrill::fault::CATALOG;
use firedrill::model::World;
use firedrill::record::{Observer, StoreEvent};
use firedrill::scenario::Plan;
use firedrill::units::{DatabaseId, FaultId, Instant};
use proptest::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;

/// Every kind, some in several forms, each twice so that it overlaps itself.
const FAULTS: &[&str] = &[
    "region_outage: {region: west",
    "region_outage: {region: north",
    "slow_share: {region: west, service: api, share: 60%, slowdown: 900%, errors: 30%",
    "slow_share: {region: west, slowdown: 300%",
    "dns_api_down: {",
    "partition: {region: west",
    "partition: {region: west, direction: to",
    "partition: {region: west, from: north",
    "partition: {region: north, from: west, direction: from",
    "partition: {region: west, from: control",
    "link_degraded: {region: west, loss: 30%, slowdown: 130%, delay: 7ms",
    "link_degraded: {region: west, direction: from, loss: 55%",
    "link_degraded: {region: north, from: west, direction: to, slowdown: 270%",
    "replication_stall: {database: orders",
    "database_crash: {database: orders, region: north",
    "disk_full: {database: orders, region: north",
    "controller_kill: {controller: watch",
    "controller_pause: {controller: watch",
    "controller_double: {controller: watch",
    "clock_skew: {controller: watch, by: 5s",
    "journal_down: {",
    "zone_outage: {region: west, zone: 2",
    "zone_outage: {region: north, zone: 1",
    "capacity_loss: {region: west, share: 35%",
    "capacity_loss: {region: west, service: api, share: 70%",
    "balancer_refuses: {",
    "balancer_partly: {share: 30%",
    "balancer_late: {by: 1m",
    "monitoring_blackout: {",
    "monitoring_gap: {region: north",
    "person_unreachable: {person: alice",
    "person_slow: {person: alice, slowdown: 300%",
    "notification_lost: {share: 20%",
    "notification_late: {by: 10s",
    "name_servers_down: {count: 1",
    "name_servers_down: {",
    "name_servers_bad: {count: 2",
    "stale_plan: {enactor: 2",
    "action_fails: {",
    "action_fails: {action: promote, share: 50%, how: late, takes: {exponential: 5m}",
    "cache_lost: {region: west",
    "autoscaler_off: {region: west",
    "provisioning_down: {region: west, service: api",
    "servers_added: {region: west, service: api, servers: 3",
    "common_mode: {beta: 50%",
    "data_lost: {database: orders",
    "data_lost: {database: orders, region: north",
    "backups_stop: {database: orders",
    "backup_unusable: {database: orders",
    "backup_unusable: {database: orders, what: log",
    "backup_unusable: {database: orders, what: all",
    "bucket_down: {bucket: pictures",
    "bucket_down: {bucket: pictures, region: north",
    "objects_late: {bucket: pictures, by: 1m",
    "objects_late: {bucket: pictures, region: north, by: 7s",
    "objects_damaged: {bucket: pictures, share: 30%",
    "objects_damaged: {bucket: pictures, region: west, how: corrupt",
    "control_throttled: {interface: dns",
    "control_throttled: {interface: databases, calls: 30/m, over: 10s",
];

fn plan() -> Plan {
    let line = |fault: &&str| {
        let comma = if fault.ends_with('{') { "" } else { ", " };
        format!("  - {fault}{comma}at: 1s}}\n")
    };
    let faults: String = FAULTS.iter().chain(FAULTS).map(line).collect();
    let text = format!(
        "
firedrill: 1
name: overlaps
duration: 3m
regions:
  west:
    zones: 3
    services:
      api: {{servers: 17, time: 60ms, calls: [cache], database: orders, cache: {{}}, autoscale: {{max: 40}}}}
      cache: {{servers: 5, time: 2ms, bucket: pictures}}
  north: {{like: west, role: secondary}}
databases:
  orders: {{primary: west, replicas: [north], zone: {{west: 2, north: 3}}, backups: {{volume: 1GB}}}}
buckets: {{pictures: {{primary: west, replicas: [north]}}}}
balancer: {{weights: {{west: 70%, north: 30%}}}}
dns: {{planning: {{}}}}
people: {{alice: {{}}}}
network: {{client_loss: 3%}}
workload:
  - open: {{rate: 20/s}}
faults:
{faults}control:
  - watch: {{run: region_failover}}
properties:
  none: {{ledger: {{lost: 0}}}}
"
    );
    plan_of(&text, "overlaps.yaml", &[])
}

/// Nobody watches.
#[derive(Debug)]
struct Nobody;

impl Observer for Nobody {
    fn on(&mut self, _: Instant, _: DatabaseId, _: StoreEvent) {}
}

fn world(plan: &Plan) -> World {
    let keys: Vec<String> = (0..plan.faults.len()).map(|n| n.to_string()).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let nobody: Rc<RefCell<dyn Observer>> = Rc::new(RefCell::new(Nobody));
    let world = World::new(&plan.world, 1, &keys, &nobody);
    world.desk().borrow_mut().prepare(plan.controls.len(), &[], false);
    world
}

fn id(index: usize) -> FaultId {
    FaultId(u16::try_from(index).expect("few faults"))
}

/// A world in which these faults, and no others, ever began.
fn with(plan: &Plan, active: &[usize]) -> Vec<String> {
    let mut world = world(plan);
    active.iter().for_each(|index| plan.faults[*index].fault.inject(&mut world, id(*index)));
    world.in_force()
}

#[test]
fn every_kind_of_fault_is_here_and_shows() {
    let plan = plan();
    let quiet = world(&plan).in_force();
    for (index, fault) in plan.faults.iter().enumerate() {
        assert_ne!(with(&plan, &[index]), quiet, "{} does not show in what is in effect", fault.fault.describe());
    }
    for kind in CATALOG {
        assert!(plan.faults.iter().any(|fault| fault.kind == kind.kind.name), "{} is missing here", kind.kind.name);
    }
}

/// Some faults that have much in common, and an order in which they begin and heal.
fn toggles() -> impl Strategy<Value = Vec<usize>> {
    let all = 0..2 * FAULTS.len();
    let few = (0..FAULTS.len(), prop::collection::vec(all.clone(), 2)).prop_map(move |(of, others)| {
        let kind = |index: usize| FAULTS[index % FAULTS.len()].split(':').next();
        all.clone().filter(|index| kind(*index) == kind(of)).chain(others).collect::<Vec<usize>>()
    });
    few.prop_flat_map(|few| {
        let one = (0..few.len()).prop_map(move |at| few[at]);
        prop::collection::vec(one, 1..24)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, ..ProptestConfig::default() })]

    /// Each number begins its fault if it is not there, and heals it if it is. After each, the world is as if only those
    /// that are there had ever begun; in the end everything is healed, and the world is as if nothing had been.
    #[test]
    fn faults_that_overlap_heal_apart(toggles in toggles()) {
        let plan = plan();
        let (mut world, quiet) = (world(&plan), world(&plan).in_force());
        let mut active: Vec<usize> = Vec::new();
        for index in toggles.iter().copied() {
            match active.iter().position(|there| *there == index) {
                Some(at) => {
                    active.remove(at);
                    plan.faults[index].fault.heal(&mut world, id(index));
                }
                None => {
                    active.push(index);
                    plan.faults[index].fault.inject(&mut world, id(index));
                }
            }
            let mut fresh = active.clone();
            fresh.sort_unstable();
            prop_assert_eq!(world.in_force(), with(&plan, &fresh), "with {:?} after {:?}", active, toggles);
        }
        for index in active {
            plan.faults[index].fault.heal(&mut world, id(index));
        }
        prop_assert_eq!(world.in_force(), quiet);
    }
}

//! A planned switch by hand over the ports: fence, read how far the old authority got, let the new one catch up,
//! promote. Nothing acknowledged may be lost, whatever the timing; and the failback, with a rebuild.

use super::plan_of;
use firedrill::control::{Control, Working};
use firedrill::model::SimulatedPorts;
use firedrill::model::plan::{ControllerPlan, WorldPlan};
use firedrill::ports::{Clock, Databases, PortError};
use firedrill::record::{CopyRole, Record};
use firedrill::rehearse::rehearsal;
use firedrill::sim::{Rehearsal, run};
use firedrill::units::Span;
use proptest::prelude::*;
use std::fmt;
use std::sync::{Arc, Mutex};

/// What a controller of a test does, and what it found.
type Script = fn(SimulatedPorts, Found) -> Working;
type Found = Arc<Mutex<Vec<String>>>;

struct Scripted {
    script: Script,
    found: Found,
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

impl Control for Scripted {
    fn start(&self, _: &WorldPlan, ports: SimulatedPorts) -> Working {
        (self.script)(ports, Arc::clone(&self.found))
    }
}

fn world(database: &str, rate: u32, faults: &str) -> String {
    format!(
        "
firedrill: 1
name: switch
duration: 3m
regions:
  west: {{services: {{api: {{servers: 64, time: {{exponential: 5ms}}, database: orders}}}}}}
  north: {{like: west, role: secondary, services: {{api: {{active: true}}}}}}
databases:
  orders: {{primary: west, replicas: [north], {database}}}
dns: {{zone: app.example, ttl: 10s, publish: 1s}}
workload:
  - open: {{rate: {rate}/s, mix: {{write: 100%}}, keys: {{uniform: {{count: 5000}}}}}}
faults: [{faults}]
properties: {{one_authority: {{authority: orders}}}}
"
    )
}

fn rehearse(text: &str, seed: u64, script: Script) -> (Record, Vec<String>) {
    let mut plan = plan_of(text, "switch.yaml", &[]);
    plan.world.controllers =
        vec![ControllerPlan { name: "scripted".to_owned(), place: None, drill: false, lease: None }];
    let found = Found::default();
    let controls: Vec<Arc<dyn Control>> = vec![Arc::new(Scripted { script, found: Arc::clone(&found) })];
    let schedule = plan.schedule(seed);
    let rehearsal = Rehearsal { controls: &controls, ..rehearsal(&plan, &schedule) };
    let record = run(rehearsal, seed).record;
    let found = found.lock().expect("one thread").clone();
    (record, found)
}

/// Switches `orders` to `to` in `epoch`. Returns what is wrong with the position the fence left, if anything.
async fn switch(ports: &SimulatedPorts, from: &str, to: &str, epoch: u32) -> Result<(), String> {
    let said = |error: PortError| error.to_string();
    ports.fence("orders", epoch).await.map_err(said)?;
    let stop = ports.copy_status("orders", from).await.map_err(said)?.received_lsn;
    while ports.copy_status("orders", to).await.map_err(said)?.applied_lsn < stop {
        ports.sleep(Span::from_millis(100)).await;
    }
    ports.sleep(Span::from_secs(3)).await;
    let later = ports.copy_status("orders", from).await.map_err(said)?.received_lsn;
    let promoted = ports.promote("orders", to, epoch).await.map_err(said)?;
    if later != stop || promoted.from_lsn != stop {
        return Err(format!("stopped at {stop}, then at {later}, promoted from {}", promoted.from_lsn));
    }
    Ok(())
}

fn there(ports: SimulatedPorts, found: Found) -> Working {
    Box::pin(async move {
        ports.sleep(Span::from_secs(60)).await;
        let switched = switch(&ports, "west", "north", 2).await;
        found.lock().expect("one thread").push(format!("{switched:?}"));
    })
}

fn there_and_back(ports: SimulatedPorts, found: Found) -> Working {
    Box::pin(async move {
        ports.sleep(Span::from_secs(60)).await;
        let there = switch(&ports, "west", "north", 2).await;
        ports.sleep(Span::from_secs(30)).await;
        let back = switch(&ports, "north", "west", 3).await;
        found.lock().expect("one thread").push(format!("{there:?} {back:?}"));
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Writes in flight at the fence are either in the position read after it, or never acknowledged.
    #[test]
    fn a_planned_switch_loses_nothing_whatever_the_timing(
        fencing in prop_oneof![Just("storage"), Just("lease"), Just("none")],
        commit in prop_oneof![Just("async"), Just("sync")],
        (commit_ms, delay_ms) in (0..2_000_u32, 0..2_000_u32),
        (rate, apply) in (1..120_u32, 100..400_u32),
        seed in any::<u64>(),
    ) {
        let database = format!(
            "fencing: {fencing}, commit: {commit}, commit_time: {commit_ms}ms, delay: {delay_ms}ms, apply_rate: {apply}/s, \
             promote_time: 1s"
        );
        let (record, found) = rehearse(&world(&database, rate, ""), seed, there_and_back);
        prop_assert_eq!(found, vec!["Ok(()) Ok(())".to_owned()], "{}", database);
        let store = &record.stores[0];
        prop_assert!(store.acked > 0 && store.lost_total == 0, "{} lost, {database}", store.lost_total);
        prop_assert_eq!((store.authority.stale_epoch_total, store.authority.promotions), (0, 2));
        prop_assert!(store.copies.iter().all(|copy| copy.role != CopyRole::Diverged), "{:?}", store.copies);
    }
}

/// An unplanned promotion while replication is cut: the old authority holds a suffix of its own until it is rebuilt.
fn rebuilt(ports: SimulatedPorts, found: Found) -> Working {
    Box::pin(async move {
        ports.sleep(Span::from_secs(60)).await;
        let mut said = Vec::new();
        said.push(format!("{:?}", ports.fence("orders", 2).await));
        said.push(format!("{:?}", ports.promote("orders", "north", 2).await.map(|p| p.epoch)));
        said.push(format!("{:?}", ports.promote("orders", "west", 3).await.is_err()));
        ports.sleep(Span::from_secs(20)).await;
        said.push(format!("{:?}", ports.rebuild("orders", "north").await.is_err()));
        let (first, second) = (ports.rebuild("orders", "west"), ports.rebuild("orders", "west"));
        said.push(format!("{:?}", first.await));
        said.push(format!("{:?}", second.await));
        ports.sleep(Span::from_secs(5)).await;
        said.push(format!("{:?}", switch(&ports, "north", "west", 3).await));
        *found.lock().expect("one thread") = said;
    })
}

#[test]
fn a_diverged_copy_is_rebuilt_follows_and_can_lead_again() {
    let text = world(
        "delay: 100ms, apply_rate: 500/s, promote_time: 1s, rebuild_time: 20s",
        40,
        "partition: {id: cut, region: west, from: north, at: 50s, for: 20s}",
    );
    let (record, said) = rehearse(&text, 1, rebuilt);
    assert_eq!(said, ["Ok(2)", "Ok(2)", "true", "true", "Ok(())", "Ok(())", "Ok(())"]);
    let store = &record.stores[0];
    assert!(store.authority.discarded >= store.lost_total && store.lost_total > 100, "{store:?}");
    assert_eq!(record.timeline.times("db.orders.rebuilt").count(), 1);
    assert_eq!(store.copies[0].role, CopyRole::Authority);
    assert_eq!((store.copies[0].rows, store.copies[0].digest), (store.copies[1].rows, store.copies[1].digest));
    let equal = |copy: &firedrill::record::CopyRecord| (copy.epoch, copy.applied_lsn);
    assert_eq!(equal(&store.copies[0]), equal(&store.copies[1]));
}

fn rebuilt_while_it_writes(ports: SimulatedPorts, found: Found) -> Working {
    Box::pin(async move {
        ports.sleep(Span::from_secs(60)).await;
        let mut said = Vec::new();
        said.push(format!("{:?}", ports.fence("orders", 2).await));
        said.push(format!("{:?}", ports.promote("orders", "north", 2).await.map(|p| p.epoch)));
        ports.sleep(Span::from_secs(30)).await;
        said.push(format!("{:?}", ports.copy_status("orders", "west").await.map(|copy| copy.writable)));
        said.push(format!("{:?}", ports.rebuild("orders", "west").await));
        *found.lock().expect("one thread") = said;
    })
}

/// An authority that nobody could tell writes on, also when it can be reached again; its rebuild stops it.
#[test]
fn an_old_authority_that_was_not_told_writes_until_it_is_rebuilt() {
    let text = world(
        "fencing: none, delay: 100ms, promote_time: 1s, rebuild_time: 20s",
        40,
        "partition: {id: cut, region: west, from: north, at: 50s, for: 20s}, \
         partition: {id: no_control, region: west, from: control, at: 50s, for: 20s}",
    );
    let (record, said) = rehearse(&text, 1, rebuilt_while_it_writes);
    assert_eq!(said, ["Ok(2)", "Ok(2)", "Ok(true)", "Ok(())"]);
    let authority = &record.stores[0].authority;
    assert!(authority.stale_epoch_total > 500 && authority.discarded >= authority.stale_epoch_total, "{authority:?}");
    let stopped = record.timeline.times("db.orders.rebuild_begun").next().expect("it was rebuilt");
    assert_eq!((authority.terms[0].region.as_str(), authority.terms[0].until), ("west", stopped));
    assert!(
        authority.stale_epoch.iter().all(|write| write.at < stopped && write.region == "west" && write.in_force == 2)
    );
    assert_eq!(record.stores[0].copies[0].role, CopyRole::Follower);
    assert_eq!(record.stores[0].copies[0].digest, record.stores[0].copies[1].digest);
}

#[test]
fn a_switch_without_clients_in_the_way_is_what_it_says() {
    let (record, found) = rehearse(&world("delay: 100ms, promote_time: 1s", 40, ""), 1, there);
    assert_eq!(found, ["Ok(())"]);
    let regions: Vec<_> = record.stores[0].authority.terms.iter().map(|t| (t.region.as_str(), t.epoch)).collect();
    assert_eq!(regions, [("west", 1), ("north", 2)]);
}

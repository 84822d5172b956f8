//! Controllers that die, are paused, doubled or overtaken at every call they make, before and after it is sent: what
//! they leave behind is safe, and whoever comes after them finishes it.

use super::{plan_of, sampled};
use firedrill::harness::interruptions;
use firedrill::model::Interruption;
use firedrill::record::{Record, StoreRecord};
use firedrill::rehearse::rehearsal;
use firedrill::scenario::Plan;
use firedrill::sim::{Rehearsal, Run, run};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// A procedure in a small world that makes it go one way.
struct Arena {
    name: &'static str,
    /// The procedures whose calls are struck.
    procedures: &'static [&'static str],
    scenario: String,
    /// How the run may end, struck or not: the region that the record names and that leads the database.
    ends_in: &'static [&'static str],
}

fn world(faults: &str, control: &str, duration: &str) -> String {
    format!(
        "
firedrill: 1
name: arena
duration: {duration}
settle: 20m
regions:
  west: {{services: {{api: {{servers: 4, time: 20ms, database: orders}}}}}}
  north: {{like: west, role: secondary}}
databases:
  orders: {{primary: west, replicas: [north], commit: async, delay: 300ms, promote_time: 2s}}
dns: {{zone: app.example, ttl: 10s, publish: 3s}}
resolvers: {{count: 4, violators: 0%}}
monitoring: {{scrape: 5s, window: 20s, delay: 1s}}
workload:
  - open: {{rate: 3/s, mix: {{read: 50%, write: 50%}}, keys: {{zipf: {{count: 20, s: 0.9}}}}, timeout: 5s}}
faults:
{faults}
control:
  - watch: {{id: pilot, every: 5s, sustained: 10s, min_requests: 1, cool_down: 60s, run: region_failover{control}}}
properties:
  one_writer: {{always: {{holds: db.orders.writable <= 1}}}}
"
    )
}

/// The data of three databases are gone, of which two are restored at the same time.
fn three_lost() -> String {
    let backups =
        "promote_time: 2s, rebuild_time: 20s, backups: {volume: 1GB, full: 30s, log: 10s, upload_rate: 1GB/s}";
    let lost = |name: &str| format!("  - data_lost: {{id: no_{name}, database: {name}, at: 60s}}\n");
    let service = |name: &str| format!(", {name}: {{servers: 4, time: 20ms, database: {name}}}}}");
    let clients = |name: &str| {
        format!("  - open: {{name: {name}, service: {name}, rate: 1/s, mix: {{write: 100%}}, timeout: 5s}}\n")
    };
    world(&["orders", "bills", "users"].map(lost).concat(), ", side_by_side: 2, restore_first: smallest", "8m")
        .replace("run: region_failover", "run: restore_from_backup")
        .replace("promote_time: 2s", backups)
        .replace("database: orders}}", &format!("database: orders}}{}", service("bills")))
        .replace("database: bills}}", &format!("database: bills}}{}", service("users")))
        .replace("  - open: {rate: 3/s", &format!("{}{}  - open: {{rate: 3/s, service: api", clients("bills"), clients("users")))
        .replace("dns:", "  bills: {like: orders, backups: {volume: 800MB}}\n  users: {like: orders, backups: {volume: 500MB}}\ndns:")
}

fn arenas() -> Vec<Arena> {
    let dark = "  - region_outage: {id: dark, region: west, at: 60s, for: 20m}\n";
    // The secondary goes dark once the record points at it: everything must be taken back.
    let both = format!("{dark}  - region_outage: {{id: too, region: north, at: 76s, for: 6m}}\n");
    vec![
        Arena {
            name: "failover",
            procedures: &["region_failover"],
            scenario: world(dark, "", "6m"),
            ends_in: &["north"],
        },
        Arena {
            name: "failback",
            procedures: &["failback"],
            scenario: world(
                "  - region_outage: {id: dark, region: west, at: 60s, for: 60s}\n",
                ", then: failback, hold_down: 60s",
                "8m",
            ),
            ends_in: &["west"],
        },
        Arena {
            name: "drill",
            procedures: &["drill", "region_failover", "failback"],
            scenario: world("  []", "", "8m").replace(
                "watch: {id: pilot, every: 5s, sustained: 10s, min_requests: 1, cool_down: 60s, run: region_failover}",
                "drill: {id: pilot, at: 60s, records: [app.example], databases: [orders], services: [api]}",
            ),
            ends_in: &["west"],
        },
        Arena {
            name: "restore",
            procedures: &["restore_from_backup"],
            // The newest backup is read in vain.
            scenario: world(
                "  - backup_unusable: {id: corrupt, database: orders, at: 55s}
  - data_lost: {id: gone, database: orders, at: 60s}",
                "",
                "8m",
            )
            .replace("run: region_failover", "run: restore_from_backup")
            .replace(
                "promote_time: 2s",
                "promote_time: 2s, rebuild_time: 20s, backups: {volume: 1GB, full: 30s, log: 10s, upload_rate: 1GB/s}",
            ),
            ends_in: &["west"],
        },
        Arena {
            name: "restores side by side",
            procedures: &["restore_from_backup"],
            scenario: three_lost(),
            ends_in: &["west"],
        },
        Arena {
            name: "failover taken back",
            procedures: &["region_failover"],
            scenario: world(&both, "", "8m"),
            ends_in: &["west", "north"],
        },
    ]
}

fn interrupted(plan: &Plan, interruptions: &[Interruption]) -> Run {
    run(Rehearsal { interruptions, ..rehearsal(plan, &plan.schedule(1)) }, 1)
}

/// Where the record points and who leads the databases in the end.
fn whereabouts(record: &Record) -> (String, String) {
    let last = |prefix: &str, suffix: &str| {
        let events = record.timeline.events().iter();
        events.filter(|e| e.name.starts_with(prefix) && e.name.ends_with(suffix)).map(|e| e.text.clone()).next_back()
    };
    let published = last("dns.", ".published")
        .map_or("west".to_owned(), |text| text.rsplit(' ').next().expect("a region").to_owned());
    let authority = |store: &StoreRecord| {
        let leads = store.copies.iter().find(|c| c.role == firedrill::record::CopyRole::Authority);
        leads.map_or("nobody".to_owned(), |copy| copy.region.clone())
    };
    let mut leaders: Vec<String> = record.stores.iter().map(authority).collect();
    leaders.dedup();
    (published, leaders.join(" and "))
}

/// What is wrong with how a struck run ended, if anything is.
fn wrong(arena: &Arena, run: &Run, interruptions_due: usize) -> Option<String> {
    let (record, events) = (&run.record, run.record.timeline.events());
    let count = |wanted: &dyn Fn(&str) -> bool| events.iter().filter(|e| wanted(&e.name)).count();
    if let Some(stopped) = &run.stopped {
        return Some(format!("stopped: {stopped:?}"));
    }
    let struck = count(&|name| name == "controller.pilot.struck");
    if struck != interruptions_due {
        return Some(format!("interrupted {struck} times, not {interruptions_due}"));
    }
    if count(&|name| name.ends_with(".stale_change")) > 0 {
        return Some("a superseded controller changed something".to_owned());
    }
    if count(&|name| name == "run.unsettled") > 0 {
        return Some("something was still under way in the end".to_owned());
    }
    let of_procedure = |name: &str| name.split('.').count() == 2;
    if count(&|name| of_procedure(name) && (name.ends_with(".undo_failed") || name.ends_with(".stopped"))) > 0 {
        return Some("it was left unfinished".to_owned());
    }
    for store in &record.stores {
        let writable = record.signal(&format!("db.{}.writable", store.store)).expect("always recorded");
        if writable.points().any(|(_, copies)| copies.part > 1) {
            return Some(format!("two copies of {} were writable at once", store.store));
        }
    }
    let (published, authority) = whereabouts(record);
    if published != authority || !arena.ends_in.contains(&authority.as_str()) {
        return Some(format!("the record names {published} and {authority} leads the database"));
    }
    record.stores.iter().find_map(|store| match store.announced.map(|bound| bound.if_alive) {
        Some(bound) if store.lost_before() > bound => {
            Some(format!("{}: {} writes lost, {bound} announced", store.store, store.lost_before()))
        }
        None if store.lost_total > 0 => {
            Some(format!("{}: {} writes lost, nothing announced", store.store, store.lost_total))
        }
        _ => None,
    })
}

/// Judges every cell on two threads.
pub fn judge<C: Sync>(cells: &[C], cell: impl Fn(&C) -> Option<String> + Sync) -> Vec<String> {
    let (next, found) = (Mutex::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let index = {
                        let mut next = next.lock().unwrap();
                        *next += 1;
                        *next - 1
                    };
                    let Some(one) = cells.get(index) else { return };
                    if let Some(wrong) = cell(one) {
                        found.lock().unwrap().push(wrong);
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort();
    found
}

/// Every (procedure, call, before or after sending, act), or a third of them: the matrix says what was interrupted.
#[test]
fn whatever_happens_to_a_controller_at_any_call_ends_safely() {
    for (number, arena) in arenas().into_iter().enumerate() {
        let plan = plan_of(&arena.scenario, arena.name, &[]);
        let planned = interruptions(&plan, 1, |procedure| arena.procedures.contains(&procedure));
        let kinds: BTreeMap<&str, usize> = planned.iter().fold(BTreeMap::new(), |mut kinds, interruption| {
            *kinds.entry(interruption.call.command.split(['(', ' ']).next().unwrap_or("")).or_insert(0) += 1;
            kinds
        });
        println!("{}: {} interruptions: {kinds:?}", arena.name, planned.len());
        assert!(planned.len() > 40 * 8, "{}: only {} interruptions", arena.name, planned.len());
        let planned = sampled(planned, number);
        let wrong = judge(&planned, |pending| {
            let found = wrong(&arena, &interrupted(&plan, &[pending.interruption]), 1)?;
            Some(format!("{}: {pending}: {found}", arena.name))
        });
        assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), planned.len(), wrong.join("\n"));
    }
}

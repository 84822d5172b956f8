//! Faults: scheduled misbehaviour of the world, each with its own healing.
//!
//! Owns what each kind of fault does to a model and the table it is read from, and the schedule: which fault happens
//! when. Does not know properties or control.
//!
//! Invariants: after `heal` the world is as if the fault had not begun, as far as that fault is concerned, whatever
//! other faults overlap it. A fault counts the operations it affects; one that affects none is reported.

mod action_fails;
mod autoscaler_off;
mod backup_unusable;
mod backups_stop;
mod balancer_late;
mod balancer_partly;
mod balancer_refuses;
mod bucket_down;
mod cache_lost;
mod capacity_loss;
mod catalog;
mod clock_skew;
mod common_mode;
mod control_throttled;
mod controller_double;
mod controller_kill;
mod controller_pause;
mod data_lost;
mod database_crash;
mod disk_full;
mod dns_api_down;
mod journal_down;
mod link_degraded;
mod monitoring_blackout;
mod monitoring_gap;
mod name_servers_bad;
mod name_servers_down;
mod notification_late;
mod notification_lost;
mod objects_damaged;
mod objects_late;
mod partition;
mod person_slow;
mod person_unreachable;
mod provisioning_down;
mod region_outage;
mod replication_stall;
pub mod schedule;
mod selection;
mod servers_added;
mod slow_share;
mod stale_plan;
mod zone_outage;

pub use catalog::CATALOG;
pub use schedule::{Injection, Timing, Trigger};

use crate::field::{Kind, Problems, Scope, Values};
use crate::model::World;
use crate::model::plan::WorldPlan;
use crate::record::FaultReach;
use crate::units::{BucketId, DatabaseId, FaultId, RegionId, ServiceId};
use std::fmt;
use std::sync::Arc;

/// One fault of a schedule, ready to happen.
pub trait Fault: fmt::Debug + Send + Sync {
    /// Begins.
    fn inject(&self, world: &mut World, id: FaultId);
    /// Ends.
    fn heal(&self, world: &mut World, id: FaultId);
    /// What it does, in a few words for a person: "westeurope is dark".
    fn describe(&self) -> String;
    /// How it can get at the requests of clients: whether recovery from it is measured, and what it can be blamed for.
    fn reach(&self) -> FaultReach;
    /// The same in this world, where that depends on what is in it.
    fn reach_in(&self, _: &WorldPlan) -> FaultReach {
        self.reach()
    }
    /// Why it makes no sense in this world, if it does not.
    fn misfit(&self, _: &WorldPlan) -> Option<Misfit> {
        None
    }
}

/// Why a fault makes no sense in a world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// What is missing.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// The misfit of a fault of the balancer, in a world without one.
fn no_balancer(world: &WorldPlan) -> Option<Misfit> {
    let message = "there is no balancer that could fail".to_owned();
    world.balancer.is_none().then(|| Misfit { message, help: "add a `balancer:` section".to_owned() })
}

/// The misfit of a fault of backups, if `database` has none.
fn no_backups(database: DatabaseId, world: &WorldPlan) -> Option<Misfit> {
    let plan = &world.databases[database.index()];
    let message = format!("the database {} is not backed up", plan.name);
    plan.backups.is_none().then(|| Misfit { message, help: "give it `backups`".to_owned() })
}

/// The misfit of a fault of a bucket in `region`, if it has no copy in that region.
fn no_copy(bucket: BucketId, region: Option<RegionId>, world: &WorldPlan) -> Option<Misfit> {
    let plan = &world.buckets[bucket.index()];
    let astray = region.filter(|region| !plan.regions.contains(region))?;
    let names: Vec<&str> = plan.regions.iter().map(|region| world.regions[region.index()].name.as_str()).collect();
    Some(Misfit {
        message: format!("the bucket {} has no copy in {}", plan.name, world.regions[astray.index()].name),
        help: format!("its copies are in {}", names.join(", ")),
    })
}

/// The misfit of a fault of autoscalers, where none of `services` has one.
fn no_autoscaler(services: &[ServiceId], place: &str, world: &WorldPlan) -> Option<Misfit> {
    let none = services.iter().all(|service| world.services[service.index()].autoscale.is_none());
    let message = format!("no service of {place} has an autoscaler");
    none.then(|| Misfit { message, help: "give one `autoscale`".to_owned() })
}

/// A kind of fault: how it is written, and how to build one.
#[derive(Debug)]
pub struct FaultKind {
    /// Its fields beside those every fault has.
    pub kind: Kind,
    /// Builds one from decoded values. `None` if a problem was reported.
    pub build: fn(&Values, &Scope, &mut Problems) -> Option<Arc<dyn Fault>>,
}

/// A fault of a scenario: what it does, and what the scenario says about when.
#[derive(Debug, Clone)]
pub struct PlannedFault {
    /// Its id, unique in the scenario.
    pub id: String,
    /// Its kind's name.
    pub kind: &'static str,
    /// When it happens.
    pub timing: Timing,
    /// Whether a run in which it did not happen, or affected nothing, is as good as any other.
    pub optional: bool,
    /// Whether it lasts for good: the end of the workload does not heal it.
    pub for_good: bool,
    /// What it does.
    pub fault: Arc<dyn Fault>,
}

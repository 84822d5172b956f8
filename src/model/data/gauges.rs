//! The signals that databases and their backups show.
//!
//! Owns which there are. Does not know who reads them. Invariant: sampling changes nothing but signals.

use crate::model::core::Core;
use crate::model::core::signals::{Gauge, SignalStore};
use crate::model::data::Data;
use crate::model::data::database::{BackupCatalogue, Replica};
use crate::model::plan::{Commit, DatabasePlan};
use crate::record::{Sample, SignalUnit};
use crate::units::{Instant, RegionId};

/// Signals of one database.
#[derive(Debug)]
pub(super) struct DatabaseGauges {
    lag: Gauge,
    backlog: Gauge,
    writable: Gauge,
    without_data: Gauge,
    /// By copy.
    positions: Vec<Gauge>,
    /// There only with synchronous commit.
    degraded: Option<Gauge>,
    /// There only if it is backed up.
    backups: Option<BackupGauges>,
}

/// Signals of the backups of one database.
#[derive(Debug)]
struct BackupGauges {
    age: Gauge,
    restorable: Gauge,
    restored: Gauge,
}

impl DatabaseGauges {
    /// Those of the database of `plan`. `name_of` names a region.
    pub fn new(plan: &DatabasePlan, signals: &mut SignalStore, name_of: impl Fn(RegionId) -> String) -> Self {
        let name = &plan.name;
        // In the order of the database's copies.
        let regions = std::iter::once(plan.primary).chain(plan.replicas.iter().map(|replica| replica.region));
        let positions = regions.map(|region| format!("db.{name}.{}.position", name_of(region)));
        let positions = positions.map(|name| signals.truth(name, SignalUnit::Count)).collect();
        let mut truth = |name: String, unit| signals.truth(name, unit);
        Self {
            lag: truth(format!("db.{name}.lag"), SignalUnit::Nanoseconds),
            backlog: truth(format!("db.{name}.backlog"), SignalUnit::Count),
            writable: truth(format!("db.{name}.writable"), SignalUnit::Count),
            without_data: truth(format!("db.{name}.without_data"), SignalUnit::Count),
            positions,
            degraded: (plan.commit == Commit::Synchronous)
                .then(|| truth(format!("db.{name}.degraded"), SignalUnit::Count)),
            backups: plan.backups.as_ref().map(|_| BackupGauges {
                age: truth(format!("db.{name}.backup_age"), SignalUnit::Nanoseconds),
                restorable: truth(format!("db.{name}.restorable_age"), SignalUnit::Nanoseconds),
                restored: truth(format!("db.{name}.restored_share"), SignalUnit::Ratio),
            }),
        }
    }
}

impl BackupGauges {
    fn sample(&self, backups: &BackupCatalogue, signals: &mut SignalStore, at: Instant) {
        let age = |of: Option<Instant>| of.map_or(Sample::MISSING, |of| Sample::count(at.since(of).as_nanos()));
        let (copied, whole) = backups.copied(at);
        signals.sample(self.age, at, age(backups.newest(at)));
        signals.sample(self.restorable, at, age(backups.restorable(at).map(|point| point.at)));
        signals.sample(self.restored, at, Sample::quotient(copied, whole));
    }
}

impl Data {
    /// Shows how databases are at `at`.
    pub(in crate::model) fn sample(&mut self, core: &mut Core, at: Instant) {
        let (regions, signals) = (&core.regions, &mut core.signals);
        for (state, gauges) in self.databases.iter_mut().zip(&self.gauges) {
            state.advance(at);
            let lag = state.lag(at).map_or(Sample::MISSING, |lag| Sample::count(lag.as_nanos()));
            signals.sample(gauges.lag, at, lag);
            signals.sample(gauges.backlog, at, Sample::count(state.backlog()));
            let up = |copy: &Replica| !copy.crashed.is_on() && !regions[copy.region.index()].dark.is_on();
            let writes = |copy: &usize| state.may_write(*copy, at) && up(&state.copies[*copy]);
            let writable = (0..state.copies.len()).filter(writes).count();
            signals.sample(gauges.writable, at, Sample::count(writable as u64));
            signals.sample(gauges.without_data, at, Sample::count(state.without_data()));
            for (copy, gauge) in state.copies.iter().zip(&gauges.positions) {
                let position = if copy.is_readable() { Sample::count(copy.applied) } else { Sample::MISSING };
                signals.sample(*gauge, at, position);
            }
            if let Some(degraded) = gauges.degraded {
                signals.sample(degraded, at, Sample::count(u64::from(state.degraded())));
            }
        }
    }

    /// Shows how backups are at `at`.
    pub(in crate::model) fn sample_backups(&self, core: &mut Core, at: Instant) {
        for (state, gauges) in self.databases.iter().zip(&self.gauges) {
            if let Some((gauges, backups)) = gauges.backups.as_ref().zip(state.backups.as_ref()) {
                gauges.sample(backups, &mut core.signals, at);
            }
        }
    }
}

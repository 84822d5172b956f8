//! The signals that buckets show.
//!
//! Owns which there are. Does not know who reads them. Invariant: sampling changes nothing but signals.

use super::ObjectStore;
use super::bucket::{Bucket, Copy};
use crate::model::core::Core;
use crate::model::core::signals::{Gauge, SignalStore};
use crate::model::plan::{BucketPlan, RegionPlan};
use crate::record::{Sample, SignalUnit};
use crate::units::Instant;

/// Signals of one bucket.
#[derive(Debug)]
pub(super) struct BucketGauges {
    lost: Gauge,
    out_of_reach: Gauge,
    /// By copy.
    copies: Vec<CopyGauges>,
}

/// Signals of one copy.
#[derive(Debug)]
struct CopyGauges {
    up: Gauge,
    behind: Gauge,
    damaged: Gauge,
    stale: Gauge,
}

impl BucketGauges {
    /// Those of the bucket of `plan`.
    pub fn new(plan: &BucketPlan, regions: &[RegionPlan], signals: &mut SignalStore) -> Self {
        let mut count = |name: String| signals.truth(name, SignalUnit::Count);
        let name = &plan.name;
        let lost = count(format!("bucket.{name}.lost"));
        let out_of_reach = count(format!("bucket.{name}.out_of_reach"));
        let mut copy = |region: &str| CopyGauges {
            up: count(format!("bucket.{name}.{region}.up")),
            behind: count(format!("bucket.{name}.{region}.behind")),
            damaged: count(format!("bucket.{name}.{region}.damaged")),
            stale: count(format!("bucket.{name}.{region}.stale")),
        };
        Self {
            lost,
            out_of_reach,
            copies: plan.regions.iter().map(|region| copy(&regions[region.index()].name)).collect(),
        }
    }

    fn sample(&self, bucket: &Bucket, core: &mut Core, at: Instant) {
        let answers = |copy: &Copy| !copy.down.is_on() && !core.regions[copy.region.index()].dark.is_on();
        let up: Vec<bool> = bucket.copies.iter().map(answers).collect();
        let out_of_reach = bucket.out_of_reach(answers);
        core.signals.sample(self.lost, at, Sample::count(bucket.lost()));
        core.signals.sample(self.out_of_reach, at, Sample::count(out_of_reach));
        for (copy, (gauges, up)) in self.copies.iter().zip(up).enumerate() {
            let counts = bucket.counts(copy);
            core.signals.sample(gauges.up, at, Sample::count(u64::from(up)));
            core.signals.sample(gauges.behind, at, Sample::count(counts.behind));
            core.signals.sample(gauges.damaged, at, Sample::count(counts.damaged));
            core.signals.sample(gauges.stale, at, Sample::count(bucket.stale(copy)));
        }
    }
}

impl ObjectStore {
    /// Shows how buckets are at `at`.
    pub(in crate::model) fn sample(&mut self, core: &mut Core, at: Instant) {
        self.advance_all(core, at);
        for (bucket, gauges) in self.buckets.iter().zip(&self.gauges) {
            gauges.sample(bucket, core, at);
        }
    }
}

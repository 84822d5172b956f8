//! Buckets of an object store.
//!
//! Owns what their copies hold, what is on its way between them, what faults do to them, and what control can have verified
//! and repaired. Does not know services: who puts an object or gets one says from which region. Invariant: nothing passes
//! between two copies while either is dark, down, or cut off from the other.

mod bucket;
mod gauges;
pub(super) mod objects_api;

pub use bucket::ObjectState;

use crate::model::core::Core;
use crate::units::{BucketId, FaultId, Instant, Ratio, RegionId, Span};
use bucket::{Bucket, Copy, ObjectDamage};
use gauges::BucketGauges;

/// Buckets.
#[derive(Debug)]
pub struct ObjectStore {
    buckets: Vec<Bucket>,
    /// By bucket.
    gauges: Vec<BucketGauges>,
}

/// What is due with buckets.
#[derive(Debug)]
pub(super) enum Due {
    /// A copy has been read to its end.
    Verified { call: u32, bucket: BucketId, region: RegionId },
    /// Objects have been copied into a copy: each key, and the copy its object comes from.
    Repaired { call: u32, bucket: BucketId, region: RegionId, found: Vec<(u32, Option<usize>)> },
}

/// The result of putting or getting an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// It was put, or it is as it was put.
    Well,
    /// It is as it was put, and has been replaced for so long.
    Old(Span),
    /// It is missing or corrupt.
    Damaged,
    /// The store answers errors.
    Down,
    /// Nobody answers.
    Silent,
}

impl ObjectStore {
    /// As the plan has them.
    pub(in crate::model) fn new(core: &mut Core) -> Self {
        let Core { plan, signals, .. } = core;
        let keys = plan.key_count();
        let gauges = plan.buckets.iter().map(|bucket| BucketGauges::new(bucket, &plan.regions, signals));
        Self { gauges: gauges.collect(), buckets: plan.buckets.iter().map(|b| Bucket::new(b, keys)).collect() }
    }

    /// Where the copy is that services of `region` use.
    pub(in crate::model) fn place(&self, bucket: BucketId, region: RegionId) -> RegionId {
        let bucket = &self.buckets[bucket.index()];
        bucket.copies[bucket.used_from(region)].region
    }

    /// How long the store takes over one object, and how long a service waits for its answer.
    pub(in crate::model) fn times(&self, bucket: BucketId) -> (Span, Span) {
        let plan = &self.buckets[bucket.index()].plan;
        (plan.time, plan.call_timeout)
    }

    /// An object is put into the copy in `place`, or got from there. Returns the result, with the fault that had a part
    /// in that. What is late elsewhere, or damaged on its way, is counted here: it does nothing to who put it.
    pub(in crate::model) fn serve(
        &mut self,
        core: &mut Core,
        (bucket, place): (BucketId, RegionId),
        (key, write): (u32, bool),
    ) -> (Came, Option<FaultId>) {
        if let Some(fault) = core.regions[place.index()].dark.holder() {
            return (Came::Silent, Some(fault));
        }
        self.advance(core, bucket, core.now()).into_iter().for_each(|fault| core.hit(fault));
        let bucket = &mut self.buckets[bucket.index()];
        let copy = bucket.used_from(place);
        if let Some(fault) = bucket.copies[copy].down.holder() {
            return (Came::Down, Some(fault));
        }
        if write {
            let (damaged_by, late_by) = bucket.put(copy, key, core.now());
            late_by.into_iter().for_each(|fault| core.hit(fault));
            return (Came::Well, damaged_by);
        }
        match bucket.get(copy, key, core.now()) {
            (ObjectState::Sound, _, ago) => (ago.map_or(Came::Well, Came::Old), None),
            (ObjectState::Missing | ObjectState::Corrupt, culprit, _) => (Came::Damaged, culprit),
        }
    }

    /// What is due by `at` arrives. Returns the faults that damage some of it.
    fn advance(&mut self, core: &Core, bucket: BucketId, at: Instant) -> Vec<FaultId> {
        self.buckets[bucket.index()].advance(at, |from, to| reaches(core, from, to))
    }

    /// What is due by now arrives everywhere: before who reaches whom changes.
    pub(in crate::model) fn catch_up(&mut self, core: &mut Core) {
        self.advance_all(core, core.now());
    }

    fn advance_all(&mut self, core: &mut Core, at: Instant) {
        for bucket in self.ids() {
            self.advance(core, bucket, at).into_iter().for_each(|fault| core.hit(fault));
        }
    }

    /// Whether nothing is on its way that could still arrive.
    pub(in crate::model) fn is_at_rest(&mut self, core: &mut Core) -> bool {
        self.catch_up(core);
        self.buckets.iter().all(|bucket| bucket.is_at_rest(|from, to| reaches(core, from, to)))
    }

    /// What the copies hold in the end goes into the fingerprint of the run.
    pub(in crate::model) fn close(&mut self, core: &mut Core) {
        self.catch_up(core);
        for bucket in &self.buckets {
            for (index, copy) in bucket.copies.iter().enumerate() {
                let region = core.region_name(copy.region);
                let text = format!("{}/{region}/{:x}", bucket.plan.name, bucket.fingerprint(index));
                core.chronicle.digest.note_text(core.now(), &text);
            }
        }
    }

    fn ids(&self) -> impl Iterator<Item = BucketId> + use<> {
        (0..self.buckets.len() as u16).map(BucketId)
    }

    /// What faults hold in every copy.
    pub(in crate::model) fn in_force(&self) -> impl Iterator<Item = String> + '_ {
        self.buckets.iter().flat_map(Bucket::in_force)
    }
}

/// Whether objects pass from one copy to another.
fn reaches(core: &Core, from: &Copy, to: &Copy) -> bool {
    let up = |copy: &Copy| !copy.down.is_on() && !core.regions[copy.region.index()].dark.is_on();
    up(from) && up(to) && core.network.cut_between(from.region, to.region).is_none()
}

/// What faults do to buckets. Each takes the fault's id, so that overlapping faults heal apart.
impl ObjectStore {
    /// The store answers errors in `region`, or wherever the bucket has a copy.
    pub fn take_down(&mut self, core: &mut Core, bucket: BucketId, region: Option<RegionId>, fault: FaultId) {
        self.catch_up(core);
        self.chosen(bucket, region).for_each(|copy| copy.down.hold(fault));
    }

    /// Objects that are put elsewhere arrive later, in `region` or in every copy.
    pub fn delay(&mut self, bucket: BucketId, region: Option<RegionId>, by: Span, fault: FaultId) {
        self.chosen(bucket, region).for_each(|copy| copy.late.push((fault, by)));
    }

    /// A share of the objects becomes so, in `region` or in every copy: of those that are there, and of those that are
    /// stored while this lasts. In every copy they are the same.
    pub fn damage(
        &mut self,
        core: &mut Core,
        (bucket, region): (BucketId, Option<RegionId>),
        (share, into): (Ratio, ObjectState),
        fault: FaultId,
    ) {
        self.catch_up(core);
        let draws = core.fault_stream(fault);
        let bucket = &mut self.buckets[bucket.index()];
        for copy in 0..bucket.copies.len() {
            if region.is_none_or(|region| bucket.copies[copy].region == region) {
                core.hits[fault.index()] += bucket.damage(copy, ObjectDamage { fault, share, into, draws });
            }
        }
    }

    /// Ends what `fault` does to `bucket`. What it has damaged stays so.
    pub fn heal(&mut self, core: &mut Core, bucket: BucketId, fault: FaultId) {
        self.catch_up(core);
        self.buckets[bucket.index()].heal(fault, core.now());
    }

    fn chosen(&mut self, bucket: BucketId, region: Option<RegionId>) -> impl Iterator<Item = &mut Copy> {
        let copies = self.buckets[bucket.index()].copies.iter_mut();
        copies.filter(move |copy| region.is_none_or(|region| copy.region == region))
    }
}

//! Replication of a bucket is late: what is put into one copy reaches another much later than usual.

use super::{Fault, FaultKind, Misfit, no_copy};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::model::plan::WorldPlan;
use crate::record::FaultReach;
use crate::units::{BucketId, FaultId, RegionId, Span};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "objects_late",
        "Objects put while this lasts reach the other copies late; healing lets them catch up.",
        &[
            Field::required("bucket", FieldType::Reference(Referent::Bucket), "The bucket."),
            Field::optional(
                "region",
                FieldType::Reference(Referent::Region),
                "The region of the copy that lags; left out, every copy.",
            ),
            Field::required("by", FieldType::PositiveSpan, "How much later."),
        ],
    ),
    build: |values, _, _| {
        let region = values.opt_reference("region").map(|_| values.region("region"));
        let name = values.reference("bucket").name.clone();
        Some(Arc::new(ObjectsLate { bucket: values.bucket("bucket"), region, by: values.span("by"), name }))
    },
};

#[derive(Debug)]
struct ObjectsLate {
    bucket: BucketId,
    region: Option<RegionId>,
    by: Span,
    name: String,
}

impl Fault for ObjectsLate {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.objects.delay(self.bucket, self.region, self.by, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.objects.heal(&mut world.core, self.bucket, id);
    }
    fn describe(&self) -> String {
        format!("replication of {} is delayed by {}", self.name, self.by)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Indirect
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        let alone = world.buckets[self.bucket.index()].regions.len() < 2;
        let nowhere = || Misfit {
            message: format!("the bucket {} has one copy, so nothing is replicated", self.name),
            help: "give it `replicas`".to_owned(),
        };
        no_copy(self.bucket, self.region, world).or_else(|| alone.then(nowhere))
    }
}

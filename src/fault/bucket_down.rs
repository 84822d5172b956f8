//! An object store answers errors: nothing is put, got, or replicated.

use super::{Fault, FaultKind, Misfit, no_copy};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::model::plan::WorldPlan;
use crate::record::FaultReach;
use crate::units::{BucketId, FaultId, RegionId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "bucket_down",
        "The object store returns errors for a bucket; nothing is replicated from or to it.",
        &[
            Field::required("bucket", FieldType::Reference(Referent::Bucket), "The bucket."),
            Field::optional(
                "region",
                FieldType::Reference(Referent::Region),
                "The region of the copy; left out, every copy is down.",
            ),
        ],
    ),
    build: |values, _, _| {
        let region = values.opt_reference("region").map(|_| values.region("region"));
        let name = values.reference("bucket").name.clone();
        Some(Arc::new(BucketDown { bucket: values.bucket("bucket"), region, name }))
    },
};

#[derive(Debug)]
struct BucketDown {
    bucket: BucketId,
    region: Option<RegionId>,
    name: String,
}

impl Fault for BucketDown {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.objects.take_down(&mut world.core, self.bucket, self.region, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.objects.heal(&mut world.core, self.bucket, id);
    }
    fn describe(&self) -> String {
        format!("the bucket {} is down", self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Direct
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        no_copy(self.bucket, self.region, world)
    }
}

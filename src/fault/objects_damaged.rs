//! Objects of a bucket are lost or become corrupt: deleted by a wrong rule, overwritten by a broken job, damaged on the disk. The
//! store says nothing of it; who gets such an object finds out.

use super::{Fault, FaultKind, Misfit, no_copy};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::plan::WorldPlan;
use crate::model::{ObjectState, World};
use crate::record::FaultReach;
use crate::units::{BucketId, FaultId, Ratio, RegionId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "objects_damaged",
        "A share of a bucket's objects is lost or corrupted: of those present, and of those stored while this lasts. \
         Healing does not bring them back.",
        &[
            Field::required("bucket", FieldType::Reference(Referent::Bucket), "The bucket."),
            Field::optional(
                "region",
                FieldType::Reference(Referent::Region),
                "The region of the copy; left out, every copy, and the same objects in each.",
            ),
            Field::with(
                "how",
                FieldType::Choice(&["lost", "corrupt"]),
                "lost",
                "product default: what a mistaken deletion does",
                "Whether they are missing or have the wrong content.",
            ),
            Field::with(
                "share",
                FieldType::Ratio,
                "1%",
                "product default: enough to notice, too few to trigger an alarm",
                "The share of objects.",
            ),
        ],
    ),
    build: |values, _, _| {
        let region = values.opt_reference("region").map(|_| values.region("region"));
        let into = if values.text("how") == "lost" { ObjectState::Missing } else { ObjectState::Corrupt };
        let (share, name) = (values.ratio("share"), values.reference("bucket").name.clone());
        Some(Arc::new(ObjectsDamaged { bucket: values.bucket("bucket"), region, into, share, name }))
    },
};

#[derive(Debug)]
struct ObjectsDamaged {
    bucket: BucketId,
    region: Option<RegionId>,
    into: ObjectState,
    share: Ratio,
    name: String,
}

impl Fault for ObjectsDamaged {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.objects.damage(&mut world.core, (self.bucket, self.region), (self.share, self.into), id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.objects.heal(&mut world.core, self.bucket, id);
    }
    fn describe(&self) -> String {
        let become_so = if self.into == ObjectState::Missing { "are lost" } else { "become corrupt" };
        format!("{} of the objects of {} {become_so}", self.share, self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Direct
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        no_copy(self.bucket, self.region, world)
    }
}

//! Replication stalls: the authority continues, its replicas do not follow.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{DatabaseId, FaultId, RegionId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "replication_stall",
        "Replication of a database stalls; what was in flight is sent again once it heals.",
        &[
            Field::required("database", FieldType::Reference(Referent::Database), "The database."),
            Field::optional(
                "region",
                FieldType::Reference(Referent::Region),
                "The region of the copy that stops replicating; left out, all of them.",
            ),
        ],
    ),
    build: |values, _, _| {
        let region = values.opt_reference("region").map(|_| values.region("region"));
        let name = values.reference("database").name.clone();
        Some(Arc::new(ReplicationStall { database: values.database("database"), region, name }))
    },
};

#[derive(Debug)]
struct ReplicationStall {
    database: DatabaseId,
    region: Option<RegionId>,
    name: String,
}

impl Fault for ReplicationStall {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.data.stall_replication(&mut world.core, self.database, self.region, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.data.resume_replication(&mut world.core, self.database, id);
    }
    fn describe(&self) -> String {
        format!("replication of {} is stalled", self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Indirect
    }
}

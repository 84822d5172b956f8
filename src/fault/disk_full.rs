//! The disk of a database is full: it can be read and not written to.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{DatabaseId, FaultId, RegionId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "disk_full",
        "The disk of a database copy is full: it refuses writes and serves reads; a replica stops replicating.",
        &[
            Field::required("database", FieldType::Reference(Referent::Database), "The database."),
            Field::optional(
                "region",
                FieldType::Reference(Referent::Region),
                "The region of the copy; left out, the current authority.",
            ),
        ],
    ),
    build: |values, _, _| {
        let region = values.opt_reference("region").map(|_| values.region("region"));
        let name = values.reference("database").name.clone();
        Some(Arc::new(DiskFull { database: values.database("database"), region, name }))
    },
};

#[derive(Debug)]
struct DiskFull {
    database: DatabaseId,
    region: Option<RegionId>,
    name: String,
}

impl Fault for DiskFull {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.data.fill_disk(&mut world.core, self.database, self.region, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.data.free_disk(&mut world.core, self.database, id);
    }
    fn describe(&self) -> String {
        format!("a disk of {} is full", self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Indirect
    }
}

//! A database process dies and, when healed, comes back with what was durable.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{DatabaseId, FaultId, RegionId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "database_crash",
        "A database process crashes: connections are reset and what was not durable is lost; once healed, it is back \
         with the rest.",
        &[
            Field::required("database", FieldType::Reference(Referent::Database), "The database."),
            Field::optional(
                "region",
                FieldType::Reference(Referent::Region),
                "The region of the copy that crashes; left out, the current authority.",
            ),
        ],
    ),
    build: |values, _, _| {
        let region = values.opt_reference("region").map(|_| values.region("region"));
        let name = values.reference("database").name.clone();
        Some(Arc::new(DatabaseCrash { database: values.database("database"), region, name }))
    },
};

#[derive(Debug)]
struct DatabaseCrash {
    database: DatabaseId,
    region: Option<RegionId>,
    name: String,
}

impl Fault for DatabaseCrash {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.data.crash_database(&mut world.core, self.database, self.region, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.data.restart_database(&mut world.core, self.database, id);
    }
    fn describe(&self) -> String {
        format!("a process of {} is down", self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Direct
    }
}

//! The data of a database are destroyed: deleted by mistake, overwritten, encrypted. Nothing brings them back but a copy
//! that still has them, or a backup; without either they are gone for good.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{DatabaseId, FaultId, RegionId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "data_lost",
        "The data of a database are destroyed, in one copy or in all; healing does not bring them back.",
        &[
            Field::required("database", FieldType::Reference(Referent::Database), "The database."),
            Field::optional(
                "region",
                FieldType::Reference(Referent::Region),
                "The region of the copy that loses its data; left out, all copies.",
            ),
        ],
    ),
    build: |values, _, _| {
        let region = values.opt_reference("region").map(|_| values.region("region"));
        let name = values.reference("database").name.clone();
        Some(Arc::new(DataLost { database: values.database("database"), region, name }))
    },
};

#[derive(Debug)]
struct DataLost {
    database: DatabaseId,
    region: Option<RegionId>,
    name: String,
}

impl Fault for DataLost {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.data.destroy_data(&mut world.core, self.database, self.region, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.data.stop_destroying(self.database, id);
    }
    fn describe(&self) -> String {
        format!("the data of {} are gone", self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Direct
    }
}

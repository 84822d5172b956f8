//! Backups silently stop: the job fails, and so do its alerts.

use super::{Fault, FaultKind, Misfit, no_backups};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::model::plan::WorldPlan;
use crate::record::FaultReach;
use crate::units::{DatabaseId, FaultId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "backups_stop",
        "Backups of a database silently stop; once healed, the log since then is archived at once.",
        &[Field::required("database", FieldType::Reference(Referent::Database), "The database.")],
    ),
    build: |values, _, _| {
        let name = values.reference("database").name.clone();
        Some(Arc::new(BackupsStop { database: values.database("database"), name }))
    },
};

#[derive(Debug)]
struct BackupsStop {
    database: DatabaseId,
    name: String,
}

impl Fault for BackupsStop {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.data.stop_backups(self.database, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.data.resume_backups(self.database, id);
    }
    fn describe(&self) -> String {
        format!("no backups of {} are taken", self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        no_backups(self.database, world)
    }
}

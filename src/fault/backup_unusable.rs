//! Backups that are there and cannot be restored: corrupt, of the wrong version, a piece of the log missing. The
//! catalogue assumes they are valid until somebody reads them.

use super::{Fault, FaultKind, Misfit, no_backups};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::plan::WorldPlan;
use crate::model::{Corruption, World};
use crate::record::FaultReach;
use crate::units::{DatabaseId, FaultId, Instant, Span};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "backup_unusable",
        "Backups of a database cannot be restored, which only reading them reveals.",
        &[
            Field::required("database", FieldType::Reference(Referent::Database), "The database."),
            Field::with(
                "what",
                FieldType::Choice(&["newest", "log", "all"]),
                "newest",
                "product default: the one that a restore tries first",
                "The newest full backup, the newest log segment (after which the log is useless), or every backup and \
                 segment from `since` on, future ones included.",
            ),
            Field::optional(
                "since",
                FieldType::Span,
                "With `what: all`, the time in the run from which they are unusable; left out, when the fault starts.",
            ),
        ],
    ),
    build: |values, _, _| {
        let what = match values.text("what") {
            "newest" => What::Newest,
            "log" => What::Log,
            _ => What::All(values.opt_span("since")),
        };
        let name = values.reference("database").name.clone();
        Some(Arc::new(BackupUnusable { database: values.database("database"), what, name }))
    },
};

#[derive(Debug, Clone, Copy)]
enum What {
    Newest,
    Log,
    All(Option<Span>),
}

#[derive(Debug)]
struct BackupUnusable {
    database: DatabaseId,
    what: What,
    name: String,
}

impl Fault for BackupUnusable {
    fn inject(&self, world: &mut World, id: FaultId) {
        let since = |since: Option<Span>| since.map_or(world.now(), |since| Instant::ZERO.saturating_add(since));
        let corruption = match self.what {
            What::Newest => Corruption::NewestFull,
            What::Log => Corruption::NewestLog,
            What::All(from) => Corruption::Since(since(from)),
        };
        world.data.corrupt_backups(&mut world.core, self.database, corruption, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.data.repair_backups(self.database, id);
    }
    fn describe(&self) -> String {
        let what = match self.what {
            What::Newest => "the newest full backup",
            What::Log => "a piece of the archived log",
            What::All(_) => "every backup from some time on",
        };
        format!("{what} of {} is unusable", self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        no_backups(self.database, world)
    }
}

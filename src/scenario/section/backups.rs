//! `databases.<database>.backups`: what is kept of a database elsewhere, and how long it takes to get it back.

use super::Context;
use crate::field::{Field, FieldType, Kind, Node, Referent, Values};
use crate::model::plan::BackupPlan;
use crate::units::Span;

pub(super) const BACKUPS: Kind = Kind::new(
    "backups",
    "Full backups and an archived log between them. A full backup of the initial state exists from the start.",
    &[
        Field::required(
            "volume",
            FieldType::Bytes,
            "The size of the database at the start; each write adds \
                                                     `record_size`.",
        ),
        Field::optional(
            "place",
            FieldType::Reference(Referent::Region),
            "The region that stores them, and that takes them down with it. Left out: elsewhere, unaffected by any \
             outage.",
        ),
        Field::with(
            "full",
            FieldType::PositiveSpan,
            "24h",
            "Supabase documentation: daily backups (Azure SQL: weekly, with differential ones each 12 h)",
            "The interval between full backups.",
        ),
        Field::with(
            "log",
            FieldType::Span,
            "10m",
            "Azure SQL documentation: log backups every 5 to 10 min (Supabase archives its log every 2 min)",
            "The interval at which the log is archived; zero: the log is not archived.",
        ),
        Field::with(
            "retention",
            FieldType::PositiveSpan,
            "7d",
            "Azure SQL documentation: point-in-time restore, 7 days by default",
            "How far back a restore can go.",
        ),
        Field::with(
            "upload_rate",
            FieldType::Throughput,
            "100MB/s",
            "product default: one stream that fills a gigabit link",
            "How fast backups are uploaded.",
        ),
        Field::with(
            "restore_rate",
            FieldType::Throughput,
            "30MB/s",
            "product default: between the 60 Mbit/s of GitLab's postmortem (2017) and some 100 MB/s of parallel streams",
            "How fast a full backup is restored into a database.",
        ),
        Field::with(
            "verify_rate",
            FieldType::Throughput,
            "200MB/s",
            "product default: checksums are computed beside the store, at the speed of its disks",
            "How fast a backup and the log after it are verified.",
        ),
        Field::with(
            "replay_rate",
            FieldType::Rate,
            "5k/s",
            "product default: one process applying small changes, mostly in memory",
            "Log records replayed per second on top of a full backup.",
        ),
    ],
);

/// The backups of a database.
pub(super) fn backups(name: &str, values: &Values, context: &mut Context<'_>) -> Option<BackupPlan> {
    let table = values.opt_table("backups")?;
    let ages = [format!("db.{name}.backup_age"), format!("db.{name}.restorable_age")];
    let properties = context.root.get("properties");
    let watched = properties.is_some_and(|properties| ages.iter().any(|age| mentions(properties, age)));
    context.keep(format!("databases.{name}.backups"), table);
    Some(BackupPlan {
        watched,
        place: table.opt_reference("place").map(|_| table.region("place")),
        full_every: table.span("full"),
        log_every: Some(table.span("log")).filter(|every| *every > Span::ZERO),
        retention: table.span("retention"),
        volume: table.bytes("volume"),
        record: values.bytes("record_size"),
        upload: table.throughput("upload_rate"),
        restore: table.throughput("restore_rate"),
        verify: table.throughput("verify_rate"),
        replay: table.rate("replay_rate"),
    })
}

/// Whether some text in `node` contains `words`.
fn mentions(node: &Node, words: &str) -> bool {
    node.text().is_some_and(|text| text.contains(words))
        || node.elements().iter().any(|element| mentions(element, words))
        || node.entries().iter().any(|entry| mentions(&entry.value, words))
}

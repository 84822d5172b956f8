//! Verifies the copies of a bucket at regular intervals, and repairs damage.

use super::{Control, ControlKind, Working};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::SimulatedPorts;
use crate::model::plan::WorldPlan;
use crate::procedure::{ScrubPlan, scrub};
use crate::record::event::EventKind;
use crate::units::{BucketId, Span};
use std::sync::Arc;

/// The kind.
pub const KIND: ControlKind = ControlKind {
    kind: Kind::new(
        "scrub",
        "Verifies every copy of a bucket at regular intervals, and repairs missing or corrupt objects from another \
         copy.",
        &[
            Field::required("bucket", FieldType::Reference(Referent::Bucket), "The bucket."),
            Field::with(
                "every",
                FieldType::PositiveSpan,
                "24h",
                "product default: once a day, as object stores scrub their own disks in the background",
                "The interval between the starts of two rounds.",
            ),
        ],
    ),
    build: |values, _, _| Some(Arc::new(Scrub { bucket: values.bucket("bucket"), every: values.span("every") })),
};

#[derive(Debug)]
struct Scrub {
    bucket: BucketId,
    every: Span,
}

impl Control for Scrub {
    fn start(&self, world: &WorldPlan, ports: SimulatedPorts) -> Working {
        let bucket = &world.buckets[self.bucket.index()];
        let name = |region: &crate::units::RegionId| world.regions[region.index()].name.clone();
        let regions = bucket.regions.iter().map(name).collect();
        Box::pin(scrub(ports, ScrubPlan { bucket: bucket.name.clone(), regions, every: self.every }))
    }
    fn events(&self) -> Option<Vec<String>> {
        Some(EventKind::all().filter(|kind| matches!(kind, EventKind::Scrub(_))).map(|kind| kind.called(&[])).collect())
    }
}

//! Scrapes of one region are missing, though its services are fine: no data, which is not bad data.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{FaultId, RegionId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "monitoring_gap",
        "The services of a region are not scraped although they serve: their metrics go stale.",
        &[Field::required("region", FieldType::Reference(Referent::Region), "The region that is not scraped.")],
    ),
    build: |values, _, _| {
        let name = values.reference("region").name.clone();
        Some(Arc::new(MonitoringGap { region: values.region("region"), name }))
    },
};

#[derive(Debug)]
struct MonitoringGap {
    region: RegionId,
    name: String,
}

impl Fault for MonitoringGap {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.observe.skip_scrapes(self.region, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.observe.resume_scrapes(self.region, id);
    }
    fn describe(&self) -> String {
        format!("{} is not scraped", self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
}

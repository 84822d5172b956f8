//! A region goes down: nothing in it answers, work in progress is lost, and replication from and to it stalls.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{FaultId, RegionId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "region_outage",
        "A region goes down: nothing in it answers, work in progress is lost, and nothing is replicated from or to \
         it.",
        &[Field::required("region", FieldType::Reference(Referent::Region), "The region that goes down.")],
    ),
    build: |values, _, _| {
        let name = values.reference("region").name.clone();
        Some(Arc::new(RegionOutage { region: values.region("region"), name }))
    },
};

#[derive(Debug)]
struct RegionOutage {
    region: RegionId,
    name: String,
}

impl Fault for RegionOutage {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.take_down_region(self.region, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.bring_up_region(self.region, id);
    }
    fn describe(&self) -> String {
        format!("{} is down", self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Direct
    }
}

//! A zone of a region goes down, with the servers and the copies of databases that are in it.

use super::{Fault, FaultKind, Misfit};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::model::plan::WorldPlan;
use crate::record::FaultReach;
use crate::units::{FaultId, RegionId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "zone_outage",
        "An availability zone goes down: its share of every service's servers is lost with the work in progress, and \
         so are the database copies in it.",
        &[
            Field::required("region", FieldType::Reference(Referent::Region), "The region."),
            Field::with(
                "zone",
                FieldType::Count { min: 1, max: 16 },
                "1",
                "product default: zones differ only in the database copies they hold",
                "Which zone, from 1 to the region's `zones`.",
            ),
        ],
    ),
    build: |values, _, _| {
        let name = values.reference("region").name.clone();
        Some(Arc::new(ZoneOutage { region: values.region("region"), zone: values.count_u32("zone"), name }))
    },
};

#[derive(Debug)]
struct ZoneOutage {
    region: RegionId,
    zone: u32,
    name: String,
}

impl Fault for ZoneOutage {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.take_down_zone(self.region, self.zone, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.bring_up_zone(self.region, id);
    }
    fn describe(&self) -> String {
        format!("zone {} of {} is down", self.zone, self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Direct
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        let zones = world.regions[self.region.index()].zones;
        let message = format!("{} has no zone {}: `zones` is {zones}", self.name, self.zone);
        let help = "name one from 1 to that, or give the region more zones".to_owned();
        (self.zone > zones).then_some(Misfit { message, help })
    }
}

//! Servers are added to a service: usually a relief, unless they are too many for each other.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Problem, Referent};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{FaultId, RegionId, ServiceId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "servers_added",
        "Servers are added to a service, and removed again at the end, with the consequences that its `fleet` \
         describes.",
        &[
            Field::required("region", FieldType::Reference(Referent::Region), "The region."),
            Field::required("service", FieldType::Reference(Referent::Service), "The service."),
            Field::required("servers", FieldType::Count { min: 1, max: 100_000 }, "How many."),
        ],
    ),
    build: |values, scope, problems| {
        let region: RegionId = values.region("region");
        let (region_name, service) = (&values.reference("region").name, &values.reference("service").name);
        let Some(id) = scope.service_in(service, region) else {
            let problem = Problem::error("FD0219", values.place("service"), "the region has no such service");
            problems.push(problem.help("name a service that the region declares"));
            return None;
        };
        let place = format!("{region_name}.{service}");
        Some(Arc::new(ServersAdded { service: id, servers: values.count_u32("servers"), place }))
    },
};

#[derive(Debug)]
struct ServersAdded {
    service: ServiceId,
    servers: u32,
    place: String,
}

impl Fault for ServersAdded {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.hit(id);
        world.add_servers(self.service, self.servers, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.remove_added_servers(self.service, id);
    }
    fn describe(&self) -> String {
        format!("{} servers are added to {}", self.servers, self.place)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Indirect
    }
}

//! Servers that an autoscaler asks for cannot be had.

use super::{Fault, FaultKind, Misfit};
use crate::field::{Field, FieldType, Kind, Problem, Referent};
use crate::model::World;
use crate::model::plan::WorldPlan;
use crate::units::{FaultId, ServiceId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "provisioning_down",
        "No server that an autoscaler asks for can be had. It goes on taking servers away.",
        &[
            Field::required("region", FieldType::Reference(Referent::Region), "The region."),
            Field::optional(
                "service",
                FieldType::Reference(Referent::Service),
                "The service; left out, every service of the region that has an autoscaler.",
            ),
        ],
    ),
    build: |values, scope, problems| {
        let region = values.region("region");
        let service = values.opt_reference("service").map(|reference| reference.name.clone());
        let services = scope.services(service.as_deref(), Some(region));
        if services.is_empty() {
            let problem = Problem::error("FD0219", values.place("region"), "the region has no such service");
            problems.push(problem.help("name a service that the region declares, or leave `service` out"));
            return None;
        }
        let name = values.reference("region").name.clone();
        Some(Arc::new(ProvisioningDown { services, place: service.map_or(name.clone(), |s| format!("{name}.{s}")) }))
    },
};

#[derive(Debug)]
struct ProvisioningDown {
    services: Vec<ServiceId>,
    place: String,
}

impl Fault for ProvisioningDown {
    fn inject(&self, world: &mut World, id: FaultId) {
        self.services.iter().for_each(|service| world.starve_autoscaler(*service, id));
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        self.services.iter().for_each(|service| world.feed_autoscaler(*service, id));
    }
    fn describe(&self) -> String {
        format!("no server can be had for {}", self.place)
    }
    fn is_outage(&self) -> bool {
        false
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        super::no_autoscaler(&self.services, &self.place, world)
    }
}

//! A share of the servers of a region is gone: what is left must carry everything.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Problem, Referent};
use crate::model::World;
use crate::units::{FaultId, Ratio, ServiceId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "capacity_loss",
        "A share of the servers of a region's services is gone, with the work they had begun. What several losses leave \
         is the product of what each leaves.",
        &[
            Field::required("region", FieldType::Reference(Referent::Region), "The region."),
            Field::optional(
                "service",
                FieldType::Reference(Referent::Service),
                "The service; left out, every service of the region.",
            ),
            Field::required("share", FieldType::Ratio, "The share of servers gone; a part of a server is a whole one."),
        ],
    ),
    build: |values, scope, problems| {
        let region = values.region("region");
        let service = values.opt_reference("service").map(|reference| reference.name.clone());
        let share = values.ratio("share");
        let services = scope.services(service.as_deref(), Some(region));
        if services.is_empty() {
            let problem = Problem::error("FD0219", values.place("region"), "the region has no such service");
            problems.push(problem.help("name a service that the region declares, or leave `service` out"));
            return None;
        }
        if share == Ratio::ZERO {
            let problem = Problem::error("FD0220", values.place("share"), "this fault changes nothing");
            problems.push(problem.help("set `share` above 0%"));
            return None;
        }
        let name = values.reference("region").name.clone();
        Some(Arc::new(CapacityLoss { services, share, place: service.map_or(name.clone(), |s| format!("{name}.{s}")) }))
    },
};

#[derive(Debug)]
struct CapacityLoss {
    services: Vec<ServiceId>,
    share: Ratio,
    place: String,
}

impl Fault for CapacityLoss {
    fn inject(&self, world: &mut World, id: FaultId) {
        for service in &self.services {
            world.lose_servers(*service, self.share, id);
        }
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        for service in &self.services {
            world.regain_servers(*service, id);
        }
    }
    fn describe(&self) -> String {
        format!("{} of the servers of {} are gone", self.share, self.place)
    }
    fn is_outage(&self) -> bool {
        true
    }
}

//! What a cache holds is gone: everything asks what lies behind it.

use super::{Fault, FaultKind, Misfit};
use crate::field::{Field, FieldType, Kind, Problem, Referent};
use crate::model::World;
use crate::model::plan::WorldPlan;
use crate::units::{FaultId, ServiceId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "cache_lost",
        "What the caches of a region's services hold is gone. While the fault lasts they answer nothing and take nothing \
         up; afterwards they are cold, and fill as what lies behind them answers.",
        &[
            Field::required("region", FieldType::Reference(Referent::Region), "The region."),
            Field::optional(
                "service",
                FieldType::Reference(Referent::Service),
                "The service; left out, every service of the region.",
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
        Some(Arc::new(CacheLost { services, place: service.map_or(name.clone(), |s| format!("{name}.{s}")) }))
    },
};

#[derive(Debug)]
struct CacheLost {
    services: Vec<ServiceId>,
    place: String,
}

impl Fault for CacheLost {
    fn inject(&self, world: &mut World, id: FaultId) {
        self.services.iter().for_each(|service| world.lose_cache(*service, id));
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        self.services.iter().for_each(|service| world.regain_cache(*service, id));
    }
    fn describe(&self) -> String {
        format!("what the caches of {} held is lost", self.place)
    }
    fn is_outage(&self) -> bool {
        true
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        let none = self.services.iter().all(|service| world.services[service.index()].cache.is_none());
        none.then(|| Misfit {
            message: format!("no service of {} has a cache", self.place),
            help: "give one a `cache`".to_owned(),
        })
    }
}

//! Which services a fault is about: one of a region, or all of it.
//!
//! Owns how that is written and what it is called. Does not know what the fault does to them.
//!
//! Invariant: a selection that was read holds at least one service.

use crate::field::{Field, FieldType, Problem, Problems, Referent, Scope, Values};
use crate::units::ServiceId;

/// The services of a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selection {
    /// At least one.
    pub services: Vec<ServiceId>,
    /// The region's name.
    pub region: String,
    /// What they are called together: `west.api`, or `west` for all that is there.
    pub place: String,
}

impl Selection {
    /// Where they are.
    pub const REGION: Field = Field::required("region", FieldType::Reference(Referent::Region), "The region.");
    /// Which of them.
    pub const SERVICE: Field = Self::service("The service; left out, every service of the region.");

    /// Which of them; `doc` says what is meant if it is left out.
    pub const fn service(doc: &'static str) -> Field {
        Field::optional("service", FieldType::Reference(Referent::Service), doc)
    }

    /// Reads the two fields. `None` if a problem was reported.
    pub fn read(values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Self> {
        let service = values.opt_reference("service").map(|reference| reference.name.as_str());
        let services = scope.services(service, Some(values.region("region")));
        if services.is_empty() {
            let field = if service.is_some() { "service" } else { "region" };
            let problem = Problem::error("FD0219", values.place(field), "the region has no such service");
            problems.push(problem.help("name a service that the region declares, or leave `service` out"));
            return None;
        }
        let region = values.reference("region").name.clone();
        let place = service.map_or_else(|| region.clone(), |service| format!("{region}.{service}"));
        Some(Self { services, region, place })
    }
}

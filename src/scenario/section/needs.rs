//! `control_plane.needs`: what has to be there for control interfaces to answer.

use super::Context;
use crate::field::{Field, FieldType, Kind, Referent, Values};
use crate::model::plan::{Interface, Need};

const NEED: Kind = Kind::new(
    "need",
    "A region, or a service in it.",
    &[
        Field::required(
            "region",
            FieldType::Reference(Referent::Region),
            "The region: while it is down or cut off, the interface does not answer.",
        ),
        Field::optional(
            "service",
            FieldType::Reference(Referent::Service),
            "A service there that every call depends on, with a request like any other, such as an identity service. \
             Left out: none.",
        ),
    ],
)
.short("region");

pub(super) const NEEDS: Kind = Kind::new(
    "needs",
    "What control interfaces depend on.",
    &[
        interface("dns", "The interface that reads and changes DNS records."),
        interface("balancer", "The interface that sets the balancer's weights."),
        interface("services", "The interface that activates and inspects services of regions."),
        interface("databases", "The interface that fences, promotes, rebuilds and inspects copies of databases."),
        interface("backups", "The interface that lists, verifies and restores backups."),
        interface("objects", "The interface that inspects, verifies and repairs buckets."),
        interface("provisioning", "The interface that autoscalers request servers from."),
        interface("monitoring", "The interface that metrics are read from."),
        interface("notification", "The interface that accepts messages and pages."),
    ],
);

const fn interface(name: &'static str, doc: &'static str) -> Field {
    Field::optional(name, FieldType::Table(&NEED), doc)
}

/// Every need that is written. `None` if a problem was reported.
pub(super) fn build(table: &Values, context: &mut Context<'_>) -> Option<Vec<Need>> {
    let mut needs = Vec::new();
    for (field, ..) in table.fields() {
        if let Some(values) = table.opt_table(field.name) {
            needs.extend(Interface::named(field.name).map(|interface| need(interface, values, context)));
        }
    }
    super::all(needs)
}

fn need(interface: Interface, values: &Values, context: &mut Context<'_>) -> Option<Need> {
    let region = values.region("region");
    let Some(name) = values.opt_reference("service").map(|reference| reference.name.clone()) else {
        return Some(Need { interface, region, service: None });
    };
    let service = context.scope.service_in(&name, region);
    if service.is_none() {
        let help = "name a service that the region declares, or leave `service` out";
        context.refuse("FD0219", values.place("service"), "the region has no such service", help);
    }
    service.map(|service| Need { interface, region, service: Some(service) })
}

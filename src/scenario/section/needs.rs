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
            "The region: while it is dark or cut off, the interface answers nothing.",
        ),
        Field::optional(
            "service",
            FieldType::Reference(Referent::Service),
            "A service there that every call has to ask first, with a request like any other, such as one that says who \
             is asking. Left out: none.",
        ),
    ],
)
.short("region");

pub(super) const NEEDS: Kind = Kind::new(
    "needs",
    "What control interfaces need in order to answer.",
    &[
        interface("dns", "The interface where DNS records are changed and read."),
        interface("balancer", "The interface where the balancer is told its weights."),
        interface("services", "The interface where services of regions are activated and looked at."),
        interface("databases", "The interface where copies of databases are fenced, promoted, rebuilt and looked at."),
        interface("backups", "The interface where backups are listed and verified, and restored from."),
        interface("objects", "The interface where buckets are looked at, verified and repaired."),
        interface("provisioning", "The interface where autoscalers ask for servers."),
        interface("monitoring", "The interface where metrics are read."),
        interface("notification", "The interface where messages and pages are handed in."),
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

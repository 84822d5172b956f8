//! A control interface is throttled: it takes so many calls, and turns away those above.

use super::{Fault, FaultKind, Misfit, no_balancer};
use crate::field::{Field, FieldType, Kind};
use crate::model::World;
use crate::model::plan::{Interface, LimitPlan, RetryAfter, WorldPlan};
use crate::record::FaultReach;
use crate::units::{FaultId, Rate, Span};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "control_throttled",
        "A control interface is rate-limited across all controllers and refuses the calls above the limit, as provider \
         APIs do. Reads count as much as changes. A refused call has had no effect and may be retried.",
        &[
            Field::required("interface", FieldType::Choice(Interface::CALLED), "Which one."),
            Field::with(
                "calls",
                FieldType::Rate,
                "5/s",
                "Amazon Route 53: five requests per second for all of an account, until it became ten",
                "Calls per unit of time: the rate at which the token bucket refills.",
            ),
            Field::with(
                "over",
                FieldType::PositiveSpan,
                "1s",
                "that limit was one per second; the present one of Route 53 holds five seconds' worth",
                "The bucket's capacity is the rate times this span: that many calls may pass at once after a pause.",
            ),
        ],
    ),
    build: |values, _, _| {
        let interface = Interface::named(values.text("interface"))?;
        let (name, calls, over) = (values.text("interface").to_owned(), values.rate("calls"), values.span("over"));
        Some(Arc::new(ControlThrottled { interface, name, calls, over }))
    },
};

#[derive(Debug)]
struct ControlThrottled {
    interface: Interface,
    name: String,
    calls: Rate,
    over: Span,
}

impl Fault for ControlThrottled {
    fn inject(&self, world: &mut World, id: FaultId) {
        let limit =
            LimitPlan { requests: Some(self.calls), tokens: None, over: self.over, retry_after: RetryAfter::Nothing };
        world.core.throttle(self.interface, limit, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.core.end_throttling(id);
    }
    fn describe(&self) -> String {
        format!("calls of the control interface `{}` are throttled to {}", self.name, self.calls)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        let missing = |none: bool, what: &str, help: &str| {
            let message = format!("there is no {what}, so nothing calls the interface `{}`", self.name);
            none.then(|| Misfit { message, help: help.to_owned() })
        };
        let databases = &world.databases;
        missing(world.controllers.is_empty(), "controller", "add one under `control:`").or_else(|| {
            match self.interface {
                Interface::Balancer => no_balancer(world),
                Interface::Databases => missing(databases.is_empty(), "database", "add one under `databases:`"),
                Interface::Backups => {
                    missing(databases.iter().all(|d| d.backups.is_none()), "backup", "give a database `backups`")
                }
                Interface::Objects => missing(world.buckets.is_empty(), "bucket", "add one under `buckets:`"),
                _ => None,
            }
        })
    }
}

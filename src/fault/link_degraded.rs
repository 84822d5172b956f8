//! A link browns out: messages still pass, but some are lost and the rest take longer.

use super::partition::{DIRECTION, direction};
use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Problem, Referent};
use crate::model::{Direction, LinkDegradation, World};
use crate::record::FaultReach;
use crate::units::{FaultId, Ratio, RegionId, Span};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "link_degraded",
        "Messages between a region and another region, or clients, are lost or delayed. Replication over the link \
         retransmits what is lost, and lags.",
        &[
            Field::required("region", FieldType::Reference(Referent::Region), "The region at one end of the link."),
            Field::optional(
                "from",
                FieldType::Reference(Referent::Region),
                "The region at the other end; left out, clients are.",
            ),
            DIRECTION,
            Field::with(
                "loss",
                FieldType::Ratio,
                "0%",
                "product default: none",
                "The share of messages lost, in addition to normal loss.",
            ),
            Field::with(
                "slowdown",
                FieldType::Quotient,
                "100%",
                "product default: no slowdown",
                "The latency relative to normal: 500% is five times as long.",
            ),
            Field::with("delay", FieldType::Span, "0s", "product default: none", "Latency added on top."),
        ],
    ),
    build: |values, _, problems| {
        let region = values.region("region");
        let from = values.opt_reference("from").map(|reference| (values.region("from"), reference.name.clone()));
        if from.as_ref().is_some_and(|(other, _)| *other == region) {
            let problem = Problem::error("FD0220", values.place("from"), "a link connects two different places");
            problems.push(problem.help("name another region, or leave `from` out for the link to clients"));
            return None;
        }
        let (loss, slowdown, delay) = (values.ratio("loss"), values.ratio("slowdown"), values.span("delay"));
        if (loss, slowdown, delay) == (Ratio::ZERO, Ratio::ONE, Span::ZERO) {
            let problem = Problem::error("FD0220", values.place, "this fault has no effect");
            problems.push(problem.help("set `loss`, `slowdown` or `delay`"));
            return None;
        }
        let name = values.reference("region").name.clone();
        Some(Arc::new(LinkDegraded { region, from, direction: direction(values), loss, slowdown, delay, name }))
    },
};

#[derive(Debug)]
struct LinkDegraded {
    region: RegionId,
    from: Option<(RegionId, String)>,
    direction: Direction,
    loss: Ratio,
    slowdown: Ratio,
    delay: Span,
    name: String,
}

impl LinkDegraded {
    fn other(&self) -> Option<RegionId> {
        self.from.as_ref().map(|(region, _)| *region)
    }
}

impl Fault for LinkDegraded {
    fn inject(&self, world: &mut World, id: FaultId) {
        let degradation = LinkDegradation { fault: id, loss: self.loss, slowdown: self.slowdown, delay: self.delay };
        world.degrade_link(self.region, self.other(), self.direction, degradation);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.repair_link(self.region, self.other(), id);
    }
    fn describe(&self) -> String {
        let other = self.from.as_ref().map_or("clients", |(_, name)| name);
        let way = match self.direction {
            Direction::Both => format!("between {} and {other}", self.name),
            Direction::To => format!("from {other} to {}", self.name),
            Direction::From => format!("from {} to {other}", self.name),
        };
        let mut said = Vec::new();
        if self.loss != Ratio::ZERO {
            said.push(format!("{} lost", self.loss));
        }
        if self.slowdown != Ratio::ONE {
            said.push(format!("at {} of the usual time", self.slowdown));
        }
        if self.delay != Span::ZERO {
            said.push(format!("{} later", self.delay));
        }
        format!("messages {way}: {}", said.join(", "))
    }
    fn reach(&self) -> FaultReach {
        // Nobody waits for replication.
        if self.from.is_none() { FaultReach::Direct } else { FaultReach::Indirect }
    }
}

//! The network between two places carries nothing, though both are alive.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Problem, Referent, Value, Values};
use crate::model::{Direction, World};
use crate::record::FaultReach;
use crate::units::{FaultId, RegionId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "partition",
        "Network partition: no messages pass between a region and another region, clients, control, or all of them; \
         both sides are up.",
        &[
            Field::required("region", FieldType::Reference(Referent::Region), "The region that is cut off."),
            Field::optional(
                "from",
                FieldType::ReferenceOr(Referent::Region, &["control", "everything"]),
                "The region it is cut off from, or `control`: then control and monitoring cannot reach it, and it \
                 cannot reach the lease store; or `everything`: clients, control and every other region, as a host \
                 that hangs and comes back as it was. Left out, it is cut off from clients.",
            ),
            DIRECTION,
        ],
    ),
    build: |values, _, problems| {
        let region = values.region("region");
        let name = values.reference("region").name.clone();
        let direction = direction(values);
        if let Some(Value::Text(from)) = values.value("from") {
            let everything = from == "everything";
            if direction != Direction::Both {
                let message =
                    "control is always cut off in both directions: a lost answer looks the same as a lost request";
                problems
                    .push(Problem::error("FD0235", values.place("direction"), message).help("leave `direction` out"));
                return None;
            }
            return Some(Arc::new(ControlCut { region, name, everything }));
        }
        let from = values.opt_reference("from").map(|reference| (values.region("from"), reference.name.clone()));
        if from.as_ref().is_some_and(|(other, _)| *other == region) {
            let problem = Problem::error("FD0220", values.place("from"), "a region cannot be cut off from itself");
            problems.push(problem.help("name another region, or leave `from` out to cut it off from clients"));
            return None;
        }
        Some(Arc::new(Partition { region, from, direction, name }))
    },
};

/// Which way messages are touched.
pub(super) const DIRECTION: Field = Field::with(
    "direction",
    FieldType::Choice(&["both", "to", "from"]),
    "both",
    "product default: a severed cable carries nothing either way",
    "The direction that is cut: messages to the region, from it, or both.",
);

/// The direction that a table with [`DIRECTION`] says.
pub(super) fn direction(values: &Values) -> Direction {
    match values.text("direction") {
        "to" => Direction::To,
        "from" => Direction::From,
        _ => Direction::Both,
    }
}

#[derive(Debug)]
struct Partition {
    region: RegionId,
    from: Option<(RegionId, String)>,
    direction: Direction,
    name: String,
}

impl Partition {
    fn other(&self) -> Option<RegionId> {
        self.from.as_ref().map(|(region, _)| *region)
    }
}

impl Fault for Partition {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.partition(self.region, self.other(), self.direction, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.heal_partition(self.region, self.other(), id);
    }
    fn describe(&self) -> String {
        let other = self.from.as_ref().map_or("clients", |(_, name)| name);
        match self.direction {
            Direction::Both => format!("no messages between {} and {other}", self.name),
            Direction::To => format!("no messages to {} from {other}", self.name),
            Direction::From => format!("no messages to {other} from {}", self.name),
        }
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Direct
    }
}

/// A region that control, monitoring and the store that keeps leases are cut off from, or everything is.
#[derive(Debug)]
struct ControlCut {
    region: RegionId,
    name: String,
    everything: bool,
}

impl Fault for ControlCut {
    fn inject(&self, world: &mut World, id: FaultId) {
        match self.everything {
            true => world.isolate(self.region, id),
            false => world.cut_off_from_control(self.region, id),
        }
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        match self.everything {
            true => world.end_isolation(self.region, id),
            false => world.reach_from_control(self.region, id),
        }
    }
    fn describe(&self) -> String {
        let other = if self.everything { "anything else" } else { "control" };
        format!("no messages between {} and {other}", self.name)
    }
    fn reach(&self) -> FaultReach {
        // An authority whose lease the store does not renew accepts no more writes.
        if self.everything { FaultReach::Direct } else { FaultReach::Indirect }
    }
}

//! The network between two places carries nothing, though both are alive.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Problem, Referent};
use crate::model::World;
use crate::units::{FaultId, RegionId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "partition",
        "Nothing passes between a region and another region, or between a region and clients; both sides are alive.",
        &[
            Field::required("region", FieldType::Reference(Referent::Region), "The region that is cut off."),
            Field::optional(
                "from",
                FieldType::Reference(Referent::Region),
                "The region it is cut off from; left out, it is cut off from clients.",
            ),
        ],
    ),
    build: |values, _, problems| {
        let from = values.opt_reference("from").map(|reference| (values.region("from"), reference.name.clone()));
        let region = values.region("region");
        if from.as_ref().is_some_and(|(other, _)| *other == region) {
            let problem = Problem::error("FD0220", values.place("from"), "a region cannot be cut off from itself");
            problems.push(problem.help("name another region, or leave `from` out to cut it off from clients"));
            return None;
        }
        Some(Arc::new(Partition { region, from, name: values.reference("region").name.clone() }))
    },
};

#[derive(Debug)]
struct Partition {
    region: RegionId,
    from: Option<(RegionId, String)>,
    name: String,
}

impl Partition {
    fn other(&self) -> Option<RegionId> {
        self.from.as_ref().map(|(region, _)| *region)
    }
}

impl Fault for Partition {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.partition(self.region, self.other(), id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.reunite(self.region, self.other(), id);
    }
    fn describe(&self) -> String {
        let other = self.from.as_ref().map_or("clients", |(_, name)| name);
        format!("nothing passes between {} and {other}", self.name)
    }
    fn is_outage(&self) -> bool {
        true
    }
}

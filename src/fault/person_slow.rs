//! A person takes longer than usual to acknowledge and to decide.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Problem, Referent};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{FaultId, PersonId, Ratio};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "person_slow",
        "A person takes longer than usual to acknowledge and decide, for anything they start while it lasts.",
        &[
            Field::required("person", FieldType::Reference(Referent::Person), "The person."),
            Field::required(
                "slowdown",
                FieldType::Quotient,
                "How long they take relative to normal: 500% is five times as long.",
            ),
        ],
    ),
    build: |values, _, problems| {
        let slowdown = values.ratio("slowdown");
        if slowdown == Ratio::ONE {
            let problem = Problem::error("FD0220", values.place("slowdown"), "this fault has no effect");
            problems.push(problem.help("set `slowdown` to something other than 100%"));
            return None;
        }
        let name = values.reference("person").name.clone();
        Some(Arc::new(PersonSlow { person: values.person("person"), slowdown, name }))
    },
};

#[derive(Debug)]
struct PersonSlow {
    person: PersonId,
    slowdown: Ratio,
    name: String,
}

impl Fault for PersonSlow {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.people.slow_person(self.person, self.slowdown, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.people.quicken_person(self.person, id);
    }
    fn describe(&self) -> String {
        format!("{} takes {} of the usual time", self.name, self.slowdown)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
}

//! A person cannot be reached: phone off, no signal, asleep. Pages go out and nothing comes back.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{FaultId, PersonId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "person_unreachable",
        "A person receives no pages and sends no answers; the pager reports no error.",
        &[Field::required("person", FieldType::Reference(Referent::Person), "The person.")],
    ),
    build: |values, _, _| {
        let name = values.reference("person").name.clone();
        Some(Arc::new(PersonUnreachable { person: values.person("person"), name }))
    },
};

#[derive(Debug)]
struct PersonUnreachable {
    person: PersonId,
    name: String,
}

impl Fault for PersonUnreachable {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.people.cut_person_off(self.person, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.people.reach_person(self.person, id);
    }
    fn describe(&self) -> String {
        format!("{} cannot be reached", self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
}

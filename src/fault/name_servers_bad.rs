//! Some authoritative name servers say that there is no address. Caches believe them.

use super::name_servers_down::COUNT;
use super::{Fault, FaultKind};
use crate::field::{Field, Kind};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::FaultId;
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "name_servers_bad",
        "Some authoritative name servers return no address; caches that ask them keep that answer.",
        &[Field::required("count", COUNT, "How many.")],
    ),
    build: |values, _, _| Some(Arc::new(NameServersBad { count: values.count_u32("count") })),
};

#[derive(Debug)]
struct NameServersBad {
    count: u32,
}

impl Fault for NameServersBad {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.names.break_name_servers(&mut world.core, 0, self.count, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.names.repair_name_servers(&mut world.core, id);
    }
    fn describe(&self) -> String {
        format!("{} authoritative name servers return no address", self.count)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Indirect
    }
}

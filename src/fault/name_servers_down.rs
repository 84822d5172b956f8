//! Authoritative name servers answer nothing. Caches keep serving what they hold.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::FaultId;
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "name_servers_down",
        "Authoritative name servers do not answer; as long as one is up, it is asked instead.",
        &[Field::optional("count", COUNT, "How many. Left out: all of them.")],
    ),
    build: |values, _, _| {
        let all = values.opt_count("count").is_none();
        Some(Arc::new(NameServersDown { count: if all { u32::MAX } else { values.count_u32("count") } }))
    },
};

/// As many as a zone may have.
pub(super) const COUNT: FieldType = FieldType::Count { min: 1, max: 1_000 };

#[derive(Debug)]
struct NameServersDown {
    count: u32,
}

impl Fault for NameServersDown {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.names.break_name_servers(&mut world.core, self.count, 0, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.names.repair_name_servers(&mut world.core, id);
    }
    fn describe(&self) -> String {
        match self.count {
            u32::MAX => "no authoritative name server answers".to_owned(),
            count => format!("{count} authoritative name servers do not answer"),
        }
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Indirect
    }
}

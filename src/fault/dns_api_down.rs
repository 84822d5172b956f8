//! The DNS provider's control API gives no answer. Published records are still served.

use super::{Fault, FaultKind};
use crate::field::Kind;
use crate::model::World;
use crate::record::FaultReach;
use crate::units::FaultId;
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "dns_api_down",
        "The DNS provider's control API does not answer; published records are still served.",
        &[],
    ),
    build: |_, _, _| Some(Arc::new(DnsApiDown)),
};

#[derive(Debug)]
struct DnsApiDown;

impl Fault for DnsApiDown {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.silence_dns_api(id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.restore_dns_api(id);
    }
    fn describe(&self) -> String {
        "the DNS control API does not answer".to_owned()
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
}

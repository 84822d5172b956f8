//! Monitoring goes down: nothing is scraped, and no query is answered.

use super::{Fault, FaultKind};
use crate::field::Kind;
use crate::model::World;
use crate::record::FaultReach;
use crate::units::FaultId;
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "monitoring_blackout",
        "Monitoring is down: nothing is scraped and queries are not answered; what it watches is unaffected.",
        &[],
    ),
    build: |_, _, _| Some(Arc::new(MonitoringBlackout)),
};

#[derive(Debug)]
struct MonitoringBlackout;

impl Fault for MonitoringBlackout {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.observe.blind_monitoring(id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.observe.restore_monitoring(id);
    }
    fn describe(&self) -> String {
        "monitoring is down".to_owned()
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
}

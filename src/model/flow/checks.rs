//! What health checks come to see of services and of real traffic.
//!
//! Owns nothing. Does not know what is made of it.

use crate::model::World;
use crate::model::health::{CheckDue, Sight};
use crate::units::RegionId;

impl World {
    /// Something is due with health checks.
    pub(in crate::model) fn health_due(&mut self, due: CheckDue) {
        let sight = self.sight();
        self.health.check_due(&mut self.core, due, &sight);
    }

    fn sight(&self) -> Sight {
        let regions = || (0..self.core.regions.len() as u16).map(RegionId);
        let serves = |region| self.platform.stations.iter().any(|s| s.region == region && s.active);
        // As the first population does.
        let entry = |region: RegionId| {
            self.clients.populations.iter().find_map(|population| population.routes.first()?.entries[region.index()])
        };
        Sight {
            serves: regions().map(serves).collect(),
            entries: regions().map(entry).collect(),
            flows: regions().map(|region| self.observe.meter.flow(region)).collect(),
        }
    }
}

//! Monitoring, as control asks it.
//!
//! Owns its commands. Does not know what a reading is taken for.

use super::Observe;
use crate::model::command::Answer;
use crate::model::control::ports::{SimulatedPorts, misfit};
use crate::model::core::Core;
use crate::model::core::operation::{Nature, Operation};
use crate::model::plan::Interface;
use crate::ports::{Metrics, PortError, ServiceReading};
use crate::units::{RegionId, ServiceId};

/// What can be asked of it.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricsCommand {
    /// Read the metrics of a region.
    ReadRegion(RegionId),
}

/// What it answers.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricsAnswer {
    /// Of every service of a region.
    Readings(Vec<(String, ServiceReading)>),
}

impl Operation for MetricsCommand {
    fn nature(&self) -> Nature {
        Nature::Asks
    }

    fn interface(&self) -> Option<Interface> {
        Some(Interface::Monitoring)
    }
}

impl Observe {
    /// Control asks something of monitoring.
    pub(in crate::model) fn carry_out(&mut self, core: &mut Core, call: u32, command: &MetricsCommand) {
        let MetricsCommand::ReadRegion(region) = *command;
        if self.monitoring_is_silent(core) {
            return;
        }
        self.count_unseen(core, region);
        let services = &core.plan.regions[region.index()].services;
        let reading =
            |id: &ServiceId| (core.plan.services[id.index()].name.clone(), self.monitoring.reading(*id, core.now()));
        let readings = MetricsAnswer::Readings(services.iter().map(reading).collect());
        core.answer(call, Ok(readings.into()));
    }
}

impl Metrics for SimulatedPorts {
    async fn read_region(&self, region: &str) -> Result<Vec<(String, ServiceReading)>, PortError> {
        match self.ask(MetricsCommand::ReadRegion(self.region(region)?)).await? {
            Answer::Metrics(MetricsAnswer::Readings(readings)) => Ok(self.by_own_clock(readings)),
            other => misfit(&other),
        }
    }
}

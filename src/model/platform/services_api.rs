//! The control API of the platform that runs services.
//!
//! Owns its commands. Does not know why a region's services are wanted. Invariant: an activation is answered when every
//! service is ready.

use super::{Due, Platform};
use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::core::operation::{Action, Nature, Operation};
use crate::model::core::turns::ChangeSubject;
use crate::model::plan::Interface;
use crate::model::ports::{SimulatedPorts, misfit};
use crate::ports::{PortError, ServiceStatus, Services};
use crate::record::event::PlatformEvent;
use crate::units::RegionId;

/// What can be asked of it.
#[derive(Debug, Clone, PartialEq)]
pub enum ServicesCommand {
    /// Make the services of a region ready.
    Activate(RegionId),
    /// Put the services of a region on standby.
    Deactivate(RegionId),
    /// Read the state of a region's services.
    ServiceStatus(RegionId),
}

/// What it answers.
#[derive(Debug, Clone, PartialEq)]
pub enum ServicesAnswer {
    /// The state of a region's services.
    Status(Vec<ServiceStatus>),
}

impl Operation for ServicesCommand {
    fn nature(&self) -> Nature {
        match self {
            Self::Activate(_) => Nature::Changes(Action::Activate),
            Self::Deactivate(_) => Nature::Changes(Action::Deactivate),
            Self::ServiceStatus(_) => Nature::Asks,
        }
    }

    fn interface(&self) -> Option<Interface> {
        Some(Interface::Services)
    }

    fn subject(&self) -> Option<ChangeSubject> {
        match self {
            Self::Activate(region) | Self::Deactivate(region) => Some(ChangeSubject::Services(*region)),
            Self::ServiceStatus(_) => None,
        }
    }
}

impl Platform {
    /// Control asks something of the platform.
    pub(in crate::model) fn execute(&mut self, core: &mut Core, call: u32, command: &ServicesCommand) {
        let (ServicesCommand::Activate(region)
        | ServicesCommand::Deactivate(region)
        | ServicesCommand::ServiceStatus(region)) = *command;
        if core.is_silent(region) {
            return;
        }
        match command {
            ServicesCommand::Activate(_) => {
                let at = core.now().saturating_add(self.until_active(region));
                let outages = core.regions[region.index()].outages;
                core.accept_change(call, at, Due::Activated { call, region, outages });
            }
            ServicesCommand::Deactivate(_) => {
                if let Some(refusal) = core.overtaken(call) {
                    return core.answer(call, Err(refusal));
                }
                for station in self.stations.iter_mut().filter(|s| s.region == region) {
                    station.active = false;
                }
                note_services(core, call, region, "on standby");
                let name = core.region_name(region);
                core.note(PlatformEvent::Standby { region: name });
                core.answer(call, Ok(Answer::Done));
            }
            ServicesCommand::ServiceStatus(_) => {
                let services = core.plan.regions[region.index()].services.iter();
                let status = services.map(|id| ServiceStatus {
                    service: core.plan.services[id.index()].name.clone(),
                    active: self.stations[id.index()].active,
                    servers: self.stations[id.index()].capacity(),
                    databases: core.plan.databases_behind(*id),
                });
                let status = ServicesAnswer::Status(status.collect());
                core.answer(call, Ok(status.into()));
            }
        }
    }
}

/// What `call` asked for has made the services of `region` so.
pub(super) fn note_services(core: &mut Core, call: u32, region: RegionId, state: &str) {
    let services = format!("the services of {}", core.region_name(region));
    core.note_setting(call, &services, state);
}

impl Services for SimulatedPorts {
    async fn activate(&self, region: &str) -> Result<(), PortError> {
        self.done(ServicesCommand::Activate(self.region(region)?)).await
    }
    async fn deactivate(&self, region: &str) -> Result<(), PortError> {
        self.done(ServicesCommand::Deactivate(self.region(region)?)).await
    }
    async fn service_status(&self, region: &str) -> Result<Vec<ServiceStatus>, PortError> {
        match self.ask(ServicesCommand::ServiceStatus(self.region(region)?)).await? {
            Answer::Services(ServicesAnswer::Status(services)) => Ok(services),
            other => misfit(&other),
        }
    }
}

//! Synthetic requests, as control sends them: past names and balancer, straight to a service.
//!
//! Owns its commands. Invariant: a probe meets what requests meet in its region.

use crate::model::World;
use crate::model::command::Answer;
use crate::model::core::job::{Job, Waiter};
use crate::model::core::operation::{Nature, Operation};
use crate::model::plan::Interface;
use crate::model::ports::{SimulatedPorts, misfit};
use crate::ports::{PortError, Probe};
use crate::units::{ServiceId, Span};

/// Probes are numbered apart from every population's requests.
const PROBE_NUMBERS: u64 = u64::MAX << 40;

/// What can be asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum ProbeCommand {
    /// Send a request to a service.
    Probe(ServiceId),
}

/// What comes back.
#[derive(Debug, Clone, PartialEq)]
pub enum ProbeAnswer {
    /// How long it took.
    Took(Span),
}

impl Operation for ProbeCommand {
    fn nature(&self) -> Nature {
        Nature::Asks
    }

    fn interface(&self) -> Option<Interface> {
        None
    }
}

impl World {
    /// Control sends a synthetic request.
    pub(in crate::model) fn probe(&mut self, call: u32, command: &ProbeCommand) {
        let ProbeCommand::Probe(service) = *command;
        if let Some(fault) = self.core.regions[self.platform.stations[service.index()].region.index()].cut_off.holder()
        {
            return self.core.hit(fault);
        }
        let number = PROBE_NUMBERS | self.flow.probes;
        self.flow.probes += 1;
        self.enter(Job::probe(number, call, service, Waiter::Control, self.core.now()));
    }

    /// A service has answered what no client sent.
    pub(in crate::model) fn probe_answered(&mut self, job: &Job, ok: bool) {
        match job.waiter {
            Waiter::Checker => self.health.check_answered(&mut self.core, job, ok),
            Waiter::Interface => self.errand_answered(job, ok),
            Waiter::Control if ok => {
                let took = self.core.now().since(job.entered) + self.core.plan.control.latency * 2;
                self.core.answer(job.ticket, Ok(ProbeAnswer::Took(took).into()));
            }
            Waiter::Control => self.core.refuse(job.ticket, "the service answered with an error"),
            Waiter::Client | Waiter::Fork => {}
        }
    }
}

impl Probe for SimulatedPorts {
    async fn probe(&self, region: &str, service: &str) -> Result<Span, PortError> {
        match self.ask(ProbeCommand::Probe(self.service(region, service)?)).await? {
            Answer::Probe(ProbeAnswer::Took(span)) => Ok(span),
            other => misfit(&other),
        }
    }
}

//! The balancer's control API.
//!
//! Owns its commands. Does not know when a change takes effect: that is the balancer's.

use super::Names;
use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::core::operation::{Action, Nature, Operation};
use crate::model::core::turns::ChangeSubject;
use crate::model::plan::Interface;
use crate::model::ports::{SimulatedPorts, misfit};
use crate::ports::{LoadBalancer, PortError};
use crate::units::{Ratio, RegionId};

/// What can be asked of it.
#[derive(Debug, Clone, PartialEq)]
pub enum BalancerCommand {
    /// Set the weights.
    SetWeights(Vec<(RegionId, Ratio)>),
    /// Read the weights.
    ReadWeights,
}

/// What it answers.
#[derive(Debug, Clone, PartialEq)]
pub enum BalancerAnswer {
    /// The weights in effect.
    Weights(Vec<(RegionId, Ratio)>),
}

impl Operation for BalancerCommand {
    fn nature(&self) -> Nature {
        match self {
            Self::SetWeights(_) => Nature::Changes(Action::SetWeights),
            Self::ReadWeights => Nature::Asks,
        }
    }

    fn interface(&self) -> Option<Interface> {
        Some(Interface::Balancer)
    }

    fn subject(&self) -> Option<ChangeSubject> {
        matches!(self, Self::SetWeights(_)).then_some(ChangeSubject::Weights)
    }
}

impl Names {
    /// Control asks something of the balancer.
    pub(in crate::model) fn execute_weights(&mut self, core: &mut Core, call: u32, command: BalancerCommand) {
        match command {
            BalancerCommand::SetWeights(weights) => self.set_weights(core, call, weights),
            BalancerCommand::ReadWeights => self.read_weights(core, call),
        }
    }
}

impl LoadBalancer for SimulatedPorts {
    async fn set_weights(&self, weights: &[(String, Ratio)]) -> Result<(), PortError> {
        let weights = weights.iter().map(|(name, weight)| Ok((self.region(name)?, *weight)));
        self.done(BalancerCommand::SetWeights(weights.collect::<Result<_, PortError>>()?)).await
    }
    async fn read_weights(&self) -> Result<Vec<(String, Ratio)>, PortError> {
        match self.ask(BalancerCommand::ReadWeights).await? {
            Answer::Balancer(BalancerAnswer::Weights(weights)) => {
                Ok(weights.into_iter().map(|(region, weight)| (self.name(region), weight)).collect())
            }
            other => misfit(&other),
        }
    }
}

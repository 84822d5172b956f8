//! What control reaches the world through, and the processes it runs in.

pub(super) mod action_faults;
pub(super) mod controller;
pub(super) mod journal_api;

use crate::model::command::{Answer, Command};
use crate::model::core::interruption::PendingInterruption;
use crate::model::plan::WorldPlan;
use crate::ports::PortError;
use action_faults::Actions;
use controller::Controller;

/// The processes that control runs in, and what stands between it and the world.
#[derive(Debug)]
pub struct ControlPlane {
    pub(in crate::model) controllers: Vec<Controller>,
    pub(in crate::model) actions: Actions,
}

impl ControlPlane {
    /// As the plan has it, with nothing wrong.
    pub(in crate::model) fn new(plan: &WorldPlan) -> Self {
        Self { controllers: plan.controllers.iter().map(Controller::new).collect(), actions: Actions::default() }
    }
}

/// What is due with control's calls and processes.
#[derive(Debug)]
pub(super) enum Due {
    /// A command reaches the world.
    Command(u32, Command),
    /// A command that was late is carried out.
    Delayed(u32, Command),
    /// Those who should have done something report the result.
    WentWrong(u32, Result<Answer, PortError>),
    /// A call has waited for its answer long enough.
    TimeOut(u32),
    /// The interruption of a controller is over.
    InterruptionEnded(Box<PendingInterruption>),
}

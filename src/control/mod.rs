//! Controllers of a rehearsal: the real control logic, given what it must know about the simulated system.
//!
//! Owns how a controller is written in a scenario and how it is started on its ports. Refuses to know the world: all a
//! controller is told is the plan's names and numbers.
//!
//! Adding a controller is one file and one line in the catalog.

mod catalog;
mod drill;
mod events;
mod order;
mod people;
mod settings;
mod shift;
mod watch;

pub use crate::procedure::{NAMES as PROCEDURES, steps};
pub use catalog::CATALOG;
pub use settings::{PROCEDURE, Procedures};

use crate::field::{Kind, Problems, Scope, Values};
use crate::model::SimulatedPorts;
use crate::model::plan::WorldPlan;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

/// A controller at work. It ends when it has nothing left to do; a watch never ends.
pub type Working = Pin<Box<dyn Future<Output = ()>>>;

/// Something that acts during the run.
pub trait Control: fmt::Debug + Send + Sync {
    /// Starts a process of it on its ports. A process knows nothing of those before it but what the journal says.
    fn start(&self, world: &WorldPlan, ports: SimulatedPorts) -> Working;
    /// Whether it only rehearses: then nothing it changes may reach production, and the world keeps account of that.
    fn is_drill(&self) -> bool {
        false
    }
    /// Whether it makes no sense without a balancer.
    fn needs_balancer(&self) -> bool {
        false
    }
    /// The procedures it may run, and those that run as parts of them.
    fn procedures(&self) -> Vec<String> {
        Vec::new()
    }
    /// The events of its own that it may bring about, with `*` for a part of a name that may be anything. `None`: that is
    /// not known, so any event may happen.
    fn events(&self) -> Option<Vec<String>> {
        None
    }
}

/// A kind of controller: how it is written, and how to build one.
#[derive(Debug)]
pub struct ControlKind {
    /// Its fields.
    pub kind: Kind,
    /// Builds one from decoded values, in which it settles what is derived, and from how procedures are gone about. `None`
    /// if a problem was reported.
    pub build: fn(&mut Values, &Procedures, &Scope, &mut Problems) -> Option<Arc<dyn Control>>,
}

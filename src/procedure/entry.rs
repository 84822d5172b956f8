//! A procedure as a catalog has it: what a scenario names by text.
//!
//! Owns the step from a name to something that can be started. Does not know what the procedure needs: the ports it is
//! listed for have that.

use super::{Brief, Listed, Perform, Plan, Task};
use crate::ports::Runtime;
use crate::record::event::EventKind;

/// A procedure, without its types.
#[derive(Debug)]
pub struct ProcedureEntry<P> {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Whether it moves traffic to another region.
    pub moves: bool,
    /// The kinds of events that it brings about beside those of every run; `None`: any may be.
    pub events: Option<&'static [EventKind]>,
    /// Its steps and budgets, unless an order says otherwise: calls no port.
    pub plan: fn() -> Plan,
    /// The procedure by the order that it makes of what a controller knows.
    pub task: fn(&Brief) -> Task<P>,
}

impl<P> Clone for ProcedureEntry<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for ProcedureEntry<P> {}

impl<P: Runtime> ProcedureEntry<P> {
    /// The entry of `R`: a built-in or one of your own.
    pub const fn of<R: Listed + Perform<P>>() -> Self {
        Self {
            name: R::NAME,
            doc: R::DOC,
            moves: R::MOVES,
            events: R::EVENTS,
            plan: Plan::by_default::<R>,
            task: task::<P, R>,
        }
    }

    /// The names of its steps, in order.
    pub fn steps(&self) -> Vec<String> {
        (self.plan)().steps.into_iter().map(|step| step.name.into_owned()).collect()
    }

    /// The names of the procedures that its steps run as a part of themselves, each once.
    pub fn parts(&self) -> Vec<&'static str> {
        (self.plan)().parts()
    }
}

fn task<P: Runtime, R: Listed + Perform<P>>(brief: &Brief) -> Task<P> {
    Task::new(R::ordered(R::order_of(brief)))
}

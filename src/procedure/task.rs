//! A procedure with its order, without its types: what a controller has at hand to start.
//!
//! Does not know what the procedure needs: the ports it is made for have that.

use super::journal::Scribe;
use super::{Ending, Perform, runner};
use crate::ports::Runtime;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;

/// A procedure under way, without its types.
pub type Running<'a> = Pin<Box<dyn Future<Output = Ending> + 'a>>;

/// What a procedure may cost, once that is known.
type Price<'a> = Pin<Box<dyn Future<Output = Option<String>> + 'a>>;

/// A procedure to be started over ports `P`: a built-in or one of your own.
pub struct Task<P> {
    /// The name of the procedure.
    pub name: String,
    /// Whether it moves traffic to another region.
    pub moves: bool,
    procedure: Rc<dyn Startable<P>>,
}

impl<P: Runtime> Task<P> {
    /// That procedure.
    pub fn new<R: Perform<P>>(procedure: R) -> Self {
        Self { name: procedure.name().to_owned(), moves: procedure.moves(), procedure: Rc::new(procedure) }
    }

    /// Performs run `number` of the controller, 1 for the first. A run the journal knows is resumed.
    pub fn start<'a>(&'a self, scribe: &'a Scribe<P>, number: u32) -> Running<'a> {
        self.procedure.start(scribe, number)
    }

    /// What it may cost at most, as far as that can be told before it is begun.
    pub fn foreseen_price<'a>(&'a self, ports: &'a P) -> Price<'a> {
        self.procedure.foreseen_price(ports)
    }
}

impl<P> Clone for Task<P> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), moves: self.moves, procedure: Rc::clone(&self.procedure) }
    }
}

impl<P> fmt::Debug for Task<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("name", &self.name).field("moves", &self.moves).finish_non_exhaustive()
    }
}

trait Startable<P> {
    fn start<'a>(&'a self, scribe: &'a Scribe<P>, number: u32) -> Running<'a>;
    fn foreseen_price<'a>(&'a self, ports: &'a P) -> Price<'a>;
}

impl<P: Runtime, R: Perform<P>> Startable<P> for R {
    fn start<'a>(&'a self, scribe: &'a Scribe<P>, number: u32) -> Running<'a> {
        Box::pin(async move { runner::run(scribe, self, number).await.ending })
    }

    fn foreseen_price<'a>(&'a self, ports: &'a P) -> Price<'a> {
        Box::pin(Perform::foreseen_price(self, ports))
    }
}

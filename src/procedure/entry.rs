//! A procedure as a catalog has it: what a scenario names by text.
//!
//! Owns the step from a name to something that can be started. Does not know what the procedure needs: the ports it is
//! listed for have that.

use super::{Brief, Listed, Perform, ProcedurePlan, Task};
use crate::ports::Runtime;
use crate::record::event::EventKind;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A procedure, without its types.
pub struct ProcedureEntry<P> {
    /// Its name.
    pub name: Cow<'static, str>,
    /// What it is for.
    pub doc: Cow<'static, str>,
    /// Whether it moves traffic to another region.
    pub moves: bool,
    /// The kinds of events that it brings about beside those of every run; `None`: any may be.
    pub events: Option<&'static [EventKind]>,
    source: Source<P>,
}

/// What makes the procedure of a brief.
type Make<P> = dyn Fn(&Brief) -> Task<P> + Send + Sync;

/// Where its steps are written.
enum Source<P> {
    /// In a type.
    Type { plan: fn() -> ProcedurePlan, task: fn(&Brief) -> Task<P> },
    /// In a scenario.
    Scenario { plan: Arc<ProcedurePlan>, task: Arc<Make<P>> },
}

impl<P: Runtime> ProcedureEntry<P> {
    /// The entry of `R`: a built-in or one of your own.
    pub const fn of<R: Listed + Perform<P>>() -> Self {
        Self {
            name: Cow::Borrowed(R::NAME),
            doc: Cow::Borrowed(R::DOC),
            moves: R::MOVES,
            events: R::EVENTS,
            source: Source::Type { plan: ProcedurePlan::by_default::<R>, task: task::<P, R> },
        }
    }

    /// The entry of a procedure whose steps a scenario says: `plan`, and what makes it of a brief.
    pub fn written<R: Perform<P>>(
        plan: ProcedurePlan,
        moves: bool,
        make: impl Fn(&Brief) -> R + Send + Sync + 'static,
    ) -> Self {
        let (name, doc) = (plan.name.clone(), plan.doc.clone());
        let task: Arc<Make<P>> = Arc::new(move |brief| Task::new(make(brief)));
        Self { name, doc, moves, events: Some(&[]), source: Source::Scenario { plan: Arc::new(plan), task } }
    }

    /// Its steps and budgets, unless an order says otherwise: calls no port.
    pub fn plan(&self) -> ProcedurePlan {
        match &self.source {
            Source::Type { plan, .. } => plan(),
            Source::Scenario { plan, .. } => ProcedurePlan::clone(plan),
        }
    }

    /// The procedure by the order that it makes of what a controller knows.
    pub fn task(&self, brief: &Brief) -> Task<P> {
        match &self.source {
            Source::Type { task, .. } => task(brief),
            Source::Scenario { task, .. } => task(brief),
        }
    }

    /// The names of its steps, in order.
    pub fn steps(&self) -> Vec<String> {
        self.plan().steps.into_iter().map(|step| step.name.into_owned()).collect()
    }

    /// The names of the procedures that its steps run as a part of themselves, each once.
    pub fn parts(&self) -> Vec<&'static str> {
        self.plan().parts()
    }
}

impl<P> Clone for ProcedureEntry<P> {
    fn clone(&self) -> Self {
        let source = match &self.source {
            Source::Type { plan, task } => Source::Type { plan: *plan, task: *task },
            Source::Scenario { plan, task } => Source::Scenario { plan: Arc::clone(plan), task: Arc::clone(task) },
        };
        Self { name: self.name.clone(), doc: self.doc.clone(), moves: self.moves, events: self.events, source }
    }
}

impl<P> fmt::Debug for ProcedureEntry<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcedureEntry").field("name", &self.name).field("moves", &self.moves).finish_non_exhaustive()
    }
}

fn task<P: Runtime, R: Listed + Perform<P>>(brief: &Brief) -> Task<P> {
    Task::new(R::ordered(R::order_of(brief)))
}

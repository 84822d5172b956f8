//! How a controller of a rehearsal is written, built and started.
//!
//! Does not know what any of them decides. Invariant: what a controller gets when it starts is the plan's names and
//! numbers, and what its fields were checked against.

use super::{Policy, PolicyKind, ProcedureSettings, Procedures};
use crate::field::{Catalog, Kind, Problems, Scope, Value, Values, decode_entry};
use crate::model::SimulatedPorts;
use crate::model::plan::WorldPlan;
use crate::procedure::Brief;
use crate::record::Cue;
use crate::units::{DatabaseId, Span};
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
    /// The region that it judges all the time and tells the state of, if it does.
    fn watches(&self, _: &WorldPlan) -> Option<String> {
        None
    }
    /// If it waits for a region to fail: for how long one must have failed at least before it acts.
    fn acts_after(&self, _: &WorldPlan) -> Option<Span> {
        None
    }
    /// The event that it waits for before it does anything, if it does.
    fn waits_for(&self) -> Option<&Cue> {
        None
    }
    /// The databases whose rows it reads or writes, by number.
    fn reads_rows(&self) -> Vec<DatabaseId> {
        Vec::new()
    }
    /// The procedures it may run, and those that run as parts of them.
    fn procedures(&self) -> Vec<String> {
        Vec::new()
    }
    /// The procedures that it may start, each with what it tells them.
    fn orders(&self, _: &WorldPlan) -> Vec<(String, Brief)> {
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
    /// Builds one from decoded values, in which it settles what is derived. `None` if a problem was reported.
    pub build: fn(&mut Values, &Declared<'_>, &mut Problems) -> Option<Arc<dyn Control>>,
}

/// What the fields of a controller may name.
#[derive(Debug, Clone, Copy)]
pub struct Declared<'a> {
    /// What the scenario declares.
    pub scope: &'a Scope,
    /// What can be run.
    pub procedures: &'a Procedures,
    /// How it is run.
    pub settings: &'a ProcedureSettings,
    /// By which rules a region may be judged.
    pub policies: Catalog<PolicyKind>,
}

impl Declared<'_> {
    /// The field `policy` of a controller, which is settled in it. `None` if a problem was reported.
    pub fn policy(&self, values: &mut Values, problems: &mut Problems) -> Option<Arc<dyn Policy>> {
        let kinds: Vec<&'static Kind> = self.policies.iter().map(|policy| &policy.kind).collect();
        let (own, _) = decode_entry(&kinds, None, values.node("policy"), self.scope, problems)?;
        let entry = self.policies.iter().find(|policy| policy.kind.name == own.kind.name)?;
        let policy = (entry.build)(&own, problems)?;
        values.replace("policy", Value::Table(own));
        Some(policy)
    }
}

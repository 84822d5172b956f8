//! What can never work in a given world: a copy that is not there, a change that takes longer than its step may.
//!
//! Owns the comparison of steps with the plan of the world, for the regions that a controller tells its procedure. Invariant: what is
//! reported would fail in every run, whatever goes wrong or does not.

use crate::model::plan::WorldPlan;
use crate::procedure::{Brief, Procedure, RunbookPlan, Step, StepAction, StepCondition};
use crate::units::Span;

/// A step that cannot work.
#[derive(Debug, PartialEq, Eq)]
pub struct StepMisfit {
    /// Which, from 0.
    pub step: usize,
    /// Why.
    pub message: String,
    /// A way out.
    pub help: String,
}

/// What of `plan` cannot work in `world` for a controller that starts it with `brief`.
pub fn misfits(plan: &RunbookPlan, brief: &Brief, world: &WorldPlan) -> Vec<StepMisfit> {
    let runbook = plan.told(brief);
    let mut found = Vec::new();
    for (step, planned) in runbook.steps() {
        let action = &plan.steps[step].action;
        let looked = Looked { brief, world, step: &planned };
        let problem = looked
            .left(action)
            .or_else(|| looked.no_copy(action))
            .or_else(|| looked.nobody(action))
            .or_else(|| looked.too_long(action));
        found.extend(problem.map(|(message, help)| StepMisfit { step, message, help }));
    }
    found
}

/// One step, and what it is held against.
struct Looked<'a> {
    brief: &'a Brief,
    world: &'a WorldPlan,
    step: &'a Step,
}

/// What is wrong, and a way out.
type Problem = Option<(String, String)>;

impl Looked<'_> {
    /// The copy that leads is in the region that is left, and is not to be opened there.
    fn left(&self, action: &StepAction) -> Problem {
        let StepAction::Promote { region, .. } = action else { return None };
        (region.region(&self.brief.from, &self.brief.to) == self.brief.from).then(|| {
            let message = format!("`{}` opens a copy in {}, the region being left", self.step.name, self.brief.from);
            (message, "name another `region`, or leave it out".to_owned())
        })
    }

    /// A database has no copy where the step needs one.
    fn no_copy(&self, action: &StepAction) -> Problem {
        let (name, site) = match action {
            StepAction::Require { condition: StepCondition::Leads { database, region } } => (database.as_str(), region),
            _ => action.database()?,
        };
        let region = site.region(&self.brief.from, &self.brief.to);
        let database = self.world.databases.iter().find(|database| database.name == name)?;
        let copies = std::iter::once(database.primary).chain(database.replicas.iter().map(|replica| replica.region));
        let copies: Vec<&str> = copies.map(|region| self.world.regions[region.index()].name.as_str()).collect();
        (!copies.contains(&region)).then(|| {
            let message = format!("`{}` needs a copy of {name} in {region}, but there is none", self.step.name);
            (message, format!("its copies are in {}", copies.join(", ")))
        })
    }

    /// Nothing is there that the step could ask.
    fn nobody(&self, action: &StepAction) -> Problem {
        match action {
            StepAction::SetWeights { .. } if self.world.balancer.is_none() => {
                let message = format!("`{}` sets the weights of a balancer, but there is none", self.step.name);
                Some((message, "add a `balancer:` section".to_owned()))
            }
            StepAction::Probe { services, region } => {
                let region = region.region(&self.brief.from, &self.brief.to);
                let runs = |name: &String| {
                    let here = |service: &crate::model::plan::ServicePlan| {
                        service.name == *name && self.world.regions[service.region.index()].name == region
                    };
                    self.world.services.iter().any(here)
                };
                let missing = services.iter().find(|name| !runs(name))?;
                let message = format!("`{}` probes {missing} in {region}, which does not run it", self.step.name);
                Some((message, "name services that the region has".to_owned()))
            }
            _ => None,
        }
    }

    /// What the step asks for takes longer than the step may.
    fn too_long(&self, action: &StepAction) -> Problem {
        let of = |name: &str| self.world.databases.iter().find(|database| database.name == name);
        let (takes, what) = match action {
            StepAction::Promote { database, .. } => {
                (of(database)?.promote_time, format!("opening a copy of {database}"))
            }
            StepAction::PointRecord { .. } | StepAction::SetTtl { .. } => {
                (self.world.dns.publish, "publishing a change of a record".to_owned())
            }
            StepAction::SetWeights { .. } => (self.world.balancer.as_ref()?.apply, "a change of weights".to_owned()),
            _ => return None,
        };
        self.budgets().into_iter().find(|(_, budget)| takes >= *budget).map(|(field, budget)| {
            let message =
                format!("`{}` can never complete: {what} takes {takes:#}, but `{field}` is {budget:#}", self.step.name);
            (message, format!("make `{field}` longer than that"))
        })
    }

    /// How long the step may take, and how long taking it back.
    fn budgets(&self) -> Vec<(&'static str, Span)> {
        let undo = self.step.undo.map(|undo| ("undo_budget", undo.budget));
        std::iter::once(("budget", self.step.budget)).chain(undo).collect()
    }
}

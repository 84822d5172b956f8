//! A procedure whose steps are given in the scenario: actions in the order of a list.
//!
//! Owns how a list of actions becomes steps with budgets, conditions, undoing and points of no return. What an action does
//! is in `names`, `data` and `platform`, what a condition asks in `condition`. Does not know how a list is written.
//!
//! Invariants: those of every procedure. A step whose condition did not hold has changed nothing and is never undone;
//! what was once decided about it stays decided for the run, whichever controller resumes it. A database is fenced
//! before any copy of it is opened, under one epoch for the whole run.

mod action;
mod condition;
mod data;
mod evidence;
mod names;
mod order;
mod platform;

pub use action::{Site, StepAction, StepCondition};
pub use evidence::{Before, Lineage, RunbookEvidence, StepEvidence};
pub use order::{RunbookOrder, RunbookPlan, RunbookStep};

use super::{Effect, Perform, Procedure, Step, StepError, Work, approval};
use crate::ports::{Clock, Databases, Dns, LoadBalancer, Metrics, Notifier, People, Probe, Runtime, Services};
use crate::units::Span;

/// A procedure whose steps are a list of actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runbook {
    order: RunbookOrder,
}

impl Procedure for Runbook {
    type StepId = usize;
    type Order = RunbookOrder;
    type Evidence = RunbookEvidence;

    const NAME: &'static str = "runbook";
    const DOC: &'static str = "the steps given in a scenario";

    fn ordered(order: RunbookOrder) -> Self {
        Self { order }
    }

    fn order(&self) -> &RunbookOrder {
        &self.order
    }

    fn name(&self) -> &str {
        &self.order.plan.name
    }

    fn doc(&self) -> &str {
        &self.order.plan.doc
    }

    fn moves(&self) -> bool {
        self.order.plan.moves()
    }

    fn steps(&self) -> Vec<(usize, Step)> {
        self.order.settings.steps(&self.order.plan.steps())
    }

    fn limit(&self) -> Span {
        self.order.settings.limit(self.order.plan.dry_run().limit)
    }

    fn past_return(&self, evidence: &RunbookEvidence) -> bool {
        let opened = evidence.databases.values().any(|lineage| lineage.promoted != Effect::None);
        opened || evidence.steps.values().any(|step| step.no_return)
    }

    fn skips(&self, step: usize, evidence: &RunbookEvidence) -> bool {
        evidence.steps.get(&self.order.plan.steps[step].name).is_some_and(StepEvidence::is_skipped)
    }
}

impl<P> Perform<P> for Runbook
where
    P: Runtime + Dns + LoadBalancer + Services + Databases + Metrics + Probe + Notifier + People,
{
    async fn consent(
        &self,
        run: u32,
        step: &Step,
        ports: &P,
        evidence: &RunbookEvidence,
    ) -> Result<Option<Span>, String> {
        if self.would_be_skipped(step, ports, evidence).await {
            return Ok(None);
        }
        let price = evidence.loss_in_words();
        approval::before_step(ports, (self.name(), run), (step, price), self.order.approval.as_ref()).await
    }

    async fn perform(&self, step: usize, work: &mut Work<'_, P, RunbookEvidence>) -> Result<String, StepError> {
        let step = &self.order.plan.steps[step];
        if let Some(why) = self.passes_over(step, work).await? {
            return Ok(why);
        }
        if step.no_return && !work.evidence.of(step).no_return {
            work.evidence.of(step).no_return = true;
            work.write_down().await?;
        }
        match &step.action {
            StepAction::PointRecord { record, region } => self.point_record(step, (record, region), work).await,
            StepAction::SetTtl { record, ttl } => self.set_ttl(step, (record, *ttl), work).await,
            StepAction::SetWeights { weights } => self.set_weights(step, weights, work).await,
            StepAction::Activate { region } | StepAction::Deactivate { region } => {
                self.set_active(step, region, work).await
            }
            StepAction::Fence { database, region } => self.fence((database, region), work).await,
            StepAction::Promote { database, region, lossless } => {
                self.promote((database, region), *lossless, work).await
            }
            StepAction::Rebuild { database, region } => self.rebuild((database, region), work.ports).await,
            StepAction::CatchUp { database, region, within } => {
                self.catch_up((database, region), *within, work.ports).await
            }
            StepAction::Probe { services, region } => self.probe(services, region, work.ports).await,
            StepAction::Require { condition } => self.holds(condition, work.ports).await?.map_err(StepError::NotYet),
            StepAction::Wait { span } => {
                work.ports.sleep(*span).await;
                Ok(format!("waited {span:#}"))
            }
            StepAction::Notify { audiences, message } => self.notify(step, (audiences, message), work).await,
        }
    }

    async fn verify(&self, step: usize, ports: &P, evidence: &RunbookEvidence) -> Result<(), StepError> {
        if self.skips(step, evidence) {
            return Ok(());
        }
        let step = &self.order.plan.steps[step];
        match &step.action {
            StepAction::PointRecord { record, region } => self.names(ports, record, region).await,
            StepAction::SetTtl { record, ttl } => self.has_ttl(ports, record, *ttl).await,
            StepAction::SetWeights { weights } => self.has_weights(ports, weights).await,
            StepAction::Activate { region } => self.serves(ports, region).await,
            StepAction::Deactivate { region } => self.stands_by(ports, region).await,
            StepAction::Promote { database, region, .. } => self.leads(ports, (database, region), evidence).await,
            // These are checks themselves, or are answered only once they are done.
            StepAction::Fence { .. }
            | StepAction::Rebuild { .. }
            | StepAction::CatchUp { .. }
            | StepAction::Probe { .. }
            | StepAction::Require { .. }
            | StepAction::Wait { .. }
            | StepAction::Notify { .. } => Ok(()),
        }
    }

    async fn undo(&self, step: usize, work: &mut Work<'_, P, RunbookEvidence>) -> Result<String, StepError> {
        let step = &self.order.plan.steps[step];
        if !step.undo && self.changed(step, work.evidence) {
            return Err(StepError::Final("not undone: `undo: false`".to_owned()));
        }
        match &step.action {
            StepAction::PointRecord { record, region } => self.point_back(step, (record, region), work).await,
            StepAction::SetTtl { record, ttl } => self.ttl_back(step, (record, *ttl), work).await,
            StepAction::SetWeights { weights } => self.weights_back(step, weights, work).await,
            StepAction::Activate { region } | StepAction::Deactivate { region } => {
                self.active_as_before(step, region, work).await
            }
            StepAction::Fence { database, .. } | StepAction::Promote { database, .. } => {
                self.give_back(database, work).await
            }
            StepAction::Rebuild { .. }
            | StepAction::CatchUp { .. }
            | StepAction::Probe { .. }
            | StepAction::Require { .. }
            | StepAction::Wait { .. }
            | StepAction::Notify { .. } => Ok("nothing was changed".to_owned()),
        }
    }
}

impl Runbook {
    /// Whether the step may have changed something that could be undone.
    fn changed(&self, step: &RunbookStep, evidence: &mut RunbookEvidence) -> bool {
        match &step.action {
            StepAction::Fence { database, .. } | StepAction::Promote { database, .. } => {
                evidence.lineage(database).fenced != Effect::None
            }
            _ => evidence.of(step).effect != Effect::None,
        }
    }

    /// The region that `site` means for this run.
    fn region<'a>(&'a self, site: &'a Site) -> &'a str {
        site.region(&self.order.from, &self.order.to)
    }

    /// Whether people are asked before the step of that name.
    fn asks_before(&self, step: &str) -> bool {
        self.order.approval.as_ref().is_some_and(|approval| approval.before.iter().any(|name| name == step))
    }

    /// Whether the step depends on something that is not so: then nobody need be asked, for nothing would be done. Where that
    /// cannot be told, people are asked.
    async fn would_be_skipped<P>(&self, step: &Step, ports: &P, evidence: &RunbookEvidence) -> bool
    where
        P: Metrics + Services + Probe + Databases + Dns + Clock,
    {
        let mut steps = self.order.plan.steps.iter();
        let Some(step) = steps.find(|known| *known.name == *step.name && self.asks_before(&known.name)) else {
            return false;
        };
        let Some(condition) = &step.when else { return false };
        match evidence.steps.get(&step.name).and_then(|evidence| evidence.decided.as_ref()) {
            Some(decided) => decided.is_err(),
            None => matches!(self.holds(condition, ports).await, Ok(Err(_))),
        }
    }

    /// Why the step is passed over, if it is. Decided once in a run, before anything of the step is done.
    async fn passes_over<P: Runtime + Metrics + Services + Probe + Databases + Dns>(
        &self,
        step: &RunbookStep,
        work: &mut Work<'_, P, RunbookEvidence>,
    ) -> Result<Option<String>, StepError> {
        let Some(condition) = &step.when else { return Ok(None) };
        if let Some(decided) = &work.evidence.of(step).decided {
            return Ok(decided.clone().err());
        }
        let mut found = self.holds(condition, work.ports).await?;
        if found.is_ok() && self.asks_before(&step.name) && !work.is_approved() {
            found = Err("its condition did not hold when people were to be asked".to_owned());
        }
        work.evidence.of(step).decided = Some(found.clone());
        work.write_down().await?;
        Ok(found.err())
    }
}

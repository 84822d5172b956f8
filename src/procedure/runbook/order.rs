//! The order of a runbook: its steps, and the system it works on.
//!
//! Invariant: the order holds the steps themselves, so that a controller that resumes a run uses the steps it was
//! started with.

use super::{Runbook, Site, StepAction, StepCondition};
use crate::policy::HealthLimits;
use crate::procedure::{Brief, NoReturn, Procedure, ProcedurePlan, Settings, Step, StepApproval, StepSettings};
use crate::units::Span;
use serde::{Deserialize, Serialize};

/// Where figures come from that a runbook says itself.
const SAID: &str = "the steps of the procedure";

/// One step, as it is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunbookStep {
    /// Its name: unlike that of any other step of the runbook.
    pub name: String,
    /// What it does.
    pub action: StepAction,
    /// The condition for it to be performed; otherwise it is skipped.
    pub when: Option<StepCondition>,
    /// The figures that are said of it; the others are those of its action.
    pub figures: StepSettings,
    /// Whether it is undone when a later step fails, if there is something to undo.
    pub undo: bool,
    /// Whether nothing is undone any more once it has started.
    pub no_return: bool,
    /// Whether it runs in parallel with the step before it.
    pub beside: bool,
}

/// A runbook, whichever controller runs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunbookPlan {
    /// Its name in scenarios, laps and events.
    pub name: String,
    /// A one-line description.
    pub doc: String,
    /// How long after its start it may still start another round of a step past the point of no return. `None`: as long
    /// as its steps may take.
    pub limit: Option<Span>,
    /// Its steps, in order.
    pub steps: Vec<RunbookStep>,
}

/// The order of a runbook. Written down whole when a run starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunbookOrder {
    /// The runbook.
    pub plan: RunbookPlan,
    /// The region that is left.
    pub from: String,
    /// The region that takes over.
    pub to: String,
    /// The services a region cannot do without; empty for all it has.
    pub services: Vec<String>,
    /// Who is notified, unless a step says somebody else.
    pub audiences: Vec<String>,
    /// When a service counts as failing.
    pub limits: HealthLimits,
    /// How many probes each service must answer to be considered healthy. At least once.
    pub probes: u32,
    /// The largest acceptable loss, in writes per database; `None` for any, even one nobody can bound.
    pub loss_limit: Option<u64>,
    /// The steps that need somebody's consent before they begin; `None` if none does.
    pub approval: Option<StepApproval>,
    /// What is set otherwise.
    pub settings: Settings,
}

impl RunbookStep {
    /// The step of a procedure.
    fn planned(&self) -> Step {
        let mut step = self.figures.laid_over(self.action.step());
        step.name = self.name.clone().into();
        if let Some(condition) = &self.when {
            step.does = format!("if {condition}: {}", step.does).into();
        }
        if self.figures.budget.is_some() {
            step.source = SAID;
        }
        if self.no_return {
            step.no_return = NoReturn::Inside;
        }
        Step { beside: self.beside, ..step }
    }
}

impl RunbookPlan {
    /// The steps as a procedure has them.
    pub(super) fn steps(&self) -> Vec<(usize, Step)> {
        self.steps.iter().map(RunbookStep::planned).enumerate().collect()
    }

    /// The plan as a dry run prints it.
    pub fn dry_run(&self) -> ProcedurePlan {
        let (name, doc) = (self.name.clone().into(), self.doc.clone().into());
        let steps: Vec<Step> = self.steps.iter().map(RunbookStep::planned).collect();
        let mut plan = ProcedurePlan { name, doc, steps, limit: Span::ZERO, limit_source: SAID };
        match self.limit {
            Some(limit) => plan.limit = limit,
            None => (plan.limit, plan.limit_source) = (plan.budget(), "product default: what its steps may take"),
        }
        plan
    }

    /// Whether it moves users.
    pub fn moves(&self) -> bool {
        let moves = |step: &RunbookStep| match &step.action {
            StepAction::PointRecord { region, .. } => *region != Site::From,
            StepAction::SetWeights { .. } => true,
            _ => false,
        };
        self.steps.iter().any(moves)
    }

    /// The runbook for a controller that knows that much.
    pub fn told(&self, brief: &Brief) -> Runbook {
        let Brief { from, to, services, audiences, limits, probes, loss_limit, approval, .. } = brief.clone();
        let settings = brief.settings_of(&self.name);
        let plan = self.clone();
        Runbook::ordered(RunbookOrder {
            plan,
            from,
            to,
            services,
            audiences,
            limits,
            probes,
            loss_limit,
            approval,
            settings,
        })
    }
}

//! Fails over from one region of a platform to another.
//!
//! Owns the order of the seven steps, their budgets and their undoing. The steps are in `act`, `check` and `traffic`,
//! undoing them in `undo` and `traffic`; which region takes over, where the order leaves it open, is found out in `choose`.
//!
//! Invariants: one writable copy per epoch: the new epoch is
//! one above any the copy has seen, it is fenced before the copy is opened, and an epoch higher than asked for ends
//! the procedure. Every failover is treated as lossy: the bound is announced before anything is changed, and one
//! above the limit is refused. Nothing is dropped in silence: what may be lost is in the announcement, the laps
//! and the message to the audiences. The position the new lineage starts from is read after the fence, not before.

mod act;
mod check;
mod choose;
mod evidence;
mod order;
mod traffic;
mod undo;

pub use evidence::{FailoverDatabase, FailoverEvidence, FailoverRecord, FailoverWeights};
pub use order::{FailoverOrder, WeightsOrder};

use super::step::{Step, StepError};
use super::{Brief, Effect, Listed, Perform, Procedure, Work, approval};
use crate::ports::{Databases, Dns, LoadBalancer, Metrics, Notifier, People, Probe, Runtime, Services};
use crate::record::event::EventKind;
use crate::units::Span;

/// The steps of a region failover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailoverStep {
    /// Confirms that the region really fails.
    DetectFailure,
    /// Makes sure that the other one can take over, and announces what that may lose.
    VerifySecondary,
    /// Points the records at it, and gives it the weight of the region that is left, where a balancer sends clients.
    SwitchDns,
    /// Activates its services, fences the databases' old authorities off and promotes its copies.
    ActivateSecondary,
    /// Makes sure that the copies lead and have applied all they had received.
    VerifyDataSync,
    /// Makes sure that every service answers.
    VerifyHealth,
    /// Tells those concerned.
    NotifyStakeholders,
}

/// The failover of one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionFailover {
    /// From where to where, and with what.
    pub order: FailoverOrder,
}

/// Where the budgets come from.
const OBJECTIVE: &str = "product policy: 870 s of the 900 s of the recovery objective";

/// Budgets: 870 s of the 900 s of the recovery objective. Tries and pauses are ours: so many
/// that a step whose calls answer at once gives up only late in its budget, except where failing early is safer.
const STEPS: &[(FailoverStep, Step)] = &[
    (
        FailoverStep::DetectFailure,
        Step::new("detect_failure", "confirm from metrics that the region fails", 90, 3, 5).from(OBJECTIVE),
    ),
    (
        FailoverStep::VerifySecondary,
        Step::new("verify_secondary", "check the other region, announce the possible loss", 60, 3, 5).from(OBJECTIVE),
    ),
    (
        FailoverStep::SwitchDns,
        Step::new("switch_dns", "send clients to the other region", 120, 10, 5).from(OBJECTIVE).undo_within(120),
    ),
    (
        FailoverStep::ActivateSecondary,
        Step::new("activate_secondary", "activate services, fence, promote the databases", 300, 20, 5)
            .from(OBJECTIVE)
            .undo_within(120)
            .with_no_return(),
    ),
    (
        FailoverStep::VerifyDataSync,
        Step::new("verify_data_sync", "check that the promoted copies lead, complete", 120, 20, 5).from(OBJECTIVE),
    ),
    (FailoverStep::VerifyHealth, Step::new("verify_health", "probe every service", 120, 20, 5).from(OBJECTIVE)),
    (
        FailoverStep::NotifyStakeholders,
        Step::new("notify_stakeholders", "notify stakeholders", 60, 10, 5).from(OBJECTIVE),
    ),
];

impl Procedure for RegionFailover {
    type StepId = FailoverStep;
    type Order = FailoverOrder;
    type Evidence = FailoverEvidence;

    const NAME: &'static str = "region_failover";
    const DOC: &'static str = "moves traffic and data from a failing region to another";

    fn ordered(order: FailoverOrder) -> Self {
        Self { order }
    }

    fn order(&self) -> &FailoverOrder {
        &self.order
    }

    fn steps(&self) -> Vec<(FailoverStep, Step)> {
        let mut steps = self.order.settings.steps(STEPS);
        if self.order.names_last {
            // Nobody is sent where nobody serves yet.
            let place = |steps: &[(FailoverStep, Step)], step| steps.iter().position(|(id, _)| *id == step);
            let names = place(&steps, FailoverStep::SwitchDns).map(|index| steps.remove(index));
            let after = place(&steps, FailoverStep::ActivateSecondary).map_or(0, |index| index + 1);
            steps.splice(after..after, names);
        }
        steps
    }

    fn limit(&self) -> Span {
        self.order.settings.limit(Self::LIMIT)
    }

    fn past_return(&self, evidence: &FailoverEvidence) -> bool {
        evidence.databases.iter().any(|database| mutant!("a_promotion_in_doubt_can_be_taken_back": database.promoted != Effect::None => database.promoted == Effect::Certain))
    }
}

impl Listed for RegionFailover {
    const STEPS: &'static [(FailoverStep, Step)] = STEPS;
    /// The recovery objective: fifteen minutes.
    const LIMIT: Span = Span::from_mins(15);
    const LIMIT_SOURCE: &'static str = "product policy: the recovery objective";
    const EVENTS: Option<&'static [EventKind]> = Some(&[]);

    fn order_of(brief: &Brief) -> FailoverOrder {
        FailoverOrder::of(brief)
    }
}

impl<P: Runtime + Dns + LoadBalancer + Services + Databases + Metrics + Probe + Notifier + People> Perform<P>
    for RegionFailover
{
    async fn foreseen_price(&self, ports: &P) -> Option<String> {
        if self.order.candidates.is_empty() {
            return self.foresee_price(ports).await;
        }
        let (to, _) = self.chosen_by(ports).await.ok()?;
        Self { order: FailoverOrder { to, ..self.order.clone() } }.foresee_price(ports).await
    }

    async fn consent(
        &self,
        run: u32,
        step: &Step,
        ports: &P,
        evidence: &FailoverEvidence,
    ) -> Result<Option<Span>, String> {
        approval::before_step(ports, (Self::NAME, run), (step, self.price(evidence)), self.order.approval.as_ref())
            .await
    }

    async fn perform(&self, step: FailoverStep, work: &mut Work<'_, P, FailoverEvidence>) -> Result<String, StepError> {
        if step == FailoverStep::VerifySecondary {
            self.choose(work.ports, work.evidence).await?;
        }
        let aimed = self.aimed(work.evidence);
        match step {
            FailoverStep::DetectFailure => aimed.detect_failure(work.ports, work.evidence).await,
            FailoverStep::VerifySecondary => aimed.verify_secondary(work.ports, work.evidence).await,
            FailoverStep::SwitchDns => aimed.switch_traffic(work).await,
            FailoverStep::ActivateSecondary => aimed.activate_secondary(work).await,
            FailoverStep::VerifyDataSync => aimed.verify_data_sync(work.ports, work.evidence).await,
            FailoverStep::VerifyHealth => aimed.verify_health(work.ports, work.evidence).await,
            FailoverStep::NotifyStakeholders => aimed.notify_stakeholders(work).await,
        }
    }

    async fn verify(&self, step: FailoverStep, ports: &P, evidence: &FailoverEvidence) -> Result<(), StepError> {
        match step {
            FailoverStep::SwitchDns => self.aimed(evidence).traffic_is_switched(ports, evidence).await,
            FailoverStep::ActivateSecondary => self.aimed(evidence).services_serve(ports, evidence).await,
            // These change nothing and are checks themselves; a message accepted is all a channel can say.
            FailoverStep::DetectFailure
            | FailoverStep::VerifySecondary
            | FailoverStep::VerifyDataSync
            | FailoverStep::VerifyHealth
            | FailoverStep::NotifyStakeholders => Ok(()),
        }
    }

    async fn undo(&self, step: FailoverStep, work: &mut Work<'_, P, FailoverEvidence>) -> Result<String, StepError> {
        let aimed = self.aimed(work.evidence);
        match step {
            FailoverStep::SwitchDns => aimed.switch_traffic_back(work.ports, work.evidence).await,
            FailoverStep::ActivateSecondary => aimed.put_back_on_standby(work.ports, work.evidence).await,
            FailoverStep::DetectFailure
            | FailoverStep::VerifySecondary
            | FailoverStep::VerifyDataSync
            | FailoverStep::VerifyHealth
            | FailoverStep::NotifyStakeholders => Ok("nothing was changed".to_owned()),
        }
    }
}

impl RegionFailover {
    /// What going ahead may cost at most, in words, for those who must approve; nothing if it costs nothing or was not
    /// looked at yet.
    pub(in crate::procedure) fn price(&self, evidence: &FailoverEvidence) -> Option<String> {
        let each = evidence.databases.iter().map(|d| format!("{}: {}", d.name, d.loss_in_words()));
        // A planned move waits until nothing is lost.
        let lossy = !self.order.planned && !evidence.databases.is_empty();
        lossy.then(|| each.collect::<Vec<_>>().join("; "))
    }
}

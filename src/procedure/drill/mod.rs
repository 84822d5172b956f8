//! Rehearses the failover on the live system: on demand, with synthetic clients, in a zone of its own.
//!
//! Owns the order: make sure that nothing real is wrong, fail over by the real procedure, validate, come back by the real
//! procedure, report. Does not touch anything but the zone's own records and databases: those are named, never "all".
//!
//! Invariants: what is drilled is named in the order, or nothing is done. A drill that fails is rolled back and
//! reported as failed; it never counts as passed because nothing went wrong in what it left out.

mod order;

pub use order::DrillOrder;

use super::failback::Failback;
use super::region_failover::RegionFailover;
use super::step::{Step, StepError};
use super::{Brief, Ending, Listed, Perform, Procedure, ProcedureOutcome, Work, approval, metrics, steps};
use crate::policy::HealthState;
use crate::ports::{Audit, Clock, Databases, Dns, Metrics, Notifier, People, PortError, Probe, Runtime, Tenure};
use crate::record::event::{DrillEvent, DrillKind, EventKind};
use crate::units::Span;
use serde::{Deserialize, Serialize};

/// The steps of a drill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrillStep {
    /// Makes sure that nothing real is failing and that the zone is where it belongs.
    ConfirmCalm,
    /// Fails the zone over.
    FailOver,
    /// Checks what the failover has promised.
    Validate,
    /// Brings the zone back.
    FailBack,
    /// Tells those concerned how it went.
    Report,
}

/// What a drill has found so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DrillEvidence {
    /// When the failover began, in nanoseconds by the controller's clock.
    pub began: Option<u64>,
    /// How long it took, in nanoseconds.
    pub failover_nanos: Option<u64>,
    /// The services it activated.
    pub services: Vec<String>,
    /// The databases it moved, and the epoch each was led at.
    pub databases: Vec<(String, u32)>,
    /// What validation found, one line each.
    pub validated: Vec<String>,
    /// The audiences that have been told.
    pub notified: Vec<String>,
}

/// The drill of one zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailoverDrill {
    order: DrillOrder,
}

/// The failover has its recovery objective, fifteen minutes; the failback what its own steps may take in the worst
/// case.
const STEPS: &[(DrillStep, Step)] = &[
    (
        DrillStep::ConfirmCalm,
        Step::new("confirm_calm", "check that production is healthy and the zone is in its home region", 60, 3, 5)
            .from("product default: some calls of control interfaces"),
    ),
    (
        DrillStep::FailOver,
        Step::new("fail_over", "fail the zone over by the real procedure", 900, 1, 5)
            .from("product policy: the recovery objective")
            .undo_within(19_000)
            .running(&[RegionFailover::NAME, Failback::NAME]),
    ),
    (
        DrillStep::Validate,
        Step::new("validate", "check what the failover promised", 120, 5, 5)
            .from("product default: some calls of control interfaces"),
    ),
    (
        DrillStep::FailBack,
        Step::new("fail_back", "bring the zone back by the real procedure", 19_000, 3, 30)
            .from("product default: what its own steps may take in the worst case")
            .undo_within(900)
            .running(&[Failback::NAME]),
    ),
    (
        DrillStep::Report,
        Step::new("report", "notify stakeholders of the result", 60, 10, 5)
            .from("product default: some calls of control interfaces"),
    ),
];

impl Procedure for FailoverDrill {
    type StepId = DrillStep;
    type Order = DrillOrder;
    type Evidence = DrillEvidence;

    const NAME: &'static str = DrillKind::PROCEDURE;
    const DOC: &'static str = "rehearses the failover on the live system, in a zone of synthetic clients";

    fn ordered(order: DrillOrder) -> Self {
        Self { order }
    }

    fn order(&self) -> &DrillOrder {
        &self.order
    }

    fn steps(&self) -> Vec<(DrillStep, Step)> {
        self.order.settings.steps(STEPS)
    }

    fn limit(&self) -> Span {
        self.order.settings.limit(Self::LIMIT)
    }

    /// A drill can always be rolled back: what it moves is its own.
    fn past_return(&self, _: &DrillEvidence) -> bool {
        false
    }
}

impl Listed for FailoverDrill {
    const STEPS: &'static [(DrillStep, Step)] = STEPS;
    const LIMIT: Span = Span::from_mins(360);
    const LIMIT_SOURCE: &'static str = "product default: what its steps may take, and a little more";
    const EVENTS: Option<&'static [EventKind]> =
        Some(&[EventKind::Drill(DrillKind::Passed), EventKind::Drill(DrillKind::NotPassed)]);

    fn order_of(brief: &Brief) -> DrillOrder {
        DrillOrder::of(brief)
    }
}

impl<P> Perform<P> for FailoverDrill
where
    P: Runtime + Dns + Databases + Metrics + Probe + Notifier + People,
    RegionFailover: Perform<P>,
    Failback: Perform<P>,
{
    async fn consent(&self, run: u32, step: &Step, ports: &P, _: &DrillEvidence) -> Result<Option<Span>, String> {
        approval::before_step(ports, (Self::NAME, run), (step, None), self.order.approval.as_ref()).await
    }

    async fn perform(&self, step: DrillStep, work: &mut Work<'_, P, DrillEvidence>) -> Result<String, StepError> {
        match step {
            DrillStep::ConfirmCalm => self.confirm_calm(work.ports).await,
            DrillStep::FailOver => self.fail_over(work).await,
            DrillStep::Validate => self.validate(work.ports, work.evidence).await,
            DrillStep::FailBack => self.fail_back(work).await,
            DrillStep::Report => self.report(work).await,
        }
    }

    async fn verify(&self, step: DrillStep, ports: &P, _: &DrillEvidence) -> Result<(), StepError> {
        match step {
            DrillStep::FailBack => self.is_at_home(ports).await,
            DrillStep::ConfirmCalm | DrillStep::FailOver | DrillStep::Validate | DrillStep::Report => Ok(()),
        }
    }

    async fn undo(&self, step: DrillStep, work: &mut Work<'_, P, DrillEvidence>) -> Result<String, StepError> {
        match step {
            DrillStep::FailBack => self.finish_or_leave(work).await,
            DrillStep::FailOver => self.come_home(work).await,
            DrillStep::ConfirmCalm | DrillStep::Validate | DrillStep::Report => Ok("nothing was changed".to_owned()),
        }
    }
}

impl FailoverDrill {
    async fn confirm_calm<P: Metrics + Clock + Dns + Databases>(&self, ports: &P) -> Result<String, StepError> {
        let order = &self.order;
        if order.records.is_empty() || order.databases.is_empty() || order.services.is_empty() {
            let why = "the zone's records, databases and services must be named: a drill never uses all of them";
            return Err(StepError::Final(why.to_owned()));
        }
        // The region that takes over may be on standby; the failover itself looks at what serves there.
        let verdict = metrics::judge_now(ports, &order.from, &order.limits, &[]).await?;
        if matches!(verdict.health.state, HealthState::Down | HealthState::Degraded) {
            let (state, evidence) = (verdict.health.state, verdict.health.evidence);
            return Err(StepError::Final(format!(
                "not a good time for a drill: {} is {state}: {evidence}",
                order.from
            )));
        }
        self.is_at_home(ports).await?;
        Ok(format!("production is healthy, the zone is in {}", order.from))
    }

    /// Whether the zone's records and databases are where they belong.
    async fn is_at_home<P: Dns + Databases>(&self, ports: &P) -> Result<(), StepError> {
        let home = &self.order.from;
        for record in &self.order.records {
            let named = ports.read_record(record).await?;
            if named != *home {
                return Err(StepError::NotYet(format!("{record} names {named}, not {home}")));
            }
        }
        for database in &self.order.databases {
            if !ports.copy_status(database, home).await?.writable {
                return Err(StepError::NotYet(format!("{database} is not led by {home}")));
            }
        }
        Ok(())
    }

    async fn fail_over<P: Runtime>(&self, work: &mut Work<'_, P, DrillEvidence>) -> Result<String, StepError>
    where
        RegionFailover: Perform<P>,
    {
        let began = *work.evidence.began.get_or_insert(work.ports.now().as_nanos());
        work.write_down().await?;
        let outcome = work.nested::<RegionFailover>(self.order.there()).await;
        let evidence = done(&outcome, work.ports)?;
        work.evidence.failover_nanos = Some(work.ports.now().as_nanos().saturating_sub(began));
        work.evidence.services.clone_from(&evidence.services);
        work.evidence.databases = evidence.databases.iter().map(|d| (d.name.clone(), d.epoch)).collect();
        Ok(format!("{} took the zone over in {}", self.order.to, took(work.evidence)))
    }

    /// What the procedure has read back itself is read again, from outside of it.
    async fn validate<P: Dns + Databases + Probe>(
        &self,
        ports: &P,
        evidence: &mut DrillEvidence,
    ) -> Result<String, StepError> {
        let to = &self.order.to;
        evidence.validated.clear();
        for record in &self.order.records {
            let named = ports.read_record(record).await?;
            if named != *to {
                return Err(StepError::Final(format!("{record} names {named}, not {to}")));
            }
            evidence.validated.push(format!("{record} names {to}"));
        }
        for database in &self.order.databases {
            let (here, there) = (ports.copy_status(database, to), ports.copy_status(database, &self.order.from));
            let (here, there) = (here.await?, there.await?);
            if !here.writable || there.writable || here.leader != *to {
                return Err(StepError::Final(format!("{database} is not led by {to} alone")));
            }
            evidence.validated.push(format!("{database} is led by {to} alone, at epoch {}", here.epoch));
        }
        for service in &self.order.services {
            let took = ports.probe(to, service).await?;
            if took > self.order.limits.latency {
                return Err(StepError::NotYet(format!("{service} in {to} answered after {took:#}")));
            }
            evidence.validated.push(format!("{service} answers in {took:#}"));
        }
        let objective = self.order.failover.limit(RegionFailover::LIMIT);
        evidence.validated.push(format!("taken over in {}, objective {objective:#}", took(evidence)));
        if evidence.failover_nanos.is_none_or(|nanos| Span::from_nanos(nanos) > objective) {
            return Err(StepError::Final(format!("the failover took {}", took(evidence))));
        }
        Ok(evidence.validated.join("; "))
    }

    async fn fail_back<P: Runtime>(&self, work: &mut Work<'_, P, DrillEvidence>) -> Result<String, StepError>
    where
        Failback: Perform<P>,
    {
        let outcome = work.nested::<Failback>(self.order.back()).await;
        done(&outcome, work.ports)?;
        Ok(format!("the zone is back in {}", self.order.from))
    }

    async fn report<P: Notifier + Audit>(&self, work: &mut Work<'_, P, DrillEvidence>) -> Result<String, StepError> {
        let message = format!("drill passed: {}", work.evidence.validated.join("; "));
        let told = steps::tell(work.ports, &self.order.audiences, &message, &mut work.evidence.notified).await?;
        work.ports.event(DrillEvent::Passed { message: message.into() });
        Ok(told)
    }

    /// A failback that was cut off is rolled back, or finished if it is past its point of no return.
    async fn finish_or_leave<P: Runtime>(&self, work: &mut Work<'_, P, DrillEvidence>) -> Result<String, StepError>
    where
        Failback: Perform<P>,
    {
        match work.take_back_nested::<Failback>(self.order.back()).await {
            None => Ok("nothing was in progress".to_owned()),
            Some(outcome) if outcome.ending == Ending::Superseded => Err(superseded(work.ports)),
            Some(outcome) => Ok(format!("the failback {}", outcome.ending)),
        }
    }

    /// Takes back a failover that is under way, or comes back from one that was done, and says that the drill failed.
    async fn come_home<P: Runtime + Dns + Databases>(
        &self,
        work: &mut Work<'_, P, DrillEvidence>,
    ) -> Result<String, StepError>
    where
        RegionFailover: Perform<P>,
        Failback: Perform<P>,
    {
        if work.evidence.began.is_none() {
            return Ok("nothing was changed".to_owned());
        }
        if let Some(outcome) = work.take_back_nested::<RegionFailover>(self.order.there()).await
            && outcome.ending == Ending::Superseded
        {
            return Err(superseded(work.ports));
        }
        if self.is_at_home(work.ports).await.is_err() {
            let outcome = work.nested::<Failback>(self.order.back()).await;
            done(&outcome, work.ports)?;
            self.is_at_home(work.ports).await?;
        }
        work.ports.event(DrillEvent::NotPassed {});
        Ok(format!("the zone is back in {}", self.order.from))
    }
}

fn took(evidence: &DrillEvidence) -> String {
    evidence.failover_nanos.map_or("unknown time".to_owned(), |nanos| format!("{:#}", Span::from_nanos(nanos)))
}

/// What a nested procedure found, if it was done.
fn done<'o, P: Tenure, E>(outcome: &'o ProcedureOutcome<E>, ports: &P) -> Result<&'o E, StepError> {
    match outcome.ending {
        Ending::Done => Ok(&outcome.evidence),
        Ending::Superseded => Err(superseded(ports)),
        ending => {
            let (step, why) = outcome.failure.clone().unwrap_or_default();
            Err(StepError::NotYet(format!("it {ending}, at {step}: {why}")))
        }
    }
}

/// A nested procedure that learned of a newer controller ends the one it is nested in too.
fn superseded<P: Tenure>(ports: &P) -> StepError {
    let held = ports.epoch();
    StepError::Port(PortError::Superseded { held, newest: held.saturating_add(1) })
}

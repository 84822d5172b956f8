//! Fails back to a recovered region, by plan: nothing may be lost, and the pause of writes is short.
//!
//! Owns the order of the steps, their budgets and what only a failback needs: copies that are rebuilt and have caught
//! up before anything is fenced. What it shares with leaving a region is that procedure's.
//!
//! Invariants: those of the region failover; besides, a database is fenced only while the copy that takes over is close
//! behind, and promoted only once that copy holds all the old authority had at the fence. What cannot be proved to lose
//! nothing is not done.

mod order;

pub use order::FailbackOrder;

use super::region_failover::{FailoverDatabase, FailoverEvidence, RegionFailover};
use super::step::{Step, StepError};
use super::{Brief, Listed, Perform, Procedure, Work, approval, metrics, steps};
use crate::policy::HealthState;
use crate::ports::{
    Clock, Databases, Dns, HeadBound, LoadBalancer, Metrics, Notifier, People, Probe, Runtime, Services,
};
use crate::record::LossBound;
use crate::record::event::EventKind;
use crate::units::{Span, plural};

/// The steps of the failback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailbackStep {
    /// Makes sure that the region is fit.
    ConfirmFit,
    /// Rebuilds its copies where they cannot follow.
    RebuildCopies,
    /// Waits until they have nearly caught up.
    CatchUp,
    /// Activates its services.
    ActivateServices,
    /// Fences the databases' authorities off and promotes the region's copies.
    SwitchDatabases,
    /// Points the records at it.
    SwitchDns,
    /// Makes sure that the copies lead and have applied all they had received.
    VerifyDataSync,
    /// Makes sure that every service answers.
    VerifyHealth,
    /// Tells those concerned.
    NotifyStakeholders,
}

/// The failback to one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failback {
    order: FailbackOrder,
    moving: RegionFailover,
}

/// Where most budgets come from.
const AS_OUT: &str = "product default: as for a region failover";

/// Budgets are those of leaving a region where the step is the same. Rebuilding may take hours and stops nobody; the
/// two minutes of the switch are the longest pause of writes we would want to explain. The figures are ours.
const STEPS: &[(FailbackStep, Step)] = &[
    (
        FailbackStep::ConfirmFit,
        Step::new("confirm_fit", "check that the region is healthy and can take over", 90, 3, 5).from(AS_OUT),
    ),
    (
        FailbackStep::RebuildCopies,
        Step::new("rebuild_copies", "rebuild copies that cannot replicate", 14_400, 20, 30)
            .from("product default: it may take hours, and blocks nobody"),
    ),
    (
        FailbackStep::CatchUp,
        Step::new("catch_up", "wait until the copies have nearly caught up", 3_600, 700, 5)
            .from("product default: it blocks nobody"),
    ),
    (
        FailbackStep::ActivateServices,
        Step::new("activate_services", "activate the services", 300, 20, 5).from(AS_OUT).undo_within(120),
    ),
    (
        FailbackStep::SwitchDatabases,
        Step::new("switch_databases", "pause writes, drain, promote the copies", 120, 60, 1)
            .from("product policy: the longest pause of writes")
            .undo_within(120)
            .with_no_return(),
    ),
    (
        FailbackStep::SwitchDns,
        Step::new("switch_dns", "send clients to the region", 120, 10, 5).from(AS_OUT).undo_within(120),
    ),
    (
        FailbackStep::VerifyDataSync,
        Step::new("verify_data_sync", "check that the promoted copies lead, complete", 120, 20, 5).from(AS_OUT),
    ),
    (FailbackStep::VerifyHealth, Step::new("verify_health", "probe every service", 120, 20, 5).from(AS_OUT)),
    (FailbackStep::NotifyStakeholders, Step::new("notify_stakeholders", "notify stakeholders", 60, 10, 5).from(AS_OUT)),
];

impl Procedure for Failback {
    type StepId = FailbackStep;
    type Order = FailbackOrder;
    type Evidence = FailoverEvidence;

    const NAME: &'static str = "failback";
    const DOC: &'static str = "moves traffic and data back to a recovered region, without loss";

    fn ordered(order: FailbackOrder) -> Self {
        Self { moving: RegionFailover { order: order.moving() }, order }
    }

    fn order(&self) -> &FailbackOrder {
        &self.order
    }

    fn steps(&self) -> Vec<(FailbackStep, Step)> {
        self.order.settings.steps(STEPS)
    }

    fn limit(&self) -> Span {
        self.order.settings.limit(Self::LIMIT)
    }

    fn past_return(&self, evidence: &FailoverEvidence) -> bool {
        self.moving.past_return(evidence)
    }
}

impl Listed for Failback {
    const STEPS: &'static [(FailbackStep, Step)] = STEPS;
    /// Twice what the steps after the point of no return may take.
    const LIMIT: Span = Span::from_mins(15);
    const LIMIT_SOURCE: &'static str = "product default: twice what the steps after the point of no return may take";
    const EVENTS: Option<&'static [EventKind]> = Some(&[]);

    fn order_of(brief: &Brief) -> FailbackOrder {
        FailbackOrder::of(brief)
    }
}

impl<P: Runtime + Dns + LoadBalancer + Services + Databases + Metrics + Probe + Notifier + People> Perform<P>
    for Failback
{
    async fn consent(
        &self,
        run: u32,
        step: &Step,
        ports: &P,
        evidence: &FailoverEvidence,
    ) -> Result<Option<Span>, String> {
        approval::before_step(
            ports,
            (Self::NAME, run),
            (step, self.moving.price(evidence)),
            self.order.approval.as_ref(),
        )
        .await
    }

    async fn perform(&self, step: FailbackStep, work: &mut Work<'_, P, FailoverEvidence>) -> Result<String, StepError> {
        if step == FailbackStep::ConfirmFit {
            self.find_origin(work.ports, work.evidence).await?;
        }
        let aimed = self.aimed(work.evidence);
        match step {
            FailbackStep::ConfirmFit => aimed.confirm_fit(work.ports, work.evidence).await,
            FailbackStep::RebuildCopies => aimed.rebuild_copies(work.ports, work.evidence).await,
            FailbackStep::CatchUp => aimed.catch_up(work.ports, work.evidence).await,
            FailbackStep::ActivateServices => aimed.activate_services(work).await,
            FailbackStep::SwitchDatabases => aimed.switch_databases(work).await,
            FailbackStep::SwitchDns => aimed.moving.switch_traffic(work).await,
            FailbackStep::VerifyDataSync => aimed.moving.verify_data_sync(work.ports, work.evidence).await,
            FailbackStep::VerifyHealth => aimed.moving.verify_health(work.ports, work.evidence).await,
            FailbackStep::NotifyStakeholders => aimed.moving.notify_stakeholders(work).await,
        }
    }

    async fn verify(&self, step: FailbackStep, ports: &P, evidence: &FailoverEvidence) -> Result<(), StepError> {
        match step {
            FailbackStep::SwitchDns => self.aimed(evidence).moving.traffic_is_switched(ports, evidence).await,
            FailbackStep::ActivateServices => self.aimed(evidence).moving.services_serve(ports, evidence).await,
            // The others change nothing, are checks themselves, or have a check of their own further on.
            FailbackStep::ConfirmFit
            | FailbackStep::RebuildCopies
            | FailbackStep::CatchUp
            | FailbackStep::SwitchDatabases
            | FailbackStep::VerifyDataSync
            | FailbackStep::VerifyHealth
            | FailbackStep::NotifyStakeholders => Ok(()),
        }
    }

    async fn undo(&self, step: FailbackStep, work: &mut Work<'_, P, FailoverEvidence>) -> Result<String, StepError> {
        let aimed = self.aimed(work.evidence);
        match step {
            FailbackStep::SwitchDatabases => aimed.moving.give_databases_back(work.ports, work.evidence).await,
            FailbackStep::ActivateServices => aimed.moving.put_services_back(work.ports, work.evidence).await,
            FailbackStep::SwitchDns => aimed.moving.switch_traffic_back(work.ports, work.evidence).await,
            FailbackStep::ConfirmFit
            | FailbackStep::RebuildCopies
            | FailbackStep::CatchUp
            | FailbackStep::VerifyDataSync
            | FailbackStep::VerifyHealth
            | FailbackStep::NotifyStakeholders => Ok("nothing was changed".to_owned()),
        }
    }
}

impl Failback {
    /// The same failback, from the region that was found to have taken over, if that had to be found out.
    fn aimed(&self, evidence: &FailoverEvidence) -> Self {
        let from = evidence.chosen.as_ref().unwrap_or(&self.order.from).clone();
        Self::ordered(FailbackOrder { from, ..self.order.clone() })
    }

    /// Keeps in the evidence which region has taken over, if the order leaves that open: the one that leads the databases,
    /// or is named by the records.
    async fn find_origin<P: Dns + LoadBalancer + Databases>(
        &self,
        ports: &P,
        evidence: &mut FailoverEvidence,
    ) -> Result<(), StepError> {
        let order = &self.order;
        let is_one = |region: &String| order.origins.contains(region);
        if order.origins.is_empty() {
            return Ok(());
        }
        for name in self.moving.chosen(ports.databases_in(&order.to).await?) {
            let leader = ports.copy_status(&name, &order.to).await?.leader;
            if is_one(&leader) {
                evidence.chosen = Some(leader);
                return Ok(());
            }
        }
        for name in &order.records {
            let named = ports.read_record(name).await?;
            if is_one(&named) {
                evidence.chosen = Some(named);
                return Ok(());
            }
        }
        if order.weights.is_some() {
            let weights = ports.read_weights().await?;
            let most = weights.into_iter().filter(|(region, _)| is_one(region)).max_by_key(|(_, share)| *share);
            evidence.chosen = most.map(|(region, _)| region);
        }
        Ok(())
    }

    /// A region nobody uses has too few requests to be judged by: it is fit if nothing of it is seen to fail and every
    /// service that serves answers.
    async fn confirm_fit<P: Metrics + Services + Probe + Databases + Clock>(
        &self,
        ports: &P,
        evidence: &mut FailoverEvidence,
    ) -> Result<String, StepError> {
        let order = &self.order;
        if let Some(problem) = self.moving.impossible() {
            return Err(StepError::Final(problem.to_owned()));
        }
        let verdict = metrics::judge_now(ports, &order.to, &order.limits, &order.services).await?;
        let found = format!("{} is {}: {}", order.to, verdict.health.state, verdict.health.evidence);
        if mutant!("the_unfit_are_gone_back_to": verdict.services.is_empty() || verdict.health.state == HealthState::Down => false)
        {
            return Err(StepError::NotYet(found));
        }
        let statuses = ports.service_status(&order.to).await?;
        evidence.services = self.moving.wanted(&statuses)?;
        let serving = statuses.into_iter().filter(|status| status.active).map(|status| status.service);
        evidence.serving_before = serving.filter(|name| evidence.services.contains(name)).collect();
        for service in &evidence.serving_before {
            ports.probe(&order.to, service).await?;
        }
        self.find_databases(ports, evidence).await?;
        evidence.found.clone_from(&found);
        Ok(found)
    }

    /// The databases that have to be moved: those the region that is left leads.
    async fn find_databases<P: Databases>(&self, ports: &P, evidence: &mut FailoverEvidence) -> Result<(), StepError> {
        let order = &self.order;
        evidence.databases.clear();
        for name in self.moving.chosen(ports.databases_in(&order.to).await?) {
            let leader = ports.copy_status(&name, &order.from).await?;
            let copy = ports.copy_status(&name, &order.to).await?;
            if copy.writable && copy.epoch >= leader.epoch {
                continue;
            }
            if mutant!("a_failback_asks_nobody_who_leads": !leader.writable => false) {
                return Err(StepError::NotYet(format!("{name} is not led by {}", order.from)));
            }
            let epoch = leader.epoch.max(copy.epoch).saturating_add(mutant!("a_failback_keeps_the_epoch": 1 => 0));
            let head = HeadBound { if_dead: leader.applied_lsn, if_alive: leader.applied_lsn };
            let database = FailoverDatabase::new(name, epoch, Some(head), copy.received_lsn);
            evidence.databases.push(database);
        }
        Ok(())
    }

    /// A copy that follows is left alone; one that cannot is rebuilt, and what only it had is discarded.
    async fn rebuild_copies<P: Databases>(&self, ports: &P, evidence: &FailoverEvidence) -> Result<String, StepError> {
        let to = &self.order.to;
        let names: Vec<&str> = evidence.databases.iter().map(|database| database.name.as_str()).collect();
        Ok(steps::rebuild(ports, &names, to).await?.unwrap_or_else(|| "no database".to_owned()))
    }

    /// Close behind: everything the authority had at one look is there at the next.
    async fn catch_up<P: Databases>(&self, ports: &P, evidence: &mut FailoverEvidence) -> Result<String, StepError> {
        let order = &self.order;
        for database in &mut evidence.databases {
            let copy = ports.copy_status(&database.name, &order.to).await?;
            let seen = database.head.unwrap_or(u64::MAX);
            let leader = ports.copy_status(&database.name, &order.from).await?;
            (database.head, database.head_if_alive) = (Some(leader.applied_lsn), Some(leader.applied_lsn));
            database.received = copy.received_lsn;
            if mutant!("a_failback_does_not_catch_up": copy.applied_lsn < seen => false) {
                let (name, applied) = (&database.name, copy.applied_lsn);
                return Err(StepError::NotYet(format!("{name} in {} has applied {applied} of {seen}", order.to)));
            }
        }
        Ok(format!("{} nearly caught up", plural(evidence.databases.len() as u64, "database")))
    }

    async fn activate_services<P: Runtime + Services>(
        &self,
        work: &mut Work<'_, P, FailoverEvidence>,
    ) -> Result<String, StepError> {
        self.moving.activate(work).await?;
        Ok(format!("{} serve in {}", work.evidence.services.join(", "), self.order.to))
    }

    /// All are fenced and drained before any is promoted: until then the switch can be rolled back as a whole.
    async fn switch_databases<P: Runtime + Databases>(
        &self,
        work: &mut Work<'_, P, FailoverEvidence>,
    ) -> Result<String, StepError> {
        for index in 0..work.evidence.databases.len() {
            self.moving.fence(work, index).await?;
        }
        for database in &work.evidence.databases {
            work.ports.announce_loss_bound(&database.name, LossBound::flat(0));
        }
        for index in 0..work.evidence.databases.len() {
            self.moving.promote(work, index).await?;
            let database = &mut work.evidence.databases[index];
            // Nothing can be lost: the copy had all there was when it was promoted.
            (database.head, database.head_if_alive) = (database.from_lsn, database.from_lsn);
        }
        let promoted = work.evidence.databases.iter().map(|d| format!("{} promoted at epoch {}", d.name, d.epoch));
        let promoted: Vec<String> = promoted.collect();
        Ok(if promoted.is_empty() { "no database".to_owned() } else { promoted.join("; ") })
    }
}

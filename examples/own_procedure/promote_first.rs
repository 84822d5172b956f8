//! A failover that opens the other copy first and points the names at it afterwards, so that nobody is sent to a region that
//! cannot write yet.
//!
//! Owns the order of the steps. Everything it does goes through ports, so the same code can drive real systems; its bounds
//! say which it needs.

use firedrill::ports::{Databases, Dns, Notifier, People, Probe, Runtime, Services};
use firedrill::procedure::{
    Brief, Effect, Listed, Perform, Procedure, Settings, Step, StepApproval, StepError, Work, approval, steps,
};
use firedrill::record::event::EventKind;
use firedrill::units::Span;
use serde::{Deserialize, Serialize};

/// What it is told. Written down whole when a run begins, so that a successor goes by the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    from: String,
    to: String,
    records: Vec<String>,
    audiences: Vec<String>,
    probes: u32,
    answers_within: Span,
    approval: Option<StepApproval>,
    settings: Settings,
}

/// What its steps find and do.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Evidence {
    activated: Effect,
    services: Vec<String>,
    databases: Vec<Database>,
    /// Each record with what it named before.
    records: Vec<(String, String, Effect)>,
    told: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Database {
    name: String,
    epoch: u32,
    fenced: Effect,
    promoted: Effect,
}

/// The failover.
#[derive(Debug)]
pub struct PromoteFirst(Order);

/// Tells its steps apart.
#[derive(Debug, Clone, Copy)]
pub enum StepId {
    Activate,
    Promote,
    PointNames,
    CheckHealth,
    Tell,
}

const STEPS: &[(StepId, Step)] = &[
    (StepId::Activate, Step::new("activate", "make the services ready", 300, 10, 5).undo_within(120)),
    (StepId::Promote, Step::new("promote", "fence, and open the copies", 180, 20, 5).undo_within(60).with_no_return()),
    (StepId::PointNames, Step::new("point_names", "point the records there", 120, 10, 5).undo_within(60)),
    (StepId::CheckHealth, Step::new("check_health", "probe every service", 120, 20, 5)),
    (StepId::Tell, Step::new("tell", "notify stakeholders", 60, 10, 5)),
];

impl Procedure for PromoteFirst {
    type StepId = StepId;
    type Order = Order;
    type Evidence = Evidence;
    const NAME: &'static str = "promote_first";
    const DOC: &'static str = "opens the other region's copies, then points the names at it";

    fn ordered(order: Order) -> Self {
        Self(order)
    }
    fn order(&self) -> &Order {
        &self.0
    }
    fn steps(&self) -> Vec<(StepId, Step)> {
        self.0.settings.steps(STEPS)
    }
    fn limit(&self) -> Span {
        self.0.settings.limit(Self::LIMIT)
    }
    fn past_return(&self, evidence: &Evidence) -> bool {
        evidence.databases.iter().any(|database| database.promoted != Effect::None)
    }
}

impl Listed for PromoteFirst {
    const STEPS: &'static [(StepId, Step)] = STEPS;
    const LIMIT: Span = Span::from_mins(15);
    const LIMIT_SOURCE: &'static str = "what our service level agreement leaves for recovery";
    const EVENTS: Option<&'static [EventKind]> = Some(&[]);

    fn order_of(brief: &Brief) -> Order {
        Order {
            from: brief.from.clone(),
            to: brief.to.clone(),
            records: brief.records.clone(),
            audiences: brief.audiences.clone(),
            probes: brief.probes,
            answers_within: brief.limits.latency,
            approval: brief.approval.clone(),
            settings: brief.settings_of(Self::NAME),
        }
    }
}

impl<P: Runtime + Databases + Dns + Services + Probe + Notifier + People> Perform<P> for PromoteFirst {
    async fn consent(&self, run: u32, step: &Step, ports: &P, _: &Evidence) -> Result<Option<Span>, String> {
        approval::before_step(ports, (Self::NAME, run), (step, None), self.0.approval.as_ref()).await
    }

    async fn perform(&self, step: StepId, work: &mut Work<'_, P, Evidence>) -> Result<String, StepError> {
        match step {
            StepId::Activate => self.activate(work).await,
            StepId::Promote => self.promote(work).await,
            StepId::PointNames => self.point_names(work).await,
            StepId::CheckHealth => {
                let where_to = (self.0.to.as_str(), &work.evidence.services[..]);
                let slowest =
                    steps::services_answer(work.ports, where_to, (self.0.probes, self.0.answers_within)).await?;
                Ok(format!("every service answers within {slowest:#}"))
            }
            StepId::Tell => {
                let message = format!("{} has taken over", self.0.to);
                steps::tell(work.ports, &self.0.audiences, &message, &mut work.evidence.told).await
            }
        }
    }

    async fn verify(&self, step: StepId, ports: &P, evidence: &Evidence) -> Result<(), StepError> {
        match step {
            StepId::Activate => self.serves(ports).await,
            StepId::Promote => {
                for database in &evidence.databases {
                    let copy = ports.copy_status(&database.name, &self.0.to).await?;
                    if !copy.writable || copy.epoch != database.epoch {
                        return Err(StepError::NotYet(format!("{} does not lead yet", database.name)));
                    }
                }
                Ok(())
            }
            StepId::PointNames => {
                for record in &self.0.records {
                    let named = ports.read_record(record).await?;
                    if named != self.0.to {
                        return Err(StepError::NotYet(format!("{record} names {named}")));
                    }
                }
                Ok(())
            }
            StepId::CheckHealth | StepId::Tell => Ok(()),
        }
    }

    async fn undo(&self, step: StepId, work: &mut Work<'_, P, Evidence>) -> Result<String, StepError> {
        match step {
            StepId::Activate if work.evidence.activated != Effect::None => {
                work.ports.deactivate(&self.0.to).await?;
                Ok(format!("{} is on standby again", self.0.to))
            }
            // No copy was opened yet, or this would not be taken back: the old authority leads on.
            StepId::Promote => {
                for database in work.evidence.databases.iter_mut().filter(|database| database.fenced != Effect::None) {
                    steps::give_back(work.ports, (&database.name, &self.0.from, database.epoch)).await?;
                    database.fenced = Effect::None;
                }
                Ok(format!("{} leads", self.0.from))
            }
            StepId::PointNames => {
                for (record, before, pointed) in &work.evidence.records {
                    if *pointed != Effect::None {
                        work.ports.point_record(record, before).await?;
                    }
                }
                Ok("the records name what they did".to_owned())
            }
            _ => Ok("nothing was changed".to_owned()),
        }
    }
}

impl PromoteFirst {
    async fn activate<P: Runtime + Services + Databases>(
        &self,
        work: &mut Work<'_, P, Evidence>,
    ) -> Result<String, StepError> {
        let to = &self.0.to;
        let services = work.ports.service_status(to).await?;
        work.evidence.services = services.into_iter().map(|status| status.service).collect();
        let before = work.evidence.activated.ask();
        work.write_down().await?;
        let answer = work.ports.activate(to).await;
        work.evidence.activated.learn(before, answer)?;
        Ok(format!("{} made ready in {to}", work.evidence.services.join(", ")))
    }

    async fn serves<P: Services>(&self, ports: &P) -> Result<(), StepError> {
        let statuses = ports.service_status(&self.0.to).await?;
        match statuses.iter().find(|status| !status.active) {
            Some(status) => Err(StepError::NotYet(format!("{} does not serve yet", status.service))),
            None => Ok(()),
        }
    }

    /// Every database is fenced off before any is opened: until then all of it can be taken back.
    async fn promote<P: Runtime + Databases>(&self, work: &mut Work<'_, P, Evidence>) -> Result<String, StepError> {
        let to = self.0.to.as_str();
        for name in work.ports.databases_in(to).await? {
            if work.evidence.databases.iter().all(|database| database.name != name) {
                let epoch = work.ports.copy_status(&name, to).await?.epoch + 1;
                work.evidence.databases.push(Database { name, epoch, fenced: Effect::None, promoted: Effect::None });
            }
        }
        let targets: Vec<(String, u32)> = work.evidence.databases.iter().map(|d| (d.name.clone(), d.epoch)).collect();
        for (index, (name, epoch)) in targets.iter().enumerate() {
            steps::fence(work, (name, *epoch), |evidence| &mut evidence.databases[index].fenced).await?;
        }
        for (name, _) in &targets {
            let bound = work.ports.head_bound(name).await?;
            let received = work.ports.copy_status(name, to).await?.received_lsn;
            work.ports.announce_loss_bound(name, steps::loss_bound(bound, received));
        }
        for (index, (name, epoch)) in targets.iter().enumerate() {
            steps::promote(work, (name, to, *epoch), |evidence| &mut evidence.databases[index].promoted).await?;
        }
        Ok(format!("{} copies lead in {to}", targets.len()))
    }

    async fn point_names<P: Runtime + Dns>(&self, work: &mut Work<'_, P, Evidence>) -> Result<String, StepError> {
        for (index, record) in self.0.records.iter().enumerate() {
            if work.evidence.records.len() == index {
                let before = work.ports.read_record(record).await?;
                work.evidence.records.push((record.clone(), before, Effect::None));
            }
            let before = work.evidence.records[index].2.ask();
            work.write_down().await?;
            let answer = work.ports.point_record(record, &self.0.to).await;
            work.evidence.records[index].2.learn(before, answer)?;
        }
        Ok(format!("{} now name {}", self.0.records.join(", "), self.0.to))
    }
}

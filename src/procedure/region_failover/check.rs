//! The steps of a region failover that only look.

use super::{FailoverDatabase, FailoverEvidence, RegionFailover};
use crate::policy::HealthState;
use crate::ports::{Audit, Clock, Databases, Dns, Metrics, Probe, ServiceStatus, Services};
use crate::procedure::step::StepError;
use crate::procedure::{metrics, steps};
use crate::units::plural;

impl RegionFailover {
    /// Step 1: only a region that is seen to fail is left, unless that is planned. Neither silence nor mere degradation
    /// will do; and a region that fails is not left by plan.
    pub(in crate::procedure) async fn detect_failure<P: Metrics + Clock>(
        &self,
        ports: &P,
        evidence: &mut FailoverEvidence,
    ) -> Result<String, StepError> {
        let order = &self.order;
        if let Some(problem) = self.impossible() {
            return Err(StepError::Final(problem.to_owned()));
        }
        let verdict = metrics::judge_now(ports, &order.from, &order.limits, &order.services).await?;
        let found = format!("{} is {}: {}", order.from, verdict.health.state, verdict.health.evidence);
        match (verdict.health.state, order.planned) {
            (HealthState::Down, false) | (HealthState::Healthy | HealthState::Unknown, true) => {}
            (HealthState::Unknown, false) => return Err(StepError::NotYet(found)),
            (HealthState::Down | HealthState::Degraded, true)
            | (HealthState::Healthy | HealthState::Degraded, false) => {
                return Err(StepError::Final(found));
            }
        }
        evidence.found.clone_from(&found);
        Ok(found)
    }

    /// What makes the order one that could only pass vacuously, if anything does.
    pub(in crate::procedure) fn impossible(&self) -> Option<&'static str> {
        let order = &self.order;
        if order.from == order.to {
            Some("a region cannot fail over to itself")
        } else if order.records.is_empty() {
            Some("no DNS record is given: no traffic would move")
        } else if order.audiences.is_empty() {
            Some("no audience is given: nobody would be notified")
        } else if order.probes == 0 {
            Some("no probes: nothing would show that the services answer")
        } else {
            None
        }
    }

    /// Step 2: changes nothing, so that whatever is wrong with the secondary costs nothing but time.
    pub(in crate::procedure) async fn verify_secondary<P: Services + Databases + Metrics + Probe + Clock + Audit>(
        &self,
        ports: &P,
        evidence: &mut FailoverEvidence,
    ) -> Result<String, StepError> {
        let to = &self.order.to;
        let statuses = ports.service_status(to).await?;
        evidence.services = self.wanted(&statuses)?;
        let serving = statuses.into_iter().filter(|status| status.active).map(|status| status.service);
        evidence.serving_before = serving.filter(|name| evidence.services.contains(name)).collect();
        self.refuse_secondary_that_fails(ports, &evidence.serving_before).await?;
        let mut databases = Vec::new();
        for name in self.chosen(ports.databases_in(to).await?) {
            let copy = ports.copy_status(&name, to).await?;
            let head = ports.head_bound(&name).await?;
            databases.push(FailoverDatabase::new(name, copy.epoch.saturating_add(1), head, copy.received_lsn));
        }
        self.refuse_loss_above_limit(&databases)?;
        for database in &databases {
            ports.announce_loss_bound(&database.name, database.announced());
        }
        evidence.databases = databases;
        let losses = evidence.databases.iter().map(|d| format!("; {}: {}", d.name, d.loss_in_words()));
        Ok(format!("{to} can take over {}{}", evidence.services.join(", "), losses.collect::<String>()))
    }

    /// What a failover may cost, as far as it can be told before it is begun; `None` if it moves no data or nobody answers.
    pub(in crate::procedure) async fn foresee_price<P: Databases>(&self, ports: &P) -> Option<String> {
        let to = &self.order.to;
        let mut databases = Vec::new();
        for name in self.chosen(ports.databases_in(to).await.ok()?) {
            let copy = ports.copy_status(&name, to).await.ok()?;
            let head = ports.head_bound(&name).await.ok()?;
            databases.push(FailoverDatabase::new(name, copy.epoch, head, copy.received_lsn));
        }
        self.price(&FailoverEvidence { databases, ..FailoverEvidence::default() })
    }

    /// Those of the databases that are to be moved.
    pub(in crate::procedure) fn chosen(&self, mut databases: Vec<String>) -> Vec<String> {
        let named = &self.order.databases;
        databases.retain(|name| named.is_empty() || named.contains(name));
        databases
    }

    /// The services that must serve in the secondary.
    pub(in crate::procedure) fn wanted(&self, statuses: &[ServiceStatus]) -> Result<Vec<String>, StepError> {
        let has = |name: &String| statuses.iter().any(|status| status.service == *name);
        let to = &self.order.to;
        if let Some(missing) = self.order.services.iter().find(|name| !has(name)) {
            return Err(StepError::Final(format!("{to} has no service {missing}")));
        }
        match (statuses, self.order.services.as_slice()) {
            ([], _) => Err(StepError::Final(format!("{to} has no services"))),
            (all, []) => Ok(all.iter().map(|status| status.service.clone()).collect()),
            (_, named) => Ok(named.to_vec()),
        }
    }

    /// A service on standby need not answer yet; one that serves must not be failing, and must answer. Monitoring must
    /// be readable in any case, or nobody would see how the failover goes.
    async fn refuse_secondary_that_fails<P: Metrics + Probe + Clock>(
        &self,
        ports: &P,
        serving: &[String],
    ) -> Result<(), StepError> {
        let to = &self.order.to;
        let verdict = metrics::judge_now(ports, to, &self.order.limits, serving).await?;
        for service in serving {
            if let Some(health) = verdict.services.get(service).filter(|health| health.state == HealthState::Down) {
                return Err(StepError::NotYet(format!("{service} in {to} is down: {}", health.evidence)));
            }
            ports.probe(to, service).await?;
        }
        Ok(())
    }

    /// The limit is one of dead authorities: what one that is cut off still takes, no failover can limit.
    pub(in crate::procedure) fn refuse_loss_above_limit(
        &self,
        databases: &[FailoverDatabase],
    ) -> Result<(), StepError> {
        let Some(limit) = self.order.loss_limit else { return Ok(()) };
        let above = databases.iter().find(|database| database.loss_bound().is_none_or(|bound| bound > limit));
        above.map_or(Ok(()), |database| {
            let (name, loss) = (&database.name, database.loss_in_words());
            Err(StepError::NotYet(format!("{name}: {loss}, and the limit is {limit}")))
        })
    }

    /// Step 5: the copies lead, and have applied all they had received when the old authority was fenced off.
    pub(in crate::procedure) async fn verify_data_sync<P: Databases>(
        &self,
        ports: &P,
        evidence: &FailoverEvidence,
    ) -> Result<String, StepError> {
        let to = &self.order.to;
        let mut notes = Vec::new();
        for database in &evidence.databases {
            let copy = ports.copy_status(&database.name, to).await?;
            let (name, epoch) = (&database.name, database.epoch);
            let start = database.from_lsn.unwrap_or(0).max(database.received);
            if copy.epoch > epoch {
                return Err(StepError::Final(format!(
                    "{name} is at epoch {}: another controller leads it now",
                    copy.epoch
                )));
            }
            if copy.epoch < epoch || !copy.writable {
                return Err(StepError::NotYet(format!("{name} in {to} does not lead epoch {epoch} yet")));
            }
            if copy.leader != *to {
                return Err(StepError::Final(format!("{name} is led by {}, not by {to}", copy.leader)));
            }
            if copy.applied_lsn < start {
                let applied = copy.applied_lsn;
                return Err(StepError::NotYet(format!("{name} in {to} has applied {applied} of {start}")));
            }
            notes.push(format!("{name} leads epoch {epoch} from {start}, {}", database.loss_in_words()));
        }
        Ok(if notes.is_empty() { "no database".to_owned() } else { notes.join("; ") })
    }

    /// Step 6: every service answers every probe, within the limit of its response time.
    pub(in crate::procedure) async fn verify_health<P: Probe + Clock>(
        &self,
        ports: &P,
        evidence: &FailoverEvidence,
    ) -> Result<String, StepError> {
        let (to, how) = (&self.order.to, (self.order.probes, self.order.limits.latency));
        let slowest = steps::services_answer(ports, (to, &evidence.services), how).await?;
        let services = plural(evidence.services.len() as u64, "service");
        let probes = plural(u64::from(self.order.probes), "probe");
        Ok(format!("{services} answered {probes} each, the slowest in {slowest:#}"))
    }

    /// Verifies step 3 at the authoritative servers.
    pub(in crate::procedure) async fn records_name_secondary<P: Dns>(
        &self,
        ports: &P,
        evidence: &FailoverEvidence,
    ) -> Result<(), StepError> {
        for record in &evidence.records {
            let named = ports.read_record(&record.name).await?;
            if named != self.order.to {
                return Err(StepError::NotYet(format!("{} still names {named}", record.name)));
            }
        }
        Ok(())
    }

    /// Verifies step 4 with the platform; the databases have a step of their own.
    pub(in crate::procedure) async fn services_serve<P: Services>(
        &self,
        ports: &P,
        evidence: &FailoverEvidence,
    ) -> Result<(), StepError> {
        let statuses = ports.service_status(&self.order.to).await?;
        let serves = |name: &String| statuses.iter().any(|s| s.service == *name && s.active && s.servers > 0);
        match evidence.services.iter().find(|name| !serves(name)) {
            Some(idle) => Err(StepError::NotYet(format!("{idle} in {} does not serve yet", self.order.to))),
            None => Ok(()),
        }
    }
}

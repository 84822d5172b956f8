//! The steps of a region failover that only look.

use super::{FailoverDatabase, FailoverEvidence, RegionFailover};
use crate::policy::HealthState;
use crate::ports::{Audit, Clock, Databases, Metrics, PortError, Probe, ServiceStatus, Services};
use crate::procedure::step::StepError;
use crate::procedure::{metrics, steps};
use crate::units::plural;
use std::collections::BTreeSet;

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
        match (
            mutant!("degraded_is_down": verdict.health.state => if verdict.health.state == HealthState::Degraded { HealthState::Down } else { verdict.health.state }),
            order.planned,
        ) {
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
        } else if order.records.is_empty() && order.weights.is_none() {
            Some("no DNS record is given, and no balancer: no traffic would move")
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
        let needed = needed_by(&evidence.services, &statuses);
        let wanted = |status: &ServiceStatus| status.active && evidence.services.contains(&status.service);
        let serving: Vec<ServiceStatus> = statuses.into_iter().filter(wanted).collect();
        let starved = self.refuse_secondary_that_fails(ports, &serving).await?;
        evidence.serving_before = serving.into_iter().map(|status| status.service).collect();
        let here = ports.databases_in(to).await?;
        let mut left = self.left_behind(ports, (&needed, &here)).await?;
        let mut databases = Vec::new();
        for name in self.chosen(here) {
            let survey = steps::survey(ports, (&name, to), Some(&self.order.from)).await?;
            let leader = &survey.chosen.leader;
            if self.is_led_elsewhere(&name, leader)? || (self.order.planned && leader == to) {
                left.push(format!("; {name} stays with {leader}"));
                continue;
            }
            // What takes long goes on while other steps are done.
            let survey = steps::feed(ports, &name, survey, (false, self.order.loss_limit)).await?;
            let head = ports.head_bound(&name).await?;
            let mut database = FailoverDatabase::new(
                name,
                survey.newest_epoch().saturating_add(mutant!("the_epoch_is_that_of_before": 1 => 0)),
                head,
                survey.kept(),
            );
            database.keeps_everything = self.order.planned || survey.keeps_everything(None);
            databases.push(database);
        }
        self.refuse_loss_above_limit(&databases)?;
        for database in &databases {
            ports.announce_loss_bound(&database.name, database.announced());
        }
        evidence.databases = databases;
        let losses = evidence.databases.iter().map(|d| format!("; {}: {}", d.name, d.loss_in_words()));
        let starved = starved.iter().map(|(service, database)| format!("; {service} fails for want of {database}"));
        let notes: String = losses.chain(starved).chain(left).collect();
        Ok(format!("{to} can take over {}{notes}", evidence.services.join(", ")))
    }

    /// What is not moved because the region has no copy of it, in words. What the order names must come along; what the services
    /// need must be of use from there.
    pub(super) async fn left_behind<P: Databases + Clock>(
        &self,
        ports: &P,
        (needed, here): (&[String], &[String]),
    ) -> Result<Vec<String>, StepError> {
        let to = &self.order.to;
        if let Some(named) = self.order.databases.iter().find(|name| !here.contains(name)) {
            return Err(StepError::Final(format!("{to} has no copy of {named}")));
        }
        let mut left = Vec::new();
        for name in needed.iter().filter(|name| !here.contains(name)) {
            let Some(region) = writable_in(ports, name).await? else {
                return Err(StepError::NotYet(format!("{to} has no copy of {name}, and no other acknowledges writes")));
            };
            left.push(format!("; {name} stays with {region}"));
        }
        Ok(left)
    }

    /// Whether a third region leads it, so that it is not this move's to take along: whoever chose that is not overruled. While
    /// it is fenced off and nobody leads it, nobody has. One that the order names must come along.
    pub(super) fn is_led_elsewhere(&self, database: &str, leader: &str) -> Result<bool, StepError> {
        let (from, to) = (&self.order.from, &self.order.to);
        let mine = leader.is_empty() || leader == from || leader == to;
        if mutant!("what_is_led_elsewhere_is_left": mine => true) {
            return Ok(false);
        }
        if self.order.databases.is_empty() {
            return Ok(true);
        }
        Err(StepError::Final(format!("{database} is led by {leader}, not by {from}: it is not {from}'s to leave")))
    }

    /// What a failover may cost, as far as it can be told before it is begun; `None` if it moves no data or nobody answers.
    pub(in crate::procedure) async fn foresee_price<P: Databases + Clock>(&self, ports: &P) -> Option<String> {
        let to = &self.order.to;
        let mut databases = Vec::new();
        for name in self.chosen(ports.databases_in(to).await.ok()?) {
            let survey = steps::survey(ports, (&name, to), Some(&self.order.from)).await.ok()?;
            if self.is_led_elsewhere(&name, &survey.chosen.leader).unwrap_or(true) {
                continue;
            }
            let head = ports.head_bound(&name).await.ok()?;
            let mut database = FailoverDatabase::new(name, survey.newest_epoch(), head, survey.kept());
            database.keeps_everything = survey.keeps_everything(None);
            databases.push(database);
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

    /// A service on standby need not answer yet; one that serves must not be failing, and must answer, unless it fails for
    /// want of a database whose authority is gone: giving it one is what this is for. Returns these, each with that database.
    /// Monitoring must be readable in any case, or nobody would see how the failover goes.
    pub(super) async fn refuse_secondary_that_fails<P: Metrics + Probe + Clock + Databases>(
        &self,
        ports: &P,
        serving: &[ServiceStatus],
    ) -> Result<Vec<(String, String)>, StepError> {
        let to = &self.order.to;
        let names: Vec<String> = serving.iter().map(|status| status.service.clone()).collect();
        let verdict = metrics::judge_now(ports, to, &self.order.limits, &names).await?;
        let mut starved = Vec::new();
        for ServiceStatus { service, databases, .. } in serving {
            let down = verdict.services.get(service).filter(|health| health.state == HealthState::Down);
            let failing = match down {
                Some(health) => StepError::NotYet(format!("{service} in {to} is down: {}", health.evidence)),
                None => match ports.probe(to, service).await {
                    Ok(_) => continue,
                    Err(error) => error.into(),
                },
            };
            match self.without_authority(ports, databases).await? {
                Some(database) => starved.push((service.clone(), database)),
                None => return Err(failing),
            }
        }
        Ok(starved)
    }

    /// The first of `databases` that is to be moved and takes no writes where it is led.
    async fn without_authority<P: Databases + Clock>(
        &self,
        ports: &P,
        databases: &[String],
    ) -> Result<Option<String>, StepError> {
        let to = &self.order.to;
        let here = self.chosen(ports.databases_in(to).await?);
        for database in databases.iter().filter(|database| here.contains(database)) {
            let leader = ports.copy_status(database, to).await?.leader;
            if leader != *to && !steps::acknowledges_writes(ports, database, &leader).await {
                return Ok(Some(database.clone()));
            }
        }
        Ok(None)
    }

    /// The limit is one of dead authorities: what one that is cut off still takes, no failover can limit.
    pub(in crate::procedure) fn refuse_loss_above_limit(
        &self,
        databases: &[FailoverDatabase],
    ) -> Result<(), StepError> {
        let Some(limit) = self.order.loss_limit else { return Ok(()) };
        let above = databases.iter().find(|database| {
            database
                .loss_bound()
                .is_none_or(|bound| mutant!("at_the_limit_is_above_it": bound > limit => bound >= limit))
        });
        above.map_or(Ok(()), |database| {
            let (name, loss) = (&database.name, database.loss_in_words());
            Err(StepError::NotYet(format!("{name}: {loss}, and the limit is {limit}")))
        })
    }

    /// Step 5: the copies lead, have applied all they had received when the old authority was fenced off, and acknowledge
    /// writes.
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
            if mutant!("a_newer_epoch_passes": copy.epoch > epoch => false) {
                return Err(StepError::Final(format!(
                    "{name} is at epoch {}: another controller leads it now",
                    copy.epoch
                )));
            }
            if copy.epoch < epoch || mutant!("leading_needs_no_writes": !copy.writable => false) {
                return Err(StepError::NotYet(format!("{name} in {to} does not lead epoch {epoch} yet")));
            }
            if mutant!("any_leader_will_do": copy.leader != *to => false) {
                return Err(StepError::Final(format!("{name} is led by {}, not by {to}", copy.leader)));
            }
            if mutant!("the_log_need_not_be_applied": copy.applied_lsn < start => false) {
                let applied = copy.applied_lsn;
                return Err(StepError::NotYet(format!("{name} in {to} has applied {applied} of {start}")));
            }
            ports.write_heartbeat(name, to).await.map_err(|error| unwritten(name, to, error))?;
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

    /// Verifies step 4 with the platform; the databases have a step of their own.
    pub(in crate::procedure) async fn services_serve<P: Services>(
        &self,
        ports: &P,
        evidence: &FailoverEvidence,
    ) -> Result<(), StepError> {
        let statuses = ports.service_status(&self.order.to).await?;
        let serves = |name: &String| {
            statuses
                .iter()
                .any(|s| s.service == *name && s.active && mutant!("no_servers_serve": s.servers > 0 => true))
        };
        match evidence.services.iter().find(|name| !serves(name)) {
            Some(idle) => Err(StepError::NotYet(format!("{idle} in {} does not serve yet", self.order.to))),
            None => Ok(()),
        }
    }
}

/// A copy that leads and does not acknowledge what is written to it.
fn unwritten(database: &str, region: &str, error: PortError) -> StepError {
    match error {
        PortError::Superseded { .. } => error.into(),
        error => StepError::NotYet(format!("{database} in {region} acknowledges no writes: {error}")),
    }
}

/// The databases that `services` cannot answer without, each once.
pub(super) fn needed_by(services: &[String], statuses: &[ServiceStatus]) -> Vec<String> {
    let wanted = statuses.iter().filter(|status| services.contains(&status.service));
    let needed: BTreeSet<&String> = wanted.flat_map(|status| &status.databases).collect();
    needed.into_iter().cloned().collect()
}

/// The region of the first copy of `database` that acknowledges a write.
async fn writable_in<P: Databases + Clock>(ports: &P, database: &str) -> Result<Option<String>, PortError> {
    for region in ports.database_terms(database).await?.copies {
        if steps::acknowledges_writes(ports, database, &region).await {
            return Ok(Some(region));
        }
    }
    Ok(None)
}

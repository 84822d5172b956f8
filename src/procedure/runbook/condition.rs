//! What a condition asks, and of whom.
//!
//! Invariant: what cannot be decided is not an answer: neither that a condition holds nor that it does not.

use super::{Runbook, StepCondition};
use crate::policy::HealthState;
use crate::ports::{Clock, Databases, Dns, Metrics, Probe, Services};
use crate::procedure::{StepError, metrics};

/// What was found: that the condition holds, or that it does not.
type Found = Result<String, String>;

impl Runbook {
    /// Whether the condition holds.
    ///
    /// # Errors
    ///
    /// Nobody can tell at present.
    pub(super) async fn holds<P>(&self, condition: &StepCondition, ports: &P) -> Result<Found, StepError>
    where
        P: Metrics + Clock + Services + Probe + Databases + Dns,
    {
        match condition {
            StepCondition::Fails { region } => self.fails(self.region(region), ports).await,
            StepCondition::Fit { region } => self.fit(self.region(region), ports).await,
            StepCondition::Leads { database, region } => {
                let region = self.region(region);
                let copy = ports.copy_status(database, region).await?;
                let found = format!("{database} accepts writes in {region}");
                Ok(if copy.writable { Ok(found) } else { Err(format!("{database} accepts no writes in {region}")) })
            }
            StepCondition::Names { record, region } => {
                let named = ports.read_record(record).await?;
                let found = format!("{record} names {named}");
                Ok(if named == self.region(region) { Ok(found) } else { Err(found) })
            }
        }
    }

    /// Neither silence nor mere degradation is failure.
    async fn fails<P: Metrics + Clock>(&self, region: &str, ports: &P) -> Result<Found, StepError> {
        let verdict = metrics::judge_now(ports, region, &self.order.limits, &self.order.services).await?;
        let found = format!("{region} is {}: {}", verdict.health.state, verdict.health.evidence);
        match verdict.health.state {
            HealthState::Down => Ok(Ok(found)),
            HealthState::Healthy | HealthState::Degraded => Ok(Err(found)),
            HealthState::Unknown => Err(StepError::NotYet(found)),
        }
    }

    /// A region that nobody uses has too few requests to be judged by: it is fit if nothing of it is seen to fail and what
    /// serves there answers.
    async fn fit<P: Metrics + Clock + Services + Probe>(&self, region: &str, ports: &P) -> Result<Found, StepError> {
        let verdict = metrics::judge_now(ports, region, &self.order.limits, &self.order.services).await?;
        let found = format!("{region} is {}: {}", verdict.health.state, verdict.health.evidence);
        if verdict.services.is_empty() {
            return Err(StepError::NotYet(found));
        }
        if verdict.health.state == HealthState::Down {
            return Ok(Err(found));
        }
        for status in ports.service_status(region).await?.into_iter().filter(|status| status.active) {
            if let Err(error) = ports.probe(region, &status.service).await {
                return Ok(Err(format!("{} in {region} does not answer: {error}", status.service)));
            }
        }
        Ok(Ok(found))
    }
}

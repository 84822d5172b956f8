//! Steps of a runbook about the services of a region, and telling people.

use super::names::{changed, nothing};
use super::{Before, Runbook, RunbookEvidence, RunbookStep, Site, StepAction};
use crate::ports::{Clock, Notifier, Probe, Runtime, Services};
use crate::procedure::{Effect, StepError, Work, steps};
use crate::units::plural;

impl Runbook {
    /// Activates or deactivates, as the action says.
    pub(super) async fn set_active<P: Runtime + Services>(
        &self,
        step: &RunbookStep,
        site: &Site,
        work: &mut Work<'_, P, RunbookEvidence>,
    ) -> Result<String, StepError> {
        let region = self.region(site);
        if work.evidence.of(step).before.is_none() {
            let statuses = work.ports.service_status(region).await?;
            let before = statuses.iter().any(|status| status.active);
            work.evidence.of(step).before = Some(Before::Active(before));
        }
        let known = work.evidence.of(step).effect.ask();
        work.write_down().await?;
        let wanted = matches!(step.action, StepAction::Activate { .. });
        let answer = match wanted {
            true => work.ports.activate(region).await,
            false => work.ports.deactivate(region).await,
        };
        work.evidence.of(step).effect.learn(known, answer)?;
        Ok(if wanted { format!("{region} is active") } else { format!("{region} is on standby") })
    }

    /// Every service of the region that it cannot do without has servers and serves.
    pub(super) async fn serves<P: Services>(&self, ports: &P, site: &Site) -> Result<(), StepError> {
        let region = self.region(site);
        let statuses = ports.service_status(region).await?;
        let needed = |service: &String| self.order.services.is_empty() || self.order.services.contains(service);
        match statuses.iter().find(|s| needed(&s.service) && !(s.active && s.servers > 0)) {
            Some(idle) => Err(StepError::NotYet(format!("{} in {region} does not serve yet", idle.service))),
            None => Ok(()),
        }
    }

    pub(super) async fn stands_by<P: Services>(&self, ports: &P, site: &Site) -> Result<(), StepError> {
        let region = self.region(site);
        match ports.service_status(region).await?.iter().find(|status| status.active) {
            Some(status) => Err(StepError::NotYet(format!("{} in {region} still serves", status.service))),
            None => Ok(()),
        }
    }

    /// What had served before serves again, what had not does not.
    pub(super) async fn active_as_before<P: Runtime + Services>(
        &self,
        step: &RunbookStep,
        site: &Site,
        work: &mut Work<'_, P, RunbookEvidence>,
    ) -> Result<String, StepError> {
        let region = self.region(site);
        let (Effect::Possible | Effect::Certain, Some(Before::Active(before))) = changed(step, work) else {
            return Ok(nothing());
        };
        match (before, &step.action) {
            (true, StepAction::Activate { .. }) => Ok(format!("{region} was active before")),
            (true, _) => {
                work.ports.activate(region).await?;
                self.serves(work.ports, site).await?;
                Ok(format!("{region} is active again"))
            }
            (false, StepAction::Deactivate { .. }) => Ok(format!("{region} was on standby before")),
            (false, _) => {
                work.ports.deactivate(region).await?;
                self.stands_by(work.ports, site).await?;
                Ok(format!("{region} is on standby again"))
            }
        }
    }

    pub(super) async fn probe<P: Services + Probe + Clock>(
        &self,
        services: &[String],
        site: &Site,
        ports: &P,
    ) -> Result<String, StepError> {
        let region = self.region(site);
        let all: Vec<String> = match (services, &self.order.services[..]) {
            ([], []) => ports.service_status(region).await?.into_iter().map(|status| status.service).collect(),
            ([], some) | (some, _) => some.to_vec(),
        };
        if all.is_empty() {
            return Err(StepError::Final(format!("{region} has no services")));
        }
        let how = (self.order.probes, self.order.limits.latency);
        let slowest = steps::services_answer(ports, (region, &all), how).await?;
        Ok(format!(
            "{} in {region} answered {} each, the slowest in {slowest:#}",
            all.join(", "),
            plural(u64::from(how.0), "probe")
        ))
    }

    pub(super) async fn notify<P: Runtime + Notifier>(
        &self,
        step: &RunbookStep,
        (audiences, message): (&[String], &Option<String>),
        work: &mut Work<'_, P, RunbookEvidence>,
    ) -> Result<String, StepError> {
        let (order, loss) = (&self.order, work.evidence.loss_in_words());
        let audiences = if audiences.is_empty() { &order.audiences } else { audiences };
        let message = message.clone().unwrap_or_else(|| {
            let loss = loss.map_or_else(String::new, |loss| format!("; {loss}"));
            format!("{}: {} takes over from {}{loss}", order.plan.name, order.to, order.from)
        });
        let mut told = std::mem::take(&mut work.evidence.of(step).told);
        let answer = steps::tell(work.ports, audiences, &message, &mut told).await;
        work.evidence.of(step).told = told;
        answer
    }
}

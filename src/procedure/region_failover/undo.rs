//! Rolling a region failover back, as far as that is still possible: until a copy may have been promoted.
//!
//! Invariant: only what may have been changed is touched, and each change is forgotten once it is certainly gone.

use super::{FailoverEvidence, RegionFailover};
use crate::ports::{Databases, PortError, Services};
use crate::procedure::step::StepError;
use crate::procedure::{Effect, steps};

/// What undoing a step says that changed nothing.
pub(super) const UNCHANGED: &str = "nothing was changed";

impl RegionFailover {
    /// Puts the services back on standby and gives every fenced database back to its old authority. One that fails does
    /// not keep the others from being undone.
    pub(in crate::procedure) async fn put_back_on_standby<P: Services + Databases>(
        &self,
        ports: &P,
        evidence: &mut FailoverEvidence,
    ) -> Result<String, StepError> {
        let services = self.put_services_back(ports, evidence).await;
        let databases = match &services {
            Err(error @ StepError::Port(PortError::Superseded { .. })) => return Err(error.clone()),
            _ => self.give_databases_back(ports, evidence).await,
        };
        match (services, databases) {
            (_, Err(error @ StepError::Port(PortError::Superseded { .. }))) => Err(error),
            (Err(one), Err(other)) => Err(StepError::NotYet(format!("{one}; {other}"))),
            (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
            (Ok(one), Ok(other)) if one == UNCHANGED => Ok(other),
            (Ok(one), Ok(other)) if other == UNCHANGED => Ok(one),
            (Ok(one), Ok(other)) => Ok(format!("{one}; {other}")),
        }
    }

    /// Puts the services back on standby, if they may have been activated.
    pub(in crate::procedure) async fn put_services_back<P: Services>(
        &self,
        ports: &P,
        evidence: &mut FailoverEvidence,
    ) -> Result<String, StepError> {
        if mutant!("an_activation_in_doubt_is_not_undone": evidence.activation == Effect::None => evidence.activation != Effect::Certain)
        {
            return Ok(UNCHANGED.to_owned());
        }
        let note = self.deactivate(ports, &evidence.serving_before).await?;
        evidence.activation = Effect::None;
        Ok(note)
    }

    /// Gives every database that may have been fenced off back to its old authority.
    pub(in crate::procedure) async fn give_databases_back<P: Databases>(
        &self,
        ports: &P,
        evidence: &mut FailoverEvidence,
    ) -> Result<String, StepError> {
        let (mut notes, mut problems) = (Vec::new(), Vec::new());
        for database in evidence.databases.iter_mut().filter(|database| mutant!("a_fence_in_doubt_is_not_undone": database.fenced != Effect::None => database.fenced == Effect::Certain)) {
            let back = (database.name.as_str(), self.order.from.as_str(), database.epoch);
            match steps::give_back(ports, back).await {
                Ok(note) => {
                    database.fenced = Effect::None;
                    notes.push(note);
                }
                Err(error @ StepError::Port(PortError::Superseded { .. })) => return Err(error),
                Err(error) => problems.push(format!("{} accepts no writes anywhere: {error}", database.name)),
            }
        }
        match (problems.is_empty(), notes.is_empty()) {
            (false, _) => Err(StepError::NotYet(problems.join("; "))),
            (true, true) => Ok(UNCHANGED.to_owned()),
            (true, false) => Ok(notes.join("; ")),
        }
    }

    /// The platform knows regions, not services: where some served before, all are left serving, as stopping them
    /// would take away what was there.
    async fn deactivate<P: Services>(&self, ports: &P, serving_before: &[String]) -> Result<String, StepError> {
        let to = &self.order.to;
        if mutant!("who_served_before_is_stopped": !serving_before.is_empty() => false) {
            return Ok(format!("{to} stays active: {} served before", serving_before.join(", ")));
        }
        ports.deactivate(to).await?;
        match ports.service_status(to).await?.iter().find(|status| status.active) {
            Some(status) => Err(StepError::NotYet(format!("{} in {to} still serves", status.service))),
            None => Ok(format!("{to} is on standby again")),
        }
    }
}

//! Steps of a runbook that say where users are sent: DNS records and the balancer's weights.
//!
//! Invariant: what was there before is in the journal before anything is changed, so that it can be put back.

use super::{Before, Runbook, RunbookEvidence, RunbookStep, Site};
use crate::ports::{Dns, LoadBalancer, Runtime};
use crate::procedure::shift::same_shares;
use crate::procedure::{Effect, StepError, Work, steps};
use crate::units::{Ratio, Span};

impl Runbook {
    pub(super) async fn point_record<P: Runtime + Dns>(
        &self,
        step: &RunbookStep,
        (record, site): (&str, &Site),
        work: &mut Work<'_, P, RunbookEvidence>,
    ) -> Result<String, StepError> {
        let region = self.region(site);
        if work.evidence.of(step).before.is_none() {
            let before = work.ports.read_record(record).await?;
            work.evidence.of(step).before = Some(Before::Record(before));
        }
        let known = work.evidence.of(step).effect.ask();
        work.write_down().await?;
        let answer = work.ports.point_record(record, region).await;
        work.evidence.of(step).effect.learn(known, answer)?;
        Ok(format!("{record} now names {region}"))
    }

    pub(super) async fn names<P: Dns>(&self, ports: &P, record: &str, site: &Site) -> Result<(), StepError> {
        let (named, wanted) = (ports.read_record(record).await?, self.region(site));
        if named == wanted { Ok(()) } else { Err(StepError::NotYet(format!("{record} names {named}, not {wanted}"))) }
    }

    pub(super) async fn point_back<P: Runtime + Dns>(
        &self,
        step: &RunbookStep,
        (record, site): (&str, &Site),
        work: &mut Work<'_, P, RunbookEvidence>,
    ) -> Result<String, StepError> {
        let (Effect::Possible | Effect::Certain, Some(Before::Record(before))) = changed(step, work) else {
            return Ok(nothing());
        };
        let (found, set) = (work.ports.read_record(record).await, self.region(site).to_owned());
        if let Some(named) = steps::set_by_others(found, &before, &set)? {
            work.evidence.of(step).effect = Effect::None;
            return Ok(format!("{record} is left as it is: others have pointed it to {named} since"));
        }
        work.ports.point_record(record, &before).await?;
        self.names(work.ports, record, &Site::Region(before.clone())).await?;
        work.evidence.of(step).effect = Effect::None;
        Ok(format!("{record} names {before} again"))
    }

    pub(super) async fn set_ttl<P: Runtime + Dns>(
        &self,
        step: &RunbookStep,
        (record, ttl): (&str, Span),
        work: &mut Work<'_, P, RunbookEvidence>,
    ) -> Result<String, StepError> {
        if work.evidence.of(step).before.is_none() {
            let before = work.ports.read_ttl(record).await?;
            work.evidence.of(step).before = Some(Before::Ttl(before));
        }
        let known = work.evidence.of(step).effect.ask();
        work.write_down().await?;
        let answer = work.ports.set_ttl(record, ttl).await;
        work.evidence.of(step).effect.learn(known, answer)?;
        Ok(format!("the TTL of {record} is {ttl:#}"))
    }

    pub(super) async fn has_ttl<P: Dns>(&self, ports: &P, record: &str, ttl: Span) -> Result<(), StepError> {
        let allowed = ports.read_ttl(record).await?;
        if allowed == ttl {
            return Ok(());
        }
        Err(StepError::NotYet(format!("the TTL of {record} is {allowed:#}, not {ttl:#}")))
    }

    pub(super) async fn ttl_back<P: Runtime + Dns>(
        &self,
        step: &RunbookStep,
        (record, ttl): (&str, Span),
        work: &mut Work<'_, P, RunbookEvidence>,
    ) -> Result<String, StepError> {
        let (Effect::Possible | Effect::Certain, Some(Before::Ttl(before))) = changed(step, work) else {
            return Ok(nothing());
        };
        if let Some(found) = steps::set_by_others(work.ports.read_ttl(record).await, &before, &ttl)? {
            work.evidence.of(step).effect = Effect::None;
            return Ok(format!("the TTL of {record} is left as others have set it since: {found:#}"));
        }
        work.ports.set_ttl(record, before).await?;
        self.has_ttl(work.ports, record, before).await?;
        work.evidence.of(step).effect = Effect::None;
        Ok(format!("the TTL of {record} is {before:#} again"))
    }

    pub(super) async fn set_weights<P: Runtime + LoadBalancer>(
        &self,
        step: &RunbookStep,
        weights: &[(String, Ratio)],
        work: &mut Work<'_, P, RunbookEvidence>,
    ) -> Result<String, StepError> {
        if work.evidence.of(step).before.is_none() {
            let before = work.ports.read_weights().await?;
            work.evidence.of(step).before = Some(Before::Weights(before));
        }
        let known = work.evidence.of(step).effect.ask();
        work.write_down().await?;
        let answer = work.ports.set_weights(weights).await;
        work.evidence.of(step).effect.learn(known, answer)?;
        Ok(format!("the balancer routes {}", in_words(weights)))
    }

    pub(super) async fn has_weights<P: LoadBalancer>(
        &self,
        ports: &P,
        weights: &[(String, Ratio)],
    ) -> Result<(), StepError> {
        let in_force = ports.read_weights().await?;
        if same_shares(&in_force, weights) {
            return Ok(());
        }
        Err(StepError::NotYet(format!("the balancer routes {}", in_words(&in_force))))
    }

    pub(super) async fn weights_back<P: Runtime + LoadBalancer>(
        &self,
        step: &RunbookStep,
        weights: &[(String, Ratio)],
        work: &mut Work<'_, P, RunbookEvidence>,
    ) -> Result<String, StepError> {
        let (Effect::Possible | Effect::Certain, Some(Before::Weights(before))) = changed(step, work) else {
            return Ok(nothing());
        };
        if let Some(found) = steps::weighted_by_others(work.ports.read_weights().await, &before, weights)? {
            work.evidence.of(step).effect = Effect::None;
            return Ok(format!("the weights are left as others have set them since: {}", in_words(&found)));
        }
        work.ports.set_weights(&before).await?;
        self.has_weights(work.ports, &before).await?;
        work.evidence.of(step).effect = Effect::None;
        Ok(format!("the balancer routes {} again", in_words(&before)))
    }
}

/// What the step may have changed, and what was there before.
pub(super) fn changed<P>(step: &RunbookStep, work: &mut Work<'_, P, RunbookEvidence>) -> (Effect, Option<Before>) {
    let evidence = work.evidence.of(step);
    (evidence.effect, evidence.before.clone())
}

pub(super) fn nothing() -> String {
    "nothing was changed".to_owned()
}

fn in_words(weights: &[(String, Ratio)]) -> String {
    weights.iter().map(|(region, share)| format!("{share} to {region}")).collect::<Vec<_>>().join(", ")
}

//! The steps of a region failover that change something.
//!
//! Invariant: what a call may have changed is in the journal before the call is sent.

use super::{FailoverDatabase, FailoverEvidence, RegionFailover};
use crate::ports::{Audit, Clock, Databases, Notifier, Runtime, Services};
use crate::procedure::step::StepError;
use crate::procedure::{Effect, Work, steps};

impl RegionFailover {
    /// Step 4. The services must serve before any authority is fenced off, and every authority must be before any copy
    /// is opened: whatever fails until then can still be rolled back as a whole.
    pub(in crate::procedure) async fn activate_secondary<P: Runtime + Services + Databases>(
        &self,
        work: &mut Work<'_, P, FailoverEvidence>,
    ) -> Result<String, StepError> {
        let to = &self.order.to;
        self.activate(work).await?;
        for index in 0..work.evidence.databases.len() {
            self.fence(work, index).await?;
        }
        self.publish_loss(work.ports, work.evidence).await?;
        for index in 0..work.evidence.databases.len() {
            self.promote(work, index).await?;
        }
        let promoted = work.evidence.databases.iter().map(|d| format!("; {} promoted at epoch {}", d.name, d.epoch));
        Ok(format!("{} activated in {to}{}", work.evidence.services.join(", "), promoted.collect::<String>()))
    }

    /// Activates the services of the region that takes over, and makes sure that they serve.
    pub(in crate::procedure) async fn activate<P: Runtime + Services>(
        &self,
        work: &mut Work<'_, P, FailoverEvidence>,
    ) -> Result<(), StepError> {
        let before = work.evidence.activation.ask();
        work.write_down().await?;
        work.evidence.activation.learn(before, work.ports.activate(&self.order.to).await)?;
        self.services_serve(work.ports, work.evidence).await
    }

    /// Fences older epochs off, then reads how far the copy has got: nothing acknowledged can be added to that. A planned
    /// move waits until that is all the old authority had.
    pub(in crate::procedure) async fn fence<P: Runtime + Databases>(
        &self,
        work: &mut Work<'_, P, FailoverEvidence>,
        index: usize,
    ) -> Result<(), StepError> {
        if work.evidence.databases[index].promoted != Effect::None {
            return Ok(());
        }
        let (name, epoch) = (work.evidence.databases[index].name.clone(), work.evidence.databases[index].epoch);
        steps::fence(work, (&name, epoch), |evidence| &mut evidence.databases[index].fenced).await?;
        match self.order.planned {
            true => self.drained(work.ports, &mut work.evidence.databases[index]).await,
            false => self.fed(work.ports, &mut work.evidence.databases[index]).await,
        }
    }

    /// A planned move waits until the copy has all the old authority had.
    async fn drained<P: Databases>(&self, ports: &P, database: &mut FailoverDatabase) -> Result<(), StepError> {
        let stop = ports.copy_status(&database.name, &self.order.from).await?.applied_lsn;
        database.received = steps::kept(ports, &database.name, &self.order.to).await?;
        if mutant!("a_planned_move_does_not_drain": database.received < stop => false) {
            let (name, received) = (&database.name, database.received);
            return Err(StepError::NotYet(format!("{name} would keep {received} of {stop}")));
        }
        Ok(())
    }

    /// The copy has what any other has that answers, the old authority among them, which adds nothing to it any more.
    async fn fed<P: Databases + Clock>(&self, ports: &P, database: &mut FailoverDatabase) -> Result<(), StepError> {
        let (name, to) = (&database.name, &self.order.to);
        let mut survey = steps::survey(ports, (name, to), None).await?;
        if mutant!("nobody_is_fed": survey.better().is_some() => false) {
            steps::feed(ports, name, survey, (true, self.order.loss_limit)).await?;
            survey = steps::survey(ports, (name, to), None).await?;
        }
        database.received = survey.kept();
        database.keeps_everything = survey.keeps_everything(Some(&self.order.from));
        Ok(())
    }

    /// The last word on what may be lost, before the point of no return: with every authority fenced off, nothing can be
    /// added to it.
    async fn publish_loss<P: Databases + Audit>(
        &self,
        ports: &P,
        evidence: &mut FailoverEvidence,
    ) -> Result<(), StepError> {
        for database in evidence.databases.iter_mut().filter(|database| database.promoted == Effect::None) {
            database.see(ports.head_bound(&database.name).await?);
            ports.announce_loss_bound(
                &database.name,
                mutant!("the_last_word_is_zero": database.announced() => crate::record::LossBound::flat(0)),
            );
        }
        mutant!("the_limit_is_not_asked_again": self.refuse_loss_above_limit(&evidence.databases) => Ok(()))
    }

    pub(in crate::procedure) async fn promote<P: Runtime + Databases>(
        &self,
        work: &mut Work<'_, P, FailoverEvidence>,
        index: usize,
    ) -> Result<(), StepError> {
        if work.evidence.databases[index].promoted == Effect::Certain {
            return Ok(());
        }
        let (name, epoch) = (work.evidence.databases[index].name.clone(), work.evidence.databases[index].epoch);
        let whom = (name.as_str(), self.order.to.as_str(), epoch);
        let promotion = steps::promote(work, whom, |evidence| &mut evidence.databases[index].promoted).await?;
        let database = &mut work.evidence.databases[index];
        database.from_lsn = Some(promotion.from_lsn);
        let (name, epoch, received) = (&database.name, database.epoch, database.received);
        if mutant!("any_epoch_will_do": promotion.epoch != epoch => false) {
            return Err(StepError::Final(format!("{name} leads epoch {}, not {epoch}", promotion.epoch)));
        }
        if mutant!("any_start_will_do": promotion.from_lsn < received => false) {
            let start = promotion.from_lsn;
            return Err(StepError::Final(format!("{name} starts from {start} though it had received {received}")));
        }
        Ok(())
    }

    /// Step 7.
    pub(in crate::procedure) async fn notify_stakeholders<P: Notifier>(
        &self,
        work: &mut Work<'_, P, FailoverEvidence>,
    ) -> Result<String, StepError> {
        let message = self.message(work.evidence);
        steps::tell(work.ports, &self.order.audiences, &message, &mut work.evidence.notified).await
    }

    fn message(&self, evidence: &FailoverEvidence) -> String {
        let databases = evidence.databases.iter();
        let lost = databases.map(|d| format!(" {}: leads epoch {}, {}.", d.name, d.epoch, d.loss_in_words()));
        let (from, to) = (&self.order.from, &self.order.to);
        format!("{to} has taken over from {from}. {}.{}", evidence.found, lost.collect::<String>())
    }
}

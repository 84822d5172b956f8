//! The steps of a region failover that change something.
//!
//! Invariant: what a call may have changed is in the journal before the call is sent.

use super::{FailoverEvidence, FailoverRecord, RegionFailover};
use crate::ports::{Audit, Databases, Dns, Notifier, Runtime, Services};
use crate::procedure::step::StepError;
use crate::procedure::together::together;
use crate::procedure::{Effect, Work, steps};

impl RegionFailover {
    /// Step 3. What each record named before is read first: undoing goes back to that. All are changed at the same time,
    /// so that many take no longer than one.
    pub(in crate::procedure) async fn switch_dns<P: Runtime + Dns>(
        &self,
        work: &mut Work<'_, P, FailoverEvidence>,
    ) -> Result<String, StepError> {
        let to = &self.order.to;
        for name in &self.order.records {
            if work.evidence.records.iter().all(|record| record.name != *name) {
                let before = work.ports.read_record(name).await?;
                let record = FailoverRecord { name: name.clone(), before, switched: Effect::None };
                work.evidence.records.push(record);
            }
        }
        let before: Vec<Effect> = work.evidence.records.iter_mut().map(|record| record.switched.ask()).collect();
        work.write_down().await?;
        let answers = together(work.evidence.records.iter().map(|r| work.ports.point_record(&r.name, to))).await;
        let mut failed = None;
        for ((record, before), answer) in work.evidence.records.iter_mut().zip(before).zip(answers) {
            if let Err(error) = record.switched.learn(before, answer) {
                failed.get_or_insert(error);
            }
        }
        if let Some(error) = failed {
            return Err(error.into());
        }
        Ok(format!("{} now name {to}", self.order.records.join(", ")))
    }

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
        let database = &mut work.evidence.databases[index];
        let stop = match self.order.planned {
            true => work.ports.copy_status(&database.name, &self.order.from).await?.applied_lsn,
            false => 0,
        };
        database.received = work.ports.copy_status(&database.name, &self.order.to).await?.received_lsn;
        if database.received < stop {
            let (name, received) = (&database.name, database.received);
            return Err(StepError::NotYet(format!("{name} has received {received} of {stop}")));
        }
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
            ports.announce_loss_bound(&database.name, database.announced());
        }
        self.refuse_loss_above_limit(&evidence.databases)
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
        if promotion.epoch != epoch {
            return Err(StepError::Final(format!("{name} leads epoch {}, not {epoch}", promotion.epoch)));
        }
        if promotion.from_lsn < received {
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

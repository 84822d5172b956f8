//! The steps of a region failover that change something.
//!
//! Invariant: what a call may have changed is in the evidence before the call is sent.

use super::{Effect, FailoverDatabase, FailoverEvidence, FailoverRecord, RegionFailover};
use crate::ports::Ports;
use crate::procedure::step::StepError;

impl RegionFailover {
    /// Step 3. What each record named before is read first: undoing goes back to that.
    pub(super) async fn switch_dns<P: Ports>(
        &self,
        ports: &P,
        evidence: &mut FailoverEvidence,
    ) -> Result<String, StepError> {
        let to = &self.assignment.to;
        for name in &self.assignment.records {
            if evidence.records.iter().all(|record| record.name != *name) {
                let before = ports.read_record(name).await?;
                evidence.records.push(FailoverRecord { name: name.clone(), before, switched: Effect::None });
            }
        }
        for record in &mut evidence.records {
            record.switched.of(ports.point_record(&record.name, to)).await?;
        }
        Ok(format!("{} now name {to}", self.assignment.records.join(", ")))
    }

    /// Step 4. The services must serve before any authority is fenced off, and every authority must be before any copy
    /// is opened: whatever fails until then can still be taken back as a whole.
    pub(super) async fn activate_secondary<P: Ports>(
        &self,
        ports: &P,
        evidence: &mut FailoverEvidence,
    ) -> Result<String, StepError> {
        let to = &self.assignment.to;
        evidence.activation.of(ports.activate(to)).await?;
        self.services_serve(ports, evidence).await?;
        for database in &mut evidence.databases {
            self.fence(ports, database).await?;
        }
        for database in &mut evidence.databases {
            self.promote(ports, database).await?;
        }
        let promoted = evidence.databases.iter().map(|d| format!("; {} promoted at epoch {}", d.name, d.epoch));
        Ok(format!("{} activated in {to}{}", evidence.services.join(", "), promoted.collect::<String>()))
    }

    /// Fences older epochs off, then reads how far the copy has got: nothing acknowledged can be added to that.
    async fn fence<P: Ports>(&self, ports: &P, database: &mut FailoverDatabase) -> Result<(), StepError> {
        if database.promoted != Effect::None {
            return Ok(());
        }
        let epoch = database.epoch;
        let in_force = database.fenced.of(ports.fence(&database.name, epoch)).await?;
        if in_force != epoch {
            let why = format!("{}: epoch {in_force} is in force, not {epoch}: somebody else acts", database.name);
            return Err(StepError::Final(why));
        }
        database.received = ports.copy_status(&database.name, &self.assignment.to).await?.received_lsn;
        Ok(())
    }

    async fn promote<P: Ports>(&self, ports: &P, database: &mut FailoverDatabase) -> Result<(), StepError> {
        if database.promoted == Effect::Certain {
            return Ok(());
        }
        let call = ports.promote(&database.name, &self.assignment.to, database.epoch);
        let promotion = database.promoted.of(call).await?;
        database.from_lsn = Some(promotion.from_lsn);
        let FailoverDatabase { name, epoch, received, .. } = &*database;
        if promotion.epoch != *epoch {
            return Err(StepError::Final(format!("{name} leads epoch {}, not {epoch}", promotion.epoch)));
        }
        if promotion.from_lsn < *received {
            let start = promotion.from_lsn;
            return Err(StepError::Final(format!("{name} starts from {start} though it had received {received}")));
        }
        Ok(())
    }

    /// Step 7. Who has been told is not told again when another channel fails.
    pub(super) async fn notify_stakeholders<P: Ports>(
        &self,
        ports: &P,
        evidence: &mut FailoverEvidence,
    ) -> Result<String, StepError> {
        let message = self.message(evidence);
        for audience in &self.assignment.audiences {
            if !evidence.notified.contains(audience) {
                ports.notify(audience, &message).await?;
                evidence.notified.push(audience.clone());
            }
        }
        Ok(format!("{} told", self.assignment.audiences.join(", ")))
    }

    fn message(&self, evidence: &FailoverEvidence) -> String {
        let databases = evidence.databases.iter();
        let lost = databases.map(|d| format!(" {}: leads epoch {}, {}.", d.name, d.epoch, d.loss_in_words()));
        let (from, to) = (&self.assignment.from, &self.assignment.to);
        format!("{to} has taken over from {from}. {}.{}", evidence.found, lost.collect::<String>())
    }
}

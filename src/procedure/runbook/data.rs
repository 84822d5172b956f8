//! Steps of a runbook about who may write to a database, and about copies that follow.
//!
//! Invariants: one epoch for each database in a run, one above any that its copies have seen, fenced before a copy is opened.
//! What opening it may lose is announced after the fence and before it is done, and above the limit it is refused.

use super::{Lineage, Runbook, RunbookEvidence, Site};
use crate::ports::{Audit, Clock, Databases, Runtime};
use crate::procedure::{Effect, StepError, Work, steps};
use crate::record::LossBound;
use crate::units::plural;

impl Runbook {
    pub(super) async fn fence<P: Runtime + Databases>(
        &self,
        (database, site): (&str, &Site),
        work: &mut Work<'_, P, RunbookEvidence>,
    ) -> Result<String, StepError> {
        let epoch = self.fenced(database, self.region(site), work).await?;
        Ok(format!("{database} is fenced off below epoch {epoch}"))
    }

    /// Fences older epochs off, unless a copy of the run's epoch may be open. Returns that epoch.
    async fn fenced<P: Runtime + Databases>(
        &self,
        database: &str,
        region: &str,
        work: &mut Work<'_, P, RunbookEvidence>,
    ) -> Result<u32, StepError> {
        if work.evidence.lineage(database).epoch == 0 {
            let copy = work.ports.copy_status(database, region).await?;
            // The copy may have missed an epoch; the authority cannot be asked if it is gone.
            let newest = match work.ports.copy_status(database, &copy.leader).await {
                Ok(leader) => leader.epoch.max(copy.epoch),
                Err(_) => copy.epoch,
            };
            let lineage = work.evidence.lineage(database);
            (lineage.epoch, lineage.led_by) = (newest.saturating_add(1), copy.leader);
        }
        let Lineage { epoch, promoted, .. } = *work.evidence.lineage(database);
        if promoted == Effect::None {
            steps::fence(work, (database, epoch), |evidence| &mut evidence.lineage(database).fenced).await?;
        }
        Ok(epoch)
    }

    pub(super) async fn promote<P: Runtime + Databases>(
        &self,
        (database, site): (&str, &Site),
        lossless: bool,
        work: &mut Work<'_, P, RunbookEvidence>,
    ) -> Result<String, StepError> {
        let region = self.region(site);
        if !lossless && work.evidence.lineage(database).fenced == Effect::None {
            self.foreseen((database, region), work.ports).await?;
        }
        let epoch = self.fenced(database, region, work).await?;
        if work.evidence.lineage(database).promoted == Effect::None {
            self.price((database, region), lossless, work.ports, work.evidence.lineage(database)).await?;
        }
        if work.evidence.lineage(database).promoted != Effect::Certain {
            let whom = (database, region, epoch);
            let opened = steps::promote(work, whom, |evidence| &mut evidence.lineage(database).promoted).await?;
            let received = work.evidence.lineage(database).received;
            if opened.epoch != epoch {
                return Err(StepError::Final(format!("{database} leads epoch {}, not {epoch}", opened.epoch)));
            }
            if opened.from_lsn < received {
                let start = opened.from_lsn;
                return Err(StepError::Final(format!(
                    "{database} starts from {start} though it had received {received}"
                )));
            }
        }
        let loss = work.evidence.lineage(database).loss;
        let loss = loss.map_or_else(
            || "nothing lost".to_owned(),
            |(if_dead, if_alive)| LossBound { if_dead, if_alive }.in_words(),
        );
        Ok(format!("{database} is led by {region} at epoch {epoch}, {loss}"))
    }

    /// What it may lose is looked at before anything is changed: refused then, writes go on.
    async fn foreseen<P: Databases + Clock>(
        &self,
        (database, region): (&str, &str),
        ports: &P,
    ) -> Result<(), StepError> {
        let survey = steps::survey(ports, (database, region), Some(&self.order.from)).await?;
        let survey = steps::feed(ports, database, survey, (false, self.order.loss_limit)).await?;
        let Some(limit) = self.order.loss_limit else { return Ok(()) };
        let bound = match survey.keeps_everything(None) {
            true => LossBound::flat(0),
            false => steps::loss_bound(ports.head_bound(database).await?, survey.kept()),
        };
        if bound.if_dead > limit {
            return Err(StepError::NotYet(format!("{database}: {}, and the limit is {limit}", bound.in_words())));
        }
        Ok(())
    }

    /// The last word on what opening the copy may lose, once nothing can be added to that.
    async fn price<P: Databases + Audit + Clock>(
        &self,
        (database, region): (&str, &str),
        lossless: bool,
        ports: &P,
        lineage: &mut Lineage,
    ) -> Result<(), StepError> {
        if lossless {
            let wanted = ports.copy_status(database, &lineage.led_by).await?.applied_lsn;
            let kept = steps::kept(ports, database, region).await?;
            lineage.received = kept;
            if kept < wanted {
                return Err(StepError::NotYet(format!("{database} in {region} would keep {kept} of {wanted}")));
            }
            ports.announce_loss_bound(database, LossBound::flat(0));
            return Ok(());
        }
        let mut survey = steps::survey(ports, (database, region), None).await?;
        if survey.better().is_some() {
            steps::feed(ports, database, survey, (true, self.order.loss_limit)).await?;
            survey = steps::survey(ports, (database, region), None).await?;
        }
        lineage.received = survey.kept();
        let bound = match survey.keeps_everything(Some(&lineage.led_by)) {
            true => LossBound::flat(0),
            false => steps::loss_bound(ports.head_bound(database).await?, survey.kept()),
        };
        ports.announce_loss_bound(database, bound);
        lineage.loss = Some((bound.if_dead, bound.if_alive));
        match self.order.loss_limit {
            Some(limit) if bound.if_dead > limit => {
                Err(StepError::NotYet(format!("{database}: {}, and the limit is {limit}", bound.in_words())))
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn leads<P: Databases>(
        &self,
        ports: &P,
        (database, site): (&str, &Site),
        evidence: &RunbookEvidence,
    ) -> Result<(), StepError> {
        let region = self.region(site);
        let epoch = evidence.databases.get(database).map_or(0, |lineage| lineage.epoch);
        let copy = ports.copy_status(database, region).await?;
        if copy.epoch > epoch {
            return Err(StepError::Final(format!(
                "{database} is at epoch {}: another controller leads it now",
                copy.epoch
            )));
        }
        if copy.epoch < epoch || !copy.writable {
            return Err(StepError::NotYet(format!("{database} in {region} does not lead epoch {epoch} yet")));
        }
        Ok(ports.write_heartbeat(database, region).await?)
    }

    /// No copy was opened, or nothing would be undone: the old authority leads on.
    pub(super) async fn give_back<P: Runtime + Databases>(
        &self,
        database: &str,
        work: &mut Work<'_, P, RunbookEvidence>,
    ) -> Result<String, StepError> {
        let Lineage { epoch, led_by, fenced, .. } = work.evidence.lineage(database).clone();
        if fenced == Effect::None {
            return Ok("nothing was changed".to_owned());
        }
        let said = steps::give_back(work.ports, (database, &led_by, epoch)).await?;
        work.evidence.lineage(database).fenced = Effect::None;
        Ok(said)
    }

    pub(super) async fn rebuild<P: Databases>(
        &self,
        (database, site): (&str, &Site),
        ports: &P,
    ) -> Result<String, StepError> {
        let said = steps::rebuild(ports, &[database], self.region(site)).await?;
        Ok(said.unwrap_or_default())
    }

    pub(super) async fn catch_up<P: Databases>(
        &self,
        (database, site): (&str, &Site),
        within: u64,
        ports: &P,
    ) -> Result<String, StepError> {
        let region = self.region(site);
        let leader = ports.copy_status(database, region).await?.leader;
        let wanted = ports.copy_status(database, &leader).await?.applied_lsn;
        // Looked at afterwards: what is written all the time is never quite there at the same instant.
        let behind = wanted.saturating_sub(ports.copy_status(database, region).await?.applied_lsn);
        if behind > within {
            return Err(StepError::NotYet(format!("{database} in {region} is {} behind", plural(behind, "write"))));
        }
        Ok(format!("{database} in {region} is {} behind", plural(behind, "write")))
    }
}

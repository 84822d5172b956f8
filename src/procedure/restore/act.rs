//! The steps of a restore that change something.
//!
//! Invariant: what a call may have changed is in the journal before the call is sent; nothing is overwritten or opened
//! whose price was not announced.

use super::{ChosenBackup, RestoreEvidence, RestoreFromBackup, for_a_person, give_up, of};
use crate::ports::{Audit, Backups, Clock, Databases, Notifier, PortError, RestorePoint, Runtime, Verification};
use crate::procedure::step::StepError;
use crate::procedure::{Effect, Work, steps};
use crate::record::LossBound;

impl RestoreFromBackup {
    /// Step 2. Nothing that is written from now on could be kept.
    pub(super) async fn stop_writes<P: Runtime + Databases>(
        &self,
        work: &mut Work<'_, P, RestoreEvidence>,
    ) -> Result<String, StepError> {
        let names = work.evidence.in_order();
        for name in &names {
            let epoch = work.evidence.of(name).epoch;
            let fenced = steps::fence(work, (name, epoch), |evidence| &mut evidence.of(name).fenced);
            fenced.await.map_err(for_a_person)?;
        }
        Ok(format!("{} accept no writes", names.join(", ")))
    }

    /// Step 4. Those concerned hear of it before anything is overwritten.
    pub(super) async fn announce_loss<P: Notifier + Clock + Audit>(
        &self,
        work: &mut Work<'_, P, RestoreEvidence>,
    ) -> Result<String, StepError> {
        let name = of(work);
        let message = self.announce(work, &name)?;
        steps::tell(work.ports, &self.order.audiences, &message, &mut work.evidence.of(&name).warned).await?;
        Ok(message)
    }

    /// Says what going back may cost one database, and refuses what is above the limit.
    fn announce<P: Clock + Audit>(
        &self,
        work: &mut Work<'_, P, RestoreEvidence>,
        name: &str,
    ) -> Result<String, StepError> {
        let database = work.evidence.of(name);
        let (bound, words) = (database.loss_bound(), database.loss_in_words(work.ports.now()));
        work.ports.announce_loss_bound(name, LossBound::flat(bound.unwrap_or(u64::MAX)));
        match self.order.loss_limit {
            Some(limit) if mutant!("a_restore_costs_anything": bound.is_none_or(|bound| bound > limit) => false) => {
                Err(give_up(&format!("{words}, and the limit is {limit}")))
            }
            _ => Ok(words),
        }
    }

    /// Step 5. A restore that is under way is joined, one that is done is not done again.
    pub(super) async fn restore<P: Runtime + Backups>(
        &self,
        work: &mut Work<'_, P, RestoreEvidence>,
    ) -> Result<String, StepError> {
        let name = of(work);
        if work.evidence.of(&name).restored != Effect::Certain {
            self.restore_one(work, &name).await?;
        }
        let (backup, lsn) = work.evidence.of(&name).chosen.map_or((0, 0), |chosen| (chosen.backup, chosen.lsn));
        Ok(format!("{name} restored from backup {backup} to position {lsn}"))
    }

    /// A backup that turns out to be useless after all is passed over for an older one, whose loss is announced again.
    async fn restore_one<P: Runtime + Backups>(
        &self,
        work: &mut Work<'_, P, RestoreEvidence>,
        name: &str,
    ) -> Result<(), StepError> {
        loop {
            if work.evidence.of(name).chosen.is_none() {
                self.find_backup(work).await?;
                self.announce(work, name)?;
            }
            let before = work.evidence.of(name).restored.ask();
            work.write_down().await?;
            let database = work.evidence.of(name);
            let Some(chosen) = database.chosen else { return Err(give_up("no backup is chosen")) };
            let answer = work.ports.restore_backup(name, &self.order.region, chosen.backup, database.epoch).await;
            match database.restored.learn(before, answer) {
                Ok(point) => return self.settle(work, name, point),
                Err(refused @ PortError::Refused(_)) => self.reject(work, name, refused).await?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The copy may hold less than was verified: then that is announced.
    fn settle<P: Clock + Audit>(
        &self,
        work: &mut Work<'_, P, RestoreEvidence>,
        name: &str,
        point: RestorePoint,
    ) -> Result<(), StepError> {
        let database = work.evidence.of(name);
        let before = database.chosen;
        database.chosen = database.chosen.map(|chosen| ChosenBackup::new(chosen.backup, point));
        if mutant!("a_short_restore_is_not_announced": before.is_some_and(|chosen| chosen.lsn != point.lsn) => false) {
            self.announce(work, name)?;
        }
        Ok(())
    }

    /// A restore was refused: if the backup is why, it is not chosen again.
    async fn reject<P: Backups>(
        &self,
        work: &mut Work<'_, P, RestoreEvidence>,
        name: &str,
        refused: PortError,
    ) -> Result<(), StepError> {
        let database = work.evidence.of(name);
        let Some(chosen) = database.chosen else { return Err(refused.into()) };
        match work.ports.verify_backup(name, chosen.backup).await? {
            Verification::Restorable(_) => Err(refused.into()),
            Verification::Unusable(why) => {
                database.rejected.push((chosen.backup, why));
                database.chosen = None;
                Ok(())
            }
        }
    }

    /// Step 7. What was written after the point of the backup is given up here.
    pub(super) async fn reopen<P: Runtime + Databases>(
        &self,
        work: &mut Work<'_, P, RestoreEvidence>,
    ) -> Result<String, StepError> {
        let name = of(work);
        let epoch = work.evidence.of(&name).epoch;
        let whom = (name.as_str(), self.order.region.as_str(), epoch);
        let promotion = steps::promote(work, whom, |evidence| &mut evidence.of(&name).opened).await?;
        let wanted = work.evidence.of(&name).chosen.map_or(u64::MAX, |chosen| chosen.lsn);
        if mutant!("reopened_in_any_epoch": promotion.epoch != epoch => false)
            || mutant!("reopened_from_anywhere": promotion.from_lsn != wanted => false)
        {
            let found = format!("epoch {} from position {}", promotion.epoch, promotion.from_lsn);
            return Err(give_up(&format!("{name} leads {found}, not epoch {epoch} from {wanted}")));
        }
        Ok(format!("{name} accepts writes from position {wanted}, epoch {epoch}"))
    }

    /// Step 10. The service is back; this gives it its safety back.
    pub(super) async fn rebuild_copies<P: Databases>(
        &self,
        ports: &P,
        evidence: &RestoreEvidence,
    ) -> Result<String, StepError> {
        let to = &self.order.other;
        let names = evidence.in_order();
        let followed: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| evidence.databases[*name].followed).collect();
        Ok(steps::rebuild(ports, &followed, to).await?.unwrap_or_else(|| "no copies".to_owned()))
    }

    /// Step 11.
    pub(super) async fn notify_stakeholders<P: Notifier + Clock>(
        &self,
        work: &mut Work<'_, P, RestoreEvidence>,
    ) -> Result<String, StepError> {
        let now = work.ports.now();
        let notes: Vec<String> =
            work.evidence.in_order().iter().map(|name| work.evidence.of(name).loss_in_words(now)).collect();
        let message = format!("restored: {}", notes.join("; "));
        steps::tell(work.ports, &self.order.audiences, &message, &mut work.evidence.notified).await
    }
}

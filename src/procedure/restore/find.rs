//! The steps of a restore that only look: what is lost, and what it can be got back from.
//!
//! Invariant: a backup is chosen only after it was read to its end, and one that was found useless is not read again.

use super::{ChosenBackup, RestoreDatabase, RestoreEvidence, RestoreFromBackup, give_up};
use crate::ports::{BackupState, Backups, Clock, Databases, Probe, Runtime, Services, Verification};
use crate::procedure::step::StepError;
use crate::procedure::{Effect, Work, steps};
use crate::units::plural;

impl RestoreFromBackup {
    /// Step 1. A copy that still has the data is better than any backup; one that cannot be asked may have them.
    pub(super) async fn assess_damage<P: Services + Databases + Backups>(
        &self,
        ports: &P,
        evidence: &mut RestoreEvidence,
    ) -> Result<String, StepError> {
        let (from, to) = (&self.order.region, &self.order.other);
        let statuses = ports.service_status(from).await?;
        let needed = |name: &String| self.order.services.is_empty() || self.order.services.contains(name);
        evidence.services = statuses.into_iter().map(|status| status.service).filter(|name| needed(name)).collect();
        let elsewhere = ports.databases_in(to).await?;
        let mut notes = Vec::new();
        evidence.databases.clear();
        for name in ports.databases_in(from).await? {
            let chosen = self.order.databases.is_empty() || self.order.databases.contains(&name);
            let damage = ports.assess_damage(&name, from).await?;
            if !chosen || !damage.lost {
                notes.push(format!("{name}: intact"));
                continue;
            }
            let followed = elsewhere.contains(&name);
            if followed && !ports.assess_damage(&name, to).await?.lost {
                return Err(give_up(&format!("{to} still has the data of {name}, which is better than any backup")));
            }
            let head = ports.head_bound(&name).await?.map(|head| head.if_alive);
            notes.push(format!("{name}: lost"));
            let epoch = damage.epoch.saturating_add(1);
            evidence.databases.push(RestoreDatabase::new(name, epoch, head, followed));
        }
        match evidence.databases.is_empty() {
            true => Err(give_up("no database has lost its data, so there is nothing to restore")),
            false => Ok(notes.join("; ")),
        }
    }

    /// Step 3.
    pub(super) async fn find_backups<P: Runtime + Backups>(
        &self,
        work: &mut Work<'_, P, RestoreEvidence>,
    ) -> Result<String, StepError> {
        let mut notes = Vec::new();
        for index in 0..work.evidence.databases.len() {
            notes.push(self.find_backup(work, index).await?);
        }
        Ok(notes.join("; "))
    }

    /// Walks back from the newest backup to one that verifies.
    pub(super) async fn find_backup<P: Runtime + Backups>(
        &self,
        work: &mut Work<'_, P, RestoreEvidence>,
        index: usize,
    ) -> Result<String, StepError> {
        let name = work.evidence.databases[index].name.clone();
        if let Some(chosen) = work.evidence.databases[index].chosen {
            return Ok(format!("{name}: backup {}", chosen.backup));
        }
        let entries = work.ports.list_backups(&name).await?;
        for entry in entries.iter().rev() {
            let rejected = &work.evidence.databases[index].rejected;
            let known = rejected.iter().any(|(backup, _)| *backup == entry.backup);
            if known || entry.state == BackupState::Unusable {
                continue;
            }
            match work.ports.verify_backup(&name, entry.backup).await? {
                Verification::Restorable(point) => {
                    work.evidence.databases[index].chosen = Some(ChosenBackup::new(entry.backup, point));
                    let passed_over = work.evidence.databases[index].rejected.len();
                    let short = entry.reaches.lsn.saturating_sub(point.lsn);
                    let gap = if short > 0 {
                        format!(", {} short of the end of its log", plural(short, "position"))
                    } else {
                        String::new()
                    };
                    return Ok(format!("{name}: backup {} verifies{gap}; {passed_over} did not", entry.backup));
                }
                Verification::Unusable(why) => {
                    work.evidence.databases[index].rejected.push((entry.backup, why));
                    work.write_down().await?;
                }
            }
        }
        Err(give_up(&format!("none of the {} backups of {name} can be restored", entries.len())))
    }

    /// Step 6: the copy holds what was announced, and nobody writes to it.
    pub(super) async fn verify_restore<P: Databases>(
        &self,
        ports: &P,
        evidence: &RestoreEvidence,
    ) -> Result<String, StepError> {
        let mut notes = Vec::new();
        for database in evidence.databases.iter().filter(|database| database.opened == Effect::None) {
            let (name, wanted) = (&database.name, database.chosen.map_or(u64::MAX, |chosen| chosen.lsn));
            let copy = ports.copy_status(name, &self.order.region).await?;
            if copy.writable || copy.applied_lsn != wanted {
                let why = format!("{name} is at position {}, not {wanted}", copy.applied_lsn);
                return Err(StepError::NotYet(why));
            }
            notes.push(format!("{name} is at position {wanted}"));
        }
        Ok(if notes.is_empty() { "opened already".to_owned() } else { notes.join("; ") })
    }

    /// Step 8.
    pub(super) async fn verify_data<P: Databases + Clock>(
        &self,
        ports: &P,
        evidence: &RestoreEvidence,
    ) -> Result<String, StepError> {
        let mut notes = Vec::new();
        for database in &evidence.databases {
            let (name, epoch) = (&database.name, database.epoch);
            let copy = ports.copy_status(name, &self.order.region).await?;
            if copy.epoch > epoch {
                return Err(give_up(&format!("{name} is at epoch {}: another controller leads it now", copy.epoch)));
            }
            if copy.epoch < epoch || !copy.writable {
                return Err(StepError::NotYet(format!("{name} does not lead epoch {epoch} yet")));
            }
            if copy.leader != self.order.region {
                return Err(give_up(&format!("{name} is led by {}: another controller is acting", copy.leader)));
            }
            notes.push(format!("{name} leads epoch {epoch}, {}", database.loss_in_words(ports.now())));
        }
        Ok(notes.join("; "))
    }

    /// Step 9.
    pub(super) async fn verify_health<P: Probe + Clock>(
        &self,
        ports: &P,
        evidence: &RestoreEvidence,
    ) -> Result<String, StepError> {
        let how = (self.order.probes, self.order.answers_within);
        steps::services_answer(ports, (&self.order.region, &evidence.services), how).await?;
        let services = plural(evidence.services.len() as u64, "service");
        Ok(format!("{services} answered {} each", plural(u64::from(self.order.probes), "probe")))
    }
}

//! The steps of a restore that only look: what is lost, and what it can be got back from.
//!
//! Invariant: a backup is chosen only after it was read to its end, and one that was found useless is not read again.

use super::{ChosenBackup, RestoreDatabase, RestoreEvidence, RestoreFirst, RestoreFromBackup, give_up, of};
use crate::ports::{BackupState, Backups, Clock, Databases, PortError, Probe, Runtime, Services, Verification};
use crate::procedure::step::StepError;
use crate::procedure::{Effect, Work, steps};
use crate::units::plural;
use std::collections::BTreeMap;

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
        let mut lost = Vec::new();
        for name in self.listed(ports.databases_in(from).await?) {
            let chosen = self.order.databases.is_empty() || self.order.databases.contains(&name);
            let damage = ports.assess_damage(&name, from).await?;
            if !chosen || !damage.lost {
                notes.push(format!("{name}: intact"));
                continue;
            }
            let followed = elsewhere.contains(&name);
            if followed
                && mutant!("a_copy_with_data_is_overwritten": !ports.assess_damage(&name, to).await?.lost => false)
            {
                return Err(give_up(&format!("{to} still has the data of {name}, which is better than any backup")));
            }
            let head = ports.head_bound(&name).await?.map(|head| head.if_alive);
            notes.push(format!("{name}: lost"));
            let epoch = damage.epoch.saturating_add(1);
            lost.push(RestoreDatabase::new(name, epoch, head, followed));
        }
        self.put_in_order(ports, &mut lost).await?;
        evidence.databases = lost.into_iter().map(|database| (database.name.clone(), database)).collect();
        match evidence.databases.is_empty() {
            true => Err(give_up("no database has lost its data, so there is nothing to restore")),
            false => Ok(notes.join("; ")),
        }
    }

    /// The databases of the region, those that the order lists in front and as it lists them.
    fn listed(&self, mut names: Vec<String>) -> Vec<String> {
        let place = |name: &String| self.order.databases.iter().position(|listed| listed == name);
        names.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
        names
    }

    /// Says which of them comes first. How large they are is only asked if that decides.
    async fn put_in_order<P: Backups>(&self, ports: &P, lost: &mut [RestoreDatabase]) -> Result<(), StepError> {
        if self.order.first == RestoreFirst::Smallest && lost.len() > 1 {
            let mut sizes = BTreeMap::new();
            for database in &*lost {
                let size = match ports.list_backups(&database.name).await {
                    Ok(entries) => entries.last().map(|newest| newest.size),
                    Err(error @ PortError::Superseded { .. }) => return Err(error.into()),
                    Err(_) => None,
                };
                sizes.insert(database.name.clone(), (size.is_none(), size));
            }
            lost.sort_by_key(|database| sizes[&database.name]);
        }
        for (place, database) in lost.iter_mut().enumerate() {
            database.place = place;
        }
        Ok(())
    }

    /// Step 3. Walks back from the newest backup to one that verifies.
    pub(super) async fn find_backup<P: Runtime + Backups>(
        &self,
        work: &mut Work<'_, P, RestoreEvidence>,
    ) -> Result<String, StepError> {
        let name = of(work);
        if let Some(chosen) = work.evidence.of(&name).chosen {
            return Ok(format!("{name}: backup {}", chosen.backup));
        }
        let entries = work.ports.list_backups(&name).await?;
        for entry in entries.iter().rev() {
            let known = work.evidence.of(&name).rejected.iter().any(|(backup, _)| *backup == entry.backup);
            if mutant!("useless_backups_are_read_again": known || entry.state == BackupState::Unusable => false) {
                continue;
            }
            match work.ports.verify_backup(&name, entry.backup).await? {
                Verification::Restorable(point) => {
                    let database = work.evidence.of(&name);
                    database.chosen = Some(ChosenBackup::new(entry.backup, point));
                    let passed_over = database.rejected.len();
                    let short = entry.reaches.lsn.saturating_sub(point.lsn);
                    let gap = if short > 0 {
                        format!(", {} short of the end of its log", plural(short, "position"))
                    } else {
                        String::new()
                    };
                    return Ok(format!("{name}: backup {} verifies{gap}; {passed_over} did not", entry.backup));
                }
                Verification::Unusable(why) => {
                    work.evidence.of(&name).rejected.push((entry.backup, why));
                    work.write_down().await?;
                }
            }
        }
        Err(give_up(&match entries.len() {
            0 => format!("{name} has no backups"),
            some => format!("none of the {some} backups of {name} can be restored"),
        }))
    }

    /// Step 6: the copy holds what was announced, and nobody writes to it.
    pub(super) async fn verify_restore<P: Runtime + Databases>(
        &self,
        work: &mut Work<'_, P, RestoreEvidence>,
    ) -> Result<String, StepError> {
        let name = of(work);
        let database = work.evidence.of(&name);
        if database.opened != Effect::None {
            return Ok("opened already".to_owned());
        }
        let wanted = database.chosen.map_or(u64::MAX, |chosen| chosen.lsn);
        let copy = work.ports.copy_status(&name, &self.order.region).await?;
        if copy.writable || mutant!("what_was_restored_is_not_looked_at": copy.applied_lsn != wanted => false) {
            let why = format!("{name} is at position {}, not {wanted}", copy.applied_lsn);
            return Err(StepError::NotYet(why));
        }
        Ok(format!("{name} is at position {wanted}"))
    }

    /// Step 8.
    pub(super) async fn verify_data<P: Runtime + Databases>(
        &self,
        work: &mut Work<'_, P, RestoreEvidence>,
    ) -> Result<String, StepError> {
        let name = of(work);
        let epoch = work.evidence.of(&name).epoch;
        let copy = work.ports.copy_status(&name, &self.order.region).await?;
        if copy.epoch > epoch {
            return Err(give_up(&format!("{name} is at epoch {}: another controller leads it now", copy.epoch)));
        }
        if copy.epoch < epoch || !copy.writable {
            return Err(StepError::NotYet(format!("{name} does not lead epoch {epoch} yet")));
        }
        if copy.leader != self.order.region {
            return Err(give_up(&format!("{name} is led by {}: another controller is acting", copy.leader)));
        }
        let loss = work.evidence.of(&name).loss_in_words(work.ports.now());
        Ok(format!("{name} leads epoch {epoch}, {loss}"))
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

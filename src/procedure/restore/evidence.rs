//! What the steps of a restore find and do, in a form that can be written down.

use crate::ports::RestorePoint;
use crate::procedure::Effect;
use crate::units::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a restore from backup has found and done so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RestoreEvidence {
    /// The services that must answer in the end.
    pub services: Vec<String>,
    /// The databases whose data are gone, by name.
    pub databases: BTreeMap<String, RestoreDatabase>,
    /// The audiences that were told how it ended.
    pub notified: Vec<String>,
}

/// One database that is restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreDatabase {
    /// The database.
    pub name: String,
    /// How many databases it comes after.
    pub place: usize,
    /// The epoch it is restored under.
    pub epoch: u32,
    /// The position its log had not passed when the damage was assessed; `None` if nobody can say.
    pub head: Option<u64>,
    /// Whether the other region has a copy that must follow again.
    pub followed: bool,
    /// Whether older epochs were fenced off.
    pub fenced: Effect,
    /// Backups that were read and are of no use, and why.
    pub rejected: Vec<(u32, String)>,
    /// The backup that is restored.
    pub chosen: Option<ChosenBackup>,
    /// The audiences that were told what will be lost.
    pub warned: Vec<String>,
    /// Whether its restore was begun: what was left of the copy is gone.
    pub restored: Effect,
    /// Whether the copy was opened: what came after the backup is gone.
    pub opened: Effect,
}

/// A backup that verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenBackup {
    /// Its number.
    pub backup: u32,
    /// The position it reaches with its log.
    pub lsn: u64,
    /// When that was the newest, in nanoseconds by the controller's clock.
    pub at: u64,
}

impl RestoreEvidence {
    /// The names of the databases, in the order in which they are restored.
    pub(super) fn in_order(&self) -> Vec<String> {
        let mut databases: Vec<&RestoreDatabase> = self.databases.values().collect();
        databases.sort_by_key(|database| database.place);
        databases.into_iter().map(|database| database.name.clone()).collect()
    }

    /// What is known of the database of that name, which is one of those whose data are gone.
    pub(super) fn of(&mut self, name: &str) -> &mut RestoreDatabase {
        self.databases.get_mut(name).expect("only databases whose data are gone are restored")
    }
}

impl ChosenBackup {
    /// The backup and where it reaches.
    pub(super) fn new(backup: u32, point: RestorePoint) -> Self {
        Self { backup, lsn: point.lsn, at: point.at.as_nanos() }
    }
}

impl RestoreDatabase {
    /// A database nothing has been done to yet.
    pub(super) fn new(name: String, epoch: u32, head: Option<u64>, followed: bool) -> Self {
        let (fenced, restored, opened) = (Effect::None, Effect::None, Effect::None);
        let (place, rejected, chosen, warned) = (0, Vec::new(), None, Vec::new());
        Self { name, place, epoch, head, followed, fenced, rejected, chosen, warned, restored, opened }
    }

    /// The largest number of writes that going back to the chosen backup can lose. `None` if nobody can say.
    pub fn loss_bound(&self) -> Option<u64> {
        Some(self.head?.saturating_sub(self.chosen?.lsn))
    }

    /// What going back costs, in words, once a backup is chosen.
    pub(super) fn price(&self) -> Option<String> {
        let chosen = self.chosen?;
        let bound = self.loss_bound().map_or("an unknown number of".to_owned(), |writes| format!("at most {writes}"));
        Some(format!("{} is restored from backup {} and its log: {bound} writes lost", self.name, chosen.backup))
    }

    /// What going back costs, in words, at `now`.
    pub(super) fn loss_in_words(&self, now: Instant) -> String {
        let Some(chosen) = self.chosen else { return format!("{}: no backup is chosen", self.name) };
        let age = now.since(Instant::from_nanos(chosen.at));
        let bound = self.loss_bound().map_or("an unknown number of".to_owned(), |writes| format!("at most {writes}"));
        let (name, number) = (&self.name, chosen.backup);
        format!(
            "{name} goes back by {age:#} to backup {number} and its log, position {}: {bound} writes lost",
            chosen.lsn
        )
    }
}

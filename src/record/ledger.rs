//! The write ledger of one database: which acknowledged writes survive, decided from log positions and
//! acknowledgements alone.
//!
//! Owns, per lineage, a ring of the writes that are not yet on every copy that could be promoted, and per key the last
//! write that is. Does not know copies, faults or clocks: it is notified of what was appended, acknowledged, replicated
//! and cut off.
//!
//! Invariants: a write is exactly one of open (in the ring), settled (on every candidate copy) and dead (behind the
//! point its lineage was cut at). An acknowledged dead write is lost. Memory follows the replication backlog, not the
//! length of the run.
//!
//! Source of the definitions: Jepsen's ok / fail / info histories; `lost_visible` is the exact final-state rule of a
//! register: the final value f of a key explains every write that was invoked before f returned.

use super::lineage::{Branch, Entry};
use super::overwritten::{Overwrites, Overwritten};
use super::settled::Settlement;
use super::write::{Position, Write};
use super::{
    AuthorityRecord, Closing, HistoryCut, Holder, LossBound, LostWrite, LostWriteLocations, Occasion, RowChange,
    StoreRecord, Tip, Unanswered, digest_of, version,
};
use crate::units::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// How many lost writes are named; the rest are counted.
pub const NAMED_LOST_WRITES: usize = 1000;

/// How many operations in doubt are remembered. Older ones are closed with what is known by then.
const DOUBTS_KEPT: usize = 1 << 18;

#[derive(Debug, Clone, Copy)]
struct Settled {
    operation: u64,
    position: Position,
    deleted: bool,
    client_acked: Instant,
}

impl Settled {
    const NEVER: Self =
        Self { operation: 0, position: Position { epoch: 0, lsn: 0 }, deleted: false, client_acked: Instant::MAX };

    /// What the row has by it, or nothing.
    fn version(&self) -> u64 {
        if self.position.epoch == 0 { 0 } else { version(self.position, self.deleted) }
    }
}

#[derive(Debug, Clone, Copy)]
struct Doubt {
    appended: Option<Position>,
    client_gave_up: bool,
}

/// The ledger of one database.
#[derive(Debug)]
pub struct Ledger {
    branches: Vec<Branch>,
    settled: Vec<Settled>,
    /// What is known of all that is settled.
    settlement: Settlement,
    doubts: BTreeMap<u64, Doubt>,
    /// Every cut, without what it cost.
    cuts: Vec<HistoryCut>,
    /// Acknowledged writes that control has overwritten.
    overwrites: Overwrites,
    acked: u64,
    refused: u64,
    unknown: u64,
    /// Of those in doubt that are no longer remembered: in the surviving history, and not any more.
    forgotten: (u64, u64),
    /// What was announced since the history was last cut.
    announced: Option<LossBound>,
    /// What was announced before the cuts so far, added up.
    announced_before_cuts: Option<LossBound>,
}

impl Ledger {
    /// A ledger for a database of `keys` keys whose first lineage is written in the region `first`.
    pub fn new(keys: u32, first: &str) -> Self {
        let branch = Branch { first: 1, base: 1, last_seen: first.to_owned(), ..Branch::default() };
        Self {
            branches: vec![branch],
            settled: vec![Settled::NEVER; keys as usize],
            settlement: Settlement::default(),
            doubts: BTreeMap::new(),
            cuts: Vec::new(),
            overwrites: Overwrites::default(),
            acked: 0,
            refused: 0,
            unknown: 0,
            forgotten: (0, 0),
            announced: None,
            announced_before_cuts: None,
        }
    }

    /// A write enters the log of lineage `epoch` at the next position, which is returned.
    /// Panics if that lineage was never opened: the model's bug.
    pub fn append(&mut self, epoch: u32, write: Write) -> Position {
        let branch = &mut self.branches[epoch as usize - 1];
        let entry =
            Entry { write, server_acked: Instant::MAX, client_acked: Instant::MAX, cut: branch.cut_by, void: false };
        let lsn = match branch.cut {
            Some(cut) => {
                branch.dead.push(entry);
                cut + branch.dead.len() as u64
            }
            None => {
                branch.ring.push_back(entry);
                branch.base + branch.ring.len() as u64 - 1
            }
        };
        let position = Position { epoch, lsn };
        if let Some(doubt) = self.doubts.get_mut(&write.operation) {
            doubt.appended = Some(position);
        }
        position
    }

    /// The database acknowledged the write at `position` to its caller.
    pub fn server_acked(&mut self, position: Position, at: Instant) {
        if let Some(entry) = self.entry(position) {
            entry.server_acked = entry.server_acked.min(at);
        }
    }

    /// The client saw the acknowledgement of the write at `position`, which wrote `key`.
    pub fn client_acked(&mut self, position: Position, key: u32, at: Instant) {
        self.acked += 1;
        if let Some(entry) = self.entry(position) {
            entry.client_acked = entry.client_acked.min(at);
            return;
        }
        self.settlement.acked(at);
        if self.settled[key as usize].position == position {
            self.settled[key as usize].client_acked = at;
        }
    }

    /// An attempt at `operation` got no answer; if it is known to have entered a log, `appended` says where.
    pub fn in_doubt(&mut self, operation: u64, appended: Option<Position>) {
        let doubt = self.doubts.entry(operation).or_insert(Doubt { appended: None, client_gave_up: false });
        doubt.appended = doubt.appended.or(appended);
        if self.doubts.len() > DOUBTS_KEPT
            && let Some((_, oldest)) = self.doubts.pop_first()
        {
            match self.fate(oldest) {
                Some(true) => self.forgotten.0 += 1,
                Some(false) => self.forgotten.1 += 1,
                None => {}
            }
        }
    }

    /// A write was refused: its client knows that it did not happen.
    pub fn refused(&mut self) {
        self.refused += 1;
    }

    /// The client of `operation` gave up without an answer.
    pub fn gave_up(&mut self, operation: u64) {
        self.unknown += 1;
        if let Some(doubt) = self.doubts.get_mut(&operation) {
            doubt.client_gave_up = true;
        }
    }

    /// Every copy that could be promoted has applied lineage `epoch` up to `lsn`: what is there cannot be lost. What
    /// survives of older lineages comes before it, so it is everywhere too.
    pub fn replicated(&mut self, epoch: u32, lsn: u64) {
        for older in 1..epoch {
            self.settle(older, mutant!("older_histories_never_settle": lsn => 0));
        }
        self.settle(epoch, lsn);
    }

    /// The history is cut after `survives`, and the next lineage continues from there in the region `successor`.
    /// Returns the new epoch. What stood behind the cut, in whichever lineage, is dead, and so is what may still be
    /// written there. Panics if something behind the cut was said to be everywhere: the model's bug.
    pub fn cut(&mut self, survives: u64, successor: &str, occasion: Occasion) -> u32 {
        if let Some(bound) = self.announced.take() {
            self.announced_before_cuts = Some(
                self.announced_before_cuts
                    .map_or(bound, |before| mutant!("only_the_last_bound_counts": before.and(bound) => bound)),
            );
        }
        self.write_down_cut(Some(successor), occasion);
        for branch in &mut self.branches {
            branch.cut_after(survives, self.cuts.len() as u32 - 1);
        }
        let next =
            Branch { first: survives + 1, base: survives + 1, last_seen: successor.to_owned(), ..Branch::default() };
        self.branches.push(next);
        self.epoch()
    }

    /// The copy that wrote lineage `epoch` crashed before `from` and what followed was durable: those positions stay
    /// empty. None of them was acknowledged.
    pub fn void_tail(&mut self, epoch: u32, from: u64) {
        let head = self.head(epoch);
        let branch = &mut self.branches[epoch as usize - 1];
        for lsn in from..=head {
            if let Some(entry) = branch.get_mut(lsn) {
                entry.void = mutant!("nothing_is_void": true => false);
            }
        }
        if from <= head {
            branch.voids.push((from, head));
        }
    }

    /// The last position of lineage `epoch`, dead or alive.
    pub fn head(&self, epoch: u32) -> u64 {
        let branch = &self.branches[epoch as usize - 1];
        branch.cut.map_or(branch.base + branch.ring.len() as u64 - 1, |cut| cut + branch.dead.len() as u64)
    }

    /// The first position of lineage `epoch`.
    pub fn first(&self, epoch: u32) -> u64 {
        self.branches[epoch as usize - 1].first
    }

    /// How many rows a copy has that has applied the surviving history up to `lsn` and nothing else, and their digest.
    /// `None` if writes before that may be on every copy already, so that they cannot be told apart.
    pub fn rows_at(&self, lsn: u64) -> Option<(u64, u128)> {
        let newest = self.branches.last()?;
        if lsn + 1 < newest.base.max(1) {
            return None;
        }
        let mut versions: Vec<u64> = self.settled.iter().map(|settled| settled.version()).collect();
        for (epoch, branch) in (1..).zip(&self.branches) {
            let applied = (branch.base..).zip(&branch.ring).take_while(|(at, _)| *at <= lsn);
            for (at, entry) in applied.filter(|(_, entry)| !entry.void) {
                versions[entry.write.key as usize] = version(Position { epoch, lsn: at }, entry.write.deleted);
            }
        }
        Some(digest_of((0..).zip(versions).filter(|(_, version)| *version != 0)))
    }

    /// The last write of each key that has one in the surviving history: what it did, the operation, and when its client saw
    /// that it is done, or [`Instant::MAX`]. Of a key that was written more than once the last one comes last.
    pub(super) fn last_writes(&self) -> impl Iterator<Item = (RowChange, u64, Instant)> {
        let settled = (0..).zip(&self.settled).filter(|(_, settled)| settled.position.epoch > 0);
        let settled = settled.map(|(key, settled)| {
            (RowChange { key, deleted: settled.deleted }, settled.operation, settled.client_acked)
        });
        let open = self.branches.iter().flat_map(|branch| &branch.ring).filter(|entry| !entry.void);
        settled.chain(open.map(|entry| (entry.write.change(), entry.write.operation, entry.client_acked)))
    }

    /// Control has replaced an acknowledged write at `at` by what was over before it began: it is lost, to a cut that keeps all
    /// other rows.
    pub(super) fn overwritten(&mut self, at: Instant, lost: Overwritten) {
        let region = self.branches.last().map_or_else(String::new, |branch| branch.last_seen.clone());
        if self.cuts.last().is_none_or(|cut| cut.at != at || !cut.overwrites) {
            self.write_down_cut(Some(&region), Occasion { at, outage: None });
        }
        let cut = self.cuts.len() as u32 - 1;
        self.cuts[cut as usize].overwrites = true;
        let server_acked = self.entry(lost.position).map(|entry| entry.server_acked);
        self.overwrites.note(lost, server_acked, cut, region);
    }

    /// The newest lineage.
    pub fn epoch(&self) -> u32 {
        self.branches.len() as u32
    }

    /// Control announced that the action it is about to take may cost up to so many writes. The last word before the
    /// history is cut counts.
    pub fn announce_bound(&mut self, bound: LossBound) {
        self.announced = Some(bound);
    }

    /// No copy holds anything beyond `survives` any more, nor, if that is `None`, anything at all.
    pub fn lose_beyond(&mut self, survives: Option<u64>, occasion: Occasion) {
        self.write_down_cut(None, occasion);
        let by = self.cuts.len() as u32 - 1;
        for branch in &mut self.branches {
            branch.cut_after(survives.unwrap_or(0).max(branch.base - 1), by);
        }
        if mutant!("settled_writes_survive_everything": survives.is_none() => false) {
            self.settled.fill(Settled::NEVER);
            self.settlement.lost(by);
        }
    }

    fn write_down_cut(&mut self, to: Option<&str>, occasion: Occasion) {
        let from = self.branches.last().map_or_else(String::new, |branch| branch.last_seen.clone());
        self.cuts.push(HistoryCut {
            at: occasion.at,
            from,
            to: to.map(str::to_owned),
            outage: occasion.outage,
            overwrites: false,
            lost: 0,
            lost_before: 0,
            first_lost: None,
            last_server_acked: None,
            last_lost_after: None,
        });
    }

    /// Closes the ledger of `store`. The copies' states and the audit of their authority are for the caller to add.
    pub fn close(&self, store: &str, closing: Closing<'_>) -> StoreRecord {
        let mut lost = self.lost_writes();
        lost.extend(self.overwrites.closed(self.last_writes()));
        lost.sort_by_key(|w| (w.client_acked, w.operation));
        let cuts = self.cuts_with_their_cost(&lost, closing.faults);
        let whereabouts = self.find(&mut lost, closing.tips);
        let record = StoreRecord {
            store: store.to_owned(),
            acked: self.acked,
            at_stake: 0,
            lost_total: lost.len() as u64,
            lost_visible: lost.iter().filter(|w| w.visible).count() as u64,
            whereabouts,
            unanswered: self.unanswered(),
            cuts,
            lost: Vec::new(),
            announced: self.announced_before_cuts.or(self.announced),
            copies: Vec::new(),
            authority: AuthorityRecord::default(),
        };
        lost.truncate(NAMED_LOST_WRITES);
        self.settlement.counted(StoreRecord { lost, ..record })
    }

    fn cuts_with_their_cost(&self, lost: &[LostWrite], faults: &[Instant]) -> Vec<HistoryCut> {
        let mut cuts = self.cuts.clone();
        for cut in &mut cuts {
            cut.outage = cut.outage.or_else(|| faults.iter().copied().filter(|fault| *fault <= cut.at).max());
        }
        for write in lost {
            let cut = &mut cuts[write.cut as usize];
            cut.lost += 1;
            cut.first_lost = Some(cut.first_lost.map_or(write.client_acked, |first| mutant!("the_recovery_point_is_the_newest_loss": first.min(write.client_acked) => first.max(write.client_acked))));
            cut.last_server_acked = cut.last_server_acked.max(Some(write.server_acked));
            if cut.outage.is_none_or(|outage| mutant!("at_the_outage_is_before_it": write.server_acked < outage => write.server_acked <= outage)) {
                cut.lost_before += 1;
            } else {
                cut.last_lost_after = cut.last_lost_after.max(Some(write.client_acked));
            }
        }
        cuts
    }

    /// Finds what was lost in the copies that are there, and names the holders of the first thousand.
    fn find(&self, lost: &mut [LostWrite], tips: &[Tip]) -> LostWriteLocations {
        let holder = |tip: &Tip| Holder { region: tip.region.clone(), writes: 0, was_up: tip.was_up };
        let mut found =
            LostWriteLocations { holders: tips.iter().map(holder).collect(), ..LostWriteLocations::default() };
        for (index, write) in lost.iter_mut().enumerate() {
            let position = Position { epoch: write.epoch, lsn: write.lsn };
            let (mut held, mut held_by_the_dead) = (false, false);
            if self.cuts[write.cut as usize].overwrites {
                found.nowhere += 1;
                continue;
            }
            for (tip, holder) in tips.iter().zip(&mut found.holders) {
                if !self.reaches(tip.position, position) {
                    continue;
                }
                holder.writes += 1;
                held |= mutant!("the_dead_hold_what_is_found": tip.was_up => true);
                held_by_the_dead |= !tip.was_up;
                if index < NAMED_LOST_WRITES {
                    write.held_by.push(tip.region.clone());
                }
            }
            match (held, held_by_the_dead) {
                (true, _) => found.held += 1,
                (false, true) => found.held_by_the_dead += 1,
                (false, false) => found.nowhere += 1,
            }
        }
        found.holders.retain(|holder| holder.writes > 0);
        found
    }

    fn unanswered(&self) -> Unanswered {
        let given_up = || self.doubts.values().filter(|doubt| doubt.client_gave_up);
        let count = |fate| given_up().filter(|doubt| self.fate(**doubt) == Some(fate)).count() as u64;
        let (stored, gone) = (self.forgotten.0 + count(true), self.forgotten.1 + count(false));
        let never_stored = self.unknown.saturating_sub(stored + gone);
        Unanswered { refused: self.refused, never_stored, stored, gone }
    }

    fn settle(&mut self, epoch: u32, lsn: u64) {
        let branch = &mut self.branches[epoch as usize - 1];
        while branch.base <= lsn {
            let Some(entry) = branch.ring.pop_front() else { break };
            let position = Position { epoch, lsn: branch.base };
            branch.base += 1;
            if entry.client_acked != Instant::MAX {
                self.settlement.acked(entry.client_acked);
            }
            if !entry.void {
                let Write { operation, key, deleted, .. } = entry.write;
                self.settled[key as usize] = Settled { operation, position, deleted, client_acked: entry.client_acked };
            }
        }
    }

    fn lost_writes(&self) -> Vec<LostWrite> {
        let dead = || {
            self.branches
                .iter()
                .enumerate()
                .flat_map(|(i, b)| b.dead.iter().enumerate().map(move |(n, e)| (i, b, n, e)))
        };
        let acked = || {
            dead().filter(|(.., entry)| mutant!("what_nobody_was_told_is_lost": entry.client_acked != Instant::MAX => entry.server_acked != Instant::MAX))
        };
        let survivors = self.surviving_returns(&acked().map(|(.., entry)| entry.write.key).collect());
        acked()
            .map(|(i, branch, n, entry)| LostWrite {
                operation: entry.write.operation,
                key: entry.write.key,
                epoch: i as u32 + 1,
                lsn: branch.cut.unwrap_or(0) + n as u64 + 1,
                server_acked: entry.server_acked,
                client_acked: entry.client_acked,
                visible: survivors.get(&entry.write.key).is_none_or(|returned| mutant!("overwritten_at_the_same_instant": *returned < entry.write.invoked => *returned <= entry.write.invoked)),
                cut: entry.cut,
                last_seen: branch.last_seen.clone(),
                held_by: Vec::new(),
            })
            .collect()
    }

    /// For each of `keys`, when its last surviving write returned to its client ([`Instant::MAX`]: never did). A key
    /// no write of which survives is absent.
    fn surviving_returns(&self, keys: &BTreeSet<u32>) -> BTreeMap<u32, Instant> {
        let mut returns: BTreeMap<u32, Instant> = keys
            .iter()
            .filter(|key| self.settled[**key as usize].position.epoch > 0)
            .map(|key| (*key, self.settled[*key as usize].client_acked))
            .collect();
        // Open writes of older lineages precede those of newer ones, and all of them follow what is settled.
        for entry in self.branches.iter().flat_map(|b| &b.ring).filter(|e| !e.void && keys.contains(&e.write.key)) {
            returns.insert(entry.write.key, entry.client_acked);
        }
        returns
    }

    /// Whether the log that ends at `tip`, cut off or not, contains `position`.
    fn reaches(&self, tip: Position, position: Position) -> bool {
        let later =
            self.branches.iter().skip(position.epoch as usize).take(tip.epoch.saturating_sub(position.epoch) as usize);
        position.epoch <= tip.epoch
            && position.lsn <= tip.lsn
            && later.into_iter().all(|b| mutant!("every_branch_holds_all": position.lsn < b.first => true))
    }

    /// Whether what a client gave up on is in the surviving history; `None` if it never was in a log, or its client has
    /// not given up.
    fn fate(&self, doubt: Doubt) -> Option<bool> {
        let at = doubt.appended.filter(|_| doubt.client_gave_up)?;
        Some(!self.branches[at.epoch as usize - 1].is_dead(at.lsn))
    }

    fn entry(&mut self, position: Position) -> Option<&mut Entry> {
        self.branches[position.epoch as usize - 1].get_mut(position.lsn)
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;

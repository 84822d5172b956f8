//! The write ledger of one database: which acknowledged writes survive, decided from log positions and
//! acknowledgements alone.
//!
//! Owns, per lineage, a ring of the writes that are not yet on every copy that could be promoted, and per key the last
//! write that is. Refuses to know copies, faults or clocks: it is told what was appended, acknowledged, replicated and
//! cut off.
//!
//! Invariants: a write is exactly one of open (in the ring), settled (on every candidate copy) and dead (behind the
//! point its lineage was cut at). An acknowledged dead write is lost. Memory follows the replication backlog, not the
//! length of the run.
//!
//! Source of the definitions: Jepsen's ok / fail / info histories; `lost_visible` is the exact final-state rule of a
//! register: the final value f of a key explains every write that was invoked before f returned.

use super::{AuthorityRecord, LostWrite, StoreRecord};
use crate::units::Instant;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many lost writes are named; the rest are counted.
pub const NAMED_LOST_WRITES: usize = 1000;

/// How many operations in doubt are remembered. Older ones are closed with what is known by then.
const DOUBTS_KEPT: usize = 1 << 18;

/// A position in a database's history: which lineage, and where in its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The lineage: 1 for the first, one more with every promotion.
    pub epoch: u32,
    /// The place in its log. Positions go on counting across epochs.
    pub lsn: u64,
}

/// A write as it enters a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write {
    /// The operation's number, the same for every attempt at it.
    pub operation: u64,
    /// The key it writes.
    pub key: u32,
    /// When its client first sent it.
    pub invoked: Instant,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    write: Write,
    server_acked: Instant,
    client_acked: Instant,
    void: bool,
}

#[derive(Debug, Clone, Copy)]
struct Settled {
    position: Position,
    client_acked: Instant,
}

/// One lineage: `ring` holds positions `base..`, and `dead` those from `cut + 1` on once it was cut off.
#[derive(Debug, Default)]
struct Branch {
    first: u64,
    base: u64,
    ring: VecDeque<Entry>,
    cut: Option<u64>,
    voids: Vec<(u64, u64)>,
    dead: Vec<Entry>,
    last_seen: String,
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
    doubts: BTreeMap<u64, Doubt>,
    acked: u64,
    at_risk_closed: u64,
    /// What was announced since the history was last cut.
    announced: Option<u64>,
    /// What was announced before the cuts so far, added up.
    announced_before_cuts: Option<u64>,
}

impl Branch {
    fn get_mut(&mut self, lsn: u64) -> Option<&mut Entry> {
        if self.cut.is_some_and(|cut| lsn > cut) {
            let index = usize::try_from(lsn - self.cut? - 1).ok()?;
            return self.dead.get_mut(index);
        }
        let index = usize::try_from(lsn.checked_sub(self.base)?).ok()?;
        self.ring.get_mut(index)
    }

    fn cut_after(&mut self, survives: u64) {
        let end = survives.max(self.first - 1);
        if self.cut.is_some_and(|cut| cut <= end) {
            return;
        }
        assert!(end + 1 >= self.base, "what was replicated everywhere cannot be cut off");
        let keep = usize::try_from(end + 1 - self.base).map_or(self.ring.len(), |n| n.min(self.ring.len()));
        let mut dead: Vec<Entry> = self.ring.split_off(keep).into();
        dead.append(&mut self.dead);
        self.dead = dead;
        self.cut = Some(end);
    }

    fn is_dead(&self, lsn: u64) -> bool {
        self.cut.is_some_and(|cut| lsn > cut) || self.voids.iter().any(|(from, to)| (*from..=*to).contains(&lsn))
    }
}

impl Ledger {
    /// A ledger for a database of `keys` keys whose first lineage is written in the region `first`.
    pub fn new(keys: u32, first: &str) -> Self {
        let never = Settled { position: Position { epoch: 0, lsn: 0 }, client_acked: Instant::MAX };
        let branch = Branch { first: 1, base: 1, last_seen: first.to_owned(), ..Branch::default() };
        Self {
            branches: vec![branch],
            settled: vec![never; keys as usize],
            doubts: BTreeMap::new(),
            acked: 0,
            at_risk_closed: 0,
            announced: None,
            announced_before_cuts: None,
        }
    }

    /// A write enters the log of lineage `epoch` at the next position, which is returned.
    /// Panics if that lineage was never opened: the model's bug.
    pub fn append(&mut self, epoch: u32, write: Write) -> Position {
        let branch = &mut self.branches[epoch as usize - 1];
        let entry = Entry { write, server_acked: Instant::MAX, client_acked: Instant::MAX, void: false };
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
        } else if self.settled[key as usize].position == position {
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
            self.at_risk_closed += u64::from(self.absent(oldest));
        }
    }

    /// The client of `operation` gave up without an answer.
    pub fn gave_up(&mut self, operation: u64) {
        if let Some(doubt) = self.doubts.get_mut(&operation) {
            doubt.client_gave_up = true;
        }
    }

    /// Where an earlier attempt at `operation` stands in the log that ends at `tip`, if it does: the table a database
    /// keeps so that a repeated keyed write takes effect once.
    pub fn earlier_attempt(&self, operation: u64, tip: Position) -> Option<Position> {
        self.doubts.get(&operation)?.appended.filter(|position| self.holds(tip, *position))
    }

    /// Every copy that could be promoted has applied lineage `epoch` up to `lsn`: what is there cannot be lost. What
    /// survives of older lineages comes before it, so it is everywhere too.
    pub fn replicated(&mut self, epoch: u32, lsn: u64) {
        for older in 1..epoch {
            self.settle(older, lsn);
        }
        self.settle(epoch, lsn);
    }

    /// The history is cut after `survives`, and the next lineage goes on from there in the region `successor`.
    /// Returns the new epoch. What stood behind the cut, in whichever lineage, is dead, and so is what may still be
    /// written there. Panics if something behind the cut was said to be everywhere: the model's bug.
    pub fn cut(&mut self, survives: u64, successor: &str) -> u32 {
        if let Some(bound) = self.announced.take() {
            let before = self.announced_before_cuts.unwrap_or(0);
            self.announced_before_cuts = Some(before.saturating_add(bound));
        }
        for branch in &mut self.branches {
            branch.cut_after(survives);
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
                entry.void = true;
            }
        }
        if from <= head {
            branch.voids.push((from, head));
        }
    }

    /// Writes that lineage `epoch` holds beyond the point it was cut at, up to `lsn`: those no other lineage has.
    pub fn suffix(&self, epoch: u32, lsn: u64) -> u64 {
        let branch = &self.branches[epoch as usize - 1];
        let Some(cut) = branch.cut else { return 0 };
        let count = usize::try_from(lsn.saturating_sub(cut)).unwrap_or(usize::MAX);
        branch.dead.iter().take(count).filter(|entry| !entry.void).count() as u64
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

    /// The newest lineage.
    pub fn epoch(&self) -> u32 {
        self.branches.len() as u32
    }

    /// Control announced that the action it is about to take may cost up to `writes` writes. The last word before the
    /// history is cut counts.
    pub fn announce_bound(&mut self, writes: u64) {
        self.announced = Some(writes);
    }

    /// The writes of the surviving history after position `after`, up to `until`, as far as they are still remembered:
    /// where each stands, and its key.
    pub fn history(&self, after: u64, until: u64) -> impl Iterator<Item = (Position, u32)> {
        (1..).zip(&self.branches).flat_map(move |(epoch, branch)| {
            let entries = (branch.base..).zip(&branch.ring).filter(|(_, entry)| !entry.void);
            let wanted = entries.filter(move |(lsn, _)| *lsn > after && *lsn <= until);
            wanted.map(move |(lsn, entry)| (Position { epoch, lsn }, entry.write.key))
        })
    }

    /// No copy holds anything any more: all that is still remembered is dead.
    pub fn lose_everything(&mut self) {
        for branch in &mut self.branches {
            branch.cut_after(branch.base - 1);
        }
    }

    /// Closes the ledger of `store`. `fault_at` splits losses into before and after by the server's acknowledgement.
    /// The copies' states and the audit of their authority are for the caller to add.
    pub fn close(&self, store: &str, fault_at: Option<Instant>) -> StoreRecord {
        let mut lost = self.lost_writes();
        lost.sort_by_key(|w| (w.client_acked, w.operation));
        let before = |w: &&LostWrite| fault_at.is_none_or(|t0| w.server_acked < t0);
        let record = StoreRecord {
            store: store.to_owned(),
            acked: self.acked,
            lost_total: lost.len() as u64,
            lost_visible: lost.iter().filter(|w| w.visible).count() as u64,
            at_risk: self.at_risk_closed + self.doubts.values().filter(|d| self.absent(**d)).count() as u64,
            lost_before_fault: lost.iter().filter(before).count() as u64,
            first_lost_before_fault: lost.iter().filter(before).map(|w| w.client_acked).min(),
            last_lost_after_fault: lost.iter().filter(|w| !before(w)).map(|w| w.client_acked).max(),
            fault_at,
            lost: Vec::new(),
            announced_bound: self.announced_before_cuts.or(self.announced),
            copies: Vec::new(),
            authority: AuthorityRecord::default(),
        };
        lost.truncate(NAMED_LOST_WRITES);
        StoreRecord { lost, ..record }
    }

    fn settle(&mut self, epoch: u32, lsn: u64) {
        let branch = &mut self.branches[epoch as usize - 1];
        while branch.base <= lsn {
            let Some(entry) = branch.ring.pop_front() else { break };
            let position = Position { epoch, lsn: branch.base };
            branch.base += 1;
            if !entry.void {
                self.settled[entry.write.key as usize] = Settled { position, client_acked: entry.client_acked };
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
        let acked = || dead().filter(|(.., entry)| entry.client_acked != Instant::MAX);
        let survivors = self.surviving_returns(&acked().map(|(.., entry)| entry.write.key).collect());
        acked()
            .map(|(i, branch, n, entry)| LostWrite {
                operation: entry.write.operation,
                key: entry.write.key,
                epoch: i as u32 + 1,
                lsn: branch.cut.unwrap_or(0) + n as u64 + 1,
                server_acked: entry.server_acked,
                client_acked: entry.client_acked,
                visible: survivors.get(&entry.write.key).is_none_or(|returned| *returned < entry.write.invoked),
                last_seen: branch.last_seen.clone(),
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

    /// Whether the history that ends at `tip` contains `position`.
    fn holds(&self, tip: Position, position: Position) -> bool {
        let branch = &self.branches[position.epoch as usize - 1];
        match position.epoch.cmp(&tip.epoch) {
            Ordering::Less => !branch.is_dead(position.lsn),
            Ordering::Equal => {
                position.lsn <= tip.lsn && !branch.voids.iter().any(|(from, to)| (*from..=*to).contains(&position.lsn))
            }
            Ordering::Greater => false,
        }
    }

    fn absent(&self, doubt: Doubt) -> bool {
        doubt.client_gave_up && doubt.appended.is_none_or(|at| self.branches[at.epoch as usize - 1].is_dead(at.lsn))
    }

    fn entry(&mut self, position: Position) -> Option<&mut Entry> {
        self.branches[position.epoch as usize - 1].get_mut(position.lsn)
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;

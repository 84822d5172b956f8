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

use super::{LostWrite, StoreRecord};
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
    announced_bound: Option<u64>,
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
            announced_bound: None,
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

    /// Control announced that the action it is about to take may cost up to `writes` writes.
    pub fn announce_bound(&mut self, writes: u64) {
        self.announced_bound = Some(self.announced_bound.map_or(writes, |bound| bound.max(writes)));
    }

    /// Closes the ledger of `store`. `fault_at` splits losses into before and after by the server's acknowledgement.
    /// The copies' states are for the caller to add.
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
            announced_bound: self.announced_bound,
            copies: Vec::new(),
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    const T: fn(u64) -> Instant = Instant::from_secs;

    fn write(operation: u64, key: u32, at: u64) -> Write {
        Write { operation, key, invoked: T(at) }
    }

    #[test]
    fn an_acknowledged_write_behind_the_cut_is_lost_and_named() {
        let mut ledger = Ledger::new(4, "west");
        let a = ledger.append(1, write(1, 0, 1));
        let b = ledger.append(1, write(2, 1, 2));
        for (position, key, at) in [(a, 0, 3), (b, 1, 4)] {
            ledger.server_acked(position, T(at));
            ledger.client_acked(position, key, T(at));
        }
        ledger.replicated(1, 1);
        assert_eq!(ledger.cut(1, "north"), 2);
        let record = ledger.close("orders", Some(T(4)));
        assert_eq!((record.acked, record.lost_total, record.lost_visible, record.at_risk), (2, 1, 1, 0));
        assert_eq!((record.lost[0].operation, record.lost[0].lsn, record.lost[0].last_seen.as_str()), (2, 2, "west"));
        assert_eq!((record.lost_before_fault, record.last_lost_after_fault), (0, Some(T(4))));
    }

    #[test]
    fn a_lost_write_overwritten_later_is_not_visible() {
        let mut ledger = Ledger::new(1, "west");
        let lost = ledger.append(1, write(1, 0, 1));
        ledger.client_acked(lost, 0, T(2));
        ledger.cut(0, "north");
        let kept = ledger.append(2, write(2, 0, 5));
        ledger.client_acked(kept, 0, T(6));
        let record = ledger.close("orders", None);
        assert_eq!((record.lost_total, record.lost_visible), (1, 0));
    }

    #[test]
    fn writes_accepted_on_a_dead_branch_are_lost_after_the_fault() {
        let mut ledger = Ledger::new(2, "west");
        ledger.cut(0, "north");
        let split_brain = ledger.append(1, write(1, 0, 10));
        ledger.server_acked(split_brain, T(11));
        ledger.client_acked(split_brain, 0, T(11));
        let record = ledger.close("orders", Some(T(5)));
        assert_eq!((record.lost_total, record.last_lost_after_fault), (1, Some(T(11))));
    }

    #[test]
    fn a_write_nobody_heard_of_is_at_risk_only_if_it_is_absent() {
        let mut ledger = Ledger::new(2, "west");
        let kept = ledger.append(1, write(1, 0, 1));
        ledger.in_doubt(1, Some(kept));
        ledger.gave_up(1);
        ledger.in_doubt(2, None);
        ledger.gave_up(2);
        ledger.in_doubt(3, None);
        assert_eq!(ledger.close("orders", None).at_risk, 1);
    }

    #[test]
    fn a_crash_empties_the_tail_that_was_not_durable() {
        let mut ledger = Ledger::new(2, "west");
        let kept = ledger.append(1, write(1, 0, 1));
        ledger.client_acked(kept, 0, T(2));
        let void = ledger.append(1, write(2, 0, 3));
        ledger.in_doubt(2, Some(void));
        ledger.gave_up(2);
        ledger.void_tail(1, void.lsn);
        assert_eq!(ledger.earlier_attempt(2, Position { epoch: 1, lsn: 9 }), None);
        assert_eq!(ledger.append(1, write(3, 1, 4)).lsn, void.lsn + 1);
        ledger.replicated(1, 9);
        let record = ledger.close("orders", None);
        assert_eq!((record.acked, record.lost_total, record.at_risk), (1, 0, 1));
    }

    #[test]
    fn a_repeated_keyed_write_is_found_unless_its_first_attempt_died() {
        let mut ledger = Ledger::new(1, "west");
        ledger.in_doubt(7, None);
        let first = ledger.append(1, write(7, 0, 1));
        assert_eq!(ledger.earlier_attempt(7, first), Some(first));
        ledger.cut(0, "north");
        assert_eq!(ledger.earlier_attempt(7, Position { epoch: 2, lsn: 5 }), None);
    }

    /// One step of a random history.
    #[derive(Debug, Clone)]
    enum Step {
        Append { key: u32, dead_branch: bool },
        Ack { which: usize },
        Replicate { share: u8 },
        Cut { share: u8 },
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            6 => (0..3_u32, any::<bool>()).prop_map(|(key, dead_branch)| Step::Append { key, dead_branch }),
            4 => any::<usize>().prop_map(|which| Step::Ack { which }),
            2 => any::<u8>().prop_map(|share| Step::Replicate { share }),
            1 => any::<u8>().prop_map(|share| Step::Cut { share }),
        ];
        prop::collection::vec(step, 0..60)
    }

    /// The oracle: keeps the whole history and decides by looking at all of it.
    #[derive(Default)]
    struct Naive {
        writes: Vec<(Position, Write, Option<Instant>)>,
        cuts: Vec<u64>,
    }

    impl Naive {
        fn survives(&self, p: Position) -> bool {
            self.cuts.get(p.epoch as usize - 1).is_none_or(|cut| p.lsn <= *cut)
        }
        fn lost(&self) -> Vec<u64> {
            self.writes
                .iter()
                .filter(|(p, _, ack)| ack.is_some() && !self.survives(*p))
                .map(|(_, w, _)| w.operation)
                .collect()
        }
        /// The register rule by definition: a lost write is explained if the final surviving write of its key may
        /// have taken effect after it, that is unless it returned before the lost one was invoked.
        fn visible(&self) -> usize {
            let lost = self.writes.iter().filter(|(p, _, ack)| ack.is_some() && !self.survives(*p));
            lost.filter(|(_, w, _)| {
                let last =
                    self.writes.iter().filter(|(p, x, _)| x.key == w.key && self.survives(*p)).max_by_key(|(p, ..)| *p);
                last.is_none_or(|(_, _, returned)| returned.is_some_and(|at| at < w.invoked))
            })
            .count()
        }
    }

    proptest! {
        #[test]
        fn the_ledger_agrees_with_the_whole_history(steps in steps()) {
            let mut ledger = Ledger::new(3, "west");
            let mut naive = Naive::default();
            let mut replicated = 0;
            for (now, step) in (1_u64..).zip(steps) {
                match step {
                    Step::Append { key, dead_branch } => {
                        let newest = ledger.epoch();
                        let epoch = if dead_branch && newest > 1 { newest - 1 } else { newest };
                        let w = write(now, key, now);
                        naive.writes.push((ledger.append(epoch, w), w, None));
                    }
                    Step::Ack { which } if !naive.writes.is_empty() => {
                        let n = which % naive.writes.len();
                        let (position, w, ack) = &mut naive.writes[n];
                        if ack.is_none() {
                            *ack = Some(T(now));
                            ledger.server_acked(*position, T(now));
                            ledger.client_acked(*position, w.key, T(now));
                        }
                    }
                    Step::Ack { .. } => {}
                    Step::Replicate { share } => {
                        let head = ledger.head(ledger.epoch());
                        replicated += (head - replicated) * u64::from(share) / 255;
                        ledger.replicated(ledger.epoch(), replicated);
                    }
                    Step::Cut { share } => {
                        let head = ledger.head(ledger.epoch());
                        let at = replicated + (head - replicated) * u64::from(share) / 255;
                        ledger.cut(at, "next");
                        naive.cuts.iter_mut().for_each(|cut| *cut = at.min(*cut));
                        naive.cuts.push(at);
                    }
                }
            }
            let record = ledger.close("orders", None);
            let mut named: Vec<u64> = record.lost.iter().map(|w| w.operation).collect();
            named.sort_unstable();
            prop_assert_eq!(named, naive.lost());
            prop_assert_eq!(record.lost_visible as usize, naive.visible());
            prop_assert_eq!(record.acked as usize, naive.writes.iter().filter(|(.., ack)| ack.is_some()).count());
        }
    }
}

//! The log of a database: in which lineage a write stands, and where.
//!
//! Owns positions, lineages, where each is cut off, what stays empty, and the table by which a repeated keyed write is
//! recognised. Does not know copies, clients, or which writes were promised to anybody.
//!
//! Invariants: positions of a lineage follow each other without a gap, and go on counting in the next; what stands
//! behind the cut of its lineage is in no other. Records that nobody can ask for any more are forgotten, so memory
//! follows the replication backlog, not the length of the run.

use crate::record::{Position, RowChange, Write};
use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};

/// How many operations without an answer are remembered, the newest. Older ones take effect twice when they are repeated.
const REMEMBERED: usize = 1 << 18;

/// What a log keeps of a write.
#[derive(Debug, Clone, Copy)]
struct LogRecord {
    change: RowChange,
    /// It was not durable when its copy crashed.
    void: bool,
}

/// What one epoch has written.
#[derive(Debug)]
struct Lineage {
    /// Its first position.
    first: u64,
    /// The position of the first record that is still kept.
    kept_from: u64,
    records: VecDeque<LogRecord>,
    /// The last position that the next lineage goes on from, once there is one.
    cut: Option<u64>,
    /// Positions that stay empty, from and to.
    voids: Vec<(u64, u64)>,
}

impl Lineage {
    fn beginning_at(first: u64) -> Self {
        Self { first, kept_from: first, records: VecDeque::new(), cut: None, voids: Vec::new() }
    }

    /// The last position, cut off or not.
    fn head(&self) -> u64 {
        self.kept_from + self.records.len() as u64 - 1
    }

    fn is_void(&self, lsn: u64) -> bool {
        self.voids.iter().any(|(from, to)| (*from..=*to).contains(&lsn))
    }

    /// Whether the position is in no other history than that of the copy which wrote it.
    fn is_dead(&self, lsn: u64) -> bool {
        self.cut.is_some_and(|cut| lsn > cut) || self.is_void(lsn)
    }

    /// Nothing behind `survives` is in another history.
    fn cut_after(&mut self, survives: u64) {
        let end = survives.max(self.first - 1);
        if self.cut.is_some_and(|cut| cut <= end) {
            return;
        }
        assert!(end + 1 >= self.kept_from, "what was replicated everywhere cannot be cut off");
        self.cut = Some(end);
    }

    /// Forgets records up to `lsn`, unless they are cut off.
    fn forget(&mut self, lsn: u64) {
        let last = self.cut.map_or(lsn, |cut| lsn.min(cut));
        while self.kept_from <= last && self.records.pop_front().is_some() {
            self.kept_from += 1;
        }
    }
}

/// The log of one database, in all its lineages.
#[derive(Debug)]
pub struct WriteLog {
    /// By epoch, from the first.
    lineages: Vec<Lineage>,
    /// Operations that got no answer at least once, and where they stand if they entered a log.
    unanswered: BTreeMap<u64, Option<Position>>,
}

impl WriteLog {
    /// An empty log, in its first lineage.
    pub fn new() -> Self {
        Self { lineages: vec![Lineage::beginning_at(1)], unanswered: BTreeMap::new() }
    }

    /// `write` enters lineage `epoch` at the next position, which is returned.
    ///
    /// # Panics
    ///
    /// If that lineage was never opened: the model's mistake.
    pub fn append(&mut self, epoch: u32, write: Write) -> Position {
        let lineage = &mut self.lineages[epoch as usize - 1];
        lineage.records.push_back(LogRecord { change: write.change(), void: false });
        let position = Position { epoch, lsn: lineage.head() };
        if let Some(place) = self.unanswered.get_mut(&write.operation) {
            *place = Some(position);
        }
        position
    }

    /// An attempt at `operation` got no answer, so that it may be repeated; it stands there, if it is known to have entered
    /// the log.
    pub fn may_be_repeated(&mut self, operation: u64, appended: Option<Position>) {
        let place = self.unanswered.entry(operation).or_insert(None);
        *place = place.or(appended);
        if self.unanswered.len() > REMEMBERED {
            self.unanswered.pop_first();
        }
    }

    /// Where an earlier attempt at `operation` stands in the log that ends at `tip`, if it does.
    pub fn earlier_attempt(&self, operation: u64, tip: Position) -> Option<Position> {
        (*self.unanswered.get(&operation)?).filter(|position| self.holds(tip, *position))
    }

    /// Every copy that could be promoted has applied lineage `epoch` up to `lsn`, and nobody asks for what is before it. What
    /// survives of older lineages comes before it, too.
    pub fn forget(&mut self, epoch: u32, lsn: u64) {
        for lineage in &mut self.lineages[..epoch as usize] {
            lineage.forget(lsn);
        }
    }

    /// The history is cut after `survives`, and the next lineage, whose epoch is returned, goes on from there.
    ///
    /// # Panics
    ///
    /// If what was forgotten is behind the cut: the model's mistake.
    pub fn cut(&mut self, survives: u64) -> u32 {
        self.lineages.iter_mut().for_each(|lineage| lineage.cut_after(survives));
        self.lineages.push(Lineage::beginning_at(survives + 1));
        self.epoch()
    }

    /// The copy that writes lineage `epoch` crashed before `from` and what followed was durable: those positions stay empty.
    pub fn void_tail(&mut self, epoch: u32, from: u64) {
        let lineage = &mut self.lineages[epoch as usize - 1];
        let head = lineage.head();
        let kept = usize::try_from(from.saturating_sub(lineage.kept_from)).unwrap_or(usize::MAX);
        lineage.records.iter_mut().skip(kept).for_each(|record| record.void = true);
        if from <= head {
            lineage.voids.push((from, head));
        }
    }

    /// Writes that lineage `epoch` holds beyond the point it was cut at, up to `lsn`: those no other lineage has.
    pub fn suffix(&self, epoch: u32, lsn: u64) -> u64 {
        let lineage = &self.lineages[epoch as usize - 1];
        let Some(cut) = lineage.cut else { return 0 };
        let behind = (lineage.kept_from..).zip(&lineage.records).filter(|(at, _)| *at > cut && *at <= lsn);
        behind.filter(|(_, record)| mutant!("void_writes_are_discarded": !record.void => true)).count() as u64
    }

    /// The last position of lineage `epoch`, cut off or not.
    pub fn head(&self, epoch: u32) -> u64 {
        self.lineages[epoch as usize - 1].head()
    }

    /// The first position of lineage `epoch`.
    pub fn first(&self, epoch: u32) -> u64 {
        self.lineages[epoch as usize - 1].first
    }

    /// The newest lineage.
    pub fn epoch(&self) -> u32 {
        self.lineages.len() as u32
    }

    /// The writes of the surviving history after position `after`, up to `until`, as far as they are still kept: where each
    /// stands, and what it does.
    pub fn history(&self, after: u64, until: u64) -> impl Iterator<Item = (Position, RowChange)> {
        (1..).zip(&self.lineages).flat_map(move |(epoch, lineage)| {
            let last = lineage.cut.map_or(until, |cut| until.min(cut));
            let records = (lineage.kept_from..).zip(&lineage.records);
            let wanted = records.filter(move |(lsn, record)| !record.void && *lsn > after && *lsn <= last);
            wanted.map(move |(lsn, record)| (Position { epoch, lsn }, record.change))
        })
    }

    /// Whether what stands at `position` is still kept.
    pub fn keeps(&self, position: Position) -> bool {
        let lineage = position.epoch.checked_sub(1).and_then(|index| self.lineages.get(index as usize));
        lineage.is_some_and(|lineage| position.lsn >= lineage.kept_from)
    }

    /// Whether the history that ends at `tip` contains `position`.
    fn holds(&self, tip: Position, position: Position) -> bool {
        let lineage = &self.lineages[position.epoch as usize - 1];
        match position.epoch.cmp(&tip.epoch) {
            Ordering::Less => mutant!("a_dead_attempt_counts": !lineage.is_dead(position.lsn) => true),
            Ordering::Equal => position.lsn <= tip.lsn && !lineage.is_void(position.lsn),
            Ordering::Greater => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Instant;

    fn write(operation: u64, key: u32) -> Write {
        Write { operation, key, invoked: Instant::ZERO, deleted: false }
    }

    #[test]
    fn what_a_crash_left_empty_is_neither_discarded_nor_kept() {
        let mut log = WriteLog::new();
        log.append(1, write(1, 0));
        let void = log.append(1, write(2, 1));
        log.void_tail(1, void.lsn);
        assert_eq!(log.append(1, write(3, 1)).lsn, void.lsn + 1);
        assert_eq!(log.history(0, 3).map(|(position, _)| position.lsn).collect::<Vec<_>>(), [1, 3]);
        log.cut(1);
        assert_eq!(log.suffix(1, 3), 1, "one of the two positions held a write");
        assert_eq!(log.history(0, 3).map(|(position, _)| position.lsn).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn a_repeated_keyed_write_is_found_unless_its_first_attempt_died() {
        let mut log = WriteLog::new();
        log.may_be_repeated(7, None);
        let first = log.append(1, write(7, 0));
        assert_eq!(log.earlier_attempt(7, first), Some(first));
        assert_eq!(log.earlier_attempt(8, first), None);
        log.cut(0);
        assert_eq!(log.earlier_attempt(7, Position { epoch: 2, lsn: 5 }), None);
        assert_eq!(log.earlier_attempt(7, first), Some(first), "who wrote it still has it");
    }

    #[test]
    fn an_attempt_that_a_crash_took_is_not_found() {
        let mut log = WriteLog::new();
        let void = log.append(1, write(2, 0));
        log.may_be_repeated(2, Some(void));
        log.void_tail(1, void.lsn);
        assert_eq!(log.earlier_attempt(2, Position { epoch: 1, lsn: 9 }), None);
    }

    #[test]
    fn a_lineage_that_was_cut_off_goes_on_behind_its_cut_and_is_forgotten_up_to_it() {
        let mut log = WriteLog::new();
        (1..=4).for_each(|operation| assert_eq!(log.append(1, write(operation, 0)).lsn, operation));
        assert_eq!((log.cut(2), log.first(2), log.head(2)), (2, 3, 2));
        assert_eq!(log.append(1, write(5, 0)), Position { epoch: 1, lsn: 5 });
        assert_eq!(log.append(2, write(6, 1)), Position { epoch: 2, lsn: 3 });
        assert_eq!((log.suffix(1, 4), log.suffix(1, 9), log.suffix(2, 9)), (2, 3, 0));
        log.forget(2, 3);
        assert_eq!(log.history(0, 9).count(), 0);
        assert_eq!((log.suffix(1, 9), log.head(1), log.head(2)), (3, 5, 3));
    }

    #[test]
    fn a_replayed_history_goes_from_one_lineage_into_the_next() {
        let mut log = WriteLog::new();
        for operation in 1..=4 {
            log.append(1, write(operation, operation as u32));
        }
        log.cut(2);
        for operation in 7..=9 {
            log.append(2, write(operation, operation as u32));
        }
        let keys = |after, until| log.history(after, until).map(|(_, change)| change.key).collect::<Vec<_>>();
        assert_eq!((keys(0, 4), keys(1, 3), keys(4, 9)), (vec![1, 2, 7, 8], vec![2, 7], vec![9]));
    }
}

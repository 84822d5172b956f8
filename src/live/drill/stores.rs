//! The databases of a live drill: what clients were told, beside what is stored in the end.
//!
//! Invariant: a write is lost if it was acknowledged to its client with a position and the copy that leads does not
//! hold it there. It is held by nobody but the dead if only the copy that took it can have it, which nobody can read.

use super::{LiveAnswer, LiveDrill, LiveRequest, signal};
use crate::record::event::DataEvent;
use crate::record::{
    AuthorityLog, AuthorityRecord, Closing, CopyRecord, CopyRole, Ledger, LossBound, Occasion, Position, Sample,
    Signal, SignalUnit, StoreRecord, TimelineEvent, Tip, Write,
};
use crate::units::{Instant, Span};
use std::collections::BTreeMap;

/// How long before a fault and behind a promotion an acknowledged write is at stake, beside those between: as in a rehearsal.
const SHORTLY: Span = Span::from_secs(1);

/// A promotion that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivePromotion {
    /// When older epochs were known to be fenced off.
    pub fenced: Instant,
    /// When it was asked for.
    pub asked: Instant,
    /// When it was known to be done.
    pub done: Instant,
    /// The region that was promoted.
    pub region: String,
    /// The epoch, one above the one before.
    pub epoch: u32,
    /// The last position of older epochs that its history has.
    pub from_lsn: u64,
}

/// A database, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveStore {
    /// Its name.
    pub name: String,
    /// The regions of its copies, the one first that led first, in epoch 1.
    pub regions: Vec<String>,
    /// Its promotions, in order.
    pub promotions: Vec<LivePromotion>,
    /// What the copy that leads holds in the end: which operation at which position.
    pub rows: BTreeMap<Position, u64>,
}

/// A write that was acknowledged to its client with a position.
struct Acknowledged<'a> {
    request: &'a LiveRequest,
    position: Position,
}

impl LiveStore {
    /// What happened to it.
    pub(super) fn events(&self) -> impl Iterator<Item = TimelineEvent> {
        let database = || self.name.clone();
        self.promotions.iter().flat_map(move |promotion| {
            let LivePromotion { fenced, done, region, epoch, from_lsn, .. } = promotion.clone();
            let promoted = DataEvent::Promoted { database: database(), region, from: from_lsn, epoch };
            let fence = DataEvent::Fenced { database: database(), epoch };
            [TimelineEvent::new(fenced, fence.into()), TimelineEvent::new(done, promoted.into())]
        })
    }

    /// Its accounting, and how many of its copies accepted writes.
    pub(super) fn closed(&self, drill: &LiveDrill) -> (StoreRecord, Signal) {
        let mut acknowledged: Vec<Acknowledged<'_>> = self
            .writes(drill)
            .filter_map(|(request, position)| Some(Acknowledged { request, position: position? }))
            .collect();
        acknowledged.sort_by_key(|write| write.position);
        let ledger = self.ledger(drill, &acknowledged);
        let tips = self.tips(&acknowledged);
        let faults: Vec<Instant> = drill.faults.iter().map(|fault| fault.at).collect();
        let mut record = ledger.close(&self.name, Closing { faults: &faults, tips: &tips });
        record.at_stake = self.at_stake(drill, &acknowledged);
        record.copies = self.copies(&tips);
        let (authority, writable) = self.authority(drill, &acknowledged);
        record.authority = authority;
        (record, writable)
    }

    fn writes<'a>(&'a self, drill: &'a LiveDrill) -> impl Iterator<Item = (&'a LiveRequest, Option<Position>)> {
        drill.requests.iter().filter_map(|request| {
            let (store, position) = request.write.as_ref()?;
            (*store == self.name).then_some((request, *position))
        })
    }

    /// Every epoch's log as far as anybody has seen it, cut where the next one begins.
    fn ledger(&self, drill: &LiveDrill, acknowledged: &[Acknowledged<'_>]) -> Ledger {
        let mut seen = self.rows.clone();
        seen.extend(acknowledged.iter().map(|write| (write.position, write.request.operation)));
        let began: BTreeMap<u64, Instant> =
            self.writes(drill).map(|(request, _)| (request.operation, request.began)).collect();
        let most = drill.requests.iter().map(|request| request.operation).max().unwrap_or(0);
        // Each operation writes a row of its own: what is lost is overwritten by nobody.
        let mut ledger = Ledger::new(u32::try_from(most + 1).unwrap_or(u32::MAX), &self.regions[0]);
        for epoch in 1..=self.promotions.last().map_or(1, |promotion| promotion.epoch) {
            if let Some(promotion) = self.promotions.iter().find(|promotion| promotion.epoch == epoch) {
                let announced =
                    drill.told.bounds.iter().filter(|(at, name, _)| *name == self.name && *at <= promotion.done);
                announced.for_each(|(.., bound)| ledger.announce_bound(*bound));
                let before = drill.faults.iter().map(|fault| fault.at).filter(|at| *at <= promotion.done);
                ledger.cut(
                    promotion.from_lsn,
                    &promotion.region,
                    Occasion { at: promotion.done, outage: before.max() },
                );
            }
            let last = seen.range(..=Position { epoch, lsn: u64::MAX }).next_back().map(|(position, _)| *position);
            let last = last.filter(|last| last.epoch == epoch).map_or(0, |last| last.lsn);
            for lsn in ledger.first(epoch)..=last {
                // No client knows what is in a gap.
                let operation = seen.get(&Position { epoch, lsn }).copied().unwrap_or(most + 1);
                let invoked = began.get(&operation).copied().unwrap_or(Instant::ZERO);
                let key = u32::try_from(operation.min(most)).unwrap_or(u32::MAX - 1);
                ledger.append(epoch, Write { operation, key, invoked, deleted: false });
            }
        }
        for write in acknowledged {
            let key = u32::try_from(write.request.operation).unwrap_or(u32::MAX - 1);
            ledger.server_acked(write.position, write.request.ended);
            ledger.client_acked(write.position, key, write.request.ended);
        }
        let stored: BTreeMap<u64, Position> =
            self.rows.iter().map(|(position, operation)| (*operation, *position)).collect();
        for (request, _) in self.writes(drill) {
            match request.answer {
                LiveAnswer::Done => {}
                LiveAnswer::Failed(_) => ledger.refused(),
                LiveAnswer::Unknown(_) => {
                    ledger.in_doubt(request.operation, stored.get(&request.operation).copied());
                    ledger.gave_up(request.operation);
                }
            }
        }
        ledger
    }

    /// The copy that leads, and what those that led before had acknowledged, which nobody can read any more.
    fn tips(&self, acknowledged: &[Acknowledged<'_>]) -> Vec<Tip> {
        let leader = self.promotions.last().map_or(&self.regions[0], |promotion| &promotion.region);
        let head = self.rows.keys().next_back().copied();
        let led = self
            .promotions
            .iter()
            .zip(std::iter::once(&self.regions[0]).chain(self.promotions.iter().map(|p| &p.region)));
        let dead = led.filter(|(_, region)| *region != leader).filter_map(|(promotion, region)| {
            let before = acknowledged.iter().map(|write| write.position).filter(|p| p.epoch < promotion.epoch);
            Some(Tip { region: region.clone(), position: before.max()?, was_up: false })
        });
        let alive = head.map(|position| Tip { region: leader.clone(), position, was_up: true });
        alive.into_iter().chain(dead).collect()
    }

    fn copies(&self, tips: &[Tip]) -> Vec<CopyRecord> {
        let copy = |region: &String| {
            let tip = tips.iter().find(|tip| tip.region == *region);
            let Position { epoch, lsn } = tip.map_or(Position { epoch: 1, lsn: 0 }, |tip| tip.position);
            let is_up = tip.is_some_and(|tip| tip.was_up);
            let (role, rows) =
                if is_up { (CopyRole::Authority, self.rows.len() as u64) } else { (CopyRole::Unreachable, 0) };
            let row =
                |(position, operation): (&Position, &u64)| u128::from(position.lsn) << 64 | u128::from(*operation);
            let digest = if is_up { self.rows.iter().map(row).fold(0, u128::wrapping_add) } else { 0 };
            CopyRecord { region: region.clone(), epoch, applied_lsn: lsn, rows, digest, role }
        };
        self.regions.iter().map(copy).collect()
    }

    fn at_stake(&self, drill: &LiveDrill, acknowledged: &[Acknowledged<'_>]) -> u64 {
        let faults = drill.faults.iter().map(|fault| (fault.at, fault.at));
        let spans: Vec<(Instant, Instant)> = match self.promotions.last() {
            Some(last) => faults.map(|(from, to)| (from, to.max(last.done))).collect(),
            None => faults.collect(),
        };
        let within = |at: Instant| {
            spans.iter().any(|(from, to)| at.saturating_add(SHORTLY) >= *from && at <= to.saturating_add(SHORTLY))
        };
        acknowledged.iter().filter(|write| within(write.request.ended)).count() as u64
    }

    /// Who could write, as far as anybody saw: the first authority until a fault took its region, or until the last write was sent
    /// that it acknowledged, and at most until it was fenced off; the next from the moment it was asked to. An
    /// acknowledgement is taken for as early as it can have been, so that none is called stale_epoch that need not be.
    fn authority(&self, drill: &LiveDrill, acknowledged: &[Acknowledged<'_>]) -> (AuthorityRecord, Signal) {
        let index = |region: &str| self.regions.iter().position(|one| one == region).unwrap_or(0);
        let mut terms = vec![(Instant::ZERO, 1, 0)];
        terms.extend(self.promotions.iter().map(|one| (one.asked, one.epoch, index(&one.region))));
        let earliest = |write: &Acknowledged<'_>| {
            let term = terms.iter().find(|(_, epoch, _)| *epoch == write.position.epoch);
            write.request.began.max(term.map_or(Instant::ZERO, |(from, ..)| *from))
        };
        let mut changes: Vec<(Instant, usize, Option<u32>)> = Vec::new();
        for ((from, epoch, copy), next) in terms.iter().zip(self.promotions.iter().map(Some).chain([None])) {
            changes.push((*from, *copy, Some(*epoch)));
            let Some(next) = next else { continue };
            let taken = drill.faults.iter().filter(|fault| fault.region == self.regions[*copy]).map(|fault| fault.at);
            let written = acknowledged.iter().filter(|write| write.position.epoch == *epoch).map(earliest);
            let written = written.max().map_or(*from, |last| last.saturating_add(Span::from_nanos(1)));
            let until = taken.min().map_or(next.fenced, |taken| taken.max(written).min(next.fenced));
            changes.push((until, *copy, None));
        }
        let mut log = AuthorityLog::new(self.regions.clone());
        let mut writable = signal(format!("db.{}.writable", self.name), SignalUnit::Count);
        let mut by_time: Vec<&Acknowledged<'_>> = acknowledged.iter().collect();
        by_time.sort_by_key(|write| earliest(write));
        let mut by_time = by_time.into_iter().peekable();
        let mut open = 0_u64;
        for (number, (at, copy, term)) in changes.iter().enumerate() {
            log.writable(*copy, *term, *at);
            open = if term.is_some() { open + 1 } else { open.saturating_sub(1) };
            writable.set(*at, Sample::count(open));
            if let Some(epoch) = term.filter(|epoch| *epoch > 1) {
                log.fenced(epoch);
                log.promoted(epoch);
            }
            let next = changes.get(number + 1).map_or(Instant::MAX, |(at, ..)| *at);
            while let Some(write) = by_time.next_if(|write| earliest(write) < next) {
                let (region, operation) = (index(&write.request.region), write.request.operation);
                let key = u32::try_from(operation).unwrap_or(u32::MAX - 1);
                log.acked(region, write.position.epoch, (operation, key), earliest(write));
            }
        }
        (log.close(drill.end), writable)
    }
}

impl LiveDrill {
    /// The loss that control announced last of `database`; `None`: none.
    pub fn announced(&self, database: &str) -> Option<LossBound> {
        self.told.bounds.iter().rfind(|(_, name, _)| name == database).map(|(.., bound)| *bound)
    }
}

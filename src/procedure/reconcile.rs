//! Walks through two databases that should be the same, and repairs what is not.
//!
//! Owns the walk. Does not know who writes to them meanwhile. Invariants: in its reference form a row is written only if both
//! sides were the same twice, `settle` apart, and its own side still is: a write on its way to one of them is not taken for a
//! difference that lasts. It needs no memory, since repairing twice is the same as repairing once, so a process that takes over
//! just begins.

use super::comparison::{Side, mismatch, winner};
use crate::ports::{Audit, Clock, Expected, PortError, Row, RowWrite, Rows};
use crate::record::event::{Prose, ReconcileEvent};
use crate::record::{Mismatch, Reconciliation, Repaired, Strategy};
use crate::units::{Instant, Rate, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Which rows that differ are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// Those that were the same again after so long, and only if they still are: the reference form.
    Stable {
        /// Longer than any write takes from one side to the other.
        settle: Span,
    },
    /// All of them, so long after they were read, whatever has happened since: what people write first.
    Always {
        /// How long it takes to come from the list of differences to the repair.
        after: Span,
    },
    /// None: they are only reported.
    Never,
}

/// What is compared, and what is done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconcilePlan {
    /// The one database.
    pub primary: String,
    /// The other.
    pub secondary: String,
    /// Which row counts.
    pub strategy: Strategy,
    /// Which rows are written.
    pub repair: Repair,
    /// When the first walk begins.
    pub first: Instant,
    /// From the start of one walk to that of the next; a walk that takes longer is followed at once. `None`: there is one.
    pub every: Option<Span>,
    /// Keys that are read at a time.
    pub page: u32,
    /// Keys a second, at most: whoever walks faster is felt by users.
    pub rate: Rate,
}

/// Walks through the databases as planned.
///
/// Events: `reconcile.finished` after each walk, or `reconcile.failed` if it could not be finished.
pub async fn reconcile<P: Clock + Rows + Audit>(ports: P, plan: ReconcilePlan) {
    let mut next = plan.first;
    loop {
        ports.sleep(next.since(ports.now().min(next))).await;
        let mut walk = Walk::new(&ports, &plan);
        let went = walk.through().await;
        walk.tell(went);
        let Some(every) = plan.every else { return };
        next = next.saturating_add(every).max(ports.now());
    }
}

/// Two rows of one key.
type Pair = (Option<Row>, Option<Row>);

/// Part of both databases.
struct Page {
    tables: Vec<String>,
    pairs: BTreeMap<u32, Pair>,
    /// The key that the next page begins at.
    next: Option<u32>,
}

impl Page {
    /// The table that two rows are in, if tables have names.
    fn table_of(&self, (primary, secondary): &Pair) -> Option<&str> {
        let row = primary.or(*secondary)?;
        self.tables.get(usize::from(row.table)).map(String::as_str)
    }
}

struct Walk<'a, P> {
    ports: &'a P,
    plan: &'a ReconcilePlan,
    found: Reconciliation,
}

impl<'a, P: Clock + Rows + Audit> Walk<'a, P> {
    fn new(ports: &'a P, plan: &'a ReconcilePlan) -> Self {
        let found = Reconciliation::new(&plan.primary, &plan.secondary, plan.strategy, ports.now());
        Self { ports, plan, found }
    }

    async fn through(&mut self) -> Result<(), PortError> {
        let mut from = Some(0);
        while let Some(first) = from {
            let begun = self.ports.now();
            let page = self.read(first).await?;
            page.pairs.values().for_each(|pair| self.found.note_compared(page.table_of(pair)));
            from = page.next;
            self.settle_page(first, page).await?;
            let takes = self.plan.rate.interval_nanos().unwrap_or(0).saturating_mul(self.plan.page.into());
            let until = begun.saturating_add(Span::from_nanos(takes));
            if from.is_some() {
                self.ports.sleep(until.since(self.ports.now().min(until))).await;
            }
        }
        self.found.complete = true;
        Ok(())
    }

    /// The rows of both sides from a key on.
    async fn read(&self, from: u32) -> Result<Page, PortError> {
        let first = self.ports.read_rows(&self.plan.primary, from, self.plan.page).await?;
        let second = self.ports.read_rows(&self.plan.secondary, from, self.plan.page).await?;
        let mut pairs: BTreeMap<u32, Pair> = first.rows.into_iter().map(|row| (row.key, (Some(row), None))).collect();
        for row in second.rows {
            pairs.entry(row.key).or_default().1 = Some(row);
        }
        Ok(Page { tables: first.tables, pairs, next: first.next.or(second.next) })
    }

    /// Repairs the rows of a page that are not the same.
    async fn settle_page(&mut self, from: u32, page: Page) -> Result<(), PortError> {
        let differ = |(key, pair): (&u32, &Pair)| {
            let (key, (primary, secondary)) = (*key, *pair);
            let kind = mismatch(primary, secondary)?;
            let table = page.table_of(pair).map(str::to_owned);
            Some(Mismatch { key, table, kind, primary, secondary, repaired: Repaired::Left })
        };
        let mut differing: Vec<Mismatch> = page.pairs.iter().filter_map(differ).collect();
        if differing.is_empty() {
            return Ok(());
        }
        let went = self.repair(from, &mut differing).await;
        differing.into_iter().for_each(|mismatch| self.found.note(mismatch));
        went
    }

    async fn repair(&self, from: u32, differing: &mut [Mismatch]) -> Result<(), PortError> {
        match self.plan.repair {
            Repair::Never => return Ok(()),
            Repair::Always { after } => self.ports.sleep(after).await,
            Repair::Stable { settle } => {
                self.ports.sleep(settle).await;
                let again = self.read(from).await?.pairs;
                for mismatch in differing.iter_mut() {
                    let (primary, secondary) = again.get(&mismatch.key).copied().unwrap_or_default();
                    let same = |before, now| Row::found(before) == Row::found(now);
                    if !same(mismatch.primary, primary) || !same(mismatch.secondary, secondary) {
                        mismatch.repaired = Repaired::Changed;
                    }
                }
            }
        }
        for side in [Side::Secondary, Side::Primary] {
            self.write(side, differing).await?;
        }
        Ok(())
    }

    /// Gives `side` those rows of the other that count.
    async fn write(&self, side: Side, differing: &mut [Mismatch]) -> Result<(), PortError> {
        let is_due = |mismatch: &&mut Mismatch| {
            mismatch.repaired == Repaired::Left
                && winner(self.plan.strategy, mismatch.primary, mismatch.secondary) != side
        };
        let mut due: Vec<&mut Mismatch> = differing.iter_mut().filter(is_due).collect();
        if due.is_empty() {
            return Ok(());
        }
        let (database, done) = match side {
            Side::Primary => (&self.plan.primary, Repaired::InPrimary),
            Side::Secondary => (&self.plan.secondary, Repaired::InSecondary),
        };
        let compares = !matches!(self.plan.repair, Repair::Always { .. });
        let writes: Vec<RowWrite> = due.iter().map(|mismatch| to_write(mismatch, side, compares)).collect();
        let written = self.ports.write_rows(database, &writes).await?;
        let changed: BTreeSet<u32> = written.changed.into_iter().collect();
        for mismatch in &mut due {
            mismatch.repaired = if changed.contains(&mismatch.key) { Repaired::Changed } else { done };
        }
        Ok(())
    }

    /// Tells how the walk went.
    fn tell(mut self, went: Result<(), PortError>) {
        self.found.until = self.ports.now();
        let (primary, secondary) = (self.found.primary.clone(), self.found.secondary.clone());
        self.ports.event(match went {
            Ok(()) => ReconcileEvent::Finished {
                primary,
                secondary,
                compared: self.found.compared,
                differing: self.found.mismatches(),
                repaired: self.found.repaired_in_primary + self.found.repaired_in_secondary,
                changed: self.found.changed,
            },
            Err(error) => ReconcileEvent::Failed { primary, secondary, error: Prose::of(error) },
        });
        self.ports.reconciled(self.found);
    }
}

/// What `side` is to be given of `mismatch`.
fn to_write(mismatch: &Mismatch, side: Side, compares: bool) -> RowWrite {
    let (row, was) = match side {
        Side::Primary => (mismatch.secondary, mismatch.primary),
        Side::Secondary => (mismatch.primary, mismatch.secondary),
    };
    RowWrite { key: mismatch.key, row, only_if: compares.then_some(Expected(was)) }
}

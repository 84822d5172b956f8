//! Recovers a database whose data are gone in every copy, from the newest backup that can be restored.
//!
//! Owns the order of the steps and their budgets. The steps are in `find` and `act`. It restores in place: where the
//! services are, so that no traffic has to move. From finding a backup to making sure that the copy leads, each database
//! goes its own way, so many at the same time: it is in use when it is ready, not when the last one is.
//!
//! Invariants: nothing is restored while a copy that can be asked still has the data: it is better than any backup. No
//! backup is restored that was not read to its end first, and the newest that verifies is. What may be lost is
//! announced before anything is overwritten. The copy is opened under an epoch that was fenced for it, and only once it
//! holds what was announced. Any failure ends with a person, who is notified that manual intervention is required.

mod act;
mod evidence;
mod find;
mod order;

pub use evidence::{ChosenBackup, RestoreDatabase, RestoreEvidence};
pub use order::{RestoreFirst, RestoreOrder};

use super::step::{Step, StepError};
use super::{Brief, Effect, Listed, Perform, Procedure, Work, approval};
use crate::ports::{Backups, Databases, Notifier, People, Probe, Runtime, Services};
use crate::record::event::{DataKind, EventKind};
use crate::units::Span;

/// What a person reads when nothing more can be done without them.
const MANUAL: &str = "manual intervention required";

/// The steps of a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestoreStep {
    /// Finds out whose data are gone, and that no other copy has them.
    AssessDamage,
    /// Fences off any copy that may still accept writes.
    StopWrites,
    /// Walks back through the backups to the newest that verifies.
    FindBackup,
    /// Says what going back to it may lose.
    AnnounceLoss,
    /// Restores it and the log after it.
    Restore,
    /// Makes sure that the copy holds what was announced.
    VerifyRestore,
    /// Opens the copy.
    Reopen,
    /// Makes sure that it leads.
    VerifyData,
    /// Makes sure that every service answers.
    VerifyHealth,
    /// Rebuilds the copy of the other region.
    RebuildCopies,
    /// Tells those concerned.
    NotifyStakeholders,
}

/// The restore of the databases of one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreFromBackup {
    order: RestoreOrder,
}

/// Where most budgets come from.
const AS_FAILOVER: &str = "product default: as for a failover";

/// Reading and copying backups takes as long as they are large: a day for the restore, as for 2 TB at 25 MB/s, and a
/// quarter of one to find it. The other budgets are those of a failover. The figures are ours.
const STEPS: &[(RestoreStep, Step)] = &[
    (
        RestoreStep::AssessDamage,
        Step::new("assess_damage", "find the databases whose data are gone everywhere", 90, 3, 5).from(AS_FAILOVER),
    ),
    (
        RestoreStep::StopWrites,
        Step::new("stop_writes", "fence off any copy that may still accept writes", 120, 20, 5)
            .from(AS_FAILOVER)
            .with_no_return(),
    ),
    (
        RestoreStep::FindBackup,
        Step::new("find_backup", "find the newest backup that verifies", 21_600, 20, 30)
            .for_each()
            .from("product default: a quarter of a day"),
    ),
    (
        RestoreStep::AnnounceLoss,
        Step::new("announce_loss", "announce what restoring it may lose", 120, 20, 5).for_each().from(AS_FAILOVER),
    ),
    (
        RestoreStep::Restore,
        Step::new("restore", "restore the backup and replay the log after it", 86_400, 20, 30)
            .for_each()
            .from("product default: a day, as for 2 TB at 25 MB/s"),
    ),
    (
        RestoreStep::VerifyRestore,
        Step::new("verify_restore", "check that the copy holds what was announced", 120, 20, 5)
            .for_each()
            .from(AS_FAILOVER),
    ),
    (RestoreStep::Reopen, Step::new("reopen", "open the copy for writes", 300, 20, 5).for_each().from(AS_FAILOVER)),
    (
        RestoreStep::VerifyData,
        Step::new("verify_data", "check that the copy leads", 120, 20, 5).for_each().from(AS_FAILOVER),
    ),
    (RestoreStep::VerifyHealth, Step::new("verify_health", "probe every service", 120, 20, 5).from(AS_FAILOVER)),
    (
        RestoreStep::RebuildCopies,
        Step::new("rebuild_copies", "rebuild the replicas", 14_400, 20, 30)
            .from("product default: it may take hours, and blocks nobody"),
    ),
    (
        RestoreStep::NotifyStakeholders,
        Step::new("notify_stakeholders", "notify stakeholders", 60, 10, 5).from(AS_FAILOVER),
    ),
];

impl Procedure for RestoreFromBackup {
    type StepId = RestoreStep;
    type Order = RestoreOrder;
    type Evidence = RestoreEvidence;

    const NAME: &'static str = "restore_from_backup";
    const DOC: &'static str = "restores databases whose data are gone from the newest backup that verifies";
    const MOVES: bool = false;

    fn ordered(order: RestoreOrder) -> Self {
        Self { order }
    }

    fn order(&self) -> &RestoreOrder {
        &self.order
    }

    fn steps(&self) -> Vec<(RestoreStep, Step)> {
        self.order.settings.steps(STEPS)
    }

    fn each(&self, evidence: &RestoreEvidence) -> Vec<String> {
        evidence.in_order()
    }

    fn at_once(&self) -> usize {
        self.order.side_by_side as usize
    }

    fn limit(&self) -> Span {
        self.order.settings.limit(Self::LIMIT)
    }

    /// A fence cannot be lowered, and what it keeps out has no data to go back to.
    fn past_return(&self, evidence: &RestoreEvidence) -> bool {
        evidence.databases.values().any(|database| database.fenced != Effect::None)
    }
}

impl Listed for RestoreFromBackup {
    const STEPS: &'static [(RestoreStep, Step)] = STEPS;
    /// What the steps may take, and half as much again.
    const LIMIT: Span = Span::from_mins(48 * 60);
    const LIMIT_SOURCE: &'static str = "product default: what the steps may take, and half as much again";
    const EVENTS: Option<&'static [EventKind]> = Some(&[
        EventKind::Data(DataKind::BackupVerified),
        EventKind::Data(DataKind::BackupUnusable),
        EventKind::Data(DataKind::RestoreBegun),
        EventKind::Data(DataKind::Restored),
        EventKind::Data(DataKind::RestoreFailed),
    ]);

    fn order_of(brief: &Brief) -> RestoreOrder {
        RestoreOrder::of(brief)
    }
}

impl<P: Runtime + Services + Databases + Backups + Probe + Notifier + People> Perform<P> for RestoreFromBackup {
    async fn consent(
        &self,
        run: u32,
        step: &Step,
        ports: &P,
        evidence: &RestoreEvidence,
    ) -> Result<Option<Span>, String> {
        approval::before_step(ports, (Self::NAME, run), (step, self.price(evidence)), self.order.approval.as_ref())
            .await
    }

    async fn perform(&self, step: RestoreStep, work: &mut Work<'_, P, RestoreEvidence>) -> Result<String, StepError> {
        match step {
            RestoreStep::AssessDamage => self.assess_damage(work.ports, work.evidence).await,
            RestoreStep::StopWrites => self.stop_writes(work).await,
            RestoreStep::FindBackup => self.find_backup(work).await,
            RestoreStep::AnnounceLoss => self.announce_loss(work).await,
            RestoreStep::Restore => self.restore(work).await,
            RestoreStep::VerifyRestore => self.verify_restore(work).await,
            RestoreStep::Reopen => self.reopen(work).await,
            RestoreStep::VerifyData => self.verify_data(work).await,
            RestoreStep::VerifyHealth => self.verify_health(work.ports, work.evidence).await,
            RestoreStep::RebuildCopies => self.rebuild_copies(work.ports, work.evidence).await,
            RestoreStep::NotifyStakeholders => self.notify_stakeholders(work).await,
        }
    }

    /// Each change has a step of its own behind it that reads it back.
    async fn verify(&self, _: RestoreStep, _: &P, _: &RestoreEvidence) -> Result<(), StepError> {
        Ok(())
    }

    async fn undo(&self, _: RestoreStep, _: &mut Work<'_, P, RestoreEvidence>) -> Result<String, StepError> {
        Ok("nothing was changed".to_owned())
    }
}

/// The database that a step is performed for.
fn of<P>(work: &Work<'_, P, RestoreEvidence>) -> String {
    work.item.unwrap_or_default().to_owned()
}

/// Nothing more can be done without a person.
fn give_up(why: &str) -> StepError {
    StepError::Final(format!("{why}: {MANUAL}"))
}

impl RestoreFromBackup {
    /// What going ahead may cost at most, in words, for those who must approve; nothing if it costs nothing or was not
    /// looked at yet.
    fn price(&self, evidence: &RestoreEvidence) -> Option<String> {
        let prices: Vec<String> = evidence.databases.values().filter_map(RestoreDatabase::price).collect();
        (!prices.is_empty()).then(|| prices.join("; "))
    }
}

/// The same, where what cannot be helped needs a person.
fn for_a_person(error: StepError) -> StepError {
    match error {
        StepError::Final(why) => give_up(&why),
        other => other,
    }
}

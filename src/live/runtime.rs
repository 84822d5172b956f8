//! What a procedure needs whatever it touches, for real: a clock, a journal, a lease and an audit trail, in one folder.
//!
//! Owns the folder and its lock. Does not know what the procedures touch beside it: a user with a system to act on
//! wraps this and adds its own capabilities.
//!
//! Invariants: everything that depends on who leads happens while the lock is held, so that no lease is granted between
//! the question and the deed. The lock is held for as long as a file takes to be written, never across a wait.

use super::audit::AuditFile;
use super::clock::{LiveClock, wall_clock};
use super::lease::{LeaseFile, made_durable};
use super::lines::Lines;
use super::{AUDIT, JOURNAL, LEASE, LOCK, LiveError};
use crate::ports::{Audit, Clock, Journal, Lease, PortError, Tenure};
use crate::record::event::Event;
use crate::record::{Lap, LossBound};
use crate::units::{Instant, Span};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// How long the lock is waited for: far longer than a file takes to be written, and far shorter than any lease. The figure is ours.
const PATIENCE: Span = Span::from_secs(2);

/// How often it is asked for meanwhile.
const PAUSE: Span = Span::from_millis(2);

/// The first line of a journal.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    /// The version of its form.
    firedrill_journal: u32,
    /// When the group began, in nanoseconds since 1970: the clock of the group counts from there.
    began: u64,
}

/// The version of the form of a journal.
const FORMAT: u32 = 1;

/// One controller's part in a group that shares a folder.
#[derive(Debug, Clone)]
pub struct LiveRuntime {
    shared: Rc<Shared>,
    epoch: u32,
}

#[derive(Debug)]
struct Shared {
    /// Who this process is to the others.
    holder: String,
    clock: LiveClock,
    lock: File,
    lock_path: PathBuf,
    lease: LeaseFile,
    journal: RefCell<Lines>,
    audit: RefCell<AuditFile>,
}

/// The lock of a group, until it is dropped.
struct Held<'a>(&'a File);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // What cannot be unlocked is unlocked by the end of the process.
        drop(self.0.unlock());
    }
}

impl LiveRuntime {
    /// Joins the group of controllers that shares `folder`, which begins with the first of them. `name` is what others
    /// read of who holds the lease; two processes of one name are told apart.
    ///
    /// # Errors
    ///
    /// The system refuses, somebody holds the lock for too long, or a file is damaged.
    pub async fn join(folder: &Path, name: &str) -> Result<Self, LiveError> {
        std::fs::create_dir_all(folder).map_err(LiveError::system(folder, "cannot be made"))?;
        let lock_path = folder.join(LOCK);
        let opened = OpenOptions::new().read(true).append(true).create(true).open(&lock_path);
        let lock = opened.map_err(LiveError::system(&lock_path, "cannot be opened"))?;
        let held = locked(&lock, &lock_path).await?;
        let mut journal = Lines::open(&folder.join(JOURNAL))?;
        if journal.known().is_empty() {
            let head = serde_json::json!(Head { firedrill_journal: FORMAT, began: wall_clock()? });
            journal.add(Instant::ZERO, &head.to_string())?;
            made_durable(&folder.join(JOURNAL))?;
        }
        let began = head_of(&journal, &folder.join(JOURNAL))?.began;
        let (audit, told) = AuditFile::open(&folder.join(AUDIT))?;
        // Begun with the look at the wall clock: whatever lay between the two, this process would be behind by.
        let now = wall_clock()?;
        let clock = LiveClock::showing(Span::from_nanos(now.saturating_sub(began)));
        // The wall clock may have been set back since: nothing happens before what is written down.
        let written = journal.last().max(told.last()).since(Instant::ZERO);
        drop(held);
        let shared = Shared {
            holder: format!("{name} (process {}, {now})", std::process::id()),
            clock: clock.at_least(written),
            lock,
            lock_path,
            lease: LeaseFile::at(folder.join(LEASE)),
            journal: RefCell::new(journal),
            audit: RefCell::new(audit),
        };
        Ok(Self { shared: Rc::new(shared), epoch: 0 })
    }

    /// Makes a change while no newer lease can be granted: for changes that are over at once, such as writing a file.
    /// What takes longer asks [`Self::check_lease`] first, and the system it is done to must know epochs.
    ///
    /// # Errors
    ///
    /// [`PortError::Superseded`] if a newer lease was granted: then nothing was done. Otherwise that of the change.
    pub async fn while_leading<T>(&self, change: impl FnOnce() -> Result<T, PortError>) -> Result<T, PortError> {
        let _held = self.locked().await?;
        self.shared.lease.check(self.epoch)?;
        change()
    }

    /// Whether no newer lease was granted up to now.
    ///
    /// # Errors
    ///
    /// [`PortError::Superseded`] if one was.
    pub async fn check_lease(&self) -> Result<(), PortError> {
        self.while_leading(|| Ok(())).await
    }

    /// What the audit file lacks, if it could not be written at some time.
    pub fn audit_gap(&self) -> Option<String> {
        self.shared.audit.borrow().gap()
    }

    async fn locked(&self) -> Result<Held<'_>, PortError> {
        let held = locked(&self.shared.lock, &self.shared.lock_path).await;
        held.map_err(|error| PortError::Unreachable(error.to_string()))
    }
}

/// Waits for the lock.
async fn locked<'a>(lock: &'a File, path: &Path) -> Result<Held<'a>, LiveError> {
    let clock = LiveClock::showing(Span::ZERO);
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(Held(lock)),
            Err(TryLockError::WouldBlock) if clock.now().since(Instant::ZERO) < PATIENCE => clock.sleep(PAUSE).await,
            Err(TryLockError::WouldBlock) => return Err(LiveError::Locked { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(LiveError::system(path, "cannot be locked")(error)),
        }
    }
}

/// How a journal begins.
fn head_of(journal: &Lines, path: &Path) -> Result<Head, LiveError> {
    let first = journal.known().first().map(String::as_str).unwrap_or_default();
    match serde_json::from_str::<Head>(first) {
        Ok(head) if head.firedrill_journal == FORMAT => Ok(head),
        Ok(head) => {
            let why = format!("a journal of format {}, but this version supports {FORMAT}", head.firedrill_journal);
            Err(LiveError::damaged(path, 1, why))
        }
        Err(error) => Err(LiveError::damaged(path, 1, format!("not a journal header: {error}"))),
    }
}

impl Clock for LiveRuntime {
    fn now(&self) -> Instant {
        self.shared.clock.now()
    }

    async fn sleep(&self, span: Span) {
        self.shared.clock.sleep(span).await;
    }
}

impl Journal for LiveRuntime {
    async fn acquire_lease(&self, span: Span) -> Result<Lease, PortError> {
        let _held = self.locked().await?;
        self.shared.lease.acquire(&self.shared.holder, self.now(), span)
    }

    async fn renew_lease(&self, span: Span) -> Result<(), PortError> {
        let _held = self.locked().await?;
        self.shared.lease.renew(self.epoch, self.now(), span)
    }

    async fn read_journal(&self, from: u64) -> Result<Vec<String>, PortError> {
        let _held = self.locked().await?;
        let mut journal = self.shared.journal.borrow_mut();
        journal.catch_up().map_err(|error| PortError::Unreachable(error.to_string()))?;
        // The head is no entry.
        let entries = journal.known().iter().skip(1);
        Ok(entries.skip(usize::try_from(from).unwrap_or(usize::MAX)).cloned().collect())
    }

    async fn append_journal(&self, position: u64, entry: &str) -> Result<(), PortError> {
        let _held = self.locked().await?;
        self.shared.lease.check(self.epoch)?;
        let mut journal = self.shared.journal.borrow_mut();
        if journal.in_doubt() {
            let why = "an entry before this one could not be made durable: this process appends no more";
            return Err(PortError::Unreachable(why.to_owned()));
        }
        journal.catch_up().map_err(|error| PortError::Unreachable(error.to_string()))?;
        let entries = journal.known().len() as u64 - 1;
        if entries != position {
            return Err(PortError::Refused(format!("the journal holds {entries} entries, not {position}")));
        }
        journal.add(self.now(), entry).map_err(|error| PortError::Indeterminate(error.to_string()))
    }
}

impl Tenure for LiveRuntime {
    fn under(&self, epoch: u32) -> Self {
        Self { shared: Rc::clone(&self.shared), epoch }
    }

    fn epoch(&self) -> u32 {
        self.epoch
    }
}

impl Audit for LiveRuntime {
    fn lap(&self, lap: Lap) {
        self.shared.audit.borrow_mut().lap(lap);
    }

    fn event(&self, event: impl Into<Event>) {
        self.shared.audit.borrow_mut().event(self.now(), &event.into());
    }

    fn announce_loss_bound(&self, database: &str, bound: LossBound) {
        self.shared.audit.borrow_mut().loss(self.now(), database, bound);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(test: &str) -> PathBuf {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("target")
            .join(format!("firedrill-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[tokio::test]
    async fn a_wall_clock_that_was_set_back_does_not_take_the_group_back() {
        let folder = folder("set-back");
        let hours = |hours: u64| Instant::from_secs(hours * 3600);
        let mut journal = Lines::open(&folder.join(JOURNAL)).unwrap();
        let began = wall_clock().unwrap() + hours(1).as_nanos();
        let head = serde_json::json!(Head { firedrill_journal: FORMAT, began });
        journal.add(Instant::ZERO, &head.to_string()).unwrap();
        journal.add(hours(5), "an entry").unwrap();
        let now = LiveRuntime::join(&folder, "a").await.unwrap().now();
        assert!(now >= hours(5) && now < hours(6), "{now}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_journal_of_another_format_is_refused() {
        let folder = folder("format");
        let mut journal = Lines::open(&folder.join(JOURNAL)).unwrap();
        journal.add(Instant::ZERO, "{\"firedrill_journal\": 2, \"began\": 0}").unwrap();
        let said = LiveRuntime::join(&folder, "a").await.unwrap_err().to_string();
        assert!(said.contains("format 2, but this version supports 1"), "{said}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

//! What a controller writes down, so that its successor can resume where it stopped.
//!
//! Owns the entries, the order in which they are appended, and, in `past`, the reading of a run's past from them. Does
//! not know what a step does or where the journal is kept.
//!
//! Invariants: an entry is appended at the position that follows all entries known, so that two writers never both
//! succeed, and one after the other where several steps write at once; after an append of unknown outcome the journal is
//! read before anything is appended again; an entry that is already the last of its step, or of its run if it is of no step, is not
//! appended twice.

mod past;
mod turns;

pub(super) use past::{Past, RunProgress, order_of};

use super::Ending;
use crate::ports::{PortError, Runtime};
use crate::units::Instant;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cell::RefCell;
use std::fmt;
use turns::Turns;

/// Names a run of a procedure: `2` is the second of its controller, `2/fail_over.region_failover.1` the first run of
/// that procedure nested in its step `fail_over`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(String);

impl RunId {
    /// Run `number` of a controller, 1 for the first.
    pub fn top(number: u32) -> Self {
        Self(number.to_string())
    }

    /// The run nested as `number` in `step` of this one.
    pub(super) fn nested(&self, step: &str, number: usize) -> Self {
        Self(format!("{}/{step}.{number}", self.0))
    }

    /// The number of the controller's run that this is, or is nested in.
    pub fn number(&self) -> u32 {
        self.0.split('/').next().and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    fn is_top(&self) -> bool {
        !self.0.contains('/')
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The epoch of the lease it was written under.
    pub epoch: u32,
    /// When it was written, in nanoseconds by the writer's clock.
    pub at: u64,
    /// The run it belongs to.
    pub run: RunId,
    /// What it says.
    pub what: What,
}

/// What an entry says. Steps are named, not numbered, so that a person can read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A run begins.
    Begun {
        /// Of this procedure.
        procedure: String,
        /// By this order.
        order: Value,
    },
    /// Those who must be asked have consented to a step.
    Approved {
        /// Which.
        step: String,
    },
    /// A step is about to be performed.
    Step {
        /// Which.
        step: String,
        /// What is known so far.
        evidence: Value,
    },
    /// Inside a step, something is about to be changed.
    Asked {
        /// Inside which.
        step: String,
        /// What is known so far; the change is noted in it as possible.
        evidence: Value,
    },
    /// A step is done and verified.
    Done {
        /// Which.
        step: String,
        /// What is known now.
        evidence: Value,
    },
    /// A step has failed before the point of no return: from here on the run is rolled back.
    Failed {
        /// Which.
        step: String,
        /// Why.
        why: String,
        /// What may have been changed.
        evidence: Value,
    },
    /// A step was undone, or could not be.
    TakenBack {
        /// Which.
        step: String,
        /// Whether nothing of it is left.
        complete: bool,
        /// What is left.
        evidence: Value,
    },
    /// The run is over.
    Ended {
        /// How.
        ending: Ending,
        /// The step that failed and why, if one did.
        failure: Option<(String, String)>,
    },
}

impl What {
    /// The step it is about, if it is about one.
    fn step(&self) -> Option<&str> {
        match self {
            Self::Approved { step }
            | Self::Step { step, .. }
            | Self::Asked { step, .. }
            | Self::Done { step, .. }
            | Self::Failed { step, .. }
            | Self::TakenBack { step, .. } => Some(step),
            Self::Begun { .. } | Self::Ended { .. } => None,
        }
    }
}

/// Appends to the journal under one lease, and knows what it holds.
#[derive(Debug)]
pub struct Scribe<P> {
    ports: P,
    known: RefCell<Known>,
    turns: Turns,
}

#[derive(Debug, Default)]
struct Known {
    entries: Vec<Entry>,
    /// Whether there may be entries beyond those known.
    in_doubt: bool,
}

impl<P: Runtime> Scribe<P> {
    /// Reads the journal through `ports`, which act under the writer's lease.
    ///
    /// # Errors
    ///
    /// A journal that does not answer, or holds an entry this version cannot read.
    pub async fn open(ports: P) -> Result<Self, PortError> {
        let known = RefCell::new(Known { in_doubt: true, ..Known::default() });
        let scribe = Self { ports, known, turns: Turns::default() };
        scribe.catch_up().await?;
        Ok(scribe)
    }

    /// The ports it writes through.
    pub fn ports(&self) -> &P {
        &self.ports
    }

    /// Appends what happened in `run`. Asking again after an error is safe.
    ///
    /// # Errors
    ///
    /// Whatever kept the entry from being known to be written.
    pub async fn append(&self, run: &RunId, what: What) -> Result<(), PortError> {
        let _turn = self.turns.take().await;
        self.catch_up().await?;
        if mutant!("an_entry_is_written_twice": self.is_last(run, &what) => false) {
            return Ok(());
        }
        let entry = Entry { epoch: self.ports.epoch(), at: self.ports.now().as_nanos(), run: run.clone(), what };
        let text = serde_json::to_string(&entry).map_err(|error| PortError::Refused(error.to_string()))?;
        let position = self.known.borrow().entries.len() as u64;
        self.known.borrow_mut().in_doubt = mutant!("doubt_is_not_looked_into": true => false);
        self.ports.append_journal(position, &text).await?;
        let mut known = self.known.borrow_mut();
        known.entries.push(entry);
        known.in_doubt = false;
        Ok(())
    }

    /// Whether `step` of `run` is done, as far as anything that was asked for may have been written.
    ///
    /// # Errors
    ///
    /// The journal does not answer.
    pub(super) async fn is_done(&self, run: &RunId, step: &str) -> Result<bool, PortError> {
        let _turn = self.turns.take().await;
        self.catch_up().await?;
        let known = self.known.borrow();
        let last = known.entries.iter().rev().find(|entry| entry.run == *run && entry.what.step() == Some(step));
        Ok(last.is_some_and(|entry| matches!(entry.what, What::Done { .. })))
    }

    /// Whether `what` is what was written last of its run, leaving out what was of other steps.
    fn is_last(&self, run: &RunId, what: &What) -> bool {
        let concerned = |entry: &&Entry| {
            entry.run == *run && (what.step().is_none() || [None, what.step()].contains(&entry.what.step()))
        };
        self.known.borrow().entries.iter().rev().find(concerned).is_some_and(|entry| entry.what == *what)
    }

    /// Reads what may have been appended since.
    async fn catch_up(&self) -> Result<(), PortError> {
        if !self.known.borrow().in_doubt {
            return Ok(());
        }
        let from = self.known.borrow().entries.len();
        let texts = self.ports.read_journal(from as u64).await?;
        let mut fresh = Vec::with_capacity(texts.len());
        for (number, text) in (from..).zip(&texts) {
            let unreadable =
                |error| PortError::Refused(format!("entry {number} of the journal is unreadable: {error}"));
            fresh.push(serde_json::from_str::<Entry>(text).map_err(unreadable)?);
        }
        let mut known = self.known.borrow_mut();
        known.entries.extend(fresh);
        known.in_doubt = false;
        Ok(())
    }

    /// The entries of `run`, oldest first.
    pub fn entries_of(&self, run: &RunId) -> Vec<Entry> {
        self.known.borrow().entries.iter().filter(|entry| entry.run == *run).cloned().collect()
    }

    /// Every run that is not nested in another, oldest first.
    pub fn runs(&self) -> Vec<RunRecord> {
        let mut runs: Vec<RunRecord> = Vec::new();
        for entry in self.known.borrow().entries.iter().filter(|entry| entry.run.is_top()) {
            let at = Instant::from_nanos(entry.at);
            match &entry.what {
                What::Begun { procedure, .. } if runs.iter().all(|run| run.id != entry.run) => {
                    let (id, procedure) = (entry.run.clone(), procedure.clone());
                    runs.push(RunRecord { id, procedure, begun: at, ended: None });
                }
                What::Ended { ending, .. } => {
                    runs.iter_mut().filter(|run| run.id == entry.run).for_each(|run| run.ended = Some((at, *ending)));
                }
                _ => {}
            }
        }
        runs
    }

    /// The runs nested in `step` of `run` so far.
    pub(super) fn nested_in(&self, run: &RunId, step: &str) -> usize {
        let begun = |number: &usize| !self.entries_of(&run.nested(step, *number)).is_empty();
        (1..).take_while(begun).count()
    }
}

/// A run as the journal knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Its name.
    pub id: RunId,
    /// What was run.
    pub procedure: String,
    /// When it began.
    pub begun: Instant,
    /// When and how it ended, if it did.
    pub ended: Option<(Instant, Ending)>,
}

/// Evidence or an order as it is written down.
pub(super) fn written<T: Serialize>(evidence: &T) -> Value {
    // Evidence, like an order, is plain data with text for keys; anything else is a bug that the resuming side then refuses by name.
    serde_json::to_value(evidence).unwrap_or(Value::Null)
}

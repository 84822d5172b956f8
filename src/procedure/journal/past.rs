//! The past of a run, read from its entries.
//!
//! Does not know how a run is resumed. Invariants: what the entries say is all there is, so that a successor stands
//! where the one before it stood; entries that cannot be those of a run by that order are refused, never guessed at.

use super::{Entry, What};
use crate::procedure::plan::stage_of;
use crate::procedure::strand::{Progress, Strand, enter, joined, of_key};
use crate::procedure::{Ending, Procedure, Step};
use crate::units::Instant;
use serde::Deserialize;
use serde_json::Value;
use std::ops::Range;

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::procedure) enum RunProgress {
    /// Nothing of it is written down.
    New,
    /// The present stage is next, or under way.
    Forward,
    /// The step `failed`; those below `below` may still have to be undone.
    Back { failed: usize, why: String, below: usize, complete: bool },
    /// It is over.
    Ended(Ending, Option<(String, String)>),
}

/// The past of a run.
#[derive(Debug)]
pub(in crate::procedure) struct Past<'p, R: Procedure> {
    pub standing: RunProgress,
    pub begun: Option<Instant>,
    /// What was known when the present stage began; besides, what its steps have found.
    pub evidence: R::Evidence,
    /// The present stage; empty once all are done.
    pub stage: Range<usize>,
    /// Its steps, or what goes through them.
    pub strands: Vec<Strand<R::Evidence>>,
    procedure: &'p R,
    steps: Vec<(R::StepId, Step)>,
}

/// The order that a run of `of` was begun with, if it was begun.
///
/// # Errors
///
/// Why it cannot be one of this version of the procedure.
pub(in crate::procedure) fn order_of<R: Procedure>(of: &R, entries: &[Entry]) -> Result<Option<R::Order>, String> {
    let begun = entries.iter().find_map(|entry| match &entry.what {
        What::Begun { procedure, order } => Some((entry, procedure, order)),
        _ => None,
    });
    let Some((entry, procedure, order)) = begun else { return Ok(None) };
    if procedure != of.name() {
        return Err(format!("run {} is of {procedure}, not of {}", entry.run, of.name()));
    }
    let unreadable = |error| format!("the order of run {} is unreadable: {error}", entry.run);
    R::Order::deserialize(order).map(Some).map_err(unreadable)
}

impl<'p, R: Procedure> Past<'p, R> {
    /// Reads it, of a run of that procedure.
    ///
    /// # Errors
    ///
    /// Why the entries cannot be those of a run of this version of the procedure.
    pub fn of(procedure: &'p R, entries: &[Entry]) -> Result<Self, String> {
        let mut past = Self {
            standing: RunProgress::New,
            begun: None,
            evidence: R::Evidence::default(),
            stage: 0..0,
            strands: Vec::new(),
            procedure,
            steps: procedure.steps(),
        };
        past.enter(0);
        for entry in entries {
            past.add(entry)?;
        }
        Ok(past)
    }

    /// What is known in all.
    ///
    /// # Errors
    ///
    /// Where steps in parallel contradict each other.
    pub fn known(&self) -> Result<R::Evidence, String> {
        joined(&self.evidence, &self.strands)
    }

    fn add(&mut self, entry: &Entry) -> Result<(), String> {
        match &entry.what {
            What::Begun { .. } => {
                self.begun.get_or_insert(Instant::from_nanos(entry.at));
                self.standing = RunProgress::Forward;
            }
            What::Approved { .. } => {}
            What::Step { step, evidence } => self.strand(step, Progress::Begun, evidence)?,
            What::Asked { step, evidence } => match self.standing {
                RunProgress::Back { .. } => self.evidence = read(evidence)?,
                _ => self.strand(step, Progress::Begun, evidence)?,
            },
            What::Done { step, evidence } => {
                self.strand(step, Progress::Done, evidence)?;
                if self.strands.iter().all(Strand::is_done) {
                    self.evidence = self.known()?;
                    self.enter(self.stage.end);
                }
            }
            What::Failed { step, why, evidence } => {
                let failed = self.index(step)?;
                let below = mutant!("a_successor_leaves_the_failed_step": stage_of(&self.steps, failed).end => failed);
                self.standing = RunProgress::Back { failed, why: why.clone(), below, complete: true };
                self.settle(evidence)?;
            }
            What::TakenBack { step, complete, evidence } => {
                let step = self.index(step)?;
                if let RunProgress::Back { below, complete: so_far, .. } = &mut self.standing {
                    *below = mutant!("what_is_undone_is_undone_again": step => *below);
                    *so_far &= mutant!("an_incomplete_undo_is_forgotten": complete => &true);
                }
                self.settle(evidence)?;
            }
            What::Ended { ending, failure } => {
                let known = self.known()?;
                self.evidence = known;
                self.strands.clear();
                self.standing = RunProgress::Ended(*ending, failure.clone());
            }
        }
        Ok(())
    }

    /// The stage of the step of that index is next.
    fn enter(&mut self, index: usize) {
        (self.stage, self.strands) = enter(self.procedure, &self.steps, index, &self.evidence);
    }

    /// A step of the present stage has got so far.
    fn strand(&mut self, step: &str, progress: Progress, evidence: &Value) -> Result<(), String> {
        let (name, item) = of_key(step);
        let index = self.index(name)?;
        let in_it =
            |strand: &&mut Strand<_>| strand.item.as_deref() == item && (strand.step..=strand.last).contains(&index);
        let Some(strand) = self.strands.iter_mut().find(in_it) else {
            return Err(format!("{step} is not in the current stage of the run"));
        };
        if strand.step != index {
            strand.advance();
        }
        if strand.step != index {
            return Err(format!("{step} is written down before the step before it is done"));
        }
        (strand.progress, strand.evidence) = (progress, read(evidence)?);
        Ok(())
    }

    /// From here on the run is rolled back, step by step.
    fn settle(&mut self, evidence: &Value) -> Result<(), String> {
        self.evidence = read(evidence)?;
        self.strands.clear();
        Ok(())
    }

    fn index(&self, step: &str) -> Result<usize, String> {
        let found = self.steps.iter().position(|(_, planned)| planned.name == step);
        found.ok_or_else(|| format!("{} has no step {step}", self.procedure.name()))
    }
}

fn read<'de, E: Deserialize<'de>>(evidence: &'de Value) -> Result<E, String> {
    E::deserialize(evidence).map_err(|error| format!("its evidence is unreadable: {error}"))
}

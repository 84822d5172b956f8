//! The journal that the processes of a controller share, and its leases.
//!
//! Owns its commands, the entries and who holds the lease. Does not know what is written down.
//!
//! Invariants: at most one process holds a lease, of one controller or of several that share it, and each grant raises the
//! epoch; an entry is appended only at the end, and only under the newest epoch.

use super::ControlPlane;
use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::core::desk::Caller;
use crate::model::core::operation::{Nature, Operation};
use crate::model::plan::Interface;
use crate::model::ports::{SimulatedPorts, misfit};
use crate::ports::{Journal, Lease, PortError};
use crate::units::{Instant, Span};

/// What can be asked of it.
#[derive(Debug, Clone, PartialEq)]
pub enum JournalCommand {
    /// Ask for the lease.
    AcquireLease(Span),
    /// Hold the lease for longer.
    RenewLease(Span),
    /// Read the journal from an entry on.
    ReadJournal(u64),
    /// Append to the journal at a position.
    AppendJournal(u64, String),
}

/// What it answers.
#[derive(Debug, Clone, PartialEq)]
pub enum JournalAnswer {
    /// A lease was granted.
    Lease(Lease),
    /// Entries.
    Entries(Vec<String>),
}

impl Operation for JournalCommand {
    fn nature(&self) -> Nature {
        Nature::Asks
    }

    fn interface(&self) -> Option<Interface> {
        Some(Interface::Journal)
    }
}

#[derive(Debug, Default)]
pub(super) struct JournalState {
    entries: Vec<String>,
    epoch: u32,
    pub(super) holder: Option<u32>,
    until: Instant,
}

impl ControlPlane {
    /// A process asks something of the journal of its controller.
    pub(in crate::model) fn use_journal(&mut self, core: &mut Core, call: u32, command: JournalCommand) {
        let Some(caller) = core.calls.caller(call) else { return };
        let place = core.plan.controllers.get(usize::from(caller.controller)).and_then(|controller| controller.place);
        if let Some(fault) = core.lease_store_out(place) {
            return core.hit(fault);
        }
        core.lease_store_answers(place);
        let lease = core.calls.lease_of(caller.controller);
        let Some(controller) = self.controllers.get_mut(usize::from(lease)) else { return };
        let answer = controller.journal.execute(caller, command, core.now());
        core.calls.granted(caller.controller, controller.journal.epoch);
        core.answer(call, answer);
    }
}

impl JournalState {
    fn execute(&mut self, caller: Caller, command: JournalCommand, now: Instant) -> Result<Answer, PortError> {
        match command {
            JournalCommand::AcquireLease(span) => self.grant(caller.process, span, now),
            JournalCommand::RenewLease(span) => {
                self.check(caller)?;
                self.until = now.saturating_add(span);
                Ok(Answer::Done)
            }
            JournalCommand::ReadJournal(from) => {
                let from = usize::try_from(from).unwrap_or(usize::MAX).min(self.entries.len());
                Ok(JournalAnswer::Entries(self.entries[from..].to_vec()).into())
            }
            JournalCommand::AppendJournal(position, entry) => {
                self.check(caller)?;
                if position != self.entries.len() as u64 {
                    let why = format!("the journal has {} entries, not {position}", self.entries.len());
                    return Err(PortError::Refused(why));
                }
                self.entries.push(entry);
                Ok(Answer::Done)
            }
        }
    }

    fn grant(&mut self, process: u32, span: Span, now: Instant) -> Result<Answer, PortError> {
        if self.holder.is_some_and(|holder| holder != process) && now < self.until {
            return Err(PortError::Refused(format!("another holds the lease until {}", self.until.clock())));
        }
        self.epoch += 1;
        self.holder = Some(process);
        self.until = now.saturating_add(span);
        Ok(JournalAnswer::Lease(Lease { epoch: self.epoch, lasts: span }).into())
    }

    const fn check(&self, caller: Caller) -> Result<(), PortError> {
        if caller.epoch == self.epoch {
            Ok(())
        } else {
            Err(PortError::Superseded { held: caller.epoch, newest: self.epoch })
        }
    }
}

impl Journal for SimulatedPorts {
    async fn acquire_lease(&self, span: Span) -> Result<Lease, PortError> {
        match self.ask(JournalCommand::AcquireLease(span)).await? {
            Answer::Journal(JournalAnswer::Lease(lease)) => Ok(lease),
            other => misfit(&other),
        }
    }
    async fn renew_lease(&self, span: Span) -> Result<(), PortError> {
        self.done(JournalCommand::RenewLease(span)).await
    }
    async fn read_journal(&self, from: u64) -> Result<Vec<String>, PortError> {
        match self.ask(JournalCommand::ReadJournal(from)).await? {
            Answer::Journal(JournalAnswer::Entries(entries)) => Ok(entries),
            other => misfit(&other),
        }
    }
    async fn append_journal(&self, position: u64, entry: &str) -> Result<(), PortError> {
        self.done(JournalCommand::AppendJournal(position, entry.to_owned())).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Span = Span::from_secs(15);

    fn caller(process: u32, epoch: u32) -> Caller {
        Caller { controller: 0, process, epoch }
    }

    fn at(seconds: u64) -> Instant {
        Instant::from_secs(seconds)
    }

    #[test]
    fn the_lease_is_one_process_alone_until_it_runs_out() {
        let mut journal = JournalState::default();
        assert_eq!(journal.grant(1, SPAN, at(0)), Ok(JournalAnswer::Lease(Lease { epoch: 1, lasts: SPAN }).into()));
        assert!(matches!(journal.grant(2, SPAN, at(14)), Err(PortError::Refused(_))));
        assert_eq!(journal.execute(caller(1, 1), JournalCommand::RenewLease(SPAN), at(10)), Ok(Answer::Done));
        assert!(matches!(journal.grant(2, SPAN, at(24)), Err(PortError::Refused(_))));
        assert_eq!(journal.grant(2, SPAN, at(25)), Ok(JournalAnswer::Lease(Lease { epoch: 2, lasts: SPAN }).into()));
        let late = journal.execute(caller(1, 1), JournalCommand::RenewLease(SPAN), at(26));
        assert_eq!(late, Err(PortError::Superseded { held: 1, newest: 2 }));
    }

    #[test]
    fn asking_again_raises_the_epoch_and_a_lease_nobody_took_is_renewed() {
        let mut journal = JournalState::default();
        journal.grant(1, SPAN, at(0)).unwrap();
        assert_eq!(journal.grant(1, SPAN, at(1)), Ok(JournalAnswer::Lease(Lease { epoch: 2, lasts: SPAN }).into()));
        assert_eq!(journal.execute(caller(1, 2), JournalCommand::RenewLease(SPAN), at(100)), Ok(Answer::Done));
    }

    #[test]
    fn an_entry_goes_to_the_end_or_nowhere_and_only_under_the_newest_epoch() {
        let mut journal = JournalState::default();
        journal.grant(1, SPAN, at(0)).unwrap();
        let append =
            |position, epoch| (caller(1, epoch), JournalCommand::AppendJournal(position, format!("e{position}")));
        let mut execute = |(caller, command)| journal.execute(caller, command, at(1));
        assert_eq!(execute(append(0, 1)), Ok(Answer::Done));
        assert!(matches!(execute(append(0, 1)), Err(PortError::Refused(_))));
        assert!(matches!(execute(append(2, 1)), Err(PortError::Refused(_))));
        assert_eq!(execute(append(1, 0)), Err(PortError::Superseded { held: 0, newest: 1 }));
        assert_eq!(execute(append(1, 1)), Ok(Answer::Done));
        let all = JournalAnswer::Entries(vec!["e1".to_owned()]);
        assert_eq!(execute((caller(1, 1), JournalCommand::ReadJournal(1))), Ok(all.into()));
    }
}

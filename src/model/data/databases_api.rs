//! The control interface of databases.
//!
//! Owns its commands. Does not know when control asks for them. Invariant: what names an epoch older than the one in
//! effect is refused.

use super::Data;
use super::database::ReplicaState;
use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::core::operation::{Action, Nature, Operation};
use crate::model::message::Message;
use crate::model::plan::{AckCount, Commit, DatabasePlan, Interface, WorldPlan};
use crate::model::ports::{SimulatedPorts, misfit};
use crate::ports::{AckQuorum, CopyStatus, DatabaseTerms, Databases, HeadBound, PortError, Promotion};
use crate::record::event::DataEvent;
use crate::record::{LossBound, StoreEvent};
use crate::units::{DatabaseId, RegionId};

/// What can be asked of it.
#[derive(Debug, Clone, PartialEq)]
pub enum DatabasesCommand {
    /// Read the state of a copy.
    CopyStatus(DatabaseId, RegionId),
    /// Read the position that the authority's log has not passed, as far as monitoring can tell.
    HeadBound(DatabaseId),
    /// Raise the epoch.
    Fence(DatabaseId, u32),
    /// Make a copy the authority.
    Promote(DatabaseId, RegionId, u32),
    /// Make a copy follow the authority again, whatever it holds.
    Rebuild(DatabaseId, RegionId),
    /// Give a copy, named first, what another one has.
    CatchUp(DatabaseId, RegionId, RegionId),
    /// Commit a row of control's own.
    Heartbeat(DatabaseId, RegionId),
}

/// What it answers.
#[derive(Debug, Clone, PartialEq)]
pub enum DatabasesAnswer {
    /// The state of a copy.
    Copy(CopyStatus),
    /// Positions a log has not passed.
    Head(Option<HeadBound>),
    /// An epoch.
    Epoch(u32),
    /// A promotion.
    Promoted(Promotion),
    /// The last position a copy has received.
    Received(u64),
}

impl Operation for DatabasesCommand {
    fn nature(&self) -> Nature {
        match self {
            Self::CopyStatus(..) | Self::HeadBound(_) | Self::Heartbeat(..) => Nature::Asks,
            Self::CatchUp(..) => Nature::Changes(Action::CatchUp),
            Self::Fence(..) => Nature::Changes(Action::Fence),
            Self::Promote(..) => Nature::Changes(Action::Promote),
            Self::Rebuild(..) => Nature::Changes(Action::Rebuild),
        }
    }

    fn interface(&self) -> Option<Interface> {
        match self {
            // Monitoring of the log is not what scrapes services.
            Self::HeadBound(_) => None,
            Self::CopyStatus(..)
            | Self::Fence(..)
            | Self::Promote(..)
            | Self::Rebuild(..)
            | Self::CatchUp(..)
            | Self::Heartbeat(..) => Some(Interface::Databases),
        }
    }
}

impl Data {
    /// Control asks something of a database.
    pub(in crate::model) fn execute_databases(&mut self, core: &mut Core, call: u32, command: DatabasesCommand) {
        match command {
            DatabasesCommand::CopyStatus(database, region) => self.copy_status(core, call, database, region),
            DatabasesCommand::HeadBound(database) => {
                let state = &self.databases[database.index()];
                // It is what monitoring has seen of the log.
                core.tell(Message::AskedOfMonitoring(state.copies[state.authority].region));
                core.answer(call, Ok(DatabasesAnswer::Head(state.seen.bound(core.now())).into()));
            }
            DatabasesCommand::Fence(database, epoch) => self.fence(core, call, database, epoch),
            DatabasesCommand::Promote(database, region, epoch) => self.promote(core, call, database, region, epoch),
            DatabasesCommand::Rebuild(database, region) => self.rebuild(core, call, database, region),
            DatabasesCommand::CatchUp(database, to, from) => self.catch_up(core, call, database, (to, from)),
            DatabasesCommand::Heartbeat(database, region) => self.heartbeat(core, call, database, region),
        }
    }

    /// What `command` is answered with when it is done.
    pub(in crate::model) fn databases_as_if_done(&self, command: &DatabasesCommand) -> Answer {
        match command {
            DatabasesCommand::Fence(_, epoch) => DatabasesAnswer::Epoch(*epoch).into(),
            DatabasesCommand::Promote(database, region, epoch) => {
                let copies = &self.databases[database.index()].copies;
                let from_lsn = copies.iter().find(|copy| copy.region == *region).map_or(0, |copy| copy.applied);
                DatabasesAnswer::Promoted(Promotion { epoch: *epoch, from_lsn }).into()
            }
            DatabasesCommand::CatchUp(database, _, from) => {
                let copies = &self.databases[database.index()].copies;
                let up_to = copies.iter().find(|copy| copy.region == *from).map_or(0, |copy| copy.applied);
                DatabasesAnswer::Received(up_to).into()
            }
            _ => Answer::Done,
        }
    }

    /// Control expects to lose no more of `database` than `bound`.
    pub(in crate::model) fn announce(&mut self, core: &mut Core, database: DatabaseId, bound: LossBound) {
        let state = &mut self.databases[database.index()];
        state.witness.tell(core.now(), StoreEvent::Announced(bound));
        let database = state.name.clone();
        core.note(DataEvent::LossAnnounced { database, bound });
    }

    /// The copy of `database` in `region`, if there is one and it could answer; otherwise control is answered here.
    pub(super) fn copy_that_answers(
        &mut self,
        core: &mut Core,
        call: u32,
        database: DatabaseId,
        region: RegionId,
    ) -> Option<usize> {
        if core.is_silent(region) {
            return None;
        }
        let state = &self.databases[database.index()];
        let Some(copy) = state.copies.iter().position(|c| c.region == region) else {
            core.refuse(call, "the database has no copy in that region");
            return None;
        };
        if let Some(fault) = state.copies[copy].crashed.holder() {
            core.hit(fault);
            core.answer(call, Err(PortError::Unreachable("connection refused".into())));
            return None;
        }
        Some(copy)
    }

    fn copy_status(&mut self, core: &mut Core, call: u32, database: DatabaseId, region: RegionId) {
        let now = core.kernel.now();
        let Some(copy) = self.copy_that_answers(core, call, database, region) else { return };
        let state = &mut self.databases[database.index()];
        if state.copies[copy].state == ReplicaState::Lost {
            state.copies[copy].wiped_by.into_iter().for_each(|fault| core.hit(fault));
            return core.answer(call, Err(PortError::Unreachable("it has no data to open".into())));
        }
        state.advance(now);
        let writable = mutant!("open_means_writable": state.may_write(copy, now) => state.copies[copy].state == ReplicaState::Writable);
        let replica = &state.copies[copy];
        let status = CopyStatus {
            region: core.region_name(region),
            epoch: replica.epoch,
            applied_lsn: replica.applied,
            // A copy that writes, or was stopped from it, has received all that is in its log.
            received_lsn: mutant!("received_means_applied": replica.log_end(now) => replica.applied),
            writable,
            promotable: state.is_promotable(copy),
            leader: core.regions[state.copies[state.authority].region.index()].name.clone(),
        };
        core.answer(call, Ok(DatabasesAnswer::Copy(status).into()));
    }
}

/// What control knows of how `database` is set up.
pub(in crate::model) fn terms(world: &WorldPlan, database: &DatabasePlan) -> DatabaseTerms {
    let name = |region: &RegionId| world.regions[region.index()].name.clone();
    let copies = || std::iter::once(&database.primary).chain(database.replicas.iter().map(|replica| &replica.region));
    let of: Vec<String> = match &database.acks.of[..] {
        [] => copies().map(name).collect(),
        // The first primary counts once another copy leads.
        some => copies().filter(|region| **region == database.primary || some.contains(region)).map(name).collect(),
    };
    let acks = match database.acks.count {
        AckCount::Any(count) | AckCount::First(count) => count as usize,
        AckCount::All => of.len() - 1,
    };
    let holds = database.commit == Commit::Synchronous
        && mutant!("degrading_commits_hold": database.degrade_after.is_none() => true);
    DatabaseTerms {
        copies: copies().map(name).collect(),
        quorum: holds.then_some(AckQuorum { of, acks }),
        discards_unapplied: database.discards_unapplied,
    }
}

impl Databases for SimulatedPorts {
    async fn databases_in(&self, region: &str) -> Result<Vec<String>, PortError> {
        let region = self.region(region)?;
        let here = self.directory.databases.iter().filter(|(_, copies)| copies.contains(&region));
        Ok(here.map(|(name, _)| name.clone()).collect())
    }
    async fn copy_status(&self, database: &str, region: &str) -> Result<CopyStatus, PortError> {
        match self.ask(DatabasesCommand::CopyStatus(self.database(database)?, self.region(region)?)).await? {
            Answer::Databases(DatabasesAnswer::Copy(status)) => Ok(status),
            other => misfit(&other),
        }
    }
    async fn head_bound(&self, database: &str) -> Result<Option<HeadBound>, PortError> {
        match self.ask(DatabasesCommand::HeadBound(self.database(database)?)).await? {
            Answer::Databases(DatabasesAnswer::Head(head)) => Ok(head),
            other => misfit(&other),
        }
    }
    async fn fence(&self, database: &str, epoch: u32) -> Result<u32, PortError> {
        match self.ask(DatabasesCommand::Fence(self.database(database)?, epoch)).await? {
            Answer::Databases(DatabasesAnswer::Epoch(epoch)) => Ok(epoch),
            other => misfit(&other),
        }
    }
    async fn promote(&self, database: &str, region: &str, epoch: u32) -> Result<Promotion, PortError> {
        match self.ask(DatabasesCommand::Promote(self.database(database)?, self.region(region)?, epoch)).await? {
            Answer::Databases(DatabasesAnswer::Promoted(promotion)) => Ok(promotion),
            other => misfit(&other),
        }
    }
    async fn rebuild(&self, database: &str, region: &str) -> Result<(), PortError> {
        self.done(DatabasesCommand::Rebuild(self.database(database)?, self.region(region)?)).await
    }
    async fn database_terms(&self, database: &str) -> Result<DatabaseTerms, PortError> {
        Ok(self.directory.terms[self.database(database)?.index()].clone())
    }
    async fn catch_up(&self, database: &str, region: &str, from: &str) -> Result<u64, PortError> {
        let (to, from) = (self.region(region)?, self.region(from)?);
        match self.ask(DatabasesCommand::CatchUp(self.database(database)?, to, from)).await? {
            Answer::Databases(DatabasesAnswer::Received(position)) => Ok(position),
            other => misfit(&other),
        }
    }
    async fn write_heartbeat(&self, database: &str, region: &str) -> Result<(), PortError> {
        self.done(DatabasesCommand::Heartbeat(self.database(database)?, self.region(region)?)).await
    }
}

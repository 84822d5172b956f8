//! The control interface of databases.
//!
//! Owns its commands. Does not know when control asks for them. Invariant: what names an epoch older than the one in force
//! is refused.

use super::Due;
use super::database::Standing;
use crate::model::World;
use crate::model::command::Answer;
use crate::model::control::ports::{SimulatedPorts, misfit};
use crate::model::core::drills::DrillTouch;
use crate::model::core::operation::{Action, Nature, Operation};
use crate::model::plan::Interface;
use crate::ports::{CopyStatus, Databases, HeadBound, PortError, Promotion};
use crate::record::LossBound;
use crate::record::event::DataEvent;
#[cfg(test)]
use crate::units::Span;
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
}

impl Operation for DatabasesCommand {
    fn nature(&self) -> Nature {
        match self {
            Self::CopyStatus(..) | Self::HeadBound(_) => Nature::Asks,
            Self::Fence(..) => Nature::Changes(Action::Fence),
            Self::Promote(..) => Nature::Changes(Action::Promote),
            Self::Rebuild(..) => Nature::Changes(Action::Rebuild),
        }
    }

    fn interface(&self) -> Option<Interface> {
        match self {
            // Monitoring of the log is not what scrapes services.
            Self::HeadBound(_) => None,
            Self::CopyStatus(..) | Self::Fence(..) | Self::Promote(..) | Self::Rebuild(..) => {
                Some(Interface::Databases)
            }
        }
    }
}

impl World {
    /// Control asks something of a database.
    pub(in crate::model) fn carry_out_databases(&mut self, call: u32, command: DatabasesCommand) {
        match command {
            DatabasesCommand::CopyStatus(database, region) => self.copy_status(call, database, region),
            DatabasesCommand::HeadBound(database) => {
                let now = self.core.now();
                let database = &self.data.databases[database.index()];
                let (head, led_from) = (database.seen.bound(now), database.copies[database.authority].region);
                self.observe.count_unseen(&mut self.core, led_from);
                self.core.answer(call, Ok(DatabasesAnswer::Head(head).into()));
            }
            DatabasesCommand::Fence(database, epoch) => self.fence(call, database, epoch),
            DatabasesCommand::Promote(database, region, epoch) => self.promote(call, database, region, epoch),
            DatabasesCommand::Rebuild(database, region) => self.rebuild(call, database, region),
        }
    }

    /// What `command` is answered with when it is done.
    pub(in crate::model) fn databases_as_if_done(&self, command: &DatabasesCommand) -> Answer {
        match command {
            DatabasesCommand::Fence(_, epoch) => DatabasesAnswer::Epoch(*epoch).into(),
            DatabasesCommand::Promote(database, region, epoch) => {
                let copies = &self.data.databases[database.index()].copies;
                let from_lsn = copies.iter().find(|copy| copy.region == *region).map_or(0, |copy| copy.applied);
                DatabasesAnswer::Promoted(Promotion { epoch: *epoch, from_lsn }).into()
            }
            _ => Answer::Done,
        }
    }

    pub(in crate::model) fn announce(&mut self, database: DatabaseId, bound: LossBound) {
        let state = &mut self.data.databases[database.index()];
        state.ledger.announce_bound(bound);
        let database = state.name.clone();
        self.core.note(DataEvent::LossAnnounced { database, bound });
    }

    /// The copy of `database` in `region`, if there is one and it could answer; otherwise control is answered here.
    pub(in crate::model) fn copy_that_answers(
        &mut self,
        call: u32,
        database: DatabaseId,
        region: RegionId,
    ) -> Option<usize> {
        if self.core.is_silent(region) {
            return None;
        }
        let state = &self.data.databases[database.index()];
        let Some(copy) = state.copies.iter().position(|c| c.region == region) else {
            self.core.refuse(call, "the database has no copy there");
            return None;
        };
        if let Some(fault) = state.copies[copy].crashed.holder() {
            self.core.hit(fault);
            self.core.answer(call, Err(PortError::Unreachable("connection refused".into())));
            return None;
        }
        Some(copy)
    }

    fn copy_status(&mut self, call: u32, database: DatabaseId, region: RegionId) {
        let now = self.core.kernel.now();
        let Some(copy) = self.copy_that_answers(call, database, region) else { return };
        let state = &mut self.data.databases[database.index()];
        if state.copies[copy].standing == Standing::Lost {
            return self.core.answer(call, Err(PortError::Unreachable("it has no data to open".into())));
        }
        state.advance(now);
        let writable = state.may_write(copy, now);
        let replica = &state.copies[copy];
        let status = CopyStatus {
            region: self.core.region_name(region),
            epoch: replica.epoch,
            applied_lsn: replica.applied,
            // A copy that writes, or was stopped from it, has received all that is in its log.
            received_lsn: if replica.standing == Standing::Writable { replica.last() } else { replica.received(now) },
            writable,
            leader: self.core.regions[state.copies[state.authority].region.index()].name.clone(),
        };
        self.core.answer(call, Ok(DatabasesAnswer::Copy(status).into()));
    }

    fn fence(&mut self, call: u32, database: DatabaseId, epoch: u32) {
        let now = self.core.kernel.now();
        if epoch < self.data.databases[database.index()].epoch {
            let newer = self.data.databases[database.index()].epoch;
            return self.core.refuse(call, format!("epoch {newer} is in force"));
        }
        if !self.claims(call, database, epoch) {
            return;
        }
        self.core.note_drill(call, DrillTouch::Database(database));
        self.raise_epoch(database, epoch);
        let at = self.data.databases[database.index()].in_force_from(now);
        if at > now {
            return self.core.take_on(call, at, Due::Fenced { call, database, epoch });
        }
        self.fenced(call, database, epoch);
    }

    fn promote(&mut self, call: u32, database: DatabaseId, region: RegionId, epoch: u32) {
        let now = self.core.kernel.now();
        let Some(copy) = self.copy_that_answers(call, database, region) else { return };
        let state = &mut self.data.databases[database.index()];
        state.advance(now);
        if state.authority == copy && state.copies[copy].epoch == epoch && state.may_write(copy, now) {
            let from_lsn = state.ledger.first(state.ledger.epoch()) - 1;
            return self.core.answer(call, Ok(DatabasesAnswer::Promoted(Promotion { epoch, from_lsn }).into()));
        }
        if epoch < state.epoch {
            let newer = state.epoch;
            return self.core.refuse(call, format!("epoch {newer} is in force"));
        }
        if let Some(leader) = state.leads(epoch).filter(|leader| *leader != copy) {
            let leader = self.core.regions[state.copies[leader].region.index()].name.clone();
            let why = format!("{leader} leads epoch {epoch}");
            return self.core.refuse(call, why);
        }
        if !state.is_promotable(copy) {
            let why = match state.copies[copy].standing {
                Standing::Lost => "the copy has no data",
                _ => "the copy holds writes the authority does not have; it must be rebuilt first",
            };
            return self.core.refuse(call, why);
        }
        if !self.claims(call, database, epoch) {
            return;
        }
        let state = &self.data.databases[database.index()];
        let takes = mutant!("a_promotion_takes_no_time": state.plan.promote_time => Span::ZERO);
        let at = state.copies[copy].caught_up_at(now).max(now).saturating_add(takes);
        self.core.note_drill(call, DrillTouch::Database(database));
        let at = at.max(self.open_epoch(database, epoch));
        self.core.take_on(call, at, Due::Promoted { call, database, copy, epoch });
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
}

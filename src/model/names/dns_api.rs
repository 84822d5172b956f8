//! The DNS provider's control API.
//!
//! Owns its commands. Does not know why a record is changed. Invariant: a change is in effect and answered when it is
//! published, and not before.

use super::{Due, Names};
use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::core::drills::DrillTouch;
use crate::model::core::operation::{Action, Nature, Operation};
use crate::model::core::turns::ChangeSubject;
use crate::model::plan::{Interface, Target};
use crate::model::ports::{SimulatedPorts, misfit};
use crate::ports::{Dns, PortError};
use crate::units::{NameId, RegionId, Span};

/// What can be asked of it.
#[derive(Debug, Clone, PartialEq)]
pub enum DnsCommand {
    /// Point a record at a region.
    PointRecord(NameId, RegionId),
    /// Set how long answers for a record may be kept.
    SetTtl(NameId, Span),
    /// Ask what a record names.
    ReadRecord(NameId),
    /// Ask how long answers for a record may be kept.
    ReadTtl(NameId),
}

/// What it answers.
#[derive(Debug, Clone, PartialEq)]
pub enum DnsAnswer {
    /// The region a record names.
    Region(RegionId),
    /// How long answers for a record may be kept.
    Ttl(Span),
}

/// A change of a record on its way to the authoritative servers.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) enum RecordChange {
    /// It names that region.
    Region(RegionId),
    /// Answers may be kept for so long.
    Ttl(Span),
}

impl Operation for DnsCommand {
    fn nature(&self) -> Nature {
        match self {
            Self::PointRecord(..) => Nature::Changes(Action::PointRecord),
            Self::SetTtl(..) => Nature::Changes(Action::SetTtl),
            Self::ReadRecord(_) | Self::ReadTtl(_) => Nature::Asks,
        }
    }

    fn interface(&self) -> Option<Interface> {
        Some(Interface::Dns)
    }

    fn subject(&self) -> Option<ChangeSubject> {
        match self {
            Self::PointRecord(record, _) => Some(ChangeSubject::Record(*record)),
            Self::SetTtl(record, _) => Some(ChangeSubject::Ttl(*record)),
            Self::ReadRecord(_) | Self::ReadTtl(_) => None,
        }
    }
}

impl Names {
    /// Control asks something of DNS.
    pub(in crate::model) fn execute_dns(&mut self, core: &mut Core, call: u32, command: &DnsCommand) {
        if let Some(fault) = self.zone.api_down.holder() {
            return core.hit(fault);
        }
        match *command {
            DnsCommand::PointRecord(record, region) => self.submit(core, call, (record, RecordChange::Region(region))),
            DnsCommand::SetTtl(record, ttl) => self.submit(core, call, (record, RecordChange::Ttl(ttl))),
            DnsCommand::ReadRecord(record) => match self.zone.answer(record, core.now()) {
                Target::Region(region) => core.answer(call, Ok(DnsAnswer::Region(region).into())),
                Target::Balancer => core.refuse(call, "the record names the balancer, not a region"),
                Target::Nothing => core.refuse(call, "the record has no address"),
            },
            DnsCommand::ReadTtl(record) => {
                core.answer(call, Ok(DnsAnswer::Ttl(self.zone.ttl(record, core.now())).into()));
            }
        }
    }

    /// A change was accepted, and is to be published.
    fn submit(&mut self, core: &mut Core, call: u32, (record, change): (NameId, RecordChange)) {
        let at = core.now().saturating_add(self.zone.publish);
        core.accept_change(call, at, Due::Published { call, record, change });
    }

    /// A change is answered by every authoritative server.
    pub(super) fn published(&mut self, core: &mut Core, call: u32, record: NameId, change: RecordChange) {
        if let Some(refusal) = core.overruled(call) {
            return core.answer(call, Err(refusal));
        }
        core.note_drill(call, DrillTouch::Record(record));
        match change {
            RecordChange::Region(region) => {
                self.zone.publish(record, core.now(), Target::Region(region));
                core.remedy = Some(region);
                let (name, region) = (core.plan.dns.records[record.index()].name.clone(), core.region_name(region));
                core.note_setting(call, &name, &region);
                self.note_published(core, record);
                self.follow_health(core, record);
            }
            RecordChange::Ttl(ttl) => {
                let name = &core.plan.dns.records[record.index()].name;
                let what = format!("the TTL of {name}");
                core.note_setting(call, &what, &format!("{ttl:#}"));
                self.set_ttl(core, record, ttl);
            }
        }
        core.answer(call, Ok(Answer::Done));
    }
}

impl Dns for SimulatedPorts {
    async fn point_record(&self, name: &str, region: &str) -> Result<(), PortError> {
        self.done(DnsCommand::PointRecord(self.record(name)?, self.region(region)?)).await
    }
    async fn read_record(&self, name: &str) -> Result<String, PortError> {
        match self.ask(DnsCommand::ReadRecord(self.record(name)?)).await? {
            Answer::Dns(DnsAnswer::Region(region)) => Ok(self.name(region)),
            other => misfit(&other),
        }
    }
    async fn set_ttl(&self, name: &str, ttl: Span) -> Result<(), PortError> {
        self.done(DnsCommand::SetTtl(self.record(name)?, ttl)).await
    }
    async fn read_ttl(&self, name: &str) -> Result<Span, PortError> {
        match self.ask(DnsCommand::ReadTtl(self.record(name)?)).await? {
            Answer::Dns(DnsAnswer::Ttl(ttl)) => Ok(ttl),
            other => misfit(&other),
        }
    }
}

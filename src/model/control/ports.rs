//! The ports of control, implemented over the desk.
//!
//! Refuses to know the world: a call becomes a command, its answer is whatever comes back. Names that the scenario does
//! not declare are refused at once, as a real control plane would.

use crate::model::core::desk::{Answer, Caller, Command, Desk, Note};
use crate::model::plan::WorldPlan;
use crate::ports::{
    Audit, BackupEntry, Backups, Clock, CopyStatus, Damage, Databases, Dns, HeadBound, Journal, Lease, LoadBalancer,
    Metrics, Notifier, People, PortError, Probe, Promotion, Reply, RestorePoint, ServiceReading, ServiceStatus,
    Services, Tenure, Verification,
};
use crate::record::event::Event;
use crate::record::{Lap, LossBound};
use crate::units::{DatabaseId, Instant, NameId, PersonId, Ratio, RegionId, ServiceId, Span};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// The names control may use.
#[derive(Debug)]
struct Directory {
    regions: Vec<String>,
    records: Vec<String>,
    services: Vec<(String, RegionId)>,
    databases: Vec<(String, Vec<RegionId>)>,
    people: Vec<String>,
}

/// The ports of one process of a controller.
#[derive(Debug, Clone)]
pub struct SimulatedPorts {
    desk: Rc<RefCell<Desk>>,
    directory: Rc<Directory>,
    caller: Caller,
}

impl SimulatedPorts {
    /// Ports over `desk` for the world of `plan`, for that `process` of that `controller`.
    pub fn new(desk: Rc<RefCell<Desk>>, plan: &WorldPlan, controller: u16, process: u32) -> Self {
        let copies = |d: &crate::model::plan::DatabasePlan| {
            std::iter::once(d.primary).chain(d.replicas.iter().map(|r| r.region)).collect()
        };
        let directory = Directory {
            regions: plan.regions.iter().map(|r| r.name.clone()).collect(),
            records: plan.dns.records.iter().map(|r| r.name.clone()).collect(),
            services: plan.services.iter().map(|s| (s.name.clone(), s.region)).collect(),
            databases: plan.databases.iter().map(|d| (d.name.clone(), copies(d))).collect(),
            people: plan.people.iter().map(|p| p.name.clone()).collect(),
        };
        Self { desk, directory: Rc::new(directory), caller: Caller { controller, process, epoch: 0 } }
    }

    fn call(&self, command: Command) -> PendingCall {
        let call = self.desk.borrow_mut().submit(self.caller, command);
        PendingCall { desk: Rc::clone(&self.desk), call }
    }

    async fn done(&self, command: Command) -> Result<(), PortError> {
        self.call(command).await.map(drop)
    }

    fn region(&self, name: &str) -> Result<RegionId, PortError> {
        position(&self.directory.regions, |region| region == name, "region", name).map(RegionId)
    }

    fn record(&self, name: &str) -> Result<NameId, PortError> {
        position(&self.directory.records, |record| record == name, "record", name).map(NameId)
    }

    fn database(&self, name: &str) -> Result<DatabaseId, PortError> {
        position(&self.directory.databases, |(database, _)| database == name, "database", name).map(DatabaseId)
    }

    /// Time stamps of others, as they look to a process whose clock is wrong: shifted by as much, the other way.
    fn by_own_clock(&self, mut readings: Vec<(String, ServiceReading)>) -> Vec<(String, ServiceReading)> {
        for (_, reading) in &mut readings {
            reading.scraped_at = reading.scraped_at.map(|at| self.shifted(at));
        }
        readings
    }

    fn shifted(&self, at: Instant) -> Instant {
        let skew = self.desk.borrow().skew(self.caller.controller);
        Instant::from_nanos(at.as_nanos().saturating_add_signed(skew.saturating_neg()))
    }

    fn point_shifted(&self, point: RestorePoint) -> RestorePoint {
        RestorePoint { at: self.shifted(point.at), ..point }
    }

    fn person(&self, name: &str) -> Result<PersonId, PortError> {
        position(&self.directory.people, |person| person == name, "person", name).map(PersonId)
    }

    fn name(&self, region: RegionId) -> String {
        self.directory.regions[region.index()].clone()
    }
}

fn position<T>(items: &[T], is_it: impl FnMut(&T) -> bool, what: &str, name: &str) -> Result<u16, PortError> {
    let index = items.iter().position(is_it);
    let index = index.ok_or_else(|| PortError::Refused(format!("there is no {what} `{name}`")))?;
    u16::try_from(index).map_err(|_| PortError::Refused(format!("there are too many of {what}")))
}

/// A call that was handed over.
struct PendingCall {
    desk: Rc<RefCell<Desk>>,
    call: u32,
}

impl Future for PendingCall {
    type Output = Result<Answer, PortError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.desk.borrow_mut().poll(self.call, context.waker()) {
            Some(answer) => Poll::Ready(answer),
            None => Poll::Pending,
        }
    }
}

impl Drop for PendingCall {
    fn drop(&mut self) {
        self.desk.borrow_mut().forget(self.call);
    }
}

/// The answer does not fit the command: the world's bug, told to control as a refusal.
fn misfit<T>(answer: &Answer) -> Result<T, PortError> {
    Err(PortError::Refused(format!("an answer of another kind: {answer:?}")))
}

impl Clock for SimulatedPorts {
    fn now(&self) -> Instant {
        self.desk.borrow().now()
    }
    async fn sleep(&self, span: Span) {
        // A sleep has no answer but its end.
        drop(self.call(Command::Sleep(span)).await);
    }
}

impl Dns for SimulatedPorts {
    async fn point_record(&self, name: &str, region: &str) -> Result<(), PortError> {
        self.done(Command::PointRecord(self.record(name)?, self.region(region)?)).await
    }
    async fn read_record(&self, name: &str) -> Result<String, PortError> {
        match self.call(Command::ReadRecord(self.record(name)?)).await? {
            Answer::Region(region) => Ok(self.name(region)),
            other => misfit(&other),
        }
    }
}

impl LoadBalancer for SimulatedPorts {
    async fn set_weights(&self, weights: &[(String, Ratio)]) -> Result<(), PortError> {
        let weights = weights.iter().map(|(name, weight)| Ok((self.region(name)?, *weight)));
        self.done(Command::SetWeights(weights.collect::<Result<_, PortError>>()?)).await
    }
    async fn read_weights(&self) -> Result<Vec<(String, Ratio)>, PortError> {
        match self.call(Command::ReadWeights).await? {
            Answer::Weights(weights) => Ok(weights.into_iter().map(|(region, w)| (self.name(region), w)).collect()),
            other => misfit(&other),
        }
    }
}

impl Services for SimulatedPorts {
    async fn activate(&self, region: &str) -> Result<(), PortError> {
        self.done(Command::Activate(self.region(region)?)).await
    }
    async fn deactivate(&self, region: &str) -> Result<(), PortError> {
        self.done(Command::Deactivate(self.region(region)?)).await
    }
    async fn service_status(&self, region: &str) -> Result<Vec<ServiceStatus>, PortError> {
        match self.call(Command::ServiceStatus(self.region(region)?)).await? {
            Answer::Services(services) => Ok(services),
            other => misfit(&other),
        }
    }
}

impl Databases for SimulatedPorts {
    async fn databases_in(&self, region: &str) -> Result<Vec<String>, PortError> {
        let region = self.region(region)?;
        let here = self.directory.databases.iter().filter(|(_, copies)| copies.contains(&region));
        Ok(here.map(|(name, _)| name.clone()).collect())
    }
    async fn copy_status(&self, database: &str, region: &str) -> Result<CopyStatus, PortError> {
        match self.call(Command::CopyStatus(self.database(database)?, self.region(region)?)).await? {
            Answer::Copy(status) => Ok(status),
            other => misfit(&other),
        }
    }
    async fn head_bound(&self, database: &str) -> Result<Option<HeadBound>, PortError> {
        match self.call(Command::HeadBound(self.database(database)?)).await? {
            Answer::Head(head) => Ok(head),
            other => misfit(&other),
        }
    }
    async fn fence(&self, database: &str, epoch: u32) -> Result<u32, PortError> {
        match self.call(Command::Fence(self.database(database)?, epoch)).await? {
            Answer::Epoch(epoch) => Ok(epoch),
            other => misfit(&other),
        }
    }
    async fn promote(&self, database: &str, region: &str, epoch: u32) -> Result<Promotion, PortError> {
        match self.call(Command::Promote(self.database(database)?, self.region(region)?, epoch)).await? {
            Answer::Promoted(promotion) => Ok(promotion),
            other => misfit(&other),
        }
    }
    async fn rebuild(&self, database: &str, region: &str) -> Result<(), PortError> {
        self.done(Command::Rebuild(self.database(database)?, self.region(region)?)).await
    }
}

impl Backups for SimulatedPorts {
    async fn assess_damage(&self, database: &str, region: &str) -> Result<Damage, PortError> {
        match self.call(Command::AssessDamage(self.database(database)?, self.region(region)?)).await? {
            Answer::Damage(damage) => Ok(damage),
            other => misfit(&other),
        }
    }
    async fn list_backups(&self, database: &str) -> Result<Vec<BackupEntry>, PortError> {
        match self.call(Command::ListBackups(self.database(database)?)).await? {
            Answer::Backups(mut entries) => {
                for entry in &mut entries {
                    (entry.taken, entry.reaches) = (self.shifted(entry.taken), self.point_shifted(entry.reaches));
                }
                Ok(entries)
            }
            other => misfit(&other),
        }
    }
    async fn verify_backup(&self, database: &str, backup: u32) -> Result<Verification, PortError> {
        match self.call(Command::VerifyBackup(self.database(database)?, backup)).await? {
            Answer::Verified(Verification::Restorable(point)) => {
                Ok(Verification::Restorable(self.point_shifted(point)))
            }
            Answer::Verified(unusable) => Ok(unusable),
            other => misfit(&other),
        }
    }
    async fn restore_backup(
        &self,
        database: &str,
        region: &str,
        backup: u32,
        epoch: u32,
    ) -> Result<RestorePoint, PortError> {
        let (database, region) = (self.database(database)?, self.region(region)?);
        match self.call(Command::RestoreBackup { database, region, backup, epoch }).await? {
            Answer::Restored(point) => Ok(self.point_shifted(point)),
            other => misfit(&other),
        }
    }
}

impl Metrics for SimulatedPorts {
    async fn read_region(&self, region: &str) -> Result<Vec<(String, ServiceReading)>, PortError> {
        match self.call(Command::ReadRegion(self.region(region)?)).await? {
            Answer::Readings(readings) => Ok(self.by_own_clock(readings)),
            other => misfit(&other),
        }
    }
}

impl Probe for SimulatedPorts {
    async fn probe(&self, region: &str, service: &str) -> Result<Span, PortError> {
        let region = self.region(region)?;
        let is_it = |(name, place): &(String, RegionId)| name == service && *place == region;
        let service = position(&self.directory.services, is_it, "service", service).map(ServiceId)?;
        match self.call(Command::Probe(service)).await? {
            Answer::Took(span) => Ok(span),
            other => misfit(&other),
        }
    }
}

impl Notifier for SimulatedPorts {
    async fn notify(&self, audience: &str, message: &str) -> Result<(), PortError> {
        self.done(Command::Notify(audience.to_owned(), message.to_owned())).await
    }
}

impl Journal for SimulatedPorts {
    async fn acquire_lease(&self, span: Span) -> Result<Lease, PortError> {
        match self.call(Command::AcquireLease(span)).await? {
            Answer::Lease(lease) => Ok(lease),
            other => misfit(&other),
        }
    }
    async fn renew_lease(&self, span: Span) -> Result<(), PortError> {
        self.done(Command::RenewLease(span)).await
    }
    async fn read_journal(&self, from: u64) -> Result<Vec<String>, PortError> {
        match self.call(Command::ReadJournal(from)).await? {
            Answer::Entries(entries) => Ok(entries),
            other => misfit(&other),
        }
    }
    async fn append_journal(&self, position: u64, entry: &str) -> Result<(), PortError> {
        self.done(Command::AppendJournal(position, entry.to_owned())).await
    }
}

impl Tenure for SimulatedPorts {
    fn under(&self, epoch: u32) -> Self {
        Self { caller: Caller { epoch, ..self.caller }, ..self.clone() }
    }
    fn epoch(&self) -> u32 {
        self.caller.epoch
    }
}

impl People for SimulatedPorts {
    async fn page(&self, person: &str, message: &str) -> Result<(), PortError> {
        self.done(Command::Page(self.person(person)?, message.to_owned())).await
    }
    async fn ask(&self, person: &str, question: &str) -> Result<Reply, PortError> {
        match self.call(Command::Ask(self.person(person)?, question.to_owned())).await? {
            Answer::Reply(reply) => Ok(reply),
            other => misfit(&other),
        }
    }
}

impl Audit for SimulatedPorts {
    fn lap(&self, lap: Lap) {
        self.desk.borrow_mut().note(Note::Lap(lap));
    }
    fn event(&self, event: impl Into<Event>) {
        self.desk.borrow_mut().note(Note::Event(self.caller, event.into()));
    }
    fn announce_loss_bound(&self, database: &str, bound: LossBound) {
        if let Ok(database) = self.database(database) {
            self.desk.borrow_mut().note(Note::LossBound(database, bound));
        }
    }
}

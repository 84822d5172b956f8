//! The ports of control, implemented over the desk.
//!
//! Does not know the world: a call becomes a command, its answer is whatever comes back. Names that the scenario does
//! not declare are refused at once, as a real control plane would.

use crate::model::command::{Answer, Command};
use crate::model::core::desk::{Caller, Desk, Note};
use crate::model::data::databases_api::terms;
use crate::model::plan::WorldPlan;
use crate::ports::{Audit, Clock, DatabaseTerms, Occurrences, PortError, RestorePoint, Tenure};
use crate::record::event::Event;
use crate::record::{Lap, LossBound, Reconciliation};
use crate::units::{BucketId, DatabaseId, Instant, NameId, PersonId, RegionId, ServiceId, Span};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// The names control may use.
#[derive(Debug)]
pub(in crate::model) struct Directory {
    regions: Vec<String>,
    records: Vec<String>,
    services: Vec<(String, RegionId)>,
    pub databases: Vec<(String, Vec<RegionId>)>,
    /// How each database is set up.
    pub terms: Vec<DatabaseTerms>,
    people: Vec<String>,
    buckets: Vec<String>,
    controllers: Vec<String>,
}

/// The ports of one process of a controller.
#[derive(Debug, Clone)]
pub struct SimulatedPorts {
    desk: Rc<RefCell<Desk>>,
    pub(in crate::model) directory: Rc<Directory>,
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
            terms: plan.databases.iter().map(|database| terms(plan, database)).collect(),
            people: plan.people.iter().map(|p| p.name.clone()).collect(),
            buckets: plan.buckets.iter().map(|b| b.name.clone()).collect(),
            controllers: plan.controllers.iter().map(|c| c.name.clone()).collect(),
        };
        Self { desk, directory: Rc::new(directory), caller: Caller { controller, process, epoch: 0 } }
    }

    /// What the controller is called in the scenario.
    pub fn controller_name(&self) -> &str {
        self.directory.controllers.get(usize::from(self.caller.controller)).map_or("", String::as_str)
    }

    /// Hands a command over, and waits for its answer.
    pub(in crate::model) fn ask(&self, command: impl Into<Command>) -> PendingCall {
        let call = self.desk.borrow_mut().submit(self.caller, command.into());
        PendingCall { desk: Rc::clone(&self.desk), call }
    }

    /// Hands a command over whose answer says no more than that it is done.
    pub(in crate::model) async fn done(&self, command: impl Into<Command>) -> Result<(), PortError> {
        self.ask(command).await.map(drop)
    }

    pub(in crate::model) fn region(&self, name: &str) -> Result<RegionId, PortError> {
        position(&self.directory.regions, |region| region == name, "region", name).map(RegionId)
    }

    /// Every region.
    pub(in crate::model) fn regions(&self) -> Vec<RegionId> {
        (0..).map(RegionId).zip(&self.directory.regions).map(|(id, _)| id).collect()
    }

    pub(in crate::model) fn record(&self, name: &str) -> Result<NameId, PortError> {
        position(&self.directory.records, |record| record == name, "record", name).map(NameId)
    }

    pub(in crate::model) fn database(&self, name: &str) -> Result<DatabaseId, PortError> {
        position(&self.directory.databases, |(database, _)| database == name, "database", name).map(DatabaseId)
    }

    /// A time stamp of others, as it looks to a process whose clock is wrong: shifted by as much, the other way.
    pub(in crate::model) fn shifted(&self, at: Instant) -> Instant {
        let skew = self.desk.borrow().skew(self.caller.controller);
        Instant::from_nanos(at.as_nanos().saturating_add_signed(skew.saturating_neg()))
    }

    pub(in crate::model) fn point_shifted(&self, point: RestorePoint) -> RestorePoint {
        RestorePoint { at: self.shifted(point.at), ..point }
    }

    pub(in crate::model) fn service(&self, region: &str, service: &str) -> Result<ServiceId, PortError> {
        let region = self.region(region)?;
        let is_it = |(name, place): &(String, RegionId)| name == service && *place == region;
        position(&self.directory.services, is_it, "service", service).map(ServiceId)
    }

    /// The services called so, if that is given, in these regions.
    pub(in crate::model) fn services_in(
        &self,
        regions: &[RegionId],
        service: Option<&str>,
    ) -> Result<Vec<ServiceId>, PortError> {
        let fits = |(name, place): &(String, RegionId)| {
            regions.contains(place) && service.is_none_or(|service| service == name)
        };
        if let Some(service) = service {
            position(&self.directory.services, fits, "service", service)?;
        }
        let numbered = (0..).map(ServiceId).zip(&self.directory.services);
        Ok(numbered.filter(|(_, service)| fits(service)).map(|(id, _)| id).collect())
    }

    pub(in crate::model) fn person(&self, name: &str) -> Result<PersonId, PortError> {
        position(&self.directory.people, |person| person == name, "person", name).map(PersonId)
    }

    pub(in crate::model) fn bucket(&self, name: &str) -> Result<BucketId, PortError> {
        position(&self.directory.buckets, |bucket| bucket == name, "bucket", name).map(BucketId)
    }

    pub(in crate::model) fn name(&self, region: RegionId) -> String {
        self.directory.regions[region.index()].clone()
    }
}

fn position<T>(items: &[T], is_it: impl FnMut(&T) -> bool, what: &str, name: &str) -> Result<u16, PortError> {
    let index = items.iter().position(is_it);
    let index = index.ok_or_else(|| PortError::Refused(format!("there is no {what} `{name}`")))?;
    u16::try_from(index).map_err(|_| PortError::Refused(format!("there are too many of {what}")))
}

/// A call that was handed over.
pub(in crate::model) struct PendingCall {
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
pub(in crate::model) fn misfit<T>(answer: &Answer) -> Result<T, PortError> {
    Err(PortError::Refused(format!("an answer of the wrong kind: {answer:?}")))
}

impl Clock for SimulatedPorts {
    fn now(&self) -> Instant {
        self.desk.borrow().now()
    }
    async fn sleep(&self, span: Span) {
        // A sleep has no answer but its end.
        drop(self.ask(Command::Sleep(span)).await);
    }
}

impl Occurrences for SimulatedPorts {
    async fn occurred(&self, event: &str, occurrence: u32) -> Result<Instant, PortError> {
        match self.ask(Command::Await(event.to_owned(), occurrence)).await? {
            Answer::At(at) => Ok(self.shifted(at)),
            other => misfit(&other),
        }
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

impl Audit for SimulatedPorts {
    fn lap(&self, lap: Lap) {
        self.desk.borrow_mut().note(Note::Lap(lap));
    }
    fn event(&self, event: impl Into<Event>) {
        self.desk.borrow_mut().note(Note::Event(self.caller, event.into()));
    }
    fn reconciled(&self, reconciliation: Reconciliation) {
        self.desk.borrow_mut().note(Note::Reconciled(reconciliation));
    }
    fn announce_loss_bound(&self, database: &str, bound: LossBound) {
        if let Ok(database) = self.database(database) {
            self.desk.borrow_mut().note(Note::LossBound(database, bound));
        }
    }
}

//! Ports over a small world in memory: two regions, some services, records and databases, and calls that go wrong as
//! they are told.

use firedrill::ports::{
    AckQuorum, Audit, BackupEntry, BackupState, Backups, Clock, CopyDamage, CopyStatus, DatabaseTerms, Databases, Dns,
    HeadBound, Journal, Lease, LoadBalancer, Metric, MetricSample, Metrics, Notifier, People, PortError, Probe,
    Promotion, Query, Reply, RestorePoint, ServiceStatus, Services, Tenure, Verification,
};
use firedrill::record::event::Event;
use firedrill::record::{Lap, LossBound};
use firedrill::units::{Bytes, Figure, Instant, Ratio, Span};
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twist {
    /// Said no to.
    Refuse,
    /// Lost on the way: nothing happens and no answer comes.
    LoseCall,
    /// Done, and the answer is lost.
    LoseAnswer,
    /// Said yes to, and not done.
    Lie,
    /// Done properly, after so long.
    Take(Span),
}

/// One copy of the one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copy {
    pub epoch: u32,
    pub applied: u64,
    pub received: u64,
    pub writable: bool,
}

/// How somebody responds to pages and questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// To each page in turn; `None`, and beyond the last: never.
    pub acknowledges: VecDeque<Option<Span>>,
    /// To a question; `None`: never.
    pub decides: Option<Span>,
    pub reply: Reply,
}

/// The world.
#[derive(Debug, Clone, Default)]
pub struct World {
    pub services: Vec<&'static str>,
    /// Regions whose services serve.
    pub active: BTreeMap<String, bool>,
    /// Regions that nothing reaches, from when to when.
    pub dark: Vec<(&'static str, Instant, Instant)>,
    pub records: BTreeMap<String, String>,
    /// How long each record may be kept.
    pub ttls: BTreeMap<String, Span>,
    /// What the balancer has in effect; `None`: there is none.
    pub weights: Option<Vec<(String, Ratio)>>,
    /// Every change of that, with its time.
    pub shifts: Vec<(Instant, Vec<(String, Ratio)>)>,
    pub copies: BTreeMap<(String, String), Copy>,
    pub epochs: BTreeMap<String, u32>,
    /// Copies whose data are gone, by database and region.
    pub lost: Vec<(&'static str, &'static str)>,
    /// Backups of every database: their numbers, how far they reach, and whether they can be read.
    pub backups: Vec<(u32, u64, bool)>,
    pub head: Option<u64>,
    /// The databases that every service needs.
    pub service_databases: Vec<String>,
    /// What commits wait for.
    pub quorum: Option<AckQuorum>,
    /// Until when copies lag five writes behind what they have received.
    pub lagging_until: Instant,
    /// Promotions are answered with the epoch that follows the one asked for.
    pub promotes_one_epoch_further: bool,
    /// Promotions are answered with a position so far beyond that of the copy.
    pub promotes_from_further: u64,
    /// Copies that are promoted take no writes.
    pub promotes_without_writes: bool,
    /// Services answer, with more than half as many errors as are too many.
    pub degraded: bool,
    /// Who was ever made writable, at which epoch.
    pub leaders: Vec<(String, u32, String)>,
    /// How long every call takes.
    pub latency: Span,
    /// How calls go wrong, by `call` or `call argument`: first the list, once each, then forever.
    pub next: BTreeMap<String, VecDeque<Twist>>,
    pub always: BTreeMap<String, Twist>,
    pub calls: Vec<String>,
    pub told: Vec<(String, String)>,
    /// How people respond, by name; who is not here never does.
    pub people: BTreeMap<String, Person>,
    pub laps: Vec<Lap>,
    pub events: Vec<(Instant, String, String)>,
    pub bounds: Vec<(String, u64)>,
    pub journal: Vec<String>,
    /// The newest epoch granted, by whom it is held, and until when.
    pub lease: (u32, u32, Instant),
}

impl World {
    /// `west` leads, is dark from the start and serves; `north` follows, ten writes behind, on standby.
    pub fn west_is_dark() -> Self {
        let mut world = Self { services: vec!["api", "search"], latency: Span::from_millis(10), ..Self::default() };
        world.dark.push(("west", Instant::ZERO, Instant::MAX));
        world.active = [("west".to_owned(), true), ("north".to_owned(), false)].into();
        world.records = [("api.example".to_owned(), "west".to_owned())].into();
        world.ttls = [("api.example".to_owned(), Span::from_secs(60))].into();
        world.head = Some(1000);
        for (region, position, writable) in [("west", 1000, true), ("north", 990, false)] {
            let copy = Copy { epoch: 1, applied: position, received: position, writable };
            world.copies.insert(("orders".to_owned(), region.to_owned()), copy);
        }
        world.epochs.insert("orders".to_owned(), 1);
        world
    }

    pub fn is_dark(&self, region: &str, now: Instant) -> bool {
        self.dark.iter().any(|(dark, from, to)| *dark == region && *from <= now && now < *to)
    }

    pub fn copy(&self, database: &str, region: &str) -> Copy {
        self.copies[&(database.to_owned(), region.to_owned())]
    }

    pub fn event_names(&self) -> Vec<&str> {
        self.events.iter().map(|(_, name, _)| name.as_str()).collect()
    }

    /// The region whose copy of `database` was promoted last, or takes the writes.
    fn leader(&self, database: &str) -> String {
        let copies = self.copies.iter().filter(|((name, _), copy)| name == database && copy.writable);
        copies.max_by_key(|(_, copy)| copy.epoch).map_or_else(String::new, |((_, region), _)| region.clone())
    }

    fn has_lost(&self, database: &str, region: &str) -> bool {
        self.lost.iter().any(|(lost, place)| (*lost, *place) == (database, region))
    }

    fn twist(&mut self, call: &str, argument: &str) -> Option<Twist> {
        let full = format!("{call} {argument}");
        self.calls.push(full.clone());
        let next = [full.as_str(), call].into_iter().find_map(|key| self.next.get_mut(key)?.pop_front());
        next.or_else(|| self.always.get(&full).or_else(|| self.always.get(call)).copied())
    }
}

/// The ports, on any clock.
#[derive(Clone)]
pub struct MemoryPorts<C> {
    pub clock: C,
    pub world: Rc<RefCell<World>>,
    pub process: u32,
    pub epoch: u32,
}

impl<C: Clock> MemoryPorts<C> {
    pub fn new(clock: C, world: World) -> Self {
        Self::over(clock, Rc::new(RefCell::new(world)))
    }

    pub fn over(clock: C, world: Rc<RefCell<World>>) -> Self {
        Self { clock, world, process: 1, epoch: 0 }
    }

    /// A change: refused if a newer lease was granted when it would take effect.
    async fn change<T>(
        &self,
        call: &str,
        argument: &str,
        lie: T,
        act: impl FnOnce(&mut World, Instant) -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        let held = self.epoch;
        let checked = |world: &mut World, now| match world.lease.0 {
            newest if held < newest => Err(PortError::Superseded { held, newest }),
            _ => act(world, now),
        };
        self.call(call, argument, lie, checked).await
    }

    /// One call: takes its time, goes wrong if it is told to, else does `act`. `lie` is what a lying call answers.
    async fn call<T>(
        &self,
        call: &str,
        argument: &str,
        lie: T,
        act: impl FnOnce(&mut World, Instant) -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        let (twist, latency) = {
            let mut world = self.world.borrow_mut();
            (world.twist(call, argument), world.latency)
        };
        self.clock.sleep(if let Some(Twist::Take(span)) = twist { span } else { latency }).await;
        let mut world = self.world.borrow_mut();
        match twist {
            Some(Twist::Refuse) => Err(PortError::Refused(format!("{call} {argument}"))),
            Some(Twist::LoseCall) => Err(PortError::Indeterminate(format!("{call} {argument}"))),
            Some(Twist::LoseAnswer) => {
                act(&mut world, self.clock.now()).and(Err(PortError::Indeterminate(format!("{call} {argument}"))))
            }
            Some(Twist::Lie) => Ok(lie),
            Some(Twist::Take(_)) | None => act(&mut world, self.clock.now()),
        }
    }
}

fn reach(world: &World, region: &str, now: Instant) -> Result<(), PortError> {
    if world.is_dark(region, now) { Err(PortError::Unreachable(region.to_owned())) } else { Ok(()) }
}

impl<C: Clock> Clock for MemoryPorts<C> {
    fn now(&self) -> Instant {
        self.clock.now()
    }
    async fn sleep(&self, span: Span) {
        self.clock.sleep(span).await;
    }
}

impl<C: Clock> Dns for MemoryPorts<C> {
    async fn point_record(&self, name: &str, region: &str) -> Result<(), PortError> {
        let point = |world: &mut World, _| {
            world.records.insert(name.to_owned(), region.to_owned());
            Ok(())
        };
        self.change("point_record", region, (), point).await
    }
    async fn read_record(&self, name: &str) -> Result<String, PortError> {
        self.call("read_record", name, "nowhere".to_owned(), |world, _| Ok(world.records[name].clone())).await
    }
    async fn set_ttl(&self, name: &str, ttl: Span) -> Result<(), PortError> {
        let set = |world: &mut World, _| {
            world.ttls.insert(name.to_owned(), ttl);
            Ok(())
        };
        self.change("set_ttl", name, (), set).await
    }
    async fn read_ttl(&self, name: &str) -> Result<Span, PortError> {
        self.call("read_ttl", name, Span::ZERO, |world, _| Ok(world.ttls[name])).await
    }
}

impl<C: Clock> LoadBalancer for MemoryPorts<C> {
    async fn set_weights(&self, weights: &[(String, Ratio)]) -> Result<(), PortError> {
        let set = |world: &mut World, now| {
            let in_force = world.weights.as_mut().ok_or(PortError::Refused("there is no balancer".to_owned()))?;
            *in_force = weights.to_vec();
            world.shifts.push((now, weights.to_vec()));
            Ok(())
        };
        self.change("set_weights", "", (), set).await
    }
    async fn read_weights(&self) -> Result<Vec<(String, Ratio)>, PortError> {
        let read =
            |world: &mut World, _| world.weights.clone().ok_or(PortError::Refused("there is no balancer".to_owned()));
        self.call("read_weights", "", Vec::new(), read).await
    }
}

impl<C: Clock> Services for MemoryPorts<C> {
    async fn activate(&self, region: &str) -> Result<(), PortError> {
        let activate = |world: &mut World, now| {
            reach(world, region, now)?;
            world.active.insert(region.to_owned(), true);
            Ok(())
        };
        self.change("activate", region, (), activate).await
    }
    async fn deactivate(&self, region: &str) -> Result<(), PortError> {
        let deactivate = |world: &mut World, now| {
            reach(world, region, now)?;
            world.active.insert(region.to_owned(), false);
            Ok(())
        };
        self.change("deactivate", region, (), deactivate).await
    }
    async fn service_status(&self, region: &str) -> Result<Vec<ServiceStatus>, PortError> {
        let status = |world: &mut World, now| {
            reach(world, region, now)?;
            let active = world.active[region];
            let databases = world.service_databases.clone();
            let status = |service: &&str| ServiceStatus {
                service: (*service).to_owned(),
                active,
                servers: 4,
                databases: databases.clone(),
            };
            Ok(world.services.iter().map(status).collect())
        };
        self.call("service_status", region, Vec::new(), status).await
    }
}

impl<C: Clock> Databases for MemoryPorts<C> {
    async fn databases_in(&self, region: &str) -> Result<Vec<String>, PortError> {
        let list = |world: &mut World, _| {
            Ok(world.copies.keys().filter(|(_, at)| at == region).map(|(name, _)| name.clone()).collect())
        };
        self.call("databases_in", region, Vec::new(), list).await
    }
    async fn copy_status(&self, database: &str, region: &str) -> Result<CopyStatus, PortError> {
        let status = |world: &mut World, now| {
            reach(world, region, now)?;
            if world.has_lost(database, region) {
                return Err(PortError::Unreachable("it has no data to open".to_owned()));
            }
            let Copy { epoch, applied, received, writable } = world.copy(database, region);
            let (region, lag) = (region.to_owned(), if now < world.lagging_until { 5 } else { 0 });
            let leader = world.leader(database);
            let applied_lsn = applied - lag;
            let promotable = true;
            Ok(CopyStatus { region, epoch, applied_lsn, received_lsn: received, writable, promotable, leader })
        };
        let (region_of_lie, nobody) = (region.to_owned(), String::new());
        let lie = CopyStatus {
            region: region_of_lie,
            epoch: 0,
            applied_lsn: 0,
            received_lsn: 0,
            writable: false,
            promotable: false,
            leader: nobody,
        };
        self.call("copy_status", region, lie, status).await
    }
    async fn head_bound(&self, database: &str) -> Result<Option<HeadBound>, PortError> {
        let head = |world: &mut World, _| Ok(world.head.map(|head| HeadBound { if_dead: head, if_alive: head }));
        self.call("head_bound", database, None, head).await
    }
    async fn fence(&self, database: &str, epoch: u32) -> Result<u32, PortError> {
        let fence = |world: &mut World, _| {
            let in_force = world.epochs.get_mut(database).unwrap();
            *in_force = epoch.max(*in_force);
            let in_force = *in_force;
            for ((name, _), copy) in &mut world.copies {
                copy.writable &= name != database || copy.epoch >= in_force;
            }
            Ok(in_force)
        };
        self.change("fence", database, epoch, fence).await
    }
    async fn promote(&self, database: &str, region: &str, epoch: u32) -> Result<Promotion, PortError> {
        let promote = |world: &mut World, now| {
            reach(world, region, now)?;
            if world.epochs[database] != epoch {
                return Err(PortError::Refused(format!("epoch {epoch} is not in effect")));
            }
            if world.has_lost(database, region) {
                return Err(PortError::Refused("the copy has no data".to_owned()));
            }
            let writable = !world.promotes_without_writes;
            let copy = world.copies.get_mut(&(database.to_owned(), region.to_owned())).unwrap();
            *copy = Copy { epoch, applied: copy.received, writable, ..*copy };
            let from_lsn = copy.received + world.promotes_from_further;
            world.leaders.push((database.to_owned(), epoch, region.to_owned()));
            Ok(Promotion { epoch: epoch + u32::from(world.promotes_one_epoch_further), from_lsn })
        };
        self.change("promote", region, Promotion { epoch, from_lsn: 990 }, promote).await
    }
    async fn rebuild(&self, database: &str, region: &str) -> Result<(), PortError> {
        let rebuild = |world: &mut World, now| {
            reach(world, region, now)?;
            let leads =
                |((name, _), copy): (&(String, String), &Copy)| (name == database && copy.writable).then_some(*copy);
            let lead = world.copies.iter().find_map(leads);
            let lead = lead.ok_or_else(|| PortError::Refused(format!("{database} has no authority")))?;
            world.lost.retain(|(lost, place)| (*lost, *place) != (database, region));
            let copy = world.copies.get_mut(&(database.to_owned(), region.to_owned())).unwrap();
            if !copy.writable {
                *copy = Copy { writable: false, ..lead };
            }
            Ok(())
        };
        self.call("rebuild", region, (), rebuild).await
    }
    async fn database_terms(&self, database: &str) -> Result<DatabaseTerms, PortError> {
        let world = self.world.borrow();
        let copies = world.copies.keys().filter(|(name, _)| name == database).map(|(_, region)| region.clone());
        let (copies, quorum) = (copies.collect(), world.quorum.clone());
        Ok(DatabaseTerms { copies, quorum, discards_unapplied: false })
    }
    async fn catch_up(&self, database: &str, region: &str, from: &str) -> Result<u64, PortError> {
        let catch_up = |world: &mut World, now| {
            reach(world, region, now)?;
            reach(world, from, now)?;
            let wanted = world.copy(database, from).received;
            let copy = world.copies.get_mut(&(database.to_owned(), region.to_owned())).unwrap();
            copy.received = copy.received.max(wanted);
            Ok(copy.received)
        };
        self.change("catch_up", region, 990, catch_up).await
    }
    async fn write_heartbeat(&self, database: &str, region: &str) -> Result<(), PortError> {
        let write = |world: &mut World, now| {
            reach(world, region, now)?;
            let writable = world.copy(database, region).writable;
            if writable { Ok(()) } else { Err(PortError::Refused("it accepts no writes".to_owned())) }
        };
        self.call("write_heartbeat", region, (), write).await
    }
}

impl<C: Clock> Backups for MemoryPorts<C> {
    async fn assess_damage(&self, database: &str, region: &str) -> Result<CopyDamage, PortError> {
        let assess = |world: &mut World, now| {
            reach(world, region, now)?;
            let (lost, epoch) = (world.has_lost(database, region), world.epochs[database]);
            Ok(CopyDamage { region: region.to_owned(), epoch, lost })
        };
        let lie = CopyDamage { region: region.to_owned(), epoch: 0, lost: false };
        self.call("assess_damage", region, lie, assess).await
    }
    async fn list_backups(&self, database: &str) -> Result<Vec<BackupEntry>, PortError> {
        let entry = |&(backup, lsn, _): &(u32, u64, bool)| BackupEntry {
            backup,
            taken: Instant::ZERO,
            size: Bytes::new(1),
            state: BackupState::Unverified,
            reaches: RestorePoint { lsn, at: Instant::ZERO },
        };
        self.call("list_backups", database, Vec::new(), |world, _| Ok(world.backups.iter().map(entry).collect())).await
    }
    async fn verify_backup(&self, _: &str, backup: u32) -> Result<Verification, PortError> {
        let verify = |world: &mut World, _| {
            let (_, lsn, good) = world.backup(backup)?;
            let point = RestorePoint { lsn, at: Instant::ZERO };
            Ok(if good { Verification::Restorable(point) } else { Verification::Unusable("corrupt".to_owned()) })
        };
        let lie = Verification::Unusable("a lie".to_owned());
        self.call("verify_backup", &backup.to_string(), lie, verify).await
    }
    async fn restore_backup(
        &self,
        database: &str,
        region: &str,
        backup: u32,
        epoch: u32,
    ) -> Result<RestorePoint, PortError> {
        let restore = |world: &mut World, now| {
            reach(world, region, now)?;
            let (_, lsn, good) = world.backup(backup)?;
            if !good || world.epochs[database] != epoch {
                return Err(PortError::Refused(format!("backup {backup} cannot be read, or not under epoch {epoch}")));
            }
            let whole = Copy { epoch, applied: lsn, received: lsn, writable: false };
            let copy = world.copies.get_mut(&(database.to_owned(), region.to_owned())).unwrap();
            if !(copy.writable && copy.epoch == epoch) {
                *copy = whole;
            }
            world.lost.retain(|(lost, place)| (*lost, *place) != (database, region));
            Ok(RestorePoint { lsn, at: Instant::ZERO })
        };
        let lie = RestorePoint { lsn: 0, at: Instant::ZERO };
        self.change("restore_backup", &backup.to_string(), lie, restore).await
    }
}

impl World {
    fn backup(&self, number: u32) -> Result<(u32, u64, bool), PortError> {
        let found = self.backups.iter().find(|(backup, ..)| *backup == number);
        found.copied().ok_or_else(|| PortError::Refused(format!("there is no backup {number}")))
    }
}

impl<C: Clock> Metrics for MemoryPorts<C> {
    async fn query(&self, queries: &[Query]) -> Result<Vec<Vec<MetricSample>>, PortError> {
        let region = queries[0].labels.region.clone().unwrap();
        let read = |world: &mut World, now| {
            let up = world.active[&region] && !world.is_dark(&region, now);
            let figure = |metric| match metric {
                Metric::Up => Some(Figure::Count(u64::from(up))),
                Metric::ErrorRate if world.degraded => up.then_some(Figure::Share { part: 60, whole: 1000 }),
                Metric::ErrorRate | Metric::Limited => up.then_some(Figure::Share { part: 0, whole: 1000 }),
                Metric::ResponseTime { .. } => up.then_some(Figure::Span(Span::from_millis(80))),
            };
            let sample = |service: &str, query: &Query| MetricSample {
                region: region.clone(),
                service: service.to_owned(),
                taken: Some(now),
                figure: figure(query.metric),
            };
            let services = &world.services;
            Ok(queries.iter().map(|query| services.iter().map(|service| sample(service, query)).collect()).collect())
        };
        self.call("query", &region, vec![Vec::new(); queries.len()], read).await
    }
}

impl<C: Clock> Probe for MemoryPorts<C> {
    async fn probe(&self, region: &str, service: &str) -> Result<Span, PortError> {
        let start = self.clock.now();
        let probe = |world: &mut World, now: Instant| {
            reach(world, region, now)?;
            let serves = world.active.get(region).copied().unwrap_or(true);
            if serves { Ok(now.since(start)) } else { Err(PortError::Refused(format!("{region} is on standby"))) }
        };
        self.call("probe", service, Span::ZERO, probe).await
    }
}

impl<C: Clock> Notifier for MemoryPorts<C> {
    async fn notify(&self, audience: &str, message: &str) -> Result<(), PortError> {
        let tell = |world: &mut World, _| {
            world.told.push((audience.to_owned(), message.to_owned()));
            Ok(())
        };
        self.change("notify", audience, (), tell).await
    }
}

impl<C: Clock> Journal for MemoryPorts<C> {
    async fn acquire_lease(&self, span: Span) -> Result<Lease, PortError> {
        let process = self.process;
        let acquire = |world: &mut World, now: Instant| {
            let (epoch, holder, until) = world.lease;
            if epoch > 0 && holder != process && now < until {
                return Err(PortError::Refused("another holds the lease".to_owned()));
            }
            world.lease = (epoch + 1, process, now + span);
            Ok(Lease { epoch: epoch + 1, lasts: span })
        };
        self.call("acquire_lease", "", Lease { epoch: 0, lasts: span }, acquire).await
    }
    async fn renew_lease(&self, span: Span) -> Result<(), PortError> {
        let renew = |world: &mut World, now| {
            world.lease.2 = now + span;
            Ok(())
        };
        self.change("renew_lease", "", (), renew).await
    }
    async fn read_journal(&self, from: u64) -> Result<Vec<String>, PortError> {
        let read = |world: &mut World, _| Ok(world.journal[usize::try_from(from).unwrap()..].to_vec());
        self.call("read_journal", "", Vec::new(), read).await
    }
    async fn append_journal(&self, position: u64, entry: &str) -> Result<(), PortError> {
        let append = |world: &mut World, _| {
            if world.journal.len() as u64 != position {
                return Err(PortError::Refused("something else was appended".to_owned()));
            }
            world.journal.push(entry.to_owned());
            Ok(())
        };
        self.change("append_journal", "", (), append).await
    }
}

impl<C: Clock + Clone> Tenure for MemoryPorts<C> {
    fn under(&self, epoch: u32) -> Self {
        Self { epoch, ..self.clone() }
    }
    fn epoch(&self) -> u32 {
        self.epoch
    }
}

impl<C: Clock> MemoryPorts<C> {
    /// Waits as long as a person takes, forever if that is `None`.
    async fn person_takes(&self, span: Option<Span>) {
        match span {
            Some(span) => self.clock.sleep(span).await,
            None => std::future::pending().await,
        }
    }
}

impl<C: Clock> People for MemoryPorts<C> {
    async fn page(&self, person: &str, _: &str) -> Result<(), PortError> {
        let page = |world: &mut World, _| Ok(world.people.get_mut(person).and_then(|p| p.acknowledges.pop_front()?));
        let takes = self.call("page", person, None, page).await?;
        self.person_takes(takes).await;
        Ok(())
    }
    async fn ask(&self, person: &str, _: &str) -> Result<Reply, PortError> {
        let ask = |world: &mut World, _| Ok(world.people.get(person).map(|p| (p.decides, p.reply.clone())));
        let (takes, reply) = self.call("ask", person, None, ask).await?.unwrap_or((None, Reply::Approved));
        self.person_takes(takes).await;
        Ok(reply)
    }
}

impl<C: Clock> Audit for MemoryPorts<C> {
    fn lap(&self, lap: Lap) {
        self.world.borrow_mut().laps.push(lap);
    }
    fn event(&self, event: impl Into<Event>) {
        let event = event.into();
        let event = (self.clock.now(), event.name(), event.text());
        self.world.borrow_mut().events.push(event);
    }
    fn announce_loss_bound(&self, database: &str, bound: LossBound) {
        self.world.borrow_mut().bounds.push((database.to_owned(), bound.if_alive));
    }
}

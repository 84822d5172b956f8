//! The system's capabilities, as the procedures of the product see them, around the product's runtime.

use super::copies::{Copy, CopyError};
use super::http::{NoAnswer, call};
use super::monitor::Sight;
use super::site::Figures;
use super::world::{
    DATABASE, Name, PATIENCE, REGIONS, Register, SERVICE, WRITES_PER_SECOND, World, read_json, while_registered,
    write_json,
};
use firedrill::live::LiveRuntime;
use firedrill::ports::{
    Audit, Clock, CopyStatus, DatabaseTerms, Databases, Dns, HeadBound, Journal, Lease, LoadBalancer, Metric,
    MetricSample, Metrics, Notifier, People, PortError, Probe, Promotion, Query, Reply, ServiceStatus, Services,
    Tenure,
};
use firedrill::record::event::Event;
use firedrill::record::{Lap, LossBound};
use firedrill::units::{Figure, Instant, Ratio, Span};
use std::io::Write;
use std::rc::Rc;

type Answer<T> = Result<T, PortError>;

/// How long a copy may take to receive what another one has: a stream that moves needs far less.
const CATCHES_UP_WITHIN: Span = Span::from_secs(2);

/// Between two looks at that.
const PAUSE: Span = Span::from_millis(100);

/// The ports of one controller.
#[derive(Debug, Clone)]
pub struct SystemPorts {
    runtime: LiveRuntime,
    world: Rc<World>,
}

impl SystemPorts {
    pub fn new(runtime: LiveRuntime, world: World) -> Self {
        Self { runtime, world: Rc::new(world) }
    }

    fn site(&self, region: &str) -> Answer<u16> {
        let site = self.world.sites.get(region);
        site.copied().ok_or_else(|| PortError::Refused(format!("there is no region {region}")))
    }

    fn copy(&self, database: &str, region: &str) -> Answer<Copy> {
        self.site(region)?;
        if database != DATABASE {
            return Err(PortError::Refused(format!("there is no database {database}")));
        }
        Ok(Copy::of(&self.world, region))
    }

    /// Tells a site to do something. It knows leases, and refuses one that is not the newest.
    async fn tell_site(&self, region: &str, path: &str) -> Answer<()> {
        let port = self.site(region)?;
        self.runtime.check_lease().await?;
        let held = self.epoch();
        match call(port, path, &held.to_string(), PATIENCE).await {
            Ok((200, _)) => Ok(()),
            Ok((409, newest)) => Err(PortError::Superseded { held, newest: newest.parse().unwrap_or(u32::MAX) }),
            Ok((status, why)) => Err(PortError::Refused(format!("{status}: {why}"))),
            Err(NoAnswer::NotSent(why)) => Err(PortError::Unreachable(why)),
            Err(NoAnswer::Silent(why)) => Err(PortError::Indeterminate(why)),
        }
    }

    fn sight(&self) -> Answer<Sight> {
        read_json(&self.world.monitoring()).map_err(PortError::Unreachable)
    }

    fn name(&self, record: &str) -> Answer<Name> {
        if record != super::world::RECORD {
            return Err(PortError::Refused(format!("there is no record {record}")));
        }
        read_json(&self.world.names()).map_err(PortError::Unreachable)
    }

    async fn change_name(&self, record: &str, change: impl FnOnce(&mut Name)) -> Answer<()> {
        let changed = || {
            let mut name = self.name(record)?;
            change(&mut name);
            write_json(&self.world.names(), &name).map_err(PortError::Indeterminate)
        };
        self.runtime.while_leading(changed).await
    }

    /// Changes who may write, while no copy acknowledges anything.
    async fn register(&self, change: impl FnOnce(&mut Register) -> Answer<()>) -> Answer<Register> {
        let changed = || {
            while_registered(&self.world.folder, true, || {
                let mut register: Register = read_json(&self.world.register()).map_err(PortError::Unreachable)?;
                change(&mut register)?;
                write_json(&self.world.register(), &register).map_err(PortError::Indeterminate)?;
                Ok(register)
            })
        };
        self.runtime.while_leading(changed).await
    }
}

fn failed(error: CopyError) -> PortError {
    match error {
        CopyError::Refused(why) => PortError::Refused(why),
        CopyError::Unreachable(why) => PortError::Unreachable(why),
        CopyError::Silent(why) => PortError::Indeterminate(why),
    }
}

impl Clock for SystemPorts {
    fn now(&self) -> Instant {
        self.runtime.now()
    }
    async fn sleep(&self, span: Span) {
        self.runtime.sleep(span).await;
    }
}

impl Journal for SystemPorts {
    async fn acquire_lease(&self, span: Span) -> Answer<Lease> {
        self.runtime.acquire_lease(span).await
    }
    async fn renew_lease(&self, span: Span) -> Answer<()> {
        self.runtime.renew_lease(span).await
    }
    async fn read_journal(&self, from: u64) -> Answer<Vec<String>> {
        self.runtime.read_journal(from).await
    }
    async fn append_journal(&self, position: u64, entry: &str) -> Answer<()> {
        self.runtime.append_journal(position, entry).await
    }
}

impl Tenure for SystemPorts {
    fn under(&self, epoch: u32) -> Self {
        Self { runtime: self.runtime.under(epoch), world: Rc::clone(&self.world) }
    }
    fn epoch(&self) -> u32 {
        self.runtime.epoch()
    }
}

impl Audit for SystemPorts {
    fn lap(&self, lap: Lap) {
        self.runtime.lap(lap);
    }
    fn event(&self, event: impl Into<Event>) {
        self.runtime.event(event);
    }
    fn announce_loss_bound(&self, database: &str, bound: LossBound) {
        self.runtime.announce_loss_bound(database, bound);
    }
}

impl Dns for SystemPorts {
    async fn point_record(&self, name: &str, region: &str) -> Answer<()> {
        self.site(region)?;
        self.change_name(name, |name| region.clone_into(&mut name.region)).await
    }
    async fn read_record(&self, name: &str) -> Answer<String> {
        self.name(name).map(|name| name.region)
    }
    async fn set_ttl(&self, name: &str, ttl: Span) -> Answer<()> {
        self.change_name(name, |name| name.ttl_ms = ttl.as_nanos() / 1_000_000).await
    }
    async fn read_ttl(&self, name: &str) -> Answer<Span> {
        self.name(name).map(|name| Span::from_millis(name.ttl_ms))
    }
}

/// Names alone send clients here.
impl LoadBalancer for SystemPorts {
    async fn set_weights(&self, _: &[(String, Ratio)]) -> Answer<()> {
        Err(PortError::Refused("there is no balancer".to_owned()))
    }
    async fn read_weights(&self) -> Answer<Vec<(String, Ratio)>> {
        Err(PortError::Refused("there is no balancer".to_owned()))
    }
}

impl Services for SystemPorts {
    async fn activate(&self, region: &str) -> Answer<()> {
        self.tell_site(region, "/activate").await
    }
    async fn deactivate(&self, region: &str) -> Answer<()> {
        self.tell_site(region, "/deactivate").await
    }
    async fn service_status(&self, region: &str) -> Answer<Vec<ServiceStatus>> {
        match call(self.site(region)?, "/figures", "", PATIENCE).await {
            Ok((_, body)) => {
                let figures: Figures = serde_json::from_str(&body).map_err(|e| PortError::Refused(e.to_string()))?;
                Ok(vec![ServiceStatus {
                    service: SERVICE.to_owned(),
                    active: figures.active,
                    servers: 1,
                    databases: vec![DATABASE.to_owned()],
                }])
            }
            Err(error) => Err(PortError::Unreachable(error.to_string())),
        }
    }
}

impl Databases for SystemPorts {
    async fn databases_in(&self, region: &str) -> Answer<Vec<String>> {
        self.site(region).map(|_| vec![DATABASE.to_owned()])
    }
    async fn copy_status(&self, database: &str, region: &str) -> Answer<CopyStatus> {
        let state = self.copy(database, region)?.state().await.map_err(failed)?;
        let register: Register = read_json(&self.world.register()).map_err(PortError::Unreachable)?;
        Ok(CopyStatus {
            region: region.to_owned(),
            epoch: state.epoch,
            applied_lsn: state.applied,
            received_lsn: state.received,
            writable: state.writable && register.epoch == state.epoch,
            promotable: true,
            leader: register.leader.unwrap_or_default(),
        })
    }
    async fn head_bound(&self, database: &str) -> Answer<Option<HeadBound>> {
        self.copy(database, REGIONS[0])?;
        let now = self.runtime.now();
        let heads = self.sight()?.into_values().filter_map(|seen| Some((seen.head?, seen.silent_since)));
        Ok(heads.max_by_key(|((head, _), _)| *head).map(|((head, at), silent_since)| {
            // What clients may have sent since, and what was under way.
            let since = |until: Instant| {
                let span = until.since(Instant::from_nanos(at)).as_nanos() + PATIENCE.as_nanos() as u64;
                (span * WRITES_PER_SECOND).div_ceil(1_000_000_000)
            };
            let if_alive = head + since(now);
            HeadBound { if_dead: silent_since.map_or(if_alive, |at| head + since(Instant::from_nanos(at))), if_alive }
        }))
    }
    async fn fence(&self, database: &str, epoch: u32) -> Answer<u32> {
        self.copy(database, REGIONS[0])?;
        let raised = |register: &mut Register| {
            if epoch > register.epoch {
                *register = Register { epoch, leader: None };
            }
            Ok(())
        };
        let register = self.register(raised).await?;
        if register.epoch == epoch && register.leader.is_none() {
            for region in REGIONS {
                let copy = self.copy(database, region)?;
                // A copy that follows takes no writes as it is.
                let leads = copy.state().await.map_or(true, |state| state.writable);
                if leads {
                    self.runtime.check_lease().await?;
                    copy.close().await.map_err(failed)?;
                }
            }
        }
        Ok(register.epoch)
    }
    async fn promote(&self, database: &str, region: &str, epoch: u32) -> Answer<Promotion> {
        let copy = self.copy(database, region)?;
        // Chosen before it is opened: no second one can be, and what was chosen may be asked for again.
        let chosen = |register: &mut Register| match &register.leader {
            _ if register.epoch != epoch => Err(PortError::Refused(format!("epoch {} is current", register.epoch))),
            Some(leader) if leader != region => Err(PortError::Refused(format!("{leader} leads epoch {epoch}"))),
            _ => {
                register.leader = Some(region.to_owned());
                Ok(())
            }
        };
        self.register(chosen).await?;
        let state = copy.state().await;
        if let Ok(state) = state.as_ref()
            && state.writable
            && state.epoch == epoch
        {
            let from_lsn = copy.rows(0).await.map_err(failed)?.iter().filter(|row| row.epoch < epoch).count() as u64;
            return Ok(Promotion { epoch, from_lsn });
        }
        let from_lsn = copy.open(epoch).await.map_err(failed)?;
        Ok(Promotion { epoch, from_lsn })
    }
    async fn rebuild(&self, _: &str, region: &str) -> Answer<()> {
        Err(PortError::Refused(format!("a person rebuilds the copy in {region}")))
    }
    async fn database_terms(&self, database: &str) -> Answer<DatabaseTerms> {
        self.copy(database, REGIONS[0])?;
        let copies = REGIONS.map(str::to_owned).to_vec();
        Ok(DatabaseTerms { copies, quorum: None, discards_unapplied: false })
    }
    async fn catch_up(&self, database: &str, region: &str, from: &str) -> Answer<u64> {
        let wanted = self.copy(database, from)?.state().await.map_err(failed)?.received;
        let patience = self.runtime.now().saturating_add(CATCHES_UP_WITHIN);
        // The one is fed by the other anyway, where it can be.
        loop {
            let received = self.copy(database, region)?.state().await.map_err(failed)?.received;
            if received >= wanted {
                return Ok(received);
            }
            if self.runtime.now() >= patience {
                return Err(PortError::Refused(format!("{region} has received {received} of {wanted}")));
            }
            self.runtime.sleep(PAUSE).await;
        }
    }
    async fn write_heartbeat(&self, database: &str, region: &str) -> Answer<()> {
        // No client numbers a write so.
        self.copy(database, region)?.append(0).await.map(drop).map_err(failed)
    }
}

impl Metrics for SystemPorts {
    async fn query(&self, queries: &[Query]) -> Answer<Vec<Vec<MetricSample>>> {
        let sight = self.sight()?;
        for query in queries {
            if let Some(region) = &query.labels.region {
                self.site(region)?;
            }
            if query.labels.service.as_ref().is_some_and(|service| service != SERVICE) || query.window.is_some() {
                return Err(PortError::Refused("one service is watched, over one window".to_owned()));
            }
        }
        let answer = |query: &Query| {
            let wanted = |region: &&String| query.labels.region.as_ref().is_none_or(|wanted| wanted == *region);
            let regions = sight.keys().filter(wanted);
            regions.map(|region| sample(region, &sight, query.metric)).collect()
        };
        Ok(queries.iter().map(answer).collect())
    }
}

fn sample(region: &str, sight: &Sight, metric: Metric) -> MetricSample {
    let seen = &sight[region];
    let figures = seen.figures.as_ref();
    let figure = match metric {
        Metric::Up => Some(Figure::Count(u64::from(figures.is_some()))),
        Metric::ErrorRate => figures.map(|f| Figure::Share { part: f.errors, whole: f.requests }),
        // The service limits nobody.
        Metric::Limited => figures.map(|f| Figure::Share { part: 0, whole: f.requests }),
        Metric::ResponseTime { .. } => figures.and_then(|f| f.p95_ms).map(|took| Figure::Span(Span::from_millis(took))),
    };
    let taken = (seen.at > 0).then(|| Instant::from_nanos(seen.at));
    MetricSample { region: region.to_owned(), service: SERVICE.to_owned(), taken, figure }
}

impl Probe for SystemPorts {
    async fn probe(&self, region: &str, service: &str) -> Answer<Span> {
        if service != SERVICE {
            return Err(PortError::Refused(format!("there is no service {service}")));
        }
        let (port, began) = (self.site(region)?, self.runtime.now());
        match call(port, "/probe", "", PATIENCE).await {
            Ok((200, _)) => Ok(self.runtime.now().since(began)),
            Ok((status, why)) => Err(PortError::Refused(format!("{status}: {why}"))),
            Err(error) => Err(PortError::Unreachable(error.to_string())),
        }
    }
}

impl Notifier for SystemPorts {
    async fn notify(&self, audience: &str, message: &str) -> Answer<()> {
        let told = || {
            let mut options = std::fs::OpenOptions::new();
            let file = options.append(true).create(true).open(self.world.notices());
            let written = file.and_then(|mut file| writeln!(file, "{audience}: {message}"));
            written.map_err(|error| PortError::Indeterminate(error.to_string()))
        };
        self.runtime.while_leading(told).await
    }
}

/// Nobody is on call.
impl People for SystemPorts {
    async fn page(&self, person: &str, _: &str) -> Answer<()> {
        Err(PortError::Refused(format!("{person} is not on call")))
    }
    async fn ask(&self, person: &str, _: &str) -> Answer<Reply> {
        Err(PortError::Refused(format!("{person} is not on call")))
    }
}

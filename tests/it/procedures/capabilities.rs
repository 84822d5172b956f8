//! Ports by capability: a system that lacks something drives every procedure that does not need it.
//!
//! What a system lacks here it does not implement at all. That a procedure begins to need more shows when this is compiled.

use super::clocks::VirtualClock;
use super::failover::{brief, order};
use super::memory::{MemoryPorts, World};
use super::restore::deleted;
use firedrill::ports::{
    Audit, BackupEntry, Backups, Clock, CopyDamage, CopyStatus, DatabaseTerms, Databases, Dns, HeadBound, Journal,
    Lease, LoadBalancer, MetricSample, Metrics, Notifier, People, PortError, Probe, Promotion, Query, Reply,
    RestorePoint, ServiceStatus, Services, Tenure, Verification,
};
use firedrill::procedure::{Ending, Listed, Perform, Procedure, RegionFailover, RestoreFromBackup, Scribe, run};
use firedrill::record::event::Event;
use firedrill::record::{Lap, LossBound};
use firedrill::units::{Instant, Ratio, Span};

type Inner = MemoryPorts<VirtualClock>;
type Answer<T> = Result<T, PortError>;

/// A system of the named capabilities, each of them that of the world in memory.
macro_rules! system {
    ($(#[$doc:meta])* $name:ident: $($capability:ident)*) => {
        $(#[$doc])*
        #[derive(Clone)]
        struct $name(Inner);
        $(system!(@ $capability $name);)*
    };
    (@ Runtime $name:ident) => {
        impl Clock for $name {
            fn now(&self) -> Instant { self.0.now() }
            async fn sleep(&self, span: Span) { self.0.sleep(span).await }
        }
        impl Journal for $name {
            async fn acquire_lease(&self, span: Span) -> Answer<Lease> { self.0.acquire_lease(span).await }
            async fn renew_lease(&self, span: Span) -> Answer<()> { self.0.renew_lease(span).await }
            async fn read_journal(&self, from: u64) -> Answer<Vec<String>> { self.0.read_journal(from).await }
            async fn append_journal(&self, position: u64, entry: &str) -> Answer<()> {
                self.0.append_journal(position, entry).await
            }
        }
        impl Tenure for $name {
            fn under(&self, epoch: u32) -> Self { Self(self.0.under(epoch)) }
            fn epoch(&self) -> u32 { self.0.epoch() }
        }
        impl Audit for $name {
            fn lap(&self, lap: Lap) { self.0.lap(lap) }
            fn event(&self, event: impl Into<Event>) { self.0.event(event) }
            fn announce_loss_bound(&self, database: &str, bound: LossBound) {
                self.0.announce_loss_bound(database, bound)
            }
        }
    };
    (@ Dns $name:ident) => {
        impl Dns for $name {
            async fn point_record(&self, name: &str, region: &str) -> Answer<()> { self.0.point_record(name, region).await }
            async fn read_record(&self, name: &str) -> Answer<String> { self.0.read_record(name).await }
            async fn set_ttl(&self, name: &str, ttl: Span) -> Answer<()> { self.0.set_ttl(name, ttl).await }
            async fn read_ttl(&self, name: &str) -> Answer<Span> { self.0.read_ttl(name).await }
        }
    };
    (@ LoadBalancer $name:ident) => {
        impl LoadBalancer for $name {
            async fn set_weights(&self, weights: &[(String, Ratio)]) -> Answer<()> { self.0.set_weights(weights).await }
            async fn read_weights(&self) -> Answer<Vec<(String, Ratio)>> { self.0.read_weights().await }
        }
    };
    (@ Services $name:ident) => {
        impl Services for $name {
            async fn activate(&self, region: &str) -> Answer<()> { self.0.activate(region).await }
            async fn deactivate(&self, region: &str) -> Answer<()> { self.0.deactivate(region).await }
            async fn service_status(&self, region: &str) -> Answer<Vec<ServiceStatus>> {
                self.0.service_status(region).await
            }
        }
    };
    (@ Databases $name:ident) => {
        impl Databases for $name {
            async fn databases_in(&self, region: &str) -> Answer<Vec<String>> { self.0.databases_in(region).await }
            async fn copy_status(&self, database: &str, region: &str) -> Answer<CopyStatus> {
                self.0.copy_status(database, region).await
            }
            async fn head_bound(&self, database: &str) -> Answer<Option<HeadBound>> { self.0.head_bound(database).await }
            async fn fence(&self, database: &str, epoch: u32) -> Answer<u32> { self.0.fence(database, epoch).await }
            async fn promote(&self, database: &str, region: &str, epoch: u32) -> Answer<Promotion> {
                self.0.promote(database, region, epoch).await
            }
            async fn rebuild(&self, database: &str, region: &str) -> Answer<()> { self.0.rebuild(database, region).await }
            async fn database_terms(&self, database: &str) -> Answer<DatabaseTerms> {
                self.0.database_terms(database).await
            }
            async fn catch_up(&self, database: &str, region: &str, from: &str) -> Answer<u64> {
                self.0.catch_up(database, region, from).await
            }
            async fn write_heartbeat(&self, database: &str, region: &str) -> Answer<()> {
                self.0.write_heartbeat(database, region).await
            }
        }
    };
    (@ Backups $name:ident) => {
        impl Backups for $name {
            async fn assess_damage(&self, database: &str, region: &str) -> Answer<CopyDamage> {
                self.0.assess_damage(database, region).await
            }
            async fn list_backups(&self, database: &str) -> Answer<Vec<BackupEntry>> {
                self.0.list_backups(database).await
            }
            async fn verify_backup(&self, database: &str, backup: u32) -> Answer<Verification> {
                self.0.verify_backup(database, backup).await
            }
            async fn restore_backup(
                &self,
                database: &str,
                region: &str,
                backup: u32,
                epoch: u32,
            ) -> Answer<RestorePoint> {
                self.0.restore_backup(database, region, backup, epoch).await
            }
        }
    };
    (@ Metrics $name:ident) => {
        impl Metrics for $name {
            async fn query(&self, queries: &[Query]) -> Answer<Vec<Vec<MetricSample>>> { self.0.query(queries).await }
        }
    };
    (@ Probe $name:ident) => {
        impl Probe for $name {
            async fn probe(&self, region: &str, service: &str) -> Answer<Span> { self.0.probe(region, service).await }
        }
    };
    (@ Notifier $name:ident) => {
        impl Notifier for $name {
            async fn notify(&self, audience: &str, message: &str) -> Answer<()> { self.0.notify(audience, message).await }
        }
    };
    (@ People $name:ident) => {
        impl People for $name {
            async fn page(&self, person: &str, message: &str) -> Answer<()> { self.0.page(person, message).await }
            async fn ask(&self, person: &str, question: &str) -> Answer<Reply> { self.0.ask(person, question).await }
        }
    };
}

system! {
    /// Nobody backs up anything here.
    WithoutBackups: Runtime Dns LoadBalancer Services Databases Metrics Probe Notifier People
}

system! {
    /// Names are somebody else's here, there is no balancer, and nothing is monitored.
    WithoutNames: Runtime Services Databases Backups Probe Notifier People
}

/// Performs `procedure` over `ports` to its end.
fn drive<P, R>(clock: &VirtualClock, ports: P, procedure: &R) -> Ending
where
    P: Clock + Journal + Tenure + Audit + Clone + 'static,
    R: Perform<P>,
{
    let play = async { run(&Scribe::open(ports).await.unwrap(), procedure, 1).await.ending };
    clock.drive(Instant::MAX, play).unwrap()
}

#[test]
fn a_system_without_backups_fails_over() {
    let clock = VirtualClock::default();
    let inner = MemoryPorts::new(clock.clone(), World::west_is_dark());
    let ending = drive(&clock, WithoutBackups(inner.clone()), &RegionFailover { order: order() });
    let world = inner.world.borrow();
    assert_eq!((ending, world.records["api.example"].as_str()), (Ending::Done, "north"));
    assert!(world.copy("orders", "north").writable);
}

#[test]
fn a_system_without_names_and_monitoring_restores_its_backup() {
    let clock = VirtualClock::default();
    let inner = MemoryPorts::new(clock.clone(), deleted(&[3]));
    let ending =
        drive(&clock, WithoutNames(inner.clone()), &RestoreFromBackup::ordered(RestoreFromBackup::order_of(&brief())));
    let world = inner.world.borrow();
    assert_eq!((ending, world.copy("orders", "west").applied), (Ending::Done, 700));
    assert!(world.copy("orders", "west").writable);
}

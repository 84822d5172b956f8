//! The suites for ports, on the simulator's: what a rehearsal's control code is told keeps the rules that real systems must.

use firedrill::conformance::{self, Breach, SuiteResult};
use firedrill::control::{Control, ControlKind, Declared, Working};
use firedrill::field::{Kind, Problems, Values};
use firedrill::model::SimulatedPorts;
use firedrill::model::plan::WorldPlan;
use firedrill::ports::{Audit, Clock, Dns, Journal, PortError, Runtime, Tenure};
use firedrill::record::Actor;
use firedrill::record::event::Event;
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::scenario::{Catalogs, load};
use firedrill::units::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

const SCENARIO: &str = "
firedrill: 1
name: ports
duration: 20m
regions:
  west: {services: {api: {servers: 8, time: {exponential: 5ms}, database: orders}}}
  north: {like: west, role: secondary}
databases:
  orders: {primary: west, replicas: [north]}
dns: {zone: app.example}
workload:
  - open: {rate: 20/s, mix: {read: 50%, write: 50%}, keys: {uniform: {count: 100}}}
control:
  - conform: {}
properties:
  served: {always: {holds: success >= 1%}}
";

const CONTROLS: &[ControlKind] = &[ControlKind { kind: TABLE, build }];
const TABLE: Kind = Kind::new("conform", "Runs the suites for ports.", &[]);

#[derive(Debug)]
struct Conform;

fn build(_: &mut Values, _: &Declared<'_>, _: &mut Problems) -> Option<Arc<dyn Control>> {
    Some(Arc::new(Conform))
}

impl Control for Conform {
    fn start(&self, _: &WorldPlan, ports: SimulatedPorts) -> Working {
        Box::pin(async move {
            // Monitoring has seen everything by then.
            ports.sleep(Span::from_mins(2)).await;
            for findings in suites(&ports).await {
                let told = format!(
                    "{} {:?}",
                    findings.looked_at,
                    findings.breaches.iter().map(Breach::to_string).collect::<Vec<_>>()
                );
                ports.event(Event::custom(Actor::Control, format!("conform.{}", findings.port), told));
            }
        })
    }

    fn procedures(&self) -> Vec<String> {
        Vec::new()
    }
}

async fn suites(ports: &SimulatedPorts) -> Vec<SuiteResult> {
    let mut found = vec![conformance::clock(ports).await, conformance::journal(ports).await];
    let (old, new) = conformance::leases(ports).await.expect("a lease is granted");
    let both = (&old, &new);
    found.push(conformance::dns(both, "app.example", ["west", "north"]).await);
    found.push(conformance::services(both, "north").await);
    found.push(conformance::probe(&new, "north", "api").await);
    found.push(conformance::metrics(&new, "west").await);
    found.push(conformance::notifier(both, "stakeholders").await);
    found.push(conformance::databases(both, "orders", ["west", "north"]).await);
    found
}

#[test]
fn the_ports_of_the_simulator_keep_the_rules() {
    let catalogs = Catalogs::BUILT_IN.with_controls(CONTROLS);
    let (plan, _) = load(SCENARIO, "ports.yaml", &[], &catalogs).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let outcome = rehearse(&plan, &Provenance::default(), 1);
    let events = outcome.record.timeline.events().iter();
    let told: BTreeMap<&str, &str> =
        events.filter_map(|event| Some((event.name.strip_prefix("conform.")?, event.text.as_str()))).collect();
    let ports = ["clock", "databases", "dns", "journal", "metrics", "notifier", "probe", "services"];
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), ports, "{told:#?}");
    let broken: BTreeMap<_, _> =
        told.iter().filter(|(_, text)| !text.ends_with(" []") || text.starts_with("0 ")).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Ports that break a rule each.
#[derive(Clone)]
struct Careless<P>(P);

impl<P: Runtime> Dns for Careless<P> {
    async fn point_record(&self, _: &str, _: &str) -> Result<(), PortError> {
        Ok(())
    }
    async fn read_record(&self, _: &str) -> Result<String, PortError> {
        Ok("north".to_owned())
    }
    async fn set_ttl(&self, _: &str, _: Span) -> Result<(), PortError> {
        Ok(())
    }
    async fn read_ttl(&self, _: &str) -> Result<Span, PortError> {
        Ok(Span::from_secs(7))
    }
}

#[test]
fn ports_that_say_yes_to_everything_are_found() {
    use super::procedures::{VirtualClock, in_memory};
    use firedrill::units::Instant;
    let clock = VirtualClock::default();
    let ports = in_memory(&clock);
    let suite = async {
        let lease = ports.acquire_lease(Span::from_secs(60)).await.expect("granted");
        let ports = Careless(ports.under(lease.epoch));
        conformance::dns((&ports, &ports), "api.example", ["west", "north"]).await
    };
    let found = clock.drive(Instant::MAX, suite).expect("it ends");
    let rules: Vec<&str> = found.breaches.iter().map(|breach| breach.rule).collect();
    assert!(!found.conform() && found.looked_at >= 12, "{found:#?}");
    assert!(rules.contains(&"a superseded controller changes no record"), "{rules:#?}");
    assert!(rules.contains(&"once acknowledged, a record names what it was pointed at"), "{rules:#?}");
}

//! The product's suites for ports, on those of this system.

use super::monitor;
use super::play::{started, until};
use super::ports::SystemPorts;
use super::world::{DATABASE, RECORD, REGIONS, SERVICE, World};
use firedrill::conformance;
use firedrill::live::LiveRuntime;

pub async fn run(world: World) -> Result<(), String> {
    let runtime = LiveRuntime::join(&world.group(), "the suites").await.map_err(|error| error.to_string())?;
    let _programs = started(&world)?;
    let watched = tokio::task::spawn_local(monitor::run(world.clone(), runtime.clone()));
    until("both sites are there", async || monitor::sees_all(&world)).await?;
    let ports = SystemPorts::new(runtime, world);
    let mut found = vec![conformance::clock(&ports).await, conformance::journal(&ports).await];
    let (old, new) = conformance::leases(&ports).await.map_err(|error| error.to_string())?;
    let (both, [west, north]) = ((&old, &new), REGIONS);
    found.push(conformance::dns(both, RECORD, [west, north]).await);
    found.push(conformance::services(both, north).await);
    found.push(conformance::probe(&new, north, SERVICE).await);
    found.push(conformance::metrics(&new, west).await);
    found.push(conformance::notifier(both, "stakeholders").await);
    found.push(conformance::databases(both, DATABASE, [west, north]).await);
    watched.abort();
    for one in &found {
        let kept = if one.conform() { "all of them kept" } else { "not all of them kept" };
        println!("{}: {} rules, {kept}", one.port, one.looked_at);
    }
    let breaches: Vec<String> = found.iter().flat_map(|one| &one.breaches).map(ToString::to_string).collect();
    if found.iter().all(conformance::SuiteResult::conform) { Ok(()) } else { Err(breaches.join("\n")) }
}

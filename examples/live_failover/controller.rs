//! The controller: the product's watch and its region failover, on this system's ports.

use super::ports::SystemPorts;
use super::world::{RECORD, SERVICE, World};
use firedrill::control::{RegionTasks, WatchPlan, watch};
use firedrill::live::LiveRuntime;
use firedrill::policy::{HealthLimits, RegionHealth};
use firedrill::ports::{Metrics, People, Runtime};
use firedrill::procedure::{
    Brief, LeaseTerms, Listed, Perform, Procedure, RegionFailover, RestoreFirst, Settings, StepSettings, Task, lead,
};
use firedrill::transcript::{Recorded, Transcript};
use firedrill::units::{Ratio, Span};
use std::collections::BTreeMap;
use std::io::Write;

const fn millis(ms: u64) -> Span {
    Span::from_millis(ms)
}

/// Everything in seconds where real regions take minutes.
fn brief() -> Brief {
    let step = |budget, tries| StepSettings {
        budget: Some(Span::from_secs(budget)),
        tries: Some(tries),
        pause: Some(millis(100)),
        ..StepSettings::default()
    };
    let plan = RegionFailover::STEPS.iter().map(|(_, plan)| (plan.name.to_string(), step(8, 20)));
    let settings = Settings { limit: Some(Span::from_secs(40)), steps: plan.collect() };
    Brief {
        from: "west".to_owned(),
        to: "north".to_owned(),
        candidates: Vec::new(),
        origins: Vec::new(),
        records: vec![RECORD.to_owned()],
        weights: None,
        services: vec![SERVICE.to_owned()],
        databases: Vec::new(),
        audiences: vec!["stakeholders".to_owned()],
        limits: HealthLimits {
            error_rate: Ratio::from_percent(50),
            latency: Span::from_secs(2),
            sustained: millis(600),
            min_requests: 20,
            stale_after: Span::from_secs(2),
            on_gap: firedrill::policy::OnGap::Hold,
        },
        probes: 1,
        planned: false,
        loss_limit: None,
        side_by_side: 2,
        restore_first: RestoreFirst::AsListed,
        approval: None,
        settings: BTreeMap::from([("region_failover".to_owned(), settings)]),
    }
}

/// What a controller does, on whatever ports: this is what is run here and replayed afterwards.
pub async fn control<P: Runtime + Metrics + People>(ports: P)
where
    RegionFailover: Perform<P>,
{
    let plan = LeaseTerms { lasts: millis(900), renew_within: millis(600), every: millis(150) };
    lead(ports, plan, |scribe| async move {
        let brief = brief();
        let tasks = RegionTasks {
            leave: Task::new(RegionFailover::ordered(RegionFailover::order_of(&brief))),
            come_back: None,
        };
        let plan = WatchPlan {
            every: millis(200),
            cool_down: Span::from_secs(60),
            hold_down: Span::from_secs(60),
            region: brief.from,
            stale_after: brief.limits.stale_after,
            approval: None,
            on_call: None,
        };
        let health = RegionHealth::new(brief.limits, brief.services);
        watch(&scribe, plan, health, tasks).await;
    })
    .await;
}

/// The process of one controller.
pub async fn run(world: World, name: &str) -> Result<(), String> {
    let runtime = LiveRuntime::join(&world.group(), name).await.map_err(|error| error.to_string())?;
    let file = std::fs::OpenOptions::new().append(true).create(true).open(world.transcript(name));
    let mut file = file.map_err(|error| error.to_string())?;
    let transcript = Transcript::with_sink(move |line| {
        if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
            eprintln!("the transcript has a gap: {error}");
        }
    });
    control(Recorded::new(SystemPorts::new(runtime, world), transcript)).await;
    Ok(())
}

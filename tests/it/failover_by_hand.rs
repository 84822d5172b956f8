//! The world's numbers against a hand-written program for the same scenario: the region failover measured in thirteen
//! simulators, success .9406 and recovery 64 s, whoever computes it.

use firedrill::fault::{CATALOG, ScheduledFault};
use firedrill::kernel::Law;
use firedrill::model::plan::*;
use firedrill::policy::{Backoff, HealthLimits, Jitter};
use firedrill::procedure::{Assignment, WatchPlan, catalog, watch};
use firedrill::sim::{Controller, EVENTS_MAX, Rehearsal, Run, run};
use firedrill::units::*;
use std::sync::Arc;

fn region(index: u16, name: &str) -> RegionPlan {
    let role = if index == 0 { Role::Primary } else { Role::Secondary };
    RegionPlan { name: name.into(), provider: ProviderId(0), role, services: vec![ServiceId(index)] }
}

fn service(region: u16) -> ServicePlan {
    ServicePlan {
        name: "api".into(),
        region: RegionId(region),
        servers: 64,
        queue: None,
        time: Law::LogNormal { median: Span::from_millis(80), sigma: 0.6 },
        errors: Ratio::ZERO,
        calls: vec![],
        database: None,
        active: true,
        activation: Span::ZERO,
    }
}

pub fn world() -> WorldPlan {
    let link = || LinkPlan { latency: Law::Constant(Span::ZERO), loss: Ratio::ZERO };
    WorldPlan {
        duration: Span::from_secs(600),
        settle: Span::from_secs(600),
        tie_break_seeded: false,
        availability_objective: Ratio::from_percent(99),
        providers: vec![ProviderPlan { name: "azure".into(), errors: Ratio::ZERO }],
        regions: vec![region(0, "a"), region(1, "b")],
        services: vec![service(0), service(1)],
        databases: vec![],
        network: NetworkPlan { clients: vec![link(), link()], regions: vec![link(), link(), link(), link()] },
        dns: DnsPlan {
            ttl: Span::from_secs(60),
            publish: Span::ZERO,
            records: vec![RecordPlan { name: "app.example".into(), target: Target::Region(RegionId(0)) }],
        },
        resolvers: ResolverPlan { count: 0, violators: Ratio::ZERO, violator_ttl: Span::ZERO },
        balancer: None,
        monitoring: MonitoringPlan { scrape: Span::from_secs(5), window: Span::from_secs(60), delay: Span::ZERO },
        notification: NotificationPlan { delay: Span::ZERO },
        control: ControlPlanePlan { latency: Span::ZERO, timeout: Span::from_secs(10) },
        workloads: vec![WorkloadPlan {
            name: "clients".into(),
            service: "api".into(),
            record: NameId(0),
            arrivals: Arrivals::Poisson(Rate::per_second(500)),
            writes: Ratio::ZERO,
            keys: Keys::Uniform { count: 1 },
            groups: 256,
            refresh: Refresh::Prefetch,
            timeout: Span::from_secs(2),
            retries: 2,
            backoff: Backoff {
                base: Span::from_millis(200),
                factor: Ratio::from_percent(200),
                cap: Span::from_secs(60),
                jitter: Jitter::Half,
            },
            keyed_writes: true,
            keep_alive: None,
        }],
    }
}

pub fn controllers() -> Vec<Controller> {
    let limits = HealthLimits {
        error_rate: Ratio::from_percent(10),
        latency: Span::from_secs(5),
        sustained: Span::from_secs(10),
        stale_after: Span::from_secs(30),
        min_requests: 10,
    };
    let plan = WatchPlan {
        every: Span::from_secs(5),
        cool_down: Span::from_secs(600),
        assignment: Assignment {
            from: "a".into(),
            to: "b".into(),
            records: vec!["app.example".into()],
            services: vec![],
            audiences: vec!["on-call".into()],
            limits,
            probes: 3,
            loss_limit: None,
        },
    };
    let start = move |ports| -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
        let procedure = catalog().remove(0);
        Box::pin(watch(ports, plan.clone(), procedure))
    };
    vec![Controller { name: "watch".into(), start: Arc::new(start) }]
}

fn outage() -> Vec<ScheduledFault> {
    #[derive(Debug)]
    struct Dark;
    impl firedrill::fault::Fault for Dark {
        fn inject(&self, world: &mut firedrill::model::World, id: FaultId) {
            world.darken_region(RegionId(0), id);
        }
        fn heal(&self, world: &mut firedrill::model::World, id: FaultId) {
            world.light_region(RegionId(0), id);
        }
        fn describe(&self) -> String {
            "a is dark".into()
        }
        fn is_outage(&self) -> bool {
            true
        }
    }
    assert!(!CATALOG.is_empty());
    vec![ScheduledFault {
        id: "dark".into(),
        kind: "region_outage",
        at: Instant::from_secs(100),
        heal: None,
        fault: Arc::new(Dark),
    }]
}

pub fn rehearse(seed: u64) -> Run {
    let (world, faults, controllers) = (world(), outage(), controllers());
    run(Rehearsal { world: &world, faults: &faults, controllers: &controllers, events_max: EVENTS_MAX }, seed)
}

#[test]
fn the_region_failover_comes_out_as_by_hand() {
    let run = rehearse(1);
    for event in run.record.timeline.events() {
        println!("{} {} {} {}", event.at, event.actor, event.name, event.text);
    }
    for lap in &run.record.laps {
        println!("{} {} took {} of {}: {} {}", lap.step, lap.start, lap.took, lap.budget, lap.result, lap.note);
    }
    println!("{:?}\n{:?} end {} digest {}", run.record.requests, run.stopped, run.record.end, run.record.digest);
    let success = run.record.signal("success").unwrap();
    let bad = success.points().iter().filter(|(_, s)| s.whole > 0 && s.part * 100 < s.whole * 99).last();
    println!("last bad second {bad:?}; events {}", run.record.events);
    let ok = run.record.requests.ok as f64 / run.record.requests.started as f64;
    assert!((ok - 0.9406).abs() < 0.003, "{ok}");
}

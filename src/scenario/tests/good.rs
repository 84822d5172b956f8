//! What parses to what.

use super::{EXAMPLE, SMALL, plan, planned};
use crate::fault::Timing;
use crate::kernel::Distribution;
use crate::model::plan::{Arrivals, Commit, Feed, Keys, Role, Target};
use crate::outcome::Expectation;
use crate::scenario::Plan;
use crate::units::{Instant, Rate, Ratio, RegionId, ServiceId, Span};

#[test]
fn the_example_of_the_description_is_the_plan_it_says() {
    let plan = plan(EXAMPLE);
    assert_eq!(plan.name, "West Europe goes dark during the dual-write week");
    assert_eq!(plan.preset.as_deref(), Some("ai-provider"));
    let world = &plan.world;
    assert_eq!((world.duration, world.settle), (Span::from_mins(40), Span::from_mins(10)));
    let regions: Vec<_> = world.regions.iter().map(|r| (r.name.as_str(), r.role, r.services.clone())).collect();
    assert_eq!(
        regions,
        [("westeurope", Role::Primary, vec![ServiceId(0)]), ("northeurope", Role::Secondary, vec![ServiceId(1)]),]
    );
    let lognormal = Distribution::LogNormal { median: Span::from_millis(80), sigma: 0.6 };
    for (service, region, active) in [(0, 0, true), (1, 1, false)] {
        let service = &world.services[service];
        assert_eq!((service.name.as_str(), service.servers, &service.time), ("api", 64, &lognormal));
        assert_eq!((service.region, service.active), (RegionId(region), active));
    }
    let orders = &world.databases[0];
    assert_eq!(
        (orders.primary, orders.commit, orders.replicas[0].region),
        (RegionId(0), Commit::Asynchronous, RegionId(1))
    );
    assert_eq!(orders.replicas[0].feed.delay, Span::from_millis(200));
    assert_eq!(orders.replicas[0].feed.apply_rate, Some(Rate::per_second(2_000)));
    assert_eq!((world.dns.ttl, world.dns.records[0].name.as_str()), (Span::from_secs(60), "app.example"));
    assert_eq!(world.dns.records[0].target, Target::Region(RegionId(0)));
    let clients = &world.workloads[0];
    assert_eq!(clients.arrivals, Arrivals::Poisson(Rate::per_second(500)));
    assert_eq!(clients.writes, Ratio::from_percent(20));
    assert_eq!((clients.keys, clients.service.as_str()), (Keys::Zipf { count: 100_000, s: 0.99 }, "api"));
    let dark = &plan.faults[0];
    assert_eq!((dark.id.as_str(), dark.kind), ("dark", "region_outage"));
    assert_eq!(dark.timing, Timing::once(Instant::from_secs(300), Some(Span::from_mins(20))));
    let ids: Vec<_> = plan.properties.iter().map(|property| (property.id.as_str(), property.kind)).collect();
    assert_eq!(ids, [("rto", "recovers"), ("no_loss", "ledger")]);
    assert_eq!(plan.expect["rto"], Expectation::Pass);
    assert_eq!(plan.expect["no_loss"], Expectation::Fail);
    // From the preset.
    assert_eq!(world.monitoring.scrape, Span::from_secs(10));
    assert_eq!(world.providers[0].errors, "150ppm".parse().unwrap());
}

#[test]
fn a_setting_outranks_the_file_and_reaches_lists_by_name_and_by_position() {
    let plan = planned(
        SMALL,
        &[
            ("faults.dark.for", "2m"),
            ("workload.0.rate", "1k/s"),
            ("workload.0.open.retries", "0"),
            ("dns.ttl", "5s"),
            ("regions.home.services.api.time", "{uniform: {low: 1ms, high: 2ms}}"),
            ("expect.loss", "fail"),
            ("properties.loss.lost", "3"),
            ("preset", "ai-provider"),
            ("regions.home.provider", "azure"),
        ],
    );
    assert_eq!(plan.faults[0].timing.lasts, Some(Distribution::Constant(Span::from_mins(2))));
    assert_eq!(plan.world.workloads[0].arrivals, Arrivals::Poisson(Rate::per_second(1_000)));
    assert_eq!(plan.world.workloads[0].retries, 0);
    assert_eq!(plan.world.dns.ttl, Span::from_secs(5));
    assert_eq!(
        plan.world.services[1].time,
        Distribution::Uniform { low: Span::from_millis(1), high: Span::from_millis(2) }
    );
    assert_eq!(plan.expect["loss"], Expectation::Fail);
    assert_eq!(plan.world.monitoring.scrape, Span::from_secs(10));
    let set = plan.assumptions.iter().find(|line| line.path == "dns.ttl").unwrap();
    assert_eq!((set.value.as_str(), set.origin.as_str()), ("5s", "--set"));
}

#[test]
fn a_copy_keeps_what_it_says_itself() {
    let text =
        SMALL.replace("away: {like: home, role: secondary}", "away: {like: home, services: {api: {servers: 1}}}");
    let plan = plan(&text);
    let away = &plan.world.services[1];
    assert_eq!((away.servers, away.database, away.active), (1, plan.world.services[0].database, false));
    assert_eq!(plan.world.regions[1].role, Role::Secondary);
}

#[test]
fn another_distribution_replaces_the_copied_one() {
    let text = SMALL
        .replace("time: 20ms", "time: {exponential: 20ms}")
        .replace("role: secondary", "role: secondary, services: {api: {time: {uniform: {low: 1ms, high: 2ms}}}}");
    assert!(matches!(plan(&text).world.services[1].time, Distribution::Uniform { .. }));
}

#[test]
fn several_faults_of_a_kind_are_numbered() {
    let text = SMALL.replace(
        "control:",
        "  - region_outage: {region: away, at: 1m}\n  - region_outage: {region: away, at: 2m}\ncontrol:",
    );
    let plan = plan(&text);
    let ids: Vec<_> = plan.faults.iter().map(|fault| fault.id.as_str()).collect();
    assert_eq!(ids, ["dark", "region_outage", "region_outage-2"]);
    assert_eq!(plan.faults[2].timing, Timing::once(Instant::from_secs(120), None));
}

#[test]
fn the_explanation_names_every_value_with_its_origin() {
    let plan = plan(EXAMPLE);
    let text = super::super::explain(&plan);
    for line in &plan.assumptions {
        assert!(text.contains(&line.path) && text.contains(&line.origin), "{line:?}");
        let explained = !line.source.is_empty() || line.origin == "file" || line.value.is_empty();
        assert!(
            explained || line.value == "none" || line.value == "[]" || line.value == "{}",
            "{line:?} has no source"
        );
    }
    for expected in ["databases.orders.delay", "workload.open.backoff.cap", "network.latency", "faults.dark.at"] {
        assert!(plan.assumptions.iter().any(|line| line.path == expected), "{expected}");
    }
    let mut paths: Vec<_> = plan.assumptions.iter().map(|line| &line.path).collect();
    paths.sort();
    let count = paths.len();
    paths.dedup();
    assert_eq!(paths.len(), count, "a path stands twice");
}

#[test]
fn links_balancer_and_records_are_resolved() {
    let text = format!(
        "{SMALL}network: {{clients: {{home: 5ms, away: {{exponential: 9ms}}}}, between: [{{a: away, b: home, latency: 30ms}}]}}\n\
         balancer: {{weights: {{home: 75%, away: 25%}}, check_every: 0s}}\n\
         dns: {{records: {{www.example: balancer, old.example: away}}}}\n"
    );
    let world = plan(&text).world;
    assert_eq!(world.network.clients[0].latency, Distribution::Constant(Span::from_millis(5)));
    assert_eq!(world.network.regions[1].latency, Distribution::Constant(Span::from_millis(30)));
    assert_eq!(world.network.regions[1], world.network.regions[2]);
    assert_ne!(world.network.regions[0], world.network.regions[1]);
    let balancer = world.balancer.unwrap();
    assert_eq!((balancer.weights[1], &balancer.checks), ((RegionId(1), Ratio::from_percent(25)), &None));
    assert_eq!(
        (world.dns.records[0].target, world.dns.records[1].target),
        (Target::Balancer, Target::Region(RegionId(1)))
    );
}

#[test]
fn the_only_database_goes_to_the_first_service_unless_one_says_which() {
    let two = "{gate: {servers: 1, time: 1ms, calls: [api]}, api: {servers: 4, time: 20ms}}";
    let first = SMALL.replace("{api: {servers: 4, time: 20ms, database: orders}}", two);
    let databases = |text: &str| plan(text).world.services.iter().map(|s| s.database.is_some()).collect::<Vec<_>>();
    assert_eq!(databases(&first), [true, false, true, false]);
    assert_eq!(databases(&first.replace("time: 20ms", "time: 20ms, database: orders")), [false, true, false, true]);
    assert_eq!(databases(&first.replace("time: 1ms", "time: 1ms, database: null")), [false; 4]);
}

#[test]
fn null_is_as_if_nothing_were_written() {
    let text = format!("{SMALL}balancer: null\ndns: null\nexpect:\n");
    let plan = plan(&text.replace("for: 1m", "for: null").replace("role: secondary", "role: ~"));
    assert_eq!((plan.world.balancer, &plan.faults[0].timing.lasts), (None, &None));
    assert_eq!(plan.world.dns.records[0].target, Target::Region(RegionId(0)));
}

/// The line of a value in the explanation: what it is, who set it, where it comes from.
fn explained<'a>(plan: &'a Plan, path: &str) -> (&'a str, &'a str, &'a str) {
    let line = plan.assumptions.iter().find(|line| line.path == path);
    let line = line.unwrap_or_else(|| panic!("no {path}"));
    (&line.value, &line.origin, &line.source)
}

#[test]
fn what_a_model_says_about_a_service_is_explained_with_its_publication() {
    let plan = plan(&SMALL.replacen("time: 20ms", "llm: claude-3.5-haiku", 1));
    let probes = "probes of six models through one router over seven days";
    let of = |field: &str| explained(&plan, &format!("regions.home.services.api.{field}"));
    assert_eq!(of("errors"), ("0.015%", "default", probes));
    assert_eq!(of("llm.speed"), ("58.1", "default", probes));
    assert!(of("time").0.starts_with("lognormal, median 731ms") && of("time").2 == probes, "{:?}", of("time"));
    let (median, sigma) = (of("llm.output.median"), of("llm.output.sigma"));
    assert_eq!((median.0, median.1, sigma.0, sigma.1), ("129", "default", "1", "default"));
    assert!(median.2.contains("Splitwise") && sigma.2.contains("product default"), "{median:?} {sigma:?}");
}

#[test]
fn published_distances_are_explained_and_not_what_they_take_the_place_of() {
    let text = SMALL.replacen(
        "workload:",
        "network: {preset: azure, places: {home: westeurope, away: westus}, clients_at: northeurope, latency: 1s}\nworkload:",
        1,
    );
    let plan = plan(&text);
    assert_eq!(explained(&plan, "network.latency").0, "none");
    assert_eq!(explained(&plan, "network.local").0, "lognormal, median 750us, sigma 0.05");
    let clients = "{home: lognormal, median 9ms, sigma 0.05, away: lognormal, median 66ms, sigma 0.05}";
    assert_eq!(explained(&plan, "network.clients").0, clients);
    let (value, origin, source) = explained(&plan, "network.between.0.latency");
    assert_eq!((value, origin), ("lognormal, median 73.5ms, sigma 0.05", "preset azure"));
    assert!(source.contains("Azure network latency tables"), "{source}");
}

#[test]
fn known_laws_and_the_rules_of_vendors_are_explained_with_their_publications() {
    let text = SMALL
        .replacen("at: 5m, for: 1m", "rate: {incident: data_centre}, for: {incident: fix}, optional: true", 1)
        .replacen("workload:", "dns: {failover: {app.example: {to: away, checks: traffic-manager}}}\nworkload:", 1);
    let plan = plan(&text);
    assert!(explained(&plan, "faults.dark.rate").2.contains("Uptime Institute"));
    assert!(explained(&plan, "faults.dark.for").2.contains("ISSRE 2022"));
    let checks = explained(&plan, "dns.failover.app.example.checks.unhealthy_after");
    assert_eq!((checks.0, checks.1), ("4", "preset traffic-manager"));
    assert!(checks.2.contains("Traffic Manager"), "{checks:?}");
    assert_eq!(explained(&plan, "providers.default.errors").0, "0%");
}

#[test]
fn the_first_primary_follows_as_it_is_told_or_as_slowly_as_the_slowest_of_those_named() {
    let follows = |written: &str| {
        let text = SMALL.replace("replicas: [away]", &format!("replicas: [away], {written}"));
        plan(&text).world.databases[0].primary_follows
    };
    let secs = Span::from_secs;
    assert_eq!(
        follows("delay: 20s, apply_rate: 60/s"),
        Feed { delay: secs(20), apply_rate: Some(Rate::per_second(60)) }
    );
    let each = "delay: {home: 3s, away: 1s}, apply_rate: {home: 9/s, away: 5/s}";
    assert_eq!(follows(each), Feed { delay: secs(3), apply_rate: Some(Rate::per_second(9)) });
    let others = "delay: {away: 7s}, apply_rate: {away: 5/s}";
    assert_eq!(follows(others), Feed { delay: secs(7), apply_rate: Some(Rate::per_second(5)) });
    assert_eq!(follows("read_time: 1ms"), Feed { delay: Span::from_millis(500), apply_rate: None });
}

//! Limits, language models, caches, autoscalers, fleets, published distributions and distances: what parses to what, and what
//! is refused.

use super::{SMALL, found, plan, try_load};
use crate::fault::schedule::Start;
use crate::kernel::Distribution;
use crate::model::plan::{CachePlan, FleetPlan, LimitPlan, RetryAfter, ServicePlan, WorldPlan};
use crate::units::{Ratio, Span};

const TIME: &str = "time: 20ms";

/// The small scenario, the first service of which has these fields in place of its time.
fn with(fields: &str) -> String {
    SMALL.replacen(TIME, fields, 1)
}

fn service(fields: &str) -> ServicePlan {
    plan(&with(fields)).world.services.remove(0)
}

fn codes(text: &str) -> Vec<&'static str> {
    found(text, &[]).into_iter().map(|(code, ..)| code).collect()
}

#[test]
fn a_model_says_its_time_speed_and_errors_unless_they_are_written() {
    let chat = service("llm: gpt-4o-mini");
    let Distribution::LogNormal { median, sigma } = chat.time else { panic!("{:?}", chat.time) };
    assert_eq!(median, Span::from_millis(645));
    assert!((sigma - 0.321).abs() < 5e-4, "{sigma}");
    assert_eq!(chat.errors, "150ppm".parse().unwrap());
    let generation = chat.generation.unwrap();
    assert_eq!((generation.prompt.median, generation.output.median), (1_020, 129));
    assert_eq!(generation.per_token, Span::from_nanos(9_496_676));
    let own = service("time: 1s, errors: 0%, llm: {model: gpt-4o-mini, speed: 50, output: 400}");
    let generation = own.generation.unwrap();
    assert_eq!((own.time, own.errors), (Distribution::Constant(Span::from_secs(1)), Ratio::ZERO));
    assert_eq!((generation.per_token, generation.output.median), (Span::from_millis(20), 400));
    assert_eq!(codes(&with("llm: {speed: 50}")), ["FD0103"], "no model and no time");
    assert_eq!(codes(&with("time: 1s, llm: {}")), ["FD0103"], "no model and no speed");
    assert_eq!(codes(&with("queue: 5")), ["FD0103"], "nothing says how long it takes");
}

#[test]
fn a_limit_lets_something_through_but_not_everything() {
    let limit = service("llm: gpt-4o-mini, limit: {tokens: 500k/m}").limit.unwrap();
    let rate = "500k/m".parse().ok();
    assert_eq!(
        limit,
        LimitPlan { requests: None, tokens: rate, over: Span::from_mins(1), retry_after: RetryAfter::Reset }
    );
    assert_eq!(codes(&with("time: 20ms, limit: {over: 1s}")), ["FD0103"]);
    let provider = |limit: &str, service: &str| {
        with(service).replacen("regions:", &format!("providers: {{p: {{limit: {{{limit}}}}}}}\nregions:"), 1)
    };
    assert!(plan(&provider("requests: 9/s", TIME)).world.providers[0].limit.is_some());
    assert!(plan(&provider("tokens: 9/s", "llm: gpt-4o-mini")).world.providers[0].limit.is_some());
    assert_eq!(codes(&provider("tokens: 9/s", TIME)), ["FD0236"], "none of its services has tokens");
    let codes = codes(&with("time: 20ms, limit: {tokens: 9/s}"));
    assert!(codes.iter().all(|code| *code == "FD0236") && !codes.is_empty(), "this service has no tokens: {codes:?}");
}

#[test]
fn a_cache_is_as_warm_as_its_service_and_has_something_behind_it() {
    let world = plan(&with("time: 20ms, cache: {ttl: 5m}")).world;
    let cache =
        |warm| CachePlan { hit_ratio: None, entries: 100_000, ttl: Some(Span::from_mins(5)), warm, fills_late: false };
    assert_eq!([world.services[0].cache, world.services[1].cache], [Some(cache(true)), Some(cache(false))]);
    let alone =
        SMALL.replacen("time: 20ms, database: orders", "time: 20ms, database: null, cache: {hit_ratio: 90%}", 1);
    assert_eq!(codes(&alone)[..1], ["FD0236"], "nothing is behind it");
    let calls = "time: 20ms, database: null, calls: [b], cache: {}}, b: {servers: 1, time: 1ms, database: orders";
    assert_eq!(codes(&SMALL.replacen("time: 20ms, database: orders", calls, 1))[..1], ["FD0236"], "it has no keys");
}

#[test]
fn an_autoscaler_begins_between_its_bounds() {
    let scaler = service("time: 20ms, autoscale: {max: 40}").autoscale.unwrap();
    assert_eq!((scaler.min, scaler.max, scaler.target), (4, 40, Ratio::from_percent(80)));
    for wrong in ["{max: 3}", "{max: 40, min: 5}", "{max: 40, target: 0%}"] {
        assert_eq!(codes(&with(&format!("time: 20ms, autoscale: {wrong}")))[..1], ["FD0236"], "{wrong}");
    }
    let fleet = service("time: 20ms, fleet: {thread_limit: 2000, discovery: 1h}").fleet.unwrap();
    let hour = Span::from_mins(60);
    assert_eq!(fleet, FleetPlan { cost: Ratio::ZERO, threads: 1, thread_limit: Some(2_000), discovery: hour });
}

#[test]
fn a_lognormal_law_is_told_by_two_figures() {
    let distribution = |written: &str| service(&format!("time: {{lognormal: {written}}}")).time;
    assert_eq!(
        distribution("{median: 10ms, sigma: 0.5}"),
        Distribution::LogNormal { median: Span::from_millis(10), sigma: 0.5 }
    );
    assert_eq!(distribution("{mean: 1s, scv: 4}"), Distribution::lognormal_of_mean(Span::from_secs(1), 4.0));
    let (median, p95) = (Span::from_millis(645), Span::from_millis(1_094));
    assert_eq!(distribution("{median: 645ms, p95: 1094ms}"), Distribution::lognormal_of_p95(median, p95));
    let (p90, p99) = (Span::from_millis(900), Span::from_millis(1_500));
    let told = Distribution::lognormal_of_quantiles((0.9, p90), (0.99, p99));
    assert_eq!(distribution("{p99: 1500ms, p90: 900ms}"), told);
    assert_eq!(distribution("{p50: 10ms, sigma: 0.5}"), distribution("{median: 10ms, sigma: 0.5}"));
    for (wrong, code) in [
        ("{p50: 1s, median: 1s}", "FD0103"),
        ("{p90: 1s, sigma: 1}", "FD0103"),
        ("{p90: 1s, p95: 2s, p99: 3s}", "FD0103"),
        ("{p99: 1s, p90: 2s}", "FD0112"),
        ("{median: 1s}", "FD0103"),
        ("{median: 1s, sigma: 1, p95: 2s}", "FD0103"),
        ("{mean: 1s, sigma: 1}", "FD0103"),
        ("{median: 2s, p95: 1s}", "FD0112"),
    ] {
        assert_eq!(codes(&with(&format!("time: {{lognormal: {wrong}}}")))[..1], [code], "{wrong}");
    }
}

#[test]
fn published_incidents_have_lengths_and_frequencies() {
    let text =
        SMALL.replacen("at: 5m, for: 1m", "rate: {incident: llm_provider}, for: {incident: all}, optional: true", 1);
    let timing = plan(&text).faults.remove(0).timing;
    let Start::Rate { rate, .. } = timing.start else { panic!("{:?}", timing.start) };
    assert_eq!(rate, "0.0805/d".parse().unwrap());
    let Some(Distribution::LogNormal { median, sigma }) = timing.lasts else { panic!("{:?}", timing.lasts) };
    // exp 5.402 minutes.
    assert_eq!((median.as_nanos() / 60_000_000, sigma), (221_849, 1.238));
    let unknown = SMALL.replacen("at: 5m, for: 1m", "rate: {incident: mondays}, for: 1m", 1);
    assert_eq!(codes(&unknown), ["FD0107"]);
}

fn network(section: &str) -> String {
    format!("{}network: {section}\n", SMALL.replace("home", "westeurope").replace("away", "us"))
}

#[test]
fn a_preset_knows_how_far_apart_regions_are() {
    let world = |section: &str| plan(&network(section)).world;
    let spread =
        |round_trip: u64| Distribution::LogNormal { median: Span::from_nanos(round_trip * 500_000), sigma: 0.05 };
    let latency = |world: &WorldPlan, at: usize| world.network.regions[at].latency.clone();
    let near = world("{preset: azure, places: {us: westus}}");
    assert_eq!([1, 2].map(|at| latency(&near, at)), [spread(147), spread(147)]);
    assert_eq!(near.network.clients[0].latency, Distribution::Constant(Span::from_millis(10)));
    let far = world("{preset: azure, places: {us: westus}, clients_at: northeurope, jitter: 0}");
    assert_eq!(far.network.clients[1].latency, Distribution::Constant(Span::from_millis(66)));
    let own = world("{preset: azure, places: {us: japaneast}, between: [{a: us, b: westeurope, latency: 5ms}]}");
    assert_eq!(latency(&own, 1), Distribution::Constant(Span::from_millis(5)));
    let lossy = world("{preset: azure, places: {us: westus}, between: [{a: us, b: westeurope, loss: 1%}]}");
    assert_eq!((latency(&lossy, 1), lossy.network.regions[1].loss), (spread(147), Ratio::from_percent(1)));
}

#[test]
fn a_preset_does_not_guess() {
    assert_eq!(codes(&network("{preset: azure}")), ["FD0237"], "where is us?");
    assert_eq!(codes(&network("{preset: azure, places: {us: australiaeast}}")), ["FD0237"]);
    assert_eq!(codes(&network("{preset: azure, places: {us: westus}, clients_at: uksouth}"))[..1], ["FD0237"]);
    assert!(try_load(&network("{places: {us: westus}}"), &[]).is_ok(), "without a preset places mean nothing");
}

#[test]
fn regions_with_a_common_cause_are_different_ones() {
    let fault = |regions: &str| {
        SMALL.replace("region_outage: {id: dark, region: home", &format!("common_mode: {{id: dark, regions: {regions}"))
    };
    assert!(codes(&fault("[home, away]")).is_empty());
    assert_eq!(codes(&fault("[home, home]")), ["FD0109"]);
    assert_eq!(codes(&fault("[home]")), ["FD0219"]);
}

//! What clients hold when a run begins.

use super::*;
use crate::model::plan::Target;
use crate::scenario::{Catalogs, load};
use crate::units::{NameId, RegionId};

const NORTH: Target = Target::Region(RegionId(1));

/// What these clients and resolvers are at the start of a run under that seed, and the zone.
fn begun(dns: &str, clients: &str, seed: u64) -> (Stubs, Resolvers, Zone) {
    let text = format!(
        "firedrill: 1\nduration: 5m\nregions:\n  west: {{services: {{api: {{servers: 9, time: 1ms}}}}}}\n  north: {{like: west, role: secondary}}\n{dns}\nworkload: [{{open: {{{clients}}}}}]\nproperties: {{some: {{measure: {{value: availability, at_least: 1%}}}}}}\n"
    );
    let (plan, _) = load(&text, "past.yaml", &[], &Catalogs::BUILT_IN).unwrap_or_else(|p| panic!("{p:#?}"));
    let (plan, streams) = (plan.world, Streams::new(seed));
    let mut resolvers = Resolvers::new(&plan.resolvers, &plan.dns, &streams);
    let stubs = Stubs::new(0, &plan.workloads[0], &plan.dns, (&resolvers, plan.resolvers.ages), &streams);
    let mut all = vec![stubs];
    live_through(&mut all, &mut resolvers, &plan, &streams);
    (all.remove(0), resolvers, Zone::new(&plan.dns, &streams))
}

/// The share of groups for which something holds.
fn share(stubs: &Stubs, holds: impl Fn(&super::super::Group) -> bool) -> f64 {
    stubs.groups.iter().filter(|group| holds(group)).count() as f64 / stubs.groups.len() as f64
}

/// The share of groups whose connection is there for more than these seconds.
fn connected(stubs: &Stubs, seconds: &[u64]) -> Vec<f64> {
    let share = |second: &u64| share(stubs, |group| group.connection_ends() > Instant::from_secs(*second));
    seconds.iter().map(share).collect()
}

fn near(found: &[f64], expected: &[f64], within: f64) {
    let is_near = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() <= within);
    assert!(is_near && found.len() == expected.len(), "{found:?}, not {expected:?}");
}

#[test]
fn what_is_left_of_connections_in_use_falls_along_a_straight_line() {
    let (stubs, ..) = begun("resolvers: {count: 0}", "rate: 4k/s, groups: 4000, keep_alive: 60s", 1);
    // Whoever has none has sent nothing for a second since the last one ended: one in 61.
    near(&connected(&stubs, &[0, 15, 30, 45, 60]), &[60.0 / 61.0, 0.738, 0.492, 0.246, 0.0], 0.03);
}

#[test]
fn of_connections_of_unequal_lives_the_longer_ones_are_found() {
    let clients = "rate: 400k/s, groups: 4000, connection_life: {exponential: 60s}";
    let (stubs, ..) = begun("resolvers: {count: 0}", clients, 1);
    near(&connected(&stubs, &[0, 60, 120]), &[1.0, 0.368, 0.135], 0.03);
}

#[test]
fn a_connection_that_is_seldom_used_is_mostly_gone_after_its_idle_time() {
    // A request in 100 s: the last one was within 60 s for 45 % of the groups, whatever the longest life.
    let clients = "rate: 40/s, groups: 4000, keep_alive: 1h, idle_timeout: 60s";
    let (stubs, ..) = begun("resolvers: {count: 0}", clients, 1);
    near(&connected(&stubs, &[0]), &[0.451], 0.04);
    let (busy, ..) = begun("resolvers: {count: 0}", "rate: 4k/s, groups: 4000, keep_alive: 1h, idle_timeout: 60s", 1);
    near(&connected(&busy, &[0]), &[1.0], 0.01);
}

#[test]
fn a_cache_that_is_seldom_asked_is_empty_as_often_as_in_the_long_run() {
    // rT / (1 + rT), rT = 3.
    let dns = "dns: {ttl: 300s}\nresolvers: {count: 0}";
    let (stubs, ..) = begun(dns, "rate: 40/s, groups: 4000, keep_alive: 0s", 1);
    let fresh = |second| share(&stubs, |group| !group.cached.has_expired(Instant::from_secs(second)));
    near(&[fresh(0), fresh(100), fresh(200)], &[0.75, 0.5, 0.25], 0.03);
}

#[test]
fn an_answer_is_no_younger_than_the_connection_that_was_opened_with_it() {
    // An answer and a connection live a minute: whoever connects anew has to ask again, and so has the one resolver behind.
    for (resolvers, seed) in [(0, 1), (0, 2), (500, 3), (500, 4)] {
        let dns = format!("dns: {{ttl: 60s}}\nresolvers: {{count: {resolvers}, violators: 0%}}");
        let (mut stubs, mut resolvers, mut zone) = begun(&dns, "rate: 500/s, groups: 500", seed);
        zone.publish(NameId(0), Instant::from_nanos(1), NORTH);
        let old = |stubs: &mut Stubs, resolvers: &mut Resolvers, zone: &mut Zone, second: u64| {
            let mut old = 0;
            for group in 0..500 {
                let at = Instant::from_secs(second);
                old += u32::from(stubs.address((group, second), resolvers, zone, at) != NORTH);
            }
            f64::from(old) / 500.0
        };
        let shares: Vec<f64> = (1..=70).map(|second| old(&mut stubs, &mut resolvers, &mut zone, second)).collect();
        near(&[shares[14], shares[29], shares[44]], &[0.74, 0.49, 0.24], 0.09);
        assert!(shares[60..].iter().all(|share| *share == 0.0), "{shares:?}");
    }
}

#[test]
fn who_starts_with_the_run_knows_nothing_and_who_is_pinned_or_seldom_there_does_not_ask() {
    let (cold, ..) = begun("resolvers: {count: 0}", "rate: 40/s, groups: 400, start: cold", 1);
    assert_eq!(share(&cold, |group| group.cached.has_expired(Instant::ZERO)), 1.0);
    assert_eq!(connected(&cold, &[0]), [0.0]);
    let (pinned, ..) = begun("", "rate: 40/s, groups: 400, pinned: 100%, restarted_at: 2m, refresh: prefetch", 1);
    assert_eq!(share(&pinned, |group| group.cached.expires == Instant::from_secs(120)), 1.0);
    let (idle, ..) = begun("resolvers: {count: 0}", "rate: 1/d, arrivals: {steps: {to: {1m: 9/s}}}, groups: 400", 1);
    assert!(connected(&idle, &[0])[0] < 0.02);
}

#[test]
fn more_groups_move_no_other() {
    let begun = |groups| begun("resolvers: {count: 0}", &format!("rate: {groups}/s, groups: {groups}"), 7).0;
    let known = |stubs: &Stubs| -> Vec<Instant> { stubs.groups.iter().map(|group| group.connected_until).collect() };
    let (few, more) = (known(&begun(40)), known(&begun(50)));
    assert_eq!(few, more[..40]);
}

//! The capacity of services, and how it changes.

use crate::units::{Span, plural};

events! {
    /// The capacity of services, and how it changes.
    CapacityEvent, CapacityKind;

    /// The provider started to reject requests above its rate limit.
    ProviderThrottling by World "provider.{provider}.throttling" { provider: String }
        => "{provider} rejects requests above its rate limit"
    /// The provider rejected nothing for ten seconds.
    ProviderThrottlingOver by World "provider.{provider}.throttling_over" {
        provider: String, turned_away: u64, lasted: Span,
    } => "{provider} rejected {turned_away} in {lasted:#}, and nothing in the ten seconds since"
    /// The service started to reject requests above its rate limit.
    ServiceThrottling by World "service.{region}.{service}.throttling" { region: String, service: String }
        => "{service} in {region} rejects requests above its rate limit"
    /// The service rejected nothing for ten seconds.
    ServiceThrottlingOver by World "service.{region}.{service}.throttling_over" {
        region: String, service: String, turned_away: u64, lasted: Span,
    } => "{service} in {region} rejected {turned_away} in {lasted:#}, and nothing in the ten seconds since"
    /// Servers of the service were lost with their work.
    ServersLost by World "capacity.{region}.{service}.servers_lost" {
        region: String, service: String, before: u32, now: u32,
    } => { changed(region, service, *before, *now) }
    /// Lost servers of the service are back.
    ServersBack by World "capacity.{region}.{service}.servers_back" {
        region: String, service: String, before: u32, now: u32,
    } => { changed(region, service, *before, *now) }
    /// The autoscaler scaled out: new servers started to serve.
    ScaledOut by World "autoscaler.{region}.{service}.out" {
        region: String, service: String, before: u32, now: u32,
    } => { format!("from {} to {now}", plural(u64::from(*before), "server")) }
    /// The autoscaler scaled in: it removed servers.
    ScaledIn by World "autoscaler.{region}.{service}.in" {
        region: String, service: String, before: u32, now: u32,
    } => { format!("from {} to {now}", plural(u64::from(*before), "server")) }
    /// Servers that the autoscaler requested could not be provisioned.
    ScalingFailed by World "autoscaler.{region}.{service}.failed" { region: String, service: String, asked_for: u32 }
        => { format!("{} requested could not be provisioned", plural(u64::from(*asked_for), "server")) }
    /// The fleet has outgrown its thread limit, and none of its servers serves.
    Overgrown by World "fleet.{region}.{service}.overgrown" { region: String, service: String, servers: u32 }
        => { format!("the thread limit of the fleet does not allow {}", plural(u64::from(*servers), "server")) }
    /// The fleet is small enough to serve again.
    Fits by World "fleet.{region}.{service}.fits" { region: String, service: String, servers: u32 }
        => { format!("the thread limit of the fleet allows {}", plural(u64::from(*servers), "server")) }
}

fn changed(region: &str, service: &str, before: u32, now: u32) -> String {
    format!("{service} in {region}: from {} to {now}", plural(u64::from(before), "server"))
}

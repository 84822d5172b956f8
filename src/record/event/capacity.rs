//! How much services can take, and what they do about it.

use crate::units::Span;

events! {
    /// How much services can take, and what they do about it.
    CapacityEvent, CapacityKind;

    /// The provider began to turn away what is above its rate limit.
    ProviderThrottling by World "provider.{provider}.throttling" { provider: String }
        => "{provider} turns away what is above its rate limit"
    /// For ten seconds the provider turned nothing away.
    ProviderThrottlingOver by World "provider.{provider}.throttling_over" {
        provider: String, turned_away: u64, lasted: Span,
    } => "{provider} turned {turned_away} away in {lasted:#}, and nothing for ten seconds since"
    /// The service began to turn away what is above its rate limit.
    ServiceThrottling by World "service.{region}.{service}.throttling" { region: String, service: String }
        => "{service} in {region} turns away what is above its rate limit"
    /// For ten seconds the service turned nothing away.
    ServiceThrottlingOver by World "service.{region}.{service}.throttling_over" {
        region: String, service: String, turned_away: u64, lasted: Span,
    } => "{service} in {region} turned {turned_away} away in {lasted:#}, and nothing for ten seconds since"
    /// Servers of the service went away with their work.
    ServersLost by World "capacity.{region}.{service}.servers_lost" {
        region: String, service: String, before: u32, now: u32,
    } => { changed(region, service, *before, *now) }
    /// Servers of the service that had gone are back.
    ServersBack by World "capacity.{region}.{service}.servers_back" {
        region: String, service: String, before: u32, now: u32,
    } => { changed(region, service, *before, *now) }
    /// Servers that the autoscaler had asked for began to serve.
    ScaledOut by World "autoscaler.{region}.{service}.out" {
        region: String, service: String, before: u32, now: u32,
    } => { format!("{} become {now}", servers(*before)) }
    /// The autoscaler took servers away.
    ScaledIn by World "autoscaler.{region}.{service}.in" {
        region: String, service: String, before: u32, now: u32,
    } => { format!("{} become {now}", servers(*before)) }
    /// Servers that the autoscaler asked for cannot be had.
    ScalingFailed by World "autoscaler.{region}.{service}.failed" { region: String, service: String, asked_for: u32 }
        => { format!("{} asked for cannot be had", servers(*asked_for)) }
    /// The servers have become too many for each other, and none serves.
    Overgrown by World "fleet.{region}.{service}.overgrown" { region: String, service: String, servers: u32 }
        => "{servers} servers are too many for each other"
    /// The servers can keep up with each other again.
    Fits by World "fleet.{region}.{service}.fits" { region: String, service: String, servers: u32 }
        => "{servers} servers can keep up with each other"
}

fn changed(region: &str, service: &str, before: u32, now: u32) -> String {
    format!("{service} in {region}: {} become {now}", servers(before))
}

/// `1 server`, `16 servers`.
fn servers(count: u32) -> String {
    if count == 1 { "1 server".to_owned() } else { format!("{count} servers") }
}

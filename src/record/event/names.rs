//! What names resolve to, and why.

use crate::units::Span;
use std::fmt;

/// What a record is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordTarget {
    /// A region.
    Region(String),
    /// The balancer.
    Balancer,
    /// No address.
    Nothing,
}

impl fmt::Display for RecordTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Region(name) => name,
            Self::Balancer => "the balancer",
            Self::Nothing => "no address",
        })
    }
}

events! {
    /// What names resolve to, and why.
    NameEvent, NameKind;

    /// A change of the record reached the authoritative servers.
    Published by World "dns.{record}.published" { record: String, answer: RecordTarget }
        => "{record} resolves to {answer}"
    /// The record's TTL changed.
    Ttl by World "dns.{record}.ttl" { record: String, ttl: Span } => "the TTL of {record} is now {ttl:#}"
    /// A change that would have left the record without addresses was refused.
    Refused by World "dns.{record}.refused" { record: String }
        => "{record} keeps its addresses: an empty answer is refused"
    /// The record answers with its secondary because its own region is unhealthy.
    FailedOver by World "dns.{record}.failed_over" { record: String, answer: RecordTarget }
        => "{record} resolves to {answer}"
    /// The record answers with its own region again.
    FailedBack by World "dns.{record}.failed_back" { record: String, answer: RecordTarget }
        => "{record} resolves to {answer}"
    /// No region of the record is healthy, so it keeps its configured answer.
    FailOpen by World "dns.{record}.fail_open" { record: String, home: String }
        => "no region of {record} is healthy: it still resolves to {home}"
    /// A region of the record is healthy again.
    FailOpenOver by World "dns.{record}.fail_open_over" { record: String } => "a region of {record} is healthy again"
    /// A stale plan for the zone replaced a newer one.
    PlanStale by World "planning.stale" { plan: u64 } => "plan {plan} replaced a newer one"
    /// A plan for the zone was older than the one in effect and was refused.
    PlanRefused by World "planning.refused" { plan: u64 }
        => "plan {plan} is older than the one in effect and was refused"
    /// The plan in effect was deleted, and the records with it.
    PlanLost by World "planning.lost" {} => "the plan in effect was deleted, and its records with it"
    /// People know why the records are gone.
    PlanFound by People "planning.found" {} => "people know why the records are gone"
    /// People have applied the newest plan by hand.
    PlanRestored by People "planning.restored" {} => "people have applied the newest plan by hand"
    /// The checks that a record follows found the region unhealthy.
    Unhealthy by World "checks.{region}.unhealthy" { region: String, record: String }
        => "{region} fails the checks of {record}"
    /// The checks that a record follows found the region healthy again.
    Healthy by World "checks.{region}.healthy" { region: String, record: String }
        => "{region} passes the checks of {record}"
}

//! Decisions as pure state machines.
//!
//! A policy is fed with observations and the time they were made, and returns what it decided and why. It never asks
//! the time, draws a number, logs or waits.

mod backoff;
mod breaker;
mod cool_down;
pub mod decision;
mod escalation;
mod health_policy;
mod region_health;
mod region_rules;
mod service_health;
mod sustained;

pub use backoff::{Backoff, Jitter};
pub use breaker::{Breaker, BreakerSettings};
pub use cool_down::CoolDown;
pub use escalation::{Escalate, Escalation, EscalationLimits};
pub use health_policy::{HealthPolicy, InARow};
pub use region_health::{RegionHealth, RegionVerdict};
pub use region_rules::{RegionLimits, RegionMove, RegionRules};
pub use service_health::{HealthLimits, HealthReport, HealthState, ServiceHealth, ServiceReading};
pub use sustained::{Observation, OnGap, SustainedThreshold};

//! How much of an outage a bound on what was served allows.
//!
//! Owns the comparison. Does not know which property states the bound, nor whether it held.
//!
//! Invariant: an outage of one class is allowed only if that class by itself was served as the bound demands. A bound on
//! all requests together says nothing of a class that is a small part of them.

use super::outage::requests_within;
use super::rational::Rational;
use crate::outcome::Outage;
use crate::record::{Record, ServiceClass, TOTAL};
use crate::units::Instant;

/// The share of requests that must be served, and where that is demanded.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// The share.
    pub served: Rational,
    /// Of the requests that began from then on.
    pub from: Instant,
    /// Of those that began before.
    pub to: Instant,
    /// Whether it is demanded of every moment, not of all together.
    pub at_every_moment: bool,
}

impl Allowance {
    /// Whether it covers `outage` and allows it.
    pub fn allows(&self, outage: &Outage, record: &Record) -> bool {
        let covers = self.from <= begin(outage, record) && end(outage, record) <= self.to;
        let (requests, served) = if self.at_every_moment {
            (outage.requests, outage.requests - outage.unserved)
        } else {
            let class = record.objective.classes.iter().find(|class| class.name == outage.class);
            class.map_or((0, 0), |class| requests_within(record, class, self.from, self.to))
        };
        let share = Rational::new(i128::from(served), i128::from(requests));
        covers && mutant!("a_total_bounds_every_class": share.is_some_and(|share| share >= self.served) => true)
    }
}

/// When `outage` began; the first requests it caught had been sent before its cause.
pub fn begin(outage: &Outage, record: &Record) -> Instant {
    let is_cause = |id: &str| outage.causes.iter().any(|cause| cause.strip_prefix("fault.") == Some(id));
    let causes = record.faults.iter().filter(|fault| is_cause(&fault.id)).filter_map(|fault| fault.at);
    causes.min().map_or(outage.from, |at| at.max(outage.from))
}

/// When `outage` was over, or clients stopped.
pub fn end(outage: &Outage, record: &Record) -> Instant {
    outage.until.unwrap_or(record.workload_end).min(record.workload_end)
}

/// Whether all requests are of one class, so that a figure of all is a figure of it.
pub fn one_class_only(record: &Record) -> bool {
    let had_traffic = |class: &&ServiceClass| requests_within(record, class, Instant::ZERO, record.workload_end).0 > 0;
    record.objective.classes.iter().filter(|class| class.name != TOTAL).filter(had_traffic).count() <= 1
}

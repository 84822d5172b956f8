//! How much of an outage a bound on what was served allows.
//!
//! Owns the comparison. Does not know which property states the bound, nor whether it held.
//!
//! Invariant: an outage of one class is allowed only if that class by itself was served as the bound demands, for a bound on
//! all requests together says nothing of a class that is a small part of them; and only by a bound that would have been
//! broken had service never come back, for one that nothing can break says nothing either.

use super::outage::requests_within;
use super::rational::Rational;
use crate::outcome::Outage;
use crate::record::event::FaultEvent;
use crate::record::{LEAST_SERVICE, Record, ServiceClass, TOTAL};
use crate::units::Instant;

/// What a bound on service demands.
#[derive(Debug, Clone, Copy)]
pub enum Demand {
    /// That this share of all requests together is served.
    OfAll(Rational),
    /// That this share is served at every moment.
    AtEveryMoment(Rational),
    /// That exactly so much is served as was expected, whatever that is.
    AsExpected,
}

/// The part of a run in which a bound on service demands something.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// What.
    pub demand: Demand,
    /// Of the requests that began from then on.
    pub from: Instant,
    /// Of those that began before.
    pub to: Instant,
}

impl Allowance {
    /// Whether it covers `outage`, allows it, and would not have allowed one without end.
    pub fn allows(&self, outage: &Outage, record: &Record) -> bool {
        let covers = self.from <= begin(outage, record) && end(outage, record) <= self.to;
        let allowed = match self.demand {
            Demand::AtEveryMoment(least) => {
                let served = share(outage.requests - outage.unserved, outage.requests);
                at_least(served, least) && is_promise(least, outage)
            }
            Demand::AsExpected => true,
            Demand::OfAll(least) => {
                let class = record.objective.classes.iter().find(|class| class.name == outage.class);
                let within = |to| class.map_or((0, 0), |class| requests_within(record, class, self.from, to));
                let ((all, served), (_, before)) = (within(self.to), within(outage.from));
                let could_fail = !at_least(share(before, all), least);
                at_least(share(served, all), least) && mutant!("a_bound_need_not_fail": could_fail => true)
            }
        };
        covers && mutant!("a_total_bounds_every_class": allowed => true)
    }
}

/// Whether so little as `least` can be a promise of service: what was promised, or nine in ten.
pub fn is_promise(least: Rational, outage: &Outage) -> bool {
    mutant!("any_share_is_service": at_least(Some(least), Rational::of_share(outage.promised.min(LEAST_SERVICE))) => true)
}

fn share(part: u64, whole: u64) -> Option<Rational> {
    Rational::new(i128::from(part), i128::from(whole))
}

fn at_least(share: Option<Rational>, least: Rational) -> bool {
    share.is_some_and(|share| share >= least)
}

/// When `outage` began; the first requests it caught had been sent before its cause.
pub fn begin(outage: &Outage, record: &Record) -> Instant {
    let is_cause = |id: &str| outage.causes.contains(&FaultEvent::begins(id));
    let causes = record.faults.iter().filter(|fault| is_cause(&fault.id)).filter_map(|fault| fault.at);
    causes.min().map_or(outage.from, |at| at.max(outage.from))
}

/// Whether a clock that starts with `fault` at `at` runs from the beginning of `outage`. A fault catches requests that were
/// sent before it, no longer than an answer may take; if any fault touched the first that was not served, it must be this one.
pub fn clock_runs(outage: &Outage, fault: &str, at: Instant, record: &Record) -> bool {
    let first = Instant::from_secs(outage.from.second());
    let touched =
        |fault: &str| record.signal(&format!("unserved.{fault}")).is_some_and(|signal| signal.at(first).part > 0);
    let caught = touched(fault) || !record.faults.iter().any(|other| touched(&other.id));
    let in_flight = at <= outage.from.saturating_add(outage.within);
    let from_the_start =
        at <= outage.from || (in_flight && mutant!("whatever_was_in_flight_was_caught": caught => true));
    mutant!("a_clock_may_start_late": from_the_start => true)
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

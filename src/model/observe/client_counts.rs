//! What clients do beside sending each request once: retries, hedges, refusals by their own breakers, journeys.
//!
//! Owns these counts and their signals. Does not influence anything. Invariant: a signal of something that no client
//! of the plan does is not there.

use crate::model::plan::{WorkloadPlan, WorldPlan};
use crate::record::{FailureCounts, FailureReason, Sample, Signal, SignalUnit, Viewpoint};
use crate::units::Instant;

/// The counts of the present second, and the signals of those before.
#[derive(Debug)]
pub struct ClientCounts {
    retries: u64,
    hedges: u64,
    refused: u64,
    fallbacks: u64,
    journeys_ok: u64,
    journeys_ended: u64,
    /// Requests that failed in the present second, and in those before.
    failed: FailureCounts,
    failed_before: FailureCounts,
    signals: Signals,
}

#[derive(Debug)]
struct Signals {
    /// One for each reason.
    failed: Vec<Signal>,
    retries: Signal,
    hedges: Option<Signal>,
    refused: Option<Signal>,
    open: Option<Signal>,
    fallbacks: Option<Signal>,
    journeys: Option<(Signal, Signal)>,
}

impl ClientCounts {
    /// Counts of the clients of `plan`, for about `points` seconds.
    pub fn new(plan: &WorldPlan, points: usize) -> Self {
        let signal = |name: &str, unit| Signal::with_capacity(name, unit, Viewpoint::Truth, points);
        let any = |does: fn(&WorkloadPlan) -> bool| plan.workloads.iter().any(does);
        let breakers = any(|workload| workload.breaker.is_some());
        let second_choice = plan.balancer.as_ref().is_some_and(|balancer| balancer.fallback.is_some());
        let journeys = any(|workload| !workload.journey.is_empty());
        let failed = |reason: FailureReason| signal(&format!("failed.{}", reason.name()), SignalUnit::PerSecond);
        let signals = Signals {
            failed: FailureReason::ALL.map(failed).into(),
            retries: signal("retries", SignalUnit::Ratio),
            hedges: any(|workload| workload.hedge.is_some()).then(|| signal("hedges", SignalUnit::Ratio)),
            refused: breakers.then(|| signal("breaker.refused", SignalUnit::PerSecond)),
            open: breakers.then(|| signal("breaker.open", SignalUnit::Count)),
            fallbacks: second_choice.then(|| signal("fallbacks", SignalUnit::PerSecond)),
            journeys: journeys
                .then(|| (signal("journeys", SignalUnit::PerSecond), signal("journeys.success", SignalUnit::Ratio))),
        };
        let (failed, failed_before) = Default::default();
        let (retries, hedges, refused, fallbacks) = (0, 0, 0, 0);
        Self { retries, hedges, refused, fallbacks, journeys_ok: 0, journeys_ended: 0, failed, failed_before, signals }
    }

    /// An attempt was sent that is not the first at its request: a retry, or a hedge beside one.
    #[inline]
    pub fn attempted_again(&mut self, hedge: bool) {
        if hedge { self.hedges += 1 } else { self.retries += 1 }
    }

    /// A breaker kept a client from sending.
    pub fn refused(&mut self) {
        self.refused += 1;
    }

    /// The balancer sent a request to its next choice.
    pub fn fell_back(&mut self) {
        self.fallbacks += 1;
    }

    /// A request failed, or its outcome is unknown.
    #[inline]
    pub fn failed(&mut self, reason: FailureReason) {
        self.failed.add(reason, 1);
    }

    /// All that did so far.
    pub fn failures(&self) -> FailureCounts {
        let mut all = self.failed_before;
        FailureReason::ALL.into_iter().for_each(|reason| all.add(reason, self.failed.of(reason)));
        all
    }

    /// A journey ended.
    pub fn journey_ended(&mut self, ok: bool) {
        self.journeys_ended += 1;
        self.journeys_ok += u64::from(ok);
    }

    /// The second that began at `at` is over; `attempts` were sent in it.
    pub fn close_second(&mut self, at: Instant, attempts: u64) {
        let signals = &mut self.signals;
        signals.retries.set(at, Sample::quotient(self.retries, attempts));
        let failed = std::mem::take(&mut self.failed);
        for (signal, reason) in signals.failed.iter_mut().zip(FailureReason::ALL) {
            signal.set(at, Sample::count(failed.of(reason)));
            self.failed_before.add(reason, failed.of(reason));
        }
        if let Some(hedges) = &mut signals.hedges {
            hedges.set(at, Sample::quotient(self.hedges, attempts));
        }
        if let Some(refused) = &mut signals.refused {
            refused.set(at, Sample::count(self.refused));
        }
        if let Some(fallbacks) = &mut signals.fallbacks {
            fallbacks.set(at, Sample::count(self.fallbacks));
        }
        if let Some((ok, success)) = &mut signals.journeys {
            ok.set(at, Sample::count(self.journeys_ok));
            success.set(at, Sample::quotient(self.journeys_ok, self.journeys_ended));
        }
        (self.retries, self.hedges, self.refused, self.fallbacks) = (0, 0, 0, 0);
        (self.journeys_ok, self.journeys_ended) = (0, 0);
    }

    /// From `at` on, `open` breakers are not closed.
    pub fn breakers(&mut self, at: Instant, open: impl FnOnce() -> usize) {
        if let Some(signal) = &mut self.signals.open {
            signal.set(at, Sample::count(open() as u64));
        }
    }

    /// The signals that are there.
    pub fn into_signals(self) -> impl Iterator<Item = Signal> {
        let Signals { failed, retries, hedges, refused, open, fallbacks, journeys } = self.signals;
        let (ok, success) = journeys.unzip();
        failed.into_iter().chain([Some(retries), hedges, refused, open, fallbacks, ok, success].into_iter().flatten())
    }
}

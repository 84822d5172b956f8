//! The signals that checks and reports read.
//!
//! Owns their values. Does not know what they say, and influences nothing: nothing in the world reads them back.
//!
//! Invariant: memory grows with the number of seconds in which something changed.

use crate::model::plan::WorldPlan;
use crate::record::{Sample, Signal, SignalUnit, Viewpoint};
use crate::units::Instant;

/// Handle of a signal whose values are sampled as time passes.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) struct Gauge(usize);

/// Every signal that some part sets.
#[derive(Debug)]
pub(in crate::model) struct SignalStore {
    signals: Vec<Signal>,
    points: usize,
}

impl SignalStore {
    /// Room for the signals of a run of `plan`.
    pub fn new(plan: &WorldPlan) -> Self {
        let seconds = plan.duration.saturating_add(plan.settle).as_nanos() / 1_000_000_000;
        let points = usize::try_from(seconds).unwrap_or(0).min(1 << 14) + 64;
        Self { signals: Vec::new(), points }
    }

    /// How many values of a signal there is room for from the start.
    pub fn points(&self) -> usize {
        self.points
    }

    /// Adds a signal that [`SignalStore::sample`] sets.
    pub fn gauge(&mut self, name: String, unit: SignalUnit, view: Viewpoint) -> Gauge {
        self.signals.push(Signal::with_capacity(name, unit, view, self.points));
        Gauge(self.signals.len() - 1)
    }

    /// Adds a signal of the true state, whoever sees it.
    pub fn truth(&mut self, name: String, unit: SignalUnit) -> Gauge {
        self.gauge(name, unit, Viewpoint::Truth)
    }

    /// Sets a signal from `at` on.
    #[inline]
    pub fn sample(&mut self, gauge: Gauge, at: Instant, sample: Sample) {
        self.signals[gauge.0].set(at, sample);
    }

    /// All of them, in the order in which they were added.
    pub fn take(&mut self) -> Vec<Signal> {
        std::mem::take(&mut self.signals)
    }
}

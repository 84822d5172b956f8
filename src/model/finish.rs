//! The end of a world: whether anything is still under way, and what is left once accounting is finalized.

use super::World;
use super::observe::touches::Touches;
use crate::record::{
    ClassLatency, ClosingStore, Digest, Lap, Objective, Reconciliation, RequestTotals, SampledRequest, Signal,
    Timeline, Wait,
};

/// What a closed world leaves behind.
#[derive(Debug)]
pub struct FinalState {
    /// The fingerprint of all transitions.
    pub digest: Digest,
    /// What happened.
    pub timeline: Timeline,
    /// Laps of procedures.
    pub laps: Vec<Lap>,
    /// What control found when it compared databases.
    pub reconciliations: Vec<Reconciliation>,
    /// Signals, sorted by name.
    pub signals: Vec<Signal>,
    /// What was promised to those who sent requests.
    pub objective: Objective,
    /// The populations that sent no request, by name.
    pub silent: Vec<String>,
    /// Requests.
    pub requests: RequestTotals,
    /// How long answers took, by class.
    pub latency_by_class: Vec<ClassLatency>,
    /// What databases are, in plan order.
    pub stores: Vec<ClosingStore>,
    /// Operations each fault affected.
    pub hits: Vec<u64>,
    /// Requests that each fault touched.
    pub touches: Touches,
    /// Who still waits for whom.
    pub waits: Vec<Wait>,
    /// Requests by themselves.
    pub sampled: Vec<SampledRequest>,
}

impl World {
    /// Whether nothing is under way any more: no request, no leg of one, and no replica that could still catch up.
    pub fn is_quiet(&mut self) -> bool {
        let now = self.core.kernel.now();
        let at_rest = self.data.is_at_rest(now);
        let answered = self.clients.requests.live() == 0
            && mutant!("late_legs_are_not_waited_for": self.flow.has_no_legs() => true);
        at_rest && self.objects.is_at_rest(&mut self.core) && answered
    }

    /// Clients stop sending now, and everything is about to be healed: writes down which copies were up by themselves.
    pub fn note_who_is_up(&mut self) {
        self.data.note_who_is_up(&self.core);
    }

    /// Finalizes the world's accounting. `looked_at`: somebody looks at the rows of databases.
    pub fn close(mut self, looked_at: bool) -> FinalState {
        let now = self.core.kernel.now();
        self.roll();
        let waits = self.waits();
        let last = self.observe.meter.second();
        self.platform.close_second(&mut self.core, last, last);
        self.objects.close(&mut self.core);
        let stores = self.data.close(&mut self.core, looked_at);
        let populations = self.core.plan.workloads.iter().zip(&self.clients.populations);
        let silent = populations.filter(|(_, population)| !population.has_sent());
        let silent = silent.map(|(workload, _)| workload.name.clone()).collect();
        let (requests, latency_by_class, objective, signals, touches) =
            self.observe.meter.close(now, &mut self.core.signals);
        let sampled = self.observe.sampled.close(&self.core.plan);
        let (digest, timeline, laps, hits) =
            (self.core.chronicle.digest, self.core.chronicle.timeline, self.core.chronicle.laps, self.core.hits);
        FinalState {
            digest,
            timeline,
            laps,
            reconciliations: self.core.chronicle.reconciliations,
            signals,
            objective,
            silent,
            requests,
            latency_by_class,
            stores,
            hits,
            touches,
            waits,
            sampled,
        }
    }
}

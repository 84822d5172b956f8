//! The truth as clients and places saw it, second by second.
//!
//! Owns counts, latencies and the signals that checks and reports read. Does not influence anything: nothing in the
//! world reads it back.
//!
//! Invariant: memory grows with the number of seconds in which something changed, not with the number of requests.

use crate::model::core::signals::{Gauge, SignalStore};
use crate::model::observe::client_counts::ClientCounts;
use crate::model::observe::latencies::Latencies;
use crate::model::observe::slowness::Slowness;
use crate::model::observe::touches::Touches;
use crate::model::plan::WorldPlan;
use crate::record::{
    ClassLatency, FineBuckets, Latency, Objective, OperationOutcome, RequestTotals, Sample, Served, ServedSignals,
    Signal, SignalUnit,
};
use crate::units::{Instant, RegionId, Span};

/// What a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestOutcome {
    /// Answered in time.
    Ok,
    /// Certainly failed.
    Failed,
    /// Nobody knows.
    Unknown,
}

impl RequestOutcome {
    /// The same in the words of histories.
    pub const fn of_operation(self) -> OperationOutcome {
        match self {
            Self::Ok => OperationOutcome::Ok,
            Self::Failed => OperationOutcome::Fail,
            Self::Unknown => OperationOutcome::Info,
        }
    }
}

/// A request as it ended, for those who want to see each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Its class, by position among those of the objective.
    pub class: u16,
    /// When it began.
    pub started: Instant,
    /// When it came to its outcome.
    pub at: Instant,
    /// Whether it was answered.
    pub answered: bool,
}

/// Counts, latencies and signals.
#[derive(Debug)]
pub struct Meter {
    /// What clients do beside sending each request once.
    pub clients: ClientCounts,
    /// What faults did to requests.
    pub touches: Touches,
    /// How long answers took, by class.
    pub(in crate::model) slowness: Slowness,
    served: Served,
    /// Every request as it ended, if somebody asked for that.
    log: Option<Vec<Ended>>,
    totals: RequestTotals,
    latency_sum: u128,
    latencies: Latencies,
    present: Present,
    regions: Vec<RegionGauges>,
    fixed: FixedGauges,
    /// By region: attempts sent there that ended, and requests served there, in the seconds that are over.
    flows: Vec<(u64, u64)>,
}

#[derive(Debug, Clone, Copy)]
struct FixedGauges {
    offered: Gauge,
    goodput: Gauge,
    attempts: Gauge,
    p50: Gauge,
    p95: Gauge,
    p99: Gauge,
}

#[derive(Debug, Clone, Copy)]
struct RegionGauges {
    ok: Gauge,
    share: Gauge,
}

/// What happened in the second that is not over yet.
#[derive(Debug)]
struct Present {
    second: u64,
    /// When it is over.
    ends: Instant,
    started: u32,
    ok: u64,
    /// Requests that came to an end without an answer.
    unanswered: u64,
    attempts: u64,
    latency: FineBuckets,
    sent: Vec<u64>,
    served: Vec<u64>,
    /// Attempts that ended without an answer, or with an error.
    failed: Vec<u64>,
}

impl Meter {
    /// A meter for a run of `plan`.
    pub fn new(plan: &WorldPlan, signals: &mut SignalStore) -> Self {
        let regions: Vec<&str> = plan.regions.iter().map(|region| region.name.as_str()).collect();
        let points = signals.points();
        let mut add = |name: String, unit| signals.truth(name, unit);
        let fixed = FixedGauges {
            offered: add("offered".into(), SignalUnit::PerSecond),
            goodput: add("goodput".into(), SignalUnit::PerSecond),
            attempts: add("attempts".into(), SignalUnit::PerSecond),
            p50: add("latency.p50".into(), SignalUnit::Nanoseconds),
            p95: add("latency.p95".into(), SignalUnit::Nanoseconds),
            p99: add("latency.p99".into(), SignalUnit::Nanoseconds),
        };
        let by_region = regions.iter().map(|name| RegionGauges {
            ok: add(format!("region.{name}.ok"), SignalUnit::PerSecond),
            share: add(format!("region.{name}.share"), SignalUnit::Ratio),
        });
        let by_region = by_region.collect();
        Self {
            clients: ClientCounts::new(plan, points),
            totals: RequestTotals::default(),
            latency_sum: 0,
            latencies: Latencies::new(&plan.objective),
            touches: Touches::default(),
            slowness: Slowness::new(&plan.objective),
            served: Served::new(&plan.objective, points),
            log: None,
            present: Present {
                second: 0,
                ends: Instant::from_secs(1),
                started: 0,
                ok: 0,
                unanswered: 0,
                attempts: 0,
                latency: FineBuckets::default(),
                sent: vec![0; regions.len()],
                served: vec![0; regions.len()],
                failed: vec![0; regions.len()],
            },
            regions: by_region,
            fixed,
            flows: vec![(0, 0); regions.len()],
        }
    }

    /// A client started a request of `class`, now.
    #[inline(always)]
    pub fn started(&mut self, class: u16) {
        self.present.started += 1;
        self.served.started(class, self.present.second);
    }

    /// A client sent an attempt, to `region` if it knew where to.
    #[inline(always)]
    pub fn attempted(&mut self, region: Option<RegionId>) {
        self.present.attempts += 1;
        if let Some(region) = region {
            self.present.sent[region.index()] += 1;
        }
    }

    /// `region` served a request.
    #[inline]
    pub fn served(&mut self, region: RegionId) {
        self.present.served[region.index()] += 1;
    }

    /// An attempt sent to `region` failed, or was not answered in time.
    pub fn failed(&mut self, region: RegionId) {
        self.present.failed[region.index()] += 1;
    }

    /// Attempts sent to `region` that ended, and requests it served so far. What is under way says nothing yet.
    pub fn flow(&self, region: RegionId) -> (u64, u64) {
        let index = region.index();
        let (ended, before) = self.flows[index];
        let served = self.present.served[index];
        (ended + served + self.present.failed[index], before + served)
    }

    /// A request of `class` that was started at `started` came to `outcome` at `at`.
    #[inline(always)]
    pub fn finished(&mut self, (started, class): (Instant, u16), at: Instant, outcome: RequestOutcome) {
        self.served.ended(class, started, at, outcome == RequestOutcome::Ok);
        if let Some(log) = &mut self.log {
            log.push(Ended { class, started, at, answered: outcome == RequestOutcome::Ok });
        }
        match outcome {
            RequestOutcome::Ok => {
                let took = at.since(started);
                self.latency_sum += u128::from(took.as_nanos());
                self.present.ok += 1;
                self.latencies.answered(class, took);
                self.slowness.answered(class, took);
            }
            RequestOutcome::Failed => {
                self.present.unanswered += 1;
                self.totals.failed += 1;
            }
            RequestOutcome::Unknown => {
                self.present.unanswered += 1;
                self.totals.unknown += 1;
            }
        }
    }

    /// A user of `class` has stood still from `from` to `to` over one request, who thinks for `think` between two.
    pub fn held_up(&mut self, class: u16, (from, to): (Instant, Instant), think: Span) {
        let answered = u128::from(self.totals.ok + self.present.ok);
        let usual = self.latency_sum.checked_div(answered).and_then(|nanos| u64::try_from(nanos).ok()).unwrap_or(0);
        let interval = think.saturating_add(Span::from_nanos(usual)).max(Span::from_millis(1));
        self.served.held_up(class, from, to, interval);
    }

    /// Every request that ends from now on is written down.
    pub fn log_requests(&mut self) {
        self.log.get_or_insert_default();
    }

    /// The requests written down.
    pub fn logged(&self) -> &[Ended] {
        self.log.as_deref().unwrap_or_default()
    }

    /// Within what time a request of `class` must be answered to count as served.
    pub fn limit(&self, class: u16) -> Span {
        self.served.limit(class)
    }

    /// Requests clients have started so far.
    pub fn requests_started(&self) -> u64 {
        self.totals.started + u64::from(self.present.started)
    }

    /// The second that is not over yet.
    pub fn second(&self) -> u64 {
        self.present.second
    }

    /// When that second is over.
    #[inline]
    pub fn second_ends(&self) -> Instant {
        self.present.ends
    }

    /// The present second is over and `next` is the new one.
    pub fn roll(&mut self, next: u64, signals: &mut SignalStore) {
        self.close_second(signals);
        if next > self.present.second + 1 {
            self.present.second += 1;
            self.close_second(signals);
        }
        self.served.roll(next);
        self.present.second = next;
        self.present.ends = Instant::from_nanos((next + 1).saturating_mul(1_000_000_000));
    }

    fn close_second(&mut self, signals: &mut SignalStore) {
        let at = Instant::from_secs(self.present.second);
        let started = std::mem::take(&mut self.present.started);
        self.totals.started += u64::from(started);
        let present = &mut self.present;
        self.slowness.close_second(present.second, &mut present.latency);
        self.totals.attempts += present.attempts;
        self.totals.ok += present.ok;
        self.clients.close_second(at, present.attempts);
        // A request that was not answered took longer than any.
        let quantiles = present.latency.middles([50, 95, 99], present.unanswered);
        let [p50, p95, p99] = quantiles.map(|q| q.map_or(Sample::MISSING, |span| Sample::count(span.as_nanos())));
        let samples = [
            (self.fixed.offered, Sample::count(u64::from(started))),
            (self.fixed.goodput, Sample::count(present.ok)),
            (self.fixed.attempts, Sample::count(present.attempts)),
            (self.fixed.p50, p50),
            (self.fixed.p95, p95),
            (self.fixed.p99, p99),
        ];
        for (gauge, sample) in samples {
            signals.sample(gauge, at, sample);
        }
        let sent: u64 = present.sent.iter().sum();
        for (region, gauges) in self.regions.iter().enumerate() {
            signals.sample(gauges.ok, at, Sample::count(present.served[region]));
            signals.sample(gauges.share, at, Sample::quotient(present.sent[region], sent));
            self.flows[region].0 += present.served[region] + present.failed[region];
            self.flows[region].1 += present.served[region];
        }
        present.latency.clear();
        (present.ok, present.unanswered, present.attempts) = (0, 0, 0);
        present.sent.fill(0);
        present.served.fill(0);
        present.failed.fill(0);
    }

    /// Finalizes accounting at `end`: the totals, how long answers took by class, what was promised to whom, every signal sorted by name, and what
    /// faults did to requests.
    pub fn close(
        mut self,
        end: Instant,
        signals: &mut SignalStore,
    ) -> (RequestTotals, Vec<ClassLatency>, Objective, Vec<Signal>, Touches) {
        self.close_second(signals);
        let mut totals = self.totals;
        totals.reasons = self.clients.failures();
        let ServedSignals { objective, signals: served, served: count, missing, by_drills } = self.served.close(end);
        let unanswered = totals.started.saturating_sub(totals.ok);
        let (latency, by_class) = self.latencies.close(unanswered);
        let mean = self.latency_sum.checked_div(u128::from(totals.ok)).unwrap_or(0);
        totals.latency = Latency { mean: Span::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX)), ..latency };
        (totals.served, totals.missing, totals.by_drills) = (count, missing, by_drills);
        let mut signals = signals.take();
        signals.extend(served);
        signals.extend(self.clients.into_signals());
        signals.extend(self.slowness.close());
        signals.sort_by(|a, b| a.name.cmp(&b.name));
        (totals, by_class, objective, signals, self.touches)
    }
}

//! The truth as clients and places saw it, second by second.
//!
//! Owns counts, latencies and the signals that checks and reports read. Refuses to influence anything: nothing in the
//! world reads it back.
//!
//! Invariant: memory grows with the number of seconds in which something changed, not with the number of requests.

use super::client_counts::ClientCounts;
use super::plan::WorldPlan;
use crate::record::{FineBuckets, RequestTotals, Sample, Signal, SignalUnit, View};
use crate::units::{Instant, RegionId, Span};

/// Requests by the second they were started in, counted by their final outcome.
#[derive(Debug, Clone, Copy, Default)]
struct Second {
    started: u32,
    ok: u32,
    failed: u32,
}

/// What a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Answered in time.
    Ok,
    /// Certainly failed.
    Failed,
    /// Nobody knows.
    Unknown,
}

/// Handle of a signal whose values are sampled as time passes.
#[derive(Debug, Clone, Copy)]
pub struct Gauge(usize);

/// Counts, latencies and signals.
#[derive(Debug)]
pub struct Meter {
    /// What clients do beside sending each request once.
    pub clients: ClientCounts,
    totals: RequestTotals,
    latency_sum: u128,
    latency: FineBuckets,
    seconds: Vec<Second>,
    present: Present,
    regions: Vec<RegionGauges>,
    gauges: Vec<Signal>,
    fixed: FixedGauges,
    points: usize,
    /// By region: attempts sent there and requests served there, in the seconds that are over.
    flows: Vec<(u64, u64)>,
}

#[derive(Debug, Clone, Copy)]
struct FixedGauges {
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
    attempts: u64,
    latency: FineBuckets,
    sent: Vec<u64>,
    served: Vec<u64>,
}

impl Meter {
    /// A meter for a run of `plan`.
    pub fn new(plan: &WorldPlan) -> Self {
        let regions: Vec<&str> = plan.regions.iter().map(|region| region.name.as_str()).collect();
        let seconds = plan.duration.saturating_add(plan.settle).as_nanos() / 1_000_000_000;
        let points = usize::try_from(seconds).unwrap_or(0).min(1 << 14) + 64;
        let mut gauges = Vec::new();
        let mut add = |name: String, unit| {
            gauges.push(Signal::with_capacity(name, unit, View::Truth, points));
            Gauge(gauges.len() - 1)
        };
        let fixed = FixedGauges {
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
            latency: FineBuckets::default(),
            seconds: Vec::with_capacity(points),
            present: Present {
                second: 0,
                ends: Instant::from_secs(1),
                started: 0,
                ok: 0,
                attempts: 0,
                latency: FineBuckets::default(),
                sent: vec![0; regions.len()],
                served: vec![0; regions.len()],
            },
            regions: by_region,
            gauges,
            fixed,
            points,
            flows: vec![(0, 0); regions.len()],
        }
    }

    /// Adds a signal that [`Meter::sample`] sets.
    pub fn gauge(&mut self, name: String, unit: SignalUnit, view: View) -> Gauge {
        self.gauges.push(Signal::with_capacity(name, unit, view, self.points));
        Gauge(self.gauges.len() - 1)
    }

    /// Sets a signal from `at` on.
    pub fn sample(&mut self, gauge: Gauge, at: Instant, sample: Sample) {
        self.gauges[gauge.0].set(at, sample);
    }

    /// A client started a request, now. Returns the second it is counted in.
    #[inline(always)]
    pub fn started(&mut self) -> u32 {
        self.present.started += 1;
        // A vector of 2^32 seconds would not fit in memory.
        self.present.second as u32
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

    /// Attempts sent to `region` and requests it served so far.
    pub fn flow(&self, region: RegionId) -> (u64, u64) {
        let (sent, served) = self.flows[region.index()];
        (sent + self.present.sent[region.index()], served + self.present.served[region.index()])
    }

    /// A request that was started at `started`, in this `second`, came to `outcome` at `at`.
    #[inline(always)]
    pub fn finished(&mut self, (started, second): (Instant, u32), at: Instant, outcome: Outcome) {
        if second as usize >= self.seconds.len() {
            self.reach_present();
        }
        let second = &mut self.seconds[second as usize];
        match outcome {
            Outcome::Ok => {
                second.ok += 1;
                let latency = at.since(started).as_nanos();
                self.latency_sum += u128::from(latency);
                self.totals.latency_max = self.totals.latency_max.max(Span::from_nanos(latency));
                self.present.ok += 1;
                self.present.latency.record(Span::from_nanos(latency));
            }
            Outcome::Failed => {
                second.failed += 1;
                self.totals.failed += 1;
            }
            Outcome::Unknown => {
                second.failed += 1;
                self.totals.unknown += 1;
            }
        }
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
    pub fn roll(&mut self, next: u64) {
        self.close_second();
        if next > self.present.second + 1 {
            self.present.second += 1;
            self.close_second();
        }
        self.present.second = next;
        self.present.ends = Instant::from_nanos((next + 1).saturating_mul(1_000_000_000));
    }

    /// Makes room for counts of the present second.
    fn reach_present(&mut self) {
        self.seconds.resize(self.present.second as usize + 1, Second::default());
    }

    fn close_second(&mut self) {
        let at = Instant::from_secs(self.present.second);
        let started = std::mem::take(&mut self.present.started);
        if started > 0 {
            self.reach_present();
            self.seconds[self.present.second as usize].started = started;
            self.totals.started += u64::from(started);
        }
        let present = &mut self.present;
        self.totals.attempts += present.attempts;
        self.totals.ok += present.ok;
        self.clients.close_second(at, present.attempts);
        let quantiles = present.latency.percentiles([50, 95, 99]);
        let [p50, p95, p99] = quantiles.map_or([Sample::MISSING; 3], |q| q.map(|span| Sample::count(span.as_nanos())));
        let samples = [
            (self.fixed.goodput, Sample::count(present.ok)),
            (self.fixed.attempts, Sample::count(present.attempts)),
            (self.fixed.p50, p50),
            (self.fixed.p95, p95),
            (self.fixed.p99, p99),
        ];
        for (gauge, sample) in samples {
            self.gauges[gauge.0].set(at, sample);
        }
        let sent: u64 = present.sent.iter().sum();
        for (region, gauges) in self.regions.iter().enumerate() {
            self.gauges[gauges.ok.0].set(at, Sample::count(present.served[region]));
            self.gauges[gauges.share.0].set(at, Sample::quotient(present.sent[region], sent));
            self.flows[region].0 += present.sent[region];
            self.flows[region].1 += present.served[region];
        }
        if present.latency.count() > 0 {
            self.latency.take_in(&mut present.latency);
        }
        (present.ok, present.attempts) = (0, 0);
        present.sent.fill(0);
        present.served.fill(0);
    }

    /// Closes the books: the totals, and every signal sorted by name.
    pub fn close(mut self) -> (RequestTotals, Vec<Signal>) {
        self.close_second();
        let mut totals = self.totals;
        totals.reasons = self.clients.failures();
        let quantiles = self.latency.percentiles([50, 95, 99]).unwrap_or([Span::ZERO; 3]);
        [totals.latency_p50, totals.latency_p95, totals.latency_p99] =
            quantiles.map(|span| span.min(totals.latency_max));
        let mean = self.latency_sum.checked_div(u128::from(totals.ok)).unwrap_or(0);
        totals.latency_mean = Span::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX));
        let by_start = by_second_of_start(&self.seconds);
        let mut signals = self.gauges;
        signals.extend(by_start);
        signals.extend(self.clients.into_signals());
        signals.sort_by(|a, b| a.name.cmp(&b.name));
        (totals, signals)
    }
}

fn by_second_of_start(seconds: &[Second]) -> [Signal; 3] {
    let mut success = Signal::with_capacity("success", SignalUnit::Ratio, View::Truth, seconds.len());
    let mut errors = Signal::with_capacity("errors", SignalUnit::Ratio, View::Truth, seconds.len());
    let mut offered = Signal::with_capacity("offered", SignalUnit::PerSecond, View::Truth, seconds.len());
    for (second, counts) in (0..).zip(seconds) {
        let at = Instant::from_secs(second);
        success.set(at, Sample::quotient(u64::from(counts.ok), u64::from(counts.started)));
        errors.set(at, Sample::quotient(u64::from(counts.failed), u64::from(counts.started)));
        offered.set(at, Sample::count(u64::from(counts.started)));
    }
    let end = Instant::from_secs(seconds.len() as u64);
    success.set(end, Sample::MISSING);
    errors.set(end, Sample::MISSING);
    offered.set(end, Sample::count(0));
    [success, errors, offered]
}

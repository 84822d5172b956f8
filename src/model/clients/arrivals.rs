//! When the next request arrives.
//!
//! Owns how rates that change with time become instants. Does not know what a request is.
//!
//! Invariant: arrivals at a rate that changes are an exact inhomogeneous Poisson process (or evenly spaced in the
//! integral of the rate): a candidate at the greatest rate is kept with the share of the present one (thinning: Lewis and
//! Shedler, Naval Research Logistics 26, 1979), or a unit exponential is used up along the rate (time rescaling: Daley
//! and Vere-Jones, An Introduction to the Theory of Point Processes, vol. 1, 2003, §7.4). Draws are addressed by number.

use crate::kernel::{Distribution, Sampler, Stream, chance};
use crate::model::clients::trace::{Changes, Rows, TraceProblem};
use crate::model::plan::{Arrivals, Bursts, Diurnal, LoadTrace, Spacing};
use crate::units::{Instant, Rate, Ratio, Span};

/// The mean of the draws that are used up along a rate. Unit: billionths of a millionth of a request.
const UNIT: u64 = 1_000_000_000_000;
/// One of those draws' units, as nanoseconds times events per million days: 1e6 · 86 400 · 1e9 / 1e12.
const AREA_PER_UNIT: u128 = 86_400_000;
/// Bursts begin at least this far apart, whatever was drawn, so that there is an end to counting them.
const LEAST_CYCLE: Span = Span::from_secs(1);
const DAY: Span = Span::from_secs(86_400);

/// The draws of a population's arrivals.
#[derive(Debug, Clone, Copy)]
pub struct ArrivalStreams {
    /// How long until the next.
    pub gap: Stream,
    /// Which candidates are kept.
    pub kept: Stream,
    /// How far bursts are apart.
    pub bursts: Stream,
    /// How long bursts last.
    pub lengths: Stream,
}

/// A population's arrivals.
#[derive(Debug)]
pub enum Pace {
    /// None at all.
    Never,
    /// Evenly spaced.
    Even(Span),
    /// Memoryless.
    Random(Sampler),
    /// At a rate that follows the time of day.
    Thinned(Box<Thinned>),
    /// At a rate that changes now and then.
    Piecewise(Box<Piecewise>),
    /// At instants somebody recorded.
    Recorded(Box<RecordedArrivals>),
}

/// Candidates at the greatest rate, of which some are kept.
#[derive(Debug)]
pub struct Thinned {
    day: Diurnal,
    candidates: Sampler,
    next: u64,
}

/// A rate that holds until it changes.
#[derive(Debug)]
pub struct Piecewise {
    changes: RateChanges,
    rate: Rate,
    /// The change after the present rate.
    then: Option<(Instant, Rate)>,
    work: Sampler,
    end: Instant,
    broken: Option<TraceProblem>,
    trace: Option<(String, u128)>,
}

/// Where changes of rate come from.
#[derive(Debug)]
enum RateChanges {
    Listed(std::vec::IntoIter<(Instant, Rate)>),
    Bursts {
        base: Rate,
        high: Rate,
        every: Sampler,
        lasts: Sampler,
        count: u64,
        begins: Instant,
        ends: Option<Instant>,
    },
    Recorded(Changes),
}

/// Instants from a file.
#[derive(Debug)]
pub struct RecordedArrivals {
    rows: Option<Rows>,
    trace: (String, u128),
    broken: Option<TraceProblem>,
}

impl Pace {
    /// The pace of `plan` in a run whose clients stop at `end`.
    pub fn new(plan: &Arrivals, end: Instant) -> Self {
        match plan {
            Arrivals::Constant(rate) => Self::even(*rate),
            Arrivals::Poisson(rate) if rate.interval_nanos().is_none() => Self::Never,
            Arrivals::Poisson(rate) => Self::Random(memoryless(*rate)),
            Arrivals::Diurnal(day) => Self::Thinned(Box::new(Thinned::new(day))),
            Arrivals::Bursts(bursts) => Self::piecewise(RateChanges::bursts(bursts), bursts.spacing, end, None),
            Arrivals::Steps(spacing, steps) => {
                Self::piecewise(RateChanges::Listed(steps.clone().into_iter()), *spacing, end, None)
            }
            Arrivals::Trace(spacing, trace) => Self::recorded(*spacing, trace, end),
            Arrivals::Closed(_) => Self::Never,
        }
    }

    fn even(rate: Rate) -> Self {
        rate.interval_nanos().map_or(Self::Never, |nanos| Self::Even(Span::from_nanos(nanos)))
    }

    fn piecewise(changes: RateChanges, spacing: Spacing, end: Instant, trace: Option<(String, u128)>) -> Self {
        let unit = Span::from_nanos(UNIT);
        let work = match spacing {
            Spacing::Poisson => Sampler::new(&Distribution::Exponential { mean: unit }),
            Spacing::Even => Sampler::new(&Distribution::Constant(unit)),
        };
        let mut piecewise = Piecewise { changes, rate: Rate::ZERO, then: None, work, end, broken: None, trace };
        piecewise.then = piecewise.change();
        Self::Piecewise(Box::new(piecewise))
    }

    fn recorded(spacing: Spacing, trace: &LoadTrace, end: Instant) -> Self {
        let named = (trace.name.clone(), trace.fingerprint);
        match (Rows::of(trace), trace.kind) {
            (Ok(rows), crate::model::plan::TraceKind::Rates) => {
                Self::piecewise(RateChanges::Recorded(Changes::new(rows)), spacing, end, Some(named))
            }
            (rows, _) => {
                let (rows, broken) = match rows {
                    Ok(rows) => (Some(rows), None),
                    Err(problem) => (None, Some(problem)),
                };
                Self::Recorded(Box::new(RecordedArrivals { rows, trace: named, broken }))
            }
        }
    }

    /// When request number `n` arrives, the one before having arrived at `now`; [`Instant::MAX`]: never.
    #[inline(always)]
    pub fn next(&mut self, n: u64, now: Instant, streams: &ArrivalStreams) -> Instant {
        match self {
            Self::Random(sampler) => now.saturating_add(sampler.span(streams.gap.at(n))),
            other => other.next_at_a_changing_rate(n, now, streams),
        }
    }

    #[inline(never)]
    fn next_at_a_changing_rate(&mut self, n: u64, now: Instant, streams: &ArrivalStreams) -> Instant {
        match self {
            Self::Random(sampler) => now.saturating_add(sampler.span(streams.gap.at(n))),
            Self::Even(span) => now.saturating_add(*span),
            Self::Never => Instant::MAX,
            Self::Thinned(thinned) => thinned.next(now, streams),
            Self::Piecewise(piecewise) => piecewise.next(n, now, streams),
            Self::Recorded(recorded) => recorded.next(),
        }
    }

    /// What is wrong with the file it reads, if that is no longer what was checked.
    pub fn defect(&self) -> Option<String> {
        let (broken, trace) = match self {
            Self::Piecewise(piecewise) => (piecewise.broken.as_ref()?, piecewise.trace.as_ref()?),
            Self::Recorded(recorded) => (recorded.broken.as_ref()?, &recorded.trace),
            _ => return None,
        };
        let line = broken.line.map_or(String::new(), |line| format!(":{line}"));
        Some(format!("{}{line}: {}", trace.0, broken.what))
    }
}

fn memoryless(rate: Rate) -> Sampler {
    Sampler::new(&Distribution::Exponential { mean: rate.interval_nanos().map_or(Span::MAX, Span::from_nanos) })
}

/// `factor` times `rate`.
fn multiple(rate: Rate, factor: Ratio) -> Rate {
    let product = u128::from(rate.per_million_days()) * u128::from(factor.as_ppb()) / u128::from(Ratio::ONE.as_ppb());
    Rate::from_per_million_days(u64::try_from(product).unwrap_or(u64::MAX))
}

impl Thinned {
    fn new(day: &Diurnal) -> Self {
        let greatest = multiple(day.base, day.peak.max(Ratio::ONE));
        Self { day: day.clone(), candidates: memoryless(greatest), next: 0 }
    }

    fn next(&mut self, now: Instant, streams: &ArrivalStreams) -> Instant {
        let mut at = now;
        loop {
            at = at.saturating_add(self.candidates.span(streams.gap.at(self.next)));
            let kept = chance(streams.kept.at(self.next), share_of_peak(&self.day, at));
            self.next += 1;
            if kept || at == Instant::MAX {
                return at;
            }
        }
    }
}

/// The rate at `at` as a share of the greatest rate of the day.
fn share_of_peak(day: &Diurnal, at: Instant) -> Ratio {
    let nanos = (at.as_nanos() % DAY.as_nanos() + day.starts_at.as_nanos()) % DAY.as_nanos();
    let since_peak = nanos as f64 - day.peak_at.as_nanos() as f64;
    let turn = since_peak / DAY.as_nanos() as f64 * core::f64::consts::TAU;
    let height = (1.0 + libm::cos(turn)) / 2.0;
    let peak = day.peak.as_f64();
    let share = (1.0 + (peak - 1.0) * height) / peak.max(1.0);
    Ratio::from_ppb((share * 1e9 + 0.5) as u64).at_most_one()
}

impl Piecewise {
    fn next(&mut self, n: u64, now: Instant, streams: &ArrivalStreams) -> Instant {
        let mut left = u128::from(self.work.span(streams.gap.at(n)).as_nanos()) * AREA_PER_UNIT;
        let mut at = now;
        loop {
            let until = self.then.map_or(Instant::MAX, |(at, _)| at);
            let rate = u128::from(self.rate.per_million_days());
            let area = rate * u128::from(until.since(at).as_nanos());
            if left < area {
                // Below `until`, so it fits.
                return at + Span::from_nanos((left / rate) as u64);
            }
            left -= area;
            let Some((change, rate)) = self.then.filter(|(change, _)| *change < self.end) else {
                return Instant::MAX;
            };
            (at, self.rate) = (at.max(change), rate);
            self.then = self.change_with(streams);
        }
    }

    /// The next change, when nothing of it is drawn.
    fn change(&mut self) -> Option<(Instant, Rate)> {
        match &mut self.changes {
            RateChanges::Bursts { base, .. } => Some((Instant::ZERO, *base)),
            RateChanges::Listed(steps) => steps.next(),
            RateChanges::Recorded(changes) => {
                let next = changes.next();
                let fingerprint = changes.fingerprint();
                self.look(next, fingerprint)
            }
        }
    }

    fn change_with(&mut self, streams: &ArrivalStreams) -> Option<(Instant, Rate)> {
        let RateChanges::Bursts { base, high, every, lasts, count, begins, ends } = &mut self.changes else {
            return self.change();
        };
        if let Some(end) = ends.take() {
            return Some((end, *base));
        }
        let cycle = every.span(streams.bursts.at(*count)).max(LEAST_CYCLE);
        *begins = begins.saturating_add(cycle);
        *ends = Some(begins.saturating_add(lasts.span(streams.lengths.at(*count))));
        *count += 1;
        Some((*begins, *high))
    }

    /// The result of reading on: at the end of the file it must have been the one that was checked.
    fn look(
        &mut self,
        next: Result<Option<(Instant, Rate)>, TraceProblem>,
        fingerprint: u128,
    ) -> Option<(Instant, Rate)> {
        match next {
            Ok(Some(change)) => return Some(change),
            Ok(None) => self.broken = changed(self.trace.as_ref(), fingerprint),
            Err(problem) => self.broken = Some(problem),
        }
        None
    }
}

impl RateChanges {
    fn bursts(plan: &Bursts) -> Self {
        Self::Bursts {
            base: plan.base,
            high: multiple(plan.base, plan.factor),
            every: Sampler::new(&plan.every),
            lasts: Sampler::new(&plan.lasts),
            count: 0,
            begins: Instant::ZERO,
            ends: None,
        }
    }
}

impl RecordedArrivals {
    fn next(&mut self) -> Instant {
        let Some(rows) = &mut self.rows else { return Instant::MAX };
        match rows.next() {
            Ok(Some(row)) => return row.at,
            Ok(None) => self.broken = changed(Some(&self.trace), rows.fingerprint()),
            Err(problem) => self.broken = Some(problem),
        }
        self.rows = None;
        Instant::MAX
    }
}

fn changed(trace: Option<&(String, u128)>, fingerprint: u128) -> Option<TraceProblem> {
    let same = trace.is_none_or(|(_, checked)| *checked == fingerprint);
    (!same).then(|| TraceProblem { line: None, what: "it has changed since it was checked".to_owned() })
}

#[cfg(test)]
#[path = "arrivals_tests.rs"]
mod tests;

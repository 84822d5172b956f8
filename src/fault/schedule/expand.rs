//! From what a scenario says about time to the written schedule of one seed.
//!
//! Owns the random streams of faults: one each for beginnings, arrivals, lengths and flapping, keyed by the fault's id.
//!
//! Invariants: injections stand in the scenario's order of faults, and of one fault in the order in which they happen.
//! A fault that is not random has the same injections for every seed. Nothing begins when the workload is over.

use super::{Flap, Injection, MOST_INJECTIONS, Start, Timing, Trigger};
use crate::fault::PlannedFault;
use crate::kernel::{Distribution, Sampler, Streams, below};
use crate::units::{Instant, Rate, Span};

/// Every injection of the run with this seed, whose clients send for `duration`. Stops at one more than
/// [`MOST_INJECTIONS`]: a run refuses that many.
pub fn expand(faults: &[PlannedFault], duration: Span, seed: u64) -> Vec<Injection> {
    let streams = Streams::new(seed);
    let mut schedule = Vec::new();
    for (index, fault) in faults.iter().enumerate() {
        let path = format!("fault/{}", fault.id);
        Expansion { index, path, timing: &fault.timing, duration, streams: &streams, done: 0 }.write(&mut schedule);
    }
    schedule
}

/// How many injections to expect of a fault; for refusing a scenario that means too many.
pub fn expected(timing: &Timing, duration: Span) -> f64 {
    let whole = duration.as_secs_f64();
    let starts = match &timing.start {
        Start::At(_) | Start::When(_) | Start::Within { .. } => 1.0,
        Start::Rate { rate, from, to } => to.since(*from).as_secs_f64() / mean_gap(*rate).as_secs_f64().max(1e-9),
    };
    let Some(flap) = &timing.flap else { return starts };
    let mean = |distribution: &Distribution| distribution.mean().unwrap_or(whole).min(whole);
    let window = timing.lasts.as_ref().map_or(whole, mean);
    let cycle = (mean(&flap.down) + mean(&flap.up)).max(1e-9);
    starts * (window / cycle).max(1.0)
}

struct Expansion<'a> {
    index: usize,
    path: String,
    timing: &'a Timing,
    duration: Span,
    streams: &'a Streams,
    /// Injections of this fault so far.
    done: u32,
}

impl Expansion<'_> {
    fn write(&mut self, schedule: &mut Vec<Injection>) {
        let lasts = self.timing.lasts.as_ref().map(Sampler::new);
        let lengths = self.streams.stream(&self.path, "lasts");
        for (number, start) in (0..).zip(self.starts()) {
            let lasts = lasts.as_ref().map(|distribution| self.clip(distribution.span(lengths.at(number))));
            match &self.timing.flap {
                None => self.push(start, lasts, schedule),
                Some(flap) => self.flap(number, &start, lasts, flap, schedule),
            }
            if schedule.len() > MOST_INJECTIONS {
                return;
            }
        }
    }

    /// What begins each happening of the whole fault, flapping or not.
    fn starts(&self) -> Vec<Trigger> {
        match &self.timing.start {
            Start::At(at) => vec![Trigger::At(*at)],
            Start::When(cue) => vec![Trigger::On(cue.clone())],
            Start::Within { from, to } => vec![Trigger::At(self.drawn(*from, *to))],
            Start::Rate { rate, from, to } => self.arrivals(*rate, *from, *to),
        }
    }

    /// One instant of the window, each as likely as any other.
    fn drawn(&self, from: Instant, to: Instant) -> Instant {
        let draw = self.streams.stream(&self.path, "beginning").at(0);
        from.saturating_add(Span::from_nanos(below(draw, to.since(from).as_nanos().max(1))))
    }

    /// A Poisson process: gaps are independent and exponential.
    fn arrivals(&self, rate: Rate, from: Instant, to: Instant) -> Vec<Trigger> {
        let end = to.min(Instant::ZERO.saturating_add(self.duration));
        let gap = Sampler::new(&Distribution::Exponential { mean: mean_gap(rate) });
        let mut draws = self.streams.stream(&self.path, "arrivals").cursor();
        let mut at = from;
        let mut found = Vec::new();
        while found.len() <= MOST_INJECTIONS {
            at = at.saturating_add(gap.span(draws.next()));
            if at >= end {
                break;
            }
            found.push(Trigger::At(at));
        }
        found
    }

    /// There for a while and gone for a while, in turns, from `start` on until `lasts` is over.
    fn flap(&mut self, number: u64, start: &Trigger, lasts: Option<Span>, flap: &Flap, schedule: &mut Vec<Injection>) {
        let path = format!("{}/{number}", self.path);
        let (down, up) = (Sampler::new(&flap.down), Sampler::new(&flap.up));
        let (downs, ups) = (self.streams.stream(&path, "down"), self.streams.stream(&path, "up"));
        let end = lasts.unwrap_or(match start {
            Trigger::At(at) => self.duration.saturating_sub(at.since(Instant::ZERO)),
            Trigger::On(cue) => self.duration.saturating_sub(cue.after),
        });
        let mut offset = Span::ZERO;
        for turn in 0.. {
            if offset >= end || schedule.len() > MOST_INJECTIONS {
                return;
            }
            let there = self.clip(down.span(downs.at(turn)));
            let rest = end.saturating_sub(offset);
            let stays = if there < rest { Some(there) } else { lasts.map(|_| rest) };
            let length = mutant!("a_fault_is_gone_after_half_its_time":
                stays => stays.map(|span| Span::from_nanos(span.as_nanos() / 2)));
            self.push(later(start, offset), length, schedule);
            let gone = self.clip(up.span(ups.at(turn)));
            let cycle = there.saturating_add(gone);
            offset =
                mutant!("a_flapping_fault_is_never_gone": offset.saturating_add(cycle) => offset.saturating_add(there));
        }
    }

    fn push(&mut self, trigger: Trigger, lasts: Option<Span>, schedule: &mut Vec<Injection>) {
        self.done += 1;
        schedule.push(Injection { fault: self.index, occurrence: self.done, trigger, lasts });
    }

    /// At least a nanosecond, so that time passes; no longer than the workload, after which all is healed anyway.
    fn clip(&self, span: Span) -> Span {
        span.min(self.duration).max(Span::from_nanos(1))
    }
}

fn mean_gap(rate: Rate) -> Span {
    rate.interval_nanos().map_or(Span::MAX, Span::from_nanos)
}

fn later(start: &Trigger, offset: Span) -> Trigger {
    match start {
        Trigger::At(at) => Trigger::At(at.saturating_add(offset)),
        Trigger::On(cue) => Trigger::On(super::Cue { after: cue.after.saturating_add(offset), ..cue.clone() }),
    }
}

#[cfg(test)]
#[path = "expand_tests.rs"]
mod tests;

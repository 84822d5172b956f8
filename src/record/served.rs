//! How every class of requests was served, by the second its requests began in.
//!
//! Owns the seconds some of whose requests are still open, and the signals of those that are closed. Does not know why
//! a request was not served, and influences nothing. Clients of drills have classes of their own and are no part of the
//! total.
//!
//! Invariants: a second is closed once every request that began in it has come to its outcome, and seconds are closed in
//! order, so a share never changes any more once it is written. Memory follows the requests that are open.
//!
//! When service came back is not a matter of when requests began but of when they were answered: of the requests that
//! began after the last one not served, the first answer counts. It is kept for eighths of a second; an answer to a
//! request in the same eighth as the last one not served is passed over, so that the instant is never too early.

use super::{Objective, Sample, ServiceClass, Signal, SignalUnit, TOTAL, Viewpoint};
use crate::units::{Instant, Span};
use std::collections::VecDeque;

/// In a second.
const NANOS: u64 = 1_000_000_000;

/// Parts of a second for which the first answer is kept.
const PARTS: usize = 8;

/// A time that has not come.
const NEVER: u32 = u32::MAX;

/// Requests of one class that began in one second.
#[derive(Debug, Clone, Copy)]
struct Second {
    started: u32,
    ended: u32,
    served: u32,
    /// Nanoseconds into the second at which the first and the last request began that was not served.
    unserved: Option<(u32, u32)>,
    /// By part of the second: microseconds from the second's beginning to the first answer to a request that began in it.
    answered: [u32; PARTS],
}

impl Second {
    const EMPTY: Self = Self { started: 0, ended: 0, served: 0, unserved: None, answered: [NEVER; PARTS] };

    fn not_served(&mut self, from: u32, to: u32) {
        let (first, last) = self.unserved.unwrap_or((from, to));
        self.unserved = Some((first.min(from), last.max(to)));
    }

    fn add(&mut self, other: &Self) {
        self.started += other.started;
        self.ended += other.ended;
        self.served += other.served;
        if let Some((first, last)) = other.unserved {
            self.not_served(first, last);
        }
        for (mine, theirs) in self.answered.iter_mut().zip(other.answered) {
            *mine = (*mine).min(theirs);
        }
    }

    /// Microseconds to the first answer to a request that began after the last one not served.
    fn back(&self) -> Option<u32> {
        let after = self.unserved.map_or(0, |(_, last)| part_of(last) + 1);
        self.answered[after..].iter().copied().min().filter(|at| *at != NEVER)
    }
}

fn part_of(offset: u32) -> usize {
    offset as usize / (NANOS as usize / PARTS)
}

/// The signals of one class.
#[derive(Debug)]
struct Shown {
    share: Signal,
    first: Signal,
    last: Signal,
    back: Signal,
    /// Requests were not served, and none that began later has been answered yet.
    waits_for_answer: bool,
    started: u64,
}

impl Shown {
    fn new(class: &ServiceClass, points: usize) -> Self {
        let time = |name: String| Signal::new(name, SignalUnit::Nanoseconds, Viewpoint::Truth);
        Self {
            share: Signal::with_capacity(class.share_signal(), SignalUnit::Ratio, Viewpoint::Truth, points),
            first: time(class.first_signal()),
            last: time(class.last_signal()),
            back: time(class.back_signal()),
            waits_for_answer: false,
            started: 0,
        }
    }

    fn show(&mut self, second: u64, counts: &Second) {
        let at = Instant::from_secs(second);
        self.started += u64::from(counts.started);
        self.share.set(at, Sample::quotient(u64::from(counts.served), u64::from(counts.started)));
        let beginning = second * NANOS;
        let nanos = |offset: u32| Sample::count(beginning + u64::from(offset));
        let (first, last) = counts.unserved.map_or((Sample::MISSING, Sample::MISSING), |(a, b)| (nanos(a), nanos(b)));
        let asked = self.waits_for_answer || counts.unserved.is_some();
        let back = counts.back().filter(|_| asked).map(|micros| Sample::count(beginning + u64::from(micros) * 1_000));
        self.waits_for_answer = asked && back.is_none();
        set_if_new(&mut self.first, at, first);
        set_if_new(&mut self.last, at, last);
        set_if_new(&mut self.back, at, back.unwrap_or(Sample::MISSING));
    }
}

/// Of a class that is always served there are no points at all.
fn set_if_new(signal: &mut Signal, at: Instant, sample: Sample) {
    if signal.changes() > 0 || sample != Sample::MISSING {
        signal.set(at, sample);
    }
}

/// The service each class gets.
#[derive(Debug)]
pub struct Served {
    /// By class, the total not counted: within what time an answer counts.
    limits: Vec<Span>,
    /// By class: whether its clients exist for drills only, and are no part of the total.
    drills: Vec<bool>,
    /// The first second that is not closed.
    first: u64,
    /// The seconds from there on, class by class.
    open: VecDeque<Second>,
    shown: Vec<Shown>,
    total: Shown,
    promised: Objective,
    served: u64,
    missing: u64,
    by_drills: u64,
}

/// What is left of it at the end.
#[derive(Debug)]
pub struct ServedSignals {
    /// The promise to the classes that had requests.
    pub objective: Objective,
    /// Their signals, and `success` and `errors`.
    pub signals: Vec<Signal>,
    /// Requests served.
    pub served: u64,
    /// Requests that users would have made if they had not been held up.
    pub missing: u64,
    /// Requests of clients that exist for drills only.
    pub by_drills: u64,
}

impl Served {
    /// Nothing so far, for a run of about so many seconds.
    pub fn new(objective: &Objective, points: usize) -> Self {
        let classes: Vec<&ServiceClass> = objective.classes.iter().filter(|class| class.name != TOTAL).collect();
        let total = objective.classes.iter().find(|class| class.name == TOTAL).cloned().unwrap_or(ServiceClass {
            name: TOTAL.to_owned(),
            served: crate::units::Ratio::ONE,
            within: Span::MAX,
            drill: false,
        });
        Self {
            limits: classes.iter().map(|class| class.within).collect(),
            drills: classes.iter().map(|class| class.drill).collect(),
            first: 0,
            open: VecDeque::new(),
            shown: classes.iter().map(|class| Shown::new(class, points)).collect(),
            total: Shown::new(&total, points),
            promised: objective.clone(),
            served: 0,
            missing: 0,
            by_drills: 0,
        }
    }

    /// Within what time a request of `class` must be answered.
    pub fn limit(&self, class: u16) -> Span {
        self.limits.get(usize::from(class)).copied().unwrap_or(Span::MAX)
    }

    /// A request of `class` began in `second`, which is the present one. Requests of no class are not counted.
    #[inline]
    pub fn started(&mut self, class: u16, second: u64) {
        if let Some(counts) = self.second_mut(class, second) {
            counts.started += 1;
            self.by_drills += u64::from(self.drills[usize::from(class)]);
        }
    }

    /// A request of `class` that began at `started` came to its outcome at `at`.
    #[inline]
    pub fn ended(&mut self, class: u16, started: Instant, at: Instant, answered: bool) {
        let Some(limit) = self.limits.get(usize::from(class)).copied() else { return };
        let second = started.second();
        let offset = (started.as_nanos() - second * NANOS) as u32;
        let Some(counts) = self.second_mut(class, second) else { return };
        counts.ended += 1;
        if answered && at.since(started) <= limit {
            counts.served += 1;
            let micros = (at.as_nanos() - second * NANOS).div_ceil(1_000);
            let first = &mut counts.answered[part_of(offset)];
            *first = (*first).min(u32::try_from(micros).unwrap_or(NEVER - 1));
        } else {
            counts.not_served(offset, offset);
        }
    }

    /// A user of `class` whose request began at `from` stood still until `to`, though they make a request every
    /// `interval`: those they did not make were not served either. (Coordinated omission: Tene, How NOT to measure
    /// latency, 2013; HdrHistogram corrects in the same way.)
    pub fn held_up(&mut self, class: u16, from: Instant, to: Instant, interval: Span) {
        let step = interval.as_nanos().max(1);
        let mut next = from.as_nanos().saturating_add(step);
        while next < to.as_nanos() {
            let second = next / NANOS;
            let until = ((second + 1) * NANOS).min(to.as_nanos());
            let count = (until - next).div_ceil(step);
            let last = next + (count - 1) * step;
            let Some(counts) = self.second_mut(class, second) else { return };
            counts.started += count as u32;
            counts.ended += count as u32;
            counts.not_served((next - second * NANOS) as u32, (last - second * NANOS) as u32);
            self.missing += if self.drills[usize::from(class)] { 0 } else { count };
            next = last + step;
        }
    }

    /// The second before `present` is over, and perhaps others with it: closes those whose requests have all ended.
    pub fn roll(&mut self, present: u64) {
        let classes = self.limits.len();
        if classes == 0 {
            return;
        }
        while self.first < present {
            let row = || self.open.iter().take(classes);
            if self.open.is_empty() {
                self.show_idle(present);
                return;
            }
            if row().any(|counts| counts.ended < counts.started) {
                return;
            }
            self.close_first();
        }
    }

    fn second_mut(&mut self, class: u16, second: u64) -> Option<&mut Second> {
        let (classes, class) = (self.limits.len(), usize::from(class));
        if class >= classes {
            return None;
        }
        let index = usize::try_from(second.checked_sub(self.first)?).ok()? * classes + class;
        if index >= self.open.len() {
            self.open.resize((index / classes + 1) * classes, Second::EMPTY);
        }
        self.open.get_mut(index)
    }

    /// Nothing is open: the seconds before `present` had no requests.
    fn show_idle(&mut self, present: u64) {
        for shown in self.shown.iter_mut().chain([&mut self.total]) {
            shown.show(self.first, &Second::EMPTY);
        }
        self.first = present;
    }

    fn close_first(&mut self) {
        let mut total = Second::EMPTY;
        for (shown, drill) in self.shown.iter_mut().zip(&self.drills) {
            let Some(counts) = self.open.pop_front() else { return };
            shown.show(self.first, &counts);
            if !drill {
                total.add(&counts);
            }
        }
        self.total.show(self.first, &total);
        self.served += u64::from(total.served);
        self.first += 1;
    }

    /// The run is over at `end`: requests still open were not served if they have waited longer than is promised;
    /// of the others nobody knows, so they do not count.
    pub fn close(mut self, end: Instant) -> ServedSignals {
        self.close_open(end);
        let (served, missing, by_drills) = (self.served, self.missing, self.by_drills);
        let last = Instant::from_secs(self.first);
        self.total.share.set(last, Sample::MISSING);
        let mut signals = vec![self.total.share.renamed("success"), failures(&self.total.share)];
        let Objective { stable, declared, classes } = self.promised;
        let (total, classes): (Vec<_>, Vec<_>) = classes.into_iter().partition(|class| class.name == TOTAL);
        let mut used: Vec<_> = classes.into_iter().zip(self.shown).filter(|(_, shown)| shown.started > 0).collect();
        if used.iter().filter(|(class, _)| !class.drill).count() > 1 {
            used.extend(total.into_iter().zip([self.total]));
        }
        let mut objective = Objective { stable, declared, classes: Vec::new() };
        for (class, Shown { share, first, last: latest, back, .. }) in used {
            objective.classes.push(class);
            for mut signal in [share, first, latest, back] {
                set_if_new(&mut signal, last, Sample::MISSING);
                signals.push(signal);
            }
        }
        ServedSignals { objective, signals, served, missing, by_drills }
    }

    fn close_open(&mut self, end: Instant) {
        let classes = self.limits.len();
        while !self.open.is_empty() {
            let waited = end.since(Instant::from_secs(self.first + 1).min(end));
            for (counts, limit) in self.open.iter_mut().take(classes).zip(&self.limits) {
                if counts.ended == counts.started {
                    continue;
                }
                if waited > *limit {
                    counts.not_served(0, (NANOS - 1) as u32);
                } else {
                    counts.started = counts.ended;
                }
            }
            self.close_first();
        }
    }
}

/// The share of requests that were not served, beside that of those that were.
fn failures(share: &Signal) -> Signal {
    let mut errors = Signal::new("errors", share.unit, share.view);
    for (at, sample) in share.points() {
        errors.set(at, Sample::quotient(sample.whole - sample.part, sample.whole));
    }
    errors
}

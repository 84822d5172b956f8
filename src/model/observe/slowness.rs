//! How long the answers to each class of requests took, and how many took more than twice what is usual for it.
//!
//! Owns what is usual, and the signals that say so. Does not know what faults do, nor whether slow answers matter, and
//! influences nothing.
//!
//! Definition. Usual is the 95th percentile of the answers in undisturbed seconds: no fault was on that can reach
//! requests, nor had one been healed so lately that service need not be stable. So that a few bad minutes are not taken for
//! usual, it is the median of the percentiles of stretches of [`BLOCK`]. It is settled when the first fault or change begins, or
//! after [`LONG_ENOUGH`] undisturbed seconds; later, where too little has been seen by then.
//!
//! Invariants: once it is settled what is usual does not change; the seconds before are kept until then and judged by the
//! same measure, so that memory follows their number, up to [`KEPT`], and not that of the requests.

use crate::model::core::Core;
use crate::model::observe::Observe;
use crate::record::{FineBuckets, Objective, Sample, ServiceClass, Signal, SignalUnit, TOTAL, Viewpoint};
use crate::units::{Instant, Span};

/// What must have been seen to say what is usual, in seconds and answers: product default; of fewer than twenty answers
/// the 95th percentile is the longest.
const ENOUGH: (u64, u64) = (10, 20);

/// The least of which a percentile is taken, in seconds and answers, where there is more: product default; it is then
/// within three in a hundred of its rank in two cases of three.
const BLOCK: (u64, u64) = (10, 100);

/// Undisturbed seconds with answers that settle what is usual: product default, ten minutes.
const LONG_ENOUGH: u64 = 600;

/// Seconds with answers that are kept until it is settled: product default, an hour.
const KEPT: usize = 3_600;

/// A part in so many of a second's answers must be slow for its 95th percentile to be.
const TWENTIETH: u64 = 20;

/// No more slow ones than a part in so many are passed over: far from what makes a percentile slow, and the tail of any distribution
/// brings some to every second of a busy class.
const FORTIETH: u64 = 40;

/// The answers of one second of a class.
#[derive(Debug)]
struct Kept {
    second: u64,
    undisturbed: bool,
    counts: Box<[(u16, u32)]>,
}

/// What is known of what is usual for a class.
#[derive(Debug)]
enum Usual {
    /// Not enough: what was seen so far, and how many undisturbed seconds and answers are in it.
    Open { kept: Vec<Kept>, seconds: u64, answers: u64 },
    /// Answers are slow beyond this, twice the usual.
    Settled(Span),
    /// An hour has brought too little.
    GivenUp,
}

/// One class of requests.
#[derive(Debug)]
struct Class {
    usual: Usual,
    /// What was usual, in the time from which that is known.
    known: Signal,
    /// Of the answers of a second, those that were slow; none where those were few.
    slow: Signal,
    /// The 95th percentile of those seconds in which it was slow.
    p95: Signal,
}

/// How long answers take, by class.
#[derive(Debug)]
pub(in crate::model) struct Slowness {
    /// The answers of the present second, by class; last those of requests of no class.
    present: Vec<FineBuckets>,
    classes: Vec<Class>,
    /// Injections that are there.
    faults_on: u32,
    /// The first second that no fault disturbs any more, unless one is on.
    undisturbed_from: u64,
    /// Whether something was changed on purpose: what comes after it says nothing of what was usual before.
    changed: bool,
    /// For how many seconds service must be as promised.
    stable: u64,
}

impl Slowness {
    /// Nothing so far.
    pub fn new(objective: &Objective) -> Self {
        let classes: Vec<Class> =
            objective.classes.iter().filter(|class| class.name != TOTAL).map(Class::new).collect();
        Self {
            present: (0..=classes.len()).map(|_| FineBuckets::default()).collect(),
            classes,
            faults_on: 0,
            undisturbed_from: 0,
            changed: false,
            stable: objective.stable.as_nanos().div_ceil(1_000_000_000),
        }
    }

    /// A request of `class` was answered after `took`.
    #[inline(always)]
    pub fn answered(&mut self, class: u16, took: Span) {
        let none = self.present.len() - 1;
        self.present[usize::from(class).min(none)].record(took);
    }

    /// `second` is over: moves its answers into `all`, which leaves none behind.
    pub fn close_second(&mut self, second: u64, all: &mut FineBuckets) {
        let without_fault = self.faults_on == 0 && second >= self.undisturbed_from && !self.changed;
        let undisturbed = mutant!("a_fault_is_usual": without_fault => true);
        for (class, answers) in self.classes.iter_mut().zip(&self.present).filter(|(_, answers)| answers.count() > 0) {
            class.close_second(second, undisturbed, answers);
        }
        for answers in self.present.iter_mut().filter(|answers| answers.count() > 0) {
            // Most seconds have answers of one class alone: nothing need be added.
            if all.count() == 0 { std::mem::swap(all, answers) } else { all.take_in(answers) }
        }
    }

    /// Something is changed on purpose: what was usual until now stays what it was.
    pub fn change_begins(&mut self) {
        self.classes.iter_mut().for_each(Class::settle);
        self.changed = mutant!("what_a_change_brings_is_usual": true => false);
    }

    fn fault_begins(&mut self) {
        self.faults_on += 1;
        self.classes.iter_mut().for_each(Class::settle);
    }

    fn fault_ends(&mut self, second: u64) {
        self.faults_on -= 1;
        self.undisturbed_from = second + 1 + self.stable;
    }

    /// The signals of every class of which it is known what is usual.
    pub fn close(self) -> impl Iterator<Item = Signal> {
        self.classes.into_iter().flat_map(|mut class| {
            class.settle();
            let settled = matches!(class.usual, Usual::Settled(_));
            [class.known, class.slow, class.p95].into_iter().filter(move |_| settled)
        })
    }
}

impl Class {
    fn new(class: &ServiceClass) -> Self {
        let signal = |name: String, unit| Signal::new(name, unit, Viewpoint::Truth);
        Self {
            usual: Usual::Open { kept: Vec::new(), seconds: 0, answers: 0 },
            known: signal(class.usual_signal(), SignalUnit::Nanoseconds),
            slow: signal(class.slow_signal(), SignalUnit::Ratio),
            p95: signal(class.slow_p95_signal(), SignalUnit::Nanoseconds),
        }
    }

    fn close_second(&mut self, second: u64, undisturbed: bool, answers: &FineBuckets) {
        let (kept, seconds, count) = match &mut self.usual {
            Usual::GivenUp => return,
            Usual::Settled(limit) => {
                let limit = *limit;
                return self.show(second, limit, answers);
            }
            Usual::Open { kept, seconds, answers } => (kept, seconds, answers),
        };
        // Of the right size at once: how often memory is asked for does not depend on the load.
        let mut counts = Vec::with_capacity(answers.counts().count());
        counts.extend(answers.counts());
        kept.push(Kept { second, undisturbed, counts: counts.into_boxed_slice() });
        if undisturbed {
            *seconds += 1;
            *count += answers.count();
        }
        let full = kept.len() >= KEPT;
        if full || *seconds >= LONG_ENOUGH {
            self.settle();
        }
        if full && matches!(self.usual, Usual::Open { .. }) {
            self.usual = Usual::GivenUp;
        }
    }

    /// Says what is usual, if enough was seen, and judges the seconds up to now by it.
    fn settle(&mut self) {
        let Usual::Open { kept, seconds, answers } = &mut self.usual else { return };
        if *seconds < ENOUGH.0 || *answers < ENOUGH.1 {
            return;
        }
        let kept = std::mem::take(kept);
        let mut undisturbed = kept.iter().filter(|kept| kept.undisturbed);
        let Some(usual) = usual(undisturbed.clone()) else { return };
        if let (Some(first), Some(last)) = (undisturbed.next().map(|kept| kept.second), undisturbed.next_back()) {
            self.known.set(Instant::from_secs(first), Sample::count(usual.as_nanos()));
            self.known.set(Instant::from_secs(last.second + 1), Sample::MISSING);
        }
        let twice = usual.saturating_add(usual);
        let limit = mutant!("slow_is_thrice_the_usual": twice => twice.saturating_add(usual));
        self.usual = Usual::Settled(limit);
        for Kept { second, counts, .. } in kept {
            let mut answers = FineBuckets::default();
            counts.iter().for_each(|(bucket, count)| answers.add(*bucket, *count));
            self.show(second, limit, &answers);
        }
    }

    fn show(&mut self, second: u64, limit: Span, answers: &FineBuckets) {
        let at = Instant::from_secs(second);
        // What holds until the next answers says that none was slow: for a class that is never slow there is one point.
        let none = Sample::quotient(0, 1);
        let slow = answers.longer_than(limit);
        if slow * FORTIETH <= answers.count() {
            return self.slow.set(at, none);
        }
        self.slow.set(at, Sample::quotient(slow, answers.count()));
        self.slow.set(at + Span::from_secs(1), none);
        if let [Some(p95)] = answers.middles([95], 0).map(|p95| p95.filter(|_| slow * TWENTIETH > answers.count())) {
            self.p95.set(at, Sample::count(p95.as_nanos()));
            self.p95.set(at + Span::from_secs(1), Sample::MISSING);
        }
    }
}

/// The median of the 95th percentiles of stretches of `seconds`; of all of them, where they are too few for two.
fn usual<'a>(seconds: impl Iterator<Item = &'a Kept>) -> Option<Span> {
    let p95 = |answers: &FineBuckets| answers.middles([95], 0)[0];
    let mut found: Vec<Span> = Vec::new();
    let (mut block, mut length) = (FineBuckets::default(), 0);
    for Kept { counts, .. } in seconds {
        counts.iter().for_each(|(bucket, count)| block.add(*bucket, *count));
        length += 1;
        let full = length >= BLOCK.0 && block.count() >= BLOCK.1;
        if mutant!("all_time_is_one_block": full => false) {
            found.extend(p95(&block));
            (block, length) = (FineBuckets::default(), 0);
        }
    }
    if found.is_empty() {
        return p95(&block);
    }
    found.sort_unstable();
    Some(found[(found.len() - 1) / 2])
}

impl Observe {
    /// A fault that can reach requests begins: what answers take from now on is not what is usual.
    pub fn disturbance_begins(&mut self) {
        self.meter.slowness.fault_begins();
    }

    /// Such a fault is over.
    pub fn disturbance_ends(&mut self, core: &mut Core) {
        let second = core.kernel.now().second();
        self.meter.slowness.fault_ends(second);
    }
}

#[cfg(test)]
#[path = "slowness_tests.rs"]
pub(crate) mod tests;

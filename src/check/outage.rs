//! Outages: stretches of requests of one class that were not served as promised.
//!
//! Owns where an outage begins and ends. Does not know causes, windows or properties.
//!
//! Definition. Along the requests of a class, each one not served counts `+share`, each one served `-(1 - share)`: the sum
//! rises exactly where less than the promised share is served. A stretch begins with the first request not served after
//! the sum was at its lowest, and ends with the last one not served at its highest, once nothing higher has come for as
//! long as service must be stable: from there on, every beginning of what follows was served as promised. The stretch is
//! an outage if so many failures would come by chance less than once in a thousand runs (one-sided exact binomial, as
//! Clopper and Pearson 1934, Biometrika 26; divided by the requests of the class, of which any may begin a stretch:
//! Bonferroni), or if that is so of a part of it no longer than service must be stable (divided by the lengths such a part
//! may have, too): bursts do not become chance by the time between them. The cumulative sum is Page's (1954, Biometrika
//! 41).
//!
//! An outage lasts from the beginning of its first request not served to the first answer to a request that began after
//! the last one: recovery is never earlier than the first good answer, whatever clients put up with. It does not depend
//! on the load, nor on where seconds begin, beyond the resolution of the record (an eighth of a second).

use crate::record::{Record, Sample, ServiceClass, Signal};
use crate::units::{Instant, Ratio, Span};
use std::cmp::Reverse;

/// A stretch that is not served as promised by chance may be taken for an outage once in so many runs.
const ONCE_IN: f64 = 1_000.0;

/// A stretch of requests of one class that was not served as promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// When the first request not served began.
    pub from: Instant,
    /// When the last one began.
    pub last: Instant,
    /// When the first request was answered that began after it; `None`: none was.
    pub answered: Option<Instant>,
    /// The earliest that request can have begun.
    pub asked: Option<Instant>,
    /// Whether service then stayed as promised for as long as it must, while clients were still there.
    pub stays: bool,
    /// Requests not served.
    pub unserved: u64,
    /// Requests.
    pub requests: u64,
    /// Whether there are enough requests to tell; if not, it may be an outage or chance.
    pub certain: bool,
}

impl Stretch {
    /// When service was back for good, if it was.
    pub fn until(&self) -> Option<Instant> {
        self.answered.filter(|_| self.stays)
    }

    /// Whether it may still have been on at `at`.
    pub fn reaches(&self, at: Instant) -> bool {
        self.until().is_none_or(|until| until >= at)
    }
}

/// One second of a class.
#[derive(Debug, Clone, Copy)]
struct Second {
    at: Instant,
    requests: u64,
    served: u64,
    unserved: Option<(Instant, Instant)>,
    answered: Option<Instant>,
}

/// The stretches of `class` in which less than `share` of its requests was served, in order: outages, and what may be.
/// Service must stay as promised for `stable` to count as back.
pub fn stretches(record: &Record, class: &ServiceClass, share: Ratio, stable: Span) -> Vec<Stretch> {
    let seconds = seconds(record, class);
    let requests: u64 = seconds.iter().map(|second| second.requests).sum();
    let judge = Judge { share, stable, requests, end: record.workload_end };
    let found = judge.stretches(&seconds);
    if found.iter().any(|stretch| stretch.certain) {
        found
    } else {
        judge.worst_of_the_whole(&seconds).map_or(found, |worst| vec![worst])
    }
}

/// What was counted in one second, and how much of it was beyond what is promised.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    /// The second.
    pub at: Instant,
    /// All of it.
    pub all: u64,
    /// Of these, those beyond.
    pub beyond: u64,
}

/// The stretches of `seconds`, in order, in which less than `share` was within what is promised, and not by chance. Each
/// goes on as long as that holds of it as a whole, however long it pauses. `end`: of what clients sent.
pub(super) fn exceeding(seconds: &[Counted], share: Ratio, end: Instant) -> Vec<Stretch> {
    let second = |counted: &Counted| Second {
        at: counted.at,
        requests: counted.all,
        served: counted.all - counted.beyond,
        unserved: (counted.beyond > 0).then_some((counted.at, counted.at)),
        answered: None,
    };
    let seconds: Vec<Second> = seconds.iter().map(second).collect();
    let requests = seconds.iter().map(|second| second.requests).sum();
    let judge = Judge { share, stable: Span::MAX, requests, end };
    let (mut found, mut begin): (Vec<Stretch>, usize) = (Vec::new(), 0);
    loop {
        let before = found.len();
        found.extend(judge.stretches(&seconds[begin..]).into_iter().filter(|stretch| stretch.certain));
        match found.last().filter(|_| found.len() > before) {
            // The last one may not be over, and hide another.
            Some(last) => begin = seconds.partition_point(|second| second.at <= last.last),
            None => return found,
        }
    }
}

/// Requests of `class` that began from `from` on and before `to`, and how many of them were served.
pub fn requests_within(record: &Record, class: &ServiceClass, from: Instant, to: Instant) -> (u64, u64) {
    let Some(signal) = record.signal(&class.share_signal()) else { return (0, 0) };
    let within = signal.seconds(to).filter(|(second, _)| *second >= from.second());
    within.fold((0, 0), |(all, served), (_, sample)| (all + sample.whole, served + sample.part))
}

/// How many requests in a row must fail before that cannot be chance, where `requests` of a class are promised `share`;
/// no number is enough where nothing is promised.
pub fn enough_to_tell(requests: u64, share: Ratio) -> u64 {
    let unserved = 1.0 - share.as_f64();
    if unserved <= 0.0 {
        return 1;
    }
    if unserved >= 1.0 {
        return u64::MAX;
    }
    // The smallest n with unserved^n below the level.
    (libm::log(level(requests)) / libm::log(unserved)).floor() as u64 + 1
}

fn seconds(record: &Record, class: &ServiceClass) -> Vec<Second> {
    let Some(shares) = record.signal(&class.share_signal()) else { return Vec::new() };
    let [first, last, back] = [class.first_signal(), class.last_signal(), class.back_signal()];
    let [first, last, back] = [first, last, back].map(|name| record.signal(&name));
    let instant = |signal: Option<&Signal>, at: Instant| {
        let sample = signal.map_or(Sample::MISSING, |signal| signal.at(at));
        (sample.whole > 0).then(|| Instant::from_nanos(sample.part))
    };
    let second = |(at, sample): (Instant, Sample)| Second {
        at,
        requests: sample.whole,
        served: sample.part,
        unserved: instant(first, at).zip(instant(last, at)).filter(|_| sample.part < sample.whole),
        answered: instant(back, at),
    };
    let shares = shares.seconds(record.end).map(|(second, sample)| (Instant::from_secs(second), sample));
    shares.map(second).collect()
}

/// What decides over one class.
struct Judge {
    share: Ratio,
    stable: Span,
    /// Of the whole run.
    requests: u64,
    /// When clients stopped sending.
    end: Instant,
}

/// A stretch that is not over.
#[derive(Debug, Clone, Copy)]
struct Open {
    from: Instant,
    sum: i128,
    highest: i128,
    /// The seconds it began in and was highest in, by index.
    first: usize,
    top: usize,
}

impl Judge {
    fn stretches(&self, seconds: &[Second]) -> Vec<Stretch> {
        let mut found = Vec::new();
        let mut open: Option<Open> = None;
        let mut index = 0;
        while index < seconds.len() {
            let second = &seconds[index];
            if let Some(stretch) = open.take_if(|open| self.is_over(open, seconds, second.at)) {
                found.extend(self.close(&stretch, seconds));
                // What came after its highest point may begin another.
                index = stretch.top + 1;
                continue;
            }
            open = self.add(open, index, second);
            index += 1;
        }
        found.extend(open.and_then(|open| self.close(&open, seconds)));
        found
    }

    /// Where the sum rises most in the whole run, if more requests were not served than chance explains though no part of it
    /// stands out: a service that is always a little worse than promised, or few requests most of which failed.
    fn worst_of_the_whole(&self, seconds: &[Second]) -> Option<Stretch> {
        let certain = tail(unserved(seconds), self.requests, self.share) < 1.0 / ONCE_IN;
        if !mutant!("nobody_looks_at_the_whole": certain => false) {
            return None;
        }
        let mut open: Option<Open> = None;
        let mut worst: Option<Open> = None;
        for (index, second) in seconds.iter().enumerate() {
            open = self.add(open.filter(|open| open.sum > 0), index, second);
            worst = [worst, open].into_iter().flatten().max_by_key(|open| (open.highest, Reverse(open.first)));
        }
        worst.and_then(|worst| self.stretch(&worst, seconds, true))
    }

    /// Nothing has been worse than its worst for as long as service must be stable.
    fn is_over(&self, open: &Open, seconds: &[Second], now: Instant) -> bool {
        let back = seconds[open.top].unserved.map_or(seconds[open.top].at, |(_, last)| last);
        let stable = mutant!("a_relapse_is_another_outage": self.stable => Span::ZERO);
        now > back.saturating_add(stable).saturating_add(Span::from_secs(1)) || open.sum <= 0
    }

    fn add(&self, open: Option<Open>, index: usize, second: &Second) -> Option<Open> {
        let failed = i128::from(second.requests - second.served);
        let share = i128::from(self.share.as_ppb());
        let rest = mutant!("what_is_served_makes_good_for_nothing": i128::from(Ratio::ONE.as_ppb()) - share => 0);
        let worse = failed * share - i128::from(second.served) * rest;
        let begins = |from| Open { from, sum: 0, highest: 0, first: index, top: index };
        let mut open = match (open, second.unserved) {
            (Some(open), _) => open,
            (None, Some((first, _))) if worse > 0 => begins(first),
            (None, _) => return None,
        };
        open.sum += worse;
        if open.sum > open.highest {
            (open.highest, open.top) = (open.sum, index);
        }
        Some(open)
    }

    fn close(&self, open: &Open, seconds: &[Second]) -> Option<Stretch> {
        let within = &seconds[open.first..=open.top];
        let beyond_chance = tail(unserved(within), requests(within), self.share) < level(self.requests);
        let certain = mutant!("every_failure_is_an_outage": beyond_chance || self.has_certain_part(within) => true);
        if !certain && self.could_be_told(open, seconds) {
            return None;
        }
        self.stretch(open, seconds, certain)
    }

    /// What is between where `open` began and where it was highest.
    fn stretch(&self, open: &Open, seconds: &[Second], certain: bool) -> Option<Stretch> {
        let within = &seconds[open.first..=open.top];
        // In its first and last second there are requests of before and after it.
        let (_, last) = seconds[open.top].unserved?;
        let next = seconds[open.top..].iter().find(|second| second.answered.is_some());
        let answered =
            next.and_then(|second| mutant!("service_is_back_with_the_last_failure": second.answered => Some(last)));
        let asked = next.map(|second| second.at.max(last));
        let stays = answered.is_some_and(|back| mutant!("an_answer_is_recovery": self.stays(back, seconds) => true));
        let (unserved, requests) = (unserved(within), requests(within));
        Some(Stretch { from: open.from, last, answered, asked, stays, unserved, requests, certain })
    }

    /// Whether a part of `seconds` no longer than service must be stable cannot be chance by itself.
    fn has_certain_part(&self, seconds: &[Second]) -> bool {
        // Without an end to how long service must be stable the only part is the whole.
        if self.stable == Span::MAX {
            return false;
        }
        let lengths = self.stable.as_nanos().div_ceil(1_000_000_000).max(1);
        let level = level(self.requests) / lengths as f64;
        let certain = (0..seconds.len()).filter(|first| seconds[*first].unserved.is_some()).any(|first| {
            let until = seconds[first].at.saturating_add(self.stable);
            let (mut requests, mut unserved) = (0, 0);
            seconds[first..].iter().take_while(|second| second.at < until).any(|second| {
                requests += second.requests;
                unserved += second.requests - second.served;
                second.unserved.is_some() && tail(unserved, requests, self.share) < level
            })
        });
        mutant!("bursts_become_chance_by_the_time_between_them": certain => false)
    }

    /// Whether an outage of half the time for which service must be stable would have been seen in the requests there were.
    fn could_be_told(&self, open: &Open, seconds: &[Second]) -> bool {
        let until = open.from.saturating_add(self.stable);
        let mut around = seconds[open.first..].iter().take_while(|second| second.at <= until);
        let mut left = enough_to_tell(self.requests, self.share).saturating_mul(2);
        around.any(|second| {
            left = left.saturating_sub(second.requests);
            left == 0
        })
    }

    /// Whether clients were still there to see that service stays as promised from `back` on, and one of them did.
    fn stays(&self, back: Instant, seconds: &[Second]) -> bool {
        let until = back.saturating_add(self.stable);
        let later = seconds.iter().rev().take_while(|second| second.at.saturating_add(Span::from_secs(1)) > back);
        until <= self.end && (self.stable == Span::ZERO || later.clone().any(|second| second.served > 0))
    }
}

fn requests(seconds: &[Second]) -> u64 {
    seconds.iter().map(|second| second.requests).sum()
}

fn unserved(seconds: &[Second]) -> u64 {
    seconds.iter().map(|second| second.requests - second.served).sum()
}

/// The level at which one stretch is judged.
fn level(requests: u64) -> f64 {
    1.0 / (ONCE_IN * mutant!("a_stretch_begins_once": requests.max(1) => 1) as f64)
}

/// The probability that of `n` requests, each served with probability `share`, at least `failed` are not.
fn tail(failed: u64, n: u64, share: Ratio) -> f64 {
    let served = share.as_ppb() as f64 / Ratio::ONE.as_ppb() as f64;
    let (p, k, n) = (1.0 - served, failed as f64, n as f64);
    if failed == 0 {
        return 1.0;
    }
    if p <= 0.0 {
        return 0.0;
    }
    if k <= n * p {
        return 1.0;
    }
    let choose = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    let first = libm::exp(choose + k * libm::log(p) + (n - k) * libm::log1p(-p));
    // Each further term is the one before times a ratio below one, for k is beyond the mean.
    let (mut sum, mut term, mut k) = (first, first, k);
    while term > sum * mutant!("the_tail_is_its_first_term": 1e-12 => 2.0) && k < n {
        term *= (n - k) / (k + 1.0) * (p / served);
        sum += term;
        k += 1.0;
    }
    sum.min(1.0)
}

#[cfg(test)]
#[path = "outage_tests.rs"]
pub(crate) mod tests;

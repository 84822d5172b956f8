//! What clients knew before the start: a run begins as the long run goes on.
//!
//! Owns how long each group has been at it, and when it sent something meanwhile. Does not know what was sent. A group is
//! placed as a single cache, or connection, would be found at a random instant; then it lives through a few lives of what
//! it keeps, so that its connection, its cache and its resolver are of ages that belong together.
//!
//! Invariants: nothing in the world was changed then, so all that is left of it is how old things are. What one group
//! draws moves no other group.

use super::demand::mean_gap;
use super::{Life, NO_RESOLVER, Stubs};
use crate::kernel::{Lives, Stream, Streams, left_over};
use crate::model::names::dns::cache::shifted;
use crate::model::names::dns::{Resolvers, Zone};
use crate::model::plan::{Refresh, WorkloadPlan, WorldPlan};
use crate::units::{Instant, Span};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How many lives of what is kept longest each group lives through: the ripple of a single cache is gone from the first
/// on, and what two layers know of each other is settled by the second.
const LIVES: u64 = 3;
/// How often a group sends something meanwhile at most, where connections are much shorter than answers live.
const SENT_AT_MOST: u64 = 64;
/// And so often where connections are left idle, or not made.
const SENT_IN_ALL: u64 = 4_096;
/// Nothing is older than this.
const YEAR: Span = Span::from_secs(365 * 86_400);
/// A connection is left idle for so many times the mean gap by one request in half a billion.
const GAPS: u64 = 20;

/// A request before the start: when, of which population and group, and how many that group had sent before.
type Sent = Reverse<(Instant, u16, u32, u64)>;

/// One population before the start.
struct Past {
    /// The mean time between two requests of a group; [`Span::MAX`]: none.
    gap: Span,
    gaps: Stream,
    ages: Stream,
    lengths: Stream,
    /// The mean life of what a group asks for anew: its connection, or without one its answer.
    life: Span,
    /// There was no before: its clients start with the run.
    cold: bool,
}

/// Lets `all` and the resolvers live until the start. Their answers were drawn to be of any age, as if there were no
/// connections, and nobody waited with asking.
pub fn live_through(all: &mut [Stubs], resolvers: &mut Resolvers, plan: &WorldPlan, streams: &Streams) {
    let ttl = plan.dns.ttl;
    let pasts: Vec<Past> =
        all.iter().zip(&plan.workloads).map(|(stubs, w)| Past::new(stubs, w, ttl, streams)).collect();
    let longest = begin_resolvers(all, &pasts, resolvers, ttl);
    let begin = |before: Span| longest.saturating_sub(before);
    let mut sent: BinaryHeap<Sent> = BinaryHeap::new();
    for (population, (stubs, past)) in (0..).zip(all.iter_mut().zip(&pasts)) {
        for group in 0..stubs.groups.len() {
            let before = past.before(stubs, group, resolvers, ttl);
            let at = Instant::ZERO.saturating_add(begin(before));
            past.place(stubs, group, at);
            if before > Span::ZERO {
                sent.push(Reverse((past.next(stubs, group, at, 0), population, group as u32, 0)));
            }
        }
    }
    let start = Instant::ZERO.saturating_add(longest);
    let mut zone = Zone::new(&plan.dns, streams);
    while let Some(Reverse((at, population, group, number))) = sent.pop() {
        if at >= start {
            break;
        }
        let (stubs, past) = (&mut all[usize::from(population)], &pasts[usize::from(population)]);
        // Counted from the other end than the requests of the run.
        let draw = !((u64::from(group) << 24) | number);
        stubs.address((group, draw), resolvers, &mut zone, at);
        if number < SENT_IN_ALL {
            sent.push(Reverse((past.next(stubs, group as usize, at, number + 1), population, group, number + 1)));
        }
    }
    for (stubs, _) in all.iter_mut().zip(&pasts).filter(|(_, past)| !past.cold) {
        stubs.catch_up_with(|group| !group.pinned, resolvers, &mut zone, start);
    }
    for (stubs, _) in all.iter_mut().zip(&pasts).filter(|(stubs, past)| past.never_idle(stubs)) {
        // They were used a moment ago.
        let idle_until = start.saturating_add(stubs.idle_timeout);
        stubs.groups.iter_mut().for_each(|group| group.idle_until = idle_until);
    }
    arrive(all, resolvers, longest);
}

/// Puts every resolver to where the first of its clients begins. Returns how long before the start the first of all does.
fn begin_resolvers(all: &[Stubs], pasts: &[Past], resolvers: &mut Resolvers, ttl: Span) -> Span {
    let mut longest = Span::ZERO;
    let mut of_resolvers = vec![Span::ZERO; resolvers.count() as usize];
    for (stubs, past) in all.iter().zip(pasts) {
        for group in 0..stubs.groups.len() {
            let before = past.before(stubs, group, resolvers, ttl);
            longest = longest.max(before);
            if let Some(of) = of_resolvers.get_mut(stubs.groups[group].resolver as usize) {
                *of = before.max(*of);
            }
        }
    }
    for (resolver, before) in (0..).zip(&of_resolvers) {
        resolvers.shift(resolver, longest.saturating_sub(*before), true);
    }
    longest
}

/// The start is there, after `past`: every instant is counted from it.
fn arrive(all: &mut [Stubs], resolvers: &mut Resolvers, past: Span) {
    (0..resolvers.count()).for_each(|resolver| resolvers.shift(resolver, past, false));
    for group in all.iter_mut().flat_map(|stubs| &mut stubs.groups).filter(|group| !group.pinned) {
        for at in [&mut group.cached.expires, &mut group.connected_until, &mut group.idle_until] {
            *at = shifted(*at, past, false);
        }
    }
}

impl Past {
    fn new(stubs: &Stubs, plan: &WorkloadPlan, ttl: Span, streams: &Streams) -> Self {
        let path = format!("workload/{}", plan.name);
        let stream = |purpose| streams.stream(&path, purpose);
        let lengths = stream("connection length at the start");
        let life = match &stubs.life {
            Life::None => stubs.keeps.unwrap_or(ttl),
            Life::Fixed(span) => *span,
            Life::Drawn(sampler, _) => {
                let some = (0..LIVES * 10).map(|n| sampler.span(lengths.at(n)).as_nanos() / (LIVES * 10)).sum();
                Span::from_nanos(some)
            }
        };
        // An answer that is fetched at every expiry is as old as it is, whoever sends what.
        let nothing_to_tell = stubs.life.is_none() && stubs.refresh == Refresh::Prefetch;
        let gap = if nothing_to_tell { Span::MAX } else { mean_gap(plan) };
        let cold = plan.cold_start;
        Self { cold, gap, gaps: stream("requests before the start"), ages: stream("connection age"), lengths, life }
    }

    /// How long before the start `group` begins.
    fn before(&self, stubs: &Stubs, group: usize, resolvers: &Resolvers, ttl: Span) -> Span {
        let resolver = stubs.groups[group].resolver;
        if self.cold || self.gap == Span::MAX || stubs.groups[group].pinned {
            return Span::ZERO;
        }
        let keep = if resolver == NO_RESOLVER { ttl } else { resolvers.keeps(resolver, ttl) };
        let keep = stubs.keeps.unwrap_or(keep);
        let cycle = self.life.saturating_add(self.gap);
        let times = |span: Span, n: u64| Span::from_nanos(span.as_nanos().saturating_mul(n));
        times(keep.saturating_add(cycle), LIVES).min(times(cycle, SENT_AT_MOST)).min(YEAR)
    }

    /// Puts `group` in front of what it is found with at `begin`.
    fn place(&self, stubs: &mut Stubs, group: usize, begin: Instant) {
        let index = group as u64;
        let draw = self.ages.at(index);
        // Of clients that send nothing, nobody knows when they last did.
        let wait = if self.gap == Span::MAX { Span::ZERO } else { self.gap };
        let equal = |span| left_over(&Lives::<fn(u64) -> Span>::Equal(span), wait, draw);
        let found = match &stubs.life {
            Life::None if stubs.refresh == Refresh::Prefetch => Some(Span::ZERO),
            Life::None => equal(self.life),
            Life::Fixed(span) => equal(*span),
            Life::Drawn(sampler, _) => {
                let lives = Lives::Unequal(|n| sampler.span(self.lengths.at((index << 6) | n)));
                left_over(&lives, wait, draw)
            }
        };
        let (connects, on_demand) = (!stubs.life.is_none(), stubs.refresh == Refresh::OnDemand);
        let used_lately = self.gap != Span::MAX || stubs.idle_timeout == Span::MAX;
        let idle_until = if used_lately { begin.saturating_add(stubs.idle_timeout) } else { begin };
        let group = &mut stubs.groups[group];
        if self.cold || group.pinned {
            return;
        }
        group.cached.expires = shifted(group.cached.expires, begin.since(Instant::ZERO), true);
        let until = found.map_or(begin, |left| begin.saturating_add(left));
        if connects {
            (group.connected_until, group.idle_until) = (until, idle_until);
        } else if on_demand && self.gap != Span::MAX {
            group.cached.expires = until;
        }
    }

    /// When `group`, which has last sent something at `at` and so many times before the start, next sends something that
    /// changes what it knows.
    fn next(&self, stubs: &Stubs, group: usize, at: Instant, number: u64) -> Instant {
        let known = &stubs.groups[group];
        let until = match stubs.life {
            Life::None => known.cached.expires,
            // Whether it is left idle for too long is decided request by request.
            _ if !self.never_idle(stubs) => at,
            _ => known.connected_until,
        };
        until.max(at).saturating_add(self.wait(group, number))
    }

    /// Whether something is sent on every connection before it is idle for too long.
    fn never_idle(&self, stubs: &Stubs) -> bool {
        self.gap.as_nanos().saturating_mul(GAPS) < stubs.idle_timeout.as_nanos()
    }

    /// How long `group` waits before it sends something: without memory, whatever it has waited already.
    fn wait(&self, group: usize, number: u64) -> Span {
        let draw = self.gaps.at(((group as u64) << 24) | number);
        let open = ((draw >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        Span::from_nanos((-libm::log(open) * self.gap.as_nanos() as f64) as u64)
    }
}

#[cfg(test)]
#[path = "past_tests.rs"]
mod tests;

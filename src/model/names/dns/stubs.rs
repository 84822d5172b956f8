//! What clients know: each group's DNS cache and its connection.
//!
//! Owns both. Does not know what is sent. Invariant: a group uses its connection until that ends or breaks, then
//! what it has cached until that expires, by a rule of its own or the answer's, and only then asks; a pinned group asks
//! once, when it is restarted. A
//! connection ends when its life is over, or when nothing was sent on it for too long.

mod demand;
mod past;

use super::cache::{CachedAnswer, first_expiry, phase};
use super::resolvers::Resolvers;
use super::zone::{Asker, Zone};
use crate::kernel::{Sampler, Stream, Streams, members};
use crate::model::plan::{Ages, DnsPlan, Refresh, Target, WorkloadPlan};
use crate::units::{Instant, NameId, Span};

pub use past::live_through;

const NO_RESOLVER: u32 = u32::MAX;

/// A group of clients that share a DNS cache and a connection.
#[derive(Debug, Clone, Copy)]
struct Group {
    cached: CachedAnswer,
    resolver: u32,
    pinned: bool,
    connected: Target,
    /// When the life of the connection is over.
    connected_until: Instant,
    /// When it ends if nothing is sent on it.
    idle_until: Instant,
}

/// How long a connection is used.
#[derive(Debug)]
enum Life {
    /// For one request.
    None,
    Fixed(Span),
    Drawn(Sampler, Stream),
}

/// The caches and connections of one population's client groups.
#[derive(Debug)]
pub struct Stubs {
    groups: Vec<Group>,
    record: NameId,
    refresh: Refresh,
    /// How long an address is kept, if not as long as the answer says.
    keeps: Option<Span>,
    life: Life,
    idle_timeout: Span,
    key: u64,
}

impl Group {
    /// When its connection ends, unless something is sent before.
    #[inline(always)]
    fn connection_ends(&self) -> Instant {
        self.connected_until.min(self.idle_until)
    }
}

impl Life {
    fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// How long the connection lives that is opened for request `number`.
    #[inline]
    fn of(&self, number: u64) -> Span {
        match self {
            Self::None => Span::ZERO,
            Self::Fixed(span) => *span,
            Self::Drawn(sampler, draws) => sampler.span(draws.at(number)),
        }
    }
}

impl Stubs {
    /// Those of population `index` of `plan`. Every group asked before the start.
    pub fn new(
        index: u16,
        plan: &WorkloadPlan,
        dns: &DnsPlan,
        resolvers: (&Resolvers, Ages),
        streams: &Streams,
    ) -> Self {
        let path = format!("workload/{}", plan.name);
        let life = match (&plan.connection_life, plan.keep_alive) {
            (Some(distribution), _) => Life::Drawn(Sampler::new(distribution), streams.stream(&path, "connection")),
            (None, Some(span)) => Life::Fixed(span),
            (None, None) => Life::None,
        };
        let mut groups = groups(plan, dns, resolvers, (streams.stream(&path, "age"), streams.stream(&path, "pinned")));
        let idle_timeout = plan.idle_timeout.unwrap_or(Span::MAX);
        if plan.cold_start {
            groups.iter_mut().filter(|group| !group.pinned).for_each(|group| group.cached.expires = Instant::ZERO);
        } else if resolvers.1 == Ages::Even {
            let count = groups.len() as u64;
            for (group, i) in groups.iter_mut().zip(0..) {
                group.connected_until = phase(life.of(i), i, count);
                group.idle_until = phase(idle_timeout, i, count);
            }
        }
        let key = u64::from(index) << 32;
        Self { groups, record: plan.record, refresh: plan.refresh, keeps: plan.name_cache, life, idle_timeout, key }
    }

    /// How many groups there are.
    pub fn count(&self) -> u64 {
        self.groups.len() as u64
    }

    /// Where `group` sends an attempt of request `number` at `now`.
    #[inline(always)]
    pub fn address(
        &mut self,
        (group, number): (u32, u64),
        resolvers: &mut Resolvers,
        zone: &mut Zone,
        now: Instant,
    ) -> Target {
        let index = group as usize;
        if now < self.groups[index].connection_ends() {
            self.groups[index].idle_until = now.saturating_add(self.idle_timeout);
            return self.groups[index].connected;
        }
        if self.groups[index].cached.has_expired(now) {
            self.look_up(index, resolvers, zone, now);
        }
        let group = &mut self.groups[index];
        if !self.life.is_none() && group.cached.target != Target::Nothing {
            group.connected = group.cached.target;
            group.connected_until = now.saturating_add(self.life.of(number));
            group.idle_until = now.saturating_add(self.idle_timeout);
        }
        group.cached.target
    }

    /// The group's connection broke: it asks DNS before it sends again.
    #[inline]
    pub fn disconnect(&mut self, group: u32) {
        self.groups[group as usize].connected_until = Instant::ZERO;
    }

    /// Catches up with caches that ask by themselves, so that [`Stubs::beliefs`] are those at `now`.
    pub fn catch_up(&mut self, resolvers: &mut Resolvers, zone: &mut Zone, now: Instant) {
        self.catch_up_with(|_| true, resolvers, zone, now);
    }

    /// The same, with those groups only.
    fn catch_up_with(&mut self, these: fn(&Group) -> bool, resolvers: &mut Resolvers, zone: &mut Zone, now: Instant) {
        if self.refresh == Refresh::OnDemand {
            return;
        }
        for index in 0..self.groups.len() {
            if self.groups[index].cached.has_expired(now) && these(&self.groups[index]) {
                self.look_up(index, resolvers, zone, now);
            }
        }
    }

    /// What each group has cached.
    pub fn beliefs(&self) -> impl Iterator<Item = Target> + '_ {
        self.groups.iter().map(|group| group.cached.target)
    }

    fn look_up(&mut self, index: usize, resolvers: &mut Resolvers, zone: &mut Zone, now: Instant) {
        let asker = Asker { key: self.key | index as u64, keeps_at_least: Span::ZERO };
        let (record, refresh) = (self.record, self.refresh);
        let group = &mut self.groups[index];
        // Whoever was pinned asks because it was restarted: just now.
        let refresh = if group.pinned { Refresh::OnDemand } else { refresh };
        let answer = match (group.resolver, refresh) {
            (NO_RESOLVER, Refresh::OnDemand) => zone.ask(record, now, asker),
            (NO_RESOLVER, Refresh::Prefetch) => {
                zone.keep_fresh(record, group.cached, now, asker).map_or(group.cached, |(_, held)| held)
            }
            (resolver, Refresh::OnDemand) => resolvers.ask((resolver, record), zone, (now, now), refresh),
            (resolver, Refresh::Prefetch) => prefetched(group.cached, (resolver, record), resolvers, zone, now),
        };
        let keeps = self.keeps.filter(|_| answer.target != Target::Nothing);
        group.cached = match mutant!("a_client_keeps_names_as_told": keeps => None) {
            _ if group.pinned => CachedAnswer { expires: Instant::MAX, ..answer },
            Some(keeps) => CachedAnswer::fresh(answer.target, now, keeps),
            None => answer,
        };
    }
}

/// What a cache that held `held` and asks its resolver at every expiry holds at `now`.
fn prefetched(
    held: CachedAnswer,
    (resolver, record): (u32, NameId),
    resolvers: &mut Resolvers,
    zone: &mut Zone,
    now: Instant,
) -> CachedAnswer {
    let mut held = held;
    while held.has_expired(now) {
        // Of what happened longer ago than two answers live, nothing is left.
        let late = now.since(held.expires).as_nanos().checked_div(held.keep.as_nanos()).unwrap_or(0);
        let skipped = Span::from_nanos(late.saturating_sub(2).saturating_mul(held.keep.as_nanos()));
        let at = held.expires.saturating_add(skipped);
        let answer = resolvers.ask((resolver, record), zone, (at, now), Refresh::Prefetch);
        if answer.expires <= at {
            return resolvers.ask((resolver, record), zone, (now, now), Refresh::Prefetch);
        }
        held = answer;
    }
    held
}

fn groups(
    plan: &WorkloadPlan,
    dns: &DnsPlan,
    (resolvers, ages): (&Resolvers, Ages),
    (age, pinned): (Stream, Stream),
) -> Vec<Group> {
    let target = dns.records[plan.record.index()].target;
    let count = u64::from(plan.groups);
    let pinned = members(pinned, count, plan.pinned);
    let keeps = plan.name_cache.unwrap_or(dns.ttl);
    let group = |i: u64| {
        let pinned = pinned[i as usize];
        let restarted = plan.restarted_at.map_or(Instant::MAX, |at| Instant::ZERO.saturating_add(at));
        let expires = if pinned { restarted } else { first_expiry(ages, keeps, (i, count), age) };
        Group {
            cached: CachedAnswer { target, expires, keep: keeps },
            resolver: if resolvers.count() == 0 { NO_RESOLVER } else { (i % u64::from(resolvers.count())) as u32 },
            pinned,
            connected: target,
            connected_until: Instant::ZERO,
            idle_until: Instant::ZERO,
        }
    };
    (0..count).map(group).collect()
}

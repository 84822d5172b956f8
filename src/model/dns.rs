//! Names: the zone with its control API, the resolvers between clients and the zone, and what each caches.
//!
//! Owns the published history of every record and the resolvers' caches. Refuses to know why a record was changed.
//!
//! Invariants: a cache answers what was published when it last asked, until the time to live it keeps has passed.
//! Nothing here needs an event: caches are looked at when somebody asks.

use super::held::Held;
use super::plan::{DnsPlan, ResolverPlan, Target};
use crate::kernel::{Streams, chance};
use crate::units::{Instant, NameId, Span};

/// The authoritative zone.
#[derive(Debug)]
pub struct Zone {
    /// The control API answers nothing while this is held.
    pub api_down: Held,
    /// From an accepted change to its being answered.
    pub publish: Span,
    ttl: Span,
    /// Per record, what was published from when on.
    history: Vec<Vec<(Instant, Target)>>,
}

/// A cached answer.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// What the name stands for.
    pub target: Target,
    /// Until when the answer may be kept.
    pub expires: Instant,
}

/// The caching resolvers.
#[derive(Debug)]
pub struct Resolvers {
    /// How long each keeps an answer: the zone's time to live, or longer for a violator.
    keeps: Vec<Span>,
    /// By `resolver * records + record`.
    cache: Vec<Answer>,
    records: usize,
}

impl Zone {
    /// The zone of `plan`, as published from the start.
    pub fn new(plan: &DnsPlan) -> Self {
        Self {
            api_down: Held::default(),
            publish: plan.publish,
            ttl: plan.ttl,
            history: plan.records.iter().map(|r| vec![(Instant::ZERO, r.target)]).collect(),
        }
    }

    /// The time to live of every record.
    pub fn ttl(&self) -> Span {
        self.ttl
    }

    /// What the authoritative servers answer for `record` at `at`.
    #[inline]
    pub fn answer(&self, record: NameId, at: Instant) -> Target {
        let history = &self.history[record.index()];
        history.iter().rev().find(|(from, _)| *from <= at).unwrap_or(&history[0]).1
    }

    /// Publishes `target` for `record` from `at` on.
    pub fn publish(&mut self, record: NameId, at: Instant, target: Target) {
        self.history[record.index()].push((at, target));
    }
}

impl Resolvers {
    /// The resolvers of `plan`, each having asked the zone at some time before the start, evenly spread.
    pub fn new(plan: &ResolverPlan, dns: &DnsPlan, streams: &Streams) -> Self {
        let draws = streams.stream("resolvers", "violator");
        let keeps: Vec<Span> = (0..u64::from(plan.count))
            .map(|i| if chance(draws.at(i), plan.violators) { plan.violator_ttl.max(dns.ttl) } else { dns.ttl })
            .collect();
        let cache = keeps.iter().enumerate().flat_map(|(i, keep)| {
            let expires = phase(*keep, i as u64, u64::from(plan.count));
            dns.records.iter().map(move |record| Answer { target: record.target, expires })
        });
        Self { cache: cache.collect(), keeps, records: dns.records.len() }
    }

    /// How many there are; zero means that clients ask the zone.
    pub fn count(&self) -> u32 {
        self.keeps.len() as u32
    }

    /// What `resolver` answers for `record` at `now`, asking the zone if its own answer has expired.
    pub fn ask(&mut self, resolver: u32, record: NameId, zone: &Zone, now: Instant) -> Answer {
        let cached = &mut self.cache[resolver as usize * self.records + record.index()];
        if now >= cached.expires {
            *cached = Answer { target: zone.answer(record, now), expires: now + self.keeps[resolver as usize] };
        }
        *cached
    }
}

/// The first expiry of cache `index` of `count` whose answers live `ttl`: ages are spread evenly, the last one fresh.
pub fn phase(ttl: Span, index: u64, count: u64) -> Instant {
    let nanos = u128::from(ttl.as_nanos()) * u128::from(index + 1) / u128::from(count.max(1));
    Instant::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::RecordPlan;
    use crate::units::{Ratio, RegionId};

    const WEST: Target = Target::Region(RegionId(0));
    const NORTH: Target = Target::Region(RegionId(1));

    fn plan() -> DnsPlan {
        DnsPlan {
            ttl: Span::from_secs(60),
            publish: Span::ZERO,
            records: vec![RecordPlan { name: "app.example".into(), target: WEST }],
        }
    }

    #[test]
    fn a_resolver_answers_from_its_cache_until_it_expires() {
        let mut zone = Zone::new(&plan());
        let resolvers = ResolverPlan { count: 2, violators: Ratio::ZERO, violator_ttl: Span::ZERO };
        let mut resolvers = Resolvers::new(&resolvers, &plan(), &Streams::new(1));
        zone.publish(NameId(0), Instant::from_secs(10), NORTH);
        let mut ask = |resolver, second| resolvers.ask(resolver, NameId(0), &zone, Instant::from_secs(second)).target;
        assert_eq!((ask(0, 29), ask(0, 30)), (WEST, NORTH));
        assert_eq!((ask(1, 59), ask(1, 60)), (WEST, NORTH));
    }

    #[test]
    fn a_violator_keeps_its_answer_longer() {
        let mut zone = Zone::new(&plan());
        let all = ResolverPlan { count: 1, violators: Ratio::ONE, violator_ttl: Span::from_mins(60) };
        let mut resolvers = Resolvers::new(&all, &plan(), &Streams::new(1));
        zone.publish(NameId(0), Instant::from_secs(10), NORTH);
        assert_eq!(resolvers.ask(0, NameId(0), &zone, Instant::from_secs(3599)).target, WEST);
        assert_eq!(resolvers.ask(0, NameId(0), &zone, Instant::from_secs(3600)).target, NORTH);
    }
}

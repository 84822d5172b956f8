//! A look-aside cache: asked before a service's calls and its database, filled with what these answer.
//!
//! Owns what the cache holds. Does not know who reads or how the answer was found.
//!
//! Invariants: what it holds comes only from answers that came back, so a cache that was lost is filled again only
//! while what lies behind it still answers. A cache without a time to live holds a key until it is lost. A key is old from the
//! first write after what it was filled with, and outdated once it has been for longer than whoever tells of it allows.

use crate::kernel::{Stream, below};
use crate::model::plan::CachePlan;
use crate::units::{Instant, Ratio, Span};
use std::collections::BTreeMap;

/// Times of filling are kept to the tenth of a second, from one on.
const TICK: u64 = 100_000_000;
const ABSENT: u32 = 0;
/// Set where the key was overwritten elsewhere since it was filled.
const STALE: u32 = 1 << 31;

/// What a cache had to say to a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// The answer.
    Hit,
    /// An answer that has been overwritten elsewhere.
    Stale,
    /// An answer that was overwritten so long ago that nobody need reckon with it.
    Outdated,
    /// Nothing.
    Miss,
}

/// One cache.
#[derive(Debug)]
pub struct Cache {
    plan: CachePlan,
    /// By key, for a cache that knows keys: the tick at which it was filled, or [`ABSENT`].
    filled: Vec<u32>,
    /// By key that is old: from when on it is outdated.
    outdated_from: BTreeMap<u32, Instant>,
    /// For a cache that does not: how much of what it would hold when warm it holds, in parts of 2^64.
    share: u64,
    stream: Stream,
}

impl Cache {
    /// The cache of `plan`, before data of `keys` keys. `stream` decides about hits where keys do not, `ages` how old
    /// what it holds is at the start.
    pub fn new(plan: &CachePlan, keys: u32, stream: Stream, ages: Stream) -> Self {
        let room = if plan.hit_ratio.is_some() { 0 } else { plan.entries.min(keys) };
        let mut cache =
            Self { plan: *plan, filled: vec![ABSENT; room as usize], outdated_from: BTreeMap::new(), share: 0, stream };
        if plan.warm {
            cache.warm(ages);
        }
        cache
    }

    /// Everything is there; where keys expire, at times spread evenly, in an order drawn from `ages`: those that are read
    /// most do not expire together.
    fn warm(&mut self, ages: Stream) {
        self.share = u64::MAX;
        let ttl = self.plan.ttl.map_or(0, |ttl| ttl.as_nanos() / TICK);
        let mut order: Vec<(u64, usize)> = (0..self.filled.len()).map(|key| (ages.at(key as u64), key)).collect();
        order.sort_unstable();
        for (nth, (_, key)) in (0_u64..).zip(&order) {
            // Before the start there are no ticks: ages are told by expiry, counted from one time to live before.
            self.filled[*key] = (1 + ttl * nth / order.len().max(1) as u64) as u32;
        }
    }

    /// Everything is lost.
    pub fn lose(&mut self) {
        self.share = 0;
        self.filled.fill(ABSENT);
        self.outdated_from.clear();
    }

    /// Ticks, counted from one time to live before the start, so that what is old at the start has one.
    fn tick(&self, now: Instant) -> u32 {
        let ttl = self.plan.ttl.map_or(0, Span::as_nanos);
        let tick = 1 + (now.as_nanos().saturating_add(ttl)) / TICK;
        u32::try_from(tick).unwrap_or(STALE - 1).min(STALE - 1)
    }

    /// Looks up `key` for the read of draw `draw`.
    pub fn look_up(&self, key: u32, draw: u64, now: Instant) -> Lookup {
        if let Some(warm) = self.plan.hit_ratio {
            let ratio = u128::from(warm.as_ppb()) * u128::from(self.share) / u128::from(u64::MAX);
            let hit = u128::from(below(self.stream.at(draw), Ratio::ONE.as_ppb())) < ratio;
            return if hit { Lookup::Hit } else { Lookup::Miss };
        }
        let Some(&filled) = self.filled.get(key as usize) else { return Lookup::Miss };
        let age = u64::from(self.tick(now)).saturating_sub(u64::from(filled & !STALE)) * TICK;
        if filled == ABSENT || self.plan.ttl.is_some_and(|ttl| age >= ttl.as_nanos()) {
            return Lookup::Miss;
        }
        if filled & STALE == 0 {
            return Lookup::Hit;
        }
        let outdated = self.outdated_from.get(&key).is_some_and(|from| *from < now);
        if outdated { Lookup::Outdated } else { Lookup::Stale }
    }

    /// What was read came back: `key` is held from `now` on.
    pub fn fill(&mut self, key: u32, now: Instant) {
        if self.plan.hit_ratio.is_some() {
            // Each answer is one of `entries` values, equally likely: of what is missing it fills one part.
            self.share += (u64::MAX - self.share) / u64::from(self.plan.entries.max(1));
            return;
        }
        let tick = self.tick(now);
        if let Some(filled) = self.filled.get_mut(key as usize) {
            *filled = tick;
            self.outdated_from.remove(&key);
        }
    }

    /// `key` was written through this service: what is held of it is dropped.
    pub fn invalidate(&mut self, key: u32) {
        if let Some(filled) = self.filled.get_mut(key as usize) {
            *filled = ABSENT;
            self.outdated_from.remove(&key);
        }
    }

    /// `key` was written elsewhere: what is held of it is old from now on, and outdated after `outdated_from`.
    pub fn outdate(&mut self, key: u32, outdated_from: Instant) {
        if let Some(filled) = self.filled.get_mut(key as usize)
            && *filled != ABSENT
        {
            *filled |= STALE;
            let from = self.outdated_from.entry(key).or_insert(outdated_from);
            *from = outdated_from.min(*from);
        }
    }

    /// How long it keeps a key, if not until it is lost.
    pub const fn ttl(&self) -> Option<Span> {
        self.plan.ttl
    }

    /// Whether an answer still fills it when the client has already given up.
    pub fn fills_late(&self) -> bool {
        self.plan.fills_late
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Streams;

    const T: fn(u64) -> Instant = Instant::from_secs;

    fn cache(plan: CachePlan) -> Cache {
        let stream = |purpose| Streams::new(3).stream("service/a/b", purpose);
        Cache::new(&plan, 1_000, stream("cache"), stream("cache age"))
    }

    fn by_key(ttl: Option<u64>, warm: bool) -> Cache {
        let ttl = ttl.map(Span::from_secs);
        cache(CachePlan { hit_ratio: None, entries: 100, ttl, warm, fills_late: false })
    }

    #[test]
    fn it_holds_what_was_answered_until_it_expires() {
        let mut cache = by_key(Some(60), false);
        assert_eq!(cache.look_up(7, 0, T(10)), Lookup::Miss);
        cache.fill(7, T(10));
        assert_eq!([10, 69, 70].map(|s| cache.look_up(7, 0, T(s))), [Lookup::Hit, Lookup::Hit, Lookup::Miss]);
        cache.fill(100, T(10));
        assert_eq!(cache.look_up(100, 0, T(10)), Lookup::Miss, "there is no room for it");
        cache.fill(7, T(70));
        cache.lose();
        assert_eq!(cache.look_up(7, 0, T(70)), Lookup::Miss);
    }

    #[test]
    fn a_write_here_drops_the_key_and_a_write_elsewhere_leaves_it_stale() {
        let mut cache = by_key(None, true);
        assert_eq!(cache.look_up(3, 0, T(100_000)), Lookup::Hit, "without a time to live it is kept");
        cache.outdate(3, T(20));
        assert_eq!(cache.look_up(3, 0, T(1)), Lookup::Stale);
        cache.fill(3, T(2));
        assert_eq!(cache.look_up(3, 0, T(2)), Lookup::Hit);
        cache.invalidate(3);
        cache.outdate(3, T(20));
        assert_eq!(cache.look_up(3, 0, T(3)), Lookup::Miss);
    }

    #[test]
    fn what_was_overwritten_long_ago_is_outdated_whatever_is_written_since() {
        let mut cache = by_key(None, true);
        cache.outdate(3, T(20));
        cache.outdate(3, T(40));
        assert_eq!([20, 21].map(|s| cache.look_up(3, 0, T(s))), [Lookup::Stale, Lookup::Outdated]);
        cache.outdate(3, T(10));
        assert_eq!(cache.look_up(3, 0, T(11)), Lookup::Outdated, "whoever allows least is right");
        cache.fill(3, T(30));
        assert_eq!(cache.look_up(3, 0, T(30)), Lookup::Hit);
        cache.outdate(3, T(60));
        assert_eq!(cache.look_up(3, 0, T(60)), Lookup::Stale, "it begins anew with what was read since");
        cache.lose();
        assert_eq!(cache.look_up(3, 0, T(61)), Lookup::Miss);
    }

    #[test]
    fn warm_keys_expire_evenly_over_the_first_time_to_live() {
        let cache = by_key(Some(50), true);
        let held = |s| (0..100).filter(|key| cache.look_up(*key, 0, T(s)) == Lookup::Hit).count();
        assert_eq!([0, 10, 25, 49, 50].map(held), [99, 79, 49, 1, 0]);
    }

    #[test]
    fn the_keys_that_are_read_most_do_not_expire_together() {
        let cache = by_key(Some(50), true);
        let held = |s| (0..20).filter(|key| cache.look_up(*key, 0, T(s)) == Lookup::Hit).count();
        let held = [10, 25, 40].map(held);
        assert!(held[0] >= 12 && (5..=15).contains(&held[1]) && held[2] <= 8, "{held:?} of the first twenty");
    }

    #[test]
    fn a_share_warms_as_if_its_entries_were_collected_one_by_one() {
        let plan = CachePlan {
            hit_ratio: Some(Ratio::from_percent(90)),
            entries: 1_000,
            ttl: None,
            warm: false,
            fills_late: false,
        };
        let mut cache = cache(plan);
        let hits = |cache: &Cache| (0..20_000).filter(|i| cache.look_up(0, *i, T(0)) == Lookup::Hit).count() as f64;
        assert_eq!(hits(&cache), 0.0);
        (0..1_000).for_each(|_| cache.fill(0, T(0)));
        // 1 − (1 − 1/n)^n of them are there after n fills: 63.2 %. Four standard errors of a share of 20000: 1.4 %.
        assert!((hits(&cache) / 20_000.0 - 0.9 * 0.632_3).abs() < 0.014);
        (0..20_000).for_each(|_| cache.fill(0, T(0)));
        assert!((hits(&cache) / 20_000.0 - 0.9).abs() < 0.009);
    }
}

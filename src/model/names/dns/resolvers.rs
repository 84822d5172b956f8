//! The caching resolvers between clients and the zone.
//!
//! Owns what each of them keeps. Does not know who its clients are. Invariant: a resolver that is asked seldom asks
//! the zone only then; one whose clients ask at every expiry is always fresh.

use super::cache::{CachedAnswer, first_expiry, shifted};
use super::zone::{Asker, Zone};
use crate::kernel::{Streams, members};
use crate::model::plan::{DnsPlan, PassesOn, Refresh, ResolverPlan};
use crate::units::{Instant, NameId, Span};

/// What a resolver holds for one record.
#[derive(Debug, Clone, Copy)]
struct Entry {
    held: CachedAnswer,
    /// What it held before, for clients that are caught up with late.
    before: CachedAnswer,
}

/// The caching resolvers.
#[derive(Debug)]
pub struct Resolvers {
    /// How long each keeps an answer at least: longer than the zone says for a violator.
    keeps: Vec<Span>,
    /// By `resolver * records + record`.
    cache: Vec<Entry>,
    records: usize,
    passes_on: PassesOn,
}

impl Resolvers {
    /// The resolvers of `plan`, each having asked the zone at some time before the start.
    pub fn new(plan: &ResolverPlan, dns: &DnsPlan, streams: &Streams) -> Self {
        let (violates, age) = (streams.stream("resolvers", "violator"), streams.stream("resolvers", "age"));
        let violators = members(violates, u64::from(plan.count), plan.violators);
        let keeps: Vec<Span> =
            violators.into_iter().map(|violates| if violates { plan.violator_ttl } else { Span::ZERO }).collect();
        let cache = keeps.iter().enumerate().flat_map(|(i, keep)| {
            let keep = dns.ttl.max(*keep);
            let expires = first_expiry(plan.ages, keep, (i as u64, u64::from(plan.count)), age);
            dns.records.iter().map(move |record| {
                let held = CachedAnswer { target: record.target, expires, keep };
                Entry { held, before: held }
            })
        });
        Self { cache: cache.collect(), keeps, records: dns.records.len(), passes_on: plan.passes_on }
    }

    /// How long `resolver` keeps an answer of the zone that may be kept for `ttl`.
    pub(super) fn keeps(&self, resolver: u32, ttl: Span) -> Span {
        self.keeps[resolver as usize].max(ttl)
    }

    /// What `resolver` holds is so much younger, or older if `later` is false.
    pub(super) fn shift(&mut self, resolver: u32, by: Span, later: bool) {
        let first = resolver as usize * self.records;
        for entry in &mut self.cache[first..first + self.records] {
            for answer in [&mut entry.held, &mut entry.before] {
                answer.expires = shifted(answer.expires, by, later);
            }
        }
    }

    /// How many there are; zero means that clients ask the zone.
    pub fn count(&self) -> u32 {
        self.keeps.len() as u32
    }

    /// What `resolver` answered for `record` to a question asked at `at`, which is no later than `now`. On demand, it
    /// asks the zone if its own answer has expired; otherwise it has done so at every expiry up to `now`.
    pub fn ask(
        &mut self,
        (resolver, record): (u32, NameId),
        zone: &mut Zone,
        (at, now): (Instant, Instant),
        refresh: Refresh,
    ) -> CachedAnswer {
        let index = resolver as usize * self.records + record.index();
        let asker = Asker { key: index as u64, keeps_at_least: self.keeps[resolver as usize] };
        let entry = &mut self.cache[index];
        match refresh {
            Refresh::OnDemand if entry.held.has_expired(at) => entry.held = zone.ask(record, at, asker),
            Refresh::OnDemand => {}
            Refresh::Prefetch => {
                if let Some((before, held)) = zone.keep_fresh(record, entry.held, now, asker) {
                    *entry = Entry { held, before };
                }
            }
        }
        let answer = if refresh == Refresh::Prefetch && at < entry.held.asked() { entry.before } else { entry.held };
        let full = self.passes_on == PassesOn::Full;
        if mutant!("the_other_time_to_live_is_passed_on": full => !full) {
            return CachedAnswer::fresh(answer.target, at, answer.keep);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::super::zone::tests::{APP, NORTH, T, WEST, plan, zone};
    use super::*;
    use crate::model::plan::{Ages, Target};
    use crate::units::Ratio;

    fn resolvers(count: u32, violators: Ratio, passes_on: PassesOn) -> Resolvers {
        let violator_ttl = Span::from_mins(60);
        let plan_of = ResolverPlan { count, violators, violator_ttl, passes_on, ages: Ages::Even };
        Resolvers::new(&plan_of, &plan(), &Streams::new(1))
    }

    fn ask(resolvers: &mut Resolvers, resolver: u32, zone: &mut Zone, second: u64) -> CachedAnswer {
        resolvers.ask((resolver, APP), zone, (T(second), T(second)), Refresh::OnDemand)
    }

    #[test]
    fn a_resolver_answers_from_its_cache_until_it_expires() {
        let (mut zone, mut resolvers) = (zone(), resolvers(2, Ratio::ZERO, PassesOn::Remaining));
        zone.publish(APP, T(10), NORTH);
        let mut target = |resolver, second| ask(&mut resolvers, resolver, &mut zone, second).target;
        assert_eq!((target(0, 29), target(0, 30)), (WEST, NORTH));
        assert_eq!((target(1, 59), target(1, 60)), (WEST, NORTH));
    }

    #[test]
    fn a_violator_keeps_its_answer_longer_but_not_an_empty_one() {
        let (mut zone, mut resolvers) = (zone(), resolvers(1, Ratio::ONE, PassesOn::Remaining));
        zone.publish(APP, T(10), NORTH);
        assert_eq!(ask(&mut resolvers, 0, &mut zone, 3_599).target, WEST);
        assert_eq!(ask(&mut resolvers, 0, &mut zone, 3_600).target, NORTH);
        zone.publish(APP, T(4_000), Target::Nothing);
        assert_eq!(ask(&mut resolvers, 0, &mut zone, 7_200).expires, T(7_210));
    }

    #[test]
    fn a_resolver_passes_on_what_is_left_or_all_of_the_time_to_live() {
        for (passes_on, expires) in [(PassesOn::Remaining, 120), (PassesOn::Full, 160)] {
            let (mut zone, mut resolvers) = (zone(), resolvers(1, Ratio::ZERO, passes_on));
            assert_eq!(ask(&mut resolvers, 0, &mut zone, 60).expires, T(120));
            assert_eq!(ask(&mut resolvers, 0, &mut zone, 100).expires, T(expires));
        }
    }

    #[test]
    fn a_question_in_the_past_is_answered_with_what_was_held_then() {
        let (mut zone, mut resolvers) = (zone(), resolvers(1, Ratio::ZERO, PassesOn::Remaining));
        zone.publish(APP, T(100), NORTH);
        let mut at = |at| resolvers.ask((0, APP), &mut zone, (T(at), T(130)), Refresh::Prefetch).target;
        assert_eq!((at(130), at(119), at(120)), (NORTH, WEST, NORTH));
    }
}

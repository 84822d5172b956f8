//! The authoritative zone: what was published from when on, and what its servers answer.
//!
//! Owns the history of every record. Does not know who asks. Invariant: a record that fails over returns to its last
//! configured target, whatever was configured meanwhile.

use super::cache::CachedAnswer;
use super::servers::{Met, ServerOutage, Servers};
use crate::kernel::Streams;
use crate::model::core::held::Held;
use crate::model::plan::{DnsPlan, Target};
use crate::units::{FaultId, Instant, NameId, RegionId, Span};

/// What was published from an instant on.
#[derive(Debug, Clone, Copy)]
struct Published {
    from: Instant,
    target: Target,
    ttl: Span,
}

#[derive(Debug)]
struct Record {
    /// What it was last told to be.
    configured: Target,
    /// Whether it names what is unhealthy, for nothing healthy is left.
    fails_open: bool,
    history: Vec<Published>,
}

/// The authoritative zone.
#[derive(Debug)]
pub struct Zone {
    /// The control API answers nothing while this is held.
    pub api_down: Held,
    /// From an accepted change to its being answered.
    pub publish: Span,
    negative_ttl: Span,
    failure_ttl: Span,
    refuse_empty: bool,
    servers: Servers,
    records: Vec<Record>,
}

/// Who asks the zone.
#[derive(Debug, Clone, Copy)]
pub struct Asker {
    /// Tells apart those who ask at the same instant.
    pub key: u64,
    /// It keeps answers for at least this long, whatever the zone says.
    pub keeps_at_least: Span,
}

impl Zone {
    /// The zone of `plan`, as published from the start.
    pub fn new(plan: &DnsPlan, streams: &Streams) -> Self {
        let first = |target| vec![Published { from: Instant::ZERO, target, ttl: plan.ttl }];
        let record = |target| Record { configured: target, fails_open: false, history: first(target) };
        Self {
            api_down: Held::default(),
            publish: plan.publish,
            negative_ttl: plan.negative_ttl,
            failure_ttl: plan.failure_ttl,
            refuse_empty: plan.refuse_empty,
            servers: Servers::new(plan.servers, streams.stream("dns", "server")),
            records: plan.records.iter().map(|r| record(r.target)).collect(),
        }
    }

    /// What is published for `record` at `at`.
    #[inline]
    pub fn answer(&self, record: NameId, at: Instant) -> Target {
        self.published(record, at).target
    }

    /// How long what is published for `record` at `at` may be kept.
    pub fn ttl(&self, record: NameId, at: Instant) -> Span {
        self.published(record, at).ttl
    }

    /// What `record` was last told to be.
    pub fn configured(&self, record: NameId) -> Target {
        self.records[record.index()].configured
    }

    /// Whether `target` is refused for being no address at all.
    pub fn refuses(&self, target: Target) -> bool {
        self.refuse_empty && target == Target::Nothing
    }

    /// What the authoritative servers answer to a question for `record` at `at`.
    pub fn ask(&mut self, record: NameId, at: Instant, asker: Asker) -> CachedAnswer {
        let published = *self.published(record, at);
        match self.servers.meet(at, asker.key) {
            Met::None => CachedAnswer::fresh(Target::Nothing, at, self.failure_ttl),
            Met::Sound if published.target != Target::Nothing => {
                let ttl = mutant!("a_cache_keeps_answers_half_again": published.ttl =>
                    Span::from_nanos(published.ttl.as_nanos() / 2 * 3));
                CachedAnswer::fresh(published.target, at, ttl.max(asker.keeps_at_least))
            }
            Met::Sound | Met::Bad => {
                let ttl = mutant!("an_empty_answer_is_kept_like_others": self.negative_ttl => published.ttl);
                CachedAnswer::fresh(Target::Nothing, at, ttl)
            }
        }
    }

    /// What a cache that held `held` and asks again at every expiry holds at `now`, and what it held before that.
    pub fn keep_fresh(
        &mut self,
        record: NameId,
        held: CachedAnswer,
        now: Instant,
        asker: Asker,
    ) -> Option<(CachedAnswer, CachedAnswer)> {
        let (mut before, mut held, mut asked) = (held, held, false);
        while held.has_expired(now) {
            let at = held.expires;
            before = held;
            held = self.ask(record, at, asker);
            asked = true;
            if held.keep == Span::ZERO {
                // It asks for every request.
                return Some((before, self.ask(record, now, asker)));
            }
            let whole = now.since(at).as_nanos() / held.keep.as_nanos();
            if whole > 1 && self.steady_since(record, at) {
                before = CachedAnswer::fresh(
                    held.target,
                    at + Span::from_nanos((whole - 1) * held.keep.as_nanos()),
                    held.keep,
                );
                held = CachedAnswer::fresh(held.target, before.expires, held.keep);
            }
        }
        asked.then_some((before, held))
    }

    /// Publishes `target` for `record` from `at` on.
    pub fn publish(&mut self, record: NameId, at: Instant, target: Target) {
        self.records[record.index()].configured = target;
        self.show(record, at, target);
    }

    /// Answers `record` with `target` from `at` on, although it is configured otherwise.
    pub fn show(&mut self, record: NameId, at: Instant, target: Target) {
        let ttl = self.ttl(record, at);
        self.records[record.index()].history.push(Published { from: at, target, ttl });
    }

    /// `record` answers `to` while what it names is unhealthy.
    pub fn fail_over(&mut self, record: NameId, at: Instant, to: RegionId) {
        self.show(record, at, Target::Region(to));
    }

    /// `record` answers with its configured target again.
    pub fn fail_back(&mut self, record: NameId, at: Instant) {
        self.show(record, at, self.configured(record));
    }

    /// Whether `record` names what is unhealthy, for nothing healthy is left, from now on. Whether that is news.
    pub fn fails_open(&mut self, record: NameId, fails_open: bool) -> bool {
        std::mem::replace(&mut self.records[record.index()].fails_open, fails_open) != fails_open
    }

    /// Answers for `record` may be kept for `ttl` from `at` on.
    pub fn set_ttl(&mut self, record: NameId, at: Instant, ttl: Span) {
        let target = self.answer(record, at);
        self.records[record.index()].history.push(Published { from: at, target, ttl });
    }

    /// A fault takes hold of authoritative servers.
    pub fn hold_servers(&mut self, outage: ServerOutage, now: Instant) {
        self.servers.hold(outage, now);
    }

    /// It lets go. How many questions it affected.
    pub fn release_servers(&mut self, fault: FaultId, now: Instant) -> u64 {
        self.servers.release(fault, now)
    }

    /// What is in effect, for comparing.
    pub fn in_force(&self) -> String {
        format!("DNS API down {}, {}", self.api_down.is_on(), self.servers.in_force())
    }

    fn published(&self, record: NameId, at: Instant) -> &Published {
        let history = &self.records[record.index()].history;
        history.iter().rev().find(|published| published.from <= at).unwrap_or(&history[0])
    }

    /// Whether every question for `record` since `at` is answered alike.
    fn steady_since(&self, record: NameId, at: Instant) -> bool {
        let last = self.records[record.index()].history.last();
        last.is_none_or(|published| published.from <= at) && self.servers.steady_since(at)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::plan::RecordPlan;

    pub const WEST: Target = Target::Region(RegionId(0));
    pub const NORTH: Target = Target::Region(RegionId(1));
    pub const APP: NameId = NameId(0);
    pub const T: fn(u64) -> Instant = Instant::from_secs;

    pub fn plan() -> DnsPlan {
        DnsPlan {
            ttl: Span::from_secs(60),
            negative_ttl: Span::from_secs(10),
            failure_ttl: Span::from_secs(1),
            publish: Span::ZERO,
            refuse_empty: false,
            servers: 3,
            records: vec![RecordPlan { name: "app.example".into(), target: WEST, failover: None }],
            changes: Vec::new(),
            planning: None,
        }
    }

    pub fn zone() -> Zone {
        Zone::new(&plan(), &Streams::new(1))
    }

    const ASKER: Asker = Asker { key: 1, keeps_at_least: Span::ZERO };

    #[test]
    fn an_empty_answer_and_silence_are_kept_as_long_as_each_may_be() {
        let mut zone = zone();
        zone.publish(APP, T(100), Target::Nothing);
        assert_eq!(zone.ask(APP, T(99), ASKER), CachedAnswer::fresh(WEST, T(99), Span::from_secs(60)));
        assert_eq!(zone.ask(APP, T(100), ASKER), CachedAnswer::fresh(Target::Nothing, T(100), Span::from_secs(10)));
        zone.hold_servers(ServerOutage { fault: FaultId(0), down: 3, bad: 0 }, T(200));
        assert_eq!(zone.ask(APP, T(200), ASKER).expires, T(201));
    }

    #[test]
    fn a_lowered_time_to_live_holds_for_those_who_ask_after_it() {
        let mut zone = zone();
        zone.set_ttl(APP, T(50), Span::from_secs(5));
        assert_eq!([49, 50].map(|s| zone.ask(APP, T(s), ASKER).expires), [T(109), T(55)]);
    }

    #[test]
    fn a_record_comes_back_to_what_it_was_told_meanwhile() {
        let mut zone = zone();
        zone.fail_over(APP, T(10), RegionId(1));
        assert_eq!((zone.answer(APP, T(10)), zone.configured(APP)), (NORTH, WEST));
        zone.fail_back(APP, T(20));
        assert_eq!(zone.answer(APP, T(20)), WEST);
    }

    #[test]
    fn a_cache_that_asks_by_itself_is_where_asking_at_every_expiry_would_have_brought_it() {
        let mut zone = zone();
        let held = CachedAnswer { target: WEST, expires: T(7), keep: Span::from_secs(60) };
        zone.publish(APP, T(3_600), NORTH);
        let seen = |zone: &mut Zone, now| {
            zone.keep_fresh(APP, held, T(now), ASKER).map(|(b, h)| (b.target, h.target, h.expires))
        };
        assert_eq!(seen(&mut zone, 6), None);
        assert_eq!(seen(&mut zone, 3_606), Some((WEST, WEST, T(3_607))));
        assert_eq!(seen(&mut zone, 3_607), Some((WEST, NORTH, T(3_667))));
        assert_eq!(seen(&mut zone, 40_000), Some((NORTH, NORTH, T(40_027))));
    }

    #[test]
    fn a_cache_that_asks_by_itself_finds_the_servers_as_they_were() {
        let mut zone = zone();
        let held = CachedAnswer { target: WEST, expires: T(50), keep: Span::from_secs(60) };
        zone.hold_servers(ServerOutage { fault: FaultId(0), down: 3, bad: 0 }, T(40));
        zone.release_servers(FaultId(0), T(60));
        let (before, now) = zone.keep_fresh(APP, held, T(75), ASKER).unwrap();
        assert_eq!((before.target, now.target, now.expires), (Target::Nothing, WEST, T(120)));
    }
}

//! The circuit breakers of one population, one for each region, and the events about them.
//!
//! Owns which changes are worth an event. Does not know when a breaker opens: that is its policy. Invariant: an event
//! is a change of what clients do; that an open breaker tried and opened again is counted, and reported when it closes.
//! A breaker that never settles is reported a bounded number of times.

use crate::model::clients::Clients;
use crate::model::core::Core;
use crate::policy::{Breaker, BreakerSettings};
use crate::record::event::ClientEvent;
use crate::units::{Instant, RegionId, Span};

/// Events of one breaker of one population in a run. Product default: more than anybody reads, and few enough for memory.
const MOST_EVENTS: u32 = 100;

/// What is reported of a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    /// Clients send nothing there any more.
    Opened,
    /// They try whether it serves.
    HalfOpen { after: Span },
    /// They send there again.
    Closed { after: Span, reopened: u32 },
}

/// One breaker, and how long it has not been closed.
#[derive(Debug, Clone)]
struct RegionBreaker {
    breaker: Breaker,
    opened: Option<Instant>,
    /// Whether its first try since it opened was reported, and how often it opened again.
    tried: bool,
    reopened: u32,
    told: u32,
}

/// The breakers of one population.
#[derive(Debug, Clone, Default)]
pub struct Breakers {
    /// By region; empty: clients have none.
    list: Vec<RegionBreaker>,
    news: Option<(RegionId, News)>,
}

impl Breakers {
    /// One for each of `regions` regions, if clients have any.
    pub fn new(settings: Option<BreakerSettings>, regions: usize) -> Self {
        let one = |settings| RegionBreaker {
            breaker: Breaker::new(settings),
            opened: None,
            tried: false,
            reopened: 0,
            told: 0,
        };
        Self { list: settings.map_or_else(Vec::new, |settings| vec![one(settings); regions]), news: None }
    }

    /// Whether clients send to `region` at `now`.
    #[inline]
    pub fn admits(&mut self, region: RegionId, now: Instant) -> bool {
        let Some(one) = self.list.get_mut(region.index()) else { return true };
        let admitted = one.breaker.admits(now);
        if admitted
            && let Some(opened) = one.opened
            && !one.tried
        {
            one.tried = true;
            self.news = Some((region, News::HalfOpen { after: now.since(opened.min(now)) }));
        }
        admitted
    }

    /// An attempt at `region` ended at `now`.
    #[inline]
    pub fn ended(&mut self, region: RegionId, now: Instant, ok: bool) {
        let Some(one) = self.list.get_mut(region.index()) else { return };
        let was_open = one.breaker.is_open();
        one.breaker.ended(now, ok);
        match one.opened {
            None if !one.breaker.is_closed() => {
                (one.opened, one.tried, one.reopened) = (Some(now), false, 0);
                self.news = Some((region, News::Opened));
            }
            Some(opened) if one.breaker.is_closed() => {
                one.opened = None;
                let after = now.since(opened.min(now));
                self.news = Some((region, News::Closed { after, reopened: one.reopened }));
            }
            Some(_) => one.reopened += u32::from(!was_open && one.breaker.is_open()),
            None => {}
        }
    }

    /// Regions that clients do not send to at present, or only to try.
    pub fn not_closed(&self) -> usize {
        self.list.iter().filter(|one| !one.breaker.is_closed()).count()
    }

    /// What is to be reported, if anything: where, what, and whether it is the last report on this breaker.
    fn take_news(&mut self) -> Option<(RegionId, News, bool)> {
        let (region, news) = self.news.take()?;
        let told = &mut self.list[region.index()].told;
        *told += 1;
        (*told <= MOST_EVENTS).then_some((region, news, *told == MOST_EVENTS))
    }
}

impl Clients {
    /// An attempt of that population at `region` ended at `at`.
    #[inline(always)]
    pub(in crate::model) fn attempt_ended(
        &mut self,
        core: &mut Core,
        workload: u16,
        region: RegionId,
        at: Instant,
        ok: bool,
    ) {
        // Most clients have no breakers, and this is on the path of every request.
        if !self.populations[usize::from(workload)].breakers.list.is_empty() {
            self.attempt_is_judged(core, workload, region, at, ok);
        }
    }

    #[inline(never)]
    fn attempt_is_judged(&mut self, core: &mut Core, workload: u16, region: RegionId, at: Instant, ok: bool) {
        self.populations[usize::from(workload)].breakers.ended(region, at, ok);
        self.tell_of_breakers(core, workload);
    }

    /// Tells what the breakers of that population have done just now.
    #[inline]
    pub(in crate::model) fn tell_of_breakers(&mut self, core: &mut Core, workload: u16) {
        if self.populations[usize::from(workload)].breakers.news.is_some() {
            self.note_breaker(core, workload);
        }
    }

    /// Breakers that are open, or let only tries through.
    pub(in crate::model) fn breakers_not_closed(&self) -> usize {
        self.populations.iter().map(|population| population.breakers.not_closed()).sum()
    }

    #[cold]
    fn note_breaker(&mut self, core: &mut Core, workload: u16) {
        let taken = self.populations[usize::from(workload)].breakers.take_news();
        let Some((region, news, is_last)) = taken else { return };
        let workload = core.plan.workloads[usize::from(workload)].name.clone();
        let region = core.region_name(region);
        core.note(match news {
            News::Opened => ClientEvent::BreakerOpen { workload, region, is_last },
            News::HalfOpen { after } => ClientEvent::BreakerHalfOpen { workload, region, after, is_last },
            News::Closed { after, reopened: in_vain } => {
                ClientEvent::BreakerClosed { workload, region, after, in_vain, is_last }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Ratio;

    const SETTINGS: BreakerSettings = BreakerSettings {
        failures: Ratio::from_percent(50),
        window: Span::from_secs(10),
        minimum: 2,
        open_for: Span::from_secs(5),
        probes: 1,
    };
    const WEST: RegionId = RegionId(0);

    fn told(breakers: &mut Breakers) -> Option<News> {
        breakers.take_news().map(|(_, news, _)| news)
    }

    #[test]
    fn opening_the_first_try_and_closing_are_told_and_tries_in_vain_are_counted() {
        let at = Instant::from_secs;
        let mut breakers = Breakers::new(Some(SETTINGS), 1);
        (0..2).for_each(|_| breakers.ended(WEST, at(1), false));
        assert_eq!(told(&mut breakers), Some(News::Opened));
        assert!(!breakers.admits(WEST, at(2)) && told(&mut breakers).is_none());
        assert!(breakers.admits(WEST, at(6)));
        assert_eq!(told(&mut breakers), Some(News::HalfOpen { after: Span::from_secs(5) }));
        for second in [6, 11, 16] {
            breakers.ended(WEST, at(second), false);
            assert!(breakers.admits(WEST, at(second + 5)) && told(&mut breakers).is_none());
        }
        breakers.ended(WEST, at(21), true);
        assert_eq!(told(&mut breakers), Some(News::Closed { after: Span::from_secs(20), reopened: 3 }));
        assert_eq!(breakers.not_closed(), 0);
    }

    #[test]
    fn a_breaker_that_never_comes_to_rest_is_told_of_a_bounded_number_of_times() {
        let mut breakers = Breakers::new(Some(SETTINGS), 1);
        let mut events = 0;
        for round in 0..500 {
            let at = Instant::from_secs(round * 20);
            (0..2).for_each(|_| breakers.ended(WEST, at, false));
            events += u32::from(told(&mut breakers).is_some());
            let later = Instant::from_secs(round * 20 + 6);
            assert!(breakers.admits(WEST, later));
            events += u32::from(told(&mut breakers).is_some());
            breakers.ended(WEST, later, true);
            events += u32::from(told(&mut breakers).is_some());
        }
        assert_eq!(events, MOST_EVENTS);
    }

    #[test]
    fn who_has_no_breaker_sends_everywhere() {
        let mut none = Breakers::new(None, 3);
        none.ended(WEST, Instant::ZERO, false);
        assert!(none.admits(WEST, Instant::ZERO) && none.not_closed() == 0 && told(&mut none).is_none());
    }
}

//! The circuit breakers of one population, one for each of its processes and each region, and the events about them.
//!
//! Owns which changes are worth an event. Does not know when a breaker opens: that is its policy. Invariants: a process
//! knows what its own attempts came to, and nothing of the others'. An event is a change of what clients do: it tells of
//! the first process that stops sending to a region and of the last that sends there again, and that open breakers tried
//! and opened again is counted, and reported when all are closed. Breakers that never settle are reported a bounded number
//! of times.

use crate::model::clients::Clients;
use crate::model::core::Core;
use crate::policy::{Breaker, BreakerSettings};
use crate::record::event::ClientEvent;
use crate::units::{Instant, RegionId, Span};

/// Events of the breakers of one population at one region in a run. Product default: more than anybody reads, and few enough
/// for memory.
const MOST_EVENTS: u32 = 100;

/// What is reported of the breakers at a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    /// A process sends nothing there any more.
    Opened,
    /// One tries whether it serves.
    HalfOpen { after: Span },
    /// All send there again.
    Closed { after: Span, reopened: u32 },
}

/// The breakers at one region, and how long one of them has not been closed.
#[derive(Debug, Clone)]
struct RegionBreakers {
    /// By process.
    breakers: Vec<Breaker>,
    /// How many of them are not closed.
    not_closed: usize,
    opened: Option<Instant>,
    /// Whether the first try since they opened was reported, and how often one opened again.
    tried: bool,
    reopened: u32,
    told: u32,
}

/// The breakers of one population.
#[derive(Debug, Clone, Default)]
pub struct Breakers {
    /// By region; empty: clients have none.
    list: Vec<RegionBreakers>,
    news: Option<(RegionId, News)>,
}

impl Breakers {
    /// One for each of `processes` at each of `regions` regions, if clients have any.
    pub fn new(settings: Option<BreakerSettings>, regions: usize, processes: u32) -> Self {
        let at_one = |settings| RegionBreakers {
            breakers: vec![Breaker::new(settings); processes.max(1) as usize],
            not_closed: 0,
            opened: None,
            tried: false,
            reopened: 0,
            told: 0,
        };
        Self { list: settings.map_or_else(Vec::new, |settings| vec![at_one(settings); regions]), news: None }
    }

    /// Whether the process of `group` sends to `region` at `now`.
    #[inline]
    pub fn admits(&mut self, region: RegionId, group: u32, now: Instant) -> bool {
        let Some(place) = self.list.get_mut(region.index()) else { return true };
        let admitted = place.of(group).admits(now);
        if admitted
            && let Some(opened) = place.opened
            && !place.tried
            && !place.of(group).is_closed()
        {
            place.tried = true;
            self.news = Some((region, News::HalfOpen { after: now.since(opened.min(now)) }));
        }
        admitted
    }

    /// An attempt at `region` of the process of `group` ended at `now`.
    #[inline]
    pub fn ended(&mut self, region: RegionId, group: u32, now: Instant, ok: bool) {
        let Some(place) = self.list.get_mut(region.index()) else { return };
        let breaker = place.of(group);
        let (was_closed, was_open) = (breaker.is_closed(), breaker.is_open());
        breaker.ended(now, ok);
        let (is_closed, is_open) = (breaker.is_closed(), breaker.is_open());
        place.not_closed = place.not_closed + usize::from(!is_closed) - usize::from(!was_closed);
        match place.opened {
            None if place.not_closed > 0 => {
                (place.opened, place.tried, place.reopened) = (Some(now), false, 0);
                self.news = Some((region, News::Opened));
            }
            Some(opened) if place.not_closed == 0 => {
                place.opened = None;
                let after = now.since(opened.min(now));
                self.news = Some((region, News::Closed { after, reopened: place.reopened }));
            }
            Some(_) => place.reopened += u32::from(!was_closed && !was_open && is_open),
            None => {}
        }
    }

    /// Breakers through which nothing is sent at present, or only to try.
    pub fn not_closed(&self) -> usize {
        self.list.iter().map(|place| place.not_closed).sum()
    }

    /// What is to be reported, if anything: where, what, and whether it is the last report on these breakers.
    fn take_news(&mut self) -> Option<(RegionId, News, bool)> {
        let (region, news) = self.news.take()?;
        let told = &mut self.list[region.index()].told;
        *told += 1;
        (*told <= MOST_EVENTS).then_some((region, news, *told == MOST_EVENTS))
    }
}

impl RegionBreakers {
    /// The breaker of the process that `group` belongs to.
    #[inline]
    fn of(&mut self, group: u32) -> &mut Breaker {
        let process = mutant!("a_breaker_is_shared_by_all": group => 0) as usize % self.breakers.len();
        &mut self.breakers[process]
    }
}

impl Clients {
    /// An attempt of that group of a population at `region` ended at `at`.
    #[inline(always)]
    pub(in crate::model) fn attempt_ended(
        &mut self,
        core: &mut Core,
        (workload, group): (u16, u32),
        region: RegionId,
        at: Instant,
        ok: bool,
    ) {
        // Most clients have no breakers, and this is on the path of every request.
        if !self.populations[usize::from(workload)].breakers.list.is_empty() {
            self.attempt_is_judged(core, (workload, group), region, at, ok);
        }
    }

    #[inline(never)]
    fn attempt_is_judged(
        &mut self,
        core: &mut Core,
        (workload, group): (u16, u32),
        region: RegionId,
        at: Instant,
        ok: bool,
    ) {
        self.populations[usize::from(workload)].breakers.ended(region, group, at, ok);
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
        let mut breakers = Breakers::new(Some(SETTINGS), 1, 1);
        (0..2).for_each(|_| breakers.ended(WEST, 0, at(1), false));
        assert_eq!(told(&mut breakers), Some(News::Opened));
        assert!(!breakers.admits(WEST, 0, at(2)) && told(&mut breakers).is_none());
        assert!(breakers.admits(WEST, 0, at(6)));
        assert_eq!(told(&mut breakers), Some(News::HalfOpen { after: Span::from_secs(5) }));
        for second in [6, 11, 16] {
            breakers.ended(WEST, 0, at(second), false);
            assert!(breakers.admits(WEST, 0, at(second + 5)) && told(&mut breakers).is_none());
        }
        breakers.ended(WEST, 0, at(21), true);
        assert_eq!(told(&mut breakers), Some(News::Closed { after: Span::from_secs(20), reopened: 3 }));
        assert_eq!(breakers.not_closed(), 0);
    }

    #[test]
    fn a_breaker_that_never_comes_to_rest_is_told_of_a_bounded_number_of_times() {
        let mut breakers = Breakers::new(Some(SETTINGS), 1, 1);
        let mut events = 0;
        for round in 0..500 {
            let at = Instant::from_secs(round * 20);
            (0..2).for_each(|_| breakers.ended(WEST, 0, at, false));
            events += u32::from(told(&mut breakers).is_some());
            let later = Instant::from_secs(round * 20 + 6);
            assert!(breakers.admits(WEST, 0, later));
            events += u32::from(told(&mut breakers).is_some());
            breakers.ended(WEST, 0, later, true);
            events += u32::from(told(&mut breakers).is_some());
        }
        assert_eq!(events, MOST_EVENTS);
    }

    #[test]
    fn who_has_no_breaker_sends_everywhere() {
        let mut none = Breakers::new(None, 3, 1);
        none.ended(WEST, 0, Instant::ZERO, false);
        assert!(none.admits(WEST, 0, Instant::ZERO) && none.not_closed() == 0 && told(&mut none).is_none());
    }

    #[test]
    fn a_process_knows_its_own_attempts_alone_and_the_first_and_the_last_are_told() {
        let at = Instant::from_secs;
        let mut breakers = Breakers::new(Some(SETTINGS), 1, 3);
        (0..2).for_each(|_| breakers.ended(WEST, 4, at(1), false));
        assert_eq!((told(&mut breakers), breakers.not_closed()), (Some(News::Opened), 1));
        let admitted: Vec<bool> = (0..6).map(|group| breakers.admits(WEST, group, at(2))).collect();
        assert_eq!(admitted, [true, false, true, true, false, true]);
        (0..2).for_each(|_| breakers.ended(WEST, 2, at(3), false));
        assert_eq!((told(&mut breakers), breakers.not_closed()), (None, 2), "clients are known to have stopped");
        assert!(breakers.admits(WEST, 0, at(7)) && told(&mut breakers).is_none(), "one that was closed all along");
        assert!(breakers.admits(WEST, 1, at(7)));
        assert_eq!(told(&mut breakers), Some(News::HalfOpen { after: Span::from_secs(6) }));
        breakers.ended(WEST, 1, at(7), true);
        assert_eq!((told(&mut breakers), breakers.not_closed()), (None, 1));
        assert!(breakers.admits(WEST, 2, at(9)));
        breakers.ended(WEST, 2, at(9), true);
        assert_eq!(told(&mut breakers), Some(News::Closed { after: Span::from_secs(8), reopened: 0 }));
    }
}

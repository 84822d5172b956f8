//! Monitoring: keeping what was scraped, and answering for a window.
//!
//! Does not know the truth between scrapes: an answer is made of scrapes alone, and of none younger than the delivery delay.
//!
//! Invariants: counters are read as counters are, by difference between two scrapes that both succeeded; an answer is that of
//! the whole history, however little of it is kept, for every window up to the one that is configured.

use crate::model::core::counters::Counters;
use crate::model::core::held::Held;
use crate::model::plan::MonitoringPlan;
use crate::ports::{Metric, PortError};
use crate::record::Buckets;
use crate::units::{Figure, Instant, ServiceId, Span};
use std::collections::VecDeque;

#[derive(Debug, Clone)]
struct Scrape {
    at: Instant,
    /// What the service answered; `None`: the scrape failed.
    counters: Option<Counters>,
}

/// Everything scraped that a window may still need.
#[derive(Debug)]
pub struct Monitoring {
    /// How often services are scraped.
    pub every: Span,
    window: Span,
    delay: Span,
    ignores_limits: bool,
    scrapes: Vec<VecDeque<Scrape>>,
    /// Nothing is scraped and nothing can be read while this is held.
    pub(in crate::model) blackout: Held,
    /// By region: its services are not scraped while this is held.
    pub(in crate::model) gaps: Vec<Held>,
}

impl Monitoring {
    /// The monitoring of `plan` over `services` services in `regions` regions.
    pub fn new(plan: &MonitoringPlan, services: usize, regions: usize) -> Self {
        Self {
            every: plan.scrape,
            window: mutant!("monitoring_looks_back_half_as_long": plan.window => Span::from_nanos(plan.window.as_nanos() / 2)),
            delay: plan.delay,
            ignores_limits: plan.ignores_limits,
            scrapes: vec![VecDeque::new(); services],
            blackout: Held::default(),
            gaps: vec![Held::default(); regions],
        }
    }

    /// Keeps a scrape of `service`; `counters` is `None` if the service did not answer.
    pub fn keep(&mut self, service: ServiceId, at: Instant, counters: Option<Counters>) {
        let (window, delay) = (self.window, self.delay);
        let scrapes = &mut self.scrapes[service.index()];
        scrapes.push_back(Scrape { at, counters });
        // Whoever asks from now on is shown this one or a later one.
        let Some(shown) = scrapes.iter().rev().find(|scrape| scrape.at.saturating_add(delay) <= at) else { return };
        let (shown, start) = (shown.at, before(shown.at, window));
        // What is counted from: the last answer up to there, and one more, should that be the newest there is.
        let mut old = (0..scrapes.len()).rev().filter(|at| scrapes[*at].at <= start && scrapes[*at].counters.is_some());
        let last = old.next();
        let first = mutant!("one_answer_is_enough_to_count_from": old.next().or(last) => last);
        scrapes.drain(..first.unwrap_or(0));
        scrapes.retain(|scrape| scrape.at >= shown || scrape.counters.is_some());
    }

    /// Whether a window of that length can be asked for.
    ///
    /// # Errors
    ///
    /// That as much is not kept.
    pub fn check(&self, window: Option<Span>) -> Result<(), PortError> {
        match window {
            Some(window) if window > self.window => {
                Err(PortError::Refused(format!("monitoring keeps {:#} of scrapes, not {window:#}", self.window)))
            }
            _ => Ok(()),
        }
    }

    /// What monitoring has of `service` at `now`, over `window` or the one that is configured.
    pub fn look(&self, service: ServiceId, now: Instant, window: Option<Span>) -> Scraped<'_> {
        let visible = || self.scrapes[service.index()].iter().rev().filter(|s| s.at.saturating_add(self.delay) <= now);
        let Some(newest) = visible().next() else { return Scraped::default() };
        let start = before(newest.at, window.unwrap_or(self.window));
        let mut answered = visible().filter_map(|scrape| Some((scrape.at, scrape.counters.as_ref()?)));
        let last = answered.next().filter(|(at, _)| *at >= start).map(|(_, counters)| counters);
        // The last scrape at or before the start of the window, or the first one there is.
        let first = last.and_then(|_| {
            let mut oldest = None;
            for (at, counters) in answered {
                oldest = Some(counters);
                if at <= start {
                    break;
                }
            }
            oldest
        });
        let newest = Some((newest.at, newest.counters.is_some()));
        Scraped { newest, last, first, ignores_limits: self.ignores_limits }
    }
}

/// The instant `span` before `at`, or the start of the run.
fn before(at: Instant, span: Span) -> Instant {
    Instant::from_nanos(at.as_nanos().saturating_sub(span.as_nanos()))
}

/// What the scrapes of one service show over a window.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scraped<'a> {
    /// The newest scrape, whether it was answered or not, and whether it was.
    newest: Option<(Instant, bool)>,
    /// The newest answer inside the window.
    last: Option<&'a Counters>,
    /// The answer from which on it counts; `None`: the start of the run.
    first: Option<&'a Counters>,
    /// Whether what a limit turned away is left out of the errors.
    ignores_limits: bool,
}

impl Scraped<'_> {
    /// When the newest scrape was taken; `None` if there never was one.
    pub fn taken(&self) -> Option<Instant> {
        self.newest.map(|(at, _)| at)
    }

    /// Whether the newest scrape reached the service.
    pub fn is_up(&self) -> bool {
        self.newest.is_some_and(|(_, up)| up)
    }

    /// Requests finished with an error inside the window, and all that were finished; what a limit turned away is among
    /// both, or among neither.
    pub fn errors(&self) -> (u64, u64) {
        let (errors, requests) = (self.since(|counters| counters.errors), self.since(|counters| counters.requests));
        let limited = if self.ignores_limits { 0 } else { self.limited().0 };
        (errors + limited, requests + limited)
    }

    /// Requests that a limit turned away inside the window, and all that were answered.
    pub fn limited(&self) -> (u64, u64) {
        let limited = self.since(|counters| counters.limited);
        (limited, self.since(|counters| counters.requests) + limited)
    }

    fn since(&self, count: fn(&Counters) -> u64) -> u64 {
        let (last, first) = (self.last.map_or(0, count), self.first.map_or(0, count));
        last.saturating_sub(first)
    }

    /// The response time below which so many in a hundred of the window's lie, if there are any.
    pub fn response_time(&self, percentile: u8) -> Option<Span> {
        let last = &self.last?.latency;
        let since = |first: &Buckets| (last.count() >= first.count()).then(|| last.since(first));
        let inside = self.first.map_or_else(|| Some(last.clone()), |first| since(&first.latency));
        inside?.percentile(u64::from(percentile))
    }

    /// The answer to a query; `None` if the window holds nothing of it.
    pub fn figure(&self, metric: Metric) -> Option<Figure> {
        self.newest?;
        let share = |(part, whole)| (whole > 0).then_some(Figure::Share { part, whole });
        match metric {
            Metric::Up => Some(Figure::Count(u64::from(self.is_up()))),
            Metric::ErrorRate => share(self.errors()),
            Metric::Limited => share(self.limited()),
            Metric::ResponseTime { percentile } => self.response_time(percentile).map(Figure::Span),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const S: ServiceId = ServiceId(0);
    const T: fn(u64) -> Instant = Instant::from_secs;

    fn monitoring() -> Monitoring {
        let [scrape, window, delay] = [15, 60, 2].map(Span::from_secs);
        Monitoring::new(&MonitoringPlan { scrape, window, delay, ignores_limits: false }, 1, 1)
    }

    fn counters(requests: u64, errors: u64) -> Option<Counters> {
        Some(Counters { requests, errors, ..Counters::default() })
    }

    #[test]
    fn a_reading_is_the_difference_over_the_window() {
        let mut monitoring = monitoring();
        for n in 0..=10 {
            monitoring.keep(S, T(15 * n), counters(100 * n, 10 * n));
        }
        let seen = monitoring.look(S, T(152), None);
        assert_eq!((seen.taken(), seen.errors()), (Some(T(150)), (40, 400)));
        assert_eq!(monitoring.look(S, T(152), Some(Span::from_secs(30))).errors(), (20, 200), "a shorter one");
        assert_eq!(monitoring.look(S, T(152), Some(Span::from_secs(40))).errors(), (30, 300), "between two scrapes");
    }

    #[test]
    fn what_a_limit_turned_away_is_among_the_errors_or_left_out_and_a_class_of_its_own_in_either_case() {
        let [scrape, window, delay] = [15, 60, 2].map(Span::from_secs);
        for (ignores_limits, errors) in [(false, (110, 200)), (true, (10, 100))] {
            let plan = MonitoringPlan { scrape, window, delay, ignores_limits };
            let mut monitoring = Monitoring::new(&plan, 1, 1);
            for n in 0..=4 {
                let counters =
                    Counters { requests: 25 * n, errors: 5 * (n / 2), limited: 25 * n, ..Counters::default() };
                monitoring.keep(S, T(15 * n), Some(counters));
            }
            let seen = monitoring.look(S, T(62), None);
            assert_eq!((seen.errors(), seen.limited()), (errors, (100, 200)), "{ignores_limits}");
            let share = |(part, whole)| Some(Figure::Share { part, whole });
            assert_eq!(seen.figure(Metric::ErrorRate), share(errors));
            assert_eq!(seen.figure(Metric::Limited), share((100, 200)));
        }
    }

    #[test]
    fn a_scrape_is_read_only_after_the_delivery_delay() {
        let mut monitoring = monitoring();
        assert_eq!(
            (monitoring.look(S, T(0), None).taken(), monitoring.look(S, T(0), None).figure(Metric::Up)),
            (None, None)
        );
        monitoring.keep(S, T(0), counters(0, 0));
        monitoring.keep(S, T(15), None);
        assert_eq!(monitoring.look(S, T(16), None).figure(Metric::Up), Some(Figure::Count(1)));
        assert_eq!(monitoring.look(S, T(17), None).figure(Metric::Up), Some(Figure::Count(0)));
    }

    #[test]
    fn a_service_that_has_been_down_for_a_whole_window_has_no_requests() {
        let mut monitoring = monitoring();
        monitoring.keep(S, T(0), counters(500, 0));
        for n in 1..=10 {
            monitoring.keep(S, T(15 * n), None);
        }
        let seen = monitoring.look(S, T(160), None);
        assert_eq!((seen.is_up(), seen.errors(), seen.response_time(95)), (false, (0, 0), None));
        assert_eq!(
            (seen.figure(Metric::ErrorRate), seen.taken()),
            (None, Some(T(150))),
            "nothing, as of the last scrape"
        );
    }

    #[test]
    fn monitoring_that_does_not_scrape_answers_with_what_it_had_and_says_when_that_was() {
        let mut monitoring = monitoring();
        for n in 0..=6 {
            monitoring.keep(S, T(15 * n), counters(100 * n, 10 * n));
        }
        let (at_once, later) = (monitoring.look(S, T(92), None), monitoring.look(S, T(5_000), None));
        assert_eq!(later.errors(), at_once.errors());
        assert_eq!((later.taken(), later.figure(Metric::Up)), (Some(T(90)), Some(Figure::Count(1))));
        monitoring.keep(S, T(6_000), counters(700, 70));
        assert_eq!(monitoring.look(S, T(6_001), None).errors(), (40, 400), "not delivered yet: still what it had");
        assert_eq!(monitoring.look(S, T(6_002), None).errors(), (10, 100), "since the last scrape before the window");
    }

    #[test]
    fn the_newest_answer_counts_from_the_one_before_it_though_it_is_as_old_as_the_window() {
        let mut monitoring = monitoring();
        monitoring.keep(S, T(0), counters(500, 400));
        monitoring.keep(S, T(15), counters(600, 400));
        for n in [30, 45, 60, 75, 90] {
            monitoring.keep(S, T(n), None);
        }
        // As of 75 s, a minute back: what was finished from 0 s to 15 s.
        assert_eq!(monitoring.look(S, T(80), None).errors(), (0, 100));
    }

    #[test]
    fn a_window_that_is_not_kept_is_refused_by_name() {
        let monitoring = monitoring();
        assert_eq!(monitoring.check(None), Ok(()));
        assert_eq!(monitoring.check(Some(Span::from_secs(60))), Ok(()));
        let refused = Err(PortError::Refused("monitoring keeps 1m of scrapes, not 5m".to_owned()));
        assert_eq!(monitoring.check(Some(Span::from_mins(5))), refused);
    }

    /// A scrape that was made at that second: requests and errors since the start, and how often each response time was seen.
    type Made = (u64, Option<Answered>);
    type Answered = (u64, u64, Vec<u64>);

    /// What a query answers, from the whole history, by its definition.
    fn recompute(history: &[Made], now: u64, window: u64, delay: u64, metric: Metric) -> Option<Figure> {
        let visible: Vec<&Made> = history.iter().filter(|made| made.0 + delay <= now).collect();
        let (newest, answer) = visible.last()?;
        let start = newest.saturating_sub(window);
        if metric == Metric::Up {
            return Some(Figure::Count(u64::from(answer.is_some())));
        }
        let answered: Vec<(u64, &Answered)> =
            visible.iter().filter_map(|made| Some((made.0, made.1.as_ref()?))).collect();
        let ((at, last), earlier) = answered.split_last()?;
        if *at < start {
            return None;
        }
        let nothing = (0, 0, Vec::new());
        let first = earlier.iter().rfind(|made| made.0 <= start).or(earlier.first()).map_or(&nothing, |made| made.1);
        let times = &last.2[first.2.len()..];
        match metric {
            Metric::Up => None,
            Metric::ErrorRate => {
                let (part, whole) = (last.1 - first.1, last.0 - first.0);
                (whole > 0).then_some(Figure::Share { part, whole })
            }
            Metric::Limited => None,
            Metric::ResponseTime { percentile } => {
                let mut buckets = Buckets::<3>::default();
                times.iter().for_each(|millis| buckets.record(Span::from_millis(*millis)));
                buckets.percentile(u64::from(percentile)).map(Figure::Span)
            }
        }
    }

    /// Scrapes at irregular times, some of which fail, of a service that finishes requests between them.
    fn histories() -> impl Strategy<Value = Vec<Made>> {
        let step = (1_u64..90, prop::bool::weighted(0.7), prop::collection::vec((1_u64..4_000, any::<bool>()), 0..6));
        prop::collection::vec(step, 1..60).prop_map(|steps| {
            let (mut at, mut errors, mut times) = (0, 0, Vec::new());
            let mut history = Vec::new();
            for (gap, answers, requests) in steps {
                for (millis, fails) in requests {
                    times.push(millis);
                    errors += u64::from(fails);
                }
                history.push((at, answers.then(|| (times.len() as u64, errors, times.clone()))));
                at += gap;
            }
            history
        })
    }

    proptest! {
        #[test]
        fn a_query_equals_recomputing_it_from_the_whole_history(
            history in histories(),
            waits in prop::collection::vec((0_u64..100, 0_u64..=60, 1_u8..=100), 1..8),
        ) {
            let mut monitoring = monitoring();
            for (index, (at, answer)) in history.iter().enumerate() {
                let counters = answer.as_ref().map(|(requests, errors, times)| {
                    let mut latency = Buckets::default();
                    times.iter().for_each(|millis| latency.record(Span::from_millis(*millis)));
                    Counters { requests: *requests, errors: *errors, latency, ..Counters::default() }
                });
                monitoring.keep(S, T(*at), counters);
                let until = history.get(index + 1).map_or(u64::MAX, |next| next.0);
                for (wait, window, percentile) in &waits {
                    let now = at + wait;
                    if now >= until {
                        continue;
                    }
                    for metric in [Metric::Up, Metric::ErrorRate, Metric::ResponseTime { percentile: *percentile }] {
                        let answered = monitoring.look(S, T(now), Some(Span::from_secs(*window))).figure(metric);
                        let expected = recompute(&history[..=index], now, *window, 2, metric);
                        prop_assert_eq!(answered, expected, "{:?} over {} s at {}", metric, window, now);
                    }
                }
            }
        }
    }
}

//! When to stop sending to something that fails, and when to try it again.
//!
//! Fed with the outcome of each attempt and with the time. Does not know what it protects; it neither draws nor waits.
//!
//! Invariants: while it is open nothing is let through; while it is half open no more attempts are under way than
//! probes are wanted, and it closes only once that many have succeeded in a row. Source: Nygard, Release It! (2007),
//! ch. 5; the window of ten parts as in Netflix Hystrix.

use crate::units::{Instant, Ratio, Span};

/// Parts of the window; the oldest is dropped as a whole.
const PARTS: usize = 10;

/// When a breaker opens and closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// The share of failed attempts of the window at which it opens.
    pub failures: Ratio,
    /// The window in which attempts are counted.
    pub window: Span,
    /// With fewer attempts in the window it never opens.
    pub minimum: u32,
    /// How long it stays open before it lets probes through.
    pub open_for: Span,
    /// Probes that must succeed before it closes.
    pub probes: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Open { until: Instant },
    HalfOpen { since: Instant, sent: u32, succeeded: u32 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Part {
    attempts: u32,
    failures: u32,
}

/// A circuit breaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaker {
    settings: BreakerSettings,
    state: State,
    parts: [Part; PARTS],
    /// The number of the part that is being filled, counted from the start of time.
    present: u64,
}

impl Breaker {
    /// A closed breaker that has seen nothing.
    pub const fn new(settings: BreakerSettings) -> Self {
        Self { settings, state: State::Closed, parts: [Part { attempts: 0, failures: 0 }; PARTS], present: 0 }
    }

    /// Whether an attempt may be made at `now`. One that may is taken as made.
    pub fn admits(&mut self, now: Instant) -> bool {
        match &mut self.state {
            State::Closed => true,
            State::Open { until } if now < *until => false,
            State::Open { .. } => {
                self.state = State::HalfOpen { since: now, sent: 1, succeeded: 0 };
                true
            }
            State::HalfOpen { sent, succeeded, .. } if *sent < self.settings.probes.max(1) => {
                debug_assert!(*succeeded <= *sent, "more probes succeeded than were sent");
                *sent += 1;
                true
            }
            // Probes nobody ever told the end of: send others.
            State::HalfOpen { since, .. } if now.since(*since) >= self.settings.open_for => {
                self.state = State::HalfOpen { since: now, sent: 1, succeeded: 0 };
                true
            }
            State::HalfOpen { .. } => false,
        }
    }

    /// An attempt ended at `now`.
    pub fn ended(&mut self, now: Instant, ok: bool) {
        match &mut self.state {
            State::Closed => self.count(now, ok),
            // An attempt from before it opened: too late to matter.
            State::Open { .. } => {}
            State::HalfOpen { .. } if !ok => self.open(now),
            State::HalfOpen { succeeded, .. } => {
                *succeeded += 1;
                if *succeeded >= self.settings.probes {
                    self.state = State::Closed;
                    self.parts = [Part::default(); PARTS];
                }
            }
        }
    }

    /// Whether it lets everything through.
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Whether it was shut when this was last asked for: neither closed nor trying.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    fn count(&mut self, now: Instant, ok: bool) {
        self.move_to(now);
        let part = &mut self.parts[(self.present % PARTS as u64) as usize];
        part.attempts += 1;
        part.failures += u32::from(!ok);
        if ok {
            return;
        }
        let sum = |of: fn(&Part) -> u32| self.parts.iter().map(|part| u64::from(of(part))).sum::<u64>();
        let (attempts, failures) = (sum(|part| part.attempts), sum(|part| part.failures));
        let too_many =
            self.settings.failures.compare_to_quotient(failures, attempts).is_some_and(|order| order.is_ge());
        if attempts >= u64::from(self.settings.minimum) && too_many {
            self.open(now);
        }
    }

    fn open(&mut self, now: Instant) {
        let planned = self.settings.open_for;
        let open_for = mutant!("a_breaker_stays_open_twice_as_long": planned => planned.saturating_add(planned));
        self.state = State::Open { until: now.saturating_add(open_for) };
        self.parts = [Part::default(); PARTS];
    }

    /// Empties the parts of the window that have gone by since the last attempt was counted.
    fn move_to(&mut self, now: Instant) {
        let part = (self.settings.window.as_nanos() / PARTS as u64).max(1);
        let number = now.as_nanos() / part;
        let gone = number.saturating_sub(self.present).min(PARTS as u64);
        for passed in 1..=gone {
            self.parts[((self.present + passed) % PARTS as u64) as usize] = Part::default();
        }
        self.present = self.present.max(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SETTINGS: BreakerSettings = BreakerSettings {
        failures: Ratio::from_percent(50),
        window: Span::from_secs(10),
        minimum: 4,
        open_for: Span::from_secs(5),
        probes: 2,
    };

    fn at(seconds: u64) -> Instant {
        Instant::from_secs(seconds)
    }

    /// A breaker that opened at one second.
    fn opened() -> Breaker {
        let mut breaker = Breaker::new(SETTINGS);
        for ok in [true, true, false, false] {
            assert!(breaker.admits(at(1)));
            breaker.ended(at(1), ok);
        }
        breaker
    }

    #[test]
    fn it_opens_at_the_share_of_failures_and_not_before_there_are_enough_attempts() {
        let mut breaker = Breaker::new(SETTINGS);
        (0..3).for_each(|_| breaker.ended(at(1), false));
        assert!(breaker.is_closed(), "three attempts are too few");
        breaker.ended(at(1), false);
        assert!(!breaker.is_closed() && !breaker.admits(at(5)));
        let mut mostly_well = Breaker::new(SETTINGS);
        for ok in [true, true, true, false, false] {
            mostly_well.ended(at(1), ok);
        }
        assert!(mostly_well.is_closed(), "two of five are below the half");
        assert!(!opened().is_closed(), "two of four are the half");
    }

    #[test]
    fn what_is_older_than_the_window_is_forgotten() {
        let mut breaker = Breaker::new(SETTINGS);
        (0..3).for_each(|_| breaker.ended(at(1), false));
        breaker.ended(at(11), false);
        assert!(breaker.is_closed());
        (0..3).for_each(|_| breaker.ended(at(12), false));
        assert!(!breaker.is_closed());
    }

    #[test]
    fn once_it_has_been_open_for_long_enough_it_lets_that_many_probes_through() {
        let mut breaker = opened();
        assert!(!breaker.admits(Instant::from_nanos(5_999_999_999)));
        assert!(breaker.admits(at(6)) && breaker.admits(at(6)) && !breaker.admits(at(6)));
        breaker.ended(at(7), true);
        assert!(!breaker.is_closed());
        breaker.ended(at(7), true);
        assert!(breaker.is_closed() && breaker.admits(at(7)));
    }

    #[test]
    fn a_probe_that_fails_opens_it_again() {
        let mut breaker = opened();
        assert!(breaker.admits(at(6)));
        breaker.ended(at(7), false);
        assert!(!breaker.admits(at(11)) && breaker.admits(at(12)));
    }

    #[test]
    fn probes_that_never_end_do_not_keep_it_half_open_for_ever() {
        let mut breaker = opened();
        assert!(breaker.admits(at(6)) && breaker.admits(at(6)));
        assert!(!breaker.admits(at(10)) && breaker.admits(at(11)));
    }

    proptest! {
        #[test]
        fn an_open_breaker_admits_nothing_until_its_time_is_over(
            steps in prop::collection::vec((0_u64..3_000, any::<bool>()), 1..200),
        ) {
            let (mut breaker, mut now, mut shut_until) = (Breaker::new(SETTINGS), Instant::ZERO, Instant::ZERO);
            for (wait, ok) in steps {
                now = now + Span::from_millis(wait);
                let admitted = breaker.admits(now);
                prop_assert!(!admitted || now >= shut_until, "admitted at {now}, open until {shut_until}");
                let was_open = matches!(breaker.state, State::Open { .. });
                if admitted {
                    breaker.ended(now, ok);
                }
                if let (false, State::Open { until }) = (was_open, breaker.state) {
                    shut_until = until;
                }
            }
        }
    }
}

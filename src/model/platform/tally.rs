//! What a service did with its requests in the second that is not over yet, and the signals that show it.
//!
//! Owns counts of one second and their signals. Does not influence anything: nothing in the world reads it back.
//!
//! Invariant: every second's counts are shown at that second, zeros included, so that sums over a run are exact.

use crate::model::core::signals::{Gauge, SignalStore};
use crate::model::platform::service::Station;
use crate::record::{Sample, SignalUnit, Viewpoint};
use crate::units::{Instant, Span};

/// Counts of one service in one second.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Requests that asked for a server.
    pub arrived: u64,
    /// Requests a server turned to.
    pub begun: u64,
    /// Of these, those that had to wait first.
    pub delayed: u64,
    /// How long these had waited, all together, in nanoseconds.
    pub waited: u64,
    /// Of these, those that had waited longer than the service's target.
    pub overdue: u64,
    /// Requests refused because the queue was full.
    pub refused: u64,
    /// Requests turned away by its rate limit.
    pub limited: u64,
    /// Requests for which it asked the next service in place of one that had failed it.
    pub fallbacks: u64,
    /// Reads answered from its cache.
    pub hits: u64,
    /// Reads its cache could not answer.
    pub misses: u64,
    /// Reads answered with what has been overwritten since.
    pub stale: u64,
    /// Of these, those that had been for longer than anybody need reckon with.
    pub cache_outdated: u64,
    /// Reads answered by a copy of the database that did not have the newest write of their key.
    pub behind: u64,
    /// Of these, those by a copy that had been behind for long.
    pub outdated: u64,
}

impl Tally {
    /// A server turns to a request that has waited that long.
    #[inline]
    pub fn turn(&mut self, waited: Span, target: Option<Span>) {
        self.delayed += 1;
        self.waited += waited.as_nanos();
        if target.is_some_and(|target| waited > target) {
            self.overdue += 1;
        }
    }
}

/// The signals of one service.
#[derive(Debug)]
pub struct ServiceGauges {
    queue: Gauge,
    busy: Gauge,
    in_system: Gauge,
    servers: Gauge,
    arrived: Gauge,
    delayed: Gauge,
    waited: Gauge,
    waiting_time: Gauge,
    refused: Gauge,
    overdue: Option<Gauge>,
    limited: Option<Gauge>,
    fallbacks: Option<Gauge>,
    cache: Option<[Gauge; 4]>,
    behind: Option<[Gauge; 2]>,
}

/// Which signals beside those of every service one has.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// Requests that waited too long: it has a target.
    pub overdue: bool,
    /// Requests above a limit: it has one.
    pub limited: bool,
    /// Whether it has another service to ask.
    pub fallbacks: bool,
    /// Hits and misses: it has a cache.
    pub cache: bool,
    /// Reads of a copy that was behind: its database has others than the authority.
    pub behind: bool,
}

impl ServiceGauges {
    /// The signals of the service called `name`, region first.
    pub fn new(name: &str, shown: Shown, signals: &mut SignalStore) -> Self {
        let mut add = |what: &str, unit| signals.gauge(format!("service.{name}.{what}"), unit, Viewpoint::Truth);
        Self {
            queue: add("queue", SignalUnit::Count),
            busy: add("busy", SignalUnit::Ratio),
            in_system: add("in_system", SignalUnit::Count),
            servers: add("servers", SignalUnit::Count),
            arrived: add("arrived", SignalUnit::PerSecond),
            delayed: add("delayed", SignalUnit::PerSecond),
            waited: add("waited", SignalUnit::Nanoseconds),
            waiting_time: add("waiting_time", SignalUnit::Nanoseconds),
            refused: add("refused", SignalUnit::PerSecond),
            overdue: shown.overdue.then(|| add("overdue", SignalUnit::PerSecond)),
            limited: shown.limited.then(|| add("limited", SignalUnit::PerSecond)),
            fallbacks: shown.fallbacks.then(|| add("fallbacks", SignalUnit::PerSecond)),
            cache: shown.cache.then(|| {
                [
                    ("cache_hits", SignalUnit::Ratio),
                    ("cache_misses", SignalUnit::PerSecond),
                    ("cache_stale", SignalUnit::PerSecond),
                    ("cache_outdated", SignalUnit::PerSecond),
                ]
                .map(|(what, unit)| add(what, unit))
            }),
            behind: shown
                .behind
                .then(|| ["stale_reads", "outdated_reads"].map(|what| add(what, SignalUnit::PerSecond))),
        }
    }

    /// Shows what the service is like at `at`.
    pub fn sample(&self, station: &Station, signals: &mut SignalStore, at: Instant) {
        let (waiting, busy) = (u64::from(station.waiting()), u64::from(station.busy()));
        let servers = u64::from(station.capacity());
        signals.sample(self.queue, at, Sample::count(waiting));
        signals.sample(self.busy, at, Sample::quotient(busy, servers));
        signals.sample(self.in_system, at, Sample::count(waiting + busy));
        signals.sample(self.servers, at, Sample::count(servers));
    }

    /// Shows the counts of the second that began at `at`, and starts counting again.
    pub fn close(&self, tally: &mut Tally, signals: &mut SignalStore, at: Instant) {
        let counts = std::mem::take(tally);
        for (gauge, count) in [
            (self.arrived, counts.arrived),
            (self.delayed, counts.delayed),
            (self.waiting_time, counts.waited),
            (self.refused, counts.refused),
        ] {
            signals.sample(gauge, at, Sample::count(count));
        }
        signals.sample(self.waited, at, Sample::quotient(counts.waited, counts.begun));
        let [behind, outdated] = self.behind.map_or([None; 2], |gauges| gauges.map(Some));
        let optional = [
            (self.overdue, counts.overdue),
            (self.limited, counts.limited),
            (self.fallbacks, counts.fallbacks),
            (behind, counts.behind),
            (outdated, counts.outdated),
        ];
        for (gauge, count) in optional {
            if let Some(gauge) = gauge {
                signals.sample(gauge, at, Sample::count(count));
            }
        }
        if let Some([hit, misses, stale, outdated]) = self.cache {
            signals.sample(outdated, at, Sample::count(counts.cache_outdated));
            signals.sample(hit, at, Sample::quotient(counts.hits, counts.hits + counts.misses));
            signals.sample(misses, at, Sample::count(counts.misses));
            signals.sample(stale, at, Sample::count(counts.stale));
        }
    }
}

//! Which signals a report draws, grouped by the question they answer.
//!
//! Owns the table of charts. Does not know pixels, colours or markup.
//!
//! Invariant: a signal without data is not drawn; what a chart leaves out is counted.

use super::series::{Cell, Window, cells};
use crate::outcome::Outcome;
use crate::record::{FailureReason, Signal};
use crate::report::text::{count, span};
use crate::units::Span;

/// What a value of a chart counts, and so how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    /// Events per second.
    PerSecond,
    /// A proportion: 1 is the whole.
    Share,
    /// Nanoseconds.
    Duration,
    /// A count of things.
    Count,
}

/// One chart: signals of one unit over time.
pub(crate) struct Chart<'a> {
    /// Its name in files and anchors.
    pub slug: &'static str,
    pub title: &'static str,
    /// How to read it.
    pub note: &'static str,
    pub axis: Axis,
    pub lines: Vec<ChartLine<'a>>,
    /// Signals of the same kind that are not drawn, because others say more.
    pub left_out: usize,
}

/// One signal of a chart.
pub(crate) struct ChartLine<'a> {
    pub name: String,
    pub signal: &'a Signal,
}

struct Definition {
    slug: &'static str,
    title: &'static str,
    note: &'static str,
    axis: Axis,
    of: Selection,
}

/// Which signals a chart draws.
enum Selection {
    /// These, under these names.
    Named(&'static [(&'static str, &'static str)]),
    /// Those that begin and end so, named by what is between; of more than four those with the highest peaks.
    Family(&'static str, &'static str),
    /// The same, but those that hardly rise above zero beside the others say nothing.
    Peaks(&'static str, &'static str),
    /// Those that begin so and ever rise above zero, in words.
    Reasons(&'static str),
}

use Axis::{Count, Duration, PerSecond, Share};
use Selection::{Family, Named, Peaks, Reasons};

/// The most lines of one chart: more cannot be told apart.
pub(crate) const MOST_LINES: usize = 4;

/// A peak below this part of the highest one is not worth a line.
const NOTABLE: f64 = 0.02;

const CHARTS: &[Definition] = &[
    Definition {
        slug: "errors",
        title: "Requests that failed",
        note: "Share of the requests started in each second that failed or never got an answer.",
        axis: Share,
        of: Named(&[("errors", "failed or unknown")]),
    },
    Definition {
        slug: "reasons",
        title: "Failed requests by reason",
        note: "Requests that failed or never got an answer, by the reason of their last attempt and the second in \
               which clients gave up on them.",
        axis: PerSecond,
        of: Reasons("failed."),
    },
    Definition {
        slug: "rate",
        title: "Requests per second",
        note: "Offered by clients, answered in time, and attempts with their retries. Attempts far above offered are a \
               retry storm.",
        axis: PerSecond,
        of: Named(&[("offered", "offered"), ("goodput", "answered in time"), ("attempts", "attempts")]),
    },
    Definition {
        slug: "retries",
        title: "Retries and hedges",
        note: "Share of all attempts that are retries or hedges. A share that stays high after the cause is gone is a \
               self-sustaining overload.",
        axis: Share,
        of: Named(&[("retries", "retries"), ("hedges", "hedges")]),
    },
    Definition {
        slug: "latency",
        title: "Latency of answered requests",
        note: "Quantiles per second. Requests that were never answered are not included; see the failed ones.",
        axis: Duration,
        of: Named(&[("latency.p99", "p99"), ("latency.p95", "p95"), ("latency.p50", "median")]),
    },
    Definition {
        slug: "regions",
        title: "Requests served by each region",
        note: "Where answers came from.",
        axis: PerSecond,
        of: Family("region.", ".ok"),
    },
    Definition {
        slug: "dns",
        title: "DNS share by target",
        note: "Share of the client groups whose cached DNS answer names the region: how fast traffic can follow.",
        axis: Share,
        of: Family("dns.share.", ""),
    },
    Definition {
        slug: "replication",
        title: "Replication lag",
        note: "Age of the oldest write that the worst reachable replica has not applied: what a failover at that \
               moment would lose. No line: no replica was reachable.",
        axis: Duration,
        of: Family("db.", ".lag"),
    },
    Definition {
        slug: "dual-write",
        title: "Rows that a database lacks of those beside it",
        note: "Rows whose newest acknowledged write it does not have: what a cutover to it at that moment would lose.",
        axis: Count,
        of: Family("db.", ".missing"),
    },
    Definition {
        slug: "authority",
        title: "Copies that accept writes",
        note: "Exactly one is correct. None: writes wait or fail. More than one is split brain.",
        axis: Count,
        of: Family("db.", ".writable"),
    },
    Definition {
        slug: "queues",
        title: "Queue depth",
        note: "Requests waiting at a service.",
        axis: Count,
        of: Peaks("service.", ".queue"),
    },
    Definition {
        slug: "busy",
        title: "Servers at work",
        note: "Share of a service's servers that are busy. At 100% the queue grows.",
        axis: Share,
        of: Peaks("service.", ".busy"),
    },
    Definition {
        slug: "seen",
        title: "Errors as monitoring saw them",
        note: "Scraped, windowed and delayed: what control decided on. Compare with the requests that failed.",
        axis: Share,
        of: Peaks("seen.", ".errors"),
    },
];

/// The names of all charts there can be, in the order in which they are shown.
pub(crate) fn slugs() -> impl Iterator<Item = &'static str> {
    CHARTS.iter().map(|definition| definition.slug)
}

/// The charts of a run: those that have something to show.
pub(crate) fn charts(outcome: &Outcome) -> Vec<Chart<'_>> {
    CHARTS.iter().filter_map(|definition| definition.chart(&outcome.record.signals)).collect()
}

impl Definition {
    fn chart<'a>(&self, signals: &'a [Signal]) -> Option<Chart<'a>> {
        let mut lines = match self.of {
            Named(names) => named(names, signals),
            Family(prefix, suffix) | Peaks(prefix, suffix) => family(prefix, suffix, signals),
            Reasons(prefix) => reasons(prefix, signals),
        };
        lines.retain(|line| peak(line.signal).is_some());
        let all = lines.len();
        if let Peaks(..) = self.of {
            let highest = lines.iter().filter_map(|line| peak(line.signal)).fold(0.0, f64::max);
            lines.retain(|line| peak(line.signal) >= Some(highest * NOTABLE));
        }
        if lines.len() > MOST_LINES {
            highest_first(&mut lines);
            lines.truncate(MOST_LINES);
        }
        let left_out = all - lines.len();
        let Self { slug, title, note, axis, .. } = *self;
        (!lines.is_empty()).then_some(Chart { slug, title, note, axis, lines, left_out })
    }
}

fn named<'a>(names: &[(&str, &str)], signals: &'a [Signal]) -> Vec<ChartLine<'a>> {
    let line = |(signal, name): &(&str, &str)| {
        let signal = signals.iter().find(|s| s.name == *signal)?;
        Some(ChartLine { name: (*name).to_owned(), signal })
    };
    names.iter().filter_map(line).collect()
}

fn family<'a>(prefix: &str, suffix: &str, signals: &'a [Signal]) -> Vec<ChartLine<'a>> {
    let line = |signal: &'a Signal| {
        let name = signal.name.strip_prefix(prefix)?.strip_suffix(suffix)?.to_owned();
        Some(ChartLine { name, signal })
    };
    signals.iter().filter_map(line).collect()
}

/// A reason that never occurred is no line, and not one that is left out.
fn reasons<'a>(prefix: &str, signals: &'a [Signal]) -> Vec<ChartLine<'a>> {
    let mut lines = family(prefix, "", signals);
    lines.retain(|line| peak(line.signal) > Some(0.0));
    for line in &mut lines {
        if let Some(reason) = FailureReason::ALL.iter().find(|reason| reason.name() == line.name) {
            line.name = reason.words().to_owned();
        }
    }
    lines
}

fn peak(signal: &Signal) -> Option<f64> {
    signal.points().filter_map(|(_, sample)| sample.as_f64()).max_by(f64::total_cmp)
}

/// Stable, so that equal peaks stay in the order of their names.
fn highest_first(lines: &mut [ChartLine<'_>]) {
    lines.sort_by(|a, b| peak(b.signal).unwrap_or(0.0).total_cmp(&peak(a.signal).unwrap_or(0.0)));
}

impl Axis {
    /// A value for reading.
    pub(crate) fn written(self, value: f64) -> String {
        match self {
            Duration => span(Span::from_nanos(whole_number(value))),
            Share => decimals(value * 100.0) + "%",
            PerSecond => decimals(value) + "/s",
            Count => decimals(value),
        }
    }
}

/// The nearest whole number of a value that is not negative.
fn whole_number(value: f64) -> u64 {
    (value + 0.5).floor().max(0.0) as u64
}

/// Whole from 100 on, otherwise with at most two digits after the point.
fn decimals(value: f64) -> String {
    if value >= 99.95 {
        return count(whole_number(value));
    }
    let text = if value >= 9.995 { format!("{value:.1}") } else { format!("{value:.2}") };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Cells at most in which a signal is looked at for its extremes, which a cell keeps.
const SWEPT: u64 = 4096;

impl Chart<'_> {
    /// What the chart shows within `window`, in words: for those who cannot see it.
    pub(crate) fn in_words(&self, window: Window) -> String {
        let words = self.lines.iter().map(|line| {
            let found: Vec<Cell> = cells(line.signal, &window.cells(SWEPT)).into_iter().flatten().collect();
            let lowest = found.iter().map(|cell| cell.min).min_by(f64::total_cmp);
            let highest = found.iter().map(|cell| cell.max).max_by(f64::total_cmp);
            match (lowest, highest, found.last()) {
                (Some(lowest), Some(highest), Some(last)) => format!(
                    "{}: between {} and {}, {} at the end",
                    line.name,
                    self.axis.written(lowest),
                    self.axis.written(highest),
                    self.axis.written(last.mean)
                ),
                _ => format!("{}: no data", line.name),
            }
        });
        words.collect::<Vec<_>>().join("; ") + "."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;
    use crate::record::{Sample, SignalUnit, Viewpoint};
    use crate::units::Instant;

    #[test]
    fn a_chart_shows_what_has_data_and_the_highest_of_a_large_family() {
        let mut outcome = fixture::outage(7);
        outcome.record.signals = (0..6)
            .map(|i| {
                let mut queue = Signal::new(format!("service.west.s{i}.queue"), SignalUnit::Count, Viewpoint::Truth);
                queue.set(Instant::ZERO, Sample::count(i * 10));
                queue
            })
            .collect();
        outcome.record.signals.push(Signal::new("db.orders.lag", SignalUnit::Nanoseconds, Viewpoint::Truth));
        let charts = charts(&outcome);
        assert_eq!(charts.iter().map(|c| (c.slug, c.left_out)).collect::<Vec<_>>(), [("queues", 2)]);
        assert_eq!(charts[0].lines[0].name, "west.s5");
        let words = charts[0].in_words(Window { from: Instant::ZERO, to: Instant::from_secs(10) });
        assert!(words.starts_with("west.s5: between 50 and 50, 50 at the end; west.s4"), "{words}");
    }

    #[test]
    fn values_are_written_in_their_unit() {
        assert_eq!(Axis::Share.written(0.008_34), "0.83%");
        assert_eq!(Axis::Share.written(1.0), "100%");
        assert_eq!(Axis::Duration.written(250_000_000.0), "250ms");
        assert_eq!([Axis::PerSecond.written(1_234.6), Axis::Count.written(12.34)], ["1,235/s", "12.3"]);
        assert_eq!([Axis::Count.written(0.0), Axis::Count.written(99.96)], ["0", "100"]);
    }
}

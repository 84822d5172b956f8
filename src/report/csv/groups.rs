//! Signals as tables: one file per group of signals that describe the same thing, one row per thing and stretch of time.
//!
//! Up to [`FINE`] seconds of run there is a row per second in which something changed. Longer runs are cut into stretches
//! of ten seconds, a minute or an hour, except around the beginning and the end of faults.
//!
//! Invariant: the rows of one thing cover the whole run without overlap; every recorded signal is in exactly one file.

use super::sheet::{Sheet, Value};
use crate::outcome::Outcome;
use crate::record::{Signal, SignalUnit, Viewpoint};
use crate::report::view::{Cell, Window, cells, whole};
use crate::units::{Instant, Span};
use std::collections::BTreeSet;

/// Runs of at most so many seconds are kept second by second.
const FINE: u64 = 4_096;
/// What is kept second by second before and after the edge of a fault.
const BEFORE: Span = Span::from_secs(60);
const AFTER: Span = Span::from_secs(300);

/// A file, the name of its things if they have names, and its columns: heading, and how the signal's name begins and ends.
struct Group {
    name: &'static str,
    thing: Option<&'static str>,
    columns: &'static [(&'static str, &'static str, &'static str)],
}

const GROUPS: &[Group] = &[
    Group {
        name: "requests",
        thing: None,
        columns: &[
            ("offered_per_s", "offered", ""),
            ("answered_per_s", "goodput", ""),
            ("attempts_per_s", "attempts", ""),
            ("success_ratio", "success", ""),
            ("errors_ratio", "errors", ""),
            ("latency_p50_s", "latency.p50", ""),
            ("latency_p95_s", "latency.p95", ""),
            ("latency_p99_s", "latency.p99", ""),
        ],
    },
    Group {
        name: "regions",
        thing: Some("region"),
        columns: &[
            ("served_per_s", "region.", ".ok"),
            ("attempts_ratio", "region.", ".share"),
            ("dns_ratio", "dns.share.", ""),
        ],
    },
    Group {
        name: "services",
        thing: Some("service"),
        columns: &[("queue_requests", "service.", ".queue"), ("busy_ratio", "service.", ".busy")],
    },
    Group {
        name: "databases",
        thing: Some("database"),
        columns: &[
            ("lag_s", "db.", ".lag"),
            ("backlog_records", "db.", ".backlog"),
            ("writable_copies", "db.", ".writable"),
        ],
    },
    Group {
        name: "seen_by_monitoring",
        thing: Some("service"),
        columns: &[
            ("errors_ratio", "seen.", ".errors"),
            ("up_count", "seen.", ".up"),
            ("latency_p95_s", "seen.", ".p95"),
            ("limited_ratio", "seen.", ".limited"),
        ],
    },
];

/// The file of signals that belong to no group.
const OTHERS: &str = "other_signals";

/// The names of all files there can be.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().map(|group| group.name).chain([OTHERS])
}

/// The signals of a run as tables.
pub(super) fn sheets(outcome: &Outcome) -> Vec<Sheet> {
    let signals = &outcome.record.signals;
    let borders = borders(outcome);
    let mut sheets: Vec<Sheet> = GROUPS.iter().map(|group| group.sheet(signals, &borders)).collect();
    sheets.push(others(signals, &borders));
    sheets
}

/// Where one row ends and the next begins.
fn borders(outcome: &Outcome) -> Vec<Instant> {
    let run = whole(outcome);
    let seconds = run.length().as_nanos().div_ceil(1_000_000_000);
    if seconds <= FINE {
        return run.cells(seconds);
    }
    let step = match seconds.div_ceil(FINE) {
        ..=10 => 10,
        11..=600 => 60,
        _ => 3_600,
    };
    let mut borders: BTreeSet<Instant> = run.cells(seconds.div_ceil(step)).into_iter().collect();
    let edges = outcome.record.faults.iter().flat_map(|fault| [fault.at, fault.healed]).flatten();
    for edge in edges {
        let from = Instant::from_nanos(edge.as_nanos().saturating_sub(BEFORE.as_nanos())).second();
        let window = Window { from: Instant::from_secs(from).min(run.to), to: edge.saturating_add(AFTER).min(run.to) };
        borders.extend(window.cells(u64::MAX));
    }
    borders.into_iter().collect()
}

impl Group {
    fn sheet(&self, signals: &[Signal], borders: &[Instant]) -> Sheet {
        let heads: Vec<&str> = ["t_s", "lasting_s"]
            .into_iter()
            .chain(self.thing)
            .chain(self.columns.iter().map(|(head, ..)| *head))
            .collect();
        let mut sheet = Sheet::new(self.name, &heads);
        for thing in self.things(signals) {
            let columns: Vec<Vec<Option<f64>>> = self
                .columns
                .iter()
                .map(|(_, prefix, suffix)| {
                    let name = format!("{prefix}{thing}{suffix}");
                    signals.iter().find(|signal| signal.name == name).map_or_else(Vec::new, |s| values(s, borders))
                })
                .collect();
            if columns.iter().any(|column| !column.is_empty()) {
                rows(&mut sheet, borders, self.thing.map(|_| thing.as_str()), &columns);
            }
        }
        sheet
    }

    /// What the group has rows for, by name; one without a name if its signals have none.
    fn things(&self, signals: &[Signal]) -> BTreeSet<String> {
        if self.thing.is_none() {
            return BTreeSet::from([String::new()]);
        }
        signals.iter().filter_map(|signal| self.thing_of(&signal.name)).map(str::to_owned).collect()
    }

    fn thing_of<'a>(&self, signal: &'a str) -> Option<&'a str> {
        self.columns.iter().find_map(|(_, prefix, suffix)| signal.strip_prefix(prefix)?.strip_suffix(suffix))
    }
}

fn others(signals: &[Signal], borders: &[Instant]) -> Sheet {
    let mut sheet = Sheet::new(OTHERS, &["t_s", "lasting_s", "signal", "unit", "view", "value"]);
    let is_grouped = |signal: &&Signal| GROUPS.iter().any(|group| group.thing_of(&signal.name).is_some());
    for signal in signals.iter().filter(|signal| !is_grouped(signal)) {
        let unit = match signal.unit {
            SignalUnit::Ratio => "ratio",
            SignalUnit::Nanoseconds => "s",
            SignalUnit::Count => "count",
            SignalUnit::PerSecond => "per_s",
        };
        let view = if signal.view == Viewpoint::Truth { "truth" } else { "control" };
        for (from, lasting, values) in merged(borders, &[values(signal, borders)]) {
            let value = Value::figure(values[0]);
            let (from, lasting) = (Value::moment(from), Value::span(lasting));
            sheet.row(&[from, lasting, Value::Text(&signal.name), Value::Text(unit), Value::Text(view), value]);
        }
    }
    sheet
}

/// The mean of each stretch, in the unit of the file: seconds for times.
fn values(signal: &Signal, borders: &[Instant]) -> Vec<Option<f64>> {
    let scale = if signal.unit == SignalUnit::Nanoseconds { 1e9 } else { 1.0 };
    let mean = |cell: Option<Cell>| cell.map(|cell| cell.mean / scale);
    cells(signal, borders).into_iter().map(mean).collect()
}

fn rows(sheet: &mut Sheet, borders: &[Instant], thing: Option<&str>, columns: &[Vec<Option<f64>>]) {
    for (from, lasting, values) in merged(borders, columns) {
        let mut row = vec![Value::moment(from), Value::span(lasting)];
        row.extend(thing.map(Value::Text));
        row.extend(values.into_iter().map(Value::figure));
        sheet.row(&row);
    }
}

/// Neighbouring stretches with equal values are one. Each with its beginning, its length and its value per column.
fn merged(borders: &[Instant], columns: &[Vec<Option<f64>>]) -> Vec<(Instant, Span, Vec<Option<f64>>)> {
    let mut found: Vec<(Instant, Span, Vec<Option<f64>>)> = Vec::new();
    for (i, border) in borders.windows(2).enumerate() {
        let values: Vec<_> = columns.iter().map(|column| column.get(i).copied().flatten()).collect();
        match found.last_mut() {
            Some((from, lasting, last)) if *last == values => *lasting = border[1].since(*from),
            _ => found.push((border[0], border[1].since(border[0]), values)),
        }
    }
    found
}

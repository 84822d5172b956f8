//! What the script of the page knows of the run: the values of every chart and the tracks of every party, once.
//!
//! Owns the compact form, and the script. Does not know what is worth knowing: the view decided that.
//!
//! Invariants: nothing in the data can end the element they stand in; a value is the mean of a cell, in four significant
//! digits, whole from a thousand on; a number of cells for each stretch bounds the size, however long the run.

use super::page::said;
use crate::outcome::Outcome;
use crate::record::{Signal, SignalUnit};
use crate::report::view::{Axis, Track, Window, cells, charts, incidents, tracks, whole};
use crate::units::Instant;
use maud::{Markup, PreEscaped, html};
use serde::Serialize;

/// What the page does beside being read.
pub(super) const SCRIPT: &str = include_str!("instant.js");

/// How what the script adds looks.
pub(super) const STYLE: &str = include_str!("instant.css");

/// Cells of a stretch. Product default: those of a chart as wide as the page, and some more to look closer.
const CELLS: u64 = 480;

#[derive(Serialize)]
struct Data {
    /// Unit of this and of all instants: seconds.
    end: f64,
    /// When the first fault began.
    fault: Option<f64>,
    /// From when to when, and how long a cell is: the closer looks, and at last the whole run.
    windows: Vec<[f64; 3]>,
    charts: Vec<ChartData>,
    tracks: Vec<TrackData>,
}

#[derive(Serialize)]
struct ChartData {
    slug: &'static str,
    lines: Vec<Line>,
}

/// A name, what its values count, and the values of the cells of each stretch.
#[derive(Serialize)]
struct Line(String, &'static str, Vec<String>);

#[derive(Serialize)]
struct TrackData {
    name: String,
    states: Vec<(f64, String)>,
    events: Vec<(f64, String)>,
    /// From when to when, whether it is something bad that went unseen, and in words.
    gaps: Vec<(f64, f64, bool, String)>,
    charts: &'static [&'static str],
    lines: Vec<Line>,
    /// From when on states are left out, and from when on events are.
    cut: [Option<f64>; 2],
}

/// The stretches that the page shows, in its order: the closer looks, and at last the whole run.
pub(super) fn stretches(outcome: &Outcome) -> Vec<Window> {
    let mut windows = incidents(outcome).shown;
    windows.push(whole(outcome));
    windows
}

/// The data and the script that reads them.
pub(super) fn elements(outcome: &Outcome) -> Markup {
    html! {
        script #run type="application/json" { (PreEscaped(harmless(&data(outcome)))) } "\n"
        script { (PreEscaped(SCRIPT)) } "\n"
    }
}

/// JSON in which nothing looks like markup: outside of strings none of these characters occurs.
fn harmless(data: &Data) -> String {
    let text = serde_json::to_string(data).expect("strings and finite numbers are JSON");
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn data(outcome: &Outcome) -> Data {
    let windows = stretches(outcome);
    let borders: Vec<Vec<Instant>> = windows.iter().map(|window| window.cells(CELLS)).collect();
    let line = |name: &str, axis: Axis, signal: &Signal| {
        let values = borders.iter().map(|borders| written(axis, signal, borders)).collect();
        Line(said(name), unit(axis), values)
    };
    let charts = charts(outcome).into_iter().map(|chart| ChartData {
        slug: chart.slug,
        lines: chart.lines.iter().map(|drawn| line(&drawn.name, chart.axis, drawn.signal)).collect(),
    });
    let tracks = tracks(outcome);
    let tracks = tracks.iter().map(|track| of_track(track, |(name, signal)| line(name, axis(signal), signal)));
    Data {
        end: outcome.record.end.as_secs_f64(),
        fault: outcome.record.faults.iter().filter_map(|fault| fault.at).min().map(Instant::as_secs_f64),
        charts: charts.collect(),
        tracks: tracks.collect(),
        windows: windows.iter().zip(&borders).map(|(window, borders)| of_window(*window, borders)).collect(),
    }
}

fn of_window(window: Window, borders: &[Instant]) -> [f64; 3] {
    let cell = borders.get(1).map_or(1.0, |second| second.since(window.from).as_secs_f64());
    [window.from.as_secs_f64(), window.to.as_secs_f64(), cell]
}

fn of_track(track: &Track<'_>, line: impl Fn(&(String, &Signal)) -> Line) -> TrackData {
    let told = |told: &[(Instant, String)]| told.iter().map(|(at, text)| (at.as_secs_f64(), said(text))).collect();
    let gaps = track
        .gaps
        .iter()
        .map(|gap| (gap.during.from.as_secs_f64(), gap.during.to.as_secs_f64(), gap.missed, said(&gap.text)));
    TrackData {
        name: said(&track.name),
        states: told(&track.states),
        events: told(&track.events),
        gaps: gaps.collect(),
        charts: track.charts,
        lines: track.signals.iter().map(line).collect(),
        cut: track.cut.map(|cut| cut.map(Instant::as_secs_f64)),
    }
}

const fn unit(axis: Axis) -> &'static str {
    match axis {
        Axis::PerSecond => "rate",
        Axis::Share => "share",
        Axis::Duration => "ms",
        Axis::Count => "count",
    }
}

fn axis(signal: &Signal) -> Axis {
    match signal.unit {
        SignalUnit::Ratio => Axis::Share,
        SignalUnit::Nanoseconds => Axis::Duration,
        SignalUnit::Count => Axis::Count,
        SignalUnit::PerSecond => Axis::PerSecond,
    }
}

/// The mean of each cell, `-` where there is no data; what is repeated is counted: `0*53 12 - 7`.
fn written(axis: Axis, signal: &Signal, borders: &[Instant]) -> String {
    let values = cells(signal, borders).into_iter().map(|cell| {
        let in_unit = |value: f64| if axis == Axis::Duration { value / 1e6 } else { value };
        cell.map_or_else(|| "-".to_owned(), |cell| four_digits(in_unit(cell.mean)))
    });
    let mut runs: Vec<(String, usize)> = Vec::new();
    for value in values {
        match runs.last_mut() {
            Some((last, times)) if *last == value => *times += 1,
            _ => runs.push((value, 1)),
        }
    }
    let runs = runs.into_iter().map(|(value, times)| if times == 1 { value } else { format!("{value}*{times}") });
    runs.collect::<Vec<_>>().join(" ")
}

/// A value in four significant digits; from a thousand on the nearest whole one, so that a position is not rounded to tens.
fn four_digits(value: f64) -> String {
    if value.fract() == 0.0 || value >= 1_000.0 {
        return (value + 0.5).floor().to_string();
    }
    let rounded: f64 = format!("{value:.3e}").parse().expect("what was written as a number is one");
    rounded.to_string()
}

#[cfg(test)]
#[path = "instant_tests.rs"]
mod tests;

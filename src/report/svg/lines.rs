//! Signals over time: a line for the mean of each cell, a shadow from its lowest to its highest value.

use super::canvas::{Anchor, Canvas, Path, Picture, width_of};
use super::frame::{Frame, SMALL, Size};
use super::ticks::Scale;
use crate::outcome::Outcome;
use crate::report::view::{Axis, Cell, Chart, Window, cells};
use crate::units::Instant;

/// The height of the plot.
const HEIGHT: f64 = 132.0;
/// Room for the numbers on the vertical axis.
const NUMBERS: f64 = 54.0;
/// The height of a line of the legend.
const LEGEND: f64 = 18.0;

/// Classes of the lines, their shadows and their samples: they differ in dashes too.
const LINES: [&str; 4] = ["line s1", "line s2", "line s3", "line s4"];
const SHADOWS: [&str; 4] = ["shadow f1", "shadow f2", "shadow f3", "shadow f4"];

/// The cells of one line.
struct Drawn<'a> {
    name: &'a str,
    cells: Vec<Option<Cell>>,
}

/// Draws `chart` over `window`. `id` is unique in the page.
pub(crate) fn time_chart(chart: &Chart<'_>, outcome: &Outcome, window: Window, size: Size, id: &str) -> Picture {
    let borders = window.cells(size.cells());
    let drawn: Vec<Drawn<'_>> =
        chart.lines.iter().map(|line| Drawn { name: &line.name, cells: cells(line.signal, &borders) }).collect();
    let scale = scale(chart.axis, &drawn);
    let mut canvas = Canvas::default();
    let top = legend(&mut canvas, chart, &drawn, size) + 8.0;
    let width = size.width() - NUMBERS - 10.0;
    let frame = Frame { left: NUMBERS, top, width, height: HEIGHT, window };
    frame.faults(&mut canvas, outcome);
    frame.time_axis(&mut canvas, size);
    numbers(&mut canvas, &frame, scale, chart.axis);
    for (i, line) in drawn.iter().enumerate().rev() {
        shadow(&mut canvas, &frame, scale, &borders, &line.cells, SHADOWS[i % SHADOWS.len()]);
    }
    for (i, line) in drawn.iter().enumerate().rev() {
        trace(&mut canvas, &frame, scale, &borders, line, LINES[i % LINES.len()]);
    }
    frame.recoveries(&mut canvas, outcome);
    let id = format!("{id}-{}", size.suffix());
    canvas.finish([size.width(), frame.bottom() + 24.0], id, chart.title, &chart.in_words(window))
}

fn scale(axis: Axis, drawn: &[Drawn<'_>]) -> Scale {
    let all = || drawn.iter().flat_map(|line| &line.cells).flatten();
    let highest = all().map(|cell| cell.max).fold(0.0, f64::max);
    let any_zero = all().any(|cell| cell.min == 0.0);
    let lowest = all().map(|cell| cell.min).min_by(f64::total_cmp).filter(|_| !any_zero);
    Scale::of(axis, lowest, highest)
}

/// Name and sample of each line, wrapped; returns where it ends.
fn legend(canvas: &mut Canvas, chart: &Chart<'_>, drawn: &[Drawn<'_>], size: Size) -> f64 {
    let (mut x, mut y) = (0.0, 12.0);
    for (i, line) in drawn.iter().enumerate() {
        let width = 36.0 + width_of(line.name, SMALL) + 14.0;
        if x > 0.0 && x + width > size.width() {
            (x, y) = (0.0, y + LEGEND);
        }
        canvas.line(LINES[i % LINES.len()], [x, y - 4.0, x + 30.0, y - 4.0]);
        canvas.text("small", [x + 36.0, y], Anchor::Start, line.name);
        x += width;
    }
    if chart.left_out > 0 {
        let more = format!("and {} lower", chart.left_out);
        if x + width_of(&more, SMALL) > size.width() {
            (x, y) = (0.0, y + LEGEND);
        }
        canvas.text("small soft", [x, y], Anchor::Start, &more);
    }
    y
}

fn numbers(canvas: &mut Canvas, frame: &Frame, scale: Scale, axis: Axis) {
    for tick in scale.ticks(axis) {
        let y = frame.bottom() - frame.height * scale.place(tick);
        let class = if tick == 0.0 { "axis" } else { "grid" };
        canvas.line(class, [frame.left, y, frame.right(), y]);
        canvas.text("small", [frame.left - 6.0, y + 4.0], Anchor::End, &axis.written(tick));
    }
    canvas.line("axis", [frame.left, frame.bottom(), frame.right(), frame.bottom()]);
}

fn height(frame: &Frame, scale: Scale, value: f64) -> f64 {
    frame.bottom() - frame.height * scale.place(value)
}

/// The area from the lowest to the highest value of each cell, one outline for neighbours in which they can be told apart.
fn shadow(
    canvas: &mut Canvas,
    frame: &Frame,
    scale: Scale,
    borders: &[Instant],
    cells: &[Option<Cell>],
    class: &'static str,
) {
    let heights = |cell: &Cell| (height(frame, scale, cell.min), height(frame, scale, cell.max));
    let spread = |cell: &Option<Cell>| cell.as_ref().map(heights).filter(|(low, high)| low - high >= 1.0);
    let spreads: Vec<Option<(f64, f64)>> = cells.iter().map(spread).collect();
    let mut path = Path::default();
    let mut at = 0;
    while at < spreads.len() {
        let run = spreads[at..].iter().take_while(|spread| spread.is_some()).count();
        outline(&mut path, frame, &borders[at..=at + run], spreads[at..at + run].iter().flatten());
        at += run.max(1);
    }
    canvas.path(class, &path, "");
}

/// Along the highest values, and back along the lowest.
fn outline<'a>(
    path: &mut Path,
    frame: &Frame,
    borders: &[Instant],
    spreads: impl DoubleEndedIterator<Item = &'a (f64, f64)> + Clone,
) {
    for (i, (low, high)) in spreads.clone().enumerate() {
        if i == 0 {
            path.move_to(frame.x(borders[0]), low.round());
        }
        path.down_to(high.round());
        path.across_to(frame.x(borders[i + 1]));
    }
    let last = borders.len() - 1;
    for (i, (low, _)) in spreads.rev().enumerate() {
        path.down_to(low.round());
        path.across_to(frame.x(borders[last - 1 - i]));
    }
    if last > 0 {
        path.close();
    }
}

/// Steps from mean to mean, with gaps where there was no data.
fn trace(canvas: &mut Canvas, frame: &Frame, scale: Scale, borders: &[Instant], line: &Drawn<'_>, class: &'static str) {
    let mut path = Path::default();
    let mut last: Option<f64> = None;
    for (i, cell) in line.cells.iter().enumerate() {
        let Some(cell) = cell else {
            last = None;
            continue;
        };
        let y = height(frame, scale, cell.mean);
        match last {
            None => path.move_to(frame.x(borders[i]), y),
            // A hair's breadth is not worth a corner: it keeps long quiet lines short in bytes.
            Some(before) if (before - y).abs() < 0.25 => {}
            Some(_) => path.down_to(y),
        }
        if last.is_none_or(|before| (before - y).abs() >= 0.25) {
            last = Some(y);
        }
        let next = line.cells.get(i + 1).copied().flatten().map(|next| height(frame, scale, next.mean));
        if next.is_none_or(|next| last.is_none_or(|y| (y - next).abs() >= 0.25)) {
            path.across_to(frame.x(borders[i + 1]));
        }
    }
    canvas.path(class, &path, line.name);
}

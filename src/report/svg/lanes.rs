//! The swim lanes, drawn: one band per actor, bars against their budgets, marks with their names.

use super::axes::Scale;
use super::canvas::{Canvas, Picture, SMALL, beside, fitting, width_of};
use super::plot::{Plot, Size};
use crate::outcome::Outcome;
use crate::report::text::plural;
use crate::report::view::{Bar, Lane, LaneRow, Mark, Shade, Window, lanes};
use crate::units::Instant;
use plotters_backend::text_anchor::HPos;
use std::ops::Range;

/// The height of a row, and of its bar.
const ROW: f64 = 22.0;
const BAR: f64 = 12.0;
/// Room for a label above its row, where there is none beside it.
const LABEL: f64 = 15.0;
/// Rows that marks may spread over so that their names do not overlap.
const MOST_LEVELS: usize = 8;
/// Room between lanes.
const GAP: f64 = 8.0;

/// Room above the lanes, and right of them.
const EDGE: f64 = 4.0;

/// Where lanes stand between left and right.
struct Frame {
    window: Window,
    /// Room for the names of lanes, left of those of rows. Without any, both stand above.
    names: f64,
    left: f64,
    right: f64,
}

impl Frame {
    /// Where a moment is; outside of the window, the nearer border.
    fn x(&self, at: Instant) -> f64 {
        self.left + (self.right - self.left) * self.window.place(at).clamp(0.0, 1.0)
    }
}

/// Draws what happened within `window`. `id` is unique in the page.
pub(crate) fn swim_lanes(outcome: &Outcome, window: Window, size: Size, id: &str) -> Picture {
    let lanes = lanes(outcome, window);
    let [names, left] = size.either([112.0, 240.0], [0.0; 2]);
    let frame = Frame { window, names, left, right: size.width() - EDGE };
    let mut rows = Canvas::default();
    let mut y = 2.0 * EDGE;
    for lane in &lanes {
        y = draw_lane(&mut rows, &frame, lane, y) + GAP;
    }
    let axes = [Scale::time(window, size.places()), Scale::bare(0.0..1.0)];
    let mut plot = Plot::on(Canvas::default(), size, [frame.left, EDGE, EDGE], y - EDGE, axes);
    plot.bands(outcome, window);
    let mut canvas = plot.into_canvas();
    canvas.plot = Some([frame.left, frame.right, EDGE, y]);
    canvas.append(rows);
    canvas.finish(size, id, "Who did what when", &in_words(&lanes))
}

fn in_words(lanes: &[Lane]) -> String {
    let words = lanes.iter().map(|lane| {
        let bars: usize = lane.rows.iter().map(|row| row.bars.len()).sum();
        let marks: usize = lane.rows.iter().map(|row| row.marks.len()).sum();
        let counts = [(bars, "bar"), (marks, "event")].into_iter().filter(|(n, _)| *n > 0);
        let counts: Vec<_> = counts.map(|(n, noun)| plural(n as u64, noun)).collect();
        format!("{}: {}", lane.name, counts.join(" and "))
    });
    format!("Lanes on one axis of time. {}. The table below has them all.", words.collect::<Vec<_>>().join("; "))
}

/// Draws one lane from `y` on; returns where it ends.
fn draw_lane(canvas: &mut Canvas, frame: &Frame, lane: &Lane, mut y: f64) -> f64 {
    canvas.line("lane", [0.0, y - GAP / 2.0, frame.right, y - GAP / 2.0]);
    let above = frame.names == 0.0;
    if above {
        let name = format!("{} {}", lane.name, lane.note);
        canvas.text(
            "name halo",
            [0.0, y + 11.0],
            HPos::Left,
            &fitting(name.trim_end(), frame.right - frame.left, SMALL),
        );
        y += LABEL;
    } else {
        let name = fitting(&lane.name, frame.names - 6.0, SMALL * 1.05);
        canvas.text("name", [0.0, y + 15.0], HPos::Left, &name);
        if !lane.note.is_empty() {
            canvas.text("small soft", [0.0, y + 29.0], HPos::Left, &lane.note);
        }
    }
    let least = if lane.note.is_empty() || above { y } else { y + 2.0 * ROW };
    for row in &lane.rows {
        if above && !row.label.is_empty() {
            canvas.text(
                "small halo row",
                [0.0, y + 10.0],
                HPos::Left,
                &fitting(&row.label, frame.right - frame.left, SMALL),
            );
            y += LABEL - 2.0;
        } else if !above {
            let label = fitting(&row.label, frame.left - frame.names - 10.0, SMALL);
            canvas.text("small", [frame.left - 8.0, y + 15.0], HPos::Right, &label);
        }
        y = draw_row(canvas, frame, row, y);
    }
    if lane.left_out > 0 {
        let more = format!("and {} more in the table", plural(lane.left_out as u64, "row"));
        canvas.text("small soft", [frame.left, y + 12.0], HPos::Left, &more);
        y += LABEL;
    }
    y.max(least)
}

fn draw_row(canvas: &mut Canvas, frame: &Frame, row: &LaneRow, y: f64) -> f64 {
    let named = row.bars.iter().filter(|bar| !bar.label.is_empty()).count();
    let last = row.bars.iter().map(|bar| frame.x(bar.to)).fold(frame.left, f64::max);
    for (i, bar) in row.bars.iter().enumerate() {
        let next = row.bars.get(i + 1).map_or(frame.right, |next| frame.x(next.from));
        let before = if i == 0 { frame.left } else { frame.x(row.bars[i - 1].to) };
        // A single label may stand after all bars of its row.
        let free = if named == 1 { before..frame.right } else { before..next };
        draw_bar(canvas, frame, bar, y, free, if named == 1 { last } else { frame.left });
    }
    let mut levels: Vec<f64> = Vec::new();
    for mark in &row.marks {
        draw_mark(canvas, frame, mark, y, &mut levels);
    }
    y + ROW * levels.len().max(1) as f64
}

/// Class of a bar and what part of the height it takes.
const fn look(shade: Shade) -> (&'static str, f64) {
    match shade {
        Shade::Fault => ("bar fault", 1.0),
        Shade::Idle => ("bar idle", 1.0),
        Shade::Degraded => ("bar degraded", 0.5),
        Shade::Down => ("bar down", 1.0),
        Shade::Phase(0) => ("bar p1", 1.0),
        Shade::Phase(1) => ("bar p2", 1.0),
        Shade::Phase(2) => ("bar p3", 1.0),
        Shade::Phase(_) => ("bar p4", 1.0),
        Shade::Done => ("bar done", 1.0),
        Shade::Late => ("bar late", 1.0),
        Shade::Failed => ("bar failed", 1.0),
    }
}

/// Draws a bar; its label may use the room of `free`, which the bars beside it leave, but not before `after`.
fn draw_bar(canvas: &mut Canvas, frame: &Frame, bar: &Bar, y: f64, free: Range<f64>, after: f64) {
    let (class, part) = look(bar.shade);
    let (left, right) = (frame.x(bar.from), frame.x(bar.to).max(frame.x(bar.from) + 2.0));
    let middle = y + ROW / 2.0;
    let mut end = right.max(after);
    if let Some(budget) = bar.budget_end {
        let budget = frame.x(budget);
        canvas.rect("budget", [left, middle - BAR / 2.0, budget - left, BAR], "");
        end = end.max(budget);
    }
    let height = BAR * part;
    canvas.rect(class, [left, middle + BAR / 2.0 - height, right - left, height], &bar.detail);
    let Some((class, x, anchor)) = place_label(bar, [left, right, end], part == 1.0, free) else { return };
    canvas.text(class, [x, middle + 4.0], anchor, &bar.label);
}

/// Where the label of a bar stands: inside it, else after it and its budget, else before it, else nowhere.
fn place_label(
    bar: &Bar,
    [left, right, end]: [f64; 3],
    whole_height: bool,
    free: Range<f64>,
) -> Option<(&'static str, f64, HPos)> {
    let width = width_of(&bar.label, SMALL);
    if width == 0.0 {
        None
    } else if whole_height && width + 10.0 <= right - left {
        Some(("small on-bar", (left + right) / 2.0, HPos::Center))
    } else if matches!(bar.shade, Shade::Phase(_)) {
        None
    } else if end + 6.0 + width <= free.end {
        Some(("small halo", end + 6.0, HPos::Left))
    } else if left - 6.0 - width >= free.start {
        Some(("small halo", left - 6.0, HPos::Right))
    } else {
        None
    }
}

/// Draws a mark on the first level on which its name overlaps none before it. `levels` holds where each is free again.
fn draw_mark(canvas: &mut Canvas, frame: &Frame, mark: &Mark, y: f64, levels: &mut Vec<f64>) {
    let x = frame.x(mark.at);
    let label = fitting(&mark.label, (frame.right - frame.left) * 0.6, SMALL);
    let (right, anchor) = beside(x, 8.0, &label, frame.right - 2.0);
    let width = width_of(&label, SMALL) + 10.0;
    let (from, to) = if right > 0.0 { (x - 5.0, x + width) } else { (x - width, x + 5.0) };
    let free = levels.iter().position(|free_from| *free_from <= from);
    let level = free.unwrap_or(levels.len()).min(MOST_LEVELS - 1);
    if level == levels.len() {
        levels.push(frame.left - 10.0);
    }
    let middle = y + ROW * level as f64 + ROW / 2.0;
    canvas.diamond("mark", [x, middle], (mark.at, mark.actor), &format!("{}: {}", mark.label, mark.detail));
    if levels[level] <= from {
        canvas.text("small halo", [x + right, middle + 4.0], anchor, &label);
        levels[level] = to + 4.0;
    }
}

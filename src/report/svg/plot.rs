//! A chart of plotters on a canvas: its place, its axes, and shapes in its coordinates, each with its class and its words.
//!
//! Refuses to know signals; of an outcome it knows what stands behind every chart over time: faults and recoveries.
//!
//! Invariant: nothing is drawn outside of a chart but texts.

use super::axes::{Scale, nanos};
use super::canvas::{Canvas, Drawn, SMALL, beside, pixels, units, width_of};
use crate::outcome::Outcome;
use crate::report::text::span;
use crate::report::view::Window;
use crate::units::Instant;
use plotters::element::{Drawable, PointCollection};
use plotters::prelude::{Cartesian2d, ChartBuilder, ChartContext, DrawingArea, TRANSPARENT};
use plotters_backend::BackendCoord;
use plotters_backend::text_anchor::HPos;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The two widths a picture is drawn for: a page and a telephone. A picture that was shrunk could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    Wide,
    Narrow,
}

impl Size {
    pub(super) const fn either<T: Copy>(self, wide: T, narrow: T) -> T {
        match self {
            Self::Wide => wide,
            Self::Narrow => narrow,
        }
    }
    pub(super) const fn width(self) -> f64 {
        self.either(960.0, 360.0)
    }
    /// The most round places along the horizontal axis.
    pub(super) const fn places(self) -> usize {
        self.either(9, 4)
    }
}

/// Room for the numbers below.
const NUMBERS: f64 = 24.0;

/// Why drawing cannot fail.
const DRAWN: &str = "a canvas takes everything, and only its chart draws on it";

/// A place along and up the axes.
pub(super) type At = (f64, f64);

#[derive(Clone, Copy)]
pub(super) enum Look {
    /// Lines from point to point.
    Line,
    /// Areas within outlines.
    Area,
    /// A rectangle between two corners.
    Bar,
    /// A circle of this radius.
    Dot(f64),
    /// Small text, this far to the right of a point and below it.
    Text([f64; 2], HPos),
}

/// An element of plotters with its class and what it says: a text at once, others when pointed at.
struct Shape<'a>(Look, &'static str, &'a [Vec<At>], &'a str);

impl<'a> PointCollection<'a, At> for &'a Shape<'_> {
    type Point = &'a At;
    type IntoIter = std::iter::Flatten<std::slice::Iter<'a, Vec<At>>>;

    fn point_iter(self) -> Self::IntoIter {
        self.2.iter().flatten()
    }
}

impl Drawable<Canvas> for Shape<'_> {
    fn draw<I: Iterator<Item = BackendCoord>>(&self, mut at: I, canvas: &mut Canvas, _: (u32, u32)) -> Drawn {
        let Self(look, class, runs, says) = *self;
        let is_area = matches!(look, Look::Area);
        let runs: Vec<_> = runs.iter().map(|run| corners(at.by_ref().take(run.len()), is_area)).collect();
        match (look, &*runs.concat()) {
            (Look::Bar, &[[x1, y1], [x2, y2]]) => {
                let [width, height] = [(x2 - x1).abs().max(1.5), (y2 - y1).abs()];
                canvas.rect(class, [x1.min(x2), y1.min(y2), width, height], says);
            }
            (Look::Dot(radius), &[[x, y]]) => canvas.circle(class, [x, y, radius], says),
            (Look::Text([right, down], anchor), &[[x, y]]) => canvas.text(class, [x + right, y + down], anchor, says),
            _ => canvas.path(class, &runs, is_area, says),
        }
        Ok(())
    }
}

/// The corners of a run of steps. A hair's breadth is none: that keeps long quiet lines short in bytes. Nor are parts of a
/// pixel in areas.
fn corners(run: impl Iterator<Item = BackendCoord>, is_area: bool) -> Vec<[f64; 2]> {
    let mut kept: Vec<BackendCoord> = Vec::new();
    for (x, y) in run {
        let y = if is_area { units(pixels((x, y))[1].round()) } else { y };
        let y = kept.last().map(|last| last.1).filter(|before| (before - y).abs() < 3).unwrap_or(y);
        if let [.., (_, first), (_, second)] = kept[..]
            && first == second
            && second == y
        {
            kept.pop();
        }
        kept.push((x, y));
    }
    kept.into_iter().map(pixels).collect()
}

/// A chart under construction.
pub(super) struct Plot {
    canvas: Rc<RefCell<Canvas>>,
    chart: ChartContext<'static, Canvas, Cartesian2d<Scale, Scale>>,
}

impl Plot {
    /// A chart with its grid on `canvas`, so high, and with so much room left of it, above it and right of it.
    pub(super) fn on(mut canvas: Canvas, size: Size, room: [f64; 3], height: f64, [along, up]: [Scale; 2]) -> Self {
        let [left, top, right] = room;
        canvas.size = [size.width(), top + height + NUMBERS];
        let canvas = Rc::new(RefCell::new(canvas));
        let chart = ChartBuilder::on(&DrawingArea::from(&canvas))
            .margin_top(units(top))
            // Plotters counts the last unit out.
            .margin_right(units(right) - 1)
            .x_label_area_size(units(NUMBERS) - 1)
            .y_label_area_size(units(left))
            .build_cartesian_2d(along, up);
        let mut chart = chart.expect(DRAWN);
        let mut mesh = chart.configure_mesh();
        mesh.axis_style(TRANSPARENT).set_all_tick_mark_size(units(3.0)).draw().expect(DRAWN);
        Self { canvas, chart }
    }

    pub(super) fn into_canvas(self) -> Canvas {
        self.canvas.take()
    }

    /// Where a point is in the picture.
    pub(super) fn place(&self, at: At) -> [f64; 2] {
        pixels(self.chart.plotting_area().map_coordinate(&at))
    }

    /// The left and the right border in the picture.
    pub(super) fn sides(&self) -> [f64; 2] {
        let along = self.chart.plotting_area().get_x_axis_pixel_range();
        pixels((along.start, along.end))
    }

    /// Draws one or several runs of points, of which a bar takes two, a dot and a text one.
    pub(super) fn draw(&mut self, look: Look, class: &'static str, runs: &[Vec<At>], says: &str) {
        self.chart.plotting_area().draw(&Shape(look, class, runs, says)).expect(DRAWN);
    }

    /// A line from the bottom to the top.
    pub(super) fn upright(&mut self, class: &'static str, x: f64) {
        let up = self.chart.plotting_area().get_y_range();
        self.draw(Look::Line, class, &[vec![(x, up.start), (x, up.end)]], "");
    }

    /// Small text beside an upright line, on the side where there is room, so much below a point of it.
    pub(super) fn beside(&mut self, class: &'static str, at: At, down: f64, text: &str) {
        let (right, anchor) = beside(self.place(at)[0], 4.0, text, self.sides()[1]);
        self.draw(Look::Text([right, down], anchor), class, &[vec![at]], text);
    }

    /// The faults as bands: when each begins, and its name.
    pub(super) fn bands<'a>(&mut self, outcome: &'a Outcome, window: Window) -> Vec<(f64, &'a str)> {
        let up = self.chart.plotting_area().get_y_range();
        let mut drawn = Vec::new();
        for fault in &outcome.record.faults {
            let Some(from) = fault.at else { continue };
            let to = fault.healed.unwrap_or(outcome.record.end);
            if to < window.from || from > window.to {
                continue;
            }
            let class = if fault.hits > 0 { "band" } else { "idle" };
            let says = format!("{} ({}), {}", fault.id, fault.kind, span(to.since(from.min(to))));
            self.draw(Look::Bar, class, &[vec![(nanos(from), up.start), (nanos(to), up.end)]], &says);
            drawn.push((nanos(from), fault.id.as_str()));
        }
        drawn
    }

    /// The faults as bands, each named at its top, on one of two levels, if there is room.
    pub(super) fn faults(&mut self, outcome: &Outcome, window: Window) {
        let ([left, right], top) = (self.sides(), self.chart.plotting_area().get_y_range().end);
        let mut free_from = [left; 2];
        for (from, name) in self.bands(outcome, window) {
            let [x, _] = self.place((from, top));
            let end = x + 4.0 + width_of(name, SMALL);
            if let Some(level) = free_from.iter().position(|free_from| x >= *free_from && end <= right) {
                let look = Look::Text([4.0, 12.0 + 13.0 * level as f64], HPos::Left);
                self.draw(look, "small halo fault-name", &[vec![(from, top)]], name);
                free_from[level] = end + 4.0;
            }
        }
    }

    /// When clients were served again, as lines through the chart.
    pub(super) fn recoveries(&mut self, outcome: &Outcome, window: Window) {
        let ends = outcome.recovery.iter().filter_map(|r| Some(r.at.saturating_add(r.rto?)));
        let ends: BTreeSet<Instant> = ends.filter(|at| *at >= window.from && *at <= window.to).collect();
        let (bottom, [mut free_from, _]) = (self.chart.plotting_area().get_y_range().start, self.sides());
        for at in ends.into_iter().map(nanos) {
            self.upright("recovered", at);
            let [x, _] = self.place((at, bottom));
            if x >= free_from {
                self.beside("small halo recovered-name", (at, bottom), -8.0, "recovered");
                free_from = x + 8.0 + width_of("recovered", SMALL);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Time from 54 minutes on between 50 and 350, and zero to ten between 110 and 10.
    fn drawn(draw: impl Fn(&mut Plot)) -> String {
        let along = Scale::time(Window { from: Instant::from_secs(3_240), to: Instant::from_secs(3_910) }, 3);
        let axes = [along, Scale::bare(0.0..10.0)];
        let mut plot = Plot::on(Canvas::default(), Size::Narrow, [50.0, 10.0, 10.0], 100.0, axes);
        draw(&mut plot);
        plot.into_canvas().finish(Size::Narrow, "x", "t", "d").inline()
    }

    #[test]
    fn a_chart_has_a_grid_and_numbers_that_stay_in_the_picture() {
        let text = drawn(|_| {});
        for part in [
            "viewBox=\"0 0 360 134\"",
            "<path class=\"grid\" d=\"M211.2 110V10\"/>",
            "<text class=\"small\" x=\"76.9\" y=\"125.1\" text-anchor=\"middle\">55m</text>",
            "<text class=\"small\" x=\"211.2\" y=\"125.1\" text-anchor=\"middle\">1h</text>",
            "<text class=\"small\" x=\"360\" y=\"125.1\" text-anchor=\"end\">1h05m</text>",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }

    #[test]
    fn shapes_stay_in_their_chart_and_flat_steps_have_no_corners() {
        let text = drawn(|plot| {
            plot.draw(Look::Bar, "band", &[vec![(-1e15, -3.0), (1e15, 99.0)]], "<all>");
            let steps = [(3_240e9, 5.0), (3_307e9, 5.0), (3_307e9, 5.02), (3_374e9, 5.02), (3_374e9, 0.0)];
            plot.draw(Look::Line, "line s1", &[steps.to_vec(), vec![(3_910e9, 0.0), (3_910e9, 10.0)]], "");
        });
        let band =
            "<rect class=\"band\" x=\"50\" y=\"10\" width=\"300\" height=\"100\"><title>&lt;all&gt;</title></rect>";
        assert!(text.contains(band), "{text}");
        assert!(text.contains("<path class=\"line s1\" d=\"M50 60H110V110M350 110V10\"/>"), "{text}");
    }
}

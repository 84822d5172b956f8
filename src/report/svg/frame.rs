//! What all pictures over time share: the place of the plot, its axis of time, the faults behind it.
//!
//! Invariant: nothing is drawn outside of the plot's left and right borders but texts.

use super::canvas::{Anchor, Canvas, width_of};
use super::ticks;
use crate::outcome::Outcome;
use crate::report::text::span;
use crate::report::view::Window;
use crate::units::Instant;
use std::collections::BTreeSet;

/// The two widths a picture is drawn for: a page and a telephone. A picture that was shrunk could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    Wide,
    Narrow,
}

impl Size {
    pub(super) const fn width(self) -> f64 {
        match self {
            Self::Wide => 960.0,
            Self::Narrow => 360.0,
        }
    }
    /// The most cells of time a line has: about one for every two units of width.
    pub(super) const fn cells(self) -> u64 {
        match self {
            Self::Wide => 350,
            Self::Narrow => 130,
        }
    }
    pub(super) const fn most_moments(self) -> u32 {
        match self {
            Self::Wide => 9,
            Self::Narrow => 4,
        }
    }
    /// Distinguishes the ids of both drawings in one page.
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            Self::Wide => "w",
            Self::Narrow => "n",
        }
    }
}

/// The size of small text.
pub(super) const SMALL: f64 = 11.0;

/// The rectangle of a plot, and the time it shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
    pub window: Window,
}

impl Frame {
    pub(super) fn right(&self) -> f64 {
        self.left + self.width
    }
    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }
    /// Where a moment is; outside of the window, the nearer border.
    pub(super) fn x(&self, at: Instant) -> f64 {
        self.left + self.width * self.window.place(at).clamp(0.0, 1.0)
    }

    /// Thin lines at round moments, with their labels below.
    pub(super) fn time_axis(&self, canvas: &mut Canvas, size: Size) {
        for at in ticks::moments(self.window, size.most_moments()) {
            let x = self.x(at);
            canvas.line("grid", [x, self.top, x, self.bottom()]);
            let anchor = if x > self.right() - 16.0 { Anchor::End } else { Anchor::Middle };
            canvas.text("small", [x, self.bottom() + 15.0], anchor, &ticks::moment(at));
        }
    }

    /// The faults as bands, each named at its top, on one of two levels, if there is room.
    pub(super) fn faults(&self, canvas: &mut Canvas, outcome: &Outcome) {
        let mut free_from = [self.left; 2];
        for (left, id) in self.bands(canvas, outcome) {
            let label_end = left + 4.0 + width_of(id, SMALL);
            let level = free_from.iter().position(|free_from| left >= *free_from).filter(|_| label_end <= self.right());
            if let Some(level) = level {
                let y = self.top + 12.0 + 13.0 * level as f64;
                canvas.text("small halo fault-name", [left + 4.0, y], Anchor::Start, id);
                free_from[level] = label_end + 4.0;
            }
        }
    }

    /// The faults as bands: where each begins, and its name.
    pub(super) fn bands<'a>(&self, canvas: &mut Canvas, outcome: &'a Outcome) -> Vec<(f64, &'a str)> {
        let mut drawn = Vec::new();
        for fault in &outcome.record.faults {
            let Some(from) = fault.at else { continue };
            let to = fault.healed.unwrap_or(outcome.record.end);
            if to < self.window.from || from > self.window.to {
                continue;
            }
            let (left, right) = (self.x(from), self.x(to));
            let class = if fault.hits > 0 { "band" } else { "idle" };
            let detail = format!("{} ({}), {}", fault.id, fault.kind, span(to.since(from.min(to))));
            canvas.rect(class, [left, self.top, (right - left).max(1.5), self.height], &detail);
            drawn.push((left, fault.id.as_str()));
        }
        drawn
    }

    /// When clients were served again, as a line through the plot.
    pub(super) fn recoveries(&self, canvas: &mut Canvas, outcome: &Outcome) {
        let ends = outcome.recovery.iter().filter_map(|r| Some(r.at.saturating_add(r.rto?)));
        let ends: BTreeSet<Instant> = ends.filter(|at| *at >= self.window.from && *at <= self.window.to).collect();
        let mut free_from = self.left;
        for x in ends.into_iter().map(|at| self.x(at)) {
            canvas.line("recovered", [x, self.top, x, self.bottom()]);
            let width = 4.0 + width_of("recovered", SMALL);
            let (at, anchor) =
                if x + width <= self.right() { (x + 4.0, Anchor::Start) } else { (x - 4.0, Anchor::End) };
            if x >= free_from {
                canvas.text("small halo recovered-name", [at, self.bottom() - 8.0], anchor, "recovered");
                free_from = x + width + 4.0;
            }
        }
    }
}

//! Recovery times, taken apart: detect, decide, act, converge as one bar per fault against the objective.

use super::axes::Scale;
use super::canvas::{Canvas, Picture, SMALL, width_of};
use super::plot::{Look, Plot, Size};
use crate::outcome::{Outcome, Recovery};
use crate::report::text::span;
use crate::report::view::{Axis, RecoveryRow};
use crate::units::Span;
use plotters_backend::text_anchor::HPos;

const BAR: f64 = 26.0;
/// A fault's row: its name, its bar, the lengths below it.
const ROW: f64 = 84.0;
/// From the top of a row to its bar.
const DOWN: f64 = 26.0;

/// Classes and names.
const PHASES: [(&str, &str); 4] =
    [("bar p1", "detect"), ("bar p2", "decide"), ("bar p3", "act"), ("bar p4", "converge")];

/// Draws every recovery of the run. `id` is unique in the page.
pub(crate) fn recovery_bars(outcome: &Outcome, size: Size, id: &str) -> Picture {
    let longest = outcome.recovery.iter().map(|r| lasted(r, outcome).max(r.objective.unwrap_or(Span::ZERO))).max();
    let to = length(longest.unwrap_or(Span::ZERO)).max(1.0) * 1.04;
    let height = ROW * outcome.recovery.len() as f64;
    let axes = [Scale::up_to(Axis::Duration, to, size.places()), Scale::bare(height..0.0)];
    let mut bars = Plot::on(Canvas::default(), size, [2.0, 0.0, 12.0], height, axes);
    for (i, recovery) in outcome.recovery.iter().enumerate() {
        row(&mut bars, recovery, outcome, ROW * i as f64);
    }
    let said: Vec<String> = outcome.recovery.iter().map(in_words).collect();
    bars.into_canvas().finish(size, id, "Recovery time, taken apart", &said.join(" "))
}

fn length(span: Span) -> f64 {
    span.as_nanos() as f64
}

/// How long the bar is: to recovery, or as long as the run could see.
fn lasted(recovery: &Recovery, outcome: &Outcome) -> Span {
    recovery.rto.unwrap_or_else(|| outcome.record.end.since(recovery.at.min(outcome.record.end)))
}

fn in_words(recovery: &Recovery) -> String {
    let row = RecoveryRow::of(recovery);
    let phases: Vec<String> = row.phases.iter().map(|(name, took)| format!("{name} {took}")).collect();
    let objective = recovery.objective.map_or_else(|| "none".to_owned(), span);
    format!("{}: {}; {}; objective {objective}.", row.fault, row.rto, phases.join(", "))
}

/// A part of a recovery: how it is drawn, what is written on it, and what it says when pointed at.
type Part = ([&'static str; 2], Span, String, String);

/// What is known of the parts, and what is left.
fn parts(recovery: &Recovery, outcome: &Outcome) -> Vec<Part> {
    let took = [recovery.detect, recovery.decide, recovery.act, recovery.converge];
    let known = PHASES.into_iter().zip(took).map_while(|((class, name), took)| Some((class, name, took?)));
    let written = known.map(|(class, name, took)| {
        let text = format!("{name} {}", span(took));
        ([class, "small on-bar"], took, text.clone(), text)
    });
    let mut parts: Vec<Part> = written.collect();
    let known = parts.iter().fold(Span::ZERO, |sum, part| sum.saturating_add(part.1));
    let left = lasted(recovery, outcome).saturating_sub(known);
    if left > Span::ZERO {
        let (class, what) = match recovery {
            Recovery { rto: None, .. } => ("bar open", "still down when the run ended"),
            Recovery { detect: None, .. } => ("bar unknown", "came back undetected"),
            Recovery { decide: None, .. } => ("bar unknown", "came back without a decision to act"),
            _ => ("bar unknown", "came back without a remedy that took effect"),
        };
        parts.push(([class, "small halo"], left, what.to_owned(), format!("{what}: {}", span(left))));
    }
    parts
}

fn row(bars: &mut Plot, recovery: &Recovery, outcome: &Outcome, y: f64) {
    let row = RecoveryRow::of(recovery);
    let heading = match recovery.rto {
        Some(_) => format!("{}: back after {}", row.fault, row.rto),
        None => format!("{}: {}", row.fault, row.rto),
    };
    bars.draw(Look::Text([0.0, 18.0], HPos::Left), "name halo", &[vec![(0.0, y)]], &heading);
    let (top, bottom) = (y + DOWN, y + DOWN + BAR);
    let mut from = 0.0;
    let [mut free_from, end] = bars.sides();
    for ([class, text_class], took, text, says) in parts(recovery, outcome) {
        let to = from + length(took);
        let middle = (from + to) / 2.0;
        bars.draw(Look::Bar, class, &[vec![(from, top), (to, bottom)]], &says);
        let ([left, _], [right, _]) = (bars.place((from, top)), bars.place((to, top)));
        let width = width_of(&text, SMALL);
        if width + 8.0 <= right - left {
            bars.draw(Look::Text([0.0, 17.0], HPos::Center), text_class, &[vec![(middle, top)]], &text);
        } else if text == says {
            // A name and its length go below, in order; they say it all.
            let x = left.max(free_from).min(end - width);
            bars.draw(Look::Line, "pointer", &[vec![(middle, bottom), (middle, bottom + 6.0)]], "");
            bars.draw(Look::Text([x - left, 17.0], HPos::Left), "small halo", &[vec![(from, bottom)]], &text);
            free_from = x + width + 12.0;
        }
        from = to;
    }
    if let Some(objective) = recovery.objective {
        let x = length(objective);
        bars.draw(Look::Line, "objective", &[vec![(x, top - 5.0), (x, bottom + 5.0)]], "");
        bars.beside("small halo", (x, y), 18.0, &format!("objective {}", span(objective)));
    }
}

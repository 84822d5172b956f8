//! Recovery times, taken apart: detect, decide, act, converge as one bar per fault against the objective.

use super::canvas::{Anchor, Canvas, Picture, width_of};
use super::frame::{SMALL, Size};
use super::ticks;
use crate::outcome::{Outcome, Recovery};
use crate::report::text::span;
use crate::report::view::RecoveryRow;
use crate::units::Span;

const BAR: f64 = 26.0;
/// A fault's row: its name, its bar, the lengths below it.
const ROW: f64 = 84.0;

const PHASES: [&str; 4] = ["bar p1", "bar p2", "bar p3", "bar p4"];

/// Lengths of time on a line.
struct Ruler {
    left: f64,
    width: f64,
    longest: Span,
}

impl Ruler {
    fn x(&self, span: Span) -> f64 {
        let part = span.as_nanos() as f64 / self.longest.as_nanos().max(1) as f64;
        self.left + self.width * part.min(1.0)
    }
}

/// Draws every recovery of the run. `id` is unique in the page.
pub(crate) fn recovery_bars(outcome: &Outcome, size: Size, id: &str) -> Picture {
    let longest = outcome.recovery.iter().map(|r| lasted(r, outcome).max(r.objective.unwrap_or(Span::ZERO))).max();
    let longest = longest.unwrap_or(Span::ZERO);
    let longest = longest.saturating_add(Span::from_nanos(longest.as_nanos() / 25));
    let ruler = Ruler { left: 2.0, width: size.width() - 14.0, longest };
    let mut canvas = Canvas::default();
    let mut y = 0.0;
    let bottom = ROW * outcome.recovery.len() as f64;
    axis(&mut canvas, &ruler, size, bottom);
    for recovery in &outcome.recovery {
        row(&mut canvas, &ruler, recovery, outcome, y);
        y += ROW;
    }
    let id = format!("{id}-{}", size.suffix());
    let said: Vec<String> = outcome.recovery.iter().map(in_words).collect();
    canvas.finish([size.width(), bottom + 22.0], id, "Recovery time, taken apart", &said.join(" "))
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

fn axis(canvas: &mut Canvas, ruler: &Ruler, size: Size, bottom: f64) {
    for at in ticks::spans(ruler.longest, size.most_moments()) {
        let x = ruler.x(at);
        canvas.line("grid", [x, 4.0, x, bottom]);
        let anchor = if x < 12.0 { Anchor::Start } else { Anchor::Middle };
        canvas.text("small", [x, bottom + 15.0], anchor, &span(at));
    }
}

fn row(canvas: &mut Canvas, ruler: &Ruler, recovery: &Recovery, outcome: &Outcome, y: f64) {
    let row = RecoveryRow::of(recovery);
    let heading = match recovery.rto {
        Some(_) => format!("{}: back after {}", row.fault, row.rto),
        None => format!("{}: {}", row.fault, row.rto),
    };
    canvas.text("name halo", [ruler.left, y + 18.0], Anchor::Start, &heading);
    let top = y + 26.0;
    let whole = lasted(recovery, outcome);
    let known = segments(canvas, ruler, recovery, top);
    if known < whole {
        let (left, right) = (ruler.x(known), ruler.x(whole));
        let (class, what) = match recovery {
            Recovery { rto: None, .. } => ("bar open", "still down when the run ended"),
            Recovery { detect: None, .. } => ("bar unknown", "came back undetected"),
            Recovery { decide: None, .. } => ("bar unknown", "came back without a decision to act"),
            _ => ("bar unknown", "came back without a remedy that took effect"),
        };
        canvas.rect(class, [left, top, right - left, BAR], &format!("{what}: {}", span(whole.saturating_sub(known))));
        if width_of(what, SMALL) + 8.0 <= right - left {
            canvas.text("small halo", [(left + right) / 2.0, top + 17.0], Anchor::Middle, what);
        }
    }
    if let Some(objective) = recovery.objective {
        let (x, text) = (ruler.x(objective), format!("objective {}", span(objective)));
        canvas.line("objective", [x, top - 5.0, x, top + BAR + 5.0]);
        let fits = x + 5.0 + width_of(&text, SMALL) <= ruler.left + ruler.width;
        let (x, anchor) = if fits { (x + 5.0, Anchor::Start) } else { (x - 5.0, Anchor::End) };
        canvas.text("small halo", [x, y + 18.0], anchor, &text);
    }
}

/// Draws what is known of the parts; returns how long they are together. Lengths stand inside, or below in order.
fn segments(canvas: &mut Canvas, ruler: &Ruler, recovery: &Recovery, top: f64) -> Span {
    let phases = [
        ("detect", recovery.detect),
        ("decide", recovery.decide),
        ("act", recovery.act),
        ("converge", recovery.converge),
    ];
    let mut from = Span::ZERO;
    let mut free_from = ruler.left;
    for (class, (name, took)) in PHASES.into_iter().zip(phases) {
        let Some(took) = took else { break };
        let to = from.saturating_add(took);
        let (left, right) = (ruler.x(from), ruler.x(to));
        let text = format!("{name} {}", span(took));
        canvas.rect(class, [left, top, (right - left).max(1.0), BAR], &text);
        let width = width_of(&text, SMALL);
        if width + 8.0 <= right - left {
            canvas.text("small on-bar", [(left + right) / 2.0, top + 17.0], Anchor::Middle, &text);
        } else {
            let x = left.max(free_from).min(ruler.left + ruler.width - width);
            canvas.line("pointer", [(left + right) / 2.0, top + BAR, (left + right) / 2.0, top + BAR + 6.0]);
            canvas.text("small halo", [x, top + BAR + 17.0], Anchor::Start, &text);
            free_from = x + width + 12.0;
        }
        from = to;
    }
    from
}

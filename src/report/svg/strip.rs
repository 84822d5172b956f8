//! A distribution over the seeds of a campaign: one dot per run while they can be counted, columns when they cannot.

use super::canvas::{Anchor, Canvas, Picture, width_of};
use super::frame::{SMALL, Size};
use super::ticks::Scale;
use crate::report::text::plural;
use crate::report::view::Spread;

const HEIGHT: f64 = 120.0;
const TOP: f64 = 30.0;
const RADIUS: f64 = 4.0;

/// Draws one distribution. `id` is unique in the page.
pub(crate) fn distribution(distribution: &Spread, size: Size, id: &str) -> Picture {
    let (left, width) = (16.0, size.width() - 32.0);
    let beyond = if distribution.censored > 0 { 90.0 } else { 0.0 };
    let values = distribution.values.iter().map(|(_, value)| *value);
    let highest = values.chain(distribution.objective).fold(0.0, f64::max);
    let scale = Scale::of(distribution.axis, None, highest);
    let x = |value: f64| left + (width - beyond) * scale.place(value);
    let mut canvas = Canvas::default();
    let bottom = TOP + HEIGHT;
    for tick in scale.ticks(distribution.axis) {
        canvas.line("grid", [x(tick), TOP, x(tick), bottom]);
        canvas.text("small", [x(tick), bottom + 15.0], Anchor::Middle, &distribution.axis.written(tick));
    }
    canvas.line("axis", [left, bottom, left + width, bottom]);
    dots(&mut canvas, distribution, x, bottom);
    if let Some(objective) = distribution.objective {
        let text = format!("objective {}", distribution.axis.written(objective));
        let x = x(objective);
        canvas.line("objective", [x, TOP - 10.0, x, bottom]);
        let fits = x + 5.0 + width_of(&text, SMALL) <= size.width();
        let (x, anchor) = if fits { (x + 5.0, Anchor::Start) } else { (x - 5.0, Anchor::End) };
        canvas.text("small halo", [x, TOP - 14.0], anchor, &text);
    }
    if distribution.censored > 0 {
        let x = left + width - beyond / 2.0 + 8.0;
        canvas.line("grid", [left + width - beyond + 14.0, TOP, left + width - beyond + 14.0, bottom]);
        column(&mut canvas, x, bottom, distribution.censored, distribution.values.len() + distribution.censored);
        canvas.text("small", [x, bottom + 15.0], Anchor::Middle, "not recovered");
    }
    let id = format!("{id}-{}", size.suffix());
    canvas.finish([size.width(), bottom + 24.0], id, &distribution.title, &distribution.in_words())
}

/// Values that fall on the same place are stacked.
fn dots(canvas: &mut Canvas, distribution: &Spread, x: impl Fn(f64) -> f64, bottom: f64) {
    let mut places: Vec<(f64, Vec<(u64, f64)>)> = Vec::new();
    for (seed, value) in &distribution.values {
        let place = (x(*value) / (2.0 * RADIUS)).floor() * 2.0 * RADIUS + RADIUS;
        match places.iter_mut().find(|(known, _)| *known == place) {
            Some((_, values)) => values.push((*seed, *value)),
            None => places.push((place, vec![(*seed, *value)])),
        }
    }
    let most = places.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    let countable = most as f64 * 2.0 * RADIUS <= HEIGHT;
    for (place, values) in places {
        if !countable {
            column(canvas, place, bottom, values.len(), most);
            continue;
        }
        for (i, (seed, value)) in values.iter().enumerate() {
            let class = if Some(*seed) == distribution.worst { "dot worst" } else { "dot" };
            let y = bottom - RADIUS - 2.0 * RADIUS * i as f64;
            let detail = format!("seed {seed}: {}", distribution.axis.written(*value));
            canvas.circle(class, [place, y, RADIUS - 0.5], &detail);
        }
    }
}

fn column(canvas: &mut Canvas, x: f64, bottom: f64, runs: usize, most: usize) {
    let height = (HEIGHT - 14.0) * runs as f64 / most.max(1) as f64;
    canvas.rect("bar column", [x - RADIUS, bottom - height, 2.0 * RADIUS - 1.0, height], &plural(runs as u64, "run"));
    canvas.text("small halo", [x, bottom - height - 4.0], Anchor::Middle, &runs.to_string());
}

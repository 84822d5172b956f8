//! A distribution over the seeds of a campaign: one dot per run while they can be counted, columns when they cannot.

use super::axes::Scale;
use super::canvas::{Canvas, Picture};
use super::plot::{Look, Plot, Size};
use crate::report::text::plural;
use crate::report::view::Spread;
use plotters::coord::ranged1d::Ranged;
use plotters_backend::text_anchor::HPos;
use std::collections::BTreeMap;

const HEIGHT: f64 = 130.0;
const TOP: f64 = 20.0;
const SIDE: f64 = 16.0;
/// Room for the numbers above the columns.
const NUMBERS: f64 = 24.0;
const DOT: f64 = 8.0;
/// Room for those that never recovered, and for their column.
const BEYOND: f64 = 76.0;

/// Draws one distribution. `id` is unique in the page.
pub(crate) fn distribution(distribution: &Spread, size: Size, id: &str) -> Picture {
    let Spread { axis, values, censored, objective, .. } = distribution;
    let beyond = if *censored > 0 { BEYOND + SIDE } else { 0.0 };
    let highest = values.iter().map(|(_, value)| *value).chain(*objective).fold(0.0, f64::max);
    let along = Scale::of(*axis, highest);
    let end = along.range().end;
    let places = ((size.width() - 2.0 * SIDE - beyond) / DOT).floor();
    // Values that fall on the same place are stacked.
    let mut stacks: BTreeMap<u64, Vec<(u64, f64)>> = BTreeMap::new();
    for (seed, value) in values {
        let place = (value / end * places).floor().min(places - 1.0);
        stacks.entry(place as u64).or_default().push((*seed, *value));
    }
    let most = stacks.values().map(Vec::len).max().unwrap_or(1);
    let countable = most as f64 * DOT <= HEIGHT - NUMBERS;
    let up = if countable { Scale::bare(0.0..HEIGHT / DOT) } else { counting(most) };
    let mut strip = Plot::on(Canvas::default(), size, [SIDE, TOP, SIDE + beyond], HEIGHT, [along, up]);
    strip.draw(Look::Line, "axis", &[vec![(0.0, 0.0), (end, 0.0)]], "");
    for (place, stack) in stacks {
        let [from, middle, to] = [0.06, 0.5, 0.94].map(|part| (place as f64 + part) * end / places);
        if !countable {
            column(&mut strip, [from, to], stack.len());
            continue;
        }
        for (i, (seed, value)) in stack.iter().enumerate() {
            let class = if Some(*seed) == distribution.worst { "dot worst" } else { "dot" };
            let says = format!("seed {seed}: {}", axis.written(*value));
            strip.draw(Look::Dot(DOT / 2.0 - 0.5), class, &[vec![(middle, i as f64 + 0.5)]], &says);
        }
    }
    if let Some(objective) = objective {
        strip.upright("objective", *objective);
        strip.beside("small halo", (*objective, f64::MAX), -4.0, &format!("objective {}", axis.written(*objective)));
    }
    let mut canvas = strip.into_canvas();
    if *censored > 0 {
        let axes = [Scale::bare(0.0..1.0), counting(values.len() + censored)];
        let mut apart = Plot::on(canvas, size, [size.width() - SIDE - BEYOND, TOP, SIDE], HEIGHT, axes);
        apart.upright("grid", 0.0);
        column(&mut apart, [0.46, 0.54], *censored);
        apart.draw(Look::Text([0.0, 15.0], HPos::Center), "small", &[vec![(0.5, 0.0)]], "not recovered");
        canvas = apart.into_canvas();
    }
    canvas.finish(size, id, &distribution.title, &distribution.in_words())
}

/// An axis on which so many runs leave room for their number above.
fn counting(runs: usize) -> Scale {
    Scale::bare(0.0..runs as f64 * HEIGHT / (HEIGHT - NUMBERS))
}

fn column(strip: &mut Plot, [from, to]: [f64; 2], runs: usize) {
    let height = runs as f64;
    strip.draw(Look::Bar, "bar column", &[vec![(from, 0.0), (to, height)]], &plural(runs as u64, "run"));
    let above = Look::Text([0.0, -4.0], HPos::Center);
    strip.draw(above, "small halo", &[vec![((from + to) / 2.0, height)]], &runs.to_string());
}

//! Signals over time: a line for the mean of each cell, a shadow from its lowest to its highest value.

use super::axes::{Scale, nanos};
use super::canvas::{Canvas, Picture, SMALL, width_of};
use super::plot::{At, Look, Plot, Size};
use crate::outcome::Outcome;
use crate::report::view::{Cell, Chart, MOST_LINES, Window, cells};
use crate::units::Instant;
use plotters_backend::text_anchor::HPos;

/// The height of the plot.
const HEIGHT: f64 = 132.0;
/// Room for the numbers on the vertical axis.
const NUMBERS: f64 = 54.0;
/// Room right of the plot.
const EDGE: f64 = 10.0;
/// The height of a line of the legend.
const LEGEND: f64 = 18.0;

/// Classes of the lines and their samples, and of their shadows: they differ in dashes too.
const CLASSES: [[&str; 2]; MOST_LINES] =
    [["line s1", "shadow f1"], ["line s2", "shadow f2"], ["line s3", "shadow f3"], ["line s4", "shadow f4"]];

/// Draws `chart` over `window`. `id` is unique in the page.
pub(crate) fn time_chart(chart: &Chart<'_>, outcome: &Outcome, window: Window, size: Size, id: &str) -> Picture {
    // About one cell for every two units of width.
    let borders = window.cells(size.either(350, 130));
    let drawn: Vec<Vec<Option<Cell>>> = chart.lines.iter().map(|line| cells(line.signal, &borders)).collect();
    let mut canvas = Canvas::default();
    let top = legend(&mut canvas, chart, size) + 8.0;
    let seen = drawn.iter().flatten().flatten().flat_map(|cell| [cell.min, cell.max]);
    let axes = [Scale::time(window, size.places()), Scale::over(chart.axis, seen)];
    let mut plot = Plot::on(canvas, size, [NUMBERS, top, EDGE], HEIGHT, axes);
    plot.faults(outcome, window);
    plot.draw(Look::Line, "axis", &[vec![(nanos(window.from), 0.0), (nanos(window.to), 0.0)]], "");
    let styled = || drawn.iter().zip(&chart.lines).zip(&CLASSES).rev();
    for ((cells, _), [_, class]) in styled() {
        // Where they can be told apart.
        let height = |value| plot.place((0.0, value))[1];
        let outlines = runs(&borders, cells, |cell| height(cell.min) - height(cell.max) >= 1.0, outline);
        plot.draw(Look::Area, class, &outlines, "");
    }
    for ((cells, line), [class, _]) in styled() {
        plot.draw(Look::Line, class, &runs(&borders, cells, |_| true, steps), &line.name);
    }
    plot.recoveries(outcome, window);
    let mut canvas = plot.into_canvas();
    canvas.plot = Some([NUMBERS, size.width() - EDGE, top, top + HEIGHT]);
    canvas.finish(size, id, chart.title, &chart.in_words(window))
}

/// Name and sample of each line, wrapped; returns where it ends.
fn legend(canvas: &mut Canvas, chart: &Chart<'_>, size: Size) -> f64 {
    let (mut x, mut y) = (0.0, 12.0);
    let lines = chart.lines.iter().zip(&CLASSES).map(|(line, [class, _])| (Some(class), line.name.clone()));
    let more = (chart.left_out > 0).then(|| (None, format!("and {} lower", chart.left_out)));
    for (class, name) in lines.chain(more) {
        let width = class.map_or(0.0, |_| 36.0) + width_of(&name, SMALL);
        if x > 0.0 && x + width > size.width() {
            (x, y) = (0.0, y + LEGEND);
        }
        if let Some(class) = class {
            canvas.line(class, [x, y - 4.0, x + 30.0, y - 4.0]);
            canvas.text("small", [x + 36.0, y], HPos::Left, &name);
        } else {
            canvas.text("small soft", [x, y], HPos::Left, &name);
        }
        x += width + 14.0;
    }
    y
}

/// A cell, and when it begins and ends.
type Step = (f64, f64, Cell);

/// The stretches of neighbouring cells that have data and are `worth` drawing: a gap in the data is one in the picture.
fn runs(
    borders: &[Instant],
    cells: &[Option<Cell>],
    worth: impl Fn(&Cell) -> bool,
    drawn: fn(&[Step]) -> Vec<At>,
) -> Vec<Vec<At>> {
    let ends = borders.windows(2).map(|ends| (nanos(ends[0]), nanos(ends[1])));
    let steps: Vec<Option<Step>> =
        ends.zip(cells).map(|((from, to), cell)| Some((from, to, cell.filter(&worth)?))).collect();
    let runs = steps.split(Option::is_none).filter(|run| !run.is_empty());
    runs.map(|run| drawn(&run.iter().flatten().copied().collect::<Vec<_>>())).collect()
}

/// From mean to mean.
fn steps(run: &[Step]) -> Vec<At> {
    run.iter().flat_map(|&(from, to, cell)| [(from, cell.mean), (to, cell.mean)]).collect()
}

/// Along the highest values, and back along the lowest.
fn outline(run: &[Step]) -> Vec<At> {
    let highest = run.iter().flat_map(|&(from, to, cell)| [(from, cell.max), (to, cell.max)]);
    let lowest = run.iter().rev().flat_map(|&(from, to, cell)| [(to, cell.min), (from, cell.min)]);
    highest.chain(lowest).collect()
}

//! A picture on the page: drawn for both widths, with its words and its numbers.

use super::page::{details, paragraph, said, text};
use super::table::Table;
use crate::report::svg::{Picture, Size};
use crate::report::text::clock;
use crate::report::view::{Cell, Chart, Window, cells};
use maud::{Markup, PreEscaped, html};

/// Rows of the table of numbers under a picture.
const ROWS: u64 = 24;

/// A picture that `draw` draws for each width, under its title, and what stands below it.
pub(super) fn figure(title: &str, note: &str, draw: impl Fn(Size) -> Picture, below: Markup) -> Markup {
    // A picture was escaped when it was drawn.
    let drawn = |size| PreEscaped(draw(size).inline());
    html! {
        figure { "\n"
            figcaption { h3 { (said(title)) } @if !note.is_empty() { p { (said(note)) } } } "\n"
            div.wide { (drawn(Size::Wide)) } "\n"
            div.narrow { (drawn(Size::Narrow)) } "\n"
            (below)
        } "\n"
    }
}

/// A chart over `window`, and its numbers.
pub(super) fn chart(chart: &Chart<'_>, window: Window, draw: impl Fn(Size) -> Picture) -> Markup {
    figure(chart.title, chart.note, draw, numbers(chart, window))
}

fn numbers(chart: &Chart<'_>, window: Window) -> Markup {
    let borders = window.cells(ROWS);
    let rows: Vec<_> = borders.iter().take(borders.len().saturating_sub(1)).enumerate().collect();
    let caption = "Mean of each interval, with the lowest and the highest second";
    let table = Table::of(&rows, caption).figures("From", |(_, from)| text(clock(**from)));
    let table = chart.lines.iter().fold(table, |table, line| {
        let drawn = cells(line.signal, &borders);
        table.figures(&line.name, move |(i, _)| mean(chart, drawn.get(*i).copied().flatten()))
    });
    details(format!("Numbers: {}", chart.title), html! { (paragraph(chart.in_words(window))) (table.shown()) })
}

fn mean(chart: &Chart<'_>, cell: Option<Cell>) -> Markup {
    let Some(cell) = cell else { return text("no data") };
    let [mean, min, max] = [cell.mean, cell.min, cell.max].map(|value| chart.axis.written(value));
    if min == max { text(mean) } else { text(format!("{mean} ({min} to {max})")) }
}

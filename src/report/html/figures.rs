//! A picture on the page: drawn for both widths, with its words and its numbers.

use super::page::{HtmlPage, figures};
use super::tables::{number, text};
use crate::report::svg::{Picture, Size};
use crate::report::text::clock;
use crate::report::view::{Chart, Window, cells};

/// Rows of the table of numbers under a picture.
const ROWS: u64 = 24;

/// A picture that `draw` draws for each width, under its title.
pub(super) fn figure(page: &mut HtmlPage, title: &str, note: &str, draw: impl Fn(Size) -> Picture) {
    open(page, title, note, draw);
    page.raw("</figure>\n");
}

fn open(page: &mut HtmlPage, title: &str, note: &str, draw: impl Fn(Size) -> Picture) {
    page.raw("<figure>\n<figcaption><h3>").text(title).raw("</h3>");
    if !note.is_empty() {
        page.raw("<p>").text(note).raw("</p>");
    }
    page.raw("</figcaption>\n<div class=\"wide\">").picture(&draw(Size::Wide));
    page.raw("</div>\n<div class=\"narrow\">").picture(&draw(Size::Narrow)).raw("</div>\n");
}

/// A chart over `window`, and its numbers.
pub(super) fn chart(page: &mut HtmlPage, chart: &Chart<'_>, window: Window, draw: impl Fn(Size) -> Picture) {
    open(page, chart.title, chart.note, draw);
    numbers(page, chart, window);
    page.raw("</figure>\n");
}

fn numbers(page: &mut HtmlPage, chart: &Chart<'_>, window: Window) {
    let borders = window.cells(ROWS);
    let drawn: Vec<_> = chart.lines.iter().map(|line| cells(line.signal, &borders)).collect();
    page.raw("<details><summary>Numbers: ").text(chart.title).raw("</summary>\n");
    page.paragraph(&chart.in_words(window));
    let mut rows = Vec::new();
    for (i, from) in borders.iter().take(borders.len().saturating_sub(1)).enumerate() {
        let mut row = vec![number(clock(*from))];
        row.extend(drawn.iter().map(|line| match line.get(i).copied().flatten() {
            Some(cell) if cell.min < cell.max => {
                let [mean, min, max] = [cell.mean, cell.min, cell.max].map(|value| chart.axis.written(value));
                if min == max { number(mean) } else { number(format!("{mean} ({min} to {max})")) }
            }
            Some(cell) => number(chart.axis.written(cell.mean)),
            None => text("no data"),
        }));
        rows.push(row);
    }
    let heads = chart.lines.iter().map(|line| figures(&line.name));
    let columns: Vec<_> = std::iter::once(figures("From")).chain(heads).collect();
    page.table("Mean of each interval, with the lowest and the highest second", &columns, &rows);
    page.raw("</details>\n");
}

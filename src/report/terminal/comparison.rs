//! Two plans beside each other on a terminal.

use super::canvas::{Paint, Piece, TextCanvas};
use crate::report::Look;
use crate::report::view::ComparisonView;
use std::cmp::Ordering;

pub(in crate::report) fn render(view: &ComparisonView, look: Look) -> Vec<u8> {
    let mut canvas = TextCanvas::new(look);
    let [first, second] = &view.names;
    canvas.paragraph(0, &[(Paint::Strong, format!("{second}, compared with {first}"))]);
    let tone = match view.word {
        "WORSE" | "DIFFERENT" => Paint::Bad,
        "NOT WORSE" => Paint::Good,
        _ => Paint::Plain,
    };
    canvas.paragraph(0, &[(tone, format!("{}:", view.word)), text(&format!("{}.", view.cause))]);
    for note in &view.notes {
        canvas.paragraph(0, &[(Paint::Dim, format!("Note: {note}."))]);
    }
    settings(view, &mut canvas);
    properties(view, &mut canvas);
    figures(view, &mut canvas);
    canvas.into_bytes()
}

fn text(text: &str) -> Piece {
    (Paint::Plain, text.to_owned())
}

fn heads(heads: &[&str]) -> Vec<Piece> {
    heads.iter().map(|head| (Paint::Dim, (*head).to_owned())).collect()
}

fn settings(view: &ComparisonView, canvas: &mut TextCanvas) {
    canvas.heading("Settings that differ");
    if view.settings.is_empty() {
        canvas.paragraph(2, &[text("none")]);
        return;
    }
    let mut table = vec![heads(&["setting", "first", "second"])];
    table.extend(view.settings.iter().map(|row| row.iter().map(|cell| text(cell)).collect()));
    canvas.table(2, &table);
    if view.more_settings > 0 {
        canvas.paragraph(2, &[(Paint::Dim, format!("… and {} more", view.more_settings))]);
    }
}

fn properties(view: &ComparisonView, canvas: &mut TextCanvas) {
    canvas.heading("Failures, seed by seed");
    let mut table = vec![heads(&["property", "first", "second", "", "only the second", "only the first"])];
    table.extend(view.properties.iter().map(|row| {
        let tone = match (row.worse, row.better) {
            (true, _) => Paint::Bad,
            (_, true) => Paint::Good,
            _ => Paint::Plain,
        };
        let [first, second] = &row.failed;
        let change = (tone, row.change.to_owned());
        vec![text(&row.id), text(first), text(second), change, text(&row.newly), text(&row.no_longer)]
    }));
    canvas.table(2, &table);
}

fn figures(view: &ComparisonView, canvas: &mut TextCanvas) {
    canvas.heading("Figures, seed by seed (medians; in brackets: 95% bounds of the median difference)");
    let mut table = vec![heads(&["figure", "first", "second", "difference", "lower / equal / higher"])];
    table.extend(view.figures.iter().map(|row| {
        let tone = match row.direction {
            Ordering::Greater => Paint::Bad,
            Ordering::Less => Paint::Good,
            Ordering::Equal => Paint::Plain,
        };
        let [first, second] = &row.medians;
        vec![text(&row.name), text(first), text(second), (tone, row.difference.clone()), text(&row.seeds)]
    }));
    canvas.table(2, &table);
}

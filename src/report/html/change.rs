//! `change-request.html`: the paper for a change board, as a page.
//!
//! Owns how the chapters are set. Does not know what they say: the view decided that.

use super::figures::figure;
use super::page::{code, details, items, paragraph, said, section, text};
use super::run::{banner, contents, description, numbers_of};
use super::table::Table;
use crate::outcome::Outcome;
use crate::report::svg::swim_lanes;
use crate::report::view::{ChangePaper, Chapter, ChapterPart, ChapterRows, incidents, whole};
use maud::{Markup, html};

/// The chapter that the timeline stands in.
const STEPS: &str = "steps";

/// The paper; its times are those of `outcome`, if there is any.
pub(super) fn page(paper: &ChangePaper, outcome: Option<&Outcome>) -> Markup {
    let parts: Vec<(&str, &str)> = paper.chapters.iter().map(|chapter| (chapter.id, chapter.title)).collect();
    html! {
        header { "\n"
            p.kind { (said(&paper.kind)) } "\n"
            h1 { (said(&paper.name)) } "\n"
            p.identity { (said(&paper.identity)) } "\n"
        } "\n"
        main #report { "\n"
            (banner(paper.advice, &paper.cause, &paper.found, &paper.expectation))
            p.caution { (said(&paper.caution)) } "\n"
            (description(outcome.map_or("", |outcome| &outcome.description)))
            (contents(&parts))
            @for chapter in &paper.chapters { (one(chapter, outcome)) }
        } "\n"
    }
}

fn one(chapter: &Chapter, outcome: Option<&Outcome>) -> Markup {
    let body = html! {
        @for part in &chapter.parts { (set(part)) }
        @if let Some(outcome) = outcome.filter(|_| chapter.id == STEPS) { (lanes(outcome)) }
    };
    section(chapter.id, chapter.title, body)
}

fn set(part: &ChapterPart) -> Markup {
    match part {
        ChapterPart::Words(words) => paragraph(words),
        ChapterPart::Items(lines) => html! { @if !lines.is_empty() { ul { "\n" (items(lines)) } "\n" } },
        ChapterPart::Figures(cards) => numbers_of(cards),
        ChapterPart::Rows(rows) => table(rows),
        ChapterPart::Folded(summary, rows) => html! { @if !rows.rows.is_empty() { (details(summary, table(rows))) } },
        ChapterPart::Command(command) => html! { pre { code { (said(command)) } } "\n" },
    }
}

/// As many assumptions as a scenario has: a board must be able to read every one.
const MOST_ROWS: usize = 2_000;

/// The longest cell that is never broken, such as a time. Unit: bytes.
const LONGEST_FIGURE: usize = 12;

fn table(rows: &ChapterRows) -> Markup {
    let empty = Table::of(&rows.rows, &rows.caption).most(MOST_ROWS);
    let table = rows.heads.iter().enumerate().fold(empty, |table, (i, head)| {
        table.column(head, move |row: &Vec<String>| {
            let cell = row.get(i).map_or("", String::as_str);
            match (i, cell.contains(' ')) {
                (0, false) => code(cell),
                (_, false) if cell.len() <= LONGEST_FIGURE => html! { span.figure { (text(cell)) } },
                _ => text(cell),
            }
        })
    });
    table.shown()
}

/// Who did what when, around the longest incident.
fn lanes(outcome: &Outcome) -> Markup {
    let window = incidents(outcome).shown.into_iter().max_by_key(|window| window.length());
    let window = window.unwrap_or_else(|| whole(outcome));
    let note = "Dashed outline: the budget of a step. Framed amber or red: over its budget, undone or failed.";
    figure("The steps on the clock", note, |size| swim_lanes(outcome, window, size, "change"), Markup::default())
}

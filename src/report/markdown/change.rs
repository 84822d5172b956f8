//! `change-request.md`: the paper for a change board, for a ticket or a wiki.
//!
//! Does not know what the chapters say: the view decided that.

use super::page::MarkdownPage;
use crate::explore::Campaign;
use crate::outcome::Outcome;
use crate::report::text::count;
use crate::report::view::{Card, ChangePaper, ChapterPart, ChapterRows};
use crate::report::{Format, Look};

/// The most rows of one table.
const MOST_ROWS: usize = 200;

pub(in crate::report) struct ChangeMarkdown;

impl Format for ChangeMarkdown {
    fn name(&self) -> &'static str {
        "change-request-md"
    }
    fn file(&self) -> Option<&'static str> {
        Some("change-request.md")
    }
    fn run(&self, outcome: &Outcome, _: Look) -> Vec<u8> {
        render(&ChangePaper::of_run(outcome))
    }
    fn campaign(&self, campaign: &Campaign, _: Look) -> Vec<u8> {
        render(&ChangePaper::of_campaign(campaign))
    }
}

fn render(paper: &ChangePaper) -> Vec<u8> {
    let mut page = MarkdownPage::default();
    page.raw("# ").text(&paper.name).raw("\n\n").paragraph(&format!("{}: {}", paper.kind, paper.identity));
    page.raw("**").text(paper.advice.word()).raw(":** ").paragraph(&format!("{}.", paper.cause));
    if !paper.found.is_empty() {
        page.raw("**And found:** ").paragraph(&format!("{}.", paper.found.join("; ")));
    }
    page.paragraph(&paper.expectation).paragraph(&paper.caution);
    for chapter in &paper.chapters {
        page.heading("##", chapter.title);
        chapter.parts.iter().for_each(|part| set(&mut page, part));
    }
    page.into_bytes()
}

fn set(page: &mut MarkdownPage, part: &ChapterPart) {
    match part {
        ChapterPart::Words(words) => {
            page.paragraph(words);
        }
        ChapterPart::Items(lines) => {
            for line in lines {
                page.raw("- ").text(line).raw("\n");
            }
            page.raw("\n");
        }
        ChapterPart::Figures(cards) => {
            let row = |card: &Card| vec![card.name.to_owned(), card.value.clone(), card.below.clone()];
            page.table(&["Figure", "Value", "Of what"], &cards.iter().map(row).collect::<Vec<_>>());
        }
        ChapterPart::Rows(rows) => {
            page.paragraph(&format!("{}:", rows.caption));
            table(page, rows);
        }
        ChapterPart::Folded(summary, rows) => {
            page.raw("\n<details>\n<summary>").text(summary).raw("</summary>\n\n");
            table(page, rows);
            page.raw("\n</details>\n");
        }
        ChapterPart::Command(command) => {
            page.command(command);
        }
    }
}

fn table(page: &mut MarkdownPage, rows: &ChapterRows) {
    page.table(rows.heads, &rows.rows[..rows.rows.len().min(MOST_ROWS)]).raw("\n");
    if let Some(more) = rows.rows.len().checked_sub(MOST_ROWS).filter(|more| *more > 0) {
        page.text(&count(more as u64)).raw(" more; `results.json` has them all.\n");
    }
}

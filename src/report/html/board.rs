//! What a change board takes along on paper: two pages of a run, unless a reader asks for all of it.
//!
//! Owns the choice, and what stands on paper in place of the long parts: one picture and the story in short. The style sheet
//! for print leaves out the rest. Does not know what figures mean.
//!
//! Invariant: what is left out on paper is said there, and one mark on the page brings it back; on a screen nothing is added.

use super::page::{said, section, text};
use super::table::Table;
use crate::outcome::Outcome;
use crate::report::svg::{Size, recovery_bars, time_chart};
use crate::report::text::{count, plural};
use crate::report::view::{TimelineMoment, View, charts, incidents, shortened, whole};
use maud::{Markup, PreEscaped, html};

/// The most moments of the story on paper, so that it fits beside the rest on the second page.
const MOST_MOMENTS: usize = 20;

/// The most recoveries that are drawn on paper.
const MOST_RECOVERIES: usize = 2;

/// The most warnings on paper; the style sheet hides those that follow.
pub(super) const MOST_WARNINGS: usize = 6;

/// The most properties on paper; likewise.
pub(super) const MOST_PROPERTIES: usize = 14;

/// The choice of what is printed, and what is if nothing is chosen. It works without a script.
pub(super) fn choice(unmarked: &str) -> Markup {
    html! {
        p.printing { label { input type="checkbox" id="print-all"; " Print every part (unmarked: " (unmarked) ")" } } "\n"
    }
}

/// The picture and the story, on paper only.
pub(super) fn board(view: &View<'_>) -> Markup {
    let shown = shortened(&view.moments, MOST_MOMENTS);
    let left_out = (view.moments.len() - shown.len()) as u64;
    let table = Table::of(&shown, "What happened, in order of virtual time")
        .figures("Clock", |m: &&TimelineMoment| text(&m.clock))
        .figures("Since the first fault", |m| text(&m.since_fault))
        .column("What", |m| text(m.label))
        .column("Details", |m| text(&m.text));
    let body = html! {
        (pictures(view.outcome))
        (table.shown())
        @if left_out > 0 { p.more { (said(format!("{} are on the page, and print with every part.", plural(left_out, "more moment")))) } "\n" }
    };
    html! { div.board { "\n" (section("board", "The story", body)) } "\n" }
}

/// The chart that comes first, around the longest incident, and how recovery went.
fn pictures(outcome: &Outcome) -> Markup {
    // A picture was escaped when it was drawn.
    let inline = |picture: crate::report::svg::Picture| PreEscaped(picture.inline());
    let window = incidents(outcome).shown.into_iter().max_by_key(|window| window.length());
    let window = window.unwrap_or_else(|| whole(outcome));
    let found = charts(outcome);
    let few = (1..=MOST_RECOVERIES).contains(&outcome.recovery.len());
    html! {
        @if let Some(chart) = found.first() {
            p.more { (said(chart.title)) ". " (said(chart.note)) } "\n"
            (inline(time_chart(chart, outcome, window, Size::Wide, "board-chart"))) "\n"
        }
        @if few { (inline(recovery_bars(outcome, Size::Wide, "board-recovery"))) "\n" }
    }
}

/// On paper: how many the page has beside those that are shown.
pub(super) fn more_on_page(all: usize, most: usize) -> Markup {
    let more = all.saturating_sub(most) as u64;
    html! { @if more > 0 { p.on-paper { (count(more)) " more are on the page." } "\n" } }
}

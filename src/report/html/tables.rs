//! Tables of the page that only list: what was found by name, row by row.
//!
//! Invariant: a table that is cut says how many rows it leaves out and where they are.

use super::page::{Column, HtmlPage, TableCell, column, figures};
use crate::outcome::{Assumption, Outcome};
use crate::report::text::{clock, count, plural};
use crate::report::view::{LostRow, View, role};

/// The most rows of one table.
const MOST_ROWS: usize = 150;
/// The same for assumptions: a board must be able to read every one, and a scenario has a few hundred.
const MOST_ASSUMPTIONS: usize = 2_000;

/// A list that is closed until a reader opens it.
pub(super) fn folded(
    page: &mut HtmlPage,
    summary: &str,
    caption: &str,
    columns: &[Column<'_>],
    rows: Vec<Vec<TableCell>>,
) {
    if rows.is_empty() {
        return;
    }
    page.raw("<details><summary>").text(summary).raw("</summary>\n");
    cut_after(MOST_ROWS, page, caption, columns, rows);
    page.raw("</details>\n");
}

/// A table of at most [`MOST_ROWS`] rows, and a line on how many were left out.
pub(super) fn cut_table(page: &mut HtmlPage, caption: &str, columns: &[Column<'_>], rows: Vec<Vec<TableCell>>) {
    cut_after(MOST_ROWS, page, caption, columns, rows);
}

fn cut_after(most: usize, page: &mut HtmlPage, caption: &str, columns: &[Column<'_>], mut rows: Vec<Vec<TableCell>>) {
    let left_out = rows.len().saturating_sub(most);
    rows.truncate(most);
    page.table(caption, columns, &rows);
    if left_out > 0 {
        page.raw("<p class=\"more\">").text(&count(left_out as u64));
        page.raw(" more; <code>results.json</code> has them all.</p>\n");
    }
}

/// The most moments that are shown without being asked for.
const MOST_MOMENTS: usize = 40;
/// The most decisions that are shown without being asked for.
const MOST_DECISIONS: usize = 12;

pub(super) fn text(text: impl Into<String>) -> TableCell {
    TableCell::Text(text.into())
}

pub(super) fn number(text: impl Into<String>) -> TableCell {
    TableCell::Number(text.into())
}

pub(super) fn code(text: impl Into<String>) -> TableCell {
    TableCell::Code(text.into())
}

/// What happened, in short.
pub(super) fn moments(page: &mut HtmlPage, view: &View<'_>) {
    let rows = view
        .moments
        .iter()
        .map(|m| vec![number(m.clock.clone()), number(m.since_fault.clone()), text(m.label), text(m.text.clone())]);
    let columns = [figures("Clock"), figures("Since the first fault"), column("What"), column("Details")];
    let rows: Vec<_> = rows.collect();
    let caption = "What happened, in order of virtual time";
    if rows.len() <= MOST_MOMENTS {
        return cut_table(page, caption, &columns, rows);
    }
    let summary = format!("The timeline as a table: {}", plural(rows.len() as u64, "moment"));
    folded(page, &summary, caption, &columns, rows);
}

/// What control and people decided, and what they knew when they did.
pub(super) fn decisions(page: &mut HtmlPage, view: &View<'_>) {
    let rows = view.decisions.iter().take(MOST_DECISIONS).map(|d| {
        let event = TableCell::Named(d.event.clone(), vec![d.known.clone()]);
        vec![number(d.clock.clone()), number(d.since_fault.clone()), event]
    });
    let columns = [figures("Clock"), figures("Since the first fault"), column("Decisions and what was known")];
    page.table("Decisions, and their basis", &columns, &rows.collect::<Vec<_>>());
    if let Some(more) = view.decisions.len().checked_sub(MOST_DECISIONS).filter(|more| *more > 0) {
        page.paragraph(&format!("{} are among the events below.", plural(more as u64, "more decision")));
    }
}

/// Every event, with what was known.
pub(super) fn events(page: &mut HtmlPage, outcome: &Outcome) {
    let events = outcome.timeline().events();
    let rows = events
        .iter()
        .map(|e| vec![number(clock(e.at)), text(e.actor.to_string()), code(e.name.clone()), text(e.text.clone())]);
    let columns = [figures("Clock"), column("Who"), column("Event"), column("What")];
    let summary = format!("All {}: who did what, and why", plural(events.len() as u64, "event"));
    folded(page, &summary, "Every event of the run", &columns, rows.collect());
}

pub(super) fn laps(page: &mut HtmlPage, view: &View<'_>) {
    let rows = view.laps.iter().map(|l| {
        vec![
            TableCell::Named(l.step.to_owned(), vec![l.note.clone()]),
            text(format!("{}, run {}", l.procedure, l.run)),
            number(l.start.clone()),
            number(l.took.clone()),
            number(l.budget.clone()),
            number(l.tries.to_string()),
            text(l.result.clone()),
        ]
    });
    let columns = [
        column("Step"),
        column("Procedure"),
        figures("Start"),
        figures("Took"),
        figures("Budget"),
        figures("Tries"),
        column("Result"),
    ];
    let rows: Vec<_> = rows.collect();
    let summary = format!("Every step against its budget: {}", plural(rows.len() as u64, "step"));
    folded(page, &summary, "The steps of the procedures", &columns, rows);
}

/// The lost writes that are known by name, before the fault and after it.
pub(super) fn lost_writes(page: &mut HtmlPage, view: &View<'_>) {
    let (before, after): (Vec<LostRow>, Vec<LostRow>) = view.lost().partition(|w| w.before_fault);
    for (rows, when) in [(before, "before the fault"), (after, "after the fault")] {
        let summary = format!("{} by name, acknowledged {when}", plural(rows.len() as u64, "lost write"));
        let caption = format!("Lost writes that the database had acknowledged {when}");
        let columns = [
            column("Operation"),
            column("Database"),
            figures("Key"),
            figures("Epoch:LSN"),
            figures("Stored at"),
            figures("Seen by client at"),
            column("Visible"),
            column("Last seen in"),
            column("Held by"),
        ];
        folded(page, &summary, &caption, &columns, rows.into_iter().map(lost_write).collect());
    }
}

fn lost_write(w: LostRow) -> Vec<TableCell> {
    vec![
        code(w.operation),
        text(w.store),
        number(w.key),
        number(w.position),
        number(w.server_acked),
        number(w.client_acked),
        text(w.visible),
        text(w.last_seen),
        text(w.held_by),
    ]
}

pub(super) fn copies(page: &mut HtmlPage, outcome: &Outcome) {
    let stores = outcome.record.stores.iter();
    let rows = stores.flat_map(|s| s.copies.iter().map(move |c| (&s.store, c))).map(|(store, c)| {
        vec![
            text(format!("{store} in {}", c.region)),
            text(role(c.role)),
            number(format!("{}:{}", c.epoch, c.applied_lsn)),
            number(count(c.rows)),
            code(format!("{:032x}", c.digest)),
        ]
    });
    let columns = [column("Copy"), column("Role"), figures("Epoch:LSN"), figures("Rows"), column("Digest")];
    cut_table(page, "The copies after everything had settled", &columns, rows.collect());
}

/// Who could write, and what was acknowledged without the right to.
pub(super) fn authority(page: &mut HtmlPage, outcome: &Outcome) {
    let stores = &outcome.record.stores;
    let rows = stores.iter().filter(|s| !s.authority.terms.is_empty()).map(|s| {
        let a = &s.authority;
        vec![
            code(s.store.clone()),
            number(count(a.promotions)),
            number(count(a.fences)),
            number(count(a.stale_epoch_total)),
            number(count(a.discarded)),
        ]
    });
    let columns = [
        column("Database"),
        figures("Promotions"),
        figures("Fences"),
        figures("Acknowledged without authority"),
        figures("Discarded when a copy was rebuilt"),
    ];
    cut_table(page, "Which copy was the authority", &columns, rows.collect());
    let stale_epoch_writes =
        stores.iter().flat_map(|s| s.authority.stale_epoch.iter().map(move |w| (&s.store, w))).map(|(store, w)| {
            vec![
                code(w.operation.to_string()),
                text(store.clone()),
                number(w.key.to_string()),
                number(clock(w.at)),
                text(w.region.clone()),
                number(format!("{}, current was {}", w.epoch, w.in_force)),
            ]
        });
    let stale_epoch_writes: Vec<_> = stale_epoch_writes.collect();
    let columns = [
        column("Operation"),
        column("Database"),
        figures("Key"),
        figures("Acknowledged at"),
        column("By the copy in"),
        figures("Epoch"),
    ];
    let summary =
        format!("{} acknowledged without authority, by name", plural(stale_epoch_writes.len() as u64, "write"));
    folded(page, &summary, "Writes acknowledged by a copy without authority", &columns, stale_epoch_writes);
}

/// The assumptions, those somebody chose apart from those nobody touched.
pub(super) fn assumptions(page: &mut HtmlPage, outcome: &Outcome) {
    let is_chosen = |a: &&Assumption| a.origin == "file" || a.origin == "--set";
    let (chosen, taken): (Vec<_>, Vec<_>) = outcome.assumptions.iter().partition(is_chosen);
    let rows = |assumptions: &[&Assumption]| {
        assumptions
            .iter()
            .map(|a| vec![code(a.path.clone()), code(a.value.clone()), text(a.origin.clone()), text(a.source.clone())])
            .collect::<Vec<_>>()
    };
    let columns = [column("What"), column("Value"), column("Set by"), column("Source")];
    let said = plural(chosen.len() as u64, "value");
    let summary = format!("{said} chosen in the scenario or on the command line");
    let caption = "What the scenario's authors set";
    all(page, &summary, caption, &columns, rows(&chosen));
    let summary = format!("{} taken from presets and defaults", plural(taken.len() as u64, "value"));
    all(page, &summary, "Defaults, and where they come from", &columns, rows(&taken));
}

fn all(page: &mut HtmlPage, summary: &str, caption: &str, columns: &[Column<'_>], rows: Vec<Vec<TableCell>>) {
    if !rows.is_empty() {
        page.raw("<details><summary>").text(summary).raw("</summary>\n");
        cut_after(MOST_ASSUMPTIONS, page, caption, columns, rows);
        page.raw("</details>\n");
    }
}

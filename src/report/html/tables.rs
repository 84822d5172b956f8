//! Tables of the page that only list: what was found by name, row by row.

use super::page::{code, named, paragraph, text};
use super::table::Table;
use crate::outcome::{Assumption, Outcome};
use crate::report::text::{clock, count, plural};
use crate::report::view::{LostRow, View, differing_rows, dual_writes, is_chosen, mismatches, reconciliations, role};
use maud::{Markup, html};

/// The most assumptions that are listed: a board must be able to read every one, and a scenario has a few hundred.
const MOST_ASSUMPTIONS: usize = 2_000;
/// The most moments that are shown without being asked for.
const MOST_MOMENTS: usize = 40;
/// The most decisions that are shown without being asked for.
const MOST_DECISIONS: usize = 12;

/// What happened, in short.
pub(super) fn moments(view: &View<'_>) -> Markup {
    let table = Table::of(&view.moments, "What happened, in order of virtual time")
        .happened(|m| (m.at, m.actor))
        .figures("Clock", |m| text(&m.clock))
        .figures("Since the first fault", |m| text(&m.since_fault))
        .column("What", |m| html! { span.word { (m.label) } })
        .column("Details", |m| text(&m.text));
    if view.moments.len() <= MOST_MOMENTS {
        return table.shown();
    }
    let summary = format!("The timeline as a table: {}", plural(view.moments.len() as u64, "moment"));
    table.folded(&summary)
}

/// What control and people decided, and what they knew when they did.
pub(super) fn decisions(view: &View<'_>) -> Markup {
    let shown = &view.decisions[..view.decisions.len().min(MOST_DECISIONS)];
    let table = Table::of(shown, "Decisions, and their basis")
        .happened(|d| (d.at, Some(d.actor)))
        .figures("Clock", |d| text(&d.clock))
        .figures("Since the first fault", |d| text(&d.since_fault))
        .column("Decisions and what was known", |d| named(&d.event, &[&d.known]));
    let more = (view.decisions.len() - shown.len()) as u64;
    html! {
        (table.shown())
        @if more > 0 { (paragraph(format!("{} are among the events below.", plural(more, "more decision")))) }
    }
}

/// Every event, with what was known.
pub(super) fn events(outcome: &Outcome) -> Markup {
    let events = outcome.timeline().events();
    let summary = format!("All {}: who did what, and why", plural(events.len() as u64, "event"));
    let table = Table::of(events, "Every event of the run")
        .happened(|e| (e.at, Some(e.actor)))
        .figures("Clock", |e| text(clock(e.at)))
        .column("Who", |e| text(e.actor))
        .column("Event", |e| code(&e.name))
        .column("What", |e| text(&e.text));
    table.folded(&summary)
}

pub(super) fn laps(view: &View<'_>) -> Markup {
    let summary = format!("Every step against its budget: {}", plural(view.laps.len() as u64, "step"));
    let table = Table::of(&view.laps, "The steps of the procedures")
        .names("Step", |l| named(&l.step, &[&l.note]))
        .column("Procedure", |l| text(format!("{}, run {}", l.procedure, l.run)))
        .figures("Start", |l| text(&l.start))
        .figures("Took", |l| text(&l.took))
        .figures("Budget", |l| text(&l.budget))
        .figures("Tries", |l| text(l.tries))
        .column("Result", |l| text(&l.result));
    table.folded(&summary)
}

/// The lost writes that are known by name, before the fault and after it.
pub(super) fn lost_writes(view: &View<'_>) -> Markup {
    let (before, after): (Vec<LostRow>, Vec<LostRow>) = view.lost().partition(|w| w.before_fault);
    html! { (lost(&before, "before the fault")) (lost(&after, "after the fault")) }
}

fn lost(writes: &[LostRow], when: &str) -> Markup {
    let summary = format!("{} by name, acknowledged {when}", plural(writes.len() as u64, "lost write"));
    let caption = format!("Lost writes that the database had acknowledged {when}");
    let table = Table::of(writes, &caption)
        .column("Operation", |w| code(&w.operation))
        .column("Database", |w| text(&w.store))
        .figures("Key", |w| text(&w.key))
        .figures("Epoch:LSN", |w| text(&w.position))
        .figures("Stored at", |w| text(&w.server_acked))
        .figures("Seen by client at", |w| text(&w.client_acked))
        .column("Visible", |w| text(w.visible))
        .column("Last seen in", |w| text(&w.last_seen))
        .column("Held by", |w| text(&w.held_by));
    table.folded(&summary)
}

/// What dual writes left in their second databases, and the rows that are not the same in both.
pub(super) fn dual_write(outcome: &Outcome) -> Markup {
    let pairs = dual_writes(outcome);
    let (rows, summary) = differing_rows(outcome);
    let table = Table::of(&pairs, "Databases that the same writes come to, the second beside the first")
        .column("Databases", |pair| code(&pair.pair))
        .figures("Rows", |pair| text(&pair.rows))
        .figures("Missing", |pair| text(&pair.missing))
        .figures("Missing at worst", |pair| text(&pair.most))
        .figures("Differing", |pair| text(&pair.differing))
        .figures("Overwritten by control", |pair| text(&pair.overwritten));
    let named = Table::of(&rows, "Rows that are not the same in both databases")
        .column("Databases", |row| code(&row.pair))
        .figures("Key", |row| text(&row.key))
        .figures("Last written in the first by", |row| text(&row.primary))
        .figures("In the second by", |row| text(&row.secondary))
        .figures("Newest acknowledged", |row| text(&row.acknowledged))
        .column("State", |row| text(row.state))
        .figures("Since", |row| text(&row.since));
    html! {
        @if !pairs.is_empty() {
            (table.shown())
            p {
                "Missing: the second database lacks the newest write of the row that a client was told is done, so a cutover "
                "to it would lose that. Differing: the last write is not the same in both, for whatever reason."
            } "\n"
            (named.folded(&summary))
        }
    }
}

/// What control found when it compared databases, and every row that it named.
pub(super) fn reconciled(outcome: &Outcome) -> Markup {
    let walks = reconciliations(outcome);
    let (rows, summary) = mismatches(outcome);
    let table = Table::of(&walks, "Databases that control compared row by row")
        .column("Databases", |walk| code(&walk.pair))
        .column("Which counts", |walk| text(walk.strategy))
        .figures("When", |walk| text(&walk.during))
        .figures("Compared", |walk| text(&walk.compared))
        .figures("Missing on one side", |walk| text(&walk.missing))
        .figures("Deleted on one side", |walk| text(&walk.deleted))
        .figures("Different", |walk| text(&walk.different))
        .figures("Repaired", |walk| text(&walk.repaired))
        .figures("Changed meanwhile", |walk| text(&walk.changed))
        .figures("Left", |walk| text(&walk.left))
        .column("Not the same, by table", |walk| text(&walk.tables));
    let named = Table::of(&rows, "Rows that control found not to be the same")
        .column("Databases", |row| code(&row.pair))
        .figures("Key", |row| text(&row.key))
        .column("How", |row| text(row.kind))
        .figures("In the first", |row| text(&row.primary))
        .figures("In the second", |row| text(&row.secondary))
        .column("Repaired", |row| text(row.repaired));
    html! {
        @if !walks.is_empty() {
            (table.shown())
            p {
                "A value is the number of the operation that wrote it; the time beside it is the stamp that its writer put on the "
                "row, by its own clock."
            } "\n"
            @if !rows.is_empty() { (named.folded(&summary)) }
        }
    }
}

pub(super) fn copies(outcome: &Outcome) -> Markup {
    let copies: Vec<_> = outcome.record.stores.iter().flat_map(|s| s.copies.iter().map(move |c| (s, c))).collect();
    let table = Table::of(&copies, "The copies after everything had settled")
        .column("Copy", |(s, c)| text(format!("{} in {}", s.store, c.region)))
        .column("Role", |(_, c)| text(role(c.role)))
        .figures("Epoch:LSN", |(_, c)| text(format!("{}:{}", c.epoch, c.applied_lsn)))
        .figures("Rows", |(_, c)| text(count(c.rows)))
        .column("Digest", |(_, c)| code(format!("{:032x}", c.digest)));
    table.shown()
}

/// Who could write, and what was acknowledged without the right to.
pub(super) fn authority(outcome: &Outcome) -> Markup {
    let stores: Vec<_> = outcome.record.stores.iter().filter(|s| !s.authority.terms.is_empty()).collect();
    let table = Table::of(&stores, "Which copy was the authority")
        .column("Database", |s| code(&s.store))
        .figures("Promotions", |s| text(count(s.authority.promotions)))
        .figures("Fences", |s| text(count(s.authority.fences)))
        .figures("Acknowledged without authority", |s| text(count(s.authority.stale_epoch_total)))
        .figures("Discarded when a copy was rebuilt", |s| text(count(s.authority.discarded)));
    html! { (table.shown()) (stale_epoch_writes(outcome)) }
}

fn stale_epoch_writes(outcome: &Outcome) -> Markup {
    let stores = outcome.record.stores.iter();
    let writes: Vec<_> = stores.flat_map(|s| s.authority.stale_epoch.iter().map(move |w| (s, w))).collect();
    let table = Table::of(&writes, "Writes acknowledged by a copy without authority")
        .column("Operation", |(_, w)| code(w.operation))
        .column("Database", |(s, _)| text(&s.store))
        .figures("Key", |(_, w)| text(w.key))
        .figures("Acknowledged at", |(_, w)| text(clock(w.at)))
        .column("By the copy in", |(_, w)| text(&w.region))
        .figures("Epoch", |(_, w)| text(format!("{}, current was {}", w.epoch, w.in_force)));
    let summary = format!("{} acknowledged without authority, by name", plural(writes.len() as u64, "write"));
    table.folded(&summary)
}

/// The assumptions, those somebody chose apart from those nobody touched.
pub(super) fn assumptions(outcome: &Outcome) -> Markup {
    let (chosen, taken): (Vec<_>, Vec<_>) = outcome.assumptions.iter().partition(|a| is_chosen(a));
    let said = plural(chosen.len() as u64, "value");
    let summary = format!("{said} chosen in the scenario or on the command line");
    let untouched = format!("{} taken from presets and defaults", plural(taken.len() as u64, "value"));
    html! {
        (all(&summary, "What the scenario's authors set", &chosen))
        (all(&untouched, "Defaults, and where they come from", &taken))
    }
}

fn all(summary: &str, caption: &str, assumptions: &[&Assumption]) -> Markup {
    let table = Table::of(assumptions, caption)
        .most(MOST_ASSUMPTIONS)
        .column("What", |a| code(&a.path))
        .column("Value", |a| code(&a.value))
        .column("Set by", |a| text(&a.origin))
        .column("Source", |a| text(&a.source));
    table.folded(summary)
}

//! One run as a Markdown page.

use super::page::MarkdownPage;
use super::symbol;
use crate::outcome::Outcome;
use crate::record::{ClassLatency, DIGEST_FORMAT};
use crate::report::text::{clock, count, plural, span};
use crate::report::view::{
    DifferingRowShown, DualWriteRow, LossRow, MismatchRow, ReconciliationRow, View, differing_rows, dual_writes,
    mismatches, reconciliations, role,
};

/// The most rows of one table.
const MOST_ROWS: usize = 200;

pub(super) fn render(outcome: &Outcome) -> Vec<u8> {
    let mut page = MarkdownPage::default();
    whole(&View::of(outcome), &mut page);
    page.into_bytes()
}

/// The report from verdict to provenance.
pub(super) fn whole(view: &View<'_>, page: &mut MarkdownPage) {
    verdict(view, page);
    properties(view, page);
    timeline(view, page);
    recovery(view, page);
    latencies(view, page);
    laps(view, page);
    ledger(view, page);
    faults(view, page);
    events(view, page);
    assumptions(view, page);
    provenance(view, page);
}

/// A table of at most [`MOST_ROWS`] rows, and a line on how many were left out.
fn cut_table(page: &mut MarkdownPage, heads: &[&'static str], rows: impl ExactSizeIterator<Item = Vec<String>>) {
    let left_out = rows.len().saturating_sub(MOST_ROWS);
    let rows: Vec<_> = rows.take(MOST_ROWS).collect();
    page.table(heads, &rows);
    if left_out > 0 {
        page.raw("\n").text(&count(left_out as u64)).raw(" more; `results.json` has them all.\n");
    }
}

fn verdict(view: &View<'_>, page: &mut MarkdownPage) {
    let headline = &view.headline;
    page.raw("# ").text(&view.outcome.scenario).raw("\n\n");
    if !view.outcome.description.trim().is_empty() {
        page.paragraph(&view.outcome.description);
    }
    page.raw("**").text(headline.advice.word()).raw(":** ").paragraph(&format!("{}.", headline.cause));
    if !headline.found.is_empty() {
        page.raw("**And found:** ").paragraph(&format!("{}.", headline.found.join("; ")));
    }
    page.paragraph(&headline.expectation);
    for warning in &view.outcome.warnings {
        page.raw("> **Warning:** ").text(warning).raw("\n>\n");
    }
    page.raw("\n");
    let rows: Vec<_> = view.figures().into_iter().map(|(what, much)| vec![what.to_owned(), much]).collect();
    page.table(&["Figure", "Value"], &rows);
}

fn properties(view: &View<'_>, page: &mut MarkdownPage) {
    page.heading("##", "Properties");
    let rows = view.properties.iter().map(|p| {
        let verdict = if p.remark.is_empty() {
            symbol(p.verdict).to_owned()
        } else {
            format!("{} ({})", symbol(p.verdict), p.remark)
        };
        let figures = [&p.bound, &p.measured, &p.margin, &p.moment, &p.exercised, &p.why].map(Clone::clone);
        let mut row = vec![p.id.clone(), p.kind.clone(), p.demand.clone(), verdict];
        row.extend(figures);
        row
    });
    let heads = ["Property", "Kind", "Demand", "Verdict", "Bound", "Measured", "Margin", "At", "Exercised", "Why"];
    cut_table(page, &heads, rows);
}

fn timeline(view: &View<'_>, page: &mut MarkdownPage) {
    page.heading("##", "Timeline");
    let rows =
        view.moments.iter().map(|m| vec![m.clock.clone(), m.since_fault.clone(), m.label.to_owned(), m.text.clone()]);
    cut_table(page, &["Clock", "Since the first fault", "What", "Details"], rows);
}

fn recovery(view: &View<'_>, page: &mut MarkdownPage) {
    if view.recovery.is_empty() {
        return;
    }
    page.heading("##", "Recovery time");
    let rows = view.recovery.iter().map(|r| {
        let phases = r.phases.iter().map(|(_, took)| took.clone());
        [r.fault.clone(), r.rto.clone(), r.objective.clone()].into_iter().chain(phases).collect()
    });
    cut_table(page, &["Fault", "Recovery time", "Objective", "Detect", "Decide", "Act", "Converge"], rows);
}

fn latencies(view: &View<'_>, page: &mut MarkdownPage) {
    let classes = &view.outcome.record.latency_by_class;
    if classes.is_empty() {
        return;
    }
    page.heading("##", "Latency by class");
    let row = |l: &ClassLatency| {
        let [p50, p95, p99, max] = [l.p50, l.p95, l.p99, l.max].map(span);
        vec![l.class.clone(), count(l.answered), p50, p95, p99, max]
    };
    let heads = ["Class", "Answered", "Median", "95th percentile", "99th percentile", "Longest"];
    cut_table(page, &heads, classes.iter().map(row));
}

fn laps(view: &View<'_>, page: &mut MarkdownPage) {
    if view.laps.is_empty() {
        return;
    }
    page.heading("##", "Procedures");
    let rows = view.laps.iter().map(|l| {
        vec![
            l.procedure.to_owned(),
            l.run.to_string(),
            l.step.to_owned(),
            l.start.clone(),
            l.took.clone(),
            l.budget.clone(),
            l.tries.to_string(),
            l.result.clone(),
            l.note.clone(),
        ]
    });
    let heads = ["Procedure", "Run", "Step", "Start", "Took", "Budget", "Tries", "Result", "Note"];
    cut_table(page, &heads, rows);
}

fn ledger(view: &View<'_>, page: &mut MarkdownPage) {
    if view.loss.is_empty() {
        return;
    }
    page.heading("##", "Write ledger");
    let row = |l: &LossRow| {
        let lost = [&l.store, &l.acked, &l.lost, &l.visible, &l.whereabouts, &l.rpo_before, &l.rpo_after, &l.announced];
        lost.into_iter().chain(l.unanswered.iter().map(|(_, writes)| writes)).cloned().collect()
    };
    let heads = [
        "Database",
        "Acknowledged",
        "Lost",
        "Visibly lost",
        "Lost, still held by",
        "RPO before the fault",
        "RPO after the fault",
        "Loss announced beforehand",
        "Refused",
        "Unknown, never stored",
        "Unknown, stored",
        "Unknown, stored and gone",
    ];
    cut_table(page, &heads, view.loss.iter().map(row));
    lost_writes(view, page);
    dual_write(view, page);
    reconciled(view, page);
    copies(view, page);
}

fn lost_writes(view: &View<'_>, page: &mut MarkdownPage) {
    let rows: Vec<Vec<String>> = view
        .lost()
        .map(|w| {
            let end = [w.visible.to_owned(), w.last_seen, w.held_by];
            [w.store, w.operation, w.key, w.position, w.server_acked, w.client_acked].into_iter().chain(end).collect()
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    let lost: u64 = view.outcome.record.stores.iter().map(|s| s.lost_total).sum();
    let summary = format!("{} of {} by name", count(rows.len() as u64), plural(lost, "lost write"));
    page.raw("\n<details>\n<summary>").text(&summary).raw("</summary>\n\n");
    let heads = [
        "Database",
        "Operation",
        "Key",
        "Epoch:LSN",
        "Stored at",
        "Seen by client at",
        "Visible",
        "Last seen in",
        "Held by",
    ];
    cut_table(page, &heads, rows.into_iter());
    page.raw("\n</details>\n");
}

fn dual_write(view: &View<'_>, page: &mut MarkdownPage) {
    let pairs = dual_writes(view.outcome);
    if pairs.is_empty() {
        return;
    }
    page.raw("\n");
    let row = |row: &DualWriteRow| {
        [&row.pair, &row.rows, &row.missing, &row.most, &row.differing, &row.overwritten].map(Clone::clone).to_vec()
    };
    let heads = ["Databases", "Rows", "Missing", "Missing at worst", "Differing", "Overwritten by control"];
    cut_table(page, &heads, pairs.iter().map(row));
    let (rows, summary) = differing_rows(view.outcome);
    if rows.is_empty() {
        return;
    }
    page.raw("\n<details>\n<summary>").text(&summary).raw("</summary>\n\n");
    let heads =
        ["Databases", "Key", "Last in the first", "Last in the second", "Newest acknowledged", "State", "Since"];
    let row =
        |r: DifferingRowShown| vec![r.pair, r.key, r.primary, r.secondary, r.acknowledged, r.state.to_owned(), r.since];
    cut_table(page, &heads, rows.into_iter().map(row));
    page.raw("\n</details>\n");
}

fn reconciled(view: &View<'_>, page: &mut MarkdownPage) {
    let walks = reconciliations(view.outcome);
    if walks.is_empty() {
        return;
    }
    page.raw("\n");
    let row = |walk: ReconciliationRow| {
        let ReconciliationRow { pair, strategy, during, compared, missing, deleted, different, .. } = walk;
        let ReconciliationRow { repaired, changed, left, tables, .. } = walk;
        vec![pair, strategy.to_owned(), during, compared, missing, deleted, different, repaired, changed, left, tables]
    };
    let heads = [
        "Databases",
        "Which counts",
        "When",
        "Compared",
        "Missing on one side",
        "Deleted on one side",
        "Different",
        "Repaired",
        "Changed meanwhile",
        "Left",
        "Not the same, by table",
    ];
    cut_table(page, &heads, walks.into_iter().map(row));
    let (rows, summary) = mismatches(view.outcome);
    if rows.is_empty() {
        return;
    }
    page.raw("\n<details>\n<summary>").text(&summary).raw("</summary>\n\n");
    let heads = ["Databases", "Key", "How", "In the first", "In the second", "Repaired"];
    let row = |r: MismatchRow| vec![r.pair, r.key, r.kind.to_owned(), r.primary, r.secondary, r.repaired.to_owned()];
    cut_table(page, &heads, rows.into_iter().map(row));
    page.raw("\n</details>\n");
}

fn copies(view: &View<'_>, page: &mut MarkdownPage) {
    let stores = view.outcome.record.stores.iter();
    let rows: Vec<Vec<String>> = stores
        .flat_map(|s| s.copies.iter().map(|c| (&s.store, c)))
        .map(|(store, c)| {
            let position = format!("{}:{}", c.epoch, c.applied_lsn);
            let digest = format!("{:032x}", c.digest);
            vec![store.clone(), c.region.clone(), role(c.role).to_owned(), position, count(c.rows), digest]
        })
        .collect();
    page.raw("\n");
    cut_table(page, &["Database", "Copy", "Role", "Epoch:LSN", "Rows", "Digest"], rows.into_iter());
}

fn faults(view: &View<'_>, page: &mut MarkdownPage) {
    if view.faults.is_empty() {
        return;
    }
    page.heading("##", "Faults");
    let rows = view.faults.iter().map(|f| {
        let bit = if f.bit { "yes" } else { "no" };
        let times = [&f.id, &f.kind, &f.times, &f.at, &f.last, &f.healed, &f.total, &f.hits].map(Clone::clone);
        times.into_iter().chain([bit.to_owned()]).collect()
    });
    let heads = [
        "Fault",
        "Kind",
        "Times",
        "First began",
        "Last began",
        "Last healed",
        "Total time",
        "Operations hit",
        "Effect",
    ];
    cut_table(page, &heads, rows);
    if view.faults.iter().any(|f| !f.bit) {
        page.raw("\nA fault that had no effect proves nothing.\n");
    }
}

fn events(view: &View<'_>, page: &mut MarkdownPage) {
    let events = view.outcome.timeline().events();
    if events.is_empty() {
        return;
    }
    page.raw("\n<details>\n<summary>").text(&plural(events.len() as u64, "event")).raw("</summary>\n\n");
    let rows = events.iter().map(|e| vec![clock(e.at), e.actor.to_string(), e.name.clone(), e.text.clone()]);
    cut_table(page, &["Clock", "Who", "Event", "What"], rows);
    page.raw("\n</details>\n");
}

fn assumptions(view: &View<'_>, page: &mut MarkdownPage) {
    let assumptions = &view.outcome.assumptions;
    if assumptions.is_empty() {
        return;
    }
    page.heading("##", "Assumptions");
    page.raw("The verdict rests on these numbers.\n\n<details>\n<summary>");
    page.text(&plural(assumptions.len() as u64, "assumption")).raw("</summary>\n\n");
    let rows = assumptions.iter().map(|a| vec![a.path.clone(), a.value.clone(), a.origin.clone(), a.source.clone()]);
    cut_table(page, &["What", "Value", "Set by", "Source"], rows);
    page.raw("\n</details>\n");
}

fn provenance(view: &View<'_>, page: &mut MarkdownPage) {
    let record = &view.outcome.record;
    page.heading("##", "Provenance");
    let row = |what: &str, value: String| vec![what.to_owned(), value];
    let rows = [
        row("firedrill", view.outcome.tool_version.clone()),
        row("Scenario file", view.outcome.file.clone()),
        row("Seed", record.seed.to_string()),
        row("Digest", format!("{} (format {DIGEST_FORMAT})", record.digest)),
        row("Events", count(record.events)),
    ];
    page.table(&["What", "Value"], &rows);
    page.raw("\nThis command repeats exactly this run:\n\n").command(&view.outcome.replay_command());
}

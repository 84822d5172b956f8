//! One run as a page, from the verdict to the provenance.

use super::figures::figure;
use super::page::{HtmlPage, TableCell, column, figures};
use super::service::{service, timeline};
use super::tables::{assumptions, authority, code, copies, cut_table, lost_writes, number, text};
use crate::outcome::{Outcome, Verdict};
use crate::record::DIGEST_FORMAT;
use crate::report::svg::recovery_bars;
use crate::report::text::{count, plural, span};
use crate::report::view::{Advice, Card, LossRow, PropertyRow, View, cards};
use crate::units::Span;

/// The parts of the page that a reader may jump to.
const CONTENTS: &str = "<nav aria-label=\"Contents\"><ul><li><a href=\"#numbers\">Numbers</a></li>\
    <li><a href=\"#timeline\">Timeline</a></li><li><a href=\"#service\">Service</a></li>\
    <li><a href=\"#recovery\">Recovery</a></li><li><a href=\"#ledger\">Loss</a></li>\
    <li><a href=\"#properties\">Properties</a></li><li><a href=\"#faults\">Faults</a></li>\
    <li><a href=\"#assumptions\">Assumptions</a></li><li><a href=\"#provenance\">Provenance</a></li></ul></nav>\n";

/// A page of its own.
pub(super) fn whole(outcome: &Outcome, page: &mut HtmlPage) {
    let view = View::of(outcome);
    page.raw("<header>\n<p class=\"kind\">Rehearsal report</p>\n<h1>").text(&outcome.scenario).raw("</h1>\n");
    page.raw("<p class=\"identity\">").text(&view.identity()).raw("</p>\n</header>\n");
    page.raw("<main id=\"report\">\n");
    let headline = &view.headline;
    banner(page, headline.advice, &headline.cause, &headline.found, &headline.expectation);
    page.raw("<p class=\"caution\">One run with one seed shows what can happen, not how often; ");
    page.raw("<code>--seeds 0..100</code> shows how much depends on chance.</p>\n");
    if !outcome.description.trim().is_empty() {
        page.raw("<p class=\"description\">").text(&outcome.description).raw("</p>\n");
    }
    page.raw(CONTENTS);
    sections(&view, page);
    page.raw("</main>\n");
}

/// Everything below the verdict.
pub(super) fn sections(view: &View<'_>, page: &mut HtmlPage) {
    warnings(view.outcome, page);
    numbers(page, &cards(view.outcome));
    timeline(page, view);
    service(page, view);
    recovery(page, view);
    ledger(page, view);
    properties(page, &view.properties);
    faults(page, view);
    page.raw("<section aria-labelledby=\"assumptions\">\n<h2 id=\"assumptions\">Assumptions</h2>\n");
    page.raw("<p>The verdict is about this model. It is only as good as these numbers.</p>\n");
    assumptions(page, view.outcome);
    page.raw("</section>\n");
    provenance(page, view.outcome);
}

/// The answer: one word, one sentence of cause, what else was found, and apart from that what the scenario expected.
pub(super) fn banner(page: &mut HtmlPage, advice: Advice, cause: &str, found: &[String], expectation: &str) {
    let (class, symbol) = match advice {
        Advice::Go => ("<section class=\"banner go\" aria-labelledby=\"verdict\">", "✔ "),
        Advice::NoGo => ("<section class=\"banner stop\" aria-labelledby=\"verdict\">", "✘ "),
        Advice::Unknown => ("<section class=\"banner odd\" aria-labelledby=\"verdict\">", "? "),
    };
    page.raw(class).raw("\n<h2 id=\"verdict\"><span aria-hidden=\"true\">").raw(symbol).raw("</span>");
    page.text(advice.word()).raw("</h2>\n");
    page.paragraph(&format!("{cause}."));
    if !found.is_empty() {
        page.raw("<p class=\"found\"><strong>And found:</strong> ")
            .text(&format!("{}.", found.join("; ")))
            .raw("</p>\n");
    }
    page.raw("<p class=\"remark\">").text(expectation).raw("</p>\n");
    page.raw("</section>\n");
}

fn warnings(outcome: &Outcome, page: &mut HtmlPage) {
    if outcome.warnings.is_empty() {
        return;
    }
    page.raw("<section class=\"warnings\" aria-labelledby=\"warnings\">\n<h2 id=\"warnings\">");
    page.text(&plural(outcome.warnings.len() as u64, "warning")).raw(" before you trust the verdict</h2>\n<ul>\n");
    for warning in outcome.warnings.iter().take(50) {
        page.raw("<li>").text(warning).raw("</li>\n");
    }
    page.raw("</ul>\n");
    if outcome.warnings.len() > 50 {
        page.paragraph(&format!("{} more are in results.json.", count(outcome.warnings.len() as u64 - 50)));
    }
    page.raw("</section>\n");
}

fn numbers(page: &mut HtmlPage, cards: &[Card]) {
    page.raw("<section aria-labelledby=\"numbers\">\n<h2 id=\"numbers\">Headline numbers</h2>\n<dl class=\"cards\">\n");
    for card in cards {
        page.raw(if card.bad { "<div class=\"card bad\"><dt>" } else { "<div class=\"card\"><dt>" });
        page.text(card.name).raw("</dt><dd><b>").text(&card.value).raw("</b><span>").text(&card.below);
        page.raw("</span></dd></div>\n");
    }
    page.raw("</dl>\n</section>\n");
}

fn recovery(page: &mut HtmlPage, view: &View<'_>) {
    page.raw("<section aria-labelledby=\"recovery\">\n<h2 id=\"recovery\">Recovery time</h2>\n");
    if view.recovery.is_empty() {
        page.raw("<p>No fault took service away from clients, so there was nothing to recover from.</p>\n</section>\n");
        return;
    }
    let note = "From the fault to the start of stable good service, measured on clients: until the first correct \
                alarm, until the decision, until the remediation served its first request, until all were served.";
    figure(page, "Taken apart", note, |size| recovery_bars(view.outcome, size, "rto"));
    let rows = view.recovery.iter().map(|r| {
        let mut row = vec![code(r.fault.clone()), number(r.rto.clone()), number(r.objective.clone())];
        row.extend(r.phases.iter().map(|(_, took)| number(took.clone())));
        row
    });
    let columns = [
        column("Fault"),
        figures("Recovery time"),
        figures("Objective"),
        figures("Detect"),
        figures("Decide"),
        figures("Act"),
        figures("Converge"),
    ];
    cut_table(page, "Recovery from each fault", &columns, rows.collect());
    for r in &view.outcome.recovery {
        let waited = r.consent_acting.saturating_add(r.consent_converging);
        if waited > Span::ZERO {
            let (fault, waited) = (&r.fault, span(waited));
            page.paragraph(&format!("{fault}: {waited} of deciding was waiting for people's approval to continue."));
        }
    }
    page.raw("</section>\n");
}

fn ledger(page: &mut HtmlPage, view: &View<'_>) {
    page.raw("<section aria-labelledby=\"ledger\">\n<h2 id=\"ledger\">Loss ledger</h2>\n");
    if view.loss.is_empty() {
        page.raw("<p>The scenario has no database.</p>\n</section>\n");
        return;
    }
    page.raw(
        "<p>Lost: acknowledged to a client and not in the leading history at the end, whether or not another copy \
         holds it. Visible: no surviving later write covers it, so a reader can notice.</p>\n",
    );
    let row = |l: &LossRow| {
        vec![
            code(l.store.clone()),
            number(l.acked.clone()),
            number(l.lost.clone()),
            number(l.visible.clone()),
            text(if l.any_lost { l.whereabouts.clone() } else { "none".to_owned() }),
            number(l.rpo_before.clone()),
            number(l.rpo_after.clone()),
            text(l.announced.clone()),
        ]
    };
    let columns = [
        column("Database"),
        figures("Acknowledged"),
        figures("Lost"),
        figures("Visible"),
        column("Lost, still held by"),
        figures("RPO before the fault"),
        figures("RPO after it"),
        column("Loss announced beforehand"),
    ];
    cut_table(page, "Writes of each database", &columns, view.loss.iter().map(row).collect());
    let row = |l: &LossRow| {
        let figures = l.unanswered.iter().map(|(_, writes)| number(writes.clone()));
        std::iter::once(code(l.store.clone())).chain(figures).collect()
    };
    let columns = [
        column("Database"),
        figures("Refused"),
        figures("Unknown, never stored"),
        figures("Unknown, stored"),
        figures("Unknown, stored and gone"),
    ];
    cut_table(page, "Writes that were not acknowledged", &columns, view.loss.iter().map(row).collect());
    lost_writes(page, view);
    copies(page, view.outcome);
    authority(page, view.outcome);
    page.raw("</section>\n");
}

/// Class and words of a verdict.
const fn badge(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Pass => ("go", "✔ pass"),
        Verdict::Fail => ("stop", "✘ fail"),
        Verdict::Inconclusive => ("odd", "? inconclusive"),
    }
}

fn properties(page: &mut HtmlPage, properties: &[PropertyRow]) {
    page.raw("<section aria-labelledby=\"properties\">\n<h2 id=\"properties\">Properties</h2>\n");
    page.raw(
        "<p>What the scenario demands. A margin of 0 is exactly on the bound, +1 as far from it as possible, and below \
         0 violated. A property that was never exercised proves nothing and does not pass.</p>\n",
    );
    let row = |p: &PropertyRow| {
        let (class, word) = badge(p.verdict);
        let below = vec![p.demand.clone(), p.why.clone(), p.remark.to_owned()];
        vec![
            TableCell::Named(p.id.clone(), below),
            TableCell::Badge(class, word.to_owned()),
            text(p.bound.clone()),
            text(p.measured.clone()),
            number(p.margin.clone()),
            number(p.moment.clone()),
            number(p.exercised.clone()),
        ]
    };
    let columns = [
        column("Property"),
        column("Verdict"),
        column("Bound"),
        column("Measured"),
        figures("Margin"),
        figures("At"),
        figures("Exercised"),
    ];
    cut_table(page, "Properties and their verdicts", &columns, properties.iter().map(row).collect());
    page.raw("</section>\n");
}

fn faults(page: &mut HtmlPage, view: &View<'_>) {
    page.raw("<section aria-labelledby=\"faults\">\n<h2 id=\"faults\">Faults</h2>\n");
    let idle = view.faults.iter().filter(|f| !f.bit).count() as u64;
    match (view.faults.is_empty(), idle) {
        (true, _) => page.raw("<p>The scenario has no faults: it rehearses a quiet day.</p>\n"),
        (false, 0) => page.raw("<p>Every fault affected something.</p>\n"),
        (false, n) => page
            .raw("<p><strong>")
            .text(&plural(n, "fault"))
            .raw(" had no effect.</strong> It affected no operation, so this run proves nothing about it.</p>\n"),
    };
    let row = |f: &crate::report::view::FaultRow| {
        let (class, bit) = if f.bit { ("plain", "yes") } else { ("odd", "no, proves nothing") };
        vec![
            code(f.id.clone()),
            text(f.kind.clone()),
            number(f.times.clone()),
            number(f.at.clone()),
            number(f.last.clone()),
            number(f.healed.clone()),
            number(f.total.clone()),
            number(f.hits.clone()),
            TableCell::Badge(class, bit.to_owned()),
        ]
    };
    let columns = [
        column("Fault"),
        column("Kind"),
        figures("Times"),
        figures("First began"),
        figures("Last began"),
        figures("Last healed"),
        figures("Total time"),
        figures("Operations hit"),
        column("Effect"),
    ];
    cut_table(page, "Scheduled faults and their effect", &columns, view.faults.iter().map(row).collect());
    page.raw("</section>\n");
}

fn provenance(page: &mut HtmlPage, outcome: &Outcome) {
    let record = &outcome.record;
    page.raw("<section aria-labelledby=\"provenance\">\n<h2 id=\"provenance\">Provenance</h2>\n");
    let settings = if outcome.settings.is_empty() { "none".to_owned() } else { outcome.settings.join(", ") };
    let rows = [
        ("firedrill", outcome.tool_version.clone()),
        ("Scenario file", outcome.file.clone()),
        ("Settings", settings),
        ("Seed", record.seed.to_string()),
        ("Digest", format!("{} (format {DIGEST_FORMAT})", record.digest)),
        ("Events", count(record.events)),
    ];
    let rows: Vec<_> = rows.into_iter().map(|(what, value)| vec![text(what), code(value)]).collect();
    page.table("What was run", &[column("What"), column("Value")], &rows);
    page.raw("<p>This command repeats exactly this run, on any machine:</p>\n<pre><code>");
    page.text(&outcome.replay_command()).raw("</code></pre>\n</section>\n");
}

//! A campaign as a page: the answer over all seeds, how figures spread, then the worst run in full.

use super::figures::figure;
use super::page::{HtmlPage, TableCell, column, figures};
use super::run::{banner, sections};
use super::tables::{code, cut_table, folded, number, text};
use crate::explore::{Campaign, Row};
use crate::outcome::Verdict;
use crate::report::svg::distribution;
use crate::report::text::{count, plural, span};
use crate::report::view::{CampaignView, PropertySummaryRow, View};

const CONTENTS: &str = "<nav aria-label=\"Contents\"><ul><li><a href=\"#spread\">Spread</a></li>\
    <li><a href=\"#over-all\">Properties</a></li><li><a href=\"#seeds\">Seeds</a></li>\
    <li><a href=\"#worst\">Worst run</a></li></ul></nav>\n";

pub(super) fn whole(campaign: &Campaign, page: &mut HtmlPage) {
    let view = CampaignView::of(campaign);
    page.raw("<header>\n<p class=\"kind\">Rehearsal report, ").text(&plural(campaign.rows.len() as u64, "run"));
    page.raw("</p>\n<h1>").text(&view.name).raw("</h1>\n<p class=\"identity\">seeds ").text(&view.seeds);
    page.raw("; ").text(&view.tally).raw("</p>\n</header>\n<main id=\"report\">\n");
    banner(page, view.advice, &view.cause, &[], &view.expectation);
    if !view.bound.is_empty() {
        page.raw("<p class=\"caution\">").text(&view.bound).raw("</p>\n");
    }
    let description = campaign.worst.as_ref().map_or("", |worst| worst.description.trim());
    if !description.is_empty() {
        page.raw("<p class=\"description\">").text(description).raw("</p>\n");
    }
    page.raw(CONTENTS);
    broken(page, &view);
    warnings(page, &view);
    spread(page, &view);
    properties(page, &view.properties);
    seeds(page, campaign);
    worst(page, campaign);
    page.raw("</main>\n");
}

fn broken(page: &mut HtmlPage, view: &CampaignView) {
    if view.broken.is_empty() {
        return;
    }
    page.raw("<section class=\"warnings\" aria-labelledby=\"broken\">\n<h2 id=\"broken\">Internal errors</h2>\n");
    page.raw("<p>These are bugs in firedrill, not verdicts.</p>\n<ul>\n");
    for line in view.broken.iter().take(50) {
        page.raw("<li>").text(line).raw("</li>\n");
    }
    page.raw("</ul>\n</section>\n");
}

fn warnings(page: &mut HtmlPage, view: &CampaignView) {
    if view.warnings.is_empty() {
        return;
    }
    page.raw("<section class=\"warnings\" aria-labelledby=\"over-all-warnings\">\n<h2 id=\"over-all-warnings\">Warnings</h2>\n");
    page.raw("<ul>\n");
    for line in &view.warnings {
        page.raw("<li>").text(line).raw("</li>\n");
    }
    page.raw("</ul>\n</section>\n");
}

fn spread(page: &mut HtmlPage, view: &CampaignView) {
    page.raw("<section aria-labelledby=\"spread\">\n<h2 id=\"spread\">How much depends on chance</h2>\n");
    if view.distributions.is_empty() {
        page.raw("<p>No run had to recover from anything, and none lost a write.</p>\n");
    } else {
        page.raw("<p>One dot is one run; the ring is the worst run, which follows in full.</p>\n");
    }
    for (i, one) in view.distributions.iter().enumerate() {
        figure(page, &one.title, &one.in_words(), |size| distribution(one, size, &format!("spread{i}")));
    }
    page.raw("</section>\n");
}

fn properties(page: &mut HtmlPage, properties: &[PropertySummaryRow]) {
    page.raw("<section aria-labelledby=\"over-all\">\n<h2 id=\"over-all\">Properties over all runs</h2>\n");
    let row = |p: &PropertySummaryRow| {
        let (class, word) = match p.worst_verdict {
            Verdict::Pass => ("go", "✔ held"),
            Verdict::Fail => ("stop", "✘ failed"),
            Verdict::Inconclusive => ("odd", "? unknown"),
        };
        let foreseen = if p.as_expected { "as the scenario expects" } else { "differs from what the scenario expects" };
        let word = if word == "✔ held" && p.as_expected { word.to_owned() } else { format!("{word}, {foreseen}") };
        vec![
            code(p.id.clone()),
            TableCell::Badge(class, word),
            text(p.bound.clone()),
            number(p.pass.clone()),
            number(p.fail.clone()),
            number(p.inconclusive.clone()),
            number(p.not_exercised.clone()),
            text(p.expected.clone()),
            number(p.worst_margin.clone()),
            number(p.worst_seed.clone()),
        ]
    };
    let columns = [
        column("Property"),
        column("Outcome"),
        column("Bound"),
        figures("Pass"),
        figures("Fail"),
        figures("Inconclusive"),
        figures("Not exercised"),
        column("Expected"),
        figures("Smallest margin"),
        figures("At seed"),
    ];
    cut_table(page, "How often each verdict was reached", &columns, properties.iter().map(row).collect());
    page.raw("</section>\n");
}

fn seeds(page: &mut HtmlPage, campaign: &Campaign) {
    page.raw("<section aria-labelledby=\"seeds\">\n<h2 id=\"seeds\">Seeds</h2>\n");
    let columns = [
        figures("Seed"),
        column("Verdict"),
        column("As expected"),
        figures("Recovery time"),
        figures("Lost writes"),
        column("Digest"),
    ];
    let rows = campaign.rows.iter().map(seed).collect();
    let summary = format!("Every run: {}", count(campaign.rows.len() as u64));
    folded(page, &summary, "One row per seed", &columns, rows);
    page.raw("</section>\n");
}

fn seed(row: &Row) -> Vec<TableCell> {
    let seed = number(row.seed.to_string());
    match &row.run {
        Ok(run) => {
            let recovery = run.recovery.iter().map(|(fault, rto)| {
                let rto = rto.map_or_else(|| "not recovered".to_owned(), span);
                if run.recovery.len() > 1 { format!("{fault} {rto}") } else { rto }
            });
            let recovery = recovery.collect::<Vec<_>>().join(", ");
            vec![
                seed,
                text(run.verdict.to_string()),
                text(if run.as_expected { "yes" } else { "no" }),
                number(if recovery.is_empty() { "–".to_owned() } else { recovery }),
                number(count(run.lost)),
                code(run.digest.to_string()),
            ]
        }
        Err(why) => vec![seed, text(format!("internal error: {why}")), text("no"), text("–"), text("–"), text("–")],
    }
}

fn worst(page: &mut HtmlPage, campaign: &Campaign) {
    let Some(worst) = &campaign.worst else { return };
    page.raw("<section aria-labelledby=\"worst\">\n<h2 id=\"worst\">The worst run: seed ");
    page.text(&worst.record.seed.to_string()).raw("</h2>\n");
    page.raw("<p>The run that differed from what is expected, came closest to a bound, or went furthest past one. ");
    page.text(&View::of(worst).headline.sentence()).raw("</p>\n</section>\n");
    sections(&View::of(worst), page);
}

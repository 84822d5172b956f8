//! A campaign as a Markdown page: the counts, then the worst run as a report of its own.

use super::page::MarkdownPage;
use super::run;
use crate::explore::Campaign;
use crate::report::view::{CampaignView, View, quantile_names};

pub(super) fn render(campaign: &Campaign) -> Vec<u8> {
    let view = CampaignView::of(campaign);
    let mut page = MarkdownPage::default();
    page.raw("# ")
        .text(&view.name)
        .raw(": seeds ")
        .text(&view.seeds)
        .raw("\n\n**")
        .text(view.advice.word())
        .raw(":** ");
    page.paragraph(&format!("{}.", view.cause)).paragraph(&view.expectation).paragraph(&format!("{}.", view.tally));
    if !view.bound.is_empty() {
        page.paragraph(&view.bound);
    }
    page.heading("##", "Properties over all runs");
    let properties: Vec<_> = view
        .properties
        .iter()
        .map(|p| {
            let counts = [&p.pass, &p.fail, &p.inconclusive, &p.not_exercised];
            let others = [&p.worst_margin, &p.worst_seed, &p.expected];
            [&p.id, &p.bound].into_iter().chain(counts).chain(others).cloned().collect()
        })
        .collect();
    page.table(
        &["Property", "Bound", "Pass", "Fail", "Inconclusive", "Not exercised", "Worst margin", "At seed", "Expected"],
        &properties,
    );
    likely(&view, &mut page);
    if !view.recovery.is_empty() {
        page.heading("##", "Recovery time over all runs");
        let recovery: Vec<_> = view
            .recovery
            .iter()
            .map(|r| [&r.fault, &r.recovered, &r.censored, &r.min, &r.median, &r.max].map(Clone::clone).to_vec())
            .collect();
        page.table(&["Fault", "Recovered", "Not recovered", "Min", "Median", "Max"], &recovery);
    }
    if !view.warnings.is_empty() {
        page.heading("##", "Warnings");
        let warnings: Vec<_> = view.warnings.iter().map(|warning| vec![warning.clone()]).collect();
        page.table(&["Warning"], &warnings);
    }
    if !view.broken.is_empty() {
        page.heading("##", "Internal errors");
        page.raw("These are bugs in firedrill, not verdicts.\n\n");
        let broken: Vec<_> = view.broken.iter().take(100).map(|b| vec![b.clone()]).collect();
        page.table(&["Run"], &broken);
    }
    if let Some(worst) = &campaign.worst {
        page.raw("\n---\n\nThe worst run follows in full.\n\n");
        run::whole(&View::of(worst), &mut page);
    }
    page.into_bytes()
}

/// How surely each property holds, and how what was measured spreads.
fn likely(view: &CampaignView, page: &mut MarkdownPage) {
    if !view.likelihoods.is_empty() {
        page.heading("##", "How surely");
        let row = |r: &crate::report::view::LikelihoodRow| {
            [&r.id, &r.held, &r.share, &r.interval, &r.claim, &r.seeds].map(Clone::clone).to_vec()
        };
        let rows: Vec<_> = view.likelihoods.iter().map(row).collect();
        page.table(&["Property", "Held in", "Share", &view.interval, "Claim", "Did not hold with seeds"], &rows);
    }
    if !view.quantiles.is_empty() {
        page.heading("##", "What was measured");
        let heads: Vec<&str> =
            ["Property"].into_iter().chain(quantile_names()).chain(["Worst", "Beyond the run"]).collect();
        let row = |r: &crate::report::view::QuantileRow| {
            let told = [r.id.clone()].into_iter().chain(r.told_in_line());
            told.chain([r.worst_in_line(), r.beyond.clone()]).collect()
        };
        page.table(&heads, &view.quantiles.iter().map(row).collect::<Vec<_>>());
        page.paragraph("In brackets: bounds of the quantile with 95% confidence, whatever the distribution.");
    }
}

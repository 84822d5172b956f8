//! A campaign on a terminal: the counts, then how to look at the worst run.

use super::canvas::{Paint, Piece, TextCanvas};
use super::{paint, run};
use crate::explore::Campaign;
use crate::outcome::Verdict;
use crate::report::view::{
    CampaignView, LikelihoodRow, PropertySummaryRow, QuantileRow, RecoverySummaryRow, View, quantile_names,
};
use crate::report::{Detail, Look};

/// The most broken runs that are named; `results.json` has them all.
const MOST_BROKEN: usize = 10;

pub(super) fn render(campaign: &Campaign, look: Look) -> Vec<u8> {
    let view = CampaignView::of(campaign);
    let mut canvas = TextCanvas::new(look);
    if look.detail == Detail::Line {
        let said = [&view.cause, &view.tally].map(String::as_str).join("; ");
        let text = format!(": {}, seeds {}: {said}. {}", view.name, view.seeds, view.expectation);
        let tone = paint(view.verdict, view.as_expected);
        canvas.unwrapped(0, &[(tone, view.advice.word().to_owned()), (Paint::Plain, text)]);
        for warning in &view.warnings {
            canvas.unwrapped(2, &[(Paint::Plain, format!("warning: {warning}"))]);
        }
        return canvas.into_bytes();
    }
    canvas.paragraph(0, &[(Paint::Strong, view.name.clone())]);
    canvas.paragraph(0, &[(Paint::Dim, format!("seeds {}", view.seeds))]);
    let tone = paint(view.verdict, view.as_expected);
    canvas.paragraph(0, &[(tone, format!("{}:", view.advice.word())), text(format!("{}.", view.cause))]);
    canvas.paragraph(0, &[text(&view.expectation), text(&view.bound)]);
    canvas.paragraph(0, &[dim(&format!("{}.", view.tally))]);
    properties(&view.properties, &mut canvas);
    likelihoods(&view.likelihoods, &view.interval, &mut canvas);
    quantiles(&view.quantiles, &mut canvas);
    recovery(&view.recovery, &mut canvas);
    broken(&view.broken, &mut canvas);
    warnings(&view.warnings, &mut canvas);
    if let Some(worst) = &campaign.worst {
        canvas.heading("Worst run");
        if look.detail == Detail::Full {
            run::whole(&View::of(worst), look.detail, &mut canvas);
        } else {
            canvas.paragraph(2, &[text(View::of(worst).headline.sentence())]);
            canvas.unwrapped(2, &[text(worst.replay_command())]);
        }
    }
    canvas.into_bytes()
}

fn text(text: impl Into<String>) -> Piece {
    (Paint::Plain, text.into())
}

fn dim(text: &str) -> Piece {
    (Paint::Dim, text.to_owned())
}

fn properties(rows: &[PropertySummaryRow], canvas: &mut TextCanvas) {
    canvas.heading("Properties");
    let heads =
        ["property", "bound", "pass", "fail", "inconclusive", "not exercised", "worst margin", "at seed", "expected"];
    let mut table = vec![heads.map(dim).to_vec()];
    table.extend(rows.iter().map(|p| {
        let tone = if p.as_expected { Paint::Good } else { Paint::Bad };
        let counts = [&p.pass, &p.fail, &p.inconclusive, &p.not_exercised, &p.worst_margin, &p.worst_seed].map(text);
        let mut row = vec![text(&p.id), text(&p.bound)];
        row.extend(counts);
        row.push((tone, p.expected.clone()));
        row
    }));
    canvas.table(2, &table);
}

fn likelihoods(rows: &[LikelihoodRow], interval: &str, canvas: &mut TextCanvas) {
    if rows.is_empty() {
        return;
    }
    canvas.heading("How surely");
    let heads = ["property", "held in", "share", interval, "claim", "did not hold with seeds"];
    let mut table = vec![heads.map(dim).to_vec()];
    table.extend(rows.iter().map(|row| {
        let tone = match row.verdict {
            Some(Verdict::Pass) => Paint::Good,
            Some(_) => Paint::Bad,
            None => Paint::Plain,
        };
        let claim = if row.claim.is_empty() { "–".to_owned() } else { row.claim.clone() };
        vec![text(&row.id), text(&row.held), text(&row.share), text(&row.interval), (tone, claim), text(&row.seeds)]
    }));
    canvas.table(2, &table);
}

fn quantiles(rows: &[QuantileRow], canvas: &mut TextCanvas) {
    if rows.is_empty() {
        return;
    }
    canvas.heading("What was measured (in brackets: 95% bounds, whatever the distribution)");
    for row in rows {
        let told: Vec<String> =
            quantile_names().iter().zip(row.told_in_line()).map(|(name, told)| format!("{name} {told}")).collect();
        let spread = match row.constant {
            true => format!("{} in every run", row.worst_in_line()),
            false => format!("{}, worst {}", told.join(", "), row.worst_in_line()),
        };
        let beyond = match row.beyond.as_str() {
            "0" => String::new(),
            runs => format!("; beyond the run in {runs}"),
        };
        canvas.paragraph(2, &[(Paint::Strong, format!("{}:", row.id)), text(format!("{spread}{beyond}"))]);
    }
}

fn recovery(rows: &[RecoverySummaryRow], canvas: &mut TextCanvas) {
    if rows.is_empty() {
        return;
    }
    canvas.heading("Recovery");
    let heads = ["fault", "recovered", "not recovered", "min", "median", "max"];
    let mut table = vec![heads.map(dim).to_vec()];
    table.extend(
        rows.iter().map(|r| [&r.fault, &r.recovered, &r.censored, &r.min, &r.median, &r.max].map(text).to_vec()),
    );
    canvas.table(2, &table);
}

fn warnings(rows: &[String], canvas: &mut TextCanvas) {
    if rows.is_empty() {
        return;
    }
    canvas.heading("Warnings");
    for row in rows {
        canvas.paragraph(2, &[(Paint::Bad, row.clone())]);
    }
}

fn broken(rows: &[String], canvas: &mut TextCanvas) {
    if rows.is_empty() {
        return;
    }
    canvas.heading("Internal errors: these are bugs in firedrill, not verdicts");
    for row in rows.iter().take(MOST_BROKEN) {
        canvas.paragraph(2, &[(Paint::Bad, row.clone())]);
    }
    if rows.len() > MOST_BROKEN {
        canvas.paragraph(2, &[dim(&format!("… and {} more", rows.len() - MOST_BROKEN))]);
    }
}

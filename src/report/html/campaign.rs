//! A campaign as a page: the answer over all seeds, how figures spread, then the worst run in full.

use super::board::choice;
use super::figures::figure;
use super::page::{badge, code, details, items, said, section, text, warning};
use super::run::{banner, contents, description, sections};
use super::table::Table;
use crate::explore::{Campaign, Row, RunRow};
use crate::outcome::{Outcome, Verdict};
use crate::report::svg::distribution;
use crate::report::text::{count, plural, span};
use crate::report::view::{CampaignView, LikelihoodRow, PropertySummaryRow, QuantileRow, Spread, View, quantile_names};
use maud::{Markup, html};

const CONTENTS: [(&str, &str); 5] = [
    ("likely", "How surely"),
    ("spread", "Spread"),
    ("over-all", "Properties"),
    ("seeds", "Seeds"),
    ("worst", "Worst run"),
];

pub(super) fn whole(campaign: &Campaign) -> Markup {
    let view = CampaignView::of(campaign);
    let broken = html! {
        p { "These are bugs in firedrill, not verdicts." } "\n"
        ul { "\n" (items(view.broken.iter().take(50))) } "\n"
    };
    html! {
        header { "\n"
            p.kind { "Rehearsal report, " (plural(campaign.rows.len() as u64, "run")) } "\n"
            h1 { (said(&view.name)) } "\n"
            p.identity { "seeds " (said(&view.seeds)) "; " (said(&view.tally)) } "\n"
        } "\n"
        main #report { "\n"
            (banner(view.advice, &view.cause, &[], &view.expectation))
            @if !view.bound.is_empty() { p.caution { (said(&view.bound)) } "\n" }
            (description(campaign.worst.as_ref().map_or("", |worst| worst.description.trim())))
            (contents(&CONTENTS))
            (choice("without the list of seeds and most of the worst run"))
            @if !view.broken.is_empty() { (warning("broken", "Internal errors", broken)) }
            @if !view.warnings.is_empty() {
                (warning("over-all-warnings", "Warnings", html! { ul { "\n" (items(&view.warnings)) } "\n" }))
            }
            (section("likely", "How surely", likely(&view)))
            (section("spread", "How much depends on chance", spread(&view.distributions)))
            (section("over-all", "Properties over all runs", properties(&view.properties)))
            (section("seeds", "Seeds", seeds(&campaign.rows)))
            @if let Some(run) = &campaign.worst { (worst(run)) }
        } "\n"
    }
}

fn spread(distributions: &[Spread]) -> Markup {
    html! {
        p {
            @if distributions.is_empty() { "No run had to recover from anything, and none lost a write." }
            @else { "One dot is one run; the ring is the worst run, which follows in full." }
        } "\n"
        @for (i, one) in distributions.iter().enumerate() {
            @let draw = |size| distribution(one, size, &format!("spread{i}"));
            (figure(&one.title, &one.in_words(), draw, Markup::default()))
        }
    }
}

fn likely(view: &CampaignView) -> Markup {
    let claim = |p: &LikelihoodRow| match p.verdict {
        Some(Verdict::Pass) => badge("go", &p.claim),
        Some(Verdict::Fail) => badge("stop", &p.claim),
        Some(Verdict::Inconclusive) => badge("odd", &p.claim),
        None => text("–"),
    };
    let shares = Table::of(&view.likelihoods, "In how many of the runs that exercised it each property held")
        .column("Property", |p| code(&p.id))
        .figures("Held in", |p| text(&p.held))
        .figures("Share", |p| text(&p.share))
        .figures(&view.interval, |p| text(&p.interval))
        .column("Claim", claim)
        .column("Did not hold with seeds", |p| text(&p.seeds));
    html! {
        @if view.likelihoods.is_empty() { p { "No run exercised a property." } "\n" }
        @else { (shares.shown()) }
        @if !view.quantiles.is_empty() { (quantiles(&view.quantiles)) }
    }
}

fn quantiles(rows: &[QuantileRow]) -> Markup {
    let caption = "What was measured, the worst last; below each the bounds of the quantile with 95% confidence";
    let mut table = Table::of(rows, caption).column("Property", |r| code(&r.id));
    for (i, name) in quantile_names().into_iter().enumerate() {
        table = table.figures(name, move |r: &QuantileRow| with_below(&r.told[i][0], &r.told[i][1]));
    }
    let table =
        table.figures("Worst", |r| with_below(&r.worst, &r.worst_seed)).figures("Beyond the run", |r| text(&r.beyond));
    let differing = rows.iter().filter(|r| !r.constant);
    html! {
        (table.shown())
        (details("To repeat the worst run of each property", html! {
            ul { "\n" @for r in differing { li { (code(&r.id)) ": " (code(&r.replay)) } "\n" } } "\n"
        }))
    }
}

/// In a cell: a figure, and smaller text below it.
fn with_below(value: &str, below: &str) -> Markup {
    html! { (text(value)) @if !below.is_empty() { span.below { (said(below)) } } }
}

fn outcome(p: &PropertySummaryRow) -> Markup {
    let (class, word) = match p.worst_verdict {
        Verdict::Pass if p.as_expected => return badge("go", "✔ held"),
        Verdict::Pass => ("go", "✔ held"),
        Verdict::Fail => ("stop", "✘ failed"),
        Verdict::Inconclusive => ("odd", "? unknown"),
    };
    let foreseen = if p.as_expected { "as the scenario expects" } else { "differs from what the scenario expects" };
    badge(class, &format!("{word}, {foreseen}"))
}

fn properties(properties: &[PropertySummaryRow]) -> Markup {
    let table = Table::of(properties, "How often each verdict was reached")
        .column("Property", |p| code(&p.id))
        .column("Outcome", outcome)
        .column("Bound", |p| text(&p.bound))
        .figures("Pass", |p| text(&p.pass))
        .figures("Fail", |p| text(&p.fail))
        .figures("Inconclusive", |p| text(&p.inconclusive))
        .figures("Not exercised", |p| text(&p.not_exercised))
        .column("Expected", |p| text(&p.expected))
        .figures("Smallest margin", |p| text(&p.worst_margin))
        .figures("At seed", |p| text(&p.worst_seed));
    table.shown()
}

fn seeds(rows: &[Row]) -> Markup {
    let of_run = |row: &Row, cell: fn(&RunRow) -> Markup| row.run.as_ref().map_or_else(|_| text("–"), cell);
    let verdict = |row: &Row| match &row.run {
        Ok(run) => text(run.verdict),
        Err(why) => text(format!("internal error: {why}")),
    };
    let as_expected = |row: &Row| row.run.as_ref().is_ok_and(|run| run.as_expected);
    let table = Table::of(rows, "One row per seed")
        .figures("Seed", |row| text(row.seed))
        .column("Verdict", verdict)
        .column("As expected", |row| text(if as_expected(row) { "yes" } else { "no" }))
        .figures("Recovery time", |row| of_run(row, recovery))
        .figures("Lost writes", |row| of_run(row, |run| text(count(run.lost))))
        .column("Digest", |row| of_run(row, |run| code(run.digest)));
    table.folded(&format!("Every run: {}", count(rows.len() as u64)))
}

fn recovery(run: &RunRow) -> Markup {
    let times = run.recovery.iter().map(|(fault, rto)| {
        let rto = rto.map_or_else(|| "not recovered".to_owned(), span);
        if run.recovery.len() > 1 { format!("{fault} {rto}") } else { rto }
    });
    let times = times.collect::<Vec<_>>().join(", ");
    text(if times.is_empty() { "–" } else { &times })
}

fn worst(run: &Outcome) -> Markup {
    let view = View::of(run);
    let body = html! {
        p {
            "The run that differed from what is expected, came closest to a bound, or went furthest past one. "
            (said(view.headline.sentence()))
        } "\n"
    };
    html! { (section("worst", &format!("The worst run: seed {}", run.record.seed), body)) (sections(&view)) }
}

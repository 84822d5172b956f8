//! Two plans beside each other, as a page.

use super::figures::figure;
use super::page::{badge, code, items, paragraph, said, section, text};
use super::table::Table;
use crate::report::svg::pairs;
use crate::report::text::{count, plural};
use crate::report::view::{ComparisonView, DifferenceRow, FailuresRow, Pairs};
use maud::{Markup, html};
use std::cmp::Ordering;

pub(super) fn whole(view: &ComparisonView) -> Markup {
    let [first, second] = &view.names;
    let class = match view.word {
        "WORSE" => "stop",
        "NOT WORSE" => "go",
        _ => "odd",
    };
    html! {
        header { "\n"
            p.kind { "Two rehearsals compared" } "\n"
            h1 { (said(&view.scenarios[1])) } "\n"
            p.identity { (said(second)) ", compared with " (said(first)) } "\n"
        } "\n"
        main #report { "\n"
            section.banner.(class) aria-labelledby="verdict" { "\n"
                h2 #verdict { (view.word) } "\n"
                (paragraph(format!("{}.", view.cause)))
            } "\n"
            @if !view.notes.is_empty() { ul.caution { "\n" (items(&view.notes)) } "\n" }
            (section("settings", "Settings that differ", settings(view)))
            (section("failures", "Failures, seed by seed", failures(&view.properties)))
            (section("figures", "Figures, seed by seed", figures(&view.figures)))
            @if !view.pairs.is_empty() { (section("beside", "Side by side", beside(&view.pairs))) }
        } "\n"
    }
}

fn settings(view: &ComparisonView) -> Markup {
    if view.settings.is_empty() {
        return html! { p { "None: the two are the same plan." } "\n" };
    }
    let table = Table::of(&view.settings, "Value in the first, value in the second")
        .column("Setting", |row: &[String; 3]| code(&row[0]))
        .column("First", |row| text(&row[1]))
        .column("Second", |row| text(&row[2]));
    html! {
        (table.shown())
        @if view.more_settings > 0 { (paragraph(format!("{} more differ.", view.more_settings))) }
    }
}

fn failures(rows: &[FailuresRow]) -> Markup {
    let change = |row: &FailuresRow| match (row.worse, row.better) {
        (true, _) => badge("stop", &format!("✘ {}", row.change)),
        (_, true) => badge("go", &format!("✔ {}", row.change)),
        _ => text(row.change),
    };
    Table::of(rows, "In how many of the seeds that exercised it in both each property failed")
        .column("Property", |row| code(&row.id))
        .figures("First", |row| text(&row.failed[0]))
        .figures("Second", |row| text(&row.failed[1]))
        .column("Change", change)
        .column("Only the second fails with seeds", |row| text(&row.newly))
        .column("Only the first", |row| text(&row.no_longer))
        .shown()
}

fn figures(rows: &[DifferenceRow]) -> Markup {
    let difference = |row: &DifferenceRow| match row.direction {
        Ordering::Greater => badge("stop", &row.difference),
        Ordering::Less => badge("go", &row.difference),
        Ordering::Equal => text(&row.difference),
    };
    Table::of(rows, "Medians, and the median of the differences with its 95% bounds, whatever the distribution")
        .column("Figure", |row| text(&row.name))
        .figures("First", |row| text(&row.medians[0]))
        .figures("Second", |row| text(&row.medians[1]))
        .column("Difference", difference)
        .column("Seeds in which the second is lower / equal / higher", |row| text(&row.seeds))
        .shown()
}

/// The same seeds under both plans.
fn beside(all: &[Pairs]) -> Markup {
    let note = |pairs: &Pairs| {
        let more = match pairs.lines().1 as u64 {
            0 => String::new(),
            n => format!(" Of {}, {} are left out.", plural(pairs.values.len() as u64, "seed"), count(n)),
        };
        format!(
            "A line is one seed, which met the same load and the same faults under both: dashed where the second is higher. \
             Dot: the median, with what encloses the true one. Short stroke: the 90th percentile. Ring: the worst. Tall stroke: the objective.{more}"
        )
    };
    html! {
        @for (i, one) in all.iter().enumerate() {
            (figure(&one.plans.title, &note(one), |size| pairs(one, size, &format!("pairs{i}")), Markup::default()))
        }
    }
}

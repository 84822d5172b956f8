//! One run as a page, from the verdict to the provenance.

use super::board::{MOST_PROPERTIES, MOST_WARNINGS, board, choice, more_on_page};
use super::figures::figure;
use super::page::{badge, code, items, named, paragraph, said, section, text, warning};
use super::service::{service, timeline};
use super::table::Table;
use super::tables::{assumptions, authority, copies, dual_write, lost_writes, reconciled};
use crate::outcome::{Outcome, Verdict};
use crate::record::DIGEST_FORMAT;
use crate::report::svg::recovery_bars;
use crate::report::text::{count, plural, span};
use crate::report::view::{Advice, Card, FaultRow, PropertyRow, View, cards};
use crate::units::Span;
use maud::{Markup, html};

/// The parts of the page that a reader may jump to.
pub(super) const CONTENTS: [(&str, &str); 9] = [
    ("numbers", "Numbers"),
    ("timeline", "Timeline"),
    ("service", "Service"),
    ("recovery", "Recovery"),
    ("ledger", "Loss"),
    ("properties", "Properties"),
    ("faults", "Faults"),
    ("assumptions", "Assumptions"),
    ("provenance", "Provenance"),
];

/// A page of its own.
pub(super) fn whole(outcome: &Outcome) -> Markup {
    let view = View::of(outcome);
    let headline = &view.headline;
    html! {
        header { "\n"
            p.kind { "Rehearsal report" } "\n"
            h1 { (said(&outcome.scenario)) } "\n"
            p.identity { (said(view.identity())) } "\n"
        } "\n"
        main #report { "\n"
            (banner(headline.advice, &headline.cause, &headline.found, &headline.expectation))
            p.caution {
                "One run with one seed shows what can happen, not how often; "
                code { "--seeds 0..100" } " shows how much depends on chance."
            } "\n"
            (description(&outcome.description))
            (contents(&CONTENTS))
            (choice("two pages for a board"))
            (sections(&view))
        } "\n"
    }
}

pub(super) fn description(text: &str) -> Markup {
    html! { @if !text.trim().is_empty() { p.description { (said(text)) } "\n" } }
}

pub(super) fn contents(parts: &[(&str, &str)]) -> Markup {
    html! {
        nav aria-label="Contents" { ul { @for (id, name) in parts { li { a href={ "#" (id) } { (name) } } } } } "\n"
    }
}

/// Everything below the verdict.
pub(super) fn sections(view: &View<'_>) -> Markup {
    html! {
        (warnings(&view.outcome.warnings))
        (numbers(&cards(view.outcome)))
        (board(view))
        (timeline(view))
        (service(view))
        (section("recovery", "Recovery time", recovery(view)))
        (section("ledger", "Loss ledger", ledger(view)))
        (section("properties", "Properties", properties(&view.properties)))
        (section("faults", "Faults", faults(&view.faults)))
        (section("assumptions", "Assumptions", html! {
            p { "The verdict is about this model. It is only as good as these numbers." } "\n"
            (assumptions(view.outcome))
        }))
        (section("provenance", "Provenance", provenance(view.outcome)))
    }
}

/// The answer: one word, one sentence of cause, what else was found, and apart from that what the scenario expected.
pub(super) fn banner(advice: Advice, cause: &str, found: &[String], expectation: &str) -> Markup {
    let (class, symbol) = match advice {
        Advice::Go => ("go", "✔ "),
        Advice::NoGo => ("stop", "✘ "),
        Advice::Unknown => ("odd", "? "),
    };
    html! {
        section.banner.(class) aria-labelledby="verdict" { "\n"
            h2 #verdict { span aria-hidden="true" { (symbol) } (advice.word()) } "\n"
            (paragraph(format!("{cause}.")))
            @if !found.is_empty() {
                p.found { strong { "And found:" } " " (said(format!("{}.", found.join("; ")))) } "\n"
            }
            p.remark { (said(expectation)) } "\n"
        } "\n"
    }
}

fn warnings(warnings: &[String]) -> Markup {
    if warnings.is_empty() {
        return Markup::default();
    }
    let heading = format!("{} before you trust the verdict", plural(warnings.len() as u64, "warning"));
    let (shown, more) = warnings.split_at(warnings.len().min(50));
    let body = html! {
        ul { "\n" (items(shown)) } "\n"
        (more_on_page(warnings.len(), MOST_WARNINGS))
        @if !more.is_empty() { (paragraph(format!("{} more are in results.json.", count(more.len() as u64)))) }
    };
    warning("warnings", &heading, body)
}

fn numbers(cards: &[Card]) -> Markup {
    section("numbers", "Headline numbers", numbers_of(cards))
}

pub(super) fn numbers_of(cards: &[Card]) -> Markup {
    html! {
        dl.cards { "\n"
            @for Card { name, value, below, bad } in cards {
                div.card.bad[*bad] { dt { (said(name)) } dd { b { (said(value)) } span { (said(below)) } } } "\n"
            }
        } "\n"
    }
}

fn recovery(view: &View<'_>) -> Markup {
    if view.recovery.is_empty() {
        return html! { p { "No fault took service away from clients, so there was nothing to recover from." } "\n" };
    }
    let note = "From the fault to the start of stable good service, measured on clients: until the first correct \
                alarm, until the decision, until the remediation served its first request, until all were served.";
    let table = Table::of(&view.recovery, "Recovery from each fault")
        .column("Fault", |r| code(&r.fault))
        .figures("Recovery time", |r| text(&r.rto))
        .figures("Objective", |r| text(&r.objective))
        .figures("Detect", |r| text(&r.phases[0].1))
        .figures("Decide", |r| text(&r.phases[1].1))
        .figures("Act", |r| text(&r.phases[2].1))
        .figures("Converge", |r| text(&r.phases[3].1));
    let waits = view.outcome.recovery.iter().map(|r| (&r.fault, r.consent_acting.saturating_add(r.consent_converging)));
    html! {
        (figure("Taken apart", note, |size| recovery_bars(view.outcome, size, "rto"), Markup::default()))
        (table.shown())
        @for (fault, waited) in waits.filter(|(_, waited)| *waited > Span::ZERO) {
            @let waited = span(waited);
            (paragraph(format!("{fault}: {waited} of deciding was waiting for people's approval to continue.")))
        }
    }
}

fn ledger(view: &View<'_>) -> Markup {
    if view.loss.is_empty() {
        return html! { p { "The scenario has no database." } "\n" };
    }
    let writes = Table::of(&view.loss, "Writes of each database")
        .column("Database", |l| code(&l.store))
        .figures("Acknowledged", |l| text(&l.acked))
        .figures("Lost", |l| text(&l.lost))
        .figures("Visible", |l| text(&l.visible))
        .column("Lost, still held by", |l| text(if l.any_lost { &l.whereabouts } else { "none" }))
        .figures("RPO before the fault", |l| text(&l.rpo_before))
        .figures("RPO after it", |l| text(&l.rpo_after))
        .column("Loss announced beforehand", |l| text(&l.announced));
    let unanswered = Table::of(&view.loss, "Writes that were not acknowledged")
        .column("Database", |l| code(&l.store))
        .figures("Refused", |l| text(&l.unanswered[0].1))
        .figures("Unknown, never stored", |l| text(&l.unanswered[1].1))
        .figures("Unknown, stored", |l| text(&l.unanswered[2].1))
        .figures("Unknown, stored and gone", |l| text(&l.unanswered[3].1));
    html! {
        p {
            "Lost: acknowledged to a client and not in the leading history at the end, whether or not another copy "
            "holds it. Visible: no surviving later write covers it, so a reader can notice."
        } "\n"
        (writes.shown())
        (unanswered.shown())
        (lost_writes(view))
        (dual_write(view.outcome))
        (reconciled(view.outcome))
        (copies(view.outcome))
        (authority(view.outcome))
    }
}

/// Class and words of a verdict.
const fn judged(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Pass => ("go", "✔ pass"),
        Verdict::Fail => ("stop", "✘ fail"),
        Verdict::Inconclusive => ("odd", "? inconclusive"),
    }
}

fn properties(properties: &[PropertyRow]) -> Markup {
    let verdict = |p: &PropertyRow| {
        let (class, words) = judged(p.verdict);
        badge(class, words)
    };
    let table = Table::of(properties, "Properties and their verdicts")
        .names("Property", |p| named(&p.id, &[&p.demand, &p.why, p.remark]))
        .column("Verdict", verdict)
        .column("Bound", |p| text(&p.bound))
        .column("Measured", |p| text(&p.measured))
        .figures("Margin", |p| text(&p.margin))
        .figures("At", |p| text(&p.moment))
        .figures("Exercised", |p| text(&p.exercised));
    html! {
        p {
            "What the scenario demands. A margin of 0 is exactly on the bound, +1 as far from it as possible, and below "
            "0 violated. A property that was never exercised proves nothing and does not pass."
        } "\n"
        (table.shown())
        (more_on_page(properties.len(), MOST_PROPERTIES))
    }
}

fn faults(faults: &[FaultRow]) -> Markup {
    let idle = faults.iter().filter(|f| !f.bit).count() as u64;
    let effect = |f: &FaultRow| if f.bit { badge("plain", "yes") } else { badge("odd", "no, proves nothing") };
    let table = Table::of(faults, "Scheduled faults and their effect")
        .column("Fault", |f| code(&f.id))
        .column("Kind", |f| text(&f.kind))
        .figures("Times", |f| text(&f.times))
        .figures("First began", |f| text(&f.at))
        .figures("Last began", |f| text(&f.last))
        .figures("Last healed", |f| text(&f.healed))
        .figures("Total time", |f| text(&f.total))
        .figures("Operations hit", |f| text(&f.hits))
        .column("Effect", effect);
    html! {
        p {
            @if faults.is_empty() { "The scenario has no faults: it rehearses a quiet day." }
            @else if idle == 0 { "Every fault affected something." }
            @else {
                strong { (plural(idle, "fault")) " had no effect." }
                " It affected no operation, so this run proves nothing about it."
            }
        } "\n"
        (table.shown())
    }
}

fn provenance(outcome: &Outcome) -> Markup {
    let record = &outcome.record;
    let rows = [
        ("firedrill", outcome.tool_version.clone()),
        ("Scenario file", outcome.file.clone()),
        ("Settings", if outcome.settings.is_empty() { "none".to_owned() } else { outcome.settings.join(", ") }),
        ("Seed", record.seed.to_string()),
        ("Digest", format!("{} (format {DIGEST_FORMAT})", record.digest)),
        ("Events", count(record.events)),
    ];
    let table =
        Table::of(&rows, "What was run").column("What", |(what, _)| text(what)).column("Value", |(_, it)| code(it));
    html! {
        (table.shown())
        p { "This command repeats exactly this run, on any machine:" } "\n"
        pre { code { (said(outcome.replay_command())) } } "\n"
    }
}

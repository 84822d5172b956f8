//! How the service behaved over time: the swim lanes and the signals, whole and near the incidents.

use super::figures::{chart, figure};
use super::page::{code, details, items, paragraph, section, text};
use super::table::Table;
use super::tables::{decisions, events, laps, moments};
use crate::record::ClassLatency;
use crate::report::svg::{swim_lanes, time_chart};
use crate::report::text::{clock, count, plural, span};
use crate::report::view::{View, charts, incidents, procedure_runs, whole};
use maud::{Markup, html};

/// What the lanes mean, for those who see the picture.
const KEY: &str = "Red: a fault, or most requests are not served. Half-height amber: more than 1% of requests are not served, or no copy \
                   of a database accepts writes. Dashed outline: the budget of a step. Framed amber or red step: over \
                   its budget, undone or failed. Diamond: an event; point at it to read it.";

/// Who did what when.
pub(super) fn timeline(view: &View<'_>) -> Markup {
    let outcome = view.outcome;
    let focus = incidents(outcome);
    let lanes = |title: &str, note, window, id: &str| {
        figure(title, note, |size| swim_lanes(outcome, window, size, id), Markup::default())
    };
    let whole_run = |note| lanes("The whole run", note, whole(outcome), "lanes");
    let runs = procedure_runs(&outcome.record.laps);
    let body = html! {
        @for (i, window) in focus.shown.iter().enumerate() {
            @let title = format!("Around the incident, {} to {}", clock(window.from), clock(window.to));
            div data-window=(i) { "\n" (lanes(&title, KEY, *window, &format!("lanes{i}"))) } "\n"
        }
        @if focus.left_out > 0 {
            @let more = plural(focus.left_out as u64, "more incident");
            (paragraph(format!("{more} are visible in the charts of the whole run.")))
        }
        div data-window=(focus.shown.len()) { "\n"
            @if focus.shown.is_empty() { (whole_run(KEY)) }
            @else { (details("The timeline of the whole run", whole_run(""))) }
        } "\n"
        // Each run of a procedure against what its steps were allowed together.
        @if !runs.is_empty() { ul.runs { "\n" (items(&runs)) } "\n" }
        (decisions(view))
        (moments(view))
        (laps(view))
        (events(outcome))
    };
    section("timeline", "Timeline", body)
}

/// How long answers took, of all that there were.
fn latencies(classes: &[ClassLatency]) -> Markup {
    let table = Table::of(classes, "How long answers took over the whole run, by class of requests")
        .column("Class", |l| code(&l.class))
        .figures("Answered", |l| text(count(l.answered)))
        .figures("Median", |l| text(span(l.p50)))
        .figures("95th percentile", |l| text(span(l.p95)))
        .figures("99th percentile", |l| text(span(l.p99)))
        .figures("Longest", |l| text(span(l.max)));
    table.shown()
}

/// Signals over time.
pub(super) fn service(view: &View<'_>) -> Markup {
    let outcome = view.outcome;
    let found = charts(outcome);
    if found.is_empty() {
        return Markup::default();
    }
    let all = |window, id: &str| {
        let one =
            |one| chart(one, window, |size| time_chart(one, outcome, window, size, &format!("{id}-{}", one.slug)));
        html! { div.charts { "\n" @for chart in &found { (one(chart)) } } "\n" }
    };
    let focus = incidents(outcome).shown;
    let body = html! {
        p {
            "A line is the mean of each interval, and its shadow spans the lowest to the highest second. Red bands are "
            "faults; recovered means that requests started from then on were answered, if late. The complete signals are "
            "in " code { "series/" } "."
        } "\n"
        @for (i, window) in focus.iter().enumerate() {
            div data-window=(i) { "\n"
                h3.part { (format!("From {} to {}", clock(window.from), clock(window.to))) } "\n"
                (all(*window, &format!("focus{i}")))
            } "\n"
        }
        div data-window=(focus.len()) { "\n"
            @if focus.is_empty() { (all(whole(outcome), "whole")) }
            @else {
                details.part {
                    summary { (plural(found.len() as u64, "chart")) " over the whole run" } "\n"
                    (all(whole(outcome), "whole"))
                } "\n"
            }
        } "\n"
        (latencies(&outcome.record.latency_by_class))
    };
    section("service", "Service behaviour", body)
}

//! How the service behaved over time: the swim lanes and the signals, whole and near the incidents.

use super::figures::{chart, figure};
use super::page::HtmlPage;
use super::tables::{decisions, events, laps, moments};
use crate::outcome::Outcome;
use crate::report::svg::{swim_lanes, time_chart};
use crate::report::text::{clock, plural};
use crate::report::view::{View, Window, charts, incidents, procedure_runs, whole};

/// What the lanes mean, for those who see the picture.
const KEY: &str = "Red: a fault, or most requests are not served. Half-height amber: more than 1% of requests are not served, or no copy \
                   of a database accepts writes. Dashed outline: the budget of a step. Framed amber or red step: over \
                   its budget, undone or failed. Diamond: an event; point at it to read it.";

/// Who did what when.
pub(super) fn timeline(page: &mut HtmlPage, view: &View<'_>) {
    let outcome = view.outcome;
    page.raw("<section aria-labelledby=\"timeline\">\n<h2 id=\"timeline\">Timeline</h2>\n");
    let focus = incidents(outcome);
    for (i, window) in focus.shown.iter().enumerate() {
        let title = format!("Around the incident, {} to {}", clock(window.from), clock(window.to));
        figure(page, &title, KEY, |size| swim_lanes(outcome, *window, size, &format!("lanes{i}")));
    }
    if focus.left_out > 0 {
        let more = plural(focus.left_out as u64, "more incident");
        page.paragraph(&format!("{more} are visible in the charts of the whole run."));
    }
    let whole_run = |page: &mut HtmlPage, note| {
        figure(page, "The whole run", note, |size| swim_lanes(outcome, whole(outcome), size, "lanes"))
    };
    if focus.shown.is_empty() {
        whole_run(page, KEY);
    } else {
        page.raw("<details><summary>The timeline of the whole run</summary>\n");
        whole_run(page, "");
        page.raw("</details>\n");
    }
    budgets(page, outcome);
    decisions(page, view);
    moments(page, view);
    laps(page, view);
    events(page, outcome);
    page.raw("</section>\n");
}

/// Each run of a procedure against what its steps were allowed together.
fn budgets(page: &mut HtmlPage, outcome: &Outcome) {
    let found = procedure_runs(&outcome.record.laps);
    if found.is_empty() {
        return;
    }
    page.raw("<ul class=\"runs\">\n");
    for run in found {
        page.raw("<li>").text(&run).raw("</li>\n");
    }
    page.raw("</ul>\n");
}

/// Signals over time.
pub(super) fn service(page: &mut HtmlPage, view: &View<'_>) {
    let outcome = view.outcome;
    let found = charts(outcome);
    if found.is_empty() {
        return;
    }
    page.raw("<section aria-labelledby=\"service\">\n<h2 id=\"service\">Service behaviour</h2>\n");
    page.raw(
        "<p>A line is the mean of each interval, and its shadow spans the lowest to the highest second. Red bands are \
         faults; recovered means that requests started from then on were answered, if late. The complete signals are \
         in <code>series/</code>.</p>\n",
    );
    let focus = incidents(outcome).shown;
    for (i, window) in focus.iter().enumerate() {
        page.raw("<h3 class=\"part\">").text(&format!("From {} to {}", clock(window.from), clock(window.to)));
        page.raw("</h3>\n<div class=\"charts\">\n");
        all(page, outcome, *window, &format!("focus{i}"));
        page.raw("</div>\n");
    }
    if focus.is_empty() {
        page.raw("<div class=\"charts\">\n");
        all(page, outcome, whole(outcome), "whole");
        page.raw("</div>\n");
    } else {
        page.raw("<details class=\"part\"><summary>").text(&plural(found.len() as u64, "chart"));
        page.raw(" over the whole run</summary>\n<div class=\"charts\">\n");
        all(page, outcome, whole(outcome), "whole");
        page.raw("</div>\n</details>\n");
    }
    page.raw("</section>\n");
}

fn all(page: &mut HtmlPage, outcome: &Outcome, window: Window, id: &str) {
    for one in charts(outcome) {
        let id = format!("{id}-{}", one.slug);
        chart(page, &one, window, |size| time_chart(&one, outcome, window, size, &id));
    }
}

//! One run on a terminal.

use super::canvas::{Paint, Piece, TextCanvas};
use super::{paint, symbol};
use crate::outcome::Outcome;
use crate::report::text::{clock, cut, plural};
use crate::report::view::{
    DualWriteRow, FaultRow, LossRow, PropertyRow, ReconciliationRow, RecoveryRow, TimelineMoment, Tone, View,
    dual_writes, reconciliations, shortened,
};
use crate::report::{Detail, Look};

/// The longest a one-line summary gets. Unit: characters.
const LONGEST_LINE: usize = 400;
/// The most moments of a summary's timeline. The rest is counted, and `--verbose` shows it.
const MOST_MOMENTS: usize = 40;

pub(super) fn render(outcome: &Outcome, look: Look) -> Vec<u8> {
    let view = View::of(outcome);
    let mut canvas = TextCanvas::new(look);
    if look.detail == Detail::Line {
        line(&view, &mut canvas);
    } else {
        whole(&view, look.detail, &mut canvas);
    }
    canvas.into_bytes()
}

fn plain(text: impl Into<String>) -> Piece {
    (Paint::Plain, text.into())
}

fn dim(text: impl Into<String>) -> Piece {
    (Paint::Dim, text.into())
}

fn line(view: &View<'_>, canvas: &mut TextCanvas) {
    let headline = &view.headline;
    let which = format!("{}, seed {}", view.outcome.scenario, view.outcome.record.seed);
    // Whether it was expected must not fall victim to the length.
    let cause = cut(&headline.cause, LONGEST_LINE);
    let rest = format!(": {which}: {cause}. {}", headline.expectation);
    let word = (paint(headline.verdict, headline.as_expected), headline.advice.word().to_owned());
    canvas.unwrapped(0, &[word, plain(cut(&rest, 2 * LONGEST_LINE))]);
    for warning in &view.outcome.warnings {
        canvas.unwrapped(2, &[plain(cut(&format!("warning: {warning}"), LONGEST_LINE))]);
    }
}

/// The whole of a run, in the order a reader asks: what came out, what happened, how bad, which property, how again.
pub(super) fn whole(view: &View<'_>, detail: Detail, canvas: &mut TextCanvas) {
    header(view, canvas);
    timeline(&view.moments, detail, canvas);
    recovery(&view.recovery, canvas);
    faults(&view.faults, detail, canvas);
    loss(&view.loss, canvas);
    dual_write(&dual_writes(view.outcome), canvas);
    reconciled(&reconciliations(view.outcome), canvas);
    service(view, canvas);
    properties(&view.properties, detail, canvas);
    if detail == Detail::Full {
        events(view.outcome, canvas);
    }
    warnings(&view.outcome.warnings, canvas);
    canvas.heading("Replay");
    canvas.unwrapped(2, &[plain(view.outcome.replay_command())]);
}

fn header(view: &View<'_>, canvas: &mut TextCanvas) {
    let headline = &view.headline;
    canvas.paragraph(0, &[(Paint::Strong, view.outcome.scenario.clone())]);
    canvas.paragraph(0, &[dim(view.identity())]);
    let tone = paint(headline.verdict, headline.as_expected);
    let word = (tone, format!("{}:", headline.advice.word()));
    canvas.paragraph(0, &[word, plain(format!("{}.", headline.cause))]);
    if !headline.found.is_empty() {
        canvas.paragraph(0, &[(Paint::Odd, "And found:".to_owned()), plain(format!("{}.", headline.found.join("; ")))]);
    }
    canvas.paragraph(0, &[plain(headline.expectation.clone())]);
}

fn timeline(moments: &[TimelineMoment], detail: Detail, canvas: &mut TextCanvas) {
    let most = if detail == Detail::Full { moments.len() } else { MOST_MOMENTS };
    let shown = shortened(moments, most);
    canvas.heading("Timeline");
    let digits = moments.iter().map(|m| m.clock.len()).max().unwrap_or(0);
    let row = |moment: &TimelineMoment| {
        let tone = match moment.tone {
            Tone::Good => Paint::Good,
            Tone::Bad => Paint::Bad,
            Tone::Odd => Paint::Odd,
            Tone::Plain => Paint::Plain,
        };
        vec![
            plain(format!("{:>digits$}", moment.clock)),
            dim(moment.since_fault.clone()),
            (tone, moment.label.to_owned()),
            plain(moment.text.clone()),
        ]
    };
    canvas.table(2, &shown.iter().map(|moment| row(moment)).collect::<Vec<_>>());
    if shown.len() < moments.len() {
        let rest = plural((moments.len() - shown.len()) as u64, "more moment");
        canvas.paragraph(2, &[dim(format!("… and {rest}: see --verbose"))]);
    }
}

fn recovery(rows: &[RecoveryRow], canvas: &mut TextCanvas) {
    if rows.is_empty() {
        return;
    }
    canvas.heading("Recovery");
    let row = |row: &RecoveryRow| {
        let known = row.phases.iter().filter(|(_, took)| took != "–").map(|(name, took)| format!("{name} {took}"));
        let known = known.collect::<Vec<_>>().join(" + ");
        let objective = if row.objective == "–" { String::new() } else { format!(", objective {}", row.objective) };
        let (tone, sum) = match (row.recovered, known.is_empty()) {
            (true, false) => (Paint::Plain, format!("{} = {known}{objective}", row.rto)),
            (true, true) => (Paint::Plain, format!("{}{objective}", row.rto)),
            (false, false) => (Paint::Bad, format!("{} ({known}){objective}", row.rto)),
            (false, true) => (Paint::Bad, format!("{}{objective}", row.rto)),
        };
        vec![plain(row.fault.clone()), (tone, sum)]
    };
    canvas.table(2, &rows.iter().map(row).collect::<Vec<_>>());
}

/// Faults that happened more than once, of which the timeline has the first. All of them if everything is wanted.
fn faults(rows: &[FaultRow], detail: Detail, canvas: &mut TextCanvas) {
    let is_shown = |row: &&FaultRow| row.recurred || detail == Detail::Full;
    let rows: Vec<&FaultRow> = rows.iter().filter(is_shown).collect();
    if rows.is_empty() {
        return;
    }
    canvas.heading("Faults");
    let heads = ["fault", "times", "first", "last", "in all", "hits"];
    let mut table = vec![heads.map(dim).to_vec()];
    table.extend(
        rows.iter().map(|row| [&row.id, &row.times, &row.at, &row.last, &row.total, &row.hits].map(plain).to_vec()),
    );
    canvas.table(2, &table);
}

fn loss(rows: &[LossRow], canvas: &mut TextCanvas) {
    if rows.is_empty() {
        return;
    }
    canvas.heading("Writes");
    let row = |row: &LossRow| {
        let text = row.sentence();
        vec![plain(row.store.clone()), (if row.any_lost { Paint::Bad } else { Paint::Plain }, text)]
    };
    canvas.table(2, &rows.iter().map(row).collect::<Vec<_>>());
}

fn dual_write(rows: &[DualWriteRow], canvas: &mut TextCanvas) {
    if rows.is_empty() {
        return;
    }
    canvas.heading("Databases beside each other");
    let row = |row: &DualWriteRow| {
        let tone = if row.any_missing { Paint::Bad } else { Paint::Plain };
        vec![plain(row.pair.clone()), (tone, row.sentence())]
    };
    canvas.table(2, &rows.iter().map(row).collect::<Vec<_>>());
}

fn reconciled(walks: &[ReconciliationRow], canvas: &mut TextCanvas) {
    if walks.is_empty() {
        return;
    }
    canvas.heading("Rows compared");
    let row = |walk: &ReconciliationRow| {
        let tone = if walk.any_left { Paint::Bad } else { Paint::Plain };
        vec![plain(walk.pair.clone()), (tone, walk.sentence())]
    };
    canvas.table(2, &walks.iter().map(row).collect::<Vec<_>>());
}

fn service(view: &View<'_>, canvas: &mut TextCanvas) {
    canvas.heading("Service");
    let rows: Vec<_> = view.figures().into_iter().map(|(what, much)| vec![dim(what), plain(much)]).collect();
    canvas.table(2, &rows);
}

fn properties(rows: &[PropertyRow], detail: Detail, canvas: &mut TextCanvas) {
    canvas.heading("Properties");
    let heads = ["", "property", "bound", "measured", "margin", "at", ""];
    let mut table = vec![heads.map(dim).to_vec()];
    table.extend(rows.iter().map(property));
    canvas.table(2, &table);
    for row in rows.iter().filter(|row| !row.remark.is_empty() || !row.as_expected || detail == Detail::Full) {
        canvas.paragraph(4, &[(Paint::Strong, format!("{}:", row.id)), plain(row.why.clone())]);
        if detail == Detail::Full {
            canvas.paragraph(6, &[dim(format!("{}: {}; exercised {}", row.kind, row.demand, times(&row.exercised)))]);
        }
    }
}

fn times(count: &str) -> String {
    if count == "1" { "once".to_owned() } else { format!("{count} times") }
}

fn property(row: &PropertyRow) -> Vec<Piece> {
    let tone = paint(row.verdict, row.as_expected);
    vec![
        (tone, symbol(row.verdict).to_owned()),
        plain(row.id.clone()),
        plain(row.bound.clone()),
        plain(row.measured.clone()),
        plain(row.margin.clone()),
        plain(row.moment.clone()),
        (tone, row.remark.to_owned()),
    ]
}

fn events(outcome: &Outcome, canvas: &mut TextCanvas) {
    canvas.heading("Events");
    let row = |e: &crate::record::TimelineEvent| {
        let text = format!("{}: {}", e.name, e.text);
        vec![plain(clock(e.at)), dim(e.actor.to_string()), plain(text)]
    };
    if canvas.lines(2, &outcome.timeline().events().iter().map(row).collect::<Vec<_>>()) {
        canvas.paragraph(2, &[dim("cut to the width; results.json has every event in full")]);
    }
}

fn warnings(warnings: &[String], canvas: &mut TextCanvas) {
    if warnings.is_empty() {
        return;
    }
    canvas.heading("Warnings");
    let rows: Vec<_> = warnings.iter().map(|w| vec![(Paint::Odd, "!".to_owned()), plain(w.clone())]).collect();
    canvas.table(2, &rows);
}

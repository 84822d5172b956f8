//! Several scenarios as one page: the answer of each, with a link to its report.

use super::figures::figure;
use super::page::{badge, code, details, paragraph, said, section, text};
use super::table::Table;
use crate::report::svg::side_by_side;
use crate::report::text::{count, plural};
use crate::report::view::{Advice, MatrixRow, PlanSpread, SideBySide};
use maud::{Markup, html};

pub(super) fn whole(rows: &[MatrixRow]) -> Markup {
    let of = |advice: Advice| rows.iter().filter(|row| row.advice == advice).count() as u64;
    let tally =
        [Advice::Go, Advice::NoGo, Advice::Unknown].map(|advice| format!("{} {}", count(of(advice)), advice.word()));
    let others = rows.iter().filter(|row| !row.as_expected).count() as u64;
    let expectation = match others {
        0 => "Each as its scenario expects.".to_owned(),
        n => format!("{} of them not as expected.", count(n)),
    };
    html! {
        header { "\n"
            p.kind { "Rehearsals, " (plural(rows.len() as u64, "scenario")) } "\n"
            h1 { "What each rehearsal came to" } "\n"
            p.identity { (said(tally.join(", "))) } "\n"
        } "\n"
        main #report { "\n"
            (paragraph(expectation))
            (section("matrix", "Scenarios", matrix(rows)))
            (beside(rows))
            (section("causes", "Why", causes(rows)))
        } "\n"
    }
}

fn matrix(rows: &[MatrixRow]) -> Markup {
    let table = Table::of(rows, "Every scenario, in the order in which it was run")
        .most(usize::MAX)
        .column("Scenario", link)
        .column("Verdict", verdict)
        .column("Runs", |row| text(&row.runs))
        .figures("Recovery time", |row| text(&row.rto))
        .figures("RPO", |row| text(&row.rpo))
        .figures("Lost writes", |row| text(&row.lost))
        .column("Held in", |row| text(&row.likelihood));
    table.shown()
}

/// How recovery and losses compare. Nothing at all if no scenario has either.
fn beside(rows: &[MatrixRow]) -> Markup {
    let of = |plan: fn(&MatrixRow) -> &PlanSpread| rows.iter().map(|row| plan(row).clone()).collect();
    let recovery = SideBySide::recovery("Recovery time".to_owned(), of(|row| &row.recovery));
    let losses = SideBySide::loss(of(|row| &row.losses));
    if !recovery.is_known() && !losses.is_known() {
        return Markup::default();
    }
    let note = "Dot: the median. Wide bar: what encloses the true median with 95% confidence, where there are runs enough to \
                tell. Short stroke: the 90th percentile. Ring: the worst run. Tall stroke: the objective. Of a run with \
                several faults the longest recovery counts; one that did not recover is longer than any.";
    let draw = |size| side_by_side(&recovery, &losses, size, "beside");
    let body = html! {
        (figure("Recovery time, and acknowledged writes lost", note, draw, Markup::default()))
        (details("The same in words", said_of_each(rows, &recovery, &losses)))
        @if recovery.left_out > 0 { (paragraph(format!("{} more are in the table.", count(recovery.left_out as u64)))) }
    };
    section("beside", "Side by side", body)
}

fn said_of_each(rows: &[MatrixRow], recovery: &SideBySide, losses: &SideBySide) -> Markup {
    Table::of(rows, "Recovery time and acknowledged writes lost of each scenario")
        .most(usize::MAX)
        .column("Scenario", |row| text(&row.scenario))
        .column("Recovery time", |row| text(recovery.said(&row.recovery)))
        .column("Writes lost", |row| text(losses.said(&row.losses)))
        .shown()
}

fn link(row: &MatrixRow) -> Markup {
    html! { a href={ (encoded(&row.directory)) "/report.html" } { bdi { (said(&row.scenario)) } } br; (code(&row.file)) }
}

/// A relative address of a directory: what means something in an address is written by its number.
fn encoded(directory: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
    let written = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    // A name with a colon in it is no scheme, and one that begins with slashes no host.
    format!("./{}", directory.bytes().map(written).collect::<String>().trim_start_matches('/'))
}

fn verdict(row: &MatrixRow) -> Markup {
    let (class, symbol) = match row.advice {
        Advice::Go => ("go", "✔"),
        Advice::NoGo => ("stop", "✘"),
        Advice::Unknown => ("odd", "?"),
    };
    let expected = if row.as_expected { "" } else { ", not as expected" };
    badge(class, &format!("{symbol} {}{expected}", row.word()))
}

fn causes(rows: &[MatrixRow]) -> Markup {
    html! {
        dl.causes { "\n"
            @for row in rows {
                dt { (said(&row.scenario)) ": " (row.word()) }
                dd { (said(format!("{}. {}", row.cause, row.expectation))) } "\n"
            }
        } "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_directory_leaves_the_page_of_results() {
        assert_eq!(encoded("a b/c"), "./a%20b/c");
        assert_eq!(encoded("javascript:alert(1)"), "./javascript%3Aalert%281%29");
        assert_eq!(encoded("//elsewhere"), "./elsewhere");
    }
}

//! Several scenarios as one page: the answer of each, with a link to its report.

use super::page::{badge, code, paragraph, said, section, text};
use super::table::Table;
use crate::report::text::{count, plural};
use crate::report::view::{Advice, MatrixRow};
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

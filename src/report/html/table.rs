//! A table, column by column: each with its head, and how to set what a row has to say in it.
//!
//! Owns the shape of tables. Invariant: a table that is cut says how many rows it leaves out and where they are.

use super::page::{details, said};
use crate::record::Actor;
use crate::report::text::count;
use crate::units::Instant;
use maud::{Markup, html};

/// The most rows of one table, unless it says otherwise.
const MOST_ROWS: usize = 150;

/// Rows of `R`, and the columns so far.
pub(super) struct Table<'a, R> {
    caption: &'a str,
    rows: &'a [R],
    columns: Vec<Column<'a, R>>,
    most: usize,
    moment: Option<Moment<'a, R>>,
}

/// When a row happened, and whose doing it is.
type Moment<'a, R> = Box<dyn Fn(&R) -> (Instant, Option<Actor>) + 'a>;

struct Column<'a, R> {
    head: &'a str,
    kind: Kind,
    cell: Box<dyn Fn(&R) -> Markup + 'a>,
}

#[derive(PartialEq)]
enum Kind {
    Words,
    /// Right-aligned, digits of equal width.
    Figures,
    /// Names with smaller text below.
    Names,
}

impl<R> Column<'_, R> {
    fn class(&self) -> Option<&'static str> {
        (self.kind == Kind::Figures).then_some("num")
    }
}

impl<'a, R> Table<'a, R> {
    pub(super) const fn of(rows: &'a [R], caption: &'a str) -> Self {
        Self { caption, rows, columns: Vec::new(), most: MOST_ROWS, moment: None }
    }

    /// No more than so many rows.
    pub(super) const fn most(mut self, rows: usize) -> Self {
        self.most = rows;
        self
    }

    /// Each row is something that happened.
    pub(super) fn happened(mut self, moment: impl Fn(&R) -> (Instant, Option<Actor>) + 'a) -> Self {
        self.moment = Some(Box::new(moment));
        self
    }

    /// One more column, of words. The first column names its row.
    pub(super) fn column(self, head: &'a str, cell: impl Fn(&R) -> Markup + 'a) -> Self {
        self.with(head, Kind::Words, cell)
    }

    /// One more column, of figures.
    pub(super) fn figures(self, head: &'a str, cell: impl Fn(&R) -> Markup + 'a) -> Self {
        self.with(head, Kind::Figures, cell)
    }

    /// One more column, of what [`named`](super::page::named) makes.
    pub(super) fn names(self, head: &'a str, cell: impl Fn(&R) -> Markup + 'a) -> Self {
        self.with(head, Kind::Names, cell)
    }

    fn with(mut self, head: &'a str, kind: Kind, cell: impl Fn(&R) -> Markup + 'a) -> Self {
        self.columns.push(Column { head, kind, cell: Box::new(cell) });
        self
    }

    /// Closed until a reader opens it.
    pub(super) fn folded(&self, summary: &str) -> Markup {
        html! { @if !self.rows.is_empty() { (details(summary, self.shown())) } }
    }

    /// A table that becomes a list of cards where there is no room for columns. Nothing at all if it has no rows.
    pub(super) fn shown(&self) -> Markup {
        let (rows, left_out) = self.rows.split_at(self.rows.len().min(self.most));
        html! {
            @if !rows.is_empty() { (self.table(rows)) }
            @if !left_out.is_empty() {
                p.more { (count(left_out.len() as u64)) " more; " code { "results.json" } " has them all." } "\n"
            }
        }
    }

    /// Roles are repeated because a table that is not displayed as one loses them.
    fn table(&self, rows: &[R]) -> Markup {
        let named = self.columns.first().filter(|column| column.kind == Kind::Names).map(|_| "named");
        html! {
            div.scroll { table role="table" class=[named] {
                caption { (said(self.caption)) } "\n"
                thead role="rowgroup" { tr role="row" {
                    @for column in &self.columns {
                        th role="columnheader" scope="col" class=[column.class()] { (said(column.head)) }
                    }
                } } "\n"
                tbody role="rowgroup" { "\n" @for row in rows { (self.row(row)) } }
            } } "\n"
        }
    }

    fn row(&self, row: &R) -> Markup {
        let moment = self.moment.as_ref().map(|moment| moment(row));
        let at = moment.map(|(at, _)| at.as_secs_f64());
        let actor = moment.and_then(|(_, actor)| actor);
        html! {
            tr role="row" data-at=[at] data-actor=[actor] {
                @for (i, column) in self.columns.iter().enumerate() {
                    @let (class, head, cell) = (column.class(), said(column.head), (column.cell)(row));
                    @if i == 0 { th role="rowheader" scope="row" class=[class] data-head=(head) { (cell) } }
                    @else { td role="cell" class=[class] data-head=(head) { (cell) } }
                }
            } "\n"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::{badge, code, text};
    use super::*;

    #[test]
    fn foreign_text_is_text_wherever_it_stands() {
        let poison = "</td><script>&\"'\u{202e}\n";
        let rows = [poison];
        let table =
            Table::of(&rows, poison).column("a", |p| text(p)).column("b", |p| code(p)).column("c", |p| badge("go", p));
        let text = table.shown().into_string();
        assert_eq!(text.matches("&lt;/td&gt;&lt;script&gt;&amp;&quot;'\u{fffd}").count(), 4, "{text}");
        assert_eq!((text.matches("<script").count(), text.matches("</td>").count()), (0, 2), "{text}");
    }

    #[test]
    fn the_first_column_names_the_row() {
        let rows = [("x", 1)];
        let table = Table::of(&rows, "c").column("a", |(x, _)| text(x)).figures("b", |(_, n)| text(n));
        let text = table.shown().into_string();
        assert!(text.contains(r#"<th role="rowheader" scope="row" data-head="a"><bdi>x</bdi></th>"#), "{text}");
        assert!(text.contains(r#"<td role="cell" class="num" data-head="b"><bdi>1</bdi></td>"#), "{text}");
    }
}

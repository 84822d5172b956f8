//! One table, row by row.
//!
//! Invariant: every row has as many cells as the heading; a number is never quoted, a text never a formula.
//! Source: RFC 4180, with line feeds; OWASP on injection into spreadsheets.

use crate::outcome::six_digits;
use crate::report::Document;
use crate::report::text::{clean, cut};
use crate::units::{Instant, Span};
use csv::Writer;

/// The longest a single piece of foreign text gets. Unit: characters.
const LONGEST: usize = 2_000;

pub(super) struct Sheet {
    name: &'static str,
    rows: usize,
    out: Writer<Vec<u8>>,
}

/// What stands in a cell.
pub(super) enum Value<'a> {
    Text(&'a str),
    Whole(u64),
    Real(f64),
    Truth(bool),
    Unknown,
}

impl Value<'_> {
    /// Seconds since the start of the run.
    pub(super) fn moment(at: Instant) -> Self {
        Self::span(at.since(Instant::ZERO))
    }

    /// Seconds. Nanoseconds over 1e9 are correctly rounded, so the shortest decimal is the exact one.
    pub(super) fn span(span: Span) -> Self {
        Self::Real(span.as_secs_f64())
    }

    /// A computed figure: six significant digits, so that the last bits of a platform's arithmetic never reach a file.
    pub(super) fn figure(value: Option<f64>) -> Self {
        value.filter(|value| value.is_finite()).map_or(Self::Unknown, |value| Self::Real(six_digits(value)))
    }

    fn cell(&self) -> String {
        match self {
            Self::Text(text) => no_formula(text),
            Self::Whole(n) => n.to_string(),
            Self::Real(x) => x.to_string(),
            Self::Truth(truth) => truth.to_string(),
            Self::Unknown => String::new(),
        }
    }
}

/// Foreign text, and a mark before what a spreadsheet would take for a formula.
fn no_formula(text: &str) -> String {
    let text = cut(&clean(text), LONGEST);
    if text.trim_start().starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

impl Sheet {
    pub(super) fn new(name: &'static str, heads: &[&str]) -> Self {
        let mut out = Writer::from_writer(Vec::new());
        out.write_record(heads).expect("memory takes whatever is written");
        Self { name, rows: 0, out }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds a row. Panics if it has another number of cells than the heading: the caller's bug.
    pub(super) fn row(&mut self, cells: &[Value<'_>]) {
        self.out.write_record(cells.iter().map(Value::cell)).expect("a row has as many cells as the heading");
        self.rows += 1;
    }

    pub(super) fn into_document(self) -> Document {
        let bytes = self.out.into_inner().expect("memory takes whatever is written");
        Document { path: format!("series/{}.csv", self.name), bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How a text is written beside another cell.
    fn written(text: &str) -> String {
        let mut sheet = Sheet::new("x", &["a", "b"]);
        sheet.row(&[Value::Text(text), Value::Unknown]);
        let text = String::from_utf8(sheet.into_document().bytes).unwrap();
        text.strip_prefix("a,b\n").unwrap().strip_suffix(",\n").unwrap().to_owned()
    }

    #[test]
    fn text_is_one_cell_and_no_formula() {
        for (text, cell) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"\r\nthere", "\"say \"\"hi\"\"  there\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            (" +1", "' +1"),
            ("@sum", "'@sum"),
            ("-1", "'-1"),
        ] {
            assert_eq!(written(text), cell, "{text}");
        }
    }

    #[test]
    fn numbers_are_bare_and_what_is_unknown_is_empty() {
        let mut sheet = Sheet::new("x", &["a", "b", "c", "d"]);
        assert!(sheet.is_empty());
        sheet.row(&[Value::Real(-0.5), Value::Whole(3), Value::Unknown, Value::figure(Some(1.0 / 3.0))]);
        sheet.row(&[
            Value::figure(Some(f64::NAN)),
            Value::Truth(true),
            Value::moment(Instant::from_secs(2)),
            Value::Text(""),
        ]);
        assert_eq!(String::from_utf8(sheet.into_document().bytes).unwrap(), "a,b,c,d\n-0.5,3,,0.333333\n,true,2,\n");
    }
}

//! A text surface that wraps, aligns and colours, and through which no foreign character can act.
//!
//! Owns widths, colours and the ASCII fallback. Does not know what is written on it.
//!
//! Invariant: whatever text is put on it, the only escape sequences that come out are its own, and no line is longer
//! than the width unless a table's fixed columns alone are.

use crate::report::Look;
use crate::report::text::{clean, cut};
use anstyle::{AnsiColor, Style};
use textwrap::WordSeparator;
use textwrap::core::{Fragment, break_words};
use textwrap::wrap_algorithms::wrap_first_fit;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Strong,
    Dim,
    Good,
    Bad,
    Odd,
}

impl Paint {
    const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Dim => Style::new().dimmed(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Odd => AnsiColor::Yellow.on_default(),
        }
    }
}

/// A piece of text and how it is painted.
pub(super) type Piece = (Paint, String);

/// The narrowest surface: below this, wrapping makes nothing more readable.
const NARROWEST: usize = 40;
/// The widest an aligned column gets. What is longer is cut.
const WIDEST_COLUMN: usize = 30;
/// The least room for the wrapped text beside aligned columns; with less it goes on lines of its own.
const LEAST_BODY: usize = 24;
/// The longest a single piece of wrapped text gets. Unit: characters.
const LONGEST: usize = 4_000;

/// A word in its colour, or as much of it as a line takes.
#[derive(Debug)]
struct Word<'a> {
    paint: Paint,
    text: &'a str,
}

impl Fragment for Word<'_> {
    fn width(&self) -> f64 {
        self.text.width() as f64
    }
    fn whitespace_width(&self) -> f64 {
        1.0
    }
    fn penalty_width(&self) -> f64 {
        0.0
    }
}

pub(super) struct TextCanvas {
    look: Look,
    width: usize,
    out: String,
}

impl TextCanvas {
    pub(super) fn new(look: Look) -> Self {
        Self { look, width: look.width.clamp(NARROWEST, Look::WIDEST), out: String::new() }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    pub(super) fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A heading, with an empty line before it.
    pub(super) fn heading(&mut self, title: &str) {
        self.blank();
        self.paragraph(0, &[(Paint::Strong, title.to_owned())]);
    }

    /// Pieces one after the other, wrapped, every line indented.
    pub(super) fn paragraph(&mut self, indent: usize, pieces: &[Piece]) {
        self.out.push_str(&" ".repeat(indent));
        self.flow(indent, pieces);
    }

    /// Pieces on one line however long it gets: for commands that are copied, and for one-line summaries.
    pub(super) fn unwrapped(&mut self, indent: usize, pieces: &[Piece]) {
        self.out.push_str(&" ".repeat(indent));
        for (paint, text) in pieces {
            let text = self.harmless(text);
            self.put(*paint, &text);
        }
        self.out.push('\n');
    }

    /// Rows of aligned columns, the last of which wraps in its place.
    pub(super) fn table(&mut self, indent: usize, rows: &[Vec<Piece>]) {
        let rows: Vec<Vec<Piece>> = rows.iter().map(|row| self.fixed_columns(row)).collect();
        let widths = widths(&rows);
        for row in &rows {
            self.row(indent, row, &widths);
        }
    }

    /// Rows of aligned columns, each on one line: what does not fit is cut. Returns whether anything was.
    pub(super) fn lines(&mut self, indent: usize, rows: &[Vec<Piece>]) -> bool {
        let mut rows: Vec<Vec<Piece>> = rows.iter().map(|row| self.fixed_columns(row)).collect();
        let widths = widths(&rows);
        let taken = indent + widths.iter().filter(|width| **width > 0).map(|width| width + 2).sum::<usize>();
        let room = self.width.saturating_sub(taken).max(LEAST_BODY);
        let mut any_cut = false;
        for (_, body) in rows.iter_mut().filter_map(|row| row.last_mut()) {
            let shortened = self.shortened(body, room);
            any_cut |= shortened != *body;
            *body = shortened;
        }
        rows.iter().for_each(|row| self.row(indent, row, &widths));
        any_cut
    }

    fn row(&mut self, indent: usize, row: &[Piece], widths: &[usize]) {
        let Some((body, columns)) = row.split_last() else { return };
        self.out.push_str(&" ".repeat(indent));
        let mut at = indent;
        for ((paint, text), width) in columns.iter().zip(widths) {
            self.put(*paint, text);
            // Empty columns take no room at all.
            if *width > 0 {
                self.out.push_str(&" ".repeat(width - text.width() + 2));
                at += width + 2;
            }
        }
        if !body.1.is_empty() && at + LEAST_BODY > self.width && body.1.width() + at > self.width {
            self.end_line();
            at = indent + 4;
            self.out.push_str(&" ".repeat(at));
        }
        self.flow(at, std::slice::from_ref(body));
    }

    /// Every column but the last made harmless and cut to the widest a column gets.
    fn fixed_columns(&self, row: &[Piece]) -> Vec<Piece> {
        let last = row.len().saturating_sub(1);
        let fix = |(i, (paint, text)): (usize, &Piece)| {
            let text = self.harmless(&cut(text, LONGEST));
            (*paint, if i < last { self.shortened(&text, WIDEST_COLUMN) } else { text })
        };
        row.iter().enumerate().map(fix).collect()
    }

    /// Writes words from column `left` on, breaking lines at the width; every line starts there.
    fn flow(&mut self, left: usize, pieces: &[Piece]) {
        let room = self.width.saturating_sub(left);
        let pieces: Vec<Piece> = pieces.iter().map(|(p, text)| (*p, self.harmless(&cut(text, LONGEST)))).collect();
        let words = pieces.iter().flat_map(|(paint, text)| {
            let parts = break_words(WordSeparator::AsciiSpace.find_words(text), room).into_iter();
            parts.filter(|part| !part.is_empty()).map(|part| Word { paint: *paint, text: part.word })
        });
        for (i, line) in wrap_first_fit(&words.collect::<Vec<_>>(), &[room as f64]).into_iter().enumerate() {
            if i > 0 {
                self.out.push_str(&" ".repeat(left));
            }
            for (j, word) in line.iter().enumerate() {
                self.out.push_str(if j > 0 { " " } else { "" });
                self.put(word.paint, word.text);
            }
            self.end_line();
        }
    }

    /// Ends the line without the blanks that alignment left at its end.
    fn end_line(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
    }

    /// Writes harmless text in its colour.
    fn put(&mut self, paint: Paint, text: &str) {
        if self.look.color && paint != Paint::Plain && !text.is_empty() {
            let style = paint.style();
            self.out.push_str(&format!("{style}{text}{style:#}"));
        } else {
            self.out.push_str(text);
        }
    }

    fn harmless(&self, text: &str) -> String {
        let text = clean(text);
        if self.look.ascii { ascii(&text) } else { text }
    }

    fn shortened(&self, text: &str, width: usize) -> String {
        if text.width() <= width {
            return text.to_owned();
        }
        let mark = if self.look.ascii { "..." } else { "…" };
        let mut room = width - mark.width();
        let fits = |c: &char| {
            let left = room.checked_sub(c.width().unwrap_or(0));
            room = left.unwrap_or(0);
            left.is_some()
        };
        text.chars().take_while(fits).chain(mark.chars()).collect()
    }
}

/// How wide every column but the last is.
fn widths(rows: &[Vec<Piece>]) -> Vec<usize> {
    let columns = rows.iter().map(|row| row.len().saturating_sub(1)).max().unwrap_or(0);
    let width_of = |i: usize| rows.iter().filter(|r| i + 1 < r.len()).map(|r| r[i].1.width()).max().unwrap_or(0);
    (0..columns).map(width_of).collect()
}

/// The nearest ASCII for the marks we use ourselves; a question mark for anything else.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '✔' => out.push_str("[ok]"),
            '✘' => out.push_str("[FAIL]"),
            '…' => out.push_str("..."),
            '–' | '−' => out.push('-'),
            '›' => out.push('>'),
            '→' => out.push_str("->"),
            c if c.is_ascii() => out.push(c),
            _ => out.push('?'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(look: Look, draw: impl FnOnce(&mut TextCanvas)) -> String {
        let mut canvas = TextCanvas::new(look);
        draw(&mut canvas);
        String::from_utf8(canvas.into_bytes()).unwrap()
    }

    fn plain(text: &str) -> Piece {
        (Paint::Plain, text.to_owned())
    }

    #[test]
    fn tables_align_by_what_a_terminal_shows_and_wrap_their_last_column() {
        let look = Look { width: 40, ..Look::PLAIN };
        let rows =
            [vec![plain("東京"), plain("one two three four five six seven eight nine")], vec![plain("ab"), plain("x")]];
        let text = drawn(look, |c| c.table(2, &rows));
        assert_eq!(text, "  東京  one two three four five six\n        seven eight nine\n  ab    x\n");
    }

    #[test]
    fn a_row_without_a_last_cell_is_one_line_however_wide_the_others_are() {
        let look = Look { width: 40, ..Look::PLAIN };
        let rows = [vec![plain(&"x".repeat(30)), plain(&"y".repeat(30)), plain("")]];
        assert_eq!(drawn(look, |c| c.table(2, &rows)).lines().count(), 1);
    }

    #[test]
    fn no_line_is_longer_than_the_width_whatever_the_words() {
        let look = Look { width: 50, ..Look::PLAIN };
        let long = format!("{} {}", "x".repeat(333), "東".repeat(80));
        let text = drawn(look, |c| c.paragraph(4, &[plain(&long)]));
        assert!(text.lines().all(|line| line.width() <= 50), "{text}");
        assert_eq!(text.chars().filter(|c| *c == '東').count(), 80);
    }

    #[test]
    fn foreign_escapes_do_not_get_out_and_ours_do() {
        let look = Look { color: true, ..Look::PLAIN };
        let text = drawn(look, |c| c.paragraph(0, &[(Paint::Good, "a\u{1b}[2J\u{202e}b".to_owned())]));
        assert_eq!(text, "\u{1b}[32ma\u{fffd}[2J\u{fffd}b\u{1b}[0m\n");
    }

    #[test]
    fn ascii_means_ascii() {
        let look = Look { ascii: true, ..Look::PLAIN };
        assert_eq!(drawn(look, |c| c.paragraph(0, &[plain("✔ Zürich → a…")])), "[ok] Z?rich -> a...\n");
    }
}

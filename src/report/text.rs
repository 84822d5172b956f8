//! How numbers and foreign text are written for people: the one place, so that every format writes them alike.
//!
//! Does not know any format's markup. Invariant: only integer arithmetic decides what a time reads as.

use crate::outcome::six_digits;
use crate::units::{Instant, Span};

/// A span for reading, rounded to what a reader can use.
pub(crate) fn span(span: Span) -> String {
    format!("{span:#}")
}

/// A moment as a clock shows it, to the tenth of a second below: `5:00.0`, `1:02:03.4`.
pub(crate) fn clock(at: Instant) -> String {
    at.clock()
}

/// A count with its thousands apart: `1,200,000`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let head = digits.len() % 3;
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && i % 3 == head {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `n` things: `1 write`, `2 writes`.
pub(crate) fn plural(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {noun}s", count(n)) }
}

/// `part` of `whole` in percent with two decimals, rounded down so that 99.999 % never reads as everything.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "no data".to_owned();
    }
    let hundredths = u128::from(part) * 10_000 / u128::from(whole);
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// A margin: signed, and never rounded to a zero that it is not. A dash if it is none or not a number.
///
/// It is rounded to six digits first, so that a margin that was read back reads the same.
pub(crate) fn margin(margin: Option<f64>) -> String {
    let Some(margin) = margin.filter(|margin| margin.is_finite()).map(six_digits) else { return "–".to_owned() };
    if margin == 0.0 {
        "0".to_owned()
    } else if margin.abs() < 0.005 {
        format!("{margin:+.0e}")
    } else {
        format!("{margin:+.2}")
    }
}

/// `text` on one line and without characters that act on a terminal or reorder what the reader sees.
///
/// Line ends and tabs become spaces; other controls, bidirectional overrides and invisible characters become U+FFFD, so
/// that the reader sees that something was there.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
            c if acts_on_a_reader(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// Whether showing `c` does more than draw a glyph: controls, bidirectional controls (Unicode Standard Annex 9),
/// zero-width and tag characters.
pub(crate) fn acts_on_a_reader(c: char) -> bool {
    c.is_control()
        || matches!(c,
        '\u{061c}' | '\u{2028}' | '\u{2029}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `text` cut after `limit` characters, with a mark that it was.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_like_a_person_says_them() {
        for (ms, text) in [
            (0, "0s"),
            (850, "850ms"),
            (12_449, "12.4s"),
            (12_450, "12.5s"),
            (59_960, "1m"),
            (252_400, "4m 12.4s"),
            (900_000, "15m"),
            (3_723_900, "1h 02m 03s"),
            (7_200_000, "2h"),
        ] {
            assert_eq!(span(Span::from_millis(ms)), text);
        }
        assert_eq!(span(Span::from_nanos(1_500)), "1.5us");
    }

    #[test]
    fn moments_counts_and_shares_read_exactly() {
        assert_eq!(clock(Instant::from_nanos(300_990_000_000)), "5:00.9");
        assert_eq!(clock(Instant::from_secs(3_723)), "1:02:03.0");
        assert_eq!([count(7), count(999), count(1_000), count(1_234_567)], ["7", "999", "1,000", "1,234,567"]);
        assert_eq!([percent(99_999, 100_000), percent(0, 0), percent(1, 1)], ["99.99%", "no data", "100.00%"]);
        assert_eq!([0.719, -0.001, 0.0, f64::INFINITY].map(|m| margin(Some(m))), ["+0.72", "-1e-3", "0", "–"]);
    }

    #[test]
    fn foreign_text_loses_what_acts_on_a_terminal() {
        assert_eq!(clean("a\u{1b}[31mb\nc\u{202e}d\u{9b}"), "a\u{fffd}[31mb c\u{fffd}d\u{fffd}");
        assert_eq!(clean("Zürich 東京"), "Zürich 東京");
        assert_eq!((cut("abc", 2), cut("abc", 3)), ("ab…".to_owned(), "abc".to_owned()));
    }
}

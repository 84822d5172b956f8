//! Words of an expression.
//!
//! A name runs over letters, digits, `_` and dots; `*` stands for one whole part of a name after a dot. A hyphen
//! between two letters or digits of a name belongs to it, so a minus behind a name needs a space before it.

use super::error::ExpressionError;
use crate::units::decimal_length;
use std::ops::Range;

/// One word with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub span: Range<usize>,
    pub word: Word,
}

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// A number with its unit, as written.
    Number,
    /// A name or keyword, as written.
    Name,
    /// An operator, bracket or comma.
    Sign(&'static str),
    /// Behind the last word.
    End,
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: [&str; 13] = ["<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "(", ")", ","];

/// Signs of other languages, and how they are written here.
const FOREIGN: [(&str, &str); 9] = [
    ("&&", "and"),
    ("||", "or"),
    ("=>", ">="),
    ("=<", "<="),
    ("!", "not"),
    ("=", "=="),
    ("≥", ">="),
    ("≤", "<="),
    ("≠", "!="),
];

/// Splits `text` into words. The last is always [`Word::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ExpressionError> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (length, word) = word(&text[at..], first).ok_or_else(|| unreadable(&text[at..], at, first))?;
        found.push(Token { span: at..at + length, word });
        at += length;
    }
    found.push(Token { span: at..at, word: Word::End });
    Ok(found)
}

fn word(rest: &str, first: char) -> Option<(usize, Word)> {
    if first.is_ascii_digit() {
        return Some((number_length(rest), Word::Number));
    }
    if first.is_alphabetic() || first == '_' {
        return Some((name_length(rest), Word::Name));
    }
    let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign))?;
    Some((sign.len(), Word::Sign(sign)))
}

fn unreadable(rest: &str, at: usize, first: char) -> ExpressionError {
    if let Some((foreign, ours)) = FOREIGN.into_iter().find(|(foreign, _)| rest.starts_with(foreign)) {
        let error = ExpressionError::new(at..at + foreign.len(), format!("`{foreign}` is not part of the language"));
        return error.help(format!("write `{ours}`"));
    }
    ExpressionError::new(at..at + first.len_utf8(), format!("`{}` has no meaning here", first.escape_debug()))
}

/// Digits, a unit, and `/s`, `/m`, `/min` or `/h` if it follows without a space; or the parts of one span: `4m 45s`.
fn number_length(rest: &str) -> usize {
    let mut length = digits_and_unit(rest);
    // Two numbers never stand beside each other, so what follows a span is a part of it.
    while rest[..length].ends_with(['d', 'h', 'm', 'n', 's']) {
        let more = rest[length..].trim_start();
        if !more.starts_with(|c: char| c.is_ascii_digit()) {
            break;
        }
        length = rest.len() - more.len() + digits_and_unit(more);
    }
    for per in ["/min", "/s", "/m", "/h"] {
        let ends = |after: &str| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.' || c == '(');
        if rest[length..].strip_prefix(per).is_some_and(ends) {
            return length + per.len();
        }
    }
    length
}

fn digits_and_unit(rest: &str) -> usize {
    let digits = decimal_length(rest);
    let unit = rest[digits..].find(|c: char| !(c.is_alphabetic() || c == '%')).unwrap_or(rest.len() - digits);
    digits + unit
}

fn name_length(rest: &str) -> usize {
    let mut before = ' ';
    let mut letters = rest.char_indices().peekable();
    while let Some((i, c)) = letters.next() {
        let next = letters.peek().map_or(' ', |(_, next)| *next);
        let belongs = match c {
            '.' => is_letter(next) || next == '*',
            '-' => is_letter(before) && is_letter(next),
            '*' => before == '.' && !is_letter(next),
            letter => is_letter(letter),
        };
        if !belongs {
            return i;
        }
        before = c;
    }
    rest.len()
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let tokens = tokens(text).unwrap();
        tokens.iter().take(tokens.len() - 1).map(|token| &text[token.span.clone()]).collect()
    }

    #[test]
    fn units_belong_to_numbers_and_dots_and_hyphens_to_names() {
        assert_eq!(words("success>=99.5%"), ["success", ">=", "99.5%"]);
        assert_eq!(words("region.west-europe.ok - 10/s"), ["region.west-europe.ok", "-", "10/s"]);
        assert_eq!(words("count(fault.*,10m)*2"), ["count", "(", "fault.*", ",", "10m", ")", "*", "2"]);
        assert_eq!(words("6 / share"), ["6", "/", "share"]);
        assert_eq!(words("6/share"), ["6", "/", "share"]);
        assert_eq!(words("2k/s<=offered"), ["2k/s", "<=", "offered"]);
        assert_eq!(words("lag <= 4m 45s and success"), ["lag", "<=", "4m 45s", "and", "success"]);
        assert_eq!(words("t(a) <= 13h30m+5s"), ["t", "(", "a", ")", "<=", "13h30m", "+", "5s"]);
    }

    #[test]
    fn a_sign_of_another_language_is_named_with_ours() {
        assert_eq!(tokens("a && b").unwrap_err().help.as_deref(), Some("write `and`"));
        assert_eq!(tokens("a = b").unwrap_err().help.as_deref(), Some("write `==`"));
        assert_eq!(tokens("a => b").unwrap_err().help.as_deref(), Some("write `>=`"));
        assert_eq!(tokens("a=<b").unwrap_err().help.as_deref(), Some("write `<=`"));
        assert_eq!(tokens("lag ≥ 5s").unwrap_err().span, 4..7);
        assert_eq!(tokens("a $ b").unwrap_err().message, "`$` has no meaning here");
    }
}

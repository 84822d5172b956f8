//! A Markdown page under construction, on which user text cannot become markup.
//!
//! Owns escaping. Does not know what is written. Markup is `&'static str`, so only the programmer can write any.
//!
//! Invariant: user text adds no heading, list, table cell, link, image, HTML element, mention or line of its own.

use crate::report::text::{clean, cut};

/// The longest a single piece of user text gets. Unit: characters.
const LONGEST: usize = 1_000;

#[derive(Default)]
pub(super) struct MarkdownPage {
    out: String,
}

impl MarkdownPage {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    /// Markup, as it is.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.out.push_str(markup);
        self
    }

    /// User text, escaped.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        let escaped = escaped(text, self.out.is_empty() || self.out.ends_with('\n'));
        self.out.push_str(&escaped);
        self
    }

    /// A heading and the empty lines around it.
    pub(super) fn heading(&mut self, level: &'static str, title: &str) -> &mut Self {
        self.raw("\n").raw(level).raw(" ").text(title).raw("\n\n")
    }

    /// A paragraph of user text.
    pub(super) fn paragraph(&mut self, text: &str) -> &mut Self {
        self.text(text).raw("\n\n")
    }

    /// A table. Nothing at all if it has no rows.
    pub(super) fn table(&mut self, heads: &[&str], rows: &[Vec<String>]) -> &mut Self {
        if rows.is_empty() {
            return self;
        }
        for head in heads {
            self.raw("| ").text(head).raw(" ");
        }
        self.raw("|\n");
        for _ in heads {
            self.raw("|---");
        }
        self.raw("|\n");
        for row in rows {
            for cell in row {
                self.raw("| ").text(cell).raw(" ");
            }
            self.raw("|\n");
        }
        self
    }

    /// A command in a block of its own, unescaped but on one line and fenced longer than any fence in it.
    pub(super) fn command(&mut self, command: &str) -> &mut Self {
        let command = clean(command);
        let fence = "`".repeat(longest_run(&command, '`').max(2) + 1);
        self.out.push_str(&format!("{fence}sh\n{command}\n{fence}\n"));
        self
    }
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or(0)
}

/// `text` on one line with everything that is markup written as a character reference or escaped; what is markup only
/// at the start of a line, only if it stands there.
fn escaped(text: &str, starts_line: bool) -> String {
    let text = cut(clean(text).trim(), LONGEST);
    let mut out = String::with_capacity(text.len() + 16);
    let mut previous = None;
    // True while there are only digits so far: a bullet or a numbered item starts a list only there.
    let mut opening = starts_line;
    for (i, c) in text.char_indices() {
        let rest = &text[i + c.len_utf8()..];
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '_' if is_word(previous) && is_word(rest.chars().next()) => out.push(c),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' => out.extend(['\\', c]),
            // Bare addresses become links: `scheme://` and `www.`.
            ':' if rest.starts_with("//") => out.push_str("&#58;"),
            '.' if matches!(previous, Some('w' | 'W')) => out.push_str("&#46;"),
            '-' | '+' | '=' if opening && i == 0 => out.extend(['\\', c]),
            '.' | ')' if opening && i > 0 && (rest.is_empty() || rest.starts_with(' ')) => out.extend(['\\', c]),
            c => out.push(c),
        }
        opening &= c.is_ascii_digit();
        previous = Some(c);
    }
    out
}

/// An underscore between two of these never starts emphasis (CommonMark 0.31, section 6.2).
fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_could_be_markup_is_escaped() {
        for (text, expected) in [
            ("a|b", r"a\|b"),
            ("# x\n# y", r"\# x \# y"),
            ("<img src=x onerror=y>", "&lt;img src=x onerror=y&gt;"),
            ("[a](b) ![c](d)", r"\[a\](b) !\[c\](d)"),
            ("`code` *b* _i_ ~s~ $m$", r"\`code\` \*b\* \_i\_ \~s\~ \$m\$"),
            ("@team &amp;", "&#64;team &amp;amp;"),
            ("https://x www.x.y", "https&#58;//x www&#46;x.y"),
            ("- item", r"\- item"),
            ("+1", r"\+1"),
            ("1. item", r"1\. item"),
            ("12) item", r"12\) item"),
            ("0.83% of 1.5", "0.83% of 1.5"),
            ("a-b no_loss", "a-b no_loss"),
            ("-1.00", r"\-1.00"),
        ] {
            assert_eq!(escaped(text, true), expected, "{text}");
        }
    }

    #[test]
    fn what_opens_a_block_is_left_alone_within_a_line() {
        assert_eq!([escaped("+0.72", false), escaped("1. x", false)], ["+0.72", "1. x"]);
    }

    #[test]
    fn a_command_cannot_close_its_block() {
        let mut page = MarkdownPage::default();
        page.command("firedrill run 'a\n```\n# b'");
        assert_eq!(String::from_utf8(page.into_bytes()).unwrap(), "````sh\nfiredrill run 'a ``` # b'\n````\n");
    }
}

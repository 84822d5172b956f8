//! Foreign text inside XML and HTML: between tags and in quoted attributes alike.
//!
//! Invariant: the result holds no markup, no line end, and only characters that XML 1.0 allows (section 2.2).

use super::text::{clean, cut};

/// At most `longest` characters of `text`, on one line, and only such as XML can carry.
pub(super) fn allowed(text: &str, longest: usize) -> String {
    cut(clean(text).trim(), longest).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// At most `longest` characters of `text`, harmless in markup.
pub(super) fn escaped(text: &str, longest: usize) -> String {
    let text = allowed(text, longest);
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_what_xml_forbids_are_gone() {
        assert_eq!(escaped("</a> \"&'\u{0}\u{ffff}\n", 99), "&lt;/a&gt; &quot;&amp;&#39;\u{fffd}\u{fffd}");
        assert_eq!(escaped("a\nb<", 3), "a b…");
    }
}

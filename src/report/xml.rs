//! Foreign text inside XML and HTML: between tags and in quoted attributes alike.
//!
//! Invariant: the result holds no markup, no line end, and only characters that XML 1.0 allows (section 2.2).

use super::text::{clean, cut};

/// At most `longest` characters of `text`, harmless in markup.
pub(super) fn escaped(text: &str, longest: usize) -> String {
    let text = cut(clean(text).trim(), longest);
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
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

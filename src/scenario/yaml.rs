//! From the text of a file to the tree of what stands in it.
//!
//! Owns the only use of the YAML library. Does not know what any key means. Invariant: every node has the place it
//! was written at (of an alias or merge key: where its anchor was), and no input makes this panic or run away.

use crate::field::{MapEntry, Node, NodeValue, Origin, Place, Problem, Problems};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Error, Location, Spanned};
use std::fmt;

/// The largest file that is read. A scenario is some kilobytes; a thousand times that is a mistake.
const LARGEST_FILE: usize = 16 << 20;
/// Most nodes a file may have, aliases expanded.
const MOST_NODES: usize = 1_000_000;
/// Most nodes that may come from aliases.
const MOST_ALIASED: usize = 200_000;
/// Deepest nesting: the language itself needs about ten levels.
const DEEPEST: usize = 64;

/// The text of a file, if it is text.
///
/// # Errors
///
/// One problem if the bytes are not UTF-8.
pub fn text_of(bytes: &[u8]) -> Result<&str, Problems> {
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or("");
        let place = place_of_end(valid);
        let message = format!("the file is not UTF-8 text: byte {} cannot be read", error.valid_up_to());
        let help = "save it as UTF-8; a compressed or binary file is not a scenario";
        one(Problem::error("FD0001", place, message).help(help))
    })
}

/// Reads `text` as a tree of nodes, all of them of `origin`.
///
/// # Errors
///
/// What the text is not: YAML, small enough, or anything at all.
pub(super) fn parse(text: &str, origin: Origin) -> Result<Node, Problems> {
    let text = without_mark(text);
    if text.len() > LARGEST_FILE {
        let message = format!("the file has {} MB, but a scenario may have at most 16 MB", text.len() >> 20);
        return Err(one(Problem::file("FD0003", message)));
    }
    if text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#')) {
        let help = "`firedrill: 1` is the first line of a scenario; `duration`, `regions` and `workload` follow";
        return Err(one(Problem::file("FD0002", "the file is empty").help(help)));
    }
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options()) {
        Ok(raw) => Ok(Reader { text, origin }.node(raw)),
        Err(error) => Err(one(problem(&error, text, origin))),
    }
}

/// Line and column of the property called `id` in a file, both from 1. `None`: it is not in there.
pub(super) fn place_of_property(text: &str, id: &str) -> Option<(u32, u32)> {
    let root = parse(text, Origin::File).ok()?;
    let entry = root.get("properties")?.entries().iter().find(|entry| entry.key == id)?;
    Some((entry.key_place.line, entry.key_place.column))
}

/// `text` without a byte order mark.
pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn one(problem: Problem) -> Problems {
    let mut problems = Problems::new();
    problems.push(problem);
    problems
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MOST_NODES,
            max_events: 3 * MOST_NODES,
            max_depth: DEEPEST,
            flow_nesting_limit: DEEPEST,
            max_documents: 1,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MOST_ALIASED },
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        strict_booleans: true,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
    }
}

/// A value as the YAML library hands it over.
enum Raw {
    Null,
    /// A text, quotes and escapes resolved.
    Text(String),
    /// A plain number or truth value, whose characters stand in the file.
    Plain,
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E: de::Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }
    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }
    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }
    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }
    fn visit_i128<E: de::Error>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }
    fn visit_u128<E: de::Error>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }
    fn visit_string<E: de::Error>(self, text: String) -> Result<Raw, E> {
        Ok(Raw::Text(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            elements.push(element);
        }
        Ok(Raw::List(elements))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

struct Reader<'a> {
    text: &'a str,
    origin: Origin,
}

impl Reader<'_> {
    fn node(&self, raw: Spanned<Raw>) -> Node {
        let place = place(&raw.defined, self.text, self.origin);
        let written = self.text.get(place.start..place.end).unwrap_or("");
        let value = match raw.value {
            Raw::Null => NodeValue::Null,
            Raw::Text(text) => NodeValue::Scalar { text, quoted: written.starts_with(['"', '\'']) },
            Raw::Plain => NodeValue::Scalar { text: written.trim().to_owned(), quoted: false },
            Raw::List(elements) => NodeValue::List(elements.into_iter().map(|node| self.node(node)).collect()),
            Raw::Map(entries) => {
                NodeValue::Map(entries.into_iter().map(|(key, value)| self.entry(key, value)).collect())
            }
        };
        Node { place, value }
    }

    fn entry(&self, key: Spanned<String>, value: Spanned<Raw>) -> MapEntry {
        MapEntry { key: key.value, key_place: place(&key.defined, self.text, self.origin), value: self.node(value) }
    }
}

fn place(location: &Location, text: &str, origin: Origin) -> Place {
    let (line, column) = (location.line().max(1), location.column().max(1));
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let known = location.span().byte_offset().map(size).filter(|start| line == 1 || *start > 0);
    let start = known.unwrap_or_else(|| offset(text, size(line), size(column))).min(text.len());
    let end = start.saturating_add(location.span().byte_len().map_or(0, size)).min(text.len());
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Place { origin, line: number(line), column: number(column), start, end }
}

/// The byte at a line and column, for errors of the library that know only these.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text[before..].lines().next().unwrap_or("");
    before + rest.char_indices().nth(column - 1).map_or(rest.len(), |(at, _)| at)
}

fn place_of_end(text: &str) -> Place {
    let line_start = text.rfind('\n').map_or(0, |at| at + 1);
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Place {
        origin: Origin::File,
        line: number(text.matches('\n').count() + 1),
        column: number(text[line_start..].chars().count() + 1),
        start: text.len(),
        end: text.len(),
    }
}

fn problem(error: &Error, text: &str, origin: Origin) -> Problem {
    let at = error.location().map(|location| place(&location, text, origin));
    let at = at.unwrap_or_else(|| Place::beginning(origin));
    let (code, message, help) = match cause(error) {
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or("…");
            ("FD0005", format!("the key `{key}` appears twice in this map"), "remove or rename one of them")
        }
        Error::Budget { breach: serde_saphyr::budget::BudgetBreach::Documents { .. }, .. }
        | Error::MultipleDocuments { .. } => {
            ("FD0007", "a second document starts here".to_owned(), "a file holds one scenario: remove `---`")
        }
        Error::Budget { breach, .. } => {
            ("FD0006", format!("the file is too large once expanded: {breach:?}"), "a scenario needs far less")
        }
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => {
            ("FD0006", "aliases expand too much".to_owned(), "write the values out, or use `like:`")
        }
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            ("FD0006", "this alias is inside what it refers to".to_owned(), "write the value out")
        }
        Error::NullIntoString { .. } | Error::Unexpected { expected: "string scalar", .. } => {
            ("FD0004", "a key must be a word".to_owned(), "quote it if it is meant as a word")
        }
        other => ("FD0004", format!("not valid YAML: {}", without_location(&other.to_string())), SYNTAX_HELP),
    };
    let code = if message.contains("recursion limit") { "FD0006" } else { code };
    Problem::error(code, at, message).help(help)
}

/// The error itself, out of the wrappers that tell where an alias was used.
fn cause(error: &Error) -> &Error {
    match error.without_snippet() {
        Error::AliasError { error, .. } => cause(error),
        other => other,
    }
}

const SYNTAX_HELP: &str = "check indentation (spaces, never tabs), quotes, and brackets on the lines above";

/// The library's message without the location it ends with, which is printed from the place.
fn without_location(message: &str) -> &str {
    let first = message.lines().next().unwrap_or("");
    first.rfind(" at line ").map_or(first, |end| &first[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> (&'static str, u32, u32) {
        let problems = parse(text, Origin::File).unwrap_err();
        let problem = problems.iter().next().unwrap();
        problem.place.map_or((problem.code, 0, 0), |place| (problem.code, place.line, place.column))
    }

    fn slice<'a>(node: &Node, text: &'a str) -> &'a str {
        &text[node.place.start..node.place.end]
    }

    #[test]
    fn scalars_keep_their_characters_whatever_they_look_like() {
        let text = "a: no\nb: 1.10\nc: 0x1F\nd: 007\ne: 1e400\nf: 1_000\ng: '5'\nh: 99999999999999999999\ni: .inf\n";
        let node = parse(text, Origin::File).unwrap();
        let texts: Vec<_> = node.entries().iter().map(|entry| entry.value.text().unwrap()).collect();
        assert_eq!(texts, ["no", "1.10", "0x1F", "007", "1e400", "1_000", "5", "99999999999999999999", ".inf"]);
        assert!(matches!(&node.get("g").unwrap().value, NodeValue::Scalar { quoted: true, .. }));
        for empty in ["a:", "a: ~", "a: null"] {
            assert!(parse(empty, Origin::File).unwrap().get("a").unwrap().is_null(), "{empty}");
        }
    }

    #[test]
    fn places_are_right_in_lists_merges_aliases_and_wide_letters() {
        let text = "\u{feff}base: &b {x: 1, y: two}\nl: [ü, {m: {<<: *b, y: drei}}]\nä: *b\n";
        let node = parse(text, Origin::File).unwrap();
        let text = without_mark(text);
        let element = &node.get("l").unwrap().elements()[0];
        assert_eq!((slice(element, text), element.place.line, element.place.column), ("ü", 2, 5));
        let merged = node.get("l").unwrap().elements()[1].get("m").unwrap();
        let y = merged.get("y").unwrap();
        assert_eq!((slice(y, text), y.text(), y.place.line, y.place.column), ("drei", Some("drei"), 2, 24));
        assert_eq!(slice(merged.get("x").unwrap(), text), "1");
        let alias = node.get("ä").unwrap().get("y").unwrap();
        assert_eq!((slice(alias, text), alias.place.line), ("two", 1));
        let key = node.entries()[2].key_place;
        assert_eq!((&text[key.start..key.end], key.line, key.column), ("ä", 3, 1));
    }

    #[test]
    fn what_is_not_yaml_is_a_problem_at_its_place() {
        for (text, expected) in [
            ("a: 1\na: 2\n", ("FD0005", 2, 1)),
            ("a: [1, 2\nb: 3", ("FD0004", 2, 2)),
            ("a: *x", ("FD0004", 1, 4)),
            ("a:\n\t- b", ("FD0004", 2, 2)),
            ("a: 1\n---\nb: 2\n", ("FD0007", 2, 1)),
            ("? [a, b]\n: c", ("FD0004", 1, 3)),
            ("null: 5", ("FD0004", 1, 1)),
            ("a: &a [*a]", ("FD0006", 1, 8)),
            ("", ("FD0002", 0, 0)),
            ("# nothing\n\n", ("FD0002", 0, 0)),
        ] {
            assert_eq!(first(text), expected, "{text:?}");
        }
        assert_eq!(first(&"[".repeat(1000)).0, "FD0006");
        assert_eq!(first(&"{a: ".repeat(1000)).0, "FD0006");
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..10 {
            let alias = format!("*a{}", level - 1);
            text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![alias; 10].join(", ")));
        }
        assert_eq!(first(&text).0, "FD0006");
    }

    #[test]
    fn bytes_that_are_no_text_are_named() {
        let problems = text_of(b"a: 1\nb: \xff\xfe\n").unwrap_err();
        let problem = problems.iter().next().unwrap();
        assert_eq!(problem.place.map(|place| (place.line, place.column, place.start)), Some((2, 4, 8)));
        assert!(problem.message.contains("byte 8"));
    }
}

//! The tree a scenario is read into before anybody knows what its keys mean.

use super::place::Place;

/// A value as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where.
    pub place: Place,
    /// What.
    pub value: NodeValue,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeValue {
    /// Nothing: an empty value, `null` or `~`.
    Null,
    /// A word, number or text, unread.
    Scalar {
        /// Its characters, with quotes and escapes resolved.
        text: String,
        /// Whether it stood in quotes.
        quoted: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A map, in order.
    Map(Vec<MapEntry>),
}

/// One key of a map with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapEntry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_place: Place,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// A plain scalar at `place`.
    pub fn scalar(text: impl Into<String>, place: Place) -> Self {
        Self { place, value: NodeValue::Scalar { text: text.into(), quoted: false } }
    }

    /// An empty map at `place`.
    pub const fn empty_map(place: Place) -> Self {
        Self { place, value: NodeValue::Map(Vec::new()) }
    }

    /// The value of `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The entries of a map; none if this is something else.
    pub fn entries(&self) -> &[MapEntry] {
        match &self.value {
            NodeValue::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The elements of a list; none if this is something else.
    pub fn elements(&self) -> &[Self] {
        match &self.value {
            NodeValue::List(elements) => elements,
            _ => &[],
        }
    }

    /// The characters of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether nothing was written.
    pub const fn is_null(&self) -> bool {
        matches!(self.value, NodeValue::Null)
    }

    /// What was written, in words, for messages.
    pub fn shape(&self) -> String {
        match &self.value {
            NodeValue::Null => "nothing".to_owned(),
            NodeValue::Scalar { text, .. } => format!("`{}`", shorten(text)),
            NodeValue::List(_) => "a list".to_owned(),
            NodeValue::Map(_) => "a map".to_owned(),
        }
    }
}

/// `text`, cut to what fits into a message, on one line.
pub fn shorten(text: &str) -> String {
    const LONGEST: usize = 40;
    let line: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > LONGEST { format!("{line}…") } else { line }
}

//! As much of extensible data notation as histories take: maps, vectors, keywords, text, whole numbers and nothing.
//!
//! Does not know what a history is. Invariant: what was written comes back.

use std::iter::Peekable;
use std::str::Chars;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Nil,
    Number(u64),
    Keyword(String),
    Text(String),
    List(Vec<Value>),
    Map(Vec<(Value, Value)>),
}

impl Value {
    /// What a map has under `:key`.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(name, _)| matches!(name, Self::Keyword(name) if name == key)).map(|(_, value)| value)
    }

    pub fn number(&self) -> Option<u64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    pub fn word(&self) -> Option<&str> {
        if let Self::Keyword(word) | Self::Text(word) = self { Some(word) } else { None }
    }

    pub fn list(&self) -> &[Self] {
        if let Self::List(list) = self { list } else { &[] }
    }
}

/// Text between quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// The value that `text` is; nothing if it is none.
pub(super) fn parsed(text: &str) -> Option<Value> {
    let mut left = text.chars().peekable();
    let value = value(&mut left)?;
    left.all(|rest| rest.is_whitespace()).then_some(value)
}

fn is_gap(c: char) -> bool {
    c.is_whitespace() || c == ','
}

fn value(left: &mut Peekable<Chars<'_>>) -> Option<Value> {
    while left.next_if(|c| is_gap(*c)).is_some() {}
    match left.peek()? {
        '[' => list(left, ']').map(Value::List),
        '{' => {
            let flat = list(left, '}')?;
            let pairs = flat.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
            (flat.len() % 2 == 0).then_some(Value::Map(pairs))
        }
        '"' => text(left),
        ':' => {
            left.next();
            Some(Value::Keyword(word(left)))
        }
        _ => match word(left).as_str() {
            "nil" => Some(Value::Nil),
            number => number.parse().ok().map(Value::Number),
        },
    }
}

fn list(left: &mut Peekable<Chars<'_>>, end: char) -> Option<Vec<Value>> {
    left.next();
    let mut found = Vec::new();
    loop {
        while left.next_if(|c| is_gap(*c)).is_some() {}
        if left.next_if_eq(&end).is_some() {
            return Some(found);
        }
        found.push(value(left)?);
    }
}

fn text(left: &mut Peekable<Chars<'_>>) -> Option<Value> {
    left.next();
    let mut found = String::new();
    loop {
        match left.next()? {
            '"' => return Some(Value::Text(found)),
            '\\' => found.push(match left.next()? {
                'n' => '\n',
                other => other,
            }),
            other => found.push(other),
        }
    }
}

fn word(left: &mut Peekable<Chars<'_>>) -> String {
    let mut found = String::new();
    while let Some(next) = left.next_if(|c| !is_gap(*c) && !matches!(c, '[' | ']' | '{' | '}' | '"')) {
        found.push(next);
    }
    found
}

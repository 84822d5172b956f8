//! What is written short, written out: so that a path can lead into it.
//!
//! Owns the search for the table behind a word or a single value. Does not know paths. Invariant: what is written out means
//! what it meant.

use super::Catalogs;
use super::section::workload::{ARRIVALS, CLIENT, KEYS};
use super::section::{TABLES, WORKLOADS};
use crate::control::{ACTIONS, CONDITIONS};
use crate::field::{DISTRIBUTIONS, Default, Field, FieldType, Kind, MapEntry, Node, NodeValue};

/// Tables inside tables that are searched; the language itself has fewer.
const DEEPEST: usize = 6;

/// A single value called `name`, written out as the table that it is the short form of, where a path goes on with `next`.
/// `None`: it is no short form.
pub(super) fn of_value(value: &Node, name: &str, next: &str, catalogs: &Catalogs) -> Option<Node> {
    let is_element = next.split('.').next().is_some_and(|key| key.parse::<usize>().is_ok());
    if !matches!(value.value, NodeValue::Scalar { .. } | NodeValue::List(_)) || is_element {
        return None;
    }
    let entry = |key: &str, inside: Node| {
        let entry = MapEntry { key: key.to_owned(), key_place: value.place, value: inside };
        Node { place: value.place, value: NodeValue::Map(vec![entry]) }
    };
    let kind = next.split('.').next().unwrap_or(next);
    if value.text() == Some(kind) {
        return Some(entry(kind, Node::empty_map(value.place)));
    }
    let short = every_kind(catalogs).into_iter().find_map(|kind| short_in(name, kind, DEEPEST))?;
    Some(entry(short, value.clone()))
}

/// An element of a list, such as `- activate` or `- promote: orders`, with a table in which more can be set.
pub(super) fn open_element(element: &mut Node, next: &str, catalogs: &Catalogs) {
    if let Some(kind) = element.text().map(str::to_owned) {
        let entry = MapEntry { key: kind, key_place: element.place, value: Node::empty_map(element.place) };
        element.value = NodeValue::Map(vec![entry]);
    }
    if let NodeValue::Map(entries) = &mut element.value
        && let [entry] = entries.as_mut_slice()
        && let Some(long) = of_value(&entry.value, &entry.key, next, catalogs)
    {
        entry.value = long;
    }
}

/// What a field called `name` is where nothing is written, if that is a table of the kind with which a path goes on.
pub(super) fn of_default(name: &str, next: &str, at: &Node) -> Option<Node> {
    let fields = WORKLOADS.iter().flat_map(|kind| kind.fields).chain(CLIENT.fields);
    let tables = TABLES.iter().flat_map(|(_, kind)| kind.fields);
    let tag = next.split('.').next().unwrap_or(next);
    fields.chain(tables).filter(|field| field.name == name).find_map(|field| match field.default {
        Default::Tagged(kind, fields) if kind == tag => Some(tagged(kind, fields, at)),
        _ => None,
    })
}

fn tagged(kind: &str, fields: &[(&str, &str)], at: &Node) -> Node {
    let entry = |key: &str, value: Node| MapEntry { key: key.to_owned(), key_place: at.place, value };
    let fields = fields.iter().map(|(name, text)| entry(name, Node::scalar(*text, at.place))).collect();
    let inside = Node { place: at.place, value: NodeValue::Map(fields) };
    Node { place: at.place, value: NodeValue::Map(vec![entry(kind, inside)]) }
}

fn every_kind(catalogs: &Catalogs) -> Vec<&'static Kind> {
    let mut kinds: Vec<&'static Kind> = TABLES.iter().map(|(_, kind)| *kind).chain(WORKLOADS.iter().copied()).collect();
    kinds.extend(catalogs.faults.iter().map(|fault| &fault.kind));
    kinds.extend(catalogs.controls.iter().map(|control| &control.kind));
    kinds.extend(catalogs.properties.iter().map(|property| &property.kind));
    kinds.extend(catalogs.policies.iter().map(|policy| &policy.kind));
    kinds.extend(ACTIONS.iter().map(|action| &action.kind));
    kinds.extend(CONDITIONS.iter().chain(KEYS).chain(ARRIVALS).chain(DISTRIBUTIONS).copied());
    kinds
}

/// The short form of the table `name`: of `kind` if it is called so, or of a field of it.
fn short_in(name: &str, kind: &'static Kind, deep: usize) -> Option<&'static str> {
    let here = if kind.name == name { kind.short } else { None };
    here.or_else(|| kind.fields.iter().filter(|_| deep > 0).find_map(|field| short_of(name, field, deep)))
}

fn short_of(name: &str, field: &'static Field, deep: usize) -> Option<&'static str> {
    let mut ty = &field.ty;
    while let FieldType::List(inside)
    | FieldType::Map(inside)
    | FieldType::Per(_, inside)
    | FieldType::AllOrPer(_, inside) = ty
    {
        ty = inside;
    }
    match ty {
        FieldType::Table(kind) if field.name == name && kind.short.is_some() => kind.short,
        FieldType::Table(kind) => short_in(name, kind, deep - 1),
        FieldType::OneOf(kinds) => kinds.iter().find_map(|kind| short_in(name, kind, deep - 1)),
        _ => None,
    }
}

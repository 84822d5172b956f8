//! From nodes to typed values by a table of fields, reporting everything that is wrong.

use super::distribution::{DISTRIBUTIONS, distribution_of};
use super::incident::{FREQUENCIES, published, rate_of};
use super::kind::{Default, Field, FieldType, Kind, Referent};
use super::node::{MapEntry, Node, NodeValue, shorten};
use super::place::{Origin, Place};
use super::problem::{Problem, Problems};
use super::renamed::{Renamed, is_renamed, new_word};
use super::scalar::{self, ScalarError};
use super::scope::Scope;
use super::suggest::nearest;
use super::values::{Item, Reference, Value, Values};

/// Whether `text` can be a name: 1 to 64 letters, digits, `_`, `-` or `.`, beginning with a letter or digit.
pub fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// Decodes `node` as the table `kind`. Every problem is added to `problems`; `None` if there was one.
pub fn decode(kind: &'static Kind, node: &Node, scope: &Scope, problems: &mut Problems) -> Option<Values> {
    decode_parts(&[kind], node, scope, problems)?.pop()
}

/// Decodes one node as several tables at once, whose fields stand in parallel: a fault's own and those of all faults.
/// The first table's short form counts. One [`Values`] per table.
pub fn decode_parts(
    kinds: &[&'static Kind],
    node: &Node,
    scope: &Scope,
    problems: &mut Problems,
) -> Option<Vec<Values>> {
    Decoder { scope, problems, in_default: false }.tables(kinds, node)
}

/// Decodes `node` as exactly one of `kinds`, under its name: `{zipf: {count: 10}}` or just `zipf`. `common` is a table
/// whose fields stand beside each kind's own; its values come second.
pub fn decode_entry(
    kinds: &[&'static Kind],
    common: Option<&'static Kind>,
    node: &Node,
    scope: &Scope,
    problems: &mut Problems,
) -> Option<(Values, Option<Values>)> {
    Decoder { scope, problems, in_default: false }.entry(kinds, common, node)
}

/// What a field is if it is not written, in a scenario that declares nothing. `None`: its own type refuses it.
pub(super) fn read_default(field: &'static Field) -> Option<Value> {
    let (scope, mut problems) = (Scope::default(), Problems::new());
    let mut decoder = Decoder { scope: &scope, problems: &mut problems, in_default: false };
    let value = decoder.unwritten(field.name, field, Place::beginning(Origin::Default));
    value.filter(|_| problems.is_empty())
}

struct Decoder<'a> {
    scope: &'a Scope,
    problems: &'a mut Problems,
    /// Whether what is being read is a field's own default, written by nobody.
    in_default: bool,
}

impl Decoder<'_> {
    fn tables(&mut self, kinds: &[&'static Kind], node: &Node) -> Option<Vec<Values>> {
        let before = self.problems.error_count();
        let short;
        let entries: &[MapEntry] = match (&node.value, kinds.first().and_then(|kind| kind.short)) {
            (NodeValue::Map(entries), _) => entries,
            (NodeValue::Null, _) => &[],
            (_, Some(field)) => {
                short = [MapEntry { key: field.to_owned(), key_place: node.place, value: node.clone() }];
                &short
            }
            _ => {
                self.wrong_shape(&FieldType::Table(kinds.first()?), node);
                return None;
            }
        };
        self.unknown_keys(kinds, entries);
        let tables = kinds.iter().map(|kind| self.table(kind, entries, node.place)).collect();
        (self.problems.error_count() == before).then_some(tables)
    }

    fn table(&mut self, kind: &'static Kind, entries: &[MapEntry], place: Place) -> Values {
        let mut values = Values::new(kind, place);
        for field in kind.fields {
            match entries.iter().find(|entry| entry.key == field.name) {
                Some(entry) => {
                    let value = self.written(field, entry);
                    let origin = if self.in_default { Origin::Default } else { entry.value.place.origin };
                    values.set(field, entry.value.place, origin, value);
                    if let Some(source) = published(&entry.value) {
                        values.cite(field.name, source);
                    }
                }
                None => {
                    let value = self.unwritten(kind.name, field, place);
                    values.set(field, place, Origin::Default, value);
                }
            }
        }
        values
    }

    fn written(&mut self, field: &'static Field, entry: &MapEntry) -> Option<Value> {
        if entry.value.is_null() && matches!(field.default, Default::Optional | Default::Derived(_)) {
            return None;
        }
        if entry.value.is_null() && !takes_null(&field.ty) {
            let message = format!("`{}` has no value", field.name);
            let help = format!("expected {}", field.ty.describe());
            self.problems.push(Problem::error("FD0104", entry.key_place, message).help(help));
            return None;
        }
        self.value(&field.ty, &entry.value)
    }

    fn unwritten(&mut self, table: &str, field: &'static Field, place: Place) -> Option<Value> {
        let outer = std::mem::replace(&mut self.in_default, true);
        let value = match field.default {
            Default::Required => {
                let message = format!("`{}` is missing in `{table}`", field.name);
                let help = format!("{} Expected {}", field.doc, field.ty.describe());
                self.problems.push(Problem::error("FD0103", place, message).help(help));
                None
            }
            Default::Optional | Default::Derived(_) => None,
            Default::Text(text) => self.value(&field.ty, &Node::scalar(text, place)),
            Default::Tagged(tag, fields) => self.value(&field.ty, &tagged(tag, fields, place)),
            Default::Empty => self.value(&field.ty, &empty(&field.ty, place)),
        };
        self.in_default = outer;
        value
    }

    fn unknown_keys(&mut self, kinds: &[&'static Kind], entries: &[MapEntry]) {
        let known = || kinds.iter().flat_map(|kind| kind.fields).map(|field| field.name);
        for entry in entries.iter().filter(|entry| !known().any(|name| name == entry.key)) {
            let help = match nearest(&entry.key, known()) {
                _ if is_renamed(&entry.key, known()) => new_word(Renamed::Key, &entry.key),
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known: {}", known().collect::<Vec<_>>().join(", ")),
            };
            let table = kinds.first().map_or("", |kind| kind.name);
            let message = format!("unknown key `{}` in `{table}`", shorten(&entry.key));
            self.problems.push(Problem::error("FD0101", entry.key_place, message).help(help));
        }
    }

    fn value(&mut self, ty: &FieldType, node: &Node) -> Option<Value> {
        match ty {
            FieldType::Distribution => self.distribution(node).map(Value::Distribution),
            FieldType::Frequency if node.text().is_some() => self.scalar(&FieldType::Rate, node),
            FieldType::Frequency => Some(Value::Rate(rate_of(&self.entry(FREQUENCIES, None, node)?.0))),
            FieldType::Reference(referent) => self.reference(*referent, ty, node).map(Value::Reference),
            FieldType::ReferenceOr(referent, words) => self.reference_or(*referent, words, ty, node),
            FieldType::Expression => self.expression(ty, node),
            FieldType::List(element) => self.list(ty, element, node),
            FieldType::Map(element) => self.map(ty, element, node),
            FieldType::Per(referent, element) => self.per(ty, *referent, element, node),
            FieldType::AllOrPer(referent, element) => self.all_or_per(ty, *referent, element, node),
            FieldType::Table(kind) => Some(Value::Table(self.tables(&[kind], node)?.pop()?)),
            FieldType::OneOf(kinds) => Some(Value::Table(self.entry(kinds, None, node)?.0)),
            FieldType::OneOfOr(kinds, other) => Some(Value::Table(self.one_or(kinds, other, node)?)),
            FieldType::Any => Some(Value::Node(node.clone())),
            _ => self.scalar(ty, node),
        }
    }

    fn scalar(&mut self, ty: &FieldType, node: &Node) -> Option<Value> {
        match node.text().and_then(|text| scalar::read(ty, text)) {
            Some(Ok(value)) => Some(value),
            Some(Err(misfit)) => {
                self.misfit(misfit, node.place);
                None
            }
            None => {
                self.wrong_shape(ty, node);
                None
            }
        }
    }

    fn distribution(&mut self, node: &Node) -> Option<crate::kernel::Distribution> {
        if node.text().is_some() {
            return match self.scalar(&FieldType::Span, node)? {
                Value::Span(span) => Some(crate::kernel::Distribution::Constant(span)),
                _ => None,
            };
        }
        if node.entries().is_empty() {
            self.wrong_shape(&FieldType::Distribution, node);
            return None;
        }
        let values = self.entry(DISTRIBUTIONS, None, node)?.0;
        distribution_of(&values, node.place, self.problems)
    }

    fn reference(&mut self, referent: Referent, ty: &FieldType, node: &Node) -> Option<Reference> {
        let Some(name) = node.text() else {
            self.wrong_shape(ty, node);
            return None;
        };
        self.declared(referent, name, node.place)
    }

    fn reference_or(&mut self, referent: Referent, words: &[&str], ty: &FieldType, node: &Node) -> Option<Value> {
        match node.text() {
            Some(word) if words.contains(&word) && self.scope.names(referent).all(|name| name != word) => {
                Some(Value::Text(word.to_owned()))
            }
            Some(word) if self.scope.find(referent, word).is_none() => {
                self.problems.push(self.scope.unknown_or(referent, words, word, node.place));
                None
            }
            _ => self.reference(referent, ty, node).map(Value::Reference),
        }
    }

    fn declared(&mut self, referent: Referent, name: &str, place: Place) -> Option<Reference> {
        let index = self.scope.resolve(referent, name, place, self.problems)?;
        Some(Reference { name: name.to_owned(), index, place })
    }

    fn expression(&mut self, ty: &FieldType, node: &Node) -> Option<Value> {
        let NodeValue::Scalar { text, quoted } = &node.value else {
            self.wrong_shape(ty, node);
            return None;
        };
        Some(Value::Expression { text: text.clone(), place: node.place.after(usize::from(*quoted)) })
    }

    fn list(&mut self, ty: &FieldType, element: &FieldType, node: &Node) -> Option<Value> {
        let NodeValue::List(elements) = &node.value else {
            if node.is_null() {
                return Some(Value::List(Vec::new()));
            }
            self.wrong_shape(ty, node);
            return None;
        };
        let items: Vec<_> = elements.iter().map(|node| self.item(element, node)).collect();
        items.into_iter().collect::<Option<_>>().map(Value::List)
    }

    fn item(&mut self, ty: &FieldType, node: &Node) -> Option<Item> {
        Some(Item { place: node.place, value: self.value(ty, node)? })
    }

    fn entries<'n>(&mut self, ty: &FieldType, node: &'n Node) -> Option<&'n [MapEntry]> {
        if matches!(node.value, NodeValue::Map(_) | NodeValue::Null) {
            return Some(node.entries());
        }
        self.wrong_shape(ty, node);
        None
    }

    fn map(&mut self, ty: &FieldType, element: &FieldType, node: &Node) -> Option<Value> {
        // A table knows where it stands itself; what its name is for is known by the reader of the map.
        let named = |entry: &MapEntry, item: Item| match element {
            FieldType::Table(_) => Item { place: entry.key_place, ..item },
            _ => item,
        };
        let entries = self.entries(ty, node)?;
        let items: Vec<_> = entries
            .iter()
            .map(|entry| Some((entry.key.clone(), named(entry, self.item(element, &entry.value)?))))
            .collect();
        items.into_iter().collect::<Option<_>>().map(Value::Map)
    }

    fn per(&mut self, ty: &FieldType, referent: Referent, element: &FieldType, node: &Node) -> Option<Value> {
        let mut items = Vec::new();
        for entry in self.entries(ty, node)? {
            let reference = self.declared(referent, &entry.key, entry.key_place);
            let item = self.item(element, &entry.value);
            items.push(reference.zip(item));
        }
        items.into_iter().collect::<Option<_>>().map(Value::Per)
    }

    /// One value stands for every declared name, under the name's own place.
    fn all_or_per(&mut self, ty: &FieldType, referent: Referent, element: &FieldType, node: &Node) -> Option<Value> {
        let one_for_all = match (&node.value, element) {
            (NodeValue::Map(entries), FieldType::Distribution) => {
                matches!(entries.as_slice(), [entry] if DISTRIBUTIONS.iter().any(|distribution| distribution.name == entry.key))
            }
            (NodeValue::Map(_) | NodeValue::Null, _) => false,
            _ => true,
        };
        if !one_for_all {
            return self.per(ty, referent, element, node);
        }
        let item = self.item(element, node)?;
        let named = |(index, name): (usize, &str)| {
            (Reference { name: name.to_owned(), index, place: node.place }, item.clone())
        };
        Some(Value::Per(self.scope.names(referent).enumerate().map(named).collect()))
    }

    /// The table that needs no name, if its first key is one of that table's.
    fn one_or(&mut self, kinds: &[&'static Kind], other: &'static Kind, node: &Node) -> Option<Values> {
        let is_other = node.entries().first().is_some_and(|entry| other.field(&entry.key).is_some());
        if is_other { self.tables(&[other], node)?.pop() } else { Some(self.entry(kinds, None, node)?.0) }
    }

    fn entry(
        &mut self,
        kinds: &[&'static Kind],
        common: Option<&'static Kind>,
        node: &Node,
    ) -> Option<(Values, Option<Values>)> {
        let bare;
        let entry = match &node.value {
            NodeValue::Map(entries) if entries.len() == 1 => entries.first()?,
            NodeValue::Scalar { text, .. } => {
                let value = Node { place: node.place, value: NodeValue::Null };
                bare = MapEntry { key: text.clone(), key_place: node.place, value };
                &bare
            }
            NodeValue::Map(entries) if entries.len() > 1 => {
                let keys: Vec<_> = entries.iter().take(4).map(|entry| format!("`{}`", shorten(&entry.key))).collect();
                let message =
                    format!("exactly one kind is expected here, but there are {}: {}", entries.len(), keys.join(", "));
                let help = "indent a kind's own fields below it, or put them in braces: `kind: {field: value}`";
                self.problems.push(Problem::error("FD0111", node.place, message).help(help));
                return None;
            }
            _ => {
                let names: Vec<_> = kinds.iter().map(|kind| kind.name).collect();
                let message = format!("a kind with its fields is expected here, but there is {}", node.shape());
                self.problems
                    .push(Problem::error("FD0104", node.place, message).help(format!("one of {}", names.join(", "))));
                return None;
            }
        };
        let Some(kind) = kinds.iter().find(|kind| kind.name == entry.key) else {
            self.unknown_kind(kinds, entry);
            return None;
        };
        let parts: Vec<&'static Kind> = std::iter::once(*kind).chain(common).collect();
        let mut values = self.tables(&parts, &entry.value)?.into_iter();
        Some((values.next()?, values.next()))
    }

    fn unknown_kind(&mut self, kinds: &[&'static Kind], entry: &MapEntry) {
        let names = || kinds.iter().map(|kind| kind.name);
        let mut help = format!("one of {}", names().collect::<Vec<_>>().join(", "));
        if let Some(meant) = nearest(&entry.key, names()) {
            help.push_str(&format!("; did you mean `{meant}`?"));
        }
        let message = format!("unknown kind `{}`", shorten(&entry.key));
        self.problems.push(Problem::error("FD0108", entry.key_place, message).help(help));
    }

    fn wrong_shape(&mut self, ty: &FieldType, node: &Node) {
        let message = format!("expected {}, found {}", ty.describe(), node.shape());
        self.problems.push(Problem::error("FD0104", node.place, message));
    }

    fn misfit(&mut self, misfit: ScalarError, place: Place) {
        self.problems.push(Problem::error(misfit.code, place, misfit.message).help(misfit.help));
    }
}

/// Whether nothing at all is a value of the type: an empty list, map or table.
const fn takes_null(ty: &FieldType) -> bool {
    matches!(ty, FieldType::List(_) | FieldType::Map(_) | FieldType::Per(..) | FieldType::Table(_) | FieldType::Any)
}

fn tagged(tag: &str, fields: &[(&str, &str)], place: Place) -> Node {
    let entry = |key: &str, value: Node| MapEntry { key: key.to_owned(), key_place: place, value };
    let fields = fields.iter().map(|(name, text)| entry(name, Node::scalar(*text, place))).collect();
    let table = Node { place, value: NodeValue::Map(fields) };
    Node { place, value: NodeValue::Map(vec![entry(tag, table)]) }
}

const fn empty(ty: &FieldType, place: Place) -> Node {
    let value = if matches!(ty, FieldType::List(_)) { NodeValue::List(Vec::new()) } else { NodeValue::Map(Vec::new()) };
    Node { place, value }
}

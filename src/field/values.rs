//! What a table of fields was decoded to.

use super::kind::{Field, Kind};
use super::node::Node;
use super::place::{Origin, Place};
use crate::kernel::Distribution;
use crate::units::{BucketId, Bytes, DatabaseId, PersonId, ProviderId, Rate, Ratio, RegionId, Span, Throughput};
use std::fmt;

/// A decoded value.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each variant is the field type of the same name")]
pub enum Value {
    Text(String),
    Flag(bool),
    Count(u64),
    Decimal(f64),
    Span(Span),
    Ratio(Ratio),
    Rate(Rate),
    Bytes(Bytes),
    Throughput(Throughput),
    Distribution(Distribution),
    Reference(Reference),
    Expression { text: String, place: Place },
    List(Vec<Item>),
    Map(Vec<(String, Item)>),
    Per(Vec<(Reference, Item)>),
    Table(Values),
    Node(Node),
}

/// A name that is known to be declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The name.
    pub name: String,
    /// Its position among the names of its kind.
    pub index: usize,
    /// Where it was referred to.
    pub place: Place,
}

/// A value inside a list or map, with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Where it was written.
    pub place: Place,
    /// What.
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq)]
struct Slot {
    field: &'static Field,
    place: Place,
    origin: Origin,
    value: Option<Value>,
    /// Where the value is published, if that is known better than from the field.
    source: Option<&'static str>,
}

/// The decoded values of one table, each with the place it was written at and its origin.
///
/// The getters take the name of a field. They panic if the table has no such field or it has another type: that is a
/// mistake in the program, found by decoding every registered kind once in a test, never one a user can make.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// The table.
    pub kind: &'static Kind,
    /// Where it was written.
    pub place: Place,
    slots: Vec<Slot>,
}

/// Writes the getters of one type: one for a value that is there, one for a value that may be absent.
macro_rules! getters {
    ($($(#[$doc:meta])* $name:ident, $opt:ident -> $ty:ty: $pattern:pat => $out:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name(&self, field: &str) -> $ty {
            self.$opt(field).unwrap_or_else(|| self.absent(field))
        }
        $(#[$doc])*
        ///
        /// `None` if it was left out.
        pub fn $opt(&self, field: &str) -> Option<$ty> {
            self.value(field).map(|value| match value {
                $pattern => $out,
                other => panic!("field `{field}` of `{}` is {other:?}", self.kind.name),
            })
        }
    )*};
}

impl Values {
    pub(super) const fn new(kind: &'static Kind, place: Place) -> Self {
        Self { kind, place, slots: Vec::new() }
    }

    pub(super) fn set(&mut self, field: &'static Field, place: Place, origin: Origin, value: Option<Value>) {
        self.slots.push(Slot { field, place, origin, value, source: None });
    }

    /// Says where the value of a field is published, regardless of its origin.
    pub fn cite(&mut self, field: &str, source: &'static str) {
        if let Some(slot) = self.slots.iter_mut().find(|slot| slot.field.name == field) {
            slot.source = Some(source);
        }
    }

    getters! {
        /// A text or name, or one of some words.
        text, opt_text -> &str: Value::Text(text) => text.as_str();
        /// Yes or no.
        flag, opt_flag -> bool: Value::Flag(flag) => *flag;
        /// A whole number.
        count, opt_count -> u64: Value::Count(count) => *count;
        /// A number.
        decimal, opt_decimal -> f64: Value::Decimal(number) => *number;
        /// A length of time.
        span, opt_span -> Span: Value::Span(span) => *span;
        /// A share or proportion.
        ratio, opt_ratio -> Ratio: Value::Ratio(ratio) => *ratio;
        /// A rate.
        rate, opt_rate -> Rate: Value::Rate(rate) => *rate;
        /// A size.
        bytes, opt_bytes -> Bytes: Value::Bytes(bytes) => *bytes;
        /// How fast data move.
        throughput, opt_throughput -> Throughput: Value::Throughput(throughput) => *throughput;
        /// A distribution of time.
        distribution, opt_distribution -> &Distribution: Value::Distribution(distribution) => distribution;
        /// A declared name.
        reference, opt_reference -> &Reference: Value::Reference(reference) => reference;
        /// An expression and the place of its first character.
        expression, opt_expression -> (&str, Place): Value::Expression { text, place } => (text.as_str(), *place);
        /// The elements of a list.
        list, opt_list -> &[Item]: Value::List(items) => items.as_slice();
        /// The entries of a map.
        map, opt_map -> &[(String, Item)]: Value::Map(entries) => entries.as_slice();
        /// The entries of a map from declared names.
        per, opt_per -> &[(Reference, Item)]: Value::Per(entries) => entries.as_slice();
        /// A table; of a choice of tables, the one that was written: see its `kind.name`.
        table, opt_table -> &Values: Value::Table(values) => values;
        /// A value its owner reads itself.
        node, opt_node -> &Node: Value::Node(node) => node;
    }

    /// The references of a list, in order.
    pub fn references(&self, field: &str) -> impl Iterator<Item = &Reference> {
        self.list(field).iter().filter_map(|item| match &item.value {
            Value::Reference(reference) => Some(reference),
            _ => None,
        })
    }

    /// A reference to a region, as its identifier.
    pub fn region(&self, field: &str) -> RegionId {
        RegionId(self.id(field))
    }

    /// A reference to a database, as its identifier.
    pub fn database(&self, field: &str) -> DatabaseId {
        DatabaseId(self.id(field))
    }

    /// A reference to a bucket, as its identifier.
    pub fn bucket(&self, field: &str) -> BucketId {
        BucketId(self.id(field))
    }

    /// A reference to a provider, as its identifier.
    pub fn provider(&self, field: &str) -> ProviderId {
        ProviderId(self.id(field))
    }

    /// A reference to a person, as their identifier.
    pub fn person(&self, field: &str) -> PersonId {
        PersonId(self.id(field))
    }

    /// A whole number whose field allows no more than 32 bits.
    pub fn count_u32(&self, field: &str) -> u32 {
        u32::try_from(self.count(field)).expect("the field's range fits 32 bits")
    }

    /// The value of a field, whatever its type. `None` if it was left out.
    pub fn value(&self, field: &str) -> Option<&Value> {
        self.slot(field).value.as_ref()
    }

    /// Where a field was written; where the table was, if the field was not.
    pub fn place(&self, field: &str) -> Place {
        self.slot(field).place
    }

    /// Who set a field.
    pub fn origin(&self, field: &str) -> Origin {
        self.slot(field).origin
    }

    /// Fills in a derived default, unless the field was written.
    pub fn settle(&mut self, field: &str, value: Value) {
        let slot = self.slots.iter_mut().find(|slot| slot.field.name == field);
        if let Some(slot) = slot
            && slot.value.is_none()
        {
            slot.value = Some(value);
        }
    }

    /// Puts `value` in place of a field's value, regardless of its origin.
    pub fn replace(&mut self, field: &str, value: Value) {
        if let Some(slot) = self.slots.iter_mut().find(|slot| slot.field.name == field) {
            slot.value = Some(value);
        }
    }

    /// Fills in a default that a publication says, unless the field was written; `source` is that publication.
    pub fn settle_from(&mut self, field: &str, value: Value, source: &'static str) {
        let slot = self.slots.iter().find(|slot| slot.field.name == field);
        if slot.is_some_and(|slot| slot.value.is_none() || slot.origin == Origin::Default) {
            self.replace(field, value);
            self.cite(field, source);
        }
    }

    /// Puts what `origin` says in place of a field's value, regardless of its origin.
    pub fn overrule(&mut self, field: &str, value: Option<Value>, origin: Origin) {
        if let Some(slot) = self.slots.iter_mut().find(|slot| slot.field.name == field) {
            (slot.value, slot.origin) = (value, origin);
        }
    }

    /// A table inside this one, to be settled.
    pub fn table_mut(&mut self, field: &str) -> Option<&mut Self> {
        match self.slots.iter_mut().find(|slot| slot.field.name == field)?.value.as_mut()? {
            Value::Table(values) => Some(values),
            _ => None,
        }
    }

    /// Every field in the table's order: the field, its value, who set it, and where that is published if the field
    /// itself does not say so.
    pub fn fields(&self) -> impl Iterator<Item = (&'static Field, Option<&Value>, Origin, Option<&'static str>)> {
        self.slots.iter().map(|slot| (slot.field, slot.value.as_ref(), slot.origin, slot.source))
    }

    fn id(&self, field: &str) -> u16 {
        u16::try_from(self.reference(field).index).expect("a scenario declares at most 65 536 names of a kind")
    }

    fn slot(&self, field: &str) -> &Slot {
        let found = self.slots.iter().find(|slot| slot.field.name == field);
        found.unwrap_or_else(|| panic!("`{}` has no field `{field}`", self.kind.name))
    }

    fn absent(&self, field: &str) -> ! {
        panic!("field `{field}` of `{}` may be absent: ask for it with `opt_`", self.kind.name)
    }
}

impl fmt::Display for Value {
    /// As it would be written, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Expression { text, .. } => f.write_str(text),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Decimal(number) => write!(f, "{number}"),
            Self::Span(span) => write!(f, "{span}"),
            Self::Ratio(ratio) => write!(f, "{ratio}"),
            Self::Rate(rate) => write!(f, "{rate}"),
            Self::Bytes(bytes) => write!(f, "{bytes}"),
            Self::Throughput(throughput) => write!(f, "{throughput}"),
            Self::Distribution(distribution) => write!(f, "{distribution}"),
            Self::Reference(reference) => f.write_str(&reference.name),
            Self::List(items) => joined(f, ('[', ']'), items, |f, item| write!(f, "{}", item.value)),
            Self::Map(entries) => joined(f, ('{', '}'), entries, |f, (name, item)| write!(f, "{name}: {}", item.value)),
            // One value that was written for all.
            Self::Per(entries) if is_one_for_all(entries) => write!(f, "{}", entries[0].1.value),
            Self::Per(entries) => {
                joined(f, ('{', '}'), entries, |f, (name, item)| write!(f, "{}: {}", name.name, item.value))
            }
            Self::Table(values) => match &values.slots[..] {
                // A word that says one thing more.
                [Slot { field, value: Some(value), .. }] if values.kind.short == Some(field.name) => {
                    write!(f, "{{{}: {value}}}", values.kind.name)
                }
                _ => f.write_str(values.kind.name),
            },
            Self::Node(node) => f.write_str(&node.shape()),
        }
    }
}

fn is_one_for_all(entries: &[(Reference, Item)]) -> bool {
    entries.len() > 1 && entries.iter().all(|(_, item)| item == &entries[0].1)
}

fn joined<T>(
    f: &mut fmt::Formatter<'_>,
    (open, close): (char, char),
    items: &[T],
    mut each: impl FnMut(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    write!(f, "{open}")?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        each(f, item)?;
    }
    write!(f, "{close}")
}

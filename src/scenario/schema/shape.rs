//! Types and tables of fields as schemas.
//!
//! Does not know sections: a field of any content is the caller's. Invariant: a schema allows no less than decoding
//! does, but for quoted spellings nobody writes.

use super::quantity;
use crate::field::{DISTRIBUTIONS, Default, FREQUENCIES, Field, FieldType, Kind, Referent};
use crate::scenario::Catalogs;
use serde_json::{Map, Value, json};

/// Whether required fields are demanded: not of what overrides something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequiredFields {
    All,
    Nothing,
}

pub(super) fn refer(definition: &str) -> Value {
    json!({"$ref": format!("#/$defs/{definition}")})
}

/// Any of `schemas`; of one, that one.
pub(super) fn any_of(mut schemas: Vec<Value>) -> Value {
    if schemas.len() == 1 { schemas.remove(0) } else { json!({ "anyOf": schemas }) }
}

/// A type.
pub(super) fn of_type(ty: &FieldType, catalogs: &Catalogs) -> Value {
    match ty {
        FieldType::Text => refer("text"),
        FieldType::Name => refer("name"),
        FieldType::Flag => json!({"type": "boolean"}),
        FieldType::Count { min, max } => {
            json!({"type": ["integer", "string"], "minimum": min, "maximum": max, "pattern": quantity::count()})
        }
        FieldType::CountOr { min, max, words } => {
            any_of(vec![of_type(&FieldType::Count { min: *min, max: *max }, catalogs), choice(words)])
        }
        FieldType::Decimal { min, max } => {
            json!({"type": ["number", "string"], "minimum": min, "maximum": max, "pattern": quantity::decimal()})
        }
        FieldType::Span => refer("span"),
        FieldType::PositiveSpan => refer("positive_span"),
        FieldType::Ratio => refer("ratio"),
        FieldType::Quotient => refer("quotient"),
        FieldType::Rate | FieldType::RateOrZero => refer("rate"),
        FieldType::Frequency => any_of(vec![refer("rate"), tagged(FREQUENCIES, None, catalogs)]),
        FieldType::Bytes => refer("bytes"),
        FieldType::Throughput => refer("throughput"),
        FieldType::Distribution => refer("distribution"),
        FieldType::Expression => refer("expression"),
        FieldType::Reference(Referent::Procedure) => {
            // Completed to one that is there; the scenario may have some of its own.
            any_of(vec![of_catalog(catalogs), refer("name")])
        }
        FieldType::Reference(_) => refer("name"),
        FieldType::ReferenceOr(..) => refer("name"),
        FieldType::Choice(words) => choice(words),
        FieldType::List(element) => json!({"type": ["array", "null"], "items": of_type(element, catalogs)}),
        FieldType::Map(value) => json!({"type": ["object", "null"], "additionalProperties": of_type(value, catalogs)}),
        FieldType::Per(_, value) => per(value, catalogs),
        FieldType::AllOrPer(_, value) => any_of(vec![of_type(value, catalogs), per(value, catalogs)]),
        FieldType::Table(kind) => table(&[kind], catalogs, RequiredFields::All),
        FieldType::OneOf(kinds) => tagged(kinds, None, catalogs),
        FieldType::OneOfOr(kinds, other) => {
            any_of(vec![tagged(kinds, None, catalogs), table(&[other], catalogs, RequiredFields::All)])
        }
        FieldType::Any => json!({}),
    }
}

/// A procedure of the catalog.
pub(super) fn of_catalog(catalogs: &Catalogs) -> Value {
    let names: Vec<&str> = catalogs.procedures.iter().map(|procedure| &*procedure.name).collect();
    json!({ "enum": names })
}

/// A distribution of time, or a span. Its own definition, as most tables have some.
pub(super) fn distribution(catalogs: &Catalogs) -> Value {
    any_of(vec![refer("span"), tagged(DISTRIBUTIONS, None, catalogs)])
}

/// Exactly one of `kinds` under its name, the fields of `common` beside its own.
pub(super) fn tagged(kinds: &[&Kind], common: Option<&Kind>, catalogs: &Catalogs) -> Value {
    let with_common = |kind: &&Kind| {
        let parts: Vec<&Kind> = std::iter::once(*kind).chain(common).collect();
        (kind.name.to_owned(), table(&parts, catalogs, RequiredFields::All))
    };
    let properties: Map<String, Value> = kinds.iter().map(with_common).collect();
    let object = json!({
        "type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1, "maxProperties": 1,
    });
    let complete = |kind: &&&Kind| kind.fields.iter().all(|field| field.default != Default::Required);
    let bare: Vec<&str> = kinds.iter().filter(complete).map(|kind| kind.name).collect();
    if bare.is_empty() { object } else { any_of(vec![object, json!({ "enum": bare })]) }
}

/// The tables `parts`, whose fields stand in parallel; the first one's short form counts.
pub(super) fn table(parts: &[&Kind], catalogs: &Catalogs, demand: RequiredFields) -> Value {
    let fields = || parts.iter().flat_map(|kind| kind.fields);
    let properties: Map<String, Value> =
        fields().map(|field| (field.name.to_owned(), of_field(field, of_type(&field.ty, catalogs)))).collect();
    let required = required(parts);
    let doc = parts.first().map_or("", |kind| kind.doc);
    let mut object = json!({"description": doc, "properties": properties, "additionalProperties": false});
    if required.is_empty() || demand == RequiredFields::Nothing {
        object["type"] = json!(["object", "null"]);
    } else {
        object["type"] = json!("object");
        object["required"] = json!(required);
    }
    let short = parts.first().and_then(|kind| kind.field(kind.short?));
    match short {
        Some(field) => any_of(vec![object, of_type(&field.ty, catalogs)]),
        None => object,
    }
}

/// The fields of `parts` that must be written.
pub(super) fn required(parts: &[&Kind]) -> Vec<&'static str> {
    let fields = parts.iter().flat_map(|kind| kind.fields);
    fields.filter(|field| field.default == Default::Required).map(|field| field.name).collect()
}

/// What `schema` says of a field of some type, with what the field means and what it is when it is left out.
pub(super) fn of_field(field: &Field, schema: Value) -> Value {
    let mut schema = match field.default {
        // Nothing at all means "left out".
        Default::Optional | Default::Derived(_) => any_of(vec![schema, json!({"type": "null"})]),
        _ => schema,
    };
    schema["description"] = json!(described(field));
    if let Some(default) = default(field) {
        schema["default"] = default;
    }
    schema
}

fn described(field: &Field) -> String {
    let left_out = match field.default {
        Default::Derived(rule) => format!(" Left out: {rule}."),
        _ if !field.source.is_empty() => format!(" The default: {}.", field.source),
        _ => String::new(),
    };
    format!("{}{left_out}", field.doc)
}

fn default(field: &Field) -> Option<Value> {
    match field.default {
        Default::Text(text) => Some(match field.ty {
            FieldType::Flag => json!(text == "true"),
            FieldType::Count { .. } => text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number)),
            FieldType::Decimal { .. } => text.parse::<f64>().map_or_else(|_| json!(text), |number| json!(number)),
            _ => json!(text),
        }),
        Default::Tagged(tag, fields) => {
            let fields: Map<String, Value> =
                fields.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
            Some(json!({ tag: fields }))
        }
        _ => None,
    }
}

fn per(value: &FieldType, catalogs: &Catalogs) -> Value {
    json!({"type": ["object", "null"], "propertyNames": refer("names"), "additionalProperties": of_type(value, catalogs)})
}

/// YAML reads `true` as a flag, even where the word is meant.
fn choice(words: &[&str]) -> Value {
    let flags = [("true", true), ("false", false)].into_iter().filter(|(word, _)| words.contains(word));
    let all: Vec<Value> = words.iter().map(|word| json!(word)).chain(flags.map(|(_, flag)| json!(flag))).collect();
    json!({ "enum": all })
}

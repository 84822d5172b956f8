//! The scenario language as JSON Schema (draft 2020-12), for editors: completion, hover texts, and most mistakes seen
//! while typing.
//!
//! Owns how the sections of a scenario are put together. Does not know any field: those come from the tables. What no
//! schema can say, such as whether a name is declared, `firedrill check` does.
//!
//! Invariant: every file that can be run as it is, is valid. What an entry takes from a preset, from another file or by
//! `like`, its file need not say.

mod quantity;
mod shape;

use super::section::{TABLES, WORKLOADS};
use super::{Catalogs, PRESETS, preset};
use crate::control::{ACTIONS, PROCEDURE, RUNBOOK, STEP};
use crate::field::{Default, Field, FieldType, Kind, Referent};
use serde_json::{Map, Value, json};
use shape::{RequiredFields, any_of, of_catalog, of_field, of_type, refer, required, table, tagged};

/// The version of the schema's own language.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of a scenario file.
pub fn schema(catalogs: &Catalogs) -> Value {
    let mut definitions: Map<String, Value> =
        quantity::definitions().into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    definitions.insert("distribution".to_owned(), shape::distribution(catalogs));
    let mut schema = file(catalogs);
    schema["$schema"] = json!(DRAFT);
    schema["title"] = json!("firedrill scenario, version 1");
    schema["$defs"] = json!(definitions);
    schema
}

/// What the file says about itself, and its sections.
fn file(catalogs: &Catalogs) -> Value {
    let mut properties = Map::new();
    let mut demands = Vec::new();
    for field in tables("").flat_map(|kind| kind.fields) {
        let (schema, demand) = section(field.name, field, catalogs);
        properties.insert(field.name.to_owned(), of_field(field, schema));
        demands.extend(demand.map(|demand| json!({"properties": {field.name: demand}})));
        if field.default == Default::Required {
            demands.push(unless_preset(field.name, json!({"required": [field.name]})));
        }
    }
    demands.push(known_procedures(catalogs));
    let whole = json!({"properties": properties, "additionalProperties": false, "allOf": demands});
    json!({
        "description": "What is rehearsed: the world, its clients, what goes wrong, who acts, and what must hold.",
        "type": "object",
        "if": {"required": ["base"]},
        "then": part(),
        "else": whole,
    })
}

/// What a file may say that builds on another one: any part of any section, which only `check` can judge.
fn part() -> Value {
    let fields = tables("").flat_map(|kind| kind.fields);
    let properties: Map<String, Value> =
        fields.map(|field| (field.name.to_owned(), json!({"description": field.doc}))).collect();
    json!({"properties": properties, "additionalProperties": false, "required": ["firedrill"]})
}

/// Where a scenario says nothing of procedures, its controls run those of the catalog.
fn known_procedures(catalogs: &Catalogs) -> Value {
    let runs = |kind: &Kind| {
        let fields = kind.fields.iter().filter(|field| field.ty == FieldType::Reference(Referent::Procedure));
        let known: Map<String, Value> = fields
            .map(|field| (field.name.to_owned(), any_of(vec![of_catalog(catalogs), json!({"type": "null"})])))
            .collect();
        (!known.is_empty()).then(|| (kind.name.to_owned(), json!({ "properties": known })))
    };
    let controls: Map<String, Value> = catalogs.controls.iter().filter_map(|control| runs(&control.kind)).collect();
    let known = json!({"properties": {"control": {"items": {"properties": controls}}}});
    json!({"anyOf": [{"required": ["procedures"]}, known]})
}

/// A section at `path`: what may be written, and apart from that what must be.
fn section(path: &str, field: &Field, catalogs: &Catalogs) -> (Value, Option<Value>) {
    let list = |kinds: Vec<&Kind>, common| {
        let element = tagged(&kinds, common, catalogs);
        (json!({"type": ["array", "null", "object"], "items": element, "maxProperties": 0}), None)
    };
    let common = tables(&format!("{path}.*")).next();
    match path {
        "workload" => list(WORKLOADS.to_vec(), common),
        "faults" => list(catalogs.faults.iter().map(|fault| &fault.kind).collect(), common),
        "control" => list(catalogs.controls.iter().map(|control| &control.kind).collect(), common),
        "properties" => {
            let kinds: Vec<&Kind> = catalogs.properties.iter().map(|property| &property.kind).collect();
            (named(tagged(&kinds, None, catalogs)), None)
        }
        "procedures" => (named(procedure(catalogs)), None),
        "maintenance" | "objective.classes" => {
            let element = common.map_or_else(|| json!({}), |kind| table(&[kind], catalogs, RequiredFields::All));
            (json!({"type": ["array", "null"], "items": element}), None)
        }
        _ if field.ty != FieldType::Any => (of_type(&field.ty, catalogs), None),
        _ => match (tables(path).next(), common) {
            (Some(kind), _) => {
                let mut section = table(&[kind], catalogs, RequiredFields::All);
                let demands = sections_inside(&mut section, path, kind, catalogs);
                (section, (!demands.is_empty()).then(|| json!({ "allOf": demands })))
            }
            (None, Some(kind)) => entries(path, kind, catalogs),
            (None, None) => (json!({}), None),
        },
    }
}

/// Figures of a procedure that is there, or the steps of one of the scenario's own: as a list, or in a table.
fn procedure(catalogs: &Catalogs) -> Value {
    let kinds: Vec<&Kind> = ACTIONS.iter().map(|action| &action.kind).collect();
    let list = json!({"type": "array", "minItems": 1, "items": tagged(&kinds, Some(&STEP), catalogs)});
    let mut own = table(&[&Kind { short: None, ..RUNBOOK }], catalogs, RequiredFields::All);
    own["properties"]["steps"] = list.clone();
    any_of(vec![table(&[&PROCEDURE], catalogs, RequiredFields::All), own, list])
}

/// A map from chosen names to tables of `kind`.
fn entries(path: &str, kind: &Kind, catalogs: &Catalogs) -> (Value, Option<Value>) {
    let inside = format!("{path}.*");
    let mut entry = table(&[kind], catalogs, RequiredFields::Nothing);
    let mut demands: Vec<Value> = required(&[kind]).into_iter().map(|name| json!({"required": [name]})).collect();
    demands.extend(sections_inside(&mut entry, &inside, kind, catalogs));
    if demands.is_empty() {
        return (named(entry), None);
    }
    let whole = json!({"type": "object", "allOf": demands});
    let demand = match kind.field("like") {
        Some(_) => json!({"anyOf": [{"required": ["like"]}, whole]}),
        None => whole,
    };
    (named(entry), Some(unless_preset(path, json!({ "additionalProperties": demand }))))
}

/// Says what the sections among the fields of `kind`, which stands at `path`, may hold, and gives what they must.
fn sections_inside(entry: &mut Value, path: &str, kind: &Kind, catalogs: &Catalogs) -> Vec<Value> {
    let mut demands = Vec::new();
    for field in kind.fields.iter().filter(|field| field.ty == FieldType::Any) {
        let (schema, demand) = section(&format!("{path}.{}", field.name), field, catalogs);
        entry["properties"][field.name] = of_field(field, schema);
        demands.extend(demand.map(|demand| json!({"properties": {field.name: demand}})));
    }
    demands
}

fn named(entry: Value) -> Value {
    json!({"type": ["object", "null"], "propertyNames": refer("names"), "additionalProperties": entry})
}

/// `demand`, unless the file lays itself over a preset that has something at `key`.
fn unless_preset(key: &str, demand: Value) -> Value {
    let has = |name: &&str| matches!(preset::tree(name), Some(Ok(tree)) if tree.get(key).is_some());
    let supplying: Vec<&str> = PRESETS.iter().map(|preset| preset.name).filter(has).collect();
    if supplying.is_empty() {
        return demand;
    }
    json!({"anyOf": [demand, {"required": ["preset"], "properties": {"preset": {"enum": supplying}}}]})
}

/// The tables at `path`.
fn tables(path: &str) -> impl Iterator<Item = &'static Kind> {
    TABLES.iter().filter(move |(at, _)| *at == path).map(|(_, kind)| *kind)
}

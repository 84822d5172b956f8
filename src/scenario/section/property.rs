//! `properties`: what must hold. The kinds come from the catalog of properties.

use super::Context;
use crate::check::PropertyKind;
use crate::field::{Catalog, Kind, NodeValue, Problem, decode_entry};
use crate::scenario::plan::PlannedProperty;

pub(in crate::scenario) fn build(
    context: &mut Context<'_>,
    catalog: Catalog<PropertyKind>,
) -> Option<Vec<PlannedProperty>> {
    let node = context.node("properties");
    if !matches!(node.value, NodeValue::Map(_) | NodeValue::Null) {
        let message = format!("`properties` is a map from id to property, but this is {}", node.shape());
        context.refuse("FD0104", node.place, message, "write `id: {kind: {field: value}}`");
        return None;
    }
    if node.entries().is_empty() {
        let problem = Problem::warning("FD0503", node.place, "no properties: the run will prove nothing");
        context.problems.push(problem.help("state under `properties:` what must hold"));
    }
    let kinds: Vec<&'static Kind> = catalog.iter().map(|property| &property.kind).collect();
    let mut properties = Vec::new();
    for entry in node.entries() {
        let decoded = decode_entry(&kinds, None, &entry.value, context.scope, context.problems);
        properties.push(decoded.and_then(|(values, _)| {
            context.keep(format!("properties.{}.{}", entry.key, values.kind.name), &values);
            let kind = catalog.iter().find(|property| property.kind.name == values.kind.name)?;
            let property = (kind.build)(&entry.key, &values, context.scope, context.problems)?;
            Some(PlannedProperty { id: entry.key.clone(), kind: kind.kind.name, property })
        }));
    }
    super::all(properties)
}

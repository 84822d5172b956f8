//! `control`: what acts during the run. The kinds come from the control catalog.

use super::Context;
use super::fault::list;
use crate::control::{Control, ControlKind};
use crate::field::{Kind, decode_entry};
use std::sync::Arc;

pub(in crate::scenario) fn build(
    context: &mut Context<'_>,
    catalog: &'static [ControlKind],
) -> Option<Vec<Arc<dyn Control>>> {
    let node = context.node("control");
    let kinds: Vec<&'static Kind> = catalog.iter().map(|control| &control.kind).collect();
    let mut controls = Vec::new();
    for (index, element) in list(&node, "control", context)?.iter().enumerate() {
        let decoded = decode_entry(&kinds, None, element, context.scope, context.problems);
        controls.push(decoded.and_then(|(values, _)| {
            context.keep(format!("control.{index}.{}", values.kind.name), &values);
            let kind = catalog.iter().find(|control| control.kind.name == values.kind.name)?;
            (kind.build)(&values, context.scope, context.problems)
        }));
    }
    super::all(controls)
}

//! `control`: what acts during the run. The kinds come from the control catalog; what all share is here.

use super::fault::list;
use super::{Context, procedures};
use crate::control::{Control, ControlKind, Declared};
use crate::field::{Catalog, Field, FieldType, Kind, Referent, Value, Values, decode_entry};
use crate::model::plan::ControllerPlan;
use std::sync::Arc;

pub(super) const COMMON: Kind = Kind::new(
    "controller",
    "Fields of every controller.",
    &[
        Field::derived("id", FieldType::Name, "the kind, numbered if there are several", "", "What it is called."),
        Field::optional(
            "runs_in",
            FieldType::Reference(Referent::Region),
            "The region it runs in, and fails with. Left out: outside all regions.",
        ),
    ],
);

/// What acts, and what the world knows of it.
pub(in crate::scenario) type Controllers = (Vec<ControllerPlan>, Vec<Arc<dyn Control>>);

/// What was built of a section.
pub(in crate::scenario) struct Built {
    /// One per element; `None`: it has a problem.
    each: Vec<Option<(ControllerPlan, Arc<dyn Control>)>>,
    /// Whether the section is a list at all.
    is_list: bool,
}

impl Built {
    /// All of them, if each could be built.
    pub fn whole(&self) -> Option<Controllers> {
        let whole = self.is_list && self.each.iter().all(Option::is_some);
        whole.then(|| self.sound())
    }

    /// Those that could be built.
    pub fn sound(&self) -> Controllers {
        self.each.iter().flatten().cloned().unzip()
    }
}

pub(in crate::scenario) fn build(
    context: &mut Context<'_>,
    catalog: Catalog<ControlKind>,
    procedures: &procedures::Section,
) -> Built {
    let node = context.node("control");
    let kinds: Vec<&'static Kind> = catalog.iter().map(|control| &control.kind).collect();
    let mut controls = Vec::new();
    let elements = list(&node, "control", context);
    for (index, element) in elements.unwrap_or_default().iter().enumerate() {
        let decoded = decode_entry(&kinds, Some(&COMMON), element, context.scope, context.problems);
        controls.push(decoded.and_then(|(own, common)| planned(context, (catalog, procedures), index, (own, common?))));
    }
    Built { each: controls, is_list: elements.is_some() }
}

fn planned(
    context: &mut Context<'_>,
    (catalog, known): (Catalog<ControlKind>, &procedures::Section),
    index: usize,
    (mut own, mut common): (Values, Values),
) -> Option<(ControllerPlan, Arc<dyn Control>)> {
    let name = context.scope.names(Referent::Controller).nth(index).unwrap_or(own.kind.name).to_owned();
    common.settle("id", Value::Text(name.clone()));
    let kind: &ControlKind = catalog.iter().find(|control| control.kind.name == own.kind.name)?;
    let declared = Declared {
        scope: context.scope,
        procedures: &known.procedures,
        settings: &known.settings,
        policies: known.policies,
    };
    let control = (kind.build)(&mut own, &declared, context.problems);
    context.keep(format!("control.{name}"), &common);
    context.keep(format!("control.{name}"), &own);
    let control = control?;
    let lease = own.kind.field("lease").and_then(|_| own.table("lease").opt_text("name")).map(str::to_owned);
    let place = common.opt_reference("runs_in").map(|_| common.region("runs_in"));
    Some((ControllerPlan { name, place, drill: control.is_drill(), lease }, control))
}

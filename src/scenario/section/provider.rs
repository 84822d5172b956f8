//! `providers`: who runs the regions.

use super::{Context, Named, elastic};
use crate::field::{Field, FieldType, Kind, Node, Origin, Place, decode};
use crate::model::plan::ProviderPlan;

/// The provider that is there when none is declared.
pub(in crate::scenario) const UNNAMED: &str = "default";

pub(super) const PROVIDER: Kind = Kind::new(
    "provider",
    "A cloud provider that runs regions, and what they all share.",
    &[
        Field::with(
            "errors",
            FieldType::Ratio,
            "0%",
            "product default: what fails is written down as a fault",
            "The share of requests that fail outside incidents.",
        ),
        Field::optional("limit", FieldType::Table(&elastic::LIMIT), "The rate limit across all its regions."),
    ],
);

pub(in crate::scenario) fn build(context: &mut Context<'_>) -> Option<Vec<ProviderPlan>> {
    let mut providers = context.named("providers", &PROVIDER);
    if providers.is_empty() {
        let nothing = Node::empty_map(Place::beginning(Origin::Default));
        let values = decode(&PROVIDER, &nothing, context.scope, context.problems);
        providers.push(Named { name: UNNAMED.to_owned(), place: nothing.place, values });
    }
    let mut plans = Vec::new();
    for provider in providers {
        if let Some(values) = &provider.values {
            context.keep(format!("providers.{}", provider.name), values);
        }
        plans.push(provider.values.map(|values| ProviderPlan {
            name: provider.name,
            errors: values.ratio("errors"),
            limit: elastic::limit(&values, context),
        }));
    }
    super::all(plans)
}

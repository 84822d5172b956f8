//! Journeys: the requests of one session, in order.

use crate::field::{Default, Field, FieldType, Kind, Referent, Value, Values};
use crate::model::plan::JourneyStep;

/// How users think.
pub(super) const THINK: Default = Default::Tagged("exponential", &[("mean", "7s")]);
/// Source of [`THINK`].
pub(super) const TPC_W: &str = "TPC Benchmark W (2002), clause 5.3: think times are exponential with a mean of 7 s";

pub(super) const STEP: FieldType = FieldType::Table(&STEP_KIND);

const STEP_KIND: Kind = Kind::new(
    "step",
    "A request of a journey.",
    &[
        Field::derived(
            "service",
            FieldType::Reference(Referent::Service),
            "the service the population calls",
            "",
            "The service it calls.",
        ),
        Field::with(
            "does",
            FieldType::Choice(&["read", "write"]),
            "read",
            "product default: most steps look at something",
            "Whether it reads or writes.",
        ),
        Field {
            name: "think",
            ty: FieldType::Distribution,
            default: THINK,
            source: TPC_W,
            doc: "How long the user thinks before the next step.",
        },
    ],
)
.short("service");

/// The steps of a population that otherwise calls `service`.
pub(super) fn steps(values: &Values, service: &str) -> Vec<JourneyStep> {
    let step = |item: &crate::field::Item| match &item.value {
        Value::Table(step) => Some(JourneyStep {
            service: step.opt_reference("service").map_or(service, |reference| &reference.name).to_owned(),
            write: step.text("does") == "write",
            think: step.distribution("think").clone(),
        }),
        _ => None,
    };
    values.list("journey").iter().filter_map(step).collect()
}

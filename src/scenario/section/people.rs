//! `people`: who can be paged and asked, and how they respond.

use super::{Context, Named};
use crate::field::{Default, Field, FieldType, Kind, Values};
use crate::model::plan::PersonPlan;

pub(super) const PERSON: Kind = Kind::new(
    "person",
    "A person who can be paged and asked.",
    &[
        Field::with(
            "availability",
            FieldType::Ratio,
            "90%",
            "product default: no public figure is known; rehearse with 5 % to 20 % of pages unanswered",
            "The share of pages they notice; they never respond to the rest.",
        ),
        Field {
            name: "acknowledge",
            ty: FieldType::Distribution,
            default: Default::Tagged("exponential", &[("mean", "4m")]),
            source: "product default: no public distribution is known; rehearse with means of 2 to 10 minutes",
            doc: "The time from a page reaching them to their acknowledgement.",
        },
        Field {
            name: "decide",
            ty: FieldType::Distribution,
            default: Default::Tagged("lognormal", &[("median", "3m"), ("sigma", "0.88")]),
            source: "product default for a prepared question; spread of ten published incidents (GitHub 2018, AWS 2015, 2020 \
                     and 2025, Azure 2021, Fastly 2021 and others), whose own median, the cause unknown, is 76 min",
            doc: "The time from the acknowledgement, or from the question if that comes later, to an answer.",
        },
        Field::with(
            "wrong",
            FieldType::Ratio,
            "0%",
            "product default: a prepared question has a prepared answer; in 14 of 48 public postmortems (29 %) the first \
             mitigation was wrong, blocked or made it worse",
            "The share of questions on which they first try something that does not help.",
        ),
        Field {
            name: "wrong_takes",
            ty: FieldType::Distribution,
            default: Default::Tagged("incident", &[("phase", "decide")]),
            source: "product default: the right decision takes as long again as the wrong one; 90 min in Azure's \
                     postmortem of March 2021",
            doc: "The time from that wrong decision to the answer they should have given.",
        },
        Field::with(
            "approves",
            FieldType::Ratio,
            "100%",
            "product default: a prepared plan is followed",
            "The share of requests they approve; 0% refuses everything.",
        ),
        Field::with("reason", FieldType::Text, "not now", "product default", "The reason they give when they refuse."),
    ],
);

pub(in crate::scenario) fn build(context: &mut Context<'_>) -> Option<Vec<PersonPlan>> {
    let mut plans = Vec::new();
    for Named { name, values, .. } in context.named("people", &PERSON) {
        if let Some(values) = &values {
            context.keep(format!("people.{name}"), values);
        }
        plans.push(values.map(|values| plan(name, &values)));
    }
    super::all(plans)
}

fn plan(name: String, values: &Values) -> PersonPlan {
    PersonPlan {
        name,
        availability: values.ratio("availability"),
        acknowledge: values.distribution("acknowledge").clone(),
        decide: values.distribution("decide").clone(),
        wrong: values.ratio("wrong"),
        wrong_takes: values.distribution("wrong_takes").clone(),
        approves: values.ratio("approves"),
        reason: values.text("reason").to_owned(),
    }
}

//! `closed`: users who wait for their answers.

use super::journey::{THINK, TPC_W};
use crate::field::{Field, FieldType, Kind, Values};
use crate::model::plan::{Arrivals, Closed};

pub(super) const CLOSED: Kind = Kind::new(
    "closed",
    "A closed workload: each of a number of users thinks, sends a request, waits for the outcome, and thinks again; \
     with a `journey`, each goes through its steps and starts over.",
    &[
        Field::derived("name", FieldType::Name, "the kind, numbered if there are several", "", "What it is called."),
        Field::required("users", FieldType::Count { min: 1, max: 1_000_000 }, "How many users there are."),
        Field {
            name: "think",
            ty: FieldType::Distribution,
            default: THINK,
            source: TPC_W,
            doc: "How long each thinks before the first request and after each journey, or after each request if there is \
                  no journey.",
        },
    ],
);

pub(super) fn arrivals(values: &Values) -> Arrivals {
    Arrivals::Closed(Closed {
        users: values.count_u32("users"),
        think: values.distribution("think").clone(),
        lease: None,
    })
}

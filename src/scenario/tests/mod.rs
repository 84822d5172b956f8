//! The language as a whole: what parses to what, and what is said about what does not.

mod bad;
mod fuzz;
mod good;
mod look;

use super::{Catalogs, Control, ControlKind, Fault, FaultKind, Plan, Property, PropertyKind, load};
use crate::field::{Field, FieldType, Kind, Problems, Referent};
use std::sync::Arc;

/// The example of the language's description, to the letter.
const EXAMPLE: &str = include_str!("example.yaml");

#[derive(Debug)]
struct Stub;
impl Fault for Stub {}
impl Control for Stub {}
impl Property for Stub {}

const REGION: Field = Field::required("region", FieldType::Reference(Referent::Region), "Which.");

/// Kinds as the other layers will bring them.
const CATALOGS: Catalogs = Catalogs {
    faults: &[FaultKind {
        kind: Kind::new("region_outage", "A region goes dark.", &[REGION]),
        build: |values, _, _| {
            let _ = values.region("region");
            Some(Arc::new(Stub))
        },
    }],
    controls: &[ControlKind {
        kind: Kind::new(
            "watch",
            "Looks and acts.",
            &[
                Field::with("every", FieldType::PositiveSpan, "10s", "test", "How often."),
                Field::required("run", FieldType::Reference(Referent::Procedure), "What."),
            ],
        ),
        build: |_, _, _| Some(Arc::new(Stub)),
    }],
    procedures: &["region_failover", "failback"],
    properties: &[
        PropertyKind {
            kind: Kind::new(
                "recovers",
                "Comes back.",
                &[
                    Field::required("after", FieldType::Expression, "After what."),
                    Field::required("holds", FieldType::Expression, "What."),
                    Field::required("within", FieldType::Span, "How soon."),
                    Field::optional("stable", FieldType::Span, "For how long."),
                ],
            ),
            build: |_, _, _, _| Some(Arc::new(Stub)),
        },
        PropertyKind {
            kind: Kind::new(
                "ledger",
                "Losses.",
                &[Field::required("lost", FieldType::Count { min: 0, max: 1_000 }, "At most.")],
            ),
            build: |_, _, _, _| Some(Arc::new(Stub)),
        },
    ],
};

/// A small scenario without problems, to break in one place at a time.
const SMALL: &str = "\
firedrill: 1
duration: 10m
regions:
  home: {services: {api: {servers: 4, time: 20ms, database: orders}}}
  away: {like: home, role: secondary}
databases:
  orders: {primary: home, replicas: [away]}
workload:
  - open: {rate: 100/s}
faults:
  - region_outage: {id: dark, region: home, at: 5m, for: 1m}
control:
  - watch: {run: region_failover}
properties:
  loss: {ledger: {lost: 0}}
";

fn plan(text: &str) -> Plan {
    planned(text, &[])
}

fn planned(text: &str, settings: &[(&str, &str)]) -> Plan {
    match try_load(text, settings) {
        Ok((plan, _)) => plan,
        Err(problems) => panic!("{}", shown(&problems, text, settings)),
    }
}

fn try_load(text: &str, settings: &[(&str, &str)]) -> Result<(Plan, Problems), Problems> {
    load(text, "dir/test.yaml", &owned(settings), &CATALOGS)
}

fn owned(settings: &[(&str, &str)]) -> Vec<(String, String)> {
    settings.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect()
}

fn shown(problems: &Problems, text: &str, settings: &[(&str, &str)]) -> String {
    super::render(problems, super::Sources { file: "test.yaml", text, settings: &owned(settings) }, false)
}

/// Code, line and column of every problem; zeros if it is the file's as a whole.
fn found(text: &str, settings: &[(&str, &str)]) -> Vec<(&'static str, u32, u32)> {
    let problems = match try_load(text, settings) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    let place = |problem: &crate::field::Problem| problem.place.map_or((0, 0), |place| (place.line, place.column));
    problems.iter().map(|problem| (problem.code, place(problem).0, place(problem).1)).collect()
}

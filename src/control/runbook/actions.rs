//! The actions that a step can be, and the conditions that it can wait on: one entry each.
//!
//! Invariant: a field that is decoded is in what is built.

use crate::control::shift::shares;
use crate::field::{Field, FieldType, Kind, Problems, Referent, Value, Values};
use crate::procedure::{Site, StepAction, StepCondition};

/// An action: how it is written, and what it becomes.
#[derive(Debug)]
pub struct ActionKind {
    /// Its fields.
    pub kind: Kind,
    /// What they say. `None` if a problem was reported.
    pub build: fn(&Values, &mut Problems) -> Option<StepAction>,
}

const SITE: FieldType = FieldType::ReferenceOr(Referent::Region, &["from", "to"]);
const WRITES: FieldType = FieldType::Count { min: 0, max: 1_000_000_000_000 };

const fn there(doc: &'static str) -> Field {
    Field::with("region", SITE, "to", "product default: a procedure works on the region that takes over", doc)
}

const fn database(doc: &'static str) -> Field {
    Field::required("database", FieldType::Reference(Referent::Database), doc)
}

const fn record(doc: &'static str) -> Field {
    Field::required("record", FieldType::Reference(Referent::Record), doc)
}

/// Every action: one entry each.
pub const ACTIONS: &[ActionKind] = &[
    ActionKind {
        kind: Kind::new(
            "activate",
            "Activates every service of a region and verifies that it serves. Undone by going back to standby, if it \
             was on standby.",
            &[there("The region; `from` and `to` are those of the controller that runs the procedure.")],
        )
        .short("region"),
        build: |values, _| Some(StepAction::Activate { region: site(values) }),
    },
    ActionKind {
        kind: Kind::new(
            "deactivate",
            "Puts every service of a region on standby, and verifies that none serves.",
            &[Field::required(
                "region",
                SITE,
                "The region; `from` and `to` are those of the controller that runs the \
                                               procedure.",
            )],
        )
        .short("region"),
        build: |values, _| Some(StepAction::Deactivate { region: site(values) }),
    },
    ActionKind {
        kind: Kind::new(
            "point_record",
            "Points a DNS record at a region, and reads it back. Undone by pointing it back.",
            &[record("The record."), there("The region to point it at.")],
        )
        .short("record"),
        build: |values, _| Some(StepAction::PointRecord { record: name(values, "record"), region: site(values) }),
    },
    ActionKind {
        kind: Kind::new(
            "set_ttl",
            "Sets the TTL of a record, and reads it back. Answers fetched before keep their old TTL.",
            &[record("The record."), Field::required("ttl", FieldType::Span, "How long.")],
        ),
        build: |values, _| Some(StepAction::SetTtl { record: name(values, "record"), ttl: values.span("ttl") }),
    },
    ActionKind {
        kind: Kind::new(
            "set_weights",
            "Sets the balancer's weights, and reads them back. Undone by restoring the previous weights.",
            &[Field::required(
                "weights",
                FieldType::Per(Referent::Region, &FieldType::Ratio),
                "The share of traffic per region; regions that are not named get none.",
            )],
        ),
        build: |values, problems| Some(StepAction::SetWeights { weights: shares(values, problems)? }),
    },
    ActionKind {
        kind: Kind::new(
            "fence",
            "Fences off older epochs of a database, so that nobody can write to it until a copy is opened. Undone by \
             reopening the copy that led.",
            &[database("The database."), there("The region of the copy to open.")],
        )
        .short("database"),
        build: |values, _| Some(StepAction::Fence { database: name(values, "database"), region: site(values) }),
    },
    ActionKind {
        kind: Kind::new(
            "promote",
            "Fences off a database, announces what may be lost, and opens the copy in a region: the point of no \
             return.",
            &[
                database("The database."),
                there("The region of the copy."),
                Field::with(
                    "lossless",
                    FieldType::Flag,
                    "false",
                    "product default: an authority that is gone cannot be asked",
                    "Whether the copy is opened only once it has everything the old authority had, which must answer.",
                ),
            ],
        )
        .short("database"),
        build: |values, _| {
            let (database, region, lossless) = (name(values, "database"), site(values), values.flag("lossless"));
            Some(StepAction::Promote { database, region, lossless })
        },
    },
    ActionKind {
        kind: Kind::new(
            "rebuild",
            "Rebuilds a copy that can no longer replicate: what only it holds is discarded. A copy that replicates is \
             left alone.",
            &[database("The database."), there("The region of the copy.")],
        )
        .short("database"),
        build: |values, _| Some(StepAction::Rebuild { database: name(values, "database"), region: site(values) }),
    },
    ActionKind {
        kind: Kind::new(
            "catch_up",
            "Waits until a copy has nearly caught up with its authority.",
            &[
                database("The database."),
                there("The region of the copy."),
                Field::with(
                    "within",
                    WRITES,
                    "0",
                    "product default: everything that was there a moment ago",
                    "How many of the writes that the authority had a moment ago it may still lack.",
                ),
            ],
        )
        .short("database"),
        build: |values, _| {
            let (database, region, within) = (name(values, "database"), site(values), values.count("within"));
            Some(StepAction::CatchUp { database, region, within })
        },
    },
    ActionKind {
        kind: Kind::new(
            "probe",
            "Verifies that services of a region answer several probes each, within the response-time limit.",
            &[
                Field::empty(
                    "services",
                    FieldType::List(&FieldType::Reference(Referent::Service)),
                    "Which services; empty: those the region cannot work without.",
                ),
                there("The region."),
            ],
        )
        .short("services"),
        build: |values, _| Some(StepAction::Probe { services: names(values, "services"), region: site(values) }),
    },
    ActionKind {
        kind: Kind::new(
            "require",
            "Waits for a condition to hold; if it does not within the budget, the procedure fails.",
            &[Field::required("that", FieldType::OneOf(CONDITIONS), "What.")],
        ),
        build: |values, _| Some(StepAction::Require { condition: condition(values.table("that")) }),
    },
    ActionKind {
        kind: Kind::new(
            "wait",
            "Waits for a fixed time, such as until caches have expired.",
            &[Field::required("span", FieldType::PositiveSpan, "How long.")],
        )
        .short("span"),
        build: |values, _| Some(StepAction::Wait { span: values.span("span") }),
    },
    ActionKind {
        kind: Kind::new(
            "notify",
            "Notifies people.",
            &[
                Field::empty(
                    "audiences",
                    FieldType::List(&FieldType::Name),
                    "Whom to notify; empty: the audiences under `notify` of the controller that runs the procedure.",
                ),
                Field::optional(
                    "message",
                    FieldType::Text,
                    "The message; left out: which region takes over, and what \
                                                             may be lost.",
                ),
            ],
        )
        .short("audiences"),
        build: |values, _| {
            let message = values.opt_text("message").map(str::to_owned);
            Some(StepAction::Notify { audiences: names(values, "audiences"), message })
        },
    },
];

/// Every condition: one entry each.
pub const CONDITIONS: &[&Kind] = &[
    &Kind::new(
        "fails",
        "Monitoring sees the region fail. Neither missing data nor mere degradation counts.",
        &[Field::with("region", SITE, "from", "product default: the region that is left", "The region.")],
    )
    .short("region"),
    &Kind::new(
        "fit",
        "Monitoring sees no failure in the region, and every service that serves there answers.",
        &[there("The region.")],
    )
    .short("region"),
    &Kind::new(
        "leads",
        "The copy of a database in a region accepts writes.",
        &[database("The database."), there("The region.")],
    )
    .short("database"),
    &Kind::new("names", "A DNS record points at a region.", &[record("The record."), there("The region.")])
        .short("record"),
];

/// What a decoded condition says.
pub(super) fn condition(values: &Values) -> StepCondition {
    let region = site(values);
    match values.kind.name {
        "fails" => StepCondition::Fails { region },
        "fit" => StepCondition::Fit { region },
        "leads" => StepCondition::Leads { database: name(values, "database"), region },
        _ => StepCondition::Names { record: name(values, "record"), region },
    }
}

fn site(values: &Values) -> Site {
    match values.value("region") {
        Some(Value::Reference(region)) => Site::Region(region.name.clone()),
        Some(Value::Text(word)) if word == "from" => Site::From,
        _ => Site::To,
    }
}

fn name(values: &Values, field: &str) -> String {
    values.reference(field).name.clone()
}

fn names(values: &Values, field: &str) -> Vec<String> {
    super::super::order::names(values, field)
}

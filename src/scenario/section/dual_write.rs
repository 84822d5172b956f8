//! `regions.<region>.services.<service>.dual_write`: the other databases that writes of a service go to.
//!
//! Does not know how legs are sent. Invariant: the databases are different ones, at least two, and there are as many as a
//! write waits for.

use super::Context;
use crate::field::{Field, FieldType, Kind, Origin, Reference, Referent, Values};
use crate::model::plan::{DualWritePlan, LegRule};
use crate::units::DatabaseId;

/// The most databases that a write goes to: a job knows its leg by three bits.
const MOST: u64 = 8;

pub(super) const DUAL_WRITE: Kind = Kind::new(
    "dual_write",
    "Writes go to other databases at the same time as to the service's own, which its reads keep to.",
    &[
        Field::required(
            "to",
            FieldType::List(&FieldType::Reference(Referent::Database)),
            "The other databases.",
        ),
        Field::with(
            "ack",
            FieldType::Choice(&["primary", "any", "quorum", "all"]),
            "primary",
            "product default: what is written first, and what a migration keeps as its source of truth until the cutover",
            "When the service answers: once its own database has acknowledged the write, whatever becomes of the others; \
             or any one of them; or `count` of them; or all. A write that fails where it is not waited for leaves the \
             databases apart, and nobody is told.",
        ),
        Field::optional("count", FieldType::Count { min: 1, max: MOST }, "How many must acknowledge, with `ack: quorum`."),
    ],
)
.short("to");

/// Where the writes of `service`, whose values those are, go beside its own database.
pub(super) fn dual_write(
    path: &str,
    service: &str,
    values: &Values,
    context: &mut Context<'_>,
) -> Option<DualWritePlan> {
    let table = values.opt_table("dual_write")?;
    context.keep(format!("{path}.dual_write"), table);
    check(service, table, values, context);
    let to: Vec<DatabaseId> =
        named(table).map(|database| DatabaseId(u16::try_from(database.index).unwrap_or(u16::MAX))).collect();
    let count = |count: u64| LegRule::Count(u8::try_from(count).unwrap_or(u8::MAX));
    let rule = match table.text("ack") {
        "any" => count(1),
        "all" => count(to.len() as u64 + 1),
        "quorum" => count(table.opt_count("count").unwrap_or(1)),
        _ => LegRule::Primary,
    };
    Some(DualWritePlan { to, rule })
}

fn check(service: &str, table: &Values, values: &Values, context: &mut Context<'_>) {
    let place = table.place("to");
    let Some(own) = values.opt_reference("database").cloned() else {
        let message = format!("`{service}` writes to other databases, but has none of its own");
        let help = "name the one that its reads keep to under `database`";
        return context.refuse("FD0245", place, message, help);
    };
    let others: Vec<Reference> = named(table).cloned().collect();
    if others.is_empty() {
        let message = format!("`{service}` has a dual write to one database, `{}`", own.name);
        context.refuse("FD0245", place, message, "name another under `to`, or remove `dual_write`");
    }
    for same in others.iter().filter(|other| other.index == own.index) {
        let message = format!("`{service}` writes to `{}` anyway: a dual write needs another database", own.name);
        context.refuse("FD0245", same.place, message, "name another, or remove it");
    }
    let twice = |name: &str| format!("`to` names `{name}` twice");
    context.refuse_twice(others.iter(), twice, "a write goes to a database once: remove one");
    let databases = others.len() as u64 + 1;
    if databases > MOST {
        let message = format!("writes of `{service}` go to {databases} databases");
        context.refuse("FD0245", place, message, &format!("a write may go to {MOST} at once"));
    }
    let counts = table.origin("count") != Origin::Default && table.opt_count("count").is_some();
    match (table.text("ack"), table.opt_count("count")) {
        ("quorum", None) => {
            let message = "`ack: quorum` does not say how many must acknowledge a write";
            context.refuse("FD0246", table.place("ack"), message, "add `count`, or choose `any` or `all`");
        }
        ("quorum", Some(count)) if count > databases => {
            let message = format!(
                "writes of `{service}` wait for {count} databases and go to {databases}: none would be answered"
            );
            context.refuse("FD0246", table.place("count"), message, "lower `count`, or name more databases under `to`");
        }
        (ack, Some(count)) if ack != "quorum" && counts => {
            let message =
                format!("`ack: {ack}` says how many must acknowledge a write, and `count: {count}` says it again");
            context.refuse("FD0246", table.place("count"), message, "remove `count`, or write `ack: quorum`");
        }
        _ => {}
    }
}

fn named(table: &Values) -> impl Iterator<Item = &Reference> {
    table.references("to")
}

//! `databases.<database>.acks`: which replicas a synchronous commit waits for.
//!
//! Does not know how a commit waits. Invariant: there are always as many replicas that count as a commit waits for, whoever
//! leads.

use super::Context;
use super::database::is_synchronous;
use crate::field::{Field, FieldType, Kind, Reference, Referent, Values};
use crate::model::plan::{AckCount, AckRule};
use crate::units::RegionId;

pub(super) const ACKS: Kind = Kind::new(
    "acks",
    "Which replicas a synchronous commit waits for.",
    &[
        Field::empty(
            "of",
            FieldType::List(&FieldType::Reference(Referent::Region)),
            "The regions of the replicas that count; empty: all. Once one of them leads, the first primary counts in its \
             place.",
        ),
        Field::with(
            "rule",
            FieldType::Choice(&["any", "first", "all"]),
            "any",
            "product default: what a quorum commit does (PostgreSQL: ANY, FIRST, or a list of all)",
            "How many must answer: any `count` of them, the first `count` listed that are connected, or all of them.",
        ),
        Field::with(
            "count",
            FieldType::Count { min: 1, max: 100 },
            "1",
            "PostgreSQL documentation: synchronous_standby_names, one by default",
            "How many a commit waits for, with `rule: any` or `first`.",
        ),
    ],
)
.short("of");

/// What the commits of a database wait for.
pub(super) fn acks(name: &str, values: &Values, context: &mut Context<'_>) -> AckRule {
    let Some(table) = values.opt_table("acks") else { return AckRule::default() };
    context.keep(format!("databases.{name}.acks"), table);
    check(name, table, values, context);
    let count = table.count_u32("count");
    AckRule {
        of: named(table).map(|region| RegionId(u16::try_from(region.index).unwrap_or(u16::MAX))).collect(),
        count: match table.text("rule") {
            "first" => AckCount::First(count),
            "all" => AckCount::All,
            _ => AckCount::Any(count),
        },
    }
}

/// A commit must not wait for replicas that there are not.
fn check(name: &str, table: &Values, values: &Values, context: &mut Context<'_>) {
    let primary = values.reference("primary");
    let copies: Vec<usize> = values.references("replicas").map(|region| region.index).collect();
    for region in named(table).filter(|region| !copies.contains(&region.index)) {
        let message = match region.index == primary.index {
            true => format!("`{}` leads database `{name}`: a commit does not wait for it", region.name),
            false => format!("`acks` names `{}`, which holds no replica of database `{name}`", region.name),
        };
        context.refuse("FD0229", region.place, message, "name one of its `replicas`, or remove it");
    }
    let twice = |region: &str| format!("`acks` names `{region}` twice");
    context.refuse_twice(named(table), twice, "one copy answers once: remove one");
    let there = named(table).map(|region| region.index).collect::<std::collections::BTreeSet<_>>().len();
    let there = if there == 0 { copies.len() } else { there };
    let waits_for = table.count("count");
    if is_synchronous(values) && table.text("rule") != "all" && waits_for > there as u64 {
        let message = format!("commits of database `{name}` wait for {waits_for} replicas, and {there} count");
        context.refuse("FD0209", table.place("count"), message, "lower `count`, or name more replicas under `of`");
    }
}

fn named(table: &Values) -> impl Iterator<Item = &Reference> {
    table.references("of")
}

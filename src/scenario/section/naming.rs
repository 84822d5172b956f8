//! What happens to the records of the zone by themselves: planned changes, failover by health, automation.

use super::{Context, health};
use crate::field::{Field, FieldType, Item, Kind, Referent, Value, Values};
use crate::model::plan::{ChangePlan, FailoverPlan, PlanningPlan, RecordPlan, Target};
use crate::units::{NameId, RegionId};

const CHANGE: Kind = Kind::new(
    "change",
    "A manual change of a record at a planned time.",
    &[
        Field::required(
            "at",
            FieldType::Span,
            "When, from the start of the run; every server answers with it at \
                                                once.",
        ),
        Field::derived("record", FieldType::Reference(Referent::Record), "the first record declared", "", "Which one."),
        Field::optional(
            "to",
            FieldType::ReferenceOr(Referent::Region, &["balancer", "nothing"]),
            "What it points at from then on: a region, the balancer, or no address at all. Left out: unchanged.",
        ),
        Field::optional("ttl", FieldType::Span, "Its TTL from then on. Left out: unchanged."),
    ],
);

const FAILOVER: Kind = Kind::new(
    "failover",
    "A record that follows health checks.",
    &[
        Field::required(
            "to",
            FieldType::Reference(Referent::Region),
            "The region it answers with while its own region is unhealthy and this one is healthy.",
        ),
        Field::with(
            "activate",
            FieldType::Flag,
            "false",
            "product default: DNS moves names and nothing else",
            "Whether a failover also activates standby services of that region, which then need not be healthy \
             beforehand.",
        ),
        Field::empty("checks", FieldType::Table(&health::CHECKS), "How health is judged."),
    ],
);

const PLANNING: Kind = Kind::new(
    "planning",
    "Automation that maintains the zone: a planner writes plans of what all records should be, and enactors apply \
     them.",
    &[
        Field::with(
            "every",
            FieldType::PositiveSpan,
            "1m",
            "product default: the rate is not published",
            "How often there is a new plan, and how often each enactor checks for one.",
        ),
        Field::with(
            "enactors",
            FieldType::Count { min: 1, max: 100 },
            "3",
            "AWS message 101925: one in each of three availability zones",
            "How many enactors work independently.",
        ),
        Field::with(
            "apply",
            FieldType::Distribution,
            "5s",
            "product default: much shorter than the interval, unless a fault delays it",
            "How long an enactor takes to apply a plan.",
        ),
        Field::with(
            "clean_up",
            FieldType::PositiveSpan,
            "1s",
            "product default: immediately afterwards",
            "The time from applying a plan to deleting old ones.",
        ),
        Field::with(
            "keep",
            FieldType::Count { min: 1, max: 100_000 },
            "5",
            "AWS message 101925: plans many generations old are deleted; the number is not published",
            "How many generations before its own an enactor keeps.",
        ),
        Field::with(
            "compare_and_swap",
            FieldType::Flag,
            "true",
            "product policy: what was checked is checked again on write",
            "Whether a plan is applied only if no newer one has been, checked atomically on write.",
        ),
        Field::with(
            "found",
            FieldType::Span,
            "50m",
            "AWS message 101925: 23:48 to 00:38",
            "The time from the loss of the records to people knowing why.",
        ),
        Field::with(
            "restored",
            FieldType::Span,
            "157m",
            "AWS message 101925: 23:48 to 02:25",
            "The time from the loss of the records to people having applied the newest plan by hand.",
        ),
    ],
);

pub(super) const CHANGES: Field =
    Field::empty("changes", FieldType::List(&FieldType::Table(&CHANGE)), "Manual changes at planned times.");

pub(super) const FAILOVERS: Field = Field::empty(
    "failover",
    FieldType::Per(Referent::Record, &FieldType::Table(&FAILOVER)),
    "Records that follow health checks, and where they fail over to.",
);

pub(super) const AUTOMATION: Field =
    Field::optional("planning", FieldType::Table(&PLANNING), "Automation that maintains the zone. Left out: none.");

/// The planned changes, in the file's order.
pub(super) fn changes(values: &Values, context: &mut Context<'_>) -> Option<Vec<ChangePlan>> {
    let changes = values.list("changes").iter().map(|item| change(item, context));
    super::all(changes.collect::<Vec<_>>())
}

fn change(item: &Item, context: &mut Context<'_>) -> Option<ChangePlan> {
    let Value::Table(values) = &item.value else { return None };
    let to = match values.value("to") {
        Some(Value::Text(word)) if word == "nothing" => Some(Target::Nothing),
        Some(Value::Text(_)) => Some(super::dns::balancer(values.place("to"), context)?),
        Some(_) => Some(Target::Region(values.region("to"))),
        None => None,
    };
    let ttl = values.opt_span("ttl");
    if to.is_none() && ttl.is_none() {
        context.refuse("FD0261", item.place, "this change changes nothing", "set `to` or `ttl`");
        return None;
    }
    let record = values.opt_reference("record").map_or(0, |record| record.index);
    Some(ChangePlan { at: values.span("at"), record: NameId(u16::try_from(record).ok()?), to, ttl })
}

/// Gives the records that follow health checks their failover.
pub(super) fn failovers(values: &Values, records: &mut [RecordPlan], context: &mut Context<'_>) -> Option<()> {
    for (reference, item) in values.per("failover") {
        let (Value::Table(table), Some(record)) = (&item.value, records.get_mut(reference.index)) else { continue };
        let to: RegionId = table.region("to");
        if !matches!(record.target, Target::Region(region) if region != to) {
            let message = format!("`{}` cannot fail over from its own target to this one", record.name);
            let help = "a record that follows health checks points at one region and fails over to another";
            context.refuse("FD0261", item.place, message, help);
            return None;
        }
        let checks = health::checks(table.table("checks"), context)?;
        record.failover = Some(FailoverPlan { to, activate: table.flag("activate"), checks });
    }
    Some(())
}

/// The automation, if there is one.
pub(super) fn planning(values: &Values) -> Option<PlanningPlan> {
    values.opt_table("planning").map(|table| PlanningPlan {
        every: table.span("every"),
        enactors: table.count_u32("enactors"),
        apply: table.distribution("apply").clone(),
        clean_up: table.span("clean_up"),
        keep: table.count_u32("keep"),
        compare_and_swap: table.flag("compare_and_swap"),
        found: table.span("found"),
        restored: table.span("restored"),
    })
}

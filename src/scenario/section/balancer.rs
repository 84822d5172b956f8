//! `balancer`: what spreads requests over regions. There is none unless it is written.

use super::workload::classes;
use super::{Context, health};
use crate::field::{Field, FieldType, Item, Kind, Origin, Reference, Referent, Value, Values};
use crate::model::plan::{ActivePlan, BalancerPlan, ChecksPlan, FallbackPlan, HealthRule, ProbeKind, RegionPlan, Role};
use crate::record::FailureClass;
use crate::units::{Ratio, RegionId, Span};

pub(super) const BALANCER: Kind = Kind::new(
    "balancer",
    "A global load balancer.",
    &[
        Field::derived(
            "weights",
            FieldType::Per(Referent::Region, &FieldType::Ratio),
            "everything to the primary region",
            "",
            "The share of traffic per region at the start; regions that are not named get none. One named with 0% gets all of \
             it while every region that has a share is unhealthy and it is not.",
        ),
        Field::with(
            "apply",
            FieldType::Span,
            "5s",
            "product policy: rules are set and read back within 5 s",
            "The time from accepting a change to its taking effect.",
        ),
        Field::with(
            "check_every",
            FieldType::Span,
            "30s",
            "Azure Traffic Manager and Route 53: default interval 30 s",
            "How often each region is probed. 0: never, so a dead region keeps its share.",
        ),
        Field::with(
            "unhealthy_after",
            FieldType::Count { min: 1, max: 1_000 },
            "3",
            "Route 53 health checks: failure threshold 3",
            "Consecutive failed probes after which a region gets no traffic.",
        ),
        Field::with(
            "healthy_after",
            FieldType::Count { min: 1, max: 1_000 },
            "3",
            "Route 53 health checks: failure threshold 3",
            "Consecutive successful probes after which it gets its share again.",
        ),
        Field::optional(
            "checks",
            FieldType::Table(&health::CHECKS),
            "Instead of the previous three: how region health is judged, or whose rules are followed.",
        ),
        Field::optional(
            "fallback",
            FieldType::Table(&FALLBACK),
            "Where a request goes at once that the region it was sent to failed, as in a gateway. Left out: back to its client.",
        ),
    ],
);

const FALLBACK: Kind = Kind::new(
    "fallback",
    "A second choice for each request: regions that are tried in order, whatever their weight, as long as they are healthy. A \
     write without an idempotency key is sent again only where a limit turned it away. It does not count as a retry.",
    &[
        Field::required(
            "to",
            FieldType::List(&FieldType::Reference(Referent::Region)),
            "The regions that are tried after the one that was chosen by weight, in this order.",
        ),
        Field::empty(
            "on",
            FieldType::List(&FieldType::Choice(&FailureClass::NAMES)),
            "The failures after which the next is tried: `connection`, `error`, `limited`, `timeout`, as for `retry_on` of \
             clients. Empty: all.",
        ),
        Field::optional(
            "wait",
            FieldType::PositiveSpan,
            "How long it waits for each region's answer. Left out: as long as the client waits, so that the next is tried \
             only after an answer that is a failure. The client's `timeout` covers all of it.",
        ),
    ],
)
.short("to");

/// The outer `None`: it has a problem. The inner: there is none.
pub(in crate::scenario) fn build(
    context: &mut Context<'_>,
    regions: Option<&[RegionPlan]>,
) -> Option<Option<BalancerPlan>> {
    if !context.has("balancer") {
        return Some(None);
    }
    let mut values = context.table(&BALANCER)?;
    let primary = regions.unwrap_or(&[]).iter().position(|region| region.role == Role::Primary);
    let weight =
        |index| (reference(index, context, &values), Item { place: values.place, value: Value::Ratio(Ratio::ONE) });
    let weights = Value::Per(primary.map(weight).into_iter().collect());
    values.settle("weights", weights);
    context.keep("balancer", &values);
    check(&values, context);
    let checks = match values.opt_table("checks") {
        Some(table) => Some(health::checks(table, context)?),
        None => pings(&values),
    };
    let fallback = values.opt_table("fallback").map(|table| fallback(table, context));
    Some(Some(BalancerPlan { weights: weights_of(&values).collect(), apply: values.span("apply"), checks, fallback }))
}

fn fallback(values: &Values, context: &mut Context<'_>) -> FallbackPlan {
    context.keep("balancer.fallback", values);
    let twice = |region: &str| format!("`fallback` names `{region}` twice");
    context.refuse_twice(values.references("to"), twice, "each is tried once: remove one");
    if values.references("to").next().is_none() {
        context.refuse(
            "FD0103",
            values.place("to"),
            "`fallback` names no region".to_owned(),
            "name one under `to`, or remove it",
        );
    }
    let to = values.references("to").filter_map(|region| u16::try_from(region.index).ok()).map(RegionId).collect();
    FallbackPlan { to, on: classes(values.list("on")), wait: values.opt_span("wait") }
}

/// The balancer's own pings, unless they are turned off.
fn pings(values: &Values) -> Option<ChecksPlan> {
    let every = values.span("check_every");
    let rule = HealthRule::Consecutive {
        unhealthy_after: values.count_u32("unhealthy_after"),
        healthy_after: values.count_u32("healthy_after"),
    };
    let (timeout, probe, share) = (Span::ZERO, ProbeKind::Ping, Ratio::ZERO);
    let active = ActivePlan { every, timeout, probe, rule, checkers: 1, share, unsynchronised: false };
    let plan = ChecksPlan { active: Some(active), passive: None, fail_open: true, most_removed: Ratio::ONE };
    (every != Span::ZERO).then_some(plan)
}

fn reference(index: usize, context: &Context<'_>, values: &Values) -> Reference {
    let name = context.scope.names(Referent::Region).nth(index).unwrap_or("").to_owned();
    Reference { name, index, place: values.place }
}

fn weights_of(values: &Values) -> impl Iterator<Item = (RegionId, Ratio)> {
    values.per("weights").iter().filter_map(|(reference, item)| match item.value {
        Value::Ratio(ratio) => u16::try_from(reference.index).ok().map(|index| (RegionId(index), ratio)),
        _ => None,
    })
}

fn check(values: &Values, context: &mut Context<'_>) {
    let own = ["check_every", "unhealthy_after", "healthy_after"];
    let twice = own.into_iter().find(|field| values.origin(field) != Origin::Default);
    if let (Some(field), Some(_)) = (twice, values.opt_table("checks")) {
        let message = format!("both `{field}` and `checks` configure the balancer's health checks");
        context.refuse("FD0260", values.place(field), message, "put it inside `checks`");
    }
    let weights: Vec<Ratio> = weights_of(values).map(|(_, weight)| weight).collect();
    let sum: u64 = weights.iter().map(|weight| weight.as_ppb()).sum();
    // No default without a primary region, which is reported elsewhere.
    if sum != Ratio::ONE.as_ppb() && values.origin("weights") != Origin::Default {
        let message = format!("the weights add up to {}, not to 100%", Ratio::from_ppb(sum));
        context.refuse("FD0212", values.place("weights"), message, "weights are shares of all requests");
    }
}

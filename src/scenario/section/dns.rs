//! `dns` and `resolvers`: how clients find a region, and who caches the answer.

use super::{Context, naming};
use crate::field::{Field, FieldType, Item, Kind, Place, Referent, Value};
use crate::model::plan::{Ages, DnsPlan, PassesOn, RecordPlan, RegionPlan, ResolverPlan, Role, Target};
use crate::units::RegionId;

/// What a record says to name the load balancer.
const BALANCER: &str = "balancer";

/// The zone if none is written.
pub(in crate::scenario) const ZONE: &str = "app.example";

pub(super) const DNS: Kind = Kind::new(
    "dns",
    "How clients find a region: DNS.",
    &[
        Field::with("zone", FieldType::Name, ZONE, "product default: a reserved name", "The zone."),
        Field::with(
            "ttl",
            FieldType::Span,
            "60s",
            "product policy: records that may have to move live a minute",
            "How long a cache may keep an answer.",
        ),
        Field::with(
            "publish",
            FieldType::Span,
            "60s",
            "Azure DNS FAQ: a change is at all its servers within 60 s",
            "The time from accepting a change to all authoritative servers answering with it.",
        ),
        Field::with(
            "negative_ttl",
            FieldType::Span,
            "5m",
            "Azure DNS: the minimum in its SOA records, which RFC 2308 takes for this, is 300 s",
            "How long a cache may keep an empty answer (negative caching).",
        ),
        Field::with(
            "failure_ttl",
            FieldType::Span,
            "1s",
            "BIND 9: servfail-ttl 1 s",
            "How long a cache waits before it asks again when no server answered.",
        ),
        Field::with(
            "refuse_empty",
            FieldType::Flag,
            "true",
            "product policy: a name in use is never left without an address",
            "Whether a change that would leave a record without addresses is refused.",
        ),
        Field::with(
            "servers",
            FieldType::Count { min: 1, max: 1_000 },
            "4",
            "Azure DNS FAQ: four name servers for a zone",
            "How many authoritative servers the zone has; a cache asks any that is up.",
        ),
        Field::derived(
            "records",
            FieldType::Map(&FieldType::Text),
            "one record, named like the zone, of the balancer if there is one, else of the primary region",
            "",
            "Each record's name, with the region it points at at the start, or `balancer`.",
        ),
        naming::CHANGES,
        naming::FAILOVERS,
        naming::AUTOMATION,
    ],
);

pub(super) const RESOLVERS: Kind = Kind::new(
    "resolvers",
    "The caching resolvers between clients and the zone.",
    &[
        Field::with(
            "count",
            FieldType::Count { min: 0, max: 1_000_000 },
            "100",
            "product default: enough to see shares of one in a hundred",
            "The number of resolvers; clients are spread over them. 0: clients query the zone directly.",
        ),
        Field::with(
            "violators",
            FieldType::Ratio,
            "2%",
            "between 0.5 % and 8.74 % of resolvers extend (Bhowmick et al., PAM 2023, for the upper end): run both",
            "The share of resolvers that ignore the TTL and keep answers longer.",
        ),
        Field::with(
            "violator_ttl",
            FieldType::Span,
            "1h",
            "product default: an hour; run a day too",
            "How long a resolver that ignores the TTL keeps an answer.",
        ),
        Field::with(
            "passes_on",
            FieldType::Choice(&["remaining", "full"]),
            "remaining",
            "RFC 1035, 3.2.1: a cache counts the time to live down",
            "The TTL it passes on to clients: what remains of it, or the full TTL again.",
        ),
        Field::with(
            "ages",
            FieldType::Choice(&["even", "random"]),
            "random",
            "product default: a run is a stretch of a service that has been in use",
            "The age of cached answers, and of connections, at the start: random, as in the long run with the requests \
             there are; or spread evenly over their lifetime, the same in every run.",
        ),
    ],
);

pub(in crate::scenario) fn resolvers(context: &mut Context<'_>) -> Option<ResolverPlan> {
    let values = context.table(&RESOLVERS)?;
    context.keep("resolvers", &values);
    Some(ResolverPlan {
        count: values.count_u32("count"),
        violators: values.ratio("violators"),
        violator_ttl: values.span("violator_ttl"),
        passes_on: if values.text("passes_on") == "full" { PassesOn::Full } else { PassesOn::Remaining },
        ages: if values.text("ages") == "even" { Ages::Even } else { Ages::Random },
    })
}

pub(in crate::scenario) fn build(context: &mut Context<'_>, regions: Option<&[RegionPlan]>) -> Option<DnsPlan> {
    let mut values = context.table(&DNS)?;
    let target = default_target(context, regions);
    let item = Item { place: values.place, value: Value::Text(target) };
    values.settle("records", Value::Map(vec![(values.text("zone").to_owned(), item)]));
    context.keep("dns", &values);
    if values.map("records").is_empty() {
        let message = "the zone has no record, so no client can find anything";
        context.refuse("FD0221", values.place("records"), message, "name one, or leave `records` out");
    }
    let records = values.map("records").iter().map(|(name, item)| record(name, item, context)).collect();
    let mut records: Vec<RecordPlan> = super::all(records)?;
    naming::failovers(&values, &mut records, context)?;
    Some(DnsPlan {
        ttl: values.span("ttl"),
        negative_ttl: values.span("negative_ttl"),
        failure_ttl: values.span("failure_ttl"),
        publish: values.span("publish"),
        refuse_empty: values.flag("refuse_empty"),
        servers: values.count_u32("servers"),
        records,
        changes: naming::changes(&values, context)?,
        planning: naming::planning(&values),
    })
}

/// What the only record names if no record is written.
fn default_target(context: &Context<'_>, regions: Option<&[RegionPlan]>) -> String {
    if context.has("balancer") {
        return BALANCER.to_owned();
    }
    let primary = regions.unwrap_or(&[]).iter().find(|region| region.role == Role::Primary);
    primary.map_or_else(String::new, |region| region.name.clone())
}

fn record(name: &str, item: &Item, context: &mut Context<'_>) -> Option<RecordPlan> {
    let Value::Text(text) = &item.value else { return None };
    let target = if text == BALANCER { balancer(item.place, context)? } else { region(text, item, context)? };
    Some(RecordPlan { name: name.to_owned(), target, failover: None })
}

pub(super) fn balancer(place: Place, context: &mut Context<'_>) -> Option<Target> {
    if context.has("balancer") {
        return Some(Target::Balancer);
    }
    context.refuse("FD0210", place, "this record names the balancer, but there is none", "add a `balancer:` section");
    None
}

fn region(name: &str, item: &Item, context: &mut Context<'_>) -> Option<Target> {
    // No primary region is known: that is reported, and nothing here can be right.
    if name.is_empty() {
        return None;
    }
    let index = context.scope.resolve(Referent::Region, name, item.place, context.problems)?;
    u16::try_from(index).ok().map(|index| Target::Region(RegionId(index)))
}

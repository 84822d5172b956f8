//! `databases`: what keeps data, and its copies.

use super::{Context, Named, acks, backups};
use crate::field::{Field, FieldType, Item, Kind, Place, Problem, Reference, Referent, Value, Values};
use crate::model::plan::{AckRule, Commit, DatabasePlan, Feed, Fencing, LogSpace, ReplicaPlan};
use crate::units::{Rate, Ratio, RegionId, Span};

pub(super) const DATABASE: Kind = Kind::new(
    "database",
    "A database with one authority and any number of replicas.",
    &[
        Field::required("primary", FieldType::Reference(Referent::Region), "The region of the authority at the start."),
        Field::empty(
            "replicas",
            FieldType::List(&FieldType::Reference(Referent::Region)),
            "The regions of further copies.",
        ),
        Field::with(
            "commit",
            FieldType::Choice(&["async", "sync"]),
            "async",
            "product default: what managed databases do between regions",
            "When a write is acknowledged: once durable in its own log, or once a replica has it too.",
        ),
        Field::optional(
            "acks",
            FieldType::Table(&acks::ACKS),
            "With `commit: sync`, which replicas a write waits for. Left out: any one of them.",
        ),
        Field::with(
            "without_replicas",
            FieldType::Choice(&["wait", "degrade"]),
            "wait",
            "product default: a synchronous commit waits; MySQL's semi-synchronous replication degrades after 10 s",
            "With `commit: sync` and too few replicas that answer: writes wait indefinitely, or proceed without a replica \
             after `degrade_after`. A promoted copy does the same.",
        ),
        Field::with(
            "degrade_after",
            FieldType::PositiveSpan,
            "10s",
            "MySQL documentation: rpl_semi_sync_source_timeout, 10 s",
            "With `without_replicas: degrade`, how long a write waits for a replica before commit becomes asynchronous.",
        ),
        Field::empty(
            "tables",
            FieldType::Map(&FieldType::Ratio),
            "Its tables, each with its share of all keys, such as `{users: 20%, messages: 80%}`. Left out: one, without a name.",
        ),
        Field::with(
            "deletes",
            FieldType::Choice(&["hard", "soft"]),
            "hard",
            "product default: SQL's DELETE leaves nothing that could be read",
            "What a deleted row leaves for whoever walks through the table: nothing, or a row that says when it was deleted.",
        ),
        Field::with(
            "delay",
            FieldType::AllOrPer(Referent::Region, &FieldType::Span),
            "500ms",
            "product default: 0.1 to 1 s between regions under normal conditions",
            "The replication delay: from a write being durable on the authority to being durable on the replica. By \
             region, including the first primary, which becomes a replica after a failover; if it is not named, it has \
             the longest delay of those named.",
        ),
        Field::optional(
            "apply_rate",
            FieldType::AllOrPer(Referent::Region, &FieldType::Rate),
            "Writes per second that a replica applies. By region, including the first primary; if it is not named, it \
             has the lowest rate of those named, and any other replica applies writes as fast as they arrive. Left \
             out: all do.",
        ),
        Field::optional(
            "capacity",
            FieldType::Rate,
            "Operations per second that a copy can perform for clients and replicas together: client load slows \
             replication. Left out: it does not.",
        ),
        Field::optional(
            "log_disk",
            FieldType::Bytes,
            "Disk space for the log that replicas have not received yet; once it is full, writes are refused. Left \
             out: unlimited.",
        ),
        Field::with(
            "record_size",
            FieldType::Bytes,
            "1kB",
            "product default: a small row, its index entries and a header",
            "The log space one write takes: for `log_disk` and `backups`.",
        ),
        Field::with(
            "commit_time",
            FieldType::Span,
            "2ms",
            "product default: one flush to flash storage",
            "From a write entering the log to its being durable and visible.",
        ),
        Field::with(
            "read_time",
            FieldType::Span,
            "1ms",
            "product default: an indexed read in memory",
            "How long a read takes.",
        ),
        Field::with(
            "promote_time",
            FieldType::Span,
            "30s",
            "Azure SQL documentation: manual geo-failover, 30 s",
            "How long a promotion takes, in addition to applying what was received.",
        ),
        Field::with(
            "unapplied",
            FieldType::Choice(&["apply", "discard"]),
            "apply",
            "PostgreSQL documentation: a standby replays the log it has before it opens; orchestrator documentation: \
             DelayMasterPromotionIfSQLThreadNotUpToDate",
            "What a promotion does with the records its copy has received and not applied yet: it applies them first, \
             however long that takes, or discards them.",
        ),
        Field::with(
            "fencing",
            FieldType::Choice(&["storage", "lease", "none", "true", "false"]),
            "storage",
            "product default: without it, two copies can acknowledge writes; set it if yours has none",
            "What keeps an old authority that cannot be reached from acknowledging writes: storage that checks the \
             epoch at every commit, a lease that expires, or nothing. `true` is storage, `false` is none.",
        ),
        Field::with(
            "lease",
            FieldType::PositiveSpan,
            "30s",
            "Patroni documentation: ttl 30 s, loop_wait 10 s",
            "With `fencing: lease`, how long the authority may write without renewing; it renews three times per \
             lease.",
        ),
        Field::with(
            "failsafe",
            FieldType::Flag,
            "false",
            "Patroni documentation: failsafe_mode, off by default",
            "With `fencing: lease`, whether the authority writes on while the store of leases is out, as long as it \
             reaches every other copy.",
        ),
        Field::with(
            "rebuild_time",
            FieldType::Span,
            "10m",
            "product default: 100 GB at some 170 MB/s over the network",
            "How long copying the authority's data takes when a copy is rebuilt; the copy then catches up at its \
             `apply_rate`.",
        ),
        Field::with(
            "call_timeout",
            FieldType::PositiveSpan,
            "5s",
            "product default: a pool's usual checkout and statement limit",
            "How long a service waits for an answer before it returns an error to its caller.",
        ),
        Field::empty(
            "zone",
            FieldType::Per(Referent::Region, &FieldType::Count { min: 1, max: super::region::MOST_ZONES }),
            "By region: the zone that holds its copy, from 1. A copy that is not named survives the loss of any zone.",
        ),
        Field::optional("backups", FieldType::Table(&backups::BACKUPS), "How it is backed up. Left out: it is not."),
        Field::optional("like", FieldType::Text, "Another database whose fields it inherits."),
    ],
);

pub(in crate::scenario) fn build(context: &mut Context<'_>) -> Option<Vec<DatabasePlan>> {
    let databases = context.named("databases", &DATABASE);
    let mut plans = Vec::new();
    for Named { name, values, .. } in databases {
        if let Some(values) = &values {
            context.keep(format!("databases.{name}"), values);
            check(&name, values, context);
        }
        plans.push(values.map(|values| DatabasePlan {
            backups: backups::backups(&name, &values, context),
            acks: acks::acks(&name, &values, context),
            ..plan(name, &values)
        }));
    }
    super::all(plans)
}

fn plan(name: String, values: &Values) -> DatabasePlan {
    DatabasePlan {
        name,
        primary: values.region("primary"),
        primary_follows: primary_follows(values),
        replicas: values.references("replicas").map(|reference| replica(reference.index, values)).collect(),
        zones: values.per("zone").iter().filter_map(|(reference, item)| zone(reference, item)).collect(),
        commit: if is_synchronous(values) { Commit::Synchronous } else { Commit::Asynchronous },
        acks: AckRule::default(),
        degrade_after: (values.text("without_replicas") == "degrade").then(|| values.span("degrade_after")),
        log_space: values.opt_bytes("log_disk").map(|size| LogSpace { size, record: values.bytes("record_size") }),
        capacity: values.opt_rate("capacity"),
        commit_time: values.span("commit_time"),
        read_time: values.span("read_time"),
        promote_time: values.span("promote_time"),
        discards_unapplied: values.text("unapplied") == "discard",
        // Whoever reads them says so later.
        rows_are_read: false,
        tables: values.map("tables").iter().map(|(table, share)| (table.clone(), share_of(share))).collect(),
        soft_deletes: values.text("deletes") == "soft",
        fencing: match values.text("fencing") {
            "lease" => Fencing::Lease(values.span("lease")),
            "none" | "false" => Fencing::None,
            _ => Fencing::Storage,
        },
        failsafe: values.flag("failsafe"),
        rebuild_time: values.span("rebuild_time"),
        call_timeout: values.span("call_timeout"),
        backups: None,
    }
}

fn share_of(item: &Item) -> Ratio {
    match item.value {
        Value::Ratio(share) => share,
        _ => Ratio::ZERO,
    }
}

fn replica(index: usize, values: &Values) -> ReplicaPlan {
    ReplicaPlan {
        region: RegionId(u16::try_from(index).unwrap_or(u16::MAX)),
        feed: Feed { delay: delay(index, values).unwrap_or(Span::ZERO), apply_rate: apply_rate(index, values) },
    }
}

/// The first primary, as a copy that follows. Product default for one that is not named: the slowest of those that are,
/// so that no claim about the failback rests on a figure that nobody wrote down.
fn primary_follows(values: &Values) -> Feed {
    let primary = values.reference("primary").index;
    let named = |field| values.opt_per(field).into_iter().flatten().map(|(region, _)| region.index);
    Feed {
        delay: delay(primary, values)
            .or_else(|| named("delay").filter_map(|region| delay(region, values)).max())
            .unwrap_or(Span::ZERO),
        apply_rate: apply_rate(primary, values).or_else(|| {
            let rates = named("apply_rate").filter_map(|region| apply_rate(region, values));
            rates.max_by_key(|rate| rate.interval_nanos())
        }),
    }
}

fn zone(region: &Reference, item: &Item) -> Option<(RegionId, u32)> {
    let Value::Count(zone) = item.value else { return None };
    Some((RegionId(u16::try_from(region.index).ok()?), u32::try_from(zone).ok()?))
}

fn delay(region: usize, values: &Values) -> Option<Span> {
    match of(region, values.per("delay"))?.value {
        Value::Span(span) => Some(span),
        _ => None,
    }
}

fn apply_rate(region: usize, values: &Values) -> Option<Rate> {
    match of(region, values.opt_per("apply_rate")?)?.value {
        Value::Rate(rate) => Some(rate),
        _ => None,
    }
}

fn of(region: usize, entries: &[(Reference, Item)]) -> Option<&Item> {
    entries.iter().find(|(reference, _)| reference.index == region).map(|(_, item)| item)
}

pub(super) fn is_synchronous(values: &Values) -> bool {
    values.text("commit") == "sync"
}

fn check(name: &str, values: &Values, context: &mut Context<'_>) {
    let primary = values.reference("primary");
    let mut seen: Vec<(usize, Place)> = Vec::new();
    for replica in values.references("replicas") {
        if replica.index == primary.index {
            let message = format!("database `{name}` has its replica in the primary's own region `{}`", replica.name);
            let problem = Problem::error("FD0204", replica.place, message)
                .help("a copy there fails with the primary: name another region")
                .note(primary.place, "the primary is here");
            context.problems.push(problem);
        }
        seen.push((replica.index, replica.place));
    }
    let twice = |region: &str| format!("database `{name}` has two replicas in `{region}`");
    let elsewhere = values.references("replicas").filter(|replica| replica.index != primary.index);
    context.refuse_twice(elsewhere, twice, "one copy per region: remove one");
    check_rest(name, values, &seen, context);
    check_regions(name, values, &seen, context);
}

/// A setting of the copy in a region must not be without effect.
fn check_regions(name: &str, values: &Values, replicas: &[(usize, Place)], context: &mut Context<'_>) {
    let primary = values.reference("primary");
    let copies: Vec<usize> = replicas.iter().map(|(index, _)| *index).chain([primary.index]).collect();
    for field in ["delay", "apply_rate", "zone"] {
        let entries = values.opt_per(field).unwrap_or_default();
        // One value for all is an entry for every region, each at the place of that value.
        let one_for_all = entries.len() > 1 && entries.iter().all(|(region, _)| region.place == entries[0].0.place);
        let astray = |(region, _): &&(Reference, Item)| !one_for_all && !copies.contains(&region.index);
        for (region, _) in entries.iter().filter(astray) {
            let message = format!("`{field}` names `{}`, which holds no copy of database `{name}`", region.name);
            let help = format!("name `{}` or one of its `replicas`, or remove it", primary.name);
            context.refuse("FD0229", region.place, message, &help);
        }
    }
}

fn check_rest(name: &str, values: &Values, replicas: &[(usize, Place)], context: &mut Context<'_>) {
    if is_synchronous(values) && replicas.is_empty() {
        let message = format!("database `{name}` commits synchronously but has no replica to wait for");
        context.refuse("FD0209", values.place("commit"), message, "declare a replica, or use `commit: async`");
    }
    for (index, place) in replicas {
        if delay(*index, values).is_none() {
            let region = context.scope.names(Referent::Region).nth(*index).unwrap_or("?").to_owned();
            let message = format!("database `{name}` has no `delay` for its replica in `{region}`");
            context.refuse("FD0103", *place, message, "give one span for all, or one for each replica's region");
        }
    }
}

//! Every signal: its name, what it counts, whose view it is.

use super::SignalKind;
use crate::record::SignalUnit::{self, Count, Nanoseconds, PerSecond, Ratio as Share};
use crate::record::Viewpoint;

const fn truth(pattern: &'static str, unit: SignalUnit, doc: &'static str) -> SignalKind {
    SignalKind { pattern, unit, view: Viewpoint::Truth, most: most(unit), doc }
}

/// One that is 0 or 1.
const fn flag(pattern: &'static str, doc: &'static str) -> SignalKind {
    SignalKind { pattern, unit: Count, view: Viewpoint::Truth, most: Some(1), doc }
}

/// A share whose whole may shrink below its part: servers that were removed finish what they are doing.
const fn open_share(pattern: &'static str, doc: &'static str) -> SignalKind {
    SignalKind { pattern, unit: Share, view: Viewpoint::Truth, most: None, doc }
}

const fn seen(pattern: &'static str, unit: SignalUnit, doc: &'static str) -> SignalKind {
    SignalKind { pattern, unit, view: Viewpoint::Control, most: most(unit), doc }
}

/// A share is of what it is a part of.
const fn most(unit: SignalUnit) -> Option<u32> {
    if matches!(unit, Share) { Some(1) } else { None }
}

/// Every signal there is.
pub const SIGNALS: &[SignalKind] = &[
    truth(
        "success",
        Share,
        "The share of requests served according to the objective, of those that clients started in this second and \
         those that blocked users would have started.",
    ),
    truth("errors", Share, "The remaining share: failed, of unknown outcome, or answered too late."),
    truth("served.{workload}.{service}.read", Share, "The same as `success`, for these requests alone."),
    truth("served.{workload}.{service}.write", Share, "The same for writes."),
    truth("served.all", Share, "The same for all requests. Only if there are several classes."),
    truth(
        "unserved.{workload}.{service}.*.*",
        Nanoseconds,
        "Of each second with such requests that were not served: when the `first` and the `last` of them began, and \
         `until` when the first one after them was answered. `*`: `read` or `write`, and one of these.",
    ),
    truth("unserved.all.*", Nanoseconds, "The same for all requests."),
    truth(
        "unserved.{fault}",
        PerSecond,
        "Requests started in this second that the fault affected and that were not served.",
    ),
    truth(
        "usual.{workload}.{service}.*",
        Nanoseconds,
        "The usual 95th percentile of these response times, in the seconds it is derived from: those before the first \
         fault, or others without an active fault. `*`: `read` or `write`.",
    ),
    truth(
        "slow.{workload}.{service}.read",
        Share,
        "The share of answers to such requests that took more than twice the usual, by the second of the answer; 0% \
         where that is at most one in forty.",
    ),
    truth("slow.{workload}.{service}.write", Share, "The same for writes."),
    truth(
        "slow.{workload}.{service}.*.p95",
        Nanoseconds,
        "For each second in which more than one in twenty did: the 95th percentile of these response times.",
    ),
    truth("offered", PerSecond, "Requests that clients started."),
    truth("goodput", PerSecond, "Requests answered in time, by the second of the answer."),
    truth("attempts", PerSecond, "Attempts made, retries included."),
    truth(
        "failed.no_address",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: the client \
         had no address, or none of a region with the service.",
    ),
    truth(
        "failed.breaker_open",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: the \
         client's circuit breaker suppressed the last attempt.",
    ),
    truth(
        "failed.dark",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: the region \
         was dark.",
    ),
    truth(
        "failed.lost",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: the \
         network lost the attempt or its answer.",
    ),
    truth(
        "failed.limited",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: it was \
         above a rate limit.",
    ),
    truth(
        "failed.provider_error",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: the \
         provider failed it.",
    ),
    truth(
        "failed.refused",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: the \
         service refused it: queue full, no server, or on standby.",
    ),
    truth(
        "failed.shed",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: the \
         service shed it because it had waited too long.",
    ),
    truth(
        "failed.error",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: the \
         service processed it and failed.",
    ),
    truth(
        "failed.server_gone",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: its server \
         was lost while working on it.",
    ),
    truth(
        "failed.database_unreachable",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: no copy of \
         its database answered.",
    ),
    truth(
        "failed.database_refused",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: its \
         database refused it: read-only, fenced, full or empty.",
    ),
    truth(
        "failed.bucket_unreachable",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: no copy of \
         its bucket answered, or only with an error.",
    ),
    truth(
        "failed.object_damaged",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: the object \
         it asked for was missing or corrupt.",
    ),
    truth(
        "failed.timed_out",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which clients gave up on them: the answer \
         did not come in time, although no message was lost.",
    ),
    truth("retries", Share, "The share of attempts that are retries."),
    truth("hedges", Share, "The share of attempts that are hedges. Only if clients hedge."),
    truth("breaker.refused", PerSecond, "Attempts suppressed by a breaker. Only if clients have one."),
    truth("breaker.open", Count, "Breakers that are open or half open. Only if clients have one."),
    truth("fallbacks", PerSecond, "Requests the balancer sent on to its next choice. Only if it has a `fallback`."),
    truth("journeys", PerSecond, "Journeys that ended with every step answered. Only if clients make journeys."),
    truth(
        "journeys.success",
        Share,
        "The same, as a share of the journeys that ended in this second. Only if clients make journeys.",
    ),
    truth(
        "latency.p50",
        Nanoseconds,
        "Median latency of the requests that ended in this second, within 0.4 %. An unanswered one counts as slower \
         than any other.",
    ),
    truth("latency.p95", Nanoseconds, "95th percentile of the same."),
    truth(
        "latency.p99",
        Nanoseconds,
        "99th percentile of the same. With more than 1 % of a second's requests not answered, it meets no upper bound.",
    ),
    truth("region.{region}.ok", PerSecond, "Requests that the region served."),
    truth("region.{region}.share", Share, "The region's share of all attempts."),
    truth("service.{region}.{service}.queue", Count, "Requests waiting at the service."),
    open_share("service.{region}.{service}.busy", "The utilisation of the service's servers."),
    truth("service.{region}.{service}.in_system", Count, "Requests at the service, waiting or in progress."),
    truth("service.{region}.{service}.servers", Count, "The service's available servers."),
    truth("service.{region}.{service}.arrived", PerSecond, "Requests that arrived at the service."),
    truth("service.{region}.{service}.delayed", PerSecond, "Requests started in this second that had to wait first."),
    truth("service.{region}.{service}.waited", Nanoseconds, "The mean wait of the requests started in this second."),
    truth("service.{region}.{service}.waiting_time", Nanoseconds, "Their total wait."),
    truth("service.{region}.{service}.refused", PerSecond, "Requests refused because the queue was full."),
    truth(
        "service.{region}.{service}.overdue",
        PerSecond,
        "Requests started after a longer wait than `wait_target`, if the service has one.",
    ),
    truth("service.{region}.{service}.limited", PerSecond, "Requests above the service's rate limit, if it has one."),
    truth(
        "service.{region}.{service}.fallbacks",
        PerSecond,
        "Requests for which the service asked the next of `first_of`, as the one before had failed or was late. Only where it has several.",
    ),
    truth("service.{region}.{service}.cache_hits", Share, "The hit ratio of the service's cache."),
    truth("service.{region}.{service}.cache_misses", PerSecond, "Reads the service's cache could not answer."),
    truth(
        "service.{region}.{service}.stale_reads",
        PerSecond,
        "Reads answered by a copy of the database that did not have the newest write of their key. Only where that has replicas.",
    ),
    truth(
        "service.{region}.{service}.outdated_reads",
        PerSecond,
        "Of these, those by a copy that had lacked something for more than 15 s, or had been deposed for so long. Only where the database has replicas.",
    ),
    truth("service.{region}.{service}.cache_stale", PerSecond, "Stale reads answered from the service's cache."),
    truth(
        "service.{region}.{service}.cache_outdated",
        PerSecond,
        "Of these, those of what had been overwritten for more than 15 s through the same service in another region, or through \
         another service for longer than the cache's `ttl`, or 15 s without one.",
    ),
    truth("provider.{provider}.limited", PerSecond, "Attempts above the provider's rate limit, if it has one."),
    flag("region.{region}.up", "1 while the region is up, 0 while it is down."),
    truth("leases.{workload}.held", Count, "Holders with a valid lease. Only for a population of `leases`."),
    truth("leases.{workload}.out", Share, "The share of holders without one. Only for a population of `leases`."),
    truth(
        "db.{database}.lag",
        Nanoseconds,
        "Replication lag: the age of the oldest write that the worst reachable \
                                             replica has not applied.",
    ),
    truth("db.{database}.backlog", Count, "Log records that the worst reachable replica has not applied."),
    truth("db.{database}.writable", Count, "Copies that accept writes. More than one is split brain."),
    truth(
        "db.{database}.without_data",
        Count,
        "Copies whose data are gone: lost, or being rebuilt or restored, and not open again yet.",
    ),
    truth(
        "db.{database}.missing",
        Count,
        "Rows whose newest acknowledged write it does not have, of a database that is the second of a dual write, or that shares its \
         writes with another one by `choose` or `first_of`.",
    ),
    truth(
        "db.{database}.lacking_reads",
        Count,
        "Reads in a second that found a row there which had lacked its newest acknowledged write for more than 15 s, of such a \
         database.",
    ),
    truth(
        "db.{database}.differing",
        Count,
        "Rows that are not the same there as in the first database of the dual write, for whatever reason.",
    ),
    truth(
        "db.{database}.{region}.position",
        Count,
        "The last position in its log that the copy there has applied, or written itself. No data while the copy has none.",
    ),
    flag(
        "db.{database}.degraded",
        "1 while commits that should wait for a replica do not. Only with synchronous commit.",
    ),
    truth(
        "db.{database}.backup_age",
        Nanoseconds,
        "Age of the newest backup or archived log, according to the catalogue. Only with backups, like the next two.",
    ),
    truth("db.{database}.restorable_age", Nanoseconds, "Age of the newest point that can actually be restored."),
    truth(
        "db.{database}.restored_share",
        Share,
        "Progress of the last restore: the share of its full backup copied so \
                                                  far.",
    ),
    truth("bucket.{bucket}.lost", Count, "Objects whose newest version no copy has any more."),
    truth(
        "bucket.{bucket}.out_of_reach",
        Count,
        "Objects whose newest version is only in copies that are down or in dark regions.",
    ),
    flag("bucket.{bucket}.{region}.up", "1 while the copy there answers, 0 while it or its region is down."),
    truth("bucket.{bucket}.{region}.behind", Count, "Objects whose newest version the copy there does not have."),
    truth("bucket.{bucket}.{region}.damaged", Count, "Objects that are missing or corrupt there."),
    truth(
        "bucket.{bucket}.{region}.stale",
        Count,
        "Stale reads so far: answered there with an object that had been replaced for longer than `delay`, or than 15 s \
         if that is less.",
    ),
    truth("dns.share.{region}", Share, "Client groups whose cached DNS answer names the region."),
    truth(
        "drill.touched_writes",
        Count,
        "Writes of real clients so far that ended after a drill had changed something they depend on. Only with a drill.",
    ),
    seen(
        "seen.{region}.{service}.errors",
        Share,
        "The service's error rate as monitoring last saw it. Whether requests above a rate limit are errors, \
         `monitoring.limited` says.",
    ),
    seen(
        "seen.{region}.{service}.limited",
        Share,
        "Of the requests the service answered, those above its rate limit, or its provider's, as monitoring last saw it. \
         If it has one.",
    ),
    SignalKind {
        view: Viewpoint::Control,
        ..flag("seen.{region}.{service}.up", "1 if monitoring last saw the service up, otherwise 0.")
    },
    seen(
        "seen.{region}.{service}.p95",
        Nanoseconds,
        "The service's 95th percentile latency as last seen: bucketed, an upper bound within an eighth.",
    ),
];

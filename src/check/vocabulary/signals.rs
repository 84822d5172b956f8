//! Every signal: its name, what it counts, whose view it is.

use super::SignalKind;
use crate::record::SignalUnit::{self, Count, Nanoseconds, PerSecond, Ratio as Share};
use crate::record::View;

const fn truth(pattern: &'static str, unit: SignalUnit, doc: &'static str) -> SignalKind {
    SignalKind { pattern, unit, view: View::Truth, most: most(unit), doc }
}

/// One that is 0 or 1.
const fn flag(pattern: &'static str, doc: &'static str) -> SignalKind {
    SignalKind { pattern, unit: Count, view: View::Truth, most: Some(1), doc }
}

/// A share whose whole may shrink below its part: servers that were taken away go on with what they do.
const fn open_share(pattern: &'static str, doc: &'static str) -> SignalKind {
    SignalKind { pattern, unit: Share, view: View::Truth, most: None, doc }
}

const fn seen(pattern: &'static str, unit: SignalUnit, doc: &'static str) -> SignalKind {
    SignalKind { pattern, unit, view: View::Control, most: most(unit), doc }
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
        "Requests served as the objective says, of those that clients started in this second, and those that users who \
         were held up would have started.",
    ),
    truth("errors", Share, "The rest of them: failed, of unknown outcome, or answered too late."),
    truth("served.{workload}.{service}.read", Share, "The same as `success`, of these requests alone."),
    truth("served.{workload}.{service}.write", Share, "The same of requests that write."),
    truth("served.all", Share, "The same of all of them. Only if there are several kinds."),
    truth(
        "unserved.{workload}.{service}.*.*",
        Nanoseconds,
        "Of each second with such requests that were not served: when the `first` and the `last` of them began, and \
         `until` when the first one after them was answered. `*`: `read` or `write`, and one of these.",
    ),
    truth("unserved.all.*", Nanoseconds, "The same of all requests."),
    truth(
        "unserved.{fault}",
        PerSecond,
        "Requests started in this second that the fault touched and that were not served.",
    ),
    truth(
        "usual.{workload}.{service}.*",
        Nanoseconds,
        "The 95th percentile of these answers that is usual, in the seconds from which that is known: those before the \
         first fault, or others in which none was on. `*`: `read` or `write`.",
    ),
    truth(
        "slow.{workload}.{service}.read",
        Share,
        "Answers that took more than twice the usual, of those to such requests, by the second of the answer; \
         0% where that is no more than one in forty.",
    ),
    truth("slow.{workload}.{service}.write", Share, "The same of requests that write."),
    truth(
        "slow.{workload}.{service}.*.p95",
        Nanoseconds,
        "Of each second in which more than one in twenty did: the 95th percentile of these answers.",
    ),
    truth("offered", PerSecond, "Requests that clients started."),
    truth("goodput", PerSecond, "Requests answered in time, by the second of the answer."),
    truth("attempts", PerSecond, "Attempts made, retries included."),
    truth(
        "failed.no_address",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: the client knew no address, or none where the service is.",
    ),
    truth(
        "failed.breaker_open",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: a breaker of the client kept the last attempt from being sent.",
    ),
    truth(
        "failed.dark",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: the region was dark.",
    ),
    truth(
        "failed.lost",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: the network lost the attempt or its answer.",
    ),
    truth(
        "failed.limited",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: it was above a rate limit.",
    ),
    truth(
        "failed.provider_error",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: the provider failed it.",
    ),
    truth(
        "failed.refused",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: the service turned it away: queue full, no server, or on standby.",
    ),
    truth(
        "failed.shed",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: the service gave it up because it had waited too long.",
    ),
    truth(
        "failed.error",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: the service worked on it and failed.",
    ),
    truth(
        "failed.server_gone",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: its server went away with the work on it.",
    ),
    truth(
        "failed.database_unreachable",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: no copy of its database answered.",
    ),
    truth(
        "failed.database_refused",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: its database would not do it: read only, fenced, full or empty.",
    ),
    truth(
        "failed.bucket_unreachable",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: no copy of its bucket answered, or only with an error.",
    ),
    truth(
        "failed.object_damaged",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: the object it asked for was missing or corrupt.",
    ),
    truth(
        "failed.timed_out",
        PerSecond,
        "Requests that failed, or whose outcome is unknown, by the second in which they were given up: the answer did not come in time, though nothing had lost it.",
    ),
    truth("retries", Share, "Attempts that repeat one that failed, of all attempts sent."),
    truth("hedges", Share, "Attempts sent beside one that is still open, of all attempts sent. Only if clients hedge."),
    truth("breaker.refused", PerSecond, "Attempts that a breaker kept from being sent. Only if clients have one."),
    truth("breaker.open", Count, "Breakers that are open or half open. Only if clients have one."),
    truth("journeys", PerSecond, "Journeys that ended with every step answered. Only if clients make journeys."),
    truth(
        "journeys.success",
        Share,
        "The same, of the journeys that ended in this second. Only if clients make journeys.",
    ),
    truth(
        "latency.p50",
        Nanoseconds,
        "Median latency of the requests that ended in this second, within 0.4 %. One not answered took longer than any.",
    ),
    truth("latency.p95", Nanoseconds, "95th percentile of the same."),
    truth(
        "latency.p99",
        Nanoseconds,
        "99th percentile of the same. With more than 1 % of a second's requests not answered, it meets no upper bound.",
    ),
    truth("region.{region}.ok", PerSecond, "Requests that the region served."),
    truth("region.{region}.share", Share, "The region's share of all attempts sent."),
    truth("service.{region}.{service}.queue", Count, "Requests waiting at the service."),
    open_share("service.{region}.{service}.busy", "The service's servers at work, of all it has."),
    truth("service.{region}.{service}.in_system", Count, "Requests at the service, waiting or worked on."),
    truth("service.{region}.{service}.servers", Count, "The service's servers that are there."),
    truth("service.{region}.{service}.arrived", PerSecond, "Requests that asked the service for a server."),
    truth("service.{region}.{service}.delayed", PerSecond, "Requests a server turned to that had to wait first."),
    truth(
        "service.{region}.{service}.waited",
        Nanoseconds,
        "How long those a server turned to had waited, in the mean.",
    ),
    truth("service.{region}.{service}.waiting_time", Nanoseconds, "How long those had waited, all together."),
    truth("service.{region}.{service}.refused", PerSecond, "Requests turned away because no more may wait."),
    truth(
        "service.{region}.{service}.overdue",
        PerSecond,
        "Requests a server turned to after a longer wait than `wait_target`, if the service has one.",
    ),
    truth("service.{region}.{service}.limited", PerSecond, "Requests above the service's rate limit, if it has one."),
    truth(
        "service.{region}.{service}.cache_hits",
        Share,
        "Reads answered from the service's cache, of all that asked it.",
    ),
    truth("service.{region}.{service}.cache_misses", PerSecond, "Reads the service's cache could not answer."),
    truth(
        "service.{region}.{service}.cache_stale",
        PerSecond,
        "Reads answered from the service's cache with what had been overwritten elsewhere.",
    ),
    truth("provider.{provider}.limited", PerSecond, "Attempts above the provider's rate limit, if it has one."),
    flag("region.{region}.up", "1 if the region is there, 0 while it is dark."),
    truth("leases.{workload}.held", Count, "Holders that have a lease. Only of a population of `leases`."),
    truth("leases.{workload}.out", Share, "Holders that have none, of all. Only of a population of `leases`."),
    truth("db.{database}.lag", Nanoseconds, "Age of the oldest write the worst reachable replica has not applied."),
    truth("db.{database}.backlog", Count, "Records the worst reachable replica has not applied."),
    truth("db.{database}.writable", Count, "Copies that accept writes. More than one is split brain."),
    flag(
        "db.{database}.degraded",
        "1 while writes that should wait for a replica do not. Only with synchronous commit.",
    ),
    truth(
        "db.{database}.backup_age",
        Nanoseconds,
        "Age of the newest backup or archived log, as the catalogue has it. Only with backups, as the next two.",
    ),
    truth("db.{database}.restorable_age", Nanoseconds, "Age of the newest point that can really be restored."),
    truth("db.{database}.restored_share", Share, "Share of its full backup that the last restore has copied."),
    truth("bucket.{bucket}.lost", Count, "Objects of which no copy has the newest version any more that was put."),
    flag("bucket.{bucket}.{region}.up", "1 while the store answers there, 0 while it is down or the region is dark."),
    truth(
        "bucket.{bucket}.{region}.behind",
        Count,
        "Objects of which the copy there does not have the newest version.",
    ),
    truth("bucket.{bucket}.{region}.damaged", Count, "Objects that are missing or corrupt there."),
    truth(
        "bucket.{bucket}.{region}.stale",
        Count,
        "Reads so far that were answered there with an older object than the one put longer ago than `delay`.",
    ),
    truth("dns.share.{region}", Share, "Client groups whose cached DNS answer names the region."),
    truth(
        "drill.touched_writes",
        Count,
        "Writes of real clients so far that ended after a drill had changed something they depend on. Only with a drill.",
    ),
    seen("seen.{region}.{service}.errors", Share, "The service's error ratio as monitoring last saw it."),
    SignalKind {
        view: View::Control,
        ..flag("seen.{region}.{service}.up", "1 if monitoring last saw the service up, otherwise 0.")
    },
    seen(
        "seen.{region}.{service}.p95",
        Nanoseconds,
        "The service's 95th percentile latency as last seen: bucketed, an upper bound within an eighth.",
    ),
];

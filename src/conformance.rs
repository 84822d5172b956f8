//! What every implementation of a port must satisfy, whatever is behind it, as calls that show whether it does.
//!
//! Owns one suite for each capability. Does not know whether the ports are the simulator's, a double of a test or those of a real system:
//! that all of them pass is what makes a rehearsal say something of the system.
//!
//! Invariants: a suite sends nothing but port calls, and leaves a system that it was given whole in a state that is
//! named with it. Violations are reported all at once; it panics at nothing that a port answers. It says how many rules
//! it has looked at: ports that were asked nothing conform to nothing.
//!
//! The suites are for systems that are set up for them: they change names, services and databases.

use crate::ports::{
    Clock, Databases, Dns, HeadBound, Journal, Labels, Metric, MetricSample, Metrics, Notifier, PortError, Probe,
    Query, Runtime, Services, Tenure,
};
use crate::units::Span;
use std::fmt;

/// How long a lease is asked for: longer than a suite takes.
const LEASE: Span = Span::from_mins(60);

/// A rule that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Of which port.
    pub port: &'static str,
    /// What must hold.
    pub rule: &'static str,
    /// What was seen.
    pub saw: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; it was {}", self.port, self.rule, self.saw)
    }
}

/// What a suite has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteResult {
    /// Of which port.
    pub port: &'static str,
    /// How many rules were looked at.
    pub looked_at: u32,
    /// Those that were not kept.
    pub breaches: Vec<Breach>,
}

impl SuiteResult {
    const fn of(port: &'static str) -> Self {
        Self { port, looked_at: 0, breaches: Vec::new() }
    }

    fn rule(&mut self, rule: &'static str, kept: bool, saw: impl fmt::Debug) {
        self.looked_at += 1;
        if !kept {
            self.breaches.push(Breach { port: self.port, rule, saw: format!("{saw:?}") });
        }
    }

    /// Whether the ports were asked something, and kept all of it.
    pub fn conform(&self) -> bool {
        self.looked_at > 0 && self.breaches.is_empty()
    }
}

/// Ports under a lease that was superseded, and ports under the one that is held.
///
/// # Errors
///
/// That of asking for a lease.
pub async fn leases<P: Runtime>(ports: &P) -> Result<(P, P), PortError> {
    let [old, new] = [ports.acquire_lease(LEASE).await?.epoch, ports.acquire_lease(LEASE).await?.epoch];
    Ok((ports.under(old), ports.under(new)))
}

const fn is_superseded<T>(answer: &Result<T, PortError>) -> bool {
    matches!(answer, Err(PortError::Superseded { .. }))
}

/// Time passes, forward, and as much of it as is waited for.
pub async fn clock<P: Clock>(ports: &P) -> SuiteResult {
    let mut found = SuiteResult::of("clock");
    let before = ports.now();
    let span = Span::from_millis(20);
    ports.sleep(span).await;
    let after = ports.now();
    found.rule("a wait lasts at least as long as asked", after.since(before) >= span, (before, after));
    found.rule("a wait lasts little longer than asked", after.since(before) < Span::from_secs(5), (before, after));
    ports.sleep(Span::ZERO).await;
    found.rule("the clock never goes back", ports.now() >= after, (after, ports.now()));
    found
}

/// One holder of the lease, epochs that rise, and entries that go to the end or nowhere. Leaves two entries more, and the
/// lease held.
pub async fn journal<P: Journal + Tenure>(ports: &P) -> SuiteResult {
    let mut found = SuiteResult::of("journal");
    let epochs = [ports.acquire_lease(LEASE).await, ports.acquire_lease(LEASE).await];
    let rising = matches!(&epochs, [Ok(first), Ok(second)] if first.epoch > 0 && second.epoch > first.epoch);
    found.rule("a lease has a higher epoch than any before", rising, &epochs);
    let [Ok(old), Ok(new)] = epochs else { return found };
    let (old, new) = (ports.under(old.epoch), ports.under(new.epoch));
    found.rule("ports act under the lease that they are given", new.epoch() > old.epoch(), (old.epoch(), new.epoch()));
    let before = new.read_journal(0).await;
    found.rule("the journal is read", before.is_ok(), &before);
    let at = before.map_or(0, |entries| entries.len() as u64);
    let entry = "an entry with \"quotes\",\nan end of a line, and an ü";
    let appended = [new.append_journal(at, entry).await, new.append_journal(at + 1, "another").await];
    found.rule("an entry is appended at the end", appended.iter().all(Result::is_ok), &appended);
    for wrong in [at, at + 1, at + 3] {
        let refused = new.append_journal(wrong, "elsewhere").await;
        found.rule(
            "nothing is appended anywhere but at the end",
            matches!(refused, Err(PortError::Refused(_))),
            &refused,
        );
    }
    let read = new.read_journal(at).await;
    found.rule("what was appended is read as it was", read == Ok(vec![entry.to_owned(), "another".to_owned()]), &read);
    let rest = new.read_journal(at + 1).await;
    found.rule("it can be read from any entry on", rest == Ok(vec!["another".to_owned()]), &rest);
    let beyond = new.read_journal(at + 2).await;
    found.rule("there is nothing after the last entry", beyond == Ok(Vec::new()), &beyond);
    let late = old.append_journal(at + 2, "late").await;
    found.rule("a superseded controller appends nothing", is_superseded(&late), &late);
    let renewed = old.renew_lease(LEASE).await;
    found.rule("a lease that was superseded is not renewed", is_superseded(&renewed), &renewed);
    let held = new.renew_lease(LEASE).await;
    found.rule("a lease that is held is renewed", held.is_ok(), &held);
    found
}

/// A record names what it was pointed at, and is kept as long as it was set to. Leaves it pointed at the second of
/// `regions`.
pub async fn dns<P: Dns>((old, ports): (&P, &P), record: &str, regions: [&str; 2]) -> SuiteResult {
    let mut found = SuiteResult::of("dns");
    for region in [regions[0], regions[1], regions[1]] {
        let pointed = ports.point_record(record, region).await;
        found.rule("a record can be pointed at a region, even if it already is", pointed.is_ok(), &pointed);
        let read = ports.read_record(record).await;
        found.rule("once acknowledged, a record names what it was pointed at", read.as_deref() == Ok(region), &read);
    }
    let before = ports.read_ttl(record).await;
    found.rule("a record's TTL can be read", before.is_ok(), &before);
    for ttl in [Span::from_secs(7), before.unwrap_or(Span::from_secs(60))] {
        let set = ports.set_ttl(record, ttl).await;
        let read = ports.read_ttl(record).await;
        found.rule("a record's TTL is what was set", set.is_ok() && read == Ok(ttl), (&set, &read));
    }
    let late = old.point_record(record, regions[0]).await;
    found.rule("a superseded controller changes no record", is_superseded(&late), &late);
    let late = old.set_ttl(record, Span::from_secs(9)).await;
    found.rule("a superseded controller sets nothing", is_superseded(&late), &late);
    let read = ports.read_record(record).await;
    found.rule("a record is where it was", read.as_deref() == Ok(regions[1]), &read);
    found
}

/// What was activated serves, and what was put on standby does not. Leaves the services of `region` active.
pub async fn services<P: Services>((old, ports): (&P, &P), region: &str) -> SuiteResult {
    let mut found = SuiteResult::of("services");
    let there = ports.service_status(region).await;
    found.rule("a region lists its services", there.as_ref().is_ok_and(|all| !all.is_empty()), &there);
    for active in [false, true, true] {
        let answer = if active { ports.activate(region).await } else { ports.deactivate(region).await };
        found.rule("services can be activated and put on standby, even if they already are", answer.is_ok(), &answer);
        let status = ports.service_status(region).await;
        let as_told = status.as_ref().is_ok_and(|all| all.iter().all(|service| service.active == active));
        found.rule("once acknowledged, all services of a region are in the requested state", as_told, &status);
    }
    let late = old.deactivate(region).await;
    found.rule("a superseded controller deactivates nothing", is_superseded(&late), &late);
    let status = ports.service_status(region).await;
    found.rule("services are as they were", status.is_ok_and(|all| all.iter().all(|service| service.active)), &late);
    found
}

/// A service that serves answers a probe.
pub async fn probe<P: Probe + Clock>(ports: &P, region: &str, service: &str) -> SuiteResult {
    let mut found = SuiteResult::of("probe");
    let before = ports.now();
    let took = ports.probe(region, service).await;
    found.rule("a service that serves answers", took.is_ok(), &took);
    let passed = ports.now().since(before);
    found.rule("an answer takes no longer than the time that passes", took.is_ok_and(|took| took <= passed), passed);
    found
}

/// What is asked for is answered, of the same things in the same order.
pub async fn metrics<P: Metrics + Clock>(ports: &P, region: &str) -> SuiteResult {
    let mut found = SuiteResult::of("metrics");
    let query = |metric| Query { metric, labels: Labels::of_region(region), window: None };
    let metrics = [Metric::Up, Metric::ErrorRate, Metric::Limited, Metric::ResponseTime { percentile: 95 }];
    let queries = metrics.map(query);
    let answers = ports.query(&queries).await;
    let Ok(answers) = &answers else {
        found.rule("monitoring answers", false, &answers);
        return found;
    };
    found.rule("each query has its own list", answers.len() == queries.len(), answers.len());
    let asked_for = answers.iter().flatten().all(|sample| sample.region == region);
    found.rule("a sample is of what was asked for", asked_for && answers.iter().all(|list| !list.is_empty()), answers);
    let names = |list: &[MetricSample]| list.iter().map(|s| s.service.clone()).collect::<Vec<_>>();
    let same = answers.iter().all(|list| names(list) == names(&answers[0]));
    found.rule("the order does not depend on the query", same, answers);
    let now = ports.now();
    let past = answers.iter().flatten().all(|sample| sample.taken.is_none_or(|taken| taken <= now));
    found.rule("no sample is from the future", past, (now, answers));
    let nowhere = ports.query(&[Query { labels: Labels::of_region("nowhere at all"), ..queries[0].clone() }]).await;
    found.rule("what does not exist is refused by name", matches!(nowhere, Err(PortError::Refused(_))), &nowhere);
    found
}

/// A message is accepted, unless its sender was superseded.
pub async fn notifier<P: Notifier>((old, ports): (&P, &P), audience: &str) -> SuiteResult {
    let mut found = SuiteResult::of("notifier");
    let told = ports.notify(audience, "a test of this channel").await;
    found.rule("a channel accepts a message", told.is_ok(), &told);
    let late = old.notify(audience, "a test by a controller that may not send").await;
    found.rule("a superseded controller notifies nobody", is_superseded(&late), &late);
    found
}

/// One authority to an epoch, and none of an older one. `regions`: the one that leads, and one that follows. Leaves the
/// second one leading.
pub async fn databases<P: Databases>((old, ports): (&P, &P), database: &str, regions: [&str; 2]) -> SuiteResult {
    let mut found = SuiteResult::of("databases");
    let [from, to] = regions;
    let listed = ports.databases_in(to).await;
    found.rule(
        "a copy is listed in its region",
        listed.as_ref().is_ok_and(|all| all.iter().any(|n| n == database)),
        &listed,
    );
    let (leader, follower) = (ports.copy_status(database, from).await, ports.copy_status(database, to).await);
    let (Ok(leader), Ok(follower)) = (&leader, &follower) else {
        found.rule("copies report their state", false, (&leader, &follower));
        return found;
    };
    found.rule("the leading copy accepts writes", leader.writable && leader.leader == from, leader);
    found.rule("a replica accepts none", !follower.writable && follower.leader == from, follower);
    found.rule("nothing is applied that was not received", follower.applied_lsn <= follower.received_lsn, follower);
    let bound = ports.head_bound(database).await;
    let bounds = |bound: HeadBound| bound.if_alive >= bound.if_dead && bound.if_alive >= leader.received_lsn;
    found.rule("the head is below its bound", bound.as_ref().is_ok_and(|b| b.is_none_or(bounds)), (&bound, leader));
    let epoch = leader.epoch.max(follower.epoch) + 1;
    let late = old.fence(database, epoch).await;
    found.rule("a superseded controller fences nothing off", is_superseded(&late), &late);
    for _ in 0..2 {
        let in_force = ports.fence(database, epoch).await;
        found.rule("a fence raises the epoch, and is idempotent", in_force == Ok(epoch), &in_force);
    }
    let lower = ports.fence(database, epoch - 1).await;
    found.rule("a fence is not lowered", lower.as_ref().map_or(true, |in_force| *in_force == epoch), &lower);
    let fenced = ports.copy_status(database, from).await;
    found.rule(
        "no copy of an older epoch accepts writes",
        fenced.as_ref().map_or(true, |copy| !copy.writable),
        &fenced,
    );
    let stale = ports.promote(database, to, epoch - 1).await;
    found.rule("nobody leads an older epoch", matches!(stale, Err(PortError::Refused(_))), &stale);
    let late = old.promote(database, to, epoch).await;
    found.rule("a superseded controller promotes nothing", is_superseded(&late), &late);
    for _ in 0..2 {
        let promoted = ports.promote(database, to, epoch).await;
        let leads = promoted.as_ref().is_ok_and(|p| p.epoch == epoch && p.from_lsn >= follower.applied_lsn);
        found.rule("a copy is promoted with all it had, and promotion is idempotent", leads, (&promoted, follower));
    }
    let other = ports.promote(database, from, epoch).await;
    found.rule(
        "an epoch has one authority",
        matches!(other, Err(PortError::Refused(_) | PortError::Unreachable(_))),
        &other,
    );
    let leads = ports.copy_status(database, to).await;
    let as_told = leads.as_ref().is_ok_and(|copy| copy.writable && copy.epoch == epoch && copy.leader == to);
    found.rule("the promoted copy accepts writes, in its epoch", as_told, &leads);
    found
}

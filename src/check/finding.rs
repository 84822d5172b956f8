//! What was found in a run that no property bounds, so that it does not pass.
//!
//! Owns the findings and their words. Does not know how a property judges: it asks each whether it bounds a harm, or
//! speaks of a setback.
//!
//! Invariant: a harm that no property bounds which held is a finding, and so is a setback of which none speaks. A setback
//! that a later run made good is bounded with the harm of the fault it answers.

use super::authority::audit;
use super::cause::Attribution;
use super::judge::Check;
use super::outage::{enough_to_tell, requests_within};
use super::rational::Rational;
use super::setback::{Setback, setbacks};
use super::slowdown::{Slow, Usual, slow_stretches, unjudged};
use crate::outcome::{Expectation, Outage, PropertyOutcome, Verdict};
use crate::record::event::FaultEvent;
use crate::record::{FaultReach, FaultRecord, OUTDATED, Record, Sample, Signal, StoreRecord};
use crate::units::{Instant, Span};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Something that was taken from clients.
#[derive(Debug, Clone, Copy)]
pub enum Harm<'a> {
    /// A class of requests was not served as promised.
    Outage(&'a Outage),
    /// Answers to a class of requests were much slower than usual.
    Slow(&'a Slow),
    /// A fault made requests fail, too few or too far apart for an outage.
    Failures(&'a FaultRecord),
    /// Acknowledged writes of a database are gone.
    Loss(&'a StoreRecord),
    /// Objects of a bucket are gone.
    Objects(&'a LostObjects<'a>),
}

/// Objects of a bucket that no copy of it had any more at some time, or that a copy lacks in the end, or copies without any data
/// then, or reads of a replica that had long been behind, in a second. What is put later in their place brings none back.
#[derive(Debug, Clone, Copy)]
pub struct LostObjects<'a> {
    /// The signal that counts them.
    pub signal: &'a str,
    /// How many, at the worst time.
    pub count: u64,
    /// Of so many, if the signal is their share; else 1.
    pub whole: u64,
    /// When the first were.
    pub since: Instant,
}

/// What counts at the end, whatever there was before: by the ending of the signal that counts it.
const IN_THE_END: [&str; 4] = [".damaged", ".without_data", ".missing", ".differing"];

impl LostObjects<'_> {
    /// Whether it is what is left in the end that counts.
    pub fn is_of_the_end(&self) -> bool {
        IN_THE_END.iter().any(|ending| self.signal.ends_with(ending))
    }

    /// Whether a bound of `most` on their signal allows them.
    pub fn is_within(&self, most: Rational) -> bool {
        Rational::new(self.count.into(), self.whole.into()).is_some_and(|worst| worst <= most)
    }
}

/// The properties of a scenario with what they came to.
pub struct Bounds<'a> {
    checks: &'a [Check],
    outcomes: &'a [PropertyOutcome],
}

impl<'a> Bounds<'a> {
    /// Of `checks`, judged as `outcomes` in the same order.
    pub fn new(checks: &'a [Check], outcomes: &'a [PropertyOutcome]) -> Self {
        Self { checks, outcomes }
    }

    /// The property that bounds `harm`, if there is one: it held, or its failure is allowed for.
    pub fn of(&self, harm: &Harm<'_>, record: &Record) -> Option<&'a str> {
        // Where service never came back, no figure of how much was served makes up for it. A failure that is counted does.
        let never_back = matches!(harm, Harm::Outage(outage) if outage.certain && outage.until.is_none());
        let held = self.held().filter(|_| !never_back).chain(self.counted());
        let mut bounding = held.filter(|check| check.property.bounds(harm, record));
        bounding.next().map(|check| check.id.as_str())
    }

    /// Whether a property that held speaks of `setback`, or bounds the harm of a fault that was answered after all.
    fn covers(&self, setback: &Setback, record: &Record) -> bool {
        let speaks = |check: &Check| setback.events.iter().any(|event| check.property.speaks_of(event));
        let made_good = mutant!("a_setback_need_not_be_made_good": setback.made_good => true);
        let triggers = || record.faults.iter().filter(|fault| setback.triggers.contains(&fault.id));
        let mut answered = triggers().filter(|_| made_good);
        let is_counted = |check: &Check| triggers().any(|fault| check.property.bounds(&Harm::Failures(fault), record));
        self.counted().any(|check| speaks(check) || is_counted(check))
            || self.held().any(speaks)
            || answered.any(|fault| self.of(&Harm::Failures(fault), record).is_some())
    }

    /// The properties that held, or may hold or not.
    fn held(&self) -> impl Iterator<Item = &'a Check> + '_ {
        let holds = |outcome: &PropertyOutcome| {
            let held = outcome.verdict == Verdict::Pass;
            // Either is as good to whoever wrote so.
            let allowed = outcome.verdict == Verdict::Fail && outcome.expected == Expectation::Either;
            mutant!("what_failed_bounds": held || allowed => true)
        };
        self.checks.iter().zip(self.outcomes).filter(move |(_, outcome)| holds(outcome)).map(|(check, _)| check)
    }

    /// The properties that did not hold and are said to hold in a share of all runs: there the failure counts.
    fn counted(&self) -> impl Iterator<Item = &'a Check> + '_ {
        let counts = |outcome: &PropertyOutcome| outcome.verdict == Verdict::Fail && outcome.expected.claim().is_some();
        self.checks.iter().zip(self.outcomes).filter(move |(_, outcome)| counts(outcome)).map(|(check, _)| check)
    }

    /// Whether the scenario only compares figures with what they should be: then it makes no claim about service.
    fn only_compares(&self) -> bool {
        !self.checks.is_empty() && self.outcomes.iter().all(|outcome| outcome.comparison.is_some())
    }
}

/// Every finding, one sentence each, the longest outage first. The outages of `attribution` learn which property bounds
/// them.
pub fn findings(record: &Record, attribution: &mut Attribution<'_>, bounds: &Bounds<'_>) -> Vec<String> {
    for outage in &mut attribution.outages {
        outage.bounded_by = bounds.of(&Harm::Outage(outage), record).map(str::to_owned);
    }
    if bounds.only_compares() {
        return Vec::new();
    }
    let outages = &attribution.outages;
    let mut found = unbounded_outages(record, outages);
    found.extend(untold_setbacks(record, attribution, bounds));
    found.extend(slow_answers(record, attribution, bounds));
    found.extend(unexplained_failures(record, outages, bounds));
    found.extend(lost_writes(record, bounds));
    found.extend(lost_objects(record, bounds));
    found.extend(copies_without_data(record, bounds));
    found.extend(differing_rows(record, bounds));
    found.extend(outdated_reads(record, bounds));
    found.extend(lapsed_leases(record, bounds));
    found.extend(record.stores.iter().flat_map(|store| audit(store).findings()));
    found
}

fn unbounded_outages(record: &Record, outages: &[Outage]) -> Vec<String> {
    let mut by_cause: BTreeMap<(&[String], bool), Vec<&Outage>> = BTreeMap::new();
    for outage in outages.iter().filter(|outage| outage.bounded_by.is_none() && !outage.planned) {
        by_cause.entry((&outage.causes, outage.certain)).or_default().push(outage);
    }
    let length = |outage: &Outage| outage.until.unwrap_or(record.workload_end).since(outage.from);
    let mut said: Vec<(Span, String)> = Vec::new();
    for ((causes, certain), group) in by_cause {
        let Some(longest) = group.iter().copied().max_by_key(|outage| length(outage)) else { continue };
        said.push((length(longest), sentence(longest, causes, (certain, group.len()), record)));
    }
    said.sort_by_key(|(length, _)| Reverse(*length));
    said.into_iter().map(|(_, sentence)| sentence).collect()
}

fn sentence(outage: &Outage, causes: &[String], (certain, count): (bool, usize), record: &Record) -> String {
    let Outage { class, promised, within, from, unserved, requests, .. } = outage;
    let because = match causes {
        [] => "nothing in the scenario explains it".to_owned(),
        causes => format!("it belongs to {}", causes.join(" and ")),
    };
    let until = match outage.until {
        Some(until) => format!("to {until:#} ({:#})", until.since(*from)),
        None => format!("until clients stopped at {:#}", record.workload_end),
    };
    let more = if count > 1 { format!(", the longest of {count} such outages") } else { String::new() };
    if !certain {
        return format!(
            "{class}: {unserved} of {requests} requests were not served around {from:#}, which may be an outage or chance: {}",
            how_to_tell(outage, record)
        );
    }
    format!(
        "{class} was below its objective ({promised} served within {within}) from {from:#} {until}{more}: {unserved} of \
         {requests} requests were not served; {because}, and no property that held bounds it"
    )
}

/// What it takes to tell whether `outage` is one.
pub fn how_to_tell(outage: &Outage, record: &Record) -> String {
    let class = record.objective.classes.iter().find(|class| class.name == outage.class);
    let whole = class.map_or(0, |class| requests_within(record, class, Instant::ZERO, record.end).0);
    format!(
        "with {} promised and {whole} requests in the run, it takes {} consecutive failures to tell; send more \
         requests, or promise more",
        outage.promised,
        enough_to_tell(whole, outage.promised)
    )
}

fn untold_setbacks(record: &Record, found: &Attribution<'_>, bounds: &Bounds<'_>) -> Vec<String> {
    let mut alike: BTreeMap<(String, &str), Vec<Setback>> = BTreeMap::new();
    for setback in setbacks(record, found).into_iter().filter(|setback| !bounds.covers(setback, record)) {
        alike.entry((setback.subject.clone(), setback.became)).or_default().push(setback);
    }
    let sentence = |group: &Vec<Setback>| {
        let Setback { subject, at, begun, became, why, .. } = &group[0];
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        let more = if group.len() > 1 { format!(" (and {} more times)", group.len() - 1) } else { String::new() };
        let begun = if *begun { format!(", started at {at:#},") } else { String::new() };
        format!("{subject}{begun} {became}{why}{more}; no property that held covers that")
    };
    alike.values().map(sentence).collect()
}

fn slow_answers(record: &Record, attribution: &Attribution<'_>, bounds: &Bounds<'_>) -> Vec<String> {
    let is_unbounded = |slow: &Slow| bounds.of(&Harm::Slow(slow), record).is_none();
    let mut slow = slow_stretches(record, &attribution.outages);
    slow.retain(|slow| is_unbounded(slow) && !attribution.is_planned((slow.from, slow.until), record));
    let longest = slow.iter().max_by_key(|slow| (slow.until.since(slow.from), Reverse(slow.from)));
    let mut unknown = unjudged(record);
    unknown.retain(is_unbounded);
    let worst = longest.map(|longest| slow_sentence(longest, slow.len(), record));
    worst.into_iter().chain(unknown_sentence(&unknown)).collect()
}

fn slow_sentence(longest: &Slow, count: usize, record: &Record) -> String {
    let Slow { class, from, until, slow, answers, p95, usual } = longest;
    let more = if count > 1 { format!(", the longest of {count} such times") } else { String::new() };
    let usual = usual
        .map_or_else(String::new, |usual| format!(", where {:#} was usual {}", usual.p95, when_usual(usual, record)));
    let p95 = p95.map_or_else(String::new, |p95| format!("; their 95th percentile was {p95:#}{usual}"));
    format!(
        "{class}: answers were slow from {from:#} to {until:#} ({:#}){more}: {slow} of {answers} took more than twice the \
         usual{p95}, and no property that held bounds that",
        until.since(*from)
    )
}

/// What time the usual was taken from, in words.
fn when_usual(usual: Usual, record: &Record) -> String {
    let Usual { from, until, .. } = usual;
    let disturbing = record.faults.iter().filter(|fault| fault.reach != FaultReach::Control);
    match disturbing.filter_map(|fault| fault.at).min() {
        None => format!("from {from:#} to {until:#}"),
        Some(first) if until.second() <= first.second() => "before the first fault".to_owned(),
        Some(_) => format!("in the seconds from {from:#} to {until:#} without an active fault"),
    }
}

fn unknown_sentence(unknown: &[Slow]) -> Option<String> {
    let from = unknown.iter().map(|slow| slow.from).min()?;
    let classes: Vec<&str> = unknown.iter().map(|slow| slow.class.as_str()).collect();
    Some(format!(
        "{}: whether answers were slow cannot be decided: too few came before anything was changed and without an active \
         fault to know what is usual, and from {from:#} on there was one; begin later, or bound latency",
        classes.join(", ")
    ))
}

fn lost_writes(record: &Record, bounds: &Bounds<'_>) -> Vec<String> {
    let lost = record.stores.iter().filter(|store| store.lost_total > 0);
    let unbounded = lost.filter(|store| bounds.of(&Harm::Loss(store), record).is_none());
    let sentence = |store: &StoreRecord| {
        let (name, lost, acked) = (&store.store, store.lost_total, store.acked);
        format!("{name}: {lost} of {acked} acknowledged writes were lost, and no property that held bounds that")
    };
    unbounded.map(sentence).collect()
}

fn lost_objects(record: &Record, bounds: &Bounds<'_>) -> Vec<String> {
    let of_buckets = |signal: &'_ &crate::record::Signal| signal.name.starts_with("bucket.");
    let counted = record.signals.iter().filter(of_buckets).filter_map(|signal| {
        let (since, _) = signal.points().find(|(_, sample)| sample.part > 0)?;
        let name = signal.name.strip_prefix("bucket.")?;
        if let Some(bucket) = name.strip_suffix(".lost") {
            let count = signal.points().map(|(_, sample)| sample.part).max()?;
            let what = format!("up to {} lost, the first at {since:#}: no copy has the newest version", objects(count));
            return Some((bucket, what, LostObjects { signal: &signal.name, count, whole: 1, since }));
        }
        if let Some(bucket) = name.strip_suffix(".out_of_reach") {
            // What comes back while clients are there was away; what only the end of the run brings back is not.
            let (since, count) = in_the_end(signal, record.workload_end)?;
            let what = format!(
                "{} out of reach when clients stopped: from {since:#} on, the newest version was only in copies that did not answer",
                objects(count)
            );
            return Some((bucket, what, LostObjects { signal: &signal.name, count, whole: 1, since }));
        }
        if let Some(copy) = name.strip_suffix(".stale") {
            let count = signal.points().map(|(_, sample)| sample.part).max()?;
            let what =
                format!("{} answered with an older object than had been put, the first at {since:#}", reads_were(count));
            return Some((copy, what, LostObjects { signal: &signal.name, count, whole: 1, since }));
        }
        // What a copy lacks for a time others make up for; what it lacks in the end nobody has noticed.
        let copy = name.strip_suffix(".damaged")?;
        let (since, last) = signal.points().last().filter(|(_, sample)| sample.part > 0)?;
        let what = format!("at the end, {} missing or corrupt there", objects(last.part));
        Some((copy, what, LostObjects { signal: &signal.name, count: last.part, whole: 1, since }))
    });
    let unbounded = counted.filter(|(.., lost)| bounds.of(&Harm::Objects(lost), record).is_none());
    unbounded.map(|(whose, what, _)| format!("{whose}: {what}, and no property that held bounds that")).collect()
}

/// Copies of databases that lost their data and that nobody rebuilt: what the file says is kept several times no longer is.
fn copies_without_data(record: &Record, bounds: &Bounds<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for store in &record.stores {
        let Some(signal) = record.signal(&format!("db.{}.without_data", store.store)) else { continue };
        let Some((since, count)) = in_the_end(signal, Instant::MAX) else { continue };
        let lost = LostObjects { signal: &signal.name, count, whole: 1, since };
        if bounds.of(&Harm::Objects(&lost), record).is_none() {
            found.push(format!(
                "{}: at the end {count} of {} copies had no data, the first since {since:#}, and nobody had restored that or copied it anew; \
                 no property that held bounds that",
                store.store,
                store.copies.len()
            ));
        }
    }
    found
}

/// Rows that a dual write left apart: what the second database lacks a cutover to it would lose.
fn differing_rows(record: &Record, bounds: &Bounds<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for pair in &record.dual_writes {
        let (second, first, rows) = (&pair.secondary, &pair.primary, pair.rows);
        let is_bounded = |signal: String, count: u64| {
            let since = pair.named.iter().map(|row| row.since).min().unwrap_or_default();
            bounds.of(&Harm::Objects(&LostObjects { signal: &signal, count, whole: 1, since }), record).is_some()
        };
        let missing = mutant!("what_a_second_database_lacks_is_nobodys_matter": pair.missing => 0);
        if missing > 0 && !is_bounded(format!("db.{second}.missing"), missing) {
            found.push(format!(
                "{second}: at the end {missing} of {rows} rows lack the newest write that a client was told is done, which is in \
                 {first}: who reads {second}, or cuts over to it, does not find that; no property that held bounds that"
            ));
        } else if missing == 0 && pair.differing > 0 && !is_bounded(format!("db.{second}.differing"), pair.differing) {
            found.push(format!(
                "{second}: at the end {} of {rows} rows are not the same as in {first}, by writes of which no client was told that \
                 they are done, or that came in another order; no property that held bounds that",
                pair.differing
            ));
        }
    }
    found
}

/// How many it counts at last before `end`, and since when it has been more than none.
fn in_the_end(signal: &Signal, end: Instant) -> Option<(Instant, u64)> {
    let before = |(at, _): &(Instant, Sample)| *at < end;
    let (mut since, mut count) = (None, 0);
    for (at, sample) in signal.points().take_while(before) {
        count = sample.part;
        since = (count > 0).then(|| since.unwrap_or(at));
    }
    Some((since?, count))
}

/// Reads answered with what had long been replaced, by the ending of the signal that counts them: what is said of them.
const OUTDATED_READS: [(&str, &str, &str); 3] = [
    ("service.", ".outdated_reads", "by a replica that was more than {long} behind and did not have the newest write"),
    (
        "db.",
        ".lacking_reads",
        "from a row that had lacked, for more than {long}, what a client was told is done and the other database of the dual write \
         has",
    ),
    (
        "service.",
        ".cache_outdated",
        "from its cache with what had been overwritten for more than {long}, or for longer than its `ttl`",
    ),
];

/// Reads that a replica answered that had long been behind, a cache with what had long been overwritten, or the second database
/// of a dual write with a row that had long lacked a write.
fn outdated_reads(record: &Record, bounds: &Bounds<'_>) -> Vec<String> {
    let counted = record.signals.iter().filter_map(|signal| {
        let (of, how) = OUTDATED_READS
            .iter()
            .find_map(|(family, ending, how)| Some((signal.name.strip_prefix(family)?.strip_suffix(ending)?, *how)))?;
        let reads =
            || signal.seconds(record.workload_end).map(|(at, sample)| (at, sample.part)).filter(|(_, n)| *n > 0);
        let since = Instant::from_secs(reads().next()?.0);
        let (all, most) = (reads().map(|(_, n)| n).sum::<u64>(), reads().map(|(_, n)| n).max()?);
        Some(((of, how), all, LostObjects { signal: &signal.name, count: most, whole: 1, since }))
    });
    let unbounded = counted.filter(|(.., read)| bounds.of(&Harm::Objects(read), record).is_none());
    let told = unbounded.map(|((of, how), all, read)| {
        let how = how.replace("{long}", &format!("{OUTDATED:#}"));
        format!(
            "{of}: {} answered {how}, the first at {:#}, and no property that held bounds that",
            reads_were(all),
            read.since
        )
    });
    told.collect()
}

/// Holders whose leases ran out: what they hold one for stands still, however soon the service that grants them was back.
fn lapsed_leases(record: &Record, bounds: &Bounds<'_>) -> Vec<String> {
    let lapsed = record.signals.iter().filter_map(|signal| {
        let holders = signal.name.strip_prefix("leases.")?.strip_suffix(".out")?;
        let out = || signal.points().filter(|(at, sample)| *at < record.workload_end && sample.part > 0);
        let (since, _) = out().next()?;
        let (_, worst) = out().max_by_key(|(_, sample)| sample.part)?;
        Some((holders, LostObjects { signal: &signal.name, count: worst.part, whole: worst.whole, since }))
    });
    let unbounded = lapsed.filter(|(_, lapsed)| bounds.of(&Harm::Objects(lapsed), record).is_none());
    let told = unbounded.map(|(holders, LostObjects { count, whole, since, .. })| {
        format!("{holders}: {count} of {whole} had no valid lease at worst, the first at {since:#}, and no property that held bounds that")
    });
    told.collect()
}

fn reads_were(count: u64) -> String {
    if count == 1 { "1 read was".to_owned() } else { format!("{count} reads were") }
}

fn objects(count: u64) -> String {
    if count == 1 { "1 object was".to_owned() } else { format!("{count} objects were") }
}

fn unexplained_failures(record: &Record, outages: &[Outage], bounds: &Bounds<'_>) -> Vec<String> {
    let owns = |fault: &FaultRecord| {
        let name = FaultEvent::begins(&fault.id);
        outages.iter().any(|outage| outage.certain && outage.causes.contains(&name))
    };
    let unserved = |fault: &FaultRecord| {
        let signal = record.signal(&format!("unserved.{}", fault.id));
        signal.map_or(0, |signal| signal.points().map(|(_, sample)| sample.part).sum())
    };
    let mut found = Vec::new();
    for fault in record.faults.iter().filter(|fault| !owns(fault)) {
        let count: u64 = unserved(fault);
        if count > 0 && bounds.of(&Harm::Failures(fault), record).is_none() {
            found.push(format!(
                "fault `{}` affected at least {count} requests that were not served, without an outage; no property \
                 that held bounds them",
                fault.id
            ));
        }
    }
    found
}

#[cfg(test)]
#[path = "finding_tests.rs"]
pub(crate) mod tests;

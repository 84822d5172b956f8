//! `recovers`: after an event, service is back in time and stays.
//!
//! What must come back is what the scenario promises its users, or a share of its own (`success >= 99%`): then recovery is
//! the end of the last outage that belongs to the event, and the worst class of requests counts. Any other statement has
//! recovered at the end of the last stretch in which it did not hold that begins while the fault is on, or before the
//! statement has then held for long enough. Either must come within the deadline, inclusively. Violated once it cannot be
//! met any more; inconclusive as long as it could, because data is missing or the run ended first.

use super::read::Reader;
use super::{Evidence, Judgement, Property, time_margin};
use crate::check::allowance::{clock_runs, is_promise};
use crate::check::cause::{Attribution, Criterion};
use crate::check::expression::Expression;
use crate::check::finding::{Harm, how_to_tell};
use crate::check::outage::{enough_to_tell, requests_within};
use crate::check::rational::Rational;
use crate::check::relapse::{Obligation, last_bad};
use crate::check::vocabulary::Vocabulary;
use crate::field::{Field, FieldType, Kind, Problems, Scope, Values};
use crate::outcome::Outage;
use crate::record::event::{EventPattern, FaultEvent, ProcedureEvent};
use crate::record::{FaultReach, FaultRecord, Period, Record, TOTAL};
use crate::units::{Instant, Ratio, Span};
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind = Kind::new("recovers", "After an event, service recovers in time and stays good.", &FIELDS);

const FIELDS: [Field; 4] = [
    Field::required("after", FieldType::Expression, "The event that starts the clock, such as `fault.dark`."),
    Field::derived(
        "holds",
        FieldType::Expression,
        "the scenario's objective",
        "one promise for all properties",
        "What must hold again, such as `success >= 99%`, which each class of requests must reach separately.",
    ),
    Field::required("within", FieldType::PositiveSpan, "The longest recovery time, measured from the event."),
    Field::derived(
        "stable",
        FieldType::Span,
        "the objective's",
        "one promise for all properties",
        "How long it must keep holding to count as recovered.",
    ),
];

/// What is counted by the second began in it.
const SECOND: Span = Span::from_secs(1);

/// Builds one.
pub fn build(_: &str, values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Arc<dyn Property>> {
    let mut reader = Reader { values, known: &Vocabulary::new(scope), problems };
    let after = reader.event("after");
    let holds = match values.opt_expression("holds") {
        Some(_) => Some(reader.statement("holds")?),
        None => None,
    };
    let share = holds.as_ref().and_then(Expression::least_success);
    let (within, stable) = (values.span("within"), values.opt_span("stable"));
    Some(Arc::new(Recovers { after: after?, holds, share, within, stable }))
}

#[derive(Debug)]
struct Recovers {
    after: EventPattern,
    /// `None`: the objective.
    holds: Option<Expression>,
    /// The share of requests to be served, if that is what `holds` says.
    share: Option<Ratio>,
    within: Span,
    stable: Option<Span>,
}

impl Property for Recovers {
    fn demand(&self) -> String {
        let Self { after, within, .. } = self;
        let stable = self.stable.map_or_else(String::new, |stable| format!(" and then for {stable}"));
        format!("after {after}, {} again within {within}{stable}", self.what())
    }

    fn bound(&self) -> String {
        self.within.to_string()
    }

    fn speaks_of(&self, name: &str) -> bool {
        self.after.matches(name) || self.holds.as_ref().is_some_and(|holds| holds.counts(name))
    }

    fn judge(&self, record: &Record) -> Judgement {
        let stable = self.stable.unwrap_or(record.objective.stable);
        let obligations = self.obligations(record);
        if obligations.is_empty() {
            return Judgement::not_exercised(self.after.why_never(record));
        }
        let mut each: Vec<Judgement> = Vec::new();
        if let Some(holds) = self.holds.as_ref().filter(|holds| !holds.is_about_success_only()) {
            let trace = match holds.evaluate(record) {
                Ok(trace) => trace.map(|judged| judged.truth).cut(record.workload_end, None),
                Err(overflow) => return Judgement::not_exercised(overflow.to_string()),
            };
            if let Some(name) = holds.unrecorded(record).first() {
                return Judgement::not_exercised(format!("the run recorded no signal `{name}`"));
            }
            let judge = |one: &Obligation<'_>| self.judge_statement(&last_bad(&trace, one, stable, record), one);
            each.extend(obligations.iter().map(judge));
        }
        if self.holds.is_none() || self.share.is_some() {
            let found = Criterion { share: self.share, stable }.attribute(record);
            let idle = |one: &&Obligation<'_>| one.may_be_idle() && self.is_idle(one, &found, record);
            let (idle, others): (Vec<_>, Vec<_>) = obligations.iter().partition(idle);
            // Chance may leave out a fault, and so may what it meets; not all of them.
            let due = if others.is_empty() { idle } else { others };
            each.extend(due.into_iter().map(|one| self.judge_outages(one, &found, stable, record)));
        }
        let judged = each.into_iter().reduce(Judgement::worse);
        match (judged, self.after.missing(record)) {
            (Some(judged), Some(missing)) => judged.without_occasion(&missing),
            (judged, _) => judged.unwrap_or_else(|| Judgement::not_exercised("nothing was judged")),
        }
    }

    fn recovery_objective(&self, name: &str, record: &Record) -> Option<Span> {
        let leads = match (&self.holds, self.share) {
            (None, _) => true,
            (Some(_), share) => record.objective.classes.iter().all(|class| Some(class.served) == share),
        };
        (leads && self.after.matches(name)).then_some(self.within)
    }

    fn bounds(&self, harm: &Harm<'_>, record: &Record) -> bool {
        let by_service = self.holds.is_none() || self.share.is_some();
        match harm {
            Harm::Outage(outage) => {
                // Where nobody declared an objective, the share that the property names is the promise.
                let named = |share| !record.objective.declared && is_promise(Rational::of_share(share), outage);
                let high = self.share.is_none_or(|share| share >= outage.promised || named(share));
                let begins = |one: &Obligation<'_>| match one.period {
                    Some((fault, _)) => one.is_cause_of(outage) && clock_runs(outage, &fault.id, one.at, record),
                    None => one.at <= outage.from,
                };
                let about = outage.causes.iter().any(|cause| self.is_about(cause));
                by_service && high && about && self.obligations(record).iter().any(begins)
            }
            Harm::Failures(fault) => by_service && self.is_about(&FaultEvent::begins(&fault.id)),
            Harm::Loss(_) => false,
            // Of holders of leases it may say how soon they have them again; other things that were lost come back in no time.
            Harm::Objects(lost) => {
                let about =
                    |holds: &Expression| lost.signal.starts_with("leases.") && holds.most_of(lost.signal).is_some();
                let begins = |one: &Obligation<'_>| one.at <= lost.since;
                self.holds.as_ref().is_some_and(about) && self.obligations(record).iter().any(begins)
            }
            // It demands nothing of latency before its time is over, and of no class by itself after that.
            Harm::Slow(slow) => {
                let over_in_time = |one: &Obligation<'_>| {
                    one.at <= slow.from.saturating_add(SECOND) && slow.until <= one.at.saturating_add(self.within)
                };
                let about_latency = self.holds.as_ref().is_some_and(|holds| holds.longest_latency(true).is_some());
                about_latency && self.obligations(record).iter().any(over_in_time)
            }
        }
    }
}

impl Recovers {
    fn what(&self) -> String {
        self.holds.as_ref().map_or_else(|| "service as promised".to_owned(), |holds| format!("`{holds}`"))
    }

    /// Whether the clock starts at what `cause` does, as outages name it.
    fn is_about(&self, cause: &str) -> bool {
        // From the end of a fault on, nothing is said of the time during it.
        let names = [cause.to_owned(), ProcedureEvent::starts(cause)];
        names.iter().any(|name| self.after.matches(name))
    }

    /// What the clock starts for: every period of a fault that had an effect, and every other event.
    fn obligations<'a>(&self, record: &'a Record) -> Vec<Obligation<'a>> {
        let effective = self.after.effective_times(record);
        let mut found: Vec<Obligation<'a>> = Vec::new();
        let mut faults: Vec<Instant> = Vec::new();
        for fault in record.faults.iter().filter(|fault| fault.hits > 0) {
            let (begins, healed) = (FaultEvent::begins(&fault.id), FaultEvent::ends(&fault.id));
            let times = |name: &str| EventPattern::new(name).times(record);
            for period in &fault.periods {
                if self.after.matches(&begins) {
                    faults.extend(times(&begins));
                    found.push(Obligation { at: period.from, period: Some((fault, *period)) });
                }
                if let Some(until) = period.until.filter(|_| self.after.matches(&healed)) {
                    faults.extend(times(&healed));
                    found.push(Obligation { at: until, period: Some((fault, *period)) });
                }
            }
        }
        let others = effective.into_iter().filter(|at| !faults.contains(at));
        found.extend(others.map(|at| Obligation { at, period: None }));
        found
    }

    /// Whether what `one` began with took nothing from anybody.
    fn is_idle(&self, one: &Obligation<'_>, found: &Attribution<'_>, record: &Record) -> bool {
        let owns = one.period.is_some_and(|(fault, period)| !owned_by(found, fault, period).is_empty());
        !owns && why_not_exercised(one, self.share, record).is_some()
    }

    fn judge_outages(&self, one: &Obligation<'_>, found: &Attribution<'_>, stable: Span, record: &Record) -> Judgement {
        let indices = match one.period {
            Some((fault, period)) => owned_by(found, fault, period),
            None => found.following(one.at, stable),
        };
        let after = |outage: &&Outage| !outage.planned && outage.until.is_none_or(|until| until > one.at);
        let mine: Vec<&Outage> = indices.iter().map(|index| &found.outages[*index]).filter(after).collect();
        let (certain, unclear): (Vec<&Outage>, Vec<&Outage>) = mine.into_iter().partition(|outage| outage.certain);
        let deadline = one.at.saturating_add(self.within);
        if let Some(last) = certain.iter().max_by_key(|outage| outage.until.unwrap_or(Instant::MAX)) {
            return self.judge_last(one.at, &certain, last, deadline, record);
        }
        if let Some(unclear) = unclear.first() {
            return self.cannot_tell(unclear, record);
        }
        match why_not_exercised(one, self.share, record) {
            Some(why) => Judgement::not_exercised(why),
            None => {
                let evidence = Evidence::counted(1, "events to recover from");
                let judged = Judgement::pass(evidence, format!("{} never failed after {}", self.what(), self.after));
                judged.measured(format!("{:#}", Span::ZERO)).margin(1.0).at(one.at)
            }
        }
    }

    fn judge_last(&self, at: Instant, all: &[&Outage], last: &Outage, within: Instant, record: &Record) -> Judgement {
        let taken = last.until.map(|until| until.since(at));
        let deadline = mutant!("the_deadline_is_a_second_later": within => within.saturating_add(Span::from_secs(1)));
        let late = |outage: &&&Outage| {
            outage.until.is_none_or(|until| mutant!("at_the_deadline_is_late": until > deadline => until >= deadline))
        };
        // Between the last request not served and the one whose answer ended the outage nobody asked.
        let certainly_late =
            |outage: &&&Outage| outage.last > deadline || (outage.asked <= deadline && answered_late(outage, deadline));
        let is_late = all.iter().filter(late).any(|outage| certainly_late(&outage));
        let judged = if all.iter().filter(late).count() == 0 {
            Judgement::pass(Evidence::counted(1, "events to recover from"), self.why_back(at, all, last)).at(last.until)
        } else if is_late {
            Judgement::fail(1, self.why_late(taken, last, record)).margin(-1.0).at(deadline)
        } else {
            Judgement::unknown(1, self.why_unknown(last, record)).at(last.until)
        };
        self.with_time(judged, taken)
    }

    /// With the recovery time, and its margin.
    fn with_time(&self, judged: Judgement, taken: Option<Span>) -> Judgement {
        match taken {
            Some(taken) => judged.measured(format!("{taken:#}")).margin(time_margin(self.within, taken)),
            None => judged,
        }
    }

    fn why_back(&self, at: Instant, all: &[&Outage], last: &Outage) -> String {
        let taken = last.until.map_or(Span::ZERO, |until| until.since(at));
        let first = all.first().and_then(|outage| outage.until).filter(|until| all.iter().any(|o| o.from > *until));
        let relapses = first
            .map_or_else(String::new, |until| format!(", first back after {:#} and down again since", until.since(at)));
        format!("recovered {taken:#} after {}{relapses}{}", self.after, class_of(last))
    }

    fn why_late(&self, taken: Option<Span>, last: &Outage, record: &Record) -> String {
        match taken {
            Some(taken) => format!("recovered only {taken:#} after {}{}", self.after, class_of(last)),
            None => format!(
                "not recovered {} after {}, nor later in the run; clients stopped at {:#}{}",
                self.within,
                self.after,
                record.workload_end,
                class_of(last)
            ),
        }
    }

    fn why_unknown(&self, last: &Outage, record: &Record) -> String {
        match last.until {
            Some(until) => format!(
                "no requests between {:#} and {:#}: it cannot be decided whether service recovered in time",
                last.last,
                last.asked.max(last.last).min(until)
            ),
            None => {
                format!("clients stopped at {:#}, before it could be decided{}", record.workload_end, class_of(last))
            }
        }
    }

    fn cannot_tell(&self, unclear: &Outage, record: &Record) -> Judgement {
        let Outage { class, unserved, requests, from, .. } = unclear;
        let why = format!(
            "{unserved} of {requests} requests of {class} were not served around {from:#}, which may be chance: {}",
            how_to_tell(unclear, record)
        );
        Judgement::unknown(1, why)
    }

    fn judge_statement(&self, bad: &crate::check::relapse::LastBad, one: &Obligation<'_>) -> Judgement {
        let deadline = one.at.saturating_add(self.within);
        let taken = bad.definite.map(|at| at.since(one.at));
        let judged = if bad
            .definite
            .is_some_and(|at| mutant!("a_statement_at_the_deadline_is_late": at <= deadline => at < deadline))
        {
            let said = match taken.filter(|taken| *taken > Span::ZERO) {
                Some(taken) => format!("recovered {taken:#} after {}", self.after),
                None => format!("{} never failed after {}", self.what(), self.after),
            };
            Judgement::pass(Evidence::counted(1, "events to recover from"), said).at(bad.definite)
        } else if bad.possible > deadline {
            let said = match taken {
                Some(taken) => format!("recovered only {taken:#} after {}", self.after),
                None => format!("not recovered {} after {}, nor later in the run", self.within, self.after),
            };
            Judgement::fail(1, said).margin(-1.0).at(deadline)
        } else {
            let said = format!("{}: it cannot be decided whether {} held", bad.why, self.what());
            Judgement::unknown(1, said).at(bad.definite)
        };
        self.with_time(judged, taken)
    }
}

/// The outages of that period.
fn owned_by(found: &Attribution<'_>, fault: &FaultRecord, period: Period) -> Vec<usize> {
    let mine = found.owned.iter().find(|one| one.fault.id == fault.id && one.period == period);
    mine.map_or_else(Vec::new, |one| one.outages.clone())
}

/// Whether somebody had asked by the deadline and was answered only later, or the run shows no answer at all.
fn answered_late(outage: &Outage, deadline: Instant) -> bool {
    outage.until.or(outage.answered).is_some_and(|answered| answered > deadline)
}

/// ` (users.api.write)`: which class came back last.
fn class_of(outage: &Outage) -> String {
    if outage.class == TOTAL { String::new() } else { format!(" ({})", outage.class) }
}

/// Why there being no outage proves nothing, if it does not: the fault came near no request, or too few were sent while it
/// was on.
fn why_not_exercised(one: &Obligation<'_>, share: Option<Ratio>, record: &Record) -> Option<String> {
    let (fault, period) = one.period?;
    untouched_in(fault, period, share, record)
}

/// Why there being no outage after any period of `fault` proves nothing, if it does not.
pub(crate) fn untouched(fault: &FaultRecord, share: Option<Ratio>, record: &Record) -> Option<String> {
    let whys: Option<Vec<String>> =
        fault.periods.iter().map(|period| untouched_in(fault, *period, share, record)).collect();
    whys?.pop()
}

fn untouched_in(fault: &FaultRecord, period: Period, share: Option<Ratio>, record: &Record) -> Option<String> {
    let near = fault.touched > 0 || (fault.reach == FaultReach::Indirect && fault.hits > 0);
    if !near {
        return Some(format!("fault `{}` affected no client request, so this proves nothing", fault.id));
    }
    let until = period.until.unwrap_or(record.workload_end);
    let mut sent = 0;
    let mut needed = 0;
    for class in record.objective.classes.iter().filter(|class| class.name != TOTAL) {
        let whole = requests_within(record, class, Instant::ZERO, record.workload_end).0;
        sent += requests_within(record, class, period.from, until.saturating_add(Span::from_secs(1))).0;
        needed = needed.max(enough_to_tell(whole, share.unwrap_or(class.served)));
    }
    (sent < mutant!("nobody_need_have_asked": needed => 0)).then(|| {
        if needed == u64::MAX {
            return "the objective promises nothing to anybody, so there is no service to recover".to_owned();
        }
        format!(
            "{sent} requests were sent while fault `{}` was active: it takes {needed} to detect an outage",
            fault.id
        )
    })
}

#[cfg(test)]
#[path = "recovers_tests.rs"]
pub(crate) mod tests;

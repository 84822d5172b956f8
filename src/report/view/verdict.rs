//! The verdict of one run: one word, one sentence of cause, and apart from both what the scenario expected.
//!
//! Owns that wording. Does not know how any format sets it. Invariants: the cause speaks of what makes the word what it
//! is, never of a surprise beside it; whether the scenario expected it is said every time, and only there; a failure that
//! was expected is still a failure.

use super::advice::Advice;
use super::response::response;
use crate::outcome::{Outage, Outcome, PropertyOutcome, Verdict};
use crate::record::{CopyRole, LEAST_SERVICE, Record, StoreRecord};
use crate::report::text::{count, plural, span};
use crate::units::Span;

/// Properties that are named beside the first.
const MOST_NAMED: usize = 3;

/// A replica that is further behind is hardly one. Product default: a recovery point that is often asked for.
const LONG_BEHIND: Span = Span::from_mins(1);

/// Word, cause, expectation.
pub(crate) struct Headline {
    /// Go, no-go or unknown.
    pub advice: Advice,
    /// Why, in one sentence without a full stop: the property that decided, then what was done about each fault.
    pub cause: String,
    /// Whether the scenario expected it: a sentence.
    pub expectation: String,
    /// What was found that no property asked for; may be empty.
    pub found: Vec<String>,
    /// The bare verdict, for colour.
    pub verdict: Verdict,
    /// Whether it is what the scenario says.
    pub as_expected: bool,
}

impl Headline {
    pub(crate) fn of(outcome: &Outcome) -> Self {
        let mut cause = vec![deciding(outcome)];
        cause.extend(response(outcome));
        Self {
            advice: Advice::of(outcome.verdict, outcome.as_expected),
            cause: cause.join("; "),
            expectation: expectation(outcome),
            found: found(outcome),
            verdict: outcome.verdict,
            as_expected: outcome.as_expected,
        }
    }

    /// The first half of the cause: what made the verdict what it is.
    pub(crate) fn deciding(outcome: &Outcome) -> String {
        deciding(outcome)
    }

    /// All of it in one line: what a reader needs if there is only one.
    pub(crate) fn sentence(&self) -> String {
        format!("{}: {}. {}", self.advice.word(), self.cause, self.expectation)
    }
}

/// What made the verdict what it is.
fn deciding(outcome: &Outcome) -> String {
    if let Some(stopped) = &outcome.stopped {
        let failed: Vec<&str> =
            outcome.properties.iter().filter(|p| p.verdict == Verdict::Fail).map(|p| p.id.as_str()).collect();
        let failed = if failed.is_empty() { String::new() } else { format!("; failed by then: {}", list(&failed)) };
        return format!("the run stopped early: {}{failed}", stopped.why);
    }
    if outcome.properties.is_empty() {
        return "the scenario asserts nothing".to_owned();
    }
    let mut deciding: Vec<&PropertyOutcome> = outcome
        .properties
        .iter()
        .filter(|p| p.counts() && p.verdict == outcome.verdict && p.verdict != Verdict::Pass)
        .collect();
    // What the scenario did not foresee comes first.
    deciding.sort_by_key(|property| property.as_expected());
    let held = outcome.properties.iter().filter(|property| property.verdict == Verdict::Pass).count() as u64;
    let Some((first, others)) = deciding.split_first() else {
        let beside = outcome.findings.first().or(outcome.doubts.first());
        let beside = beside.map(|found| format!(", but {found}")).or_else(|| left_to_many_runs(outcome));
        let beside = beside.unwrap_or_default();
        if held == 0 {
            return beside.trim_start_matches(", but ").to_owned();
        }
        return format!("{} held{beside}", properties(held));
    };
    let mut parts = vec![format!("{}: {}", first.id, first.why)];
    if !others.is_empty() {
        let names: Vec<&str> = others.iter().map(|property| property.id.as_str()).collect();
        let what = if outcome.verdict == Verdict::Fail { "failed" } else { "undecided" };
        parts.push(format!("also {what}: {}", list(&names)));
    }
    if held > 0 {
        let all = outcome.properties.len() as u64;
        parts.push(format!("{} of {} held", count(held), properties(all)));
    }
    parts.join("; ")
}

/// What one run leaves open by its nature, if something is.
fn left_to_many_runs(outcome: &Outcome) -> Option<String> {
    let claimed = outcome.properties.iter().find_map(|p| Some((p, p.expected.claim()?)));
    if let Some((p, claim)) = claimed {
        let came = came_out(p.verdict);
        return Some(format!(
            ", but one run cannot tell whether {} holds in {} of them ({came} in this one): run many, such as `--seeds 200`",
            p.id, claim.at_least
        ));
    }
    let nothing = !outcome.properties.iter().any(PropertyOutcome::counts);
    nothing.then(|| ", but none of them decides anything: each may hold or not, or was not exercised".to_owned())
}

/// `a, b, c and 2 more`.
pub(super) fn list(names: &[&str]) -> String {
    let shown = names[..names.len().min(MOST_NAMED)].join(", ");
    match names.len().saturating_sub(MOST_NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

pub(super) fn properties(n: u64) -> String {
    if n == 1 { "1 property".to_owned() } else { format!("{} properties", count(n)) }
}

/// Whether the scenario expected what came out.
fn expectation(outcome: &Outcome) -> String {
    if outcome.as_expected {
        let others = |p: &&PropertyOutcome| p.counts() && p.verdict != Verdict::Pass;
        let foreseen: Vec<&str> = outcome.properties.iter().filter(others).map(|p| p.id.as_str()).collect();
        return match (outcome.verdict, foreseen.is_empty()) {
            (_, true) => "As the scenario expects.".to_owned(),
            (Verdict::Fail, _) => format!("{} To go ahead is to accept that.", foreseen_of(&foreseen, "fail")),
            _ => foreseen_of(&foreseen, "stay undecided"),
        };
    }
    let surprise = |p: &PropertyOutcome| {
        let expected = p.expected.of_one_run().map_or("", should);
        format!("{} {}, expected {expected}", p.id, came_out(p.verdict))
    };
    let surprises: Vec<String> = outcome.properties.iter().filter(|p| !p.as_expected()).map(surprise).collect();
    if surprises.is_empty() {
        return unforeseen(outcome).to_owned();
    }
    let surprises: Vec<&str> = surprises.iter().map(String::as_str).collect();
    let shown = surprises[..surprises.len().min(MOST_NAMED)].join("; ");
    let more = match surprises.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    format!("Differs from what the scenario expects: {shown}{more}.")
}

/// Why the run is not as expected though each property came out as it should.
fn unforeseen(outcome: &Outcome) -> &'static str {
    if outcome.properties.is_empty() {
        "The scenario states nothing that must hold: add a property."
    } else if outcome.stopped.is_some() {
        "Differs from what the scenario expects: a run that completes."
    } else if !outcome.findings.is_empty() {
        "Differs from what the scenario expects: no findings outside its properties."
    } else if outcome.properties.iter().any(|p| p.expected.claim().is_some()) {
        "What the scenario expects, many runs decide."
    } else {
        "Differs from what the scenario expects: a run that proves something."
    }
}

/// `As the scenario expects: no_loss fails.`
pub(super) fn foreseen_of(names: &[&str], verb: &str) -> String {
    let (first, rest) = verb.split_once(' ').map_or((verb, String::new()), |(first, rest)| (first, format!(" {rest}")));
    let ending = if names.len() == 1 { "s" } else { "" };
    format!("As the scenario expects: {} {first}{ending}{rest}.", list(names))
}

const fn came_out(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "held",
        Verdict::Fail => "failed",
        Verdict::Inconclusive => "could not be decided",
    }
}

const fn should(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "to hold",
        Verdict::Fail => "to fail",
        Verdict::Inconclusive => "to be undecided",
    }
}

/// What a reader must know though no property asked for it.
fn found(outcome: &Outcome) -> Vec<String> {
    let mut found = Vec::new();
    let planned = outcome.outages.iter().filter(|outage| outage.planned && outage.certain);
    let length = |outage: &Outage| outage.until.unwrap_or(outcome.record.workload_end).since(outage.from);
    if let Some(longest) = planned.clone().map(length).max() {
        let count = plural(planned.count() as u64, "outage");
        found.push(format!("{count} during maintenance, the longest of {}", span(longest)));
    }
    let lowest = outcome.record.objective.classes.iter().map(|class| class.served).min();
    if let Some(lowest) = lowest.filter(|lowest| *lowest < LEAST_SERVICE) {
        found.push(format!("users are promised only that {lowest} of their requests are served"));
    }
    if outcome.verdict == Verdict::Pass {
        found.extend(outcome.record.stores.iter().filter_map(no_longer_follow));
        found.extend(outcome.record.stores.iter().flat_map(|store| less_safe(store, &outcome.record)));
    }
    if !outcome.warnings.is_empty() {
        found.push(format!("{} below", plural(outcome.warnings.len() as u64, "warning")));
    }
    found
}

/// That copies of `store` have gone their own way: it is kept in fewer places than the scenario says.
fn no_longer_follow(store: &StoreRecord) -> Option<String> {
    let own = store.copies.iter().filter(|copy| copy.role == CopyRole::Diverged).count() as u64;
    let (all, name) = (store.copies.len(), &store.store);
    (own > 0)
        .then(|| format!("{own} of {all} copies of {name} no longer {}", if own == 1 { "follows" } else { "follow" }))
}

/// When what `store` acknowledged was less safe than the scenario says, though nothing came of it.
fn less_safe(store: &StoreRecord, record: &Record) -> Vec<String> {
    let name = &store.store;
    let mut found = Vec::new();
    if let Some(signal) = record.signal(&format!("db.{name}.degraded")) {
        let on = signal.seconds(record.workload_end).filter(|(_, sample)| sample.part > 0).count() as u64;
        if on > 0 {
            found.push(format!("commits of {name} waited for no replica for {}", span(Span::from_secs(on))));
        }
    }
    if let Some(signal) = record.signal(&format!("db.{name}.lag")) {
        let lags = signal.seconds(record.workload_end).filter(|(_, sample)| sample.whole == 1);
        let longest = Span::from_nanos(lags.map(|(_, sample)| sample.part).max().unwrap_or(0));
        if longest > LONG_BEHIND {
            found.push(format!("a replica of {name} was up to {} behind", span(longest)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;
    use crate::units::Ratio;

    fn said(outcome: &Outcome) -> (String, String) {
        let headline = Headline::of(outcome);
        let first = headline.cause.split("; region_failover").next().unwrap_or_default().to_owned();
        (format!("{}: {first}", headline.advice.word()), headline.expectation)
    }

    #[test]
    fn a_failure_that_the_scenario_expects_is_a_no_go_and_its_expectation_stands_apart() {
        let (cause, expectation) = said(&fixture::outage(7));
        let why = "NO-GO: no_loss: orders: 18 of 615 acknowledged writes are not in the history that leads (18 held by westeurope); ";
        assert!(cause.starts_with(why) && cause.ends_with("; 2 of 3 properties held"), "{cause}");
        assert_eq!(expectation, "As the scenario expects: no_loss fails. To go ahead is to accept that.");
    }

    #[test]
    fn the_cause_goes_on_with_what_was_done_about_the_fault() {
        let cause = Headline::of(&fixture::outage(7)).cause;
        assert!(cause.ends_with("; clients were served again 4m 43.1s after dark"), "{cause}");
    }

    #[test]
    fn a_surprise_owns_the_cause_before_an_expected_failure() {
        let mut outcome = fixture::outage(7);
        outcome.as_expected = false;
        outcome.properties[2].verdict = Verdict::Fail;
        let (cause, expectation) = said(&outcome);
        let why = "NO-GO: errors: 100% - availability is 56.1551%; also failed: no_loss; 1 of 3 properties held";
        assert_eq!(cause, why);
        assert_eq!(expectation, "Differs from what the scenario expects: errors failed, expected to hold.");
    }

    #[test]
    fn a_surprise_beside_a_failure_does_not_own_the_cause() {
        let mut outcome = fixture::outage(7);
        outcome.as_expected = false;
        outcome.properties[0].expected = crate::outcome::Expectation::Fail;
        let (cause, expectation) = said(&outcome);
        assert!(cause.starts_with("NO-GO: no_loss: "), "{cause}");
        assert_eq!(expectation, "Differs from what the scenario expects: rto held, expected to fail.");
    }

    #[test]
    fn an_expected_failure_that_held_is_unknown() {
        let mut outcome = fixture::quiet(7);
        outcome.as_expected = false;
        outcome.properties[0].expected = crate::outcome::Expectation::Fail;
        let (cause, expectation) = said(&outcome);
        assert_eq!(cause, "UNKNOWN: 2 properties held");
        assert_eq!(expectation, "Differs from what the scenario expects: rto held, expected to fail.");
    }

    #[test]
    fn a_run_that_stopped_and_a_scenario_without_demands_say_so_first() {
        let (cause, expectation) = said(&fixture::stalled(7));
        assert!(cause.starts_with("UNKNOWN: the run stopped early: the limit of 9000 events"), "{cause}");
        assert!(expectation.starts_with("Differs from what the scenario expects: rto could not be decided, expected"));
        let mut outcome = fixture::quiet(7);
        (outcome.verdict, outcome.as_expected) = (Verdict::Inconclusive, false);
        outcome.properties.clear();
        assert!(said(&outcome).0.starts_with("UNKNOWN: the scenario asserts nothing"));
        assert_eq!(said(&outcome).1, "The scenario states nothing that must hold: add a property.");
    }

    #[test]
    fn what_differs_beside_the_properties_is_named() {
        let mut outcome = fixture::quiet(7);
        (outcome.verdict, outcome.as_expected) = (Verdict::Inconclusive, false);
        let differs = |outcome: &Outcome| said(outcome).1.split(": ").nth(1).unwrap_or_default().to_owned();
        assert_eq!(differs(&outcome), "a run that proves something.");
        outcome.findings.push("an outage".to_owned());
        assert_eq!(differs(&outcome), "no findings outside its properties.");
    }

    #[test]
    fn a_promise_that_hardly_is_one_is_said() {
        let mut quiet = fixture::quiet(7);
        quiet.record.objective.classes[0].served = Ratio::from_percent(20);
        let found = Headline::of(&quiet).found;
        assert_eq!(found, ["users are promised only that 20% of their requests are served"]);
    }

    #[test]
    fn a_go_says_that_a_copy_no_longer_follows() {
        let mut quiet = fixture::quiet(7);
        quiet.record.stores = fixture::outage(7).record.stores;
        assert!(Headline::of(&quiet).found.contains(&"1 of 2 copies of orders no longer follows".to_owned()));
        quiet.record.stores[0].copies.iter_mut().for_each(|copy| copy.role = CopyRole::Follower);
        assert_eq!(Headline::of(&quiet).found, Vec::<String>::new());
    }

    #[test]
    fn a_go_names_what_was_found_beside_it() {
        let mut quiet = fixture::quiet(7);
        assert_eq!(Headline::of(&quiet).found, Vec::<String>::new());
        assert_eq!(said(&quiet), ("GO: 2 properties held".to_owned(), "As the scenario expects.".to_owned()));
        quiet.warnings.push("a fault had no effect".to_owned());
        let minutes = |from: u64, until: u64| {
            let at = crate::units::Instant::from_secs;
            let mut planned = fixture::outage(7).outages[0].clone();
            (planned.planned, planned.certain, planned.from, planned.until) = (true, true, at(from), Some(at(until)));
            planned
        };
        quiet.outages = vec![minutes(60, 180), minutes(300, 360)];
        let found = ["2 outages during maintenance, the longest of 2m", "1 warning below"];
        assert_eq!(Headline::of(&quiet).found, found);
    }
}

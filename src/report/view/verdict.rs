//! The verdict in one sentence, with its reason.
//!
//! Invariant: the sentence never says more than the verdicts do: a failure that was expected is still a failure, and a
//! pass that was not expected is still a surprise.

use crate::outcome::{Outcome, PropertyOutcome, Verdict};
use crate::report::text::plural;

/// The verdict, and why.
pub(crate) struct Headline {
    /// `PASS`, `FAIL`, `INCONCLUSIVE`, with `, as expected` or `, not as expected` where that is news.
    pub word: String,
    /// Why, in one sentence.
    pub reason: String,
    /// The bare verdict, for colour.
    pub verdict: Verdict,
    /// Whether it is what the scenario says.
    pub as_expected: bool,
}

/// `PASS`, `FAIL` or `INCONCLUSIVE`.
pub(crate) const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
        Verdict::Inconclusive => "INCONCLUSIVE",
    }
}

/// The word with what the scenario expected. A plain pass and a plain failure need no addition.
pub(crate) fn word_in_full(verdict: Verdict, as_expected: bool) -> String {
    let addition = match (verdict, as_expected) {
        (Verdict::Pass, false) => ", not as expected",
        (Verdict::Fail | Verdict::Inconclusive, true) => ", as expected",
        _ => "",
    };
    format!("{}{addition}", word(verdict))
}

impl Headline {
    pub(crate) fn of(outcome: &Outcome) -> Self {
        Self {
            word: word_in_full(outcome.verdict, outcome.as_expected),
            reason: reason(outcome),
            verdict: outcome.verdict,
            as_expected: outcome.as_expected,
        }
    }

    /// Word and reason: the line a reader needs if there is only one.
    pub(crate) fn sentence(&self) -> String {
        format!("{}: {}", self.word, self.reason)
    }
}

fn reason(outcome: &Outcome) -> String {
    if let Some(stopped) = &outcome.stopped {
        return format!("the run stopped early: {}", stopped.why);
    }
    if outcome.properties.is_empty() {
        return "the scenario asserts nothing".to_owned();
    }
    let deciding = deciding(outcome);
    let undecided = deciding.first().is_none_or(|property| property.verdict != Verdict::Fail);
    if let Some(doubt) = outcome.doubts.first().filter(|_| undecided) {
        return doubt.clone();
    }
    match deciding.split_first() {
        None => plural(outcome.properties.len() as u64, "property").replace("propertys", "properties") + " held",
        Some((first, [])) => because(first),
        Some((first, others)) => format!("{} (and {} more)", because(first), others.len()),
    }
}

/// The properties the sentence is about: those that surprise if any does, else those that did not pass; worst first.
fn deciding(outcome: &Outcome) -> Vec<&PropertyOutcome> {
    let surprises =
        |p: &&PropertyOutcome| if outcome.as_expected { p.verdict != Verdict::Pass } else { !p.as_expected() };
    let mut deciding: Vec<_> = outcome.properties.iter().filter(surprises).collect();
    deciding.sort_by_key(|p| std::cmp::Reverse(p.verdict));
    deciding
}

fn because(property: &PropertyOutcome) -> String {
    let surprise = match (property.expected, property.as_expected()) {
        (Verdict::Fail, false) => " (it was expected to fail)",
        (Verdict::Inconclusive, false) => " (it was expected to be inconclusive)",
        _ => "",
    };
    format!("{}: {}{surprise}", property.id, property.why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;

    fn sentence(outcome: &Outcome) -> String {
        Headline::of(outcome).sentence()
    }

    #[test]
    fn the_sentence_says_what_decided() {
        assert_eq!(sentence(&fixture::quiet(7)), "PASS: 2 properties held");
        assert_eq!(
            sentence(&fixture::outage(7)),
            "FAIL, as expected: no_loss: 100 acknowledged writes of `orders` are in no surviving copy"
        );
        assert_eq!(
            sentence(&fixture::stalled(7)),
            "INCONCLUSIVE: the run stopped early: `region_failover` waits for `people` forever"
        );
    }

    #[test]
    fn a_surprise_comes_before_an_expected_failure() {
        let mut outcome = fixture::outage(7);
        outcome.as_expected = false;
        outcome.properties[2].verdict = Verdict::Fail;
        assert_eq!(sentence(&outcome), "FAIL: errors: 0.83% of 1200000 requests failed");
    }

    #[test]
    fn an_expected_failure_that_passed_is_a_surprise_too() {
        let mut outcome = fixture::quiet(7);
        outcome.as_expected = false;
        outcome.properties[0].expected = Verdict::Fail;
        let expected =
            "PASS, not as expected: rto: it held again 4m 12.4s after `fault.dark` (it was expected to fail)";
        assert_eq!(sentence(&outcome), expected);
    }

    #[test]
    fn a_scenario_that_asserts_nothing_says_so() {
        let mut outcome = fixture::quiet(7);
        (outcome.verdict, outcome.as_expected) = (Verdict::Inconclusive, false);
        outcome.properties.clear();
        assert_eq!(sentence(&outcome), "INCONCLUSIVE: the scenario asserts nothing");
    }
}

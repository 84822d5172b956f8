//! Figures beside what they should be, in `results.json`: of one run, and of all runs together.

use super::scalar::{Answer, Figure};
use crate::explore::Agreement;
use crate::outcome::{Comparison, Quantity, Rule};
use crate::report::text::six_digits;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ComparisonEntry<'a> {
    figure: Cow<'a, str>,
    quantity: QuantityName,
    expected: Figure,
    /// How far that itself may be off.
    uncertainty: Figure,
    source: Cow<'a, str>,
    rule: RuleName,
    /// What the rule allows: a share of the expected value, or a difference.
    tolerance: Figure,
    value: Option<Figure>,
    /// Whether it came to that or more, for the run ended first.
    at_least: bool,
    /// Whether this run agrees by itself; null where one run cannot decide.
    agrees: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgreementEntry<'a> {
    comparison: ComparisonEntry<'a>,
    runs: usize,
    simulated: Option<Figure>,
    standard_error: Option<Figure>,
    verdict: Answer,
    why: Cow<'a, str>,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum QuantityName {
    Share,
    Time,
    Count,
    PerSecond,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum RuleName {
    Mean,
    Deviation,
    Relative,
    Absolute,
}

impl<'a> ComparisonEntry<'a> {
    pub(super) fn of(c: &'a Comparison) -> Self {
        let quantity = match c.quantity {
            Quantity::Share => QuantityName::Share,
            Quantity::Time => QuantityName::Time,
            Quantity::Count => QuantityName::Count,
            Quantity::PerSecond => QuantityName::PerSecond,
        };
        let (rule, tolerance) = match c.rule {
            Rule::Mean(share) => (RuleName::Mean, share),
            Rule::Deviation(share) => (RuleName::Deviation, share),
            Rule::Relative(share) => (RuleName::Relative, share),
            Rule::Absolute(most) => (RuleName::Absolute, most),
        };
        Self {
            figure: (&c.figure).into(),
            quantity,
            expected: Figure(c.expected),
            uncertainty: Figure(c.uncertainty),
            source: (&c.source).into(),
            rule,
            tolerance: Figure(tolerance),
            value: Figure::of(c.value),
            at_least: c.at_least,
            agrees: c.agrees,
        }
    }

    pub(super) fn into_comparison(self) -> Comparison {
        let tolerance = six_digits(self.tolerance.0);
        Comparison {
            figure: self.figure.into_owned(),
            quantity: match self.quantity {
                QuantityName::Share => Quantity::Share,
                QuantityName::Time => Quantity::Time,
                QuantityName::Count => Quantity::Count,
                QuantityName::PerSecond => Quantity::PerSecond,
            },
            expected: six_digits(self.expected.0),
            uncertainty: six_digits(self.uncertainty.0),
            source: self.source.into_owned(),
            rule: match self.rule {
                RuleName::Mean => Rule::Mean(tolerance),
                RuleName::Deviation => Rule::Deviation(tolerance),
                RuleName::Relative => Rule::Relative(tolerance),
                RuleName::Absolute => Rule::Absolute(tolerance),
            },
            value: Figure::value(self.value),
            at_least: self.at_least,
            agrees: self.agrees,
        }
    }
}

impl<'a> AgreementEntry<'a> {
    pub(super) fn of(a: &'a Agreement) -> Self {
        Self {
            comparison: ComparisonEntry::of(&a.comparison),
            runs: a.runs,
            simulated: Figure::of(a.simulated),
            standard_error: Figure::of(a.standard_error),
            verdict: Answer(a.verdict),
            why: (&a.why).into(),
        }
    }

    pub(super) fn into_agreement(self) -> Agreement {
        Agreement {
            comparison: self.comparison.into_comparison(),
            runs: self.runs,
            simulated: Figure::value(self.simulated),
            standard_error: Figure::value(self.standard_error),
            verdict: self.verdict.0,
            why: self.why.into_owned(),
        }
    }
}

//! A figure of a run beside the value that a formula or a published source gives for it.
//!
//! Owns the figure's value, what it should be, and by which rule the two agree. Does not know how many runs there
//! were: what several runs come to together is a matter of the campaign.
//!
//! Invariant: a rule over runs is never decided by one run. Whether one run agrees was decided where the exact numbers
//! were known; the ones here are for reports and statistics.

use super::SixDigits;
use crate::units::As;
use serde::{Deserialize, Serialize};

/// A figure of one run beside what it should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The figure, as written.
    pub figure: String,
    /// What it counts.
    pub quantity: Quantity,
    /// What it should be. Time is in seconds.
    #[serde(with = "As::<SixDigits>")]
    pub expected: f64,
    /// How far that itself may be off.
    #[serde(with = "As::<SixDigits>")]
    pub uncertainty: f64,
    /// Where that comes from.
    pub source: String,
    /// When the two agree.
    #[serde(flatten)]
    pub rule: Rule,
    /// What it came to in this run; `None`: the run has no such figure.
    #[serde(with = "As::<Option<SixDigits>>")]
    pub value: Option<f64>,
    /// Whether it came to that or more: the run ended first.
    pub at_least: bool,
    /// Whether this run agrees, by exact numbers; `None` where one run cannot decide.
    pub agrees: Option<bool>,
}

/// What one run has to say about a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// What it came to.
    pub value: f64,
    /// Whether it came to that or more.
    pub at_least: bool,
    /// Whether the run agrees by itself.
    pub agrees: Option<bool>,
}

/// When a figure agrees with what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(tag = "rule", content = "tolerance", rename_all = "snake_case")]
pub enum Rule {
    /// The mean over runs is within what chance explains, and that is at most this share of the expected value.
    Mean(#[serde(with = "As::<SixDigits>")] f64),
    /// The standard deviation over runs is within what chance explains, and that is at most this share.
    Deviation(#[serde(with = "As::<SixDigits>")] f64),
    /// Every run is within this share of the expected value.
    Relative(#[serde(with = "As::<SixDigits>")] f64),
    /// Every run is within this difference.
    Absolute(#[serde(with = "As::<SixDigits>")] f64),
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// A proportion.
    Share,
    /// Seconds.
    Time,
    /// Things, or a plain number.
    Count,
    /// Per second.
    PerSecond,
}

impl Rule {
    /// Whether it takes several runs to decide.
    pub const fn is_over_runs(self) -> bool {
        matches!(self, Self::Mean(_) | Self::Deviation(_))
    }
}

impl Comparison {
    /// What this run has to say, if it has the figure.
    pub fn seen(&self) -> Option<Seen> {
        self.value.map(|value| Seen { value, at_least: self.at_least, agrees: self.agrees })
    }

    /// The expected value, as printed.
    pub fn expected_text(&self) -> String {
        self.quantity.print(self.expected)
    }
}

impl Quantity {
    /// `value` to six significant digits, with its unit.
    pub fn print(self, value: f64) -> String {
        match self {
            Self::Share => format!("{} %", six_digits(value * 100.0)),
            Self::Time => format!("{} s", six_digits(value)),
            Self::Count => six_digits(value),
            Self::PerSecond => format!("{}/s", six_digits(value)),
        }
    }
}

impl Quantity {
    /// A standard error, to two significant digits: more of it is not known.
    pub fn print_error(self, error: f64) -> String {
        self.print(format!("{error:.1e}").parse().unwrap_or(error))
    }
}

/// `value` rounded to six significant digits, without trailing zeros.
fn six_digits(value: f64) -> String {
    let scientific = format!("{value:.5e}");
    let rounded: f64 = scientific.parse().unwrap_or(value);
    if rounded != 0.0 && !(1e-4..1e15).contains(&rounded.abs()) {
        return scientific;
    }
    format!("{}", rounded + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_are_printed_and_no_more() {
        for (value, printed) in [
            (4.0, "4"),
            (0.085_899_345_9, "0.0858993"),
            (23.025_850_9, "23.0259"),
            (9.849_08e-6, "9.84908e-6"),
            (0.0, "0"),
        ] {
            assert_eq!(six_digits(value), printed);
        }
        assert_eq!(Quantity::Share.print(0.117_302_1), "11.7302 %");
        assert_eq!(Quantity::Time.print(40_000.0), "40000 s");
        assert_eq!(Quantity::Share.print_error(0.001_234), "0.12 %");
    }
}

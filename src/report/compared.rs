//! What was compared with formulas and published figures, over any number of scenarios.
//!
//! Owns the rows; the terminal and the page lay them out. Does not judge: agreement comes with its verdict.

use super::corrected::Corrected;
use super::{Look, markdown, terminal};
use crate::explore::{Agreement, Campaign};
use crate::outcome::{Outcome, PropertyOutcome, Rule, Verdict};

/// One figure beside what it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The scenario's name: the setting.
    pub setting: String,
    /// Its file.
    pub file: String,
    /// The property's id: what is compared.
    pub property: String,
    /// What the scenario says must come out.
    pub expected: Verdict,
    /// The figure over all runs.
    pub agreement: Agreement,
}

impl Compared {
    /// Every comparison of one run.
    pub fn of_run(outcome: &Outcome) -> Vec<Self> {
        let of = |property: &PropertyOutcome| {
            let comparison = property.comparison.as_ref()?;
            Some(Self::of(outcome, property, Agreement::of(comparison, &[comparison.seen()])))
        };
        outcome.properties.iter().filter_map(of).collect()
    }

    /// Every comparison of a campaign.
    pub fn of_campaign(campaign: &Campaign) -> Vec<Self> {
        let Some(example) = &campaign.worst else { return Vec::new() };
        let pairs = example.properties.iter().zip(&campaign.summary.properties);
        pairs.filter_map(|(property, summary)| Some(Self::of(example, property, summary.agreement.clone()?))).collect()
    }

    fn of(outcome: &Outcome, property: &PropertyOutcome, agreement: Agreement) -> Self {
        Self {
            setting: outcome.scenario.clone(),
            file: outcome.file.clone(),
            property: property.id.clone(),
            expected: property.expected.of_one_run().unwrap_or(Verdict::Pass),
            agreement,
        }
    }

    /// The folder of its file, for grouping.
    pub fn folder(&self) -> &str {
        self.file.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder)
    }

    /// What should come out, as printed, with the rule where that is not a number of standard errors.
    pub fn expected_text(&self) -> String {
        let comparison = &self.agreement.comparison;
        let mut expected = comparison.expected_text();
        if comparison.uncertainty > 0.0 {
            expected.push_str(&format!(" ± {}", comparison.quantity.print(comparison.uncertainty)));
        }
        match comparison.rule {
            Rule::Mean(_) => expected,
            Rule::Deviation(_) => format!("{expected} (deviation)"),
            Rule::Relative(share) if share <= 1e-6 => format!("{expected} (exactly)"),
            Rule::Relative(share) => format!("{expected} ± {} %", share * 100.0),
            Rule::Absolute(most) => format!("{expected} ± {}", comparison.quantity.print(most)),
        }
    }

    /// What came out, as printed, with its standard error where the rule is about that.
    pub fn simulated_text(&self) -> String {
        let comparison = &self.agreement.comparison;
        let error = self.agreement.standard_error.filter(|error| *error > 0.0 && comparison.rule.is_over_runs());
        match (self.agreement.simulated, error) {
            (None, _) => "nothing".to_owned(),
            (Some(value), None) => comparison.quantity.print(value),
            (Some(value), Some(error)) => {
                format!("{} ± {}", comparison.quantity.print(value), comparison.quantity.print_error(error))
            }
        }
    }

    /// How far off: in standard errors, or in percent where there are none.
    pub fn off_text(&self) -> String {
        let comparison = &self.agreement.comparison;
        let over_runs = comparison.rule.is_over_runs();
        if let Some(errors) = self.agreement.standard_errors_off().filter(|_| over_runs) {
            return format!("{errors:+.1} s.e.");
        }
        match self.agreement.simulated {
            Some(simulated) if comparison.expected != 0.0 => {
                let percent = (simulated - comparison.expected) / comparison.expected * 100.0;
                let rounded = format!("{percent:+.2} %");
                if rounded.trim_start_matches(['+', '-']) == "0.00 %" { "0".to_owned() } else { rounded }
            }
            Some(simulated) => comparison.quantity.print(simulated),
            None => String::new(),
        }
    }

    /// What was found, in a word, with what was expected where that is something else.
    pub fn verdict_text(&self) -> String {
        let found = match self.agreement.verdict {
            Verdict::Pass => "agrees",
            Verdict::Fail => "differs",
            Verdict::Inconclusive => "undecided",
        };
        match (self.agreement.verdict == self.expected, self.expected) {
            (true, Verdict::Fail) => format!("{found}, as known"),
            (true, _) => found.to_owned(),
            (false, _) => format!("{found}: {}", self.agreement.why),
        }
    }
}

/// The rows for a terminal.
pub fn compared_text(rows: &[Compared], look: Look) -> Vec<u8> {
    terminal::compared(rows, look)
}

/// The rows as a page.
pub fn compared_page(rows: &[Compared], corrected: &[Corrected]) -> Vec<u8> {
    markdown::compared(rows, corrected)
}

//! What the runs of a campaign say together about a figure that a formula or a published source gives.
//!
//! Owns the estimates and their standard errors, from independent runs. Does not know what the figure is.
//!
//! Invariant: too few runs, or a run without the figure, never agree with anything. A difference is none of chance if
//! chance makes one as large once in 15,800 times, whatever the number of runs: [`student`] says how many standard errors
//! that is.

use super::student;
use crate::outcome::{Comparison, Rule, Seen, SixDigits, Verdict};
use crate::units::As;
use serde::{Deserialize, Serialize};

/// With fewer runs a standard error says nothing.
const FEWEST_RUNS: usize = 8;

/// A figure over all runs, beside what it should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// The figure, what it should be, and by which rule; its value is that of the first run.
    pub comparison: Comparison,
    /// Runs that had the figure.
    pub runs: usize,
    /// What it came to: the mean, or the standard deviation where that is compared. `None`: no run had it.
    #[serde(with = "As::<Option<SixDigits>>")]
    pub simulated: Option<f64>,
    /// The standard error of that, if there were runs enough for one.
    #[serde(with = "As::<Option<SixDigits>>")]
    pub standard_error: Option<f64>,
    /// Whether they agree.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub why: String,
}

impl Agreement {
    /// Of the figure in `comparison`, with its value in each run.
    pub fn of(comparison: &Comparison, runs: &[Option<Seen>]) -> Self {
        let seen: Vec<Seen> = runs.iter().copied().flatten().collect();
        let known: Vec<f64> = seen.iter().map(|run| run.value).collect();
        let (simulated, standard_error) = match comparison.rule {
            Rule::Deviation(_) => deviation(&known),
            Rule::Mean(_) | Rule::Relative(_) | Rule::Absolute(_) => mean(&known),
        };
        let mut agreement = Self {
            comparison: comparison.clone(),
            runs: known.len(),
            simulated,
            standard_error,
            verdict: Verdict::Inconclusive,
            why: String::new(),
        };
        (agreement.verdict, agreement.why) = agreement.judge(&seen, runs.len());
        agreement
    }

    /// How far off, in standard errors, where there are any.
    pub fn standard_errors_off(&self) -> Option<f64> {
        let error = self.standard_error.filter(|error| *error > 0.0)?;
        Some((self.simulated? - self.comparison.expected) / error)
    }

    /// How many runs would bring what chance explains down to the precision that is asked for.
    pub fn runs_to_settle(&self) -> Option<usize> {
        let (Rule::Mean(precision) | Rule::Deviation(precision)) = self.comparison.rule else { return None };
        let one_run = self.standard_error? * (self.runs as f64).sqrt();
        let wanted = precision * self.comparison.expected.abs();
        let root = student::OF_A_NORMAL * one_run / wanted;
        let least = (root * root).ceil();
        let mut runs = if (0.0..1e9).contains(&least) { (least as usize).max(FEWEST_RUNS) } else { return None };
        while student::standard_errors(runs) * one_run > wanted * (runs as f64).sqrt() {
            runs += 1 + runs / 50;
        }
        Some(runs)
    }

    fn judge(&self, seen: &[Seen], runs: usize) -> (Verdict, String) {
        let missing = runs - seen.len();
        let off = seen.iter().filter(|run| run.agrees == Some(false)).count();
        let open = seen.iter().filter(|run| run.at_least).count();
        match self.comparison.rule {
            Rule::Relative(_) | Rule::Absolute(_) if off > 0 => {
                (Verdict::Fail, format!("{off} of {runs} runs do not agree"))
            }
            _ if missing > 0 || runs == 0 => {
                (Verdict::Inconclusive, format!("{missing} of {runs} runs have no such figure"))
            }
            Rule::Relative(_) | Rule::Absolute(_) => match seen.iter().filter(|run| run.agrees.is_none()).count() {
                0 => (Verdict::Pass, format!("each of {runs} runs agrees")),
                undecided => (Verdict::Inconclusive, format!("{undecided} of {runs} runs ended too early to tell")),
            },
            Rule::Mean(precision) | Rule::Deviation(precision) => self.judge_together(precision, open),
        }
    }

    /// `open` runs ended first, and have at least the figure that was taken for them.
    fn judge_together(&self, precision: f64, open: usize) -> (Verdict, String) {
        let (Some(simulated), Some(error)) = (self.simulated, self.standard_error) else {
            return (Verdict::Inconclusive, format!("it takes at least {FEWEST_RUNS} runs"));
        };
        let errors = student::standard_errors(self.runs);
        let (expected, allowed) = (self.comparison.expected, errors * error);
        // Runs that all say the same have no standard error; what is left is rounding.
        let rounding = 1e-9 * expected.abs();
        let off = simulated - expected;
        let differs = off.abs() > (allowed + self.comparison.uncertainty).max(rounding);
        let longer = matches!(self.comparison.rule, Rule::Mean(_)) && off > 0.0;
        if differs && (open == 0 || longer) {
            return (Verdict::Fail, format!("it is more than {errors:.2} standard errors off"));
        }
        if open > 0 {
            return (Verdict::Inconclusive, format!("{open} of {} runs ended too early to tell", self.runs));
        }
        if allowed > precision * expected.abs() {
            let settle =
                self.runs_to_settle().map_or_else(String::new, |runs| format!("; about {runs} would be enough"));
            let why = "standard errors exceed the requested precision";
            return (Verdict::Inconclusive, format!("too few runs: {errors:.2} {why}{settle}"));
        }
        (Verdict::Pass, format!("within {errors:.2} standard errors"))
    }
}

/// The mean and its standard error.
fn mean(values: &[f64]) -> (Option<f64>, Option<f64>) {
    if values.is_empty() {
        return (None, None);
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let error = (values.len() >= FEWEST_RUNS).then(|| (squares / (n - 1.0) / n).sqrt());
    (Some(mean), error)
}

/// The standard deviation and its standard error, by the sample's fourth moment (Cramér 1946, 27.7: the variance of a
/// sample variance), which makes no assumption on the distribution.
fn deviation(values: &[f64]) -> (Option<f64>, Option<f64>) {
    if values.len() < FEWEST_RUNS {
        return (None, None);
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let moment = |square: fn(f64) -> f64| values.iter().map(|value| square(value - mean)).sum::<f64>();
    let variance = moment(|d| d * d) / (n - 1.0);
    let fourth = moment(|d| d * d * d * d) / n;
    let of_variance = (fourth - variance * variance * (n - 3.0) / (n - 1.0)) / n;
    let deviation = variance.sqrt();
    if deviation == 0.0 {
        return (Some(0.0), Some(0.0));
    }
    (Some(deviation), Some(of_variance.max(0.0).sqrt() / (2.0 * deviation)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Quantity;

    fn comparison(expected: f64, rule: Rule) -> Comparison {
        let figure = "mean(queue)".to_owned();
        Comparison {
            figure,
            quantity: Quantity::Count,
            expected,
            uncertainty: 0.0,
            source: "a formula".into(),
            rule,
            value: None,
            at_least: false,
            agrees: None,
        }
    }

    fn seen(value: f64) -> Option<Seen> {
        Some(Seen { value, at_least: false, agrees: None })
    }

    /// The integers 1 to 40: mean 20.5, standard deviation sqrt(40 * 41 / 12), standard error of the mean that by sqrt(40).
    fn integers() -> Vec<Option<Seen>> {
        (1..=40).map(|i| seen(f64::from(i))).collect()
    }

    #[test]
    fn means_are_compared_in_standard_errors() {
        let error = (40.0_f64 * 41.0 / 12.0).sqrt() / 40.0_f64.sqrt();
        let allowed = student::standard_errors(40);
        let agreement = Agreement::of(&comparison(20.5 + (allowed - 0.1) * error, Rule::Mean(0.5)), &integers());
        assert_eq!(agreement.verdict, Verdict::Pass);
        assert!((agreement.standard_error.unwrap() - error).abs() < 1e-12);
        assert!((agreement.standard_errors_off().unwrap() + allowed - 0.1).abs() < 1e-9);
        let beyond = comparison(20.5 + (allowed + 0.1) * error, Rule::Mean(0.5));
        assert_eq!(Agreement::of(&beyond, &integers()).verdict, Verdict::Fail);
        let unsure = Comparison { uncertainty: 0.2 * error, ..beyond };
        assert_eq!(Agreement::of(&unsure, &integers()).verdict, Verdict::Pass, "what is expected may be off too");
    }

    #[test]
    fn few_runs_of_a_sound_model_do_not_differ() {
        // Eight runs whose mean is five of their standard errors off: once in some 640 times, by chance alone.
        let values: Vec<Option<Seen>> = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0].map(seen).to_vec();
        let error = (8.0_f64 * 9.0 / 12.0 / 8.0).sqrt();
        let agreement = Agreement::of(&comparison(4.5 + 5.0 * error, Rule::Mean(0.5)), &values);
        assert_eq!(agreement.verdict, Verdict::Inconclusive, "{}", agreement.why);
        let runs = agreement.runs_to_settle().unwrap();
        assert!(agreement.why.ends_with(&format!("about {runs} would be enough")), "{}", agreement.why);
        let width = |runs: usize| student::standard_errors(runs) * error * (8.0 / runs as f64).sqrt();
        let wanted = 0.5 * agreement.comparison.expected;
        assert!(width(runs) <= wanted && width(runs * 19 / 20 - 1) > wanted, "{runs}");
    }

    #[test]
    fn runs_that_ended_first_differ_if_they_are_too_long_already_and_agree_with_nothing() {
        let open = |value| Some(Seen { value, at_least: true, agrees: None });
        let runs: Vec<Option<Seen>> =
            (0..40).map(|i| if i < 5 { open(50.0) } else { seen(40.0 + f64::from(i % 3)) }).collect();
        let of = |expected, rule| Agreement::of(&comparison(expected, rule), &runs).verdict;
        assert_eq!(of(42.0, Rule::Mean(0.5)), Verdict::Inconclusive);
        assert_eq!(of(20.0, Rule::Mean(0.5)), Verdict::Fail);
        assert_eq!(of(80.0, Rule::Mean(0.5)), Verdict::Inconclusive, "they may be longer");
        assert_eq!(of(1.0, Rule::Deviation(0.5)), Verdict::Inconclusive);
    }

    #[test]
    fn too_few_runs_and_runs_without_the_figure_decide_nothing() {
        let of = |rule, values: &[Option<Seen>]| Agreement::of(&comparison(20.5, rule), values).verdict;
        assert_eq!(of(Rule::Mean(0.02), &integers()), Verdict::Inconclusive);
        assert_eq!(of(Rule::Mean(10.0), &integers()[..7]), Verdict::Inconclusive);
        assert_eq!(of(Rule::Deviation(10.0), &integers()[..7]), Verdict::Inconclusive);
        assert_eq!(of(Rule::Mean(10.0), &[integers(), vec![None]].concat()), Verdict::Inconclusive);
        assert_eq!(of(Rule::Relative(10.0), &[]), Verdict::Inconclusive);
    }

    #[test]
    fn a_rule_about_each_run_needs_every_run() {
        let run = |agrees| Some(Seen { value: 10.0, at_least: false, agrees });
        let with = |second| Agreement::of(&comparison(10.0, Rule::Absolute(1.0)), &[run(Some(true)), second]).verdict;
        assert_eq!((with(run(Some(true))), with(run(Some(false)))), (Verdict::Pass, Verdict::Fail));
        assert_eq!((with(run(None)), with(None)), (Verdict::Inconclusive, Verdict::Inconclusive));
    }

    #[test]
    fn deviations_carry_the_error_of_their_fourth_moment() {
        // Half the values at -1, half at +1: the fourth moment equals the squared variance but for the divisor.
        let values: Vec<Option<Seen>> = (0..1000).map(|i| seen(if i % 2 == 0 { 1.0 } else { -1.0 })).collect();
        let exact = (1000.0_f64 / 999.0).sqrt();
        let agreement = Agreement::of(&comparison(exact, Rule::Deviation(0.02)), &values);
        assert_eq!(agreement.verdict, Verdict::Pass);
        assert!((agreement.simulated.unwrap() - exact).abs() < 1e-12);
        // For 1 to 40, m4 = (3n² − 7)(n² − 1)/240 and s² = n(n + 1)/12, so the error of s is 0.8062.
        let integers = Agreement::of(&comparison(11.69, Rule::Deviation(1.0)), &integers());
        assert!((integers.standard_error.unwrap() - 0.806_2).abs() < 1e-3, "{:?}", integers.standard_error);
        assert_eq!(Agreement::of(&comparison(1.1, Rule::Deviation(0.02)), &values).verdict, Verdict::Fail);
    }

    #[test]
    fn runs_that_all_say_the_same_agree_with_just_that() {
        let of = |expected| Agreement::of(&comparison(expected, Rule::Mean(0.02)), &[seen(4.0); 9]).verdict;
        assert_eq!((of(4.0), of(4.001)), (Verdict::Pass, Verdict::Fail));
    }
}

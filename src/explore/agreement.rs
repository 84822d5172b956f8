//! What the runs of a campaign say together about a figure that a formula or a published source gives.
//!
//! Owns the estimates and their standard errors, from independent runs. Refuses to know what the figure is.
//!
//! Invariant: too few runs, or a run without the figure, never agree with anything.

use crate::outcome::{Comparison, Rule, Verdict};

/// A difference of more than this many standard errors is none of chance: about 6 in 100 000 for a normal estimate.
pub const STANDARD_ERRORS: f64 = 4.0;

/// With fewer runs a standard error says nothing.
const FEWEST_RUNS: usize = 8;

/// A figure over all runs, beside what it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// The figure, what it should be, and by which rule; its value is that of the first run.
    pub comparison: Comparison,
    /// Runs that had the figure.
    pub runs: usize,
    /// What it came to: the mean, or the standard deviation where that is compared. `None`: no run had it.
    pub simulated: Option<f64>,
    /// The standard error of that, if there were runs enough for one.
    pub standard_error: Option<f64>,
    /// Whether they agree.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub why: String,
}

impl Agreement {
    /// Of the figure in `comparison`, with its value in each run.
    pub fn of(comparison: &Comparison, values: &[Option<f64>]) -> Self {
        let known: Vec<f64> = values.iter().copied().flatten().collect();
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
        (agreement.verdict, agreement.why) = agreement.judge(&known, values.len());
        agreement
    }

    /// How far off, in standard errors, where there are any.
    pub fn standard_errors_off(&self) -> Option<f64> {
        let error = self.standard_error.filter(|error| *error > 0.0)?;
        Some((self.simulated? - self.comparison.expected) / error)
    }

    fn judge(&self, known: &[f64], runs: usize) -> (Verdict, String) {
        if known.len() < runs || runs == 0 {
            return (Verdict::Inconclusive, format!("{} of {runs} runs have no such figure", runs - known.len()));
        }
        match self.comparison.rule {
            Rule::Relative(_) | Rule::Absolute(_) => self.judge_each(known),
            Rule::Mean(precision) | Rule::Deviation(precision) => self.judge_together(precision),
        }
    }

    fn judge_each(&self, known: &[f64]) -> (Verdict, String) {
        let agrees =
            |value: &f64| Comparison { value: Some(*value), ..self.comparison.clone() }.agrees_alone() == Some(true);
        let off = known.iter().filter(|value| !agrees(value)).count();
        match off {
            0 => (Verdict::Pass, format!("each of {} runs agrees", known.len())),
            _ => (Verdict::Fail, format!("{off} of {} runs do not agree", known.len())),
        }
    }

    fn judge_together(&self, precision: f64) -> (Verdict, String) {
        let (Some(simulated), Some(error)) = (self.simulated, self.standard_error) else {
            return (Verdict::Inconclusive, format!("it takes at least {FEWEST_RUNS} runs"));
        };
        let (expected, allowed) = (self.comparison.expected, STANDARD_ERRORS * error);
        // Runs that all say the same have no standard error; what is left is rounding.
        let rounding = 1e-9 * expected.abs();
        if (simulated - expected).abs() > allowed.max(rounding) {
            return (Verdict::Fail, format!("it is more than {STANDARD_ERRORS} standard errors off"));
        }
        if allowed > precision * expected.abs() {
            let why = "too few runs: four standard errors are more than the precision that is asked for";
            return (Verdict::Inconclusive, why.to_owned());
        }
        (Verdict::Pass, format!("within {STANDARD_ERRORS} standard errors"))
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
        Comparison { figure, quantity: Quantity::Count, expected, source: "a formula".into(), rule, value: None }
    }

    /// The integers 1 to 40: mean 20.5, standard deviation sqrt(40 * 41 / 12), standard error of the mean that by sqrt(40).
    fn integers() -> Vec<Option<f64>> {
        (1..=40).map(|i| Some(f64::from(i))).collect()
    }

    #[test]
    fn means_are_compared_in_standard_errors() {
        let error = (40.0_f64 * 41.0 / 12.0).sqrt() / 40.0_f64.sqrt();
        let agreement = Agreement::of(&comparison(20.5 + 3.9 * error, Rule::Mean(0.5)), &integers());
        assert_eq!(agreement.verdict, Verdict::Pass);
        assert!((agreement.standard_error.unwrap() - error).abs() < 1e-12);
        assert!((agreement.standard_errors_off().unwrap() + 3.9).abs() < 1e-9);
        assert_eq!(Agreement::of(&comparison(20.5 + 4.1 * error, Rule::Mean(0.5)), &integers()).verdict, Verdict::Fail);
    }

    #[test]
    fn too_few_runs_and_runs_without_the_figure_decide_nothing() {
        let of = |rule, values: &[Option<f64>]| Agreement::of(&comparison(20.5, rule), values).verdict;
        assert_eq!(of(Rule::Mean(0.02), &integers()), Verdict::Inconclusive);
        assert_eq!(of(Rule::Mean(10.0), &integers()[..7]), Verdict::Inconclusive);
        assert_eq!(of(Rule::Deviation(10.0), &integers()[..7]), Verdict::Inconclusive);
        assert_eq!(of(Rule::Mean(10.0), &[integers(), vec![None]].concat()), Verdict::Inconclusive);
        assert_eq!(of(Rule::Relative(10.0), &[]), Verdict::Inconclusive);
    }

    #[test]
    fn a_rule_about_each_run_needs_every_run() {
        let off = |value| Agreement::of(&comparison(10.0, Rule::Absolute(1.0)), &[Some(10.0), Some(value)]).verdict;
        assert_eq!((off(10.9), off(11.1)), (Verdict::Pass, Verdict::Fail));
    }

    #[test]
    fn deviations_carry_the_error_of_their_fourth_moment() {
        // Half the values at -1, half at +1: the fourth moment equals the squared variance but for the divisor.
        let values: Vec<Option<f64>> = (0..1000).map(|i| Some(if i % 2 == 0 { 1.0 } else { -1.0 })).collect();
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
        let of = |expected| Agreement::of(&comparison(expected, Rule::Mean(0.02)), &[Some(4.0); 9]).verdict;
        assert_eq!((of(4.0), of(4.001)), (Verdict::Pass, Verdict::Fail));
    }
}

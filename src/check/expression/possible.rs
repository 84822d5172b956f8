//! Whether a statement can fail, and whether it can hold, whatever the run does.
//!
//! Owns the question; does not know any run. A statement that cannot fail demands nothing, and one that cannot hold
//! asks for the impossible: both are mistakes of their author, and a pass of the first would prove nothing.
//!
//! How: each comparison is brought into the form *sum of signals* against a number. Between two neighbouring numbers
//! that a sum is compared with, nothing changes, so one value for each stretch and each number is enough to try.
//!
//! Invariant: what is said to be impossible is. Sums that share a signal are tried as if they did not, which can only
//! hide an impossibility.

use super::range::{Interval, Linear};
use super::syntax::ComparisonOp;
use super::tree::{Compare, Predicate, Series, ValueTree, WindowFunction};
use super::unit::Unit;
use crate::check::rational::Rational;
use crate::check::vocabulary::Vocabulary;
use std::cmp::Ordering;

/// More combinations are not tried, and nothing is said. Product default: a page of comparisons stays far below.
const MOST_COMBINATIONS: usize = 20_000;

/// What a statement can come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Possible {
    /// It holds whatever happens.
    OnlyHolds,
    /// It fails whatever happens.
    OnlyFails,
    /// Either.
    Both,
}

/// What `condition` can come to.
pub(super) fn possible(condition: &Predicate, known: &Vocabulary) -> Possible {
    let mut trial = Trial { known, sums: Vec::new(), comparisons: Vec::new() };
    let mut readable = true;
    condition.comparisons(&mut |compare| readable &= trial.take(compare).is_some());
    if !readable { Possible::Both } else { trial.outcome(condition) }
}

/// Between what a series lies.
pub(super) fn series_bounds(series: &Series, known: &Vocabulary) -> Interval {
    match series {
        Series::Window(WindowFunction::Rate, ..) => Interval::OPEN,
        Series::Signal(name) | Series::Window(_, name, _) => known.bounds(name),
        Series::Count(..) => Interval::FROM_ZERO,
    }
}

struct Trial<'a> {
    known: &'a Vocabulary,
    /// Every sum that is compared with something.
    sums: Vec<Sum>,
    /// Of each comparison, in order: which sum, how, and with what. `None`: it is the same whatever happens.
    comparisons: Vec<Result<(usize, ComparisonOp, Rational), bool>>,
}

struct Sum {
    form: Linear<Series>,
    bounds: Interval,
    /// Whether it is a number of things.
    whole: bool,
    compared_with: Vec<Rational>,
}

impl Trial<'_> {
    /// `None` if a number does not fit.
    fn take(&mut self, compare: &Compare) -> Option<()> {
        let form = Linear::difference(&compare.left, &compare.right)?;
        if form.terms.is_empty() {
            self.comparisons.push(Err(holds(compare.comparison, form.constant.cmp(&Rational::ZERO))));
            return Some(());
        }
        let (form, factor) = form.by_its_first()?;
        let comparison = if factor < Rational::ZERO { mirrored(compare.comparison) } else { compare.comparison };
        let number = Rational::ZERO.minus(form.constant)?;
        let index = self.sums.iter().position(|sum| sum.form.has_the_terms_of(&form)).unwrap_or_else(|| {
            let bounds = form.bounds(&|series| series_bounds(series, self.known));
            let whole =
                matches!(&form.terms[..], [(_, ValueTree::Leaf(only))] if compare.unit == Unit::Count && is_whole(only));
            self.sums.push(Sum { form: form.clone(), bounds, whole, compared_with: Vec::new() });
            self.sums.len() - 1
        });
        self.sums[index].compared_with.push(number);
        self.comparisons.push(Ok((index, comparison, number)));
        Some(())
    }

    fn outcome(&self, condition: &Predicate) -> Possible {
        let Some(values) = self.sums.iter().map(Sum::values).collect::<Option<Vec<_>>>() else { return Possible::Both };
        let combinations = values.iter().try_fold(1_usize, |product, values| product.checked_mul(values.len()));
        if combinations.is_none_or(|combinations| combinations > MOST_COMBINATIONS) {
            return Possible::Both;
        }
        let mut chosen = vec![0; values.len()];
        let (mut held, mut failed) = (false, false);
        loop {
            let value = |sum: usize| values[sum][chosen[sum]];
            match self.truth(condition, &mut 0, &value) {
                true => held = true,
                false => failed = true,
            }
            // The next combination, as one counts.
            let Some(digit) = (0..chosen.len()).find(|digit| chosen[*digit] + 1 < values[*digit].len()) else { break };
            chosen[digit] += 1;
            chosen[..digit].fill(0);
        }
        match (held, failed) {
            (true, false) => Possible::OnlyHolds,
            (false, true) => Possible::OnlyFails,
            _ => Possible::Both,
        }
    }

    /// `next` counts the comparisons, in the order they were taken in.
    fn truth(&self, condition: &Predicate, next: &mut usize, value: &impl Fn(usize) -> Rational) -> bool {
        match condition {
            Predicate::Compare(_) => {
                let comparison = &self.comparisons[*next];
                *next += 1;
                match comparison {
                    Ok((sum, comparison, number)) => holds(*comparison, value(*sum).cmp(number)),
                    Err(always) => *always,
                }
            }
            Predicate::Not(of) => !self.truth(of, next, value),
            Predicate::And(a, b) => self.truth(a, next, value) & self.truth(b, next, value),
            Predicate::Or(a, b) => self.truth(a, next, value) | self.truth(b, next, value),
        }
    }
}

impl Sum {
    /// The values to try: every number it is compared with, one between each two, and one beyond each end, as far as
    /// they can be. `None` if one of them does not fit.
    fn values(&self) -> Option<Vec<Rational>> {
        let mut numbers = self.compared_with.clone();
        numbers.extend([self.bounds.least, self.bounds.most].into_iter().flatten());
        numbers.sort_unstable();
        numbers.dedup();
        let mut values = numbers.clone();
        for pair in numbers.windows(2) {
            values.push(pair[0].plus(pair[1])?.times(Rational::new(1, 2)?)?);
        }
        values.push(numbers.first()?.minus(Rational::ONE)?);
        values.push(numbers.last()?.plus(Rational::ONE)?);
        if self.whole {
            values = numbers.iter().flat_map(|number| around(*number)).collect();
        }
        values.retain(|value| self.bounds.contains(*value));
        values.sort_unstable();
        values.dedup();
        Some(values)
    }
}

/// The whole numbers next to `number`, on both sides.
fn around(number: Rational) -> [Rational; 4] {
    let (part, whole) = number.lowest_terms();
    let (below, above) = (part.div_euclid(whole), -(-part).div_euclid(whole));
    [below - 1, below, above, above + 1].map(Rational::integer)
}

/// Whether every value is a number of things.
const fn is_whole(series: &Series) -> bool {
    matches!(
        series,
        Series::Signal(_)
            | Series::Count(..)
            | Series::Window(
                WindowFunction::Max | WindowFunction::Min | WindowFunction::Last | WindowFunction::Quantile(_),
                ..
            )
    )
}

const fn mirrored(comparison: ComparisonOp) -> ComparisonOp {
    match comparison {
        ComparisonOp::AtLeast => ComparisonOp::AtMost,
        ComparisonOp::AtMost => ComparisonOp::AtLeast,
        ComparisonOp::Above => ComparisonOp::Below,
        ComparisonOp::Below => ComparisonOp::Above,
        same @ (ComparisonOp::Equal | ComparisonOp::Unequal) => same,
    }
}

/// Whether a comparison holds of two values that stand in this order.
pub(super) fn holds(comparison: ComparisonOp, order: Ordering) -> bool {
    match comparison {
        ComparisonOp::AtLeast => order != Ordering::Less,
        ComparisonOp::AtMost => order != Ordering::Greater,
        ComparisonOp::Above => order == Ordering::Greater,
        ComparisonOp::Below => order == Ordering::Less,
        ComparisonOp::Equal => order == Ordering::Equal,
        ComparisonOp::Unequal => order != Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use crate::check::expression::{Expression, RunFigure};
    use crate::check::vocabulary::tests::vocabulary;

    #[test]
    fn what_can_never_fail_or_never_hold_is_refused_with_the_reason() {
        for (text, why) in [
            ("errors <= 100%", "can never fail"),
            ("success >= 0%", "can never fail"),
            ("success > 100%", "can never hold"),
            ("errors < 0", "can never hold"),
            ("latency.p99 >= 0s", "can never fail"),
            ("not errors <= 100%", "can never fail"),
            ("goodput > -1/s", "can never fail"),
            ("backlog >= 0", "can never fail"),
            ("count(fault.*, 10m) >= 0", "can never fail"),
            ("max(success, 1m) <= 100%", "can never fail"),
            ("region.north.up <= 1", "can never fail"),
            ("success >= success", "can never fail"),
            ("2 * success > success + success", "can never hold"),
            ("1 - errors <= 100%", "can never fail"),
            ("success >= 99% and errors <= 100%", "can never fail"),
            ("lag <= 5s or lag > 5s", "can never fail"),
            ("lag <= 5s and lag > 6s", "can never hold"),
            ("lag < 5s or not 2 * lag < 8s", "can never fail"),
            ("backlog > 3 or backlog < 4", "can never fail"),
            ("success >= 99% or success < 99% and backlog >= 1 or backlog < 1", "can never fail"),
            ("1 <= 2", "can never fail"),
            ("success + errors <= 200%", "can never fail"),
            ("success * success <= 100%", "can never fail"),
        ] {
            let error = Expression::parse(text, &vocabulary()).expect_err(text);
            assert!(error.message.contains(why), "{text}: {error}");
        }
        let error = Expression::parse("success >= 1% and errors <= 100%", &vocabulary()).unwrap_err();
        assert_eq!(error.message, "`errors <= 100%` can never fail: `errors` is never below 0% and never above 100%");
        assert_eq!(error.span, 18..32);
    }

    #[test]
    fn what_can_both_hold_and_fail_is_taken() {
        for text in [
            "success >= 100%",
            "errors <= 0",
            "success > 99% or errors > 50%",
            "backlog > 3 or backlog < 3",
            "rate(backlog, 30s) >= 0/s",
            "lag <= 5s or backlog > 10",
            "success - errors >= 0%",
            "latency.p99 <= 2 * latency.p50",
            "1 / count(fault.*, 10s) > 0",
            "service.north.api.busy <= 100%",
        ] {
            let known = vocabulary();
            assert!(Expression::parse(text, &known).is_ok(), "{text}: {:?}", Expression::parse(text, &known));
        }
    }

    #[test]
    fn figures_of_such_statements_are_refused_too() {
        for text in ["share(errors <= 100%)", "first(lag <= 1s or lag > 1s)", "share(success > 100%, 1m, 2m)"] {
            assert!(RunFigure::parse(text, &vocabulary()).is_err(), "{text}");
        }
    }
}

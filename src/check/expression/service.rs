//! What a statement says about how clients are served.
//!
//! Owns the recognition of such statements. Does not know what a property makes of it.

use super::Expression;
use super::syntax::ComparisonOp;
use super::tree::{Compare, Predicate, Series, ValueTree, WindowFunction};
use crate::check::rational::Rational;
use crate::record::ServiceClass;
use crate::units::Ratio;

impl Expression {
    /// The share of requests that it demands to be served, alone or beside other things: `success >= 99%`,
    /// `mean(success, 10s) >= 99%`, `errors <= 1%`.
    pub fn least_success(&self) -> Option<Ratio> {
        demands(&self.condition, &share_of).into_iter().max()
    }

    /// The share of the requests of `class` that it demands to be served, alone or beside other things.
    pub fn least_served(&self, class: &ServiceClass) -> Option<Ratio> {
        demands(&self.condition, &|compare| share_of_class(compare, &class.share_signal())).into_iter().max()
    }

    /// The largest value of `signal` that it allows, alone or beside other things, where it must hold.
    pub fn most_of(&self, signal: &str) -> Option<Rational> {
        use ComparisonOp::{AtMost, Below, Equal};
        let most = |compare: &Compare| {
            let (name, bound, comparison) = against_a_constant(compare)?;
            (name == signal && matches!(comparison, AtMost | Below | Equal)).then_some(bound)
        };
        demands(&self.condition, &most).into_iter().min()
    }

    /// The longest 95th or 99th percentile of latency that it allows, where it must hold or, if not `holds`, must never.
    pub fn longest_latency(&self, holds: bool) -> Option<Rational> {
        latencies(&self.condition, holds).into_iter().min()
    }

    /// Whether it demands nothing else.
    pub fn is_about_success_only(&self) -> bool {
        matches!(&self.condition, Predicate::Compare(compare) if share_of(compare).is_some())
    }

    /// Whether it reads a signal whose name begins so.
    pub fn reads(&self, prefix: &str) -> bool {
        let mut found = false;
        let mut note = |series: &Series| match series {
            Series::Signal(name) | Series::Window(_, name, _) => found |= name.starts_with(prefix),
            Series::Count(..) => {}
        };
        self.condition.comparisons(&mut |compare| {
            compare.left.leaves(&mut note);
            compare.right.leaves(&mut note);
        });
        found
    }
}

/// What a condition demands whatever else it demands; `of` reads one comparison.
fn demands<T>(condition: &Predicate, of: &impl Fn(&Compare) -> Option<T>) -> Vec<T> {
    match condition {
        Predicate::Compare(compare) => of(compare).into_iter().collect(),
        Predicate::And(a, b) => demands(a, of).into_iter().chain(demands(b, of)).collect(),
        Predicate::Not(_) | Predicate::Or(..) => Vec::new(),
    }
}

fn share_of_class(compare: &Compare, served: &str) -> Option<Ratio> {
    let (signal, bound, comparison) = against_a_constant(compare)?;
    let demands = signal == served && matches!(comparison, ComparisonOp::AtLeast | ComparisonOp::Above);
    demands.then(|| ratio(bound)).flatten()
}

fn latencies(condition: &Predicate, holds: bool) -> Vec<Rational> {
    match condition {
        Predicate::Compare(compare) => latency_of(compare, holds).into_iter().collect(),
        Predicate::And(a, b) if holds => [latencies(a, holds), latencies(b, holds)].concat(),
        Predicate::Or(a, b) if !holds => [latencies(a, holds), latencies(b, holds)].concat(),
        Predicate::Not(inner) => latencies(inner, !holds),
        Predicate::And(..) | Predicate::Or(..) => Vec::new(),
    }
}

fn latency_of(compare: &Compare, holds: bool) -> Option<Rational> {
    use ComparisonOp::{Above, AtLeast, AtMost, Below};
    let (signal, bound, comparison) = against_a_constant(compare)?;
    let limits = if holds { matches!(comparison, AtMost | Below) } else { matches!(comparison, AtLeast | Above) };
    (matches!(signal, "latency.p95" | "latency.p99") && limits).then_some(bound)
}

/// The signal on the left, and what it is compared with, if that is all there is.
fn against_a_constant(compare: &Compare) -> Option<(&str, Rational, ComparisonOp)> {
    use ComparisonOp::{Above, AtLeast, AtMost, Below};
    match (name(&compare.left), name(&compare.right)) {
        (Some(signal), None) => Some((signal, compare.right.constant()?, compare.comparison)),
        (None, Some(signal)) => {
            let mirrored = match compare.comparison {
                AtLeast => AtMost,
                AtMost => AtLeast,
                Above => Below,
                Below => Above,
                other => other,
            };
            Some((signal, compare.left.constant()?, mirrored))
        }
        _ => None,
    }
}

fn share_of(compare: &Compare) -> Option<Ratio> {
    use ComparisonOp::{Above, AtLeast, AtMost, Below};
    let (signal, bound, comparison) = against_a_constant(compare)?;
    let share = match (signal, comparison) {
        ("success", AtLeast | Above) => bound,
        ("errors", AtMost | Below) => Rational::ONE.minus(bound)?,
        _ => return None,
    };
    ratio(share)
}

/// The signal itself, or its mean over a window, if that is all the value is.
fn name(value: &ValueTree<Series>) -> Option<&str> {
    match value {
        ValueTree::Leaf(Series::Signal(name) | Series::Window(WindowFunction::Mean, name, _)) => Some(name),
        _ => None,
    }
}

/// The share, rounded up to a part in a thousand million; `None` if it is none, or demands nothing.
fn ratio(share: Rational) -> Option<Ratio> {
    let (part, whole) = share.lowest_terms();
    let ppb = (part * i128::from(Ratio::ONE.as_ppb()) + whole - 1).checked_div(whole)?;
    let ppb = u64::try_from(ppb).ok()?;
    (1..=Ratio::ONE.as_ppb()).contains(&ppb).then(|| Ratio::from_ppb(ppb))
}

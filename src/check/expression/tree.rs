//! The checked tree of an expression: every name resolved, every unit agreed.
//!
//! Values are trees over leaves of either of two kinds: [`Series`], which vary over the run, and figures of the whole
//! run, so that both share their arithmetic and their units.

use super::syntax::{ComparisonOp, Operator};
use super::unit::Unit;
use crate::check::rational::Rational;
use crate::record::event::EventPattern;
use crate::units::Span;

/// A value built from leaves.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueTree<L> {
    /// A number.
    Literal(Rational),
    /// A leaf.
    Leaf(L),
    /// The negative of a value.
    Negative(Box<Self>),
    /// A sum, difference, product or quotient.
    Arithmetic(Operator, Box<Self>, Box<Self>),
}

/// Something that varies over the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Series {
    /// A signal, by its full name.
    Signal(String),
    /// A function of a signal over the window that ends now.
    Window(WindowFunction, String, Span),
    /// How many such events happened in the closed window that ends now.
    Count(EventPattern, Span),
}

/// A function of a signal over the window that ends now, clipped at the start of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowFunction {
    /// The mean over the window, taken at each whole second: of proportions, all parts by all wholes.
    Mean,
    /// The largest value in the closed window.
    Max,
    /// The smallest value in the closed window.
    Min,
    /// The change of a count from the start of the window to now, by the length of the window.
    Rate,
    /// The value now or, if there is no data now, the last one not older than the window.
    Last,
    /// Of the values of the window's complete seconds, the smallest that this share (in parts per billion) does not
    /// exceed, taken at each whole second.
    Quantile(u64),
}

/// A statement that holds or not at each moment.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// A comparison of two values.
    Compare(Compare),
    /// The statement does not hold.
    Not(Box<Self>),
    /// Both hold.
    And(Box<Self>, Box<Self>),
    /// Either holds.
    Or(Box<Self>, Box<Self>),
}

/// A comparison of two values of one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Compare {
    /// How.
    pub comparison: ComparisonOp,
    /// The first value.
    pub left: ValueTree<Series>,
    /// The second value.
    pub right: ValueTree<Series>,
    /// The unit of both.
    pub unit: Unit,
    /// The difference that counts as one in margins. Above zero.
    pub scale: Rational,
}

impl<L> ValueTree<L> {
    /// The value, if it depends on no leaf and fits.
    pub fn constant(&self) -> Option<Rational> {
        match self {
            Self::Literal(value) => Some(*value),
            Self::Leaf(_) => None,
            Self::Negative(of) => Rational::ZERO.minus(of.constant()?),
            Self::Arithmetic(operator, a, b) => calculate(*operator, a.constant()?, b.constant()?)?,
        }
    }

    /// Visits every leaf.
    pub fn leaves<'a>(&'a self, visit: &mut impl FnMut(&'a L)) {
        match self {
            Self::Literal(_) => {}
            Self::Leaf(leaf) => visit(leaf),
            Self::Negative(of) => of.leaves(visit),
            Self::Arithmetic(_, a, b) => {
                a.leaves(visit);
                b.leaves(visit);
            }
        }
    }
}

/// The outer `None` says that the result does not fit, the inner that there is none: a quotient by zero.
pub(super) fn calculate(operator: Operator, a: Rational, b: Rational) -> Option<Option<Rational>> {
    match operator {
        Operator::Plus => a.plus(b).map(Some),
        Operator::Minus => a.minus(b).map(Some),
        Operator::Multiply => a.times(b).map(Some),
        Operator::Divide => b.inverse().map_or(Some(None), |inverse| a.times(inverse).map(Some)),
        Operator::Or | Operator::And | Operator::Compare(_) => Some(None),
    }
}

impl Predicate {
    /// Visits every comparison.
    pub fn comparisons<'a>(&'a self, visit: &mut impl FnMut(&'a Compare)) {
        match self {
            Self::Compare(compare) => visit(compare),
            Self::Not(of) => of.comparisons(visit),
            Self::And(a, b) | Self::Or(a, b) => {
                a.comparisons(visit);
                b.comparisons(visit);
            }
        }
    }

    /// Sets the scale of every comparison.
    pub fn rescale(&mut self, scale: Rational) {
        match self {
            Self::Compare(compare) => compare.scale = scale,
            Self::Not(of) => of.rescale(scale),
            Self::And(a, b) | Self::Or(a, b) => {
                a.rescale(scale);
                b.rescale(scale);
            }
        }
    }
}

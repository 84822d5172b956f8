//! The syntax tree of an expression.

use super::unit::Unit;
use crate::check::rational::Rational;
use std::fmt;
use std::ops::Range;

/// A part of an expression with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Syntax {
    pub span: Range<usize>,
    pub form: Form,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    Literal(Rational, Unit),
    Name(String),
    Call(String, Vec<Syntax>),
    Not(Box<Syntax>),
    Negative(Box<Syntax>),
    Binary(Operator, Box<Syntax>, Box<Syntax>),
}

/// An operator between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Either holds.
    Or,
    /// Both hold.
    And,
    /// A comparison of two values.
    Compare(ComparisonOp),
    /// The sum.
    Plus,
    /// The difference.
    Minus,
    /// The product.
    Multiply,
    /// The quotient.
    Divide,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparisonOp {
    /// At least.
    AtLeast,
    /// At most.
    AtMost,
    /// More than.
    Above,
    /// Less than.
    Below,
    /// Equal.
    Equal,
    /// Not equal.
    Unequal,
}

impl Operator {
    /// The operator written so.
    pub(super) fn read(word: &str) -> Option<Self> {
        Some(match word {
            "or" => Self::Or,
            "and" => Self::And,
            ">=" => Self::Compare(ComparisonOp::AtLeast),
            "<=" => Self::Compare(ComparisonOp::AtMost),
            ">" => Self::Compare(ComparisonOp::Above),
            "<" => Self::Compare(ComparisonOp::Below),
            "==" => Self::Compare(ComparisonOp::Equal),
            "!=" => Self::Compare(ComparisonOp::Unequal),
            "+" => Self::Plus,
            "-" => Self::Minus,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            _ => return None,
        })
    }

    /// How tightly it binds: the larger, the tighter. `not` stands between `and` and the comparisons.
    pub(super) const fn binding(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Compare(_) => 4,
            Self::Plus | Self::Minus => 5,
            Self::Multiply | Self::Divide => 6,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Compare(ComparisonOp::AtLeast) => ">=",
            Self::Compare(ComparisonOp::AtMost) => "<=",
            Self::Compare(ComparisonOp::Above) => ">",
            Self::Compare(ComparisonOp::Below) => "<",
            Self::Compare(ComparisonOp::Equal) => "==",
            Self::Compare(ComparisonOp::Unequal) => "!=",
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        })
    }
}

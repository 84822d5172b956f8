//! Between which bounds a value lies whatever the run does, by interval arithmetic over the checked tree.
//!
//! Owns the bounds and the linear forms that make them narrow. Does not know what a bound is compared with.
//!
//! Invariant: a value is never outside its bounds. They may be too wide; where a number does not fit they are open.

use super::syntax::Operator;
use super::tree::ValueTree;
use super::unit::Unit;
use crate::check::rational::Rational;

/// Closed bounds; `None` is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// The least value.
    pub least: Option<Rational>,
    /// The largest value.
    pub most: Option<Rational>,
}

impl Interval {
    /// Anything.
    pub const OPEN: Self = Self { least: None, most: None };
    /// Nothing or more.
    pub const FROM_ZERO: Self = Self { least: Some(Rational::ZERO), most: None };

    /// From nothing to `most`.
    pub const fn up_to(most: Rational) -> Self {
        Self { least: Some(Rational::ZERO), most: Some(most) }
    }

    const fn point(value: Rational) -> Self {
        Self { least: Some(value), most: Some(value) }
    }

    /// The only value, if there is only one.
    pub fn single(self) -> Option<Rational> {
        self.least.filter(|least| self.most == Some(*least))
    }

    /// Whether `value` is in it.
    pub fn contains(self, value: Rational) -> bool {
        self.least.is_none_or(|least| least <= value) && self.most.is_none_or(|most| value <= most)
    }

    /// The bounds of what is written `written`, in words; `None` if there are none.
    pub fn describe(self, written: &str, unit: Unit) -> Option<String> {
        Some(match (self.least.map(|least| unit.print(least)), self.most.map(|most| unit.print(most))) {
            (Some(least), Some(most)) => format!("`{written}` is never below {least} and never above {most}"),
            (Some(least), None) => format!("`{written}` is never below {least}"),
            (None, Some(most)) => format!("`{written}` is never above {most}"),
            (None, None) => return None,
        })
    }

    fn plus(self, other: Self) -> Self {
        let sum = |a: Option<Rational>, b: Option<Rational>| a.zip(b).and_then(|(a, b)| a.plus(b));
        Self { least: sum(self.least, other.least), most: sum(self.most, other.most) }
    }

    fn times(self, factor: Rational) -> Self {
        let scaled = |bound: Option<Rational>| bound.and_then(|bound| bound.times(factor));
        let (least, most) = (scaled(self.least), scaled(self.most));
        if factor.is_zero() {
            Self::point(Rational::ZERO)
        } else if factor < Rational::ZERO {
            Self { least: most, most: least }
        } else {
            Self { least, most }
        }
    }

    fn is_never_negative(self) -> bool {
        self.least.is_some_and(|least| least >= Rational::ZERO)
    }

    /// Of a product or quotient of two values that vary.
    fn of_product(operator: Operator, a: Self, b: Self) -> Self {
        if !a.is_never_negative() || !b.is_never_negative() {
            return Self::OPEN;
        }
        let product = |a: Option<Rational>, b: Option<Rational>| a.zip(b).and_then(|(a, b)| a.times(b));
        let least = match operator {
            Operator::Multiply => product(a.least, b.least),
            _ => product(a.least, b.most.and_then(Rational::inverse)),
        };
        let most = match operator {
            Operator::Multiply => product(a.most, b.most),
            _ => product(a.most, b.least.and_then(Rational::inverse)),
        };
        Self { least: Some(least.unwrap_or(Rational::ZERO)), most }
    }
}

/// A sum of leaves and other parts that are not linear, each with a factor, and a constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear<L> {
    /// Each part once, with a factor that is not zero.
    pub terms: Vec<(Rational, ValueTree<L>)>,
    /// What is added.
    pub constant: Rational,
}

impl<L: Clone + PartialEq> Linear<L> {
    /// `left - right`; `None` if a number does not fit.
    pub fn difference(left: &ValueTree<L>, right: &ValueTree<L>) -> Option<Self> {
        let mut form = Self { terms: Vec::new(), constant: Rational::ZERO };
        form.add(left, Rational::ONE)?;
        form.add(right, Rational::ZERO.minus(Rational::ONE)?)?;
        form.terms.retain(|(factor, _)| !factor.is_zero());
        Some(form)
    }

    /// The same, by the factor of its first term, which is then one: the terms, the constant and that factor.
    pub fn by_its_first(&self) -> Option<(Self, Rational)> {
        let (first, _) = self.terms.first()?;
        let inverse = first.inverse()?;
        let terms = self.terms.iter().map(|(factor, part)| Some((factor.times(inverse)?, part.clone())));
        let form = Self { terms: terms.collect::<Option<_>>()?, constant: self.constant.times(inverse)? };
        Some((form, *first))
    }

    /// Whether both have the same terms, in whatever order.
    pub fn has_the_terms_of(&self, other: &Self) -> bool {
        self.terms.len() == other.terms.len() && self.terms.iter().all(|term| other.terms.contains(term))
    }

    /// The bounds of the sum of its terms, without the constant.
    pub fn bounds(&self, of: &impl Fn(&L) -> Interval) -> Interval {
        let terms = self.terms.iter().map(|(factor, part)| bounds(part, of).times(*factor));
        terms.fold(Interval::point(Rational::ZERO), Interval::plus)
    }

    fn add(&mut self, value: &ValueTree<L>, factor: Rational) -> Option<()> {
        match value {
            ValueTree::Literal(number) => self.constant = self.constant.plus(number.times(factor)?)?,
            ValueTree::Negative(of) => self.add(of, Rational::ZERO.minus(factor)?)?,
            ValueTree::Arithmetic(Operator::Plus, a, b) => {
                self.add(a, factor)?;
                self.add(b, factor)?;
            }
            ValueTree::Arithmetic(Operator::Minus, a, b) => {
                self.add(a, factor)?;
                self.add(b, Rational::ZERO.minus(factor)?)?;
            }
            ValueTree::Arithmetic(operator, a, b) => match (operator, a.constant(), b.constant()) {
                (Operator::Multiply, Some(number), _) => self.add(b, factor.times(number)?)?,
                (Operator::Multiply, _, Some(number)) => self.add(a, factor.times(number)?)?,
                (Operator::Divide, _, Some(number)) if !number.is_zero() => {
                    self.add(a, factor.times(number.inverse()?)?)?;
                }
                _ => self.add_term(value, factor)?,
            },
            ValueTree::Leaf(_) => self.add_term(value, factor)?,
        }
        Some(())
    }

    fn add_term(&mut self, part: &ValueTree<L>, factor: Rational) -> Option<()> {
        match self.terms.iter_mut().find(|(_, known)| known == part) {
            Some((sum, _)) => *sum = sum.plus(factor)?,
            None => self.terms.push((factor, part.clone())),
        }
        Some(())
    }
}

/// Between what a value lies, if each leaf lies where `of` says.
pub fn bounds<L: Clone + PartialEq>(value: &ValueTree<L>, of: &impl Fn(&L) -> Interval) -> Interval {
    match value {
        ValueTree::Literal(number) => Interval::point(*number),
        ValueTree::Leaf(leaf) => of(leaf),
        ValueTree::Arithmetic(operator @ (Operator::Multiply | Operator::Divide), a, b)
            if a.constant().is_none() && b.constant().is_none() =>
        {
            Interval::of_product(*operator, bounds(a, of), bounds(b, of))
        }
        ValueTree::Arithmetic(Operator::Divide, a, b) if b.constant().is_none() => {
            Interval::of_product(Operator::Divide, bounds(a, of), bounds(b, of))
        }
        _ => match Linear::difference(value, &ValueTree::Literal(Rational::ZERO)) {
            Some(form) if form.terms.iter().any(|(_, part)| part == value) => Interval::OPEN,
            Some(form) => form.bounds(of).plus(Interval::point(form.constant)),
            None => Interval::OPEN,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(n: u8) -> Box<ValueTree<u8>> {
        Box::new(ValueTree::Leaf(n))
    }

    fn number(n: i128) -> Box<ValueTree<u8>> {
        Box::new(ValueTree::Literal(Rational::integer(n)))
    }

    /// Leaf 0 is a share, every other leaf is nothing or more.
    fn between(value: &ValueTree<u8>) -> (Option<Rational>, Option<Rational>) {
        let of = |leaf: &u8| if *leaf == 0 { Interval::up_to(Rational::ONE) } else { Interval::FROM_ZERO };
        let Interval { least, most } = bounds(value, &of);
        (least, most)
    }

    #[test]
    fn bounds_follow_the_arithmetic() {
        let q = |n: i128| Some(Rational::integer(n));
        let of = |operator, a, b| between(&ValueTree::Arithmetic(operator, a, b));
        assert_eq!(of(Operator::Minus, number(1), leaf(0)), (q(0), q(1)));
        assert_eq!(of(Operator::Minus, leaf(0), leaf(0)), (q(0), q(0)), "a value less itself is nothing");
        assert_eq!(of(Operator::Minus, leaf(0), leaf(1)), (None, q(1)));
        assert_eq!(of(Operator::Multiply, number(-2), leaf(0)), (q(-2), q(0)));
        assert_eq!(of(Operator::Multiply, leaf(0), leaf(1)), (q(0), None));
        assert_eq!(of(Operator::Divide, leaf(1), leaf(0)), (q(0), None));
        assert_eq!(of(Operator::Divide, number(3), leaf(0)), (q(3), None), "three by at most one");
        assert_eq!(of(Operator::Divide, leaf(0), number(0)), (None, None), "a quotient by zero says nothing");
    }
}

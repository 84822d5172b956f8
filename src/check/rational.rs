//! Exact quotients, so that a threshold is compared and never rounded.
//!
//! Invariant: the divisor is positive. An operation that does not fit 128 bits even in lowest terms gives `None`; no
//! operation rounds. Comparison always fits.

use crate::units::Ratio;
use std::cmp::Ordering;

/// A quotient of two integers. Two quotients are equal if their values are, whatever their terms.
#[derive(Debug, Clone, Copy)]
pub struct Rational {
    part: i128,
    whole: i128,
}

impl Rational {
    /// Nothing.
    pub const ZERO: Self = Self { part: 0, whole: 1 };
    /// The whole.
    pub const ONE: Self = Self { part: 1, whole: 1 };

    /// `n` itself.
    pub const fn integer(n: i128) -> Self {
        Self { part: n, whole: 1 }
    }

    /// `share` of a whole.
    pub fn of_share(share: Ratio) -> Self {
        Self { part: i128::from(share.as_ppb()), whole: i128::from(Ratio::ONE.as_ppb()) }
    }

    /// `part / whole`; `None` if `whole` is zero, or if the sign cannot be normalised in 128 bits.
    pub fn new(part: i128, whole: i128) -> Option<Self> {
        match whole.cmp(&0) {
            Ordering::Equal => None,
            Ordering::Greater => Some(Self { part, whole }),
            Ordering::Less => Some(Self { part: part.checked_neg()?, whole: whole.checked_neg()? }),
        }
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Option<Self> {
        exactly(self, other, |a, b| {
            if a.whole == b.whole {
                return Some(Self { part: a.part.checked_add(b.part)?, whole: a.whole });
            }
            let part = a.part.checked_mul(b.whole)?.checked_add(b.part.checked_mul(a.whole)?)?;
            Some(Self { part, whole: a.whole.checked_mul(b.whole)? })
        })
    }

    /// The difference.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { part: other.part.checked_neg()?, whole: other.whole })
    }

    /// The product.
    pub fn times(self, other: Self) -> Option<Self> {
        exactly(self, other, |a, b| {
            Some(Self { part: a.part.checked_mul(b.part)?, whole: a.whole.checked_mul(b.whole)? })
        })
    }

    /// One over this; `None` for zero.
    pub fn inverse(self) -> Option<Self> {
        Self::new(self.whole, self.part)
    }

    /// The nearest floating-point value, for margins and reports only; never for a decision.
    pub fn as_f64(self) -> f64 {
        self.part as f64 / self.whole as f64
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.part == 0
    }

    /// The dividend and the divisor in lowest terms.
    pub fn lowest_terms(self) -> (i128, i128) {
        let divisor = gcd(self.part.unsigned_abs(), self.whole.unsigned_abs());
        // The divisor divides `whole`, which fits 127 bits, so it does too.
        let divisor = i128::try_from(divisor).unwrap_or(1);
        (self.part / divisor, self.whole / divisor)
    }

    fn reduced(self) -> Self {
        let (part, whole) = self.lowest_terms();
        Self { part, whole }
    }
}

/// Tries an operation on the terms as they are and, if it does not fit, once more in lowest terms: reducing costs far
/// more than the operation and is rarely needed.
fn exactly(a: Rational, b: Rational, operation: impl Fn(Rational, Rational) -> Option<Rational>) -> Option<Rational> {
    operation(a, b).or_else(|| operation(a.reduced(), b.reduced()))
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Ord for Rational {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.part.checked_mul(other.whole), other.part.checked_mul(self.whole)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => compare_by_continued_fraction(*self, *other),
        }
    }
}

/// Compares whole parts, then the inverses of what is left over, as Euclid's algorithm does: nothing grows.
fn compare_by_continued_fraction(a: Rational, b: Rational) -> Ordering {
    let floors = (a.part.div_euclid(a.whole), b.part.div_euclid(b.whole));
    let rests = (a.part.rem_euclid(a.whole), b.part.rem_euclid(b.whole));
    match floors.0.cmp(&floors.1) {
        Ordering::Equal => match (rests.0, rests.1) {
            (0, 0) => Ordering::Equal,
            (0, _) => Ordering::Less,
            (_, 0) => Ordering::Greater,
            (ra, rb) => compare_by_continued_fraction(
                Rational { part: b.whole, whole: rb },
                Rational { part: a.whole, whole: ra },
            ),
        },
        unequal => unequal,
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Rational {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Rational {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn q(part: i128, whole: i128) -> Rational {
        Rational::new(part, whole).unwrap()
    }

    #[test]
    fn a_third_is_not_a_rounded_third() {
        assert_eq!(q(1, 3), q(2, 6));
        assert!(q(333_333_333, 1_000_000_000) < q(1, 3));
        assert_eq!(q(1, 3).plus(q(1, 6)).unwrap(), q(1, 2));
        assert_eq!(q(1, -2), q(-1, 2));
        let barely_more = q(1_000_000_000_000_000_001, 1_000_000_000_000_000_000);
        assert!(barely_more > Rational::ONE, "a floating-point number would call them equal");
        assert_eq!(Rational::new(1, 0).map(Rational::lowest_terms), None);
    }

    #[test]
    fn huge_terms_are_compared_exactly_and_added_only_if_they_fit() {
        let (a, b) = (q(i128::MAX - 1, i128::MAX), q(i128::MAX - 2, i128::MAX - 1));
        assert!(a > b, "1 - 1/n grows with n");
        assert_eq!(a.cmp(&a), Ordering::Equal);
        assert!(a.plus(b).is_none(), "does not fit and must say so");
        let big = 1_i128 << 100;
        assert_eq!(q(big, big * 2).plus(q(big, big * 4)).unwrap(), q(3, 4), "lowest terms are tried before giving up");
    }

    proptest! {
        #[test]
        fn the_two_ways_of_comparing_agree(a in -1000_i128..1000, b in 1_i128..50, c in -1000_i128..1000, d in 1_i128..50) {
            prop_assert_eq!(compare_by_continued_fraction(q(a, b), q(c, d)), (a * d).cmp(&(c * b)));
        }
    }
}

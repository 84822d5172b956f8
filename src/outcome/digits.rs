//! Figures that were computed in floating point, as they stand in files of results.
//!
//! Owns how many digits are kept. Invariant: what is read and written again is the same text; the last bits of a
//! platform's arithmetic never reach a file. What is no number stands as null.

use crate::units::Form;
use serde::{Deserialize, Serialize};

/// A computed figure, to six significant digits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
pub struct SixDigits(f64);

/// A figure from which others are computed again, to twelve significant digits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
pub struct TwelveDigits(f64);

/// `x` rounded to six significant digits.
pub fn six_digits(x: f64) -> f64 {
    if x.is_finite() { format!("{x:.5e}").parse().unwrap_or(x) } else { x }
}

fn twelve_digits(x: f64) -> f64 {
    format!("{x:.11e}").parse().unwrap_or(x)
}

impl Form<f64> for SixDigits {
    fn of(x: &f64) -> Self {
        Self(six_digits(*x))
    }
    /// The last bit of a parsed number is not to be trusted; rounding again makes it the one that was written.
    fn value(self) -> f64 {
        six_digits(self.0)
    }
}

impl Form<f64> for TwelveDigits {
    fn of(x: &f64) -> Self {
        Self(twelve_digits(*x))
    }
    fn value(self) -> f64 {
        twelve_digits(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn again<F: Form<f64> + Serialize + for<'a> Deserialize<'a>>(x: f64) -> f64 {
        let text = serde_json::to_string(&F::of(&x)).unwrap();
        serde_json::from_str::<F>(&text).unwrap().value()
    }

    proptest! {
        #[test]
        fn figures_read_back(x in -1e9..1e9_f64) {
            prop_assert_eq!(again::<SixDigits>(x), six_digits(x));
            let precise = again::<TwelveDigits>(x);
            prop_assert!((precise - x).abs() <= 1e-11 * x.abs());
            prop_assert_eq!(again::<TwelveDigits>(precise), precise);
        }
    }

    #[test]
    fn six_digits_are_kept_and_no_more() {
        assert_eq!(six_digits(1.0 / 3.0), 0.333_333);
        assert_eq!(six_digits(123_456_789.0), 123_457_000.0);
        assert!(six_digits(f64::NAN).is_nan());
    }
}

//! How far a failure that is expected may go.
//!
//! Does not know why something failed. Invariant: what cannot be compared is not within.

use super::expression::{ExpressionError, Unit, quantity};
use super::rational::Rational;
use std::cmp::Ordering;
use std::fmt;

/// A comparison with what was measured: `<= 50`, `>= 95%`, `< 20m`.
#[derive(Debug, Clone, PartialEq)]
pub struct Within {
    text: String,
    orders: &'static [Ordering],
    bound: Rational,
    unit: Unit,
}

/// The longer ones come first.
const COMPARISONS: [(&str, &[Ordering]); 5] = [
    ("<=", &[Ordering::Less, Ordering::Equal]),
    (">=", &[Ordering::Greater, Ordering::Equal]),
    ("==", &[Ordering::Equal]),
    ("<", &[Ordering::Less]),
    (">", &[Ordering::Greater]),
];

impl Within {
    /// Reads one.
    ///
    /// # Errors
    /// If it does not begin with a comparison, or what follows is no constant.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let written = text.trim();
        let found = COMPARISONS.iter().find_map(|(sign, orders)| Some((written.strip_prefix(sign)?, *orders)));
        let Some((bound, orders)) = found else {
            let error = ExpressionError::new(0..text.len(), format!("`{written}` is not a comparison"));
            return Err(ExpressionError { help: Some("write `<= 50` or `>= 95%`".to_owned()), ..error });
        };
        let (bound, unit) = quantity(bound.trim())?;
        Ok(Self { text: written.to_owned(), orders, bound, unit })
    }

    /// Whether `measured`, as printed, is within; false if it cannot be compared.
    pub fn holds(&self, measured: &str) -> bool {
        let figure = figure(measured).filter(|(_, unit)| unit.common(self.unit).is_some());
        figure.is_some_and(|(value, _)| self.orders.contains(&value.cmp(&self.bound)))
    }
}

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The figure that a printed measure begins with: `4m 12.4s`, `23 lost (20 visible)`, `95% at worst`.
fn figure(measured: &str) -> Option<(Rational, Unit)> {
    let measured = measured.strip_prefix("RPO ").unwrap_or(measured);
    let is_number = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    let first = measured.split(',').next().unwrap_or(measured);
    let mut sum: Option<(Rational, Unit)> = None;
    for word in first.split(' ').take_while(is_number) {
        let (value, unit) = quantity(word).ok()?;
        sum = match sum {
            None => Some((value, unit)),
            Some((before, same)) if same == unit => Some((before.plus(value)?, unit)),
            Some(_) => return None,
        };
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_compared_by_the_figure_it_begins_with() {
        let holds = |within: &str, measured: &str| Within::parse(within).unwrap().holds(measured);
        assert!(holds("<= 50", "50 lost (20 visible), RPO 3s") && !holds("< 50", "50 lost (20 visible)"));
        assert!(holds("<= 15m", "4m 12.4s") && !holds("<= 4m", "4m 12.4s"));
        assert!(holds("<= 15m", "4m 12.4s, held 2s") && holds("<= 3s", "RPO 3s, 50 lost"));
        assert!(holds(">= 38%", "38.9% at worst") && !holds(">= 40%", "38.9% at worst"));
        assert!(holds("== 3", "3") && holds("> 2", "3 stale-epoch writes, split for 5s"));
        assert!(!holds("<= 50", "4m 12.4s"), "another unit");
        assert!(!holds("<= 50", "nothing"), "no figure");
        assert!(Within::parse("50").is_err() && Within::parse("<= many").is_err());
    }
}

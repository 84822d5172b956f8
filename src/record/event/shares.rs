//! The share of each region in what a balancer sends.

use crate::units::Ratio;
use std::fmt;

/// Regions and their shares. One with no share is not spoken of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shares(pub Vec<(String, Ratio)>);

impl fmt::Display for Shares {
    /// `west 30%, south 70%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = self.0.iter().filter(|(_, share)| *share != Ratio::ZERO);
        for (index, (region, share)) in named.enumerate() {
            let apart = if index == 0 { "" } else { ", " };
            write!(f, "{apart}{region} {share}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_without_a_share_is_not_spoken_of() {
        let shares = [("west", 30), ("north", 0), ("south", 70)];
        let shares = shares.map(|(name, percent)| (name.to_owned(), Ratio::from_percent(percent)));
        assert_eq!(Shares(shares.to_vec()).to_string(), "west 30%, south 70%");
    }
}

//! Published round trips between regions of Azure.
//!
//! Owns the table. Does not guess: a pair that is not published has no figure here.

use crate::kernel::Distribution;
use crate::units::Span;

/// What the preset is called in a file.
pub(in crate::scenario) const NAME: &str = "azure";
/// Where its figures come from.
pub(in crate::scenario) const SOURCE: &str =
    "Azure network latency tables: half the median round trip; inside a region 1 to 2 ms (product default)";

/// The regions of the table, as Azure names them.
pub(super) const PLACES: &[&str] = &[
    "westeurope",
    "northeurope",
    "uksouth",
    "eastus",
    "westus",
    "canadacentral",
    "japaneast",
    "centralindia",
    "australiaeast",
];

/// Median round trips in milliseconds: Azure documentation, network round-trip latency statistics. The pair of West and
/// North Europe, 17 to 20 ms, was not read there again.
const ROUND_TRIPS: [(&str, &str, u64); 10] = [
    ("westeurope", "westus", 147),
    ("northeurope", "westus", 132),
    ("westeurope", "canadacentral", 97),
    ("northeurope", "canadacentral", 83),
    ("eastus", "westus", 64),
    ("eastus", "canadacentral", 18),
    ("westeurope", "japaneast", 219),
    ("westeurope", "centralindia", 132),
    ("uksouth", "australiaeast", 238),
    ("westeurope", "northeurope", 18),
];

/// Within a region, from zone to zone: 1 to 2 ms.
const INSIDE: Span = Span::from_nanos(1_500_000);

/// The place a region called `name` is at, if its name says so: `west-europe` is `westeurope`.
pub(super) fn place_of(name: &str) -> Option<&'static str> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    PLACES.iter().copied().find(|place| *place == plain)
}

/// The one-way latency between two places, half a round trip, spread by `sigma`; `None` if no figure is published.
pub(super) fn latency(a: &str, b: &str, sigma: f64) -> Option<Distribution> {
    let round_trip = if a == b {
        INSIDE
    } else {
        let pair = |(one, other, _): &&(&str, &str, u64)| (*one, *other) == (a, b) || (*one, *other) == (b, a);
        Span::from_millis(ROUND_TRIPS.iter().find(pair)?.2)
    };
    let median = Span::from_nanos(round_trip.as_nanos() / 2);
    Some(if sigma > 0.0 { Distribution::LogNormal { median, sigma } } else { Distribution::Constant(median) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_published_both_ways_or_not_at_all() {
        let half = |ms: u64| Some(Distribution::Constant(Span::from_nanos(ms * 500_000)));
        assert_eq!(latency("westus", "eastus", 0.0), half(64));
        assert_eq!(latency("eastus", "westus", 0.0), half(64));
        assert_eq!(latency("uksouth", "westus", 0.0), None);
        assert_eq!(latency("uksouth", "uksouth", 0.0), Some(Distribution::Constant(Span::from_nanos(750_000))));
        let spread = Distribution::LogNormal { median: Span::from_millis(32), sigma: 0.05 };
        assert_eq!(latency("eastus", "westus", 0.05), Some(spread));
    }

    #[test]
    fn every_place_of_a_pair_has_a_name_and_regions_are_known_by_theirs() {
        assert!(ROUND_TRIPS.iter().all(|(a, b, _)| a != b && PLACES.contains(a) && PLACES.contains(b)));
        assert_eq!(
            ["West Europe", "west-europe", "eu-west-1"].map(place_of),
            [Some("westeurope"), Some("westeurope"), None]
        );
    }
}

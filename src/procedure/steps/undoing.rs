//! Whether what a run would take back is still what it set.
//!
//! Does not know what is taken back. Invariant: what a third party has set since is theirs, and is left as it is. What was
//! there before is set again even where it is read, since the run's own change may still be on its way.

use crate::ports::PortError;
use crate::units::Ratio;
use std::collections::BTreeSet;

/// What is there, if it is neither what was there before nor what the run set. Of what cannot be read because there is nothing
/// to read, nobody is known to have set it.
///
/// # Errors
///
/// Why it cannot be read.
pub fn set_by_others<T: PartialEq>(found: Result<T, PortError>, before: &T, set: &T) -> Result<Option<T>, PortError> {
    match found {
        Ok(found) => Ok(Some(found).filter(|found| found != before && found != set)),
        Err(PortError::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The same of weights, of which a balancer may have applied a part.
///
/// # Errors
///
/// Why they cannot be read.
pub fn weighted_by_others(
    found: Result<Vec<(String, Ratio)>, PortError>,
    before: &[(String, Ratio)],
    set: &[(String, Ratio)],
) -> Result<Option<Vec<(String, Ratio)>>, PortError> {
    let found = match found {
        Ok(found) => found,
        Err(PortError::Refused(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let share = |weights: &[(String, Ratio)], name: &str| {
        weights.iter().find(|(region, _)| region == name).map_or(Ratio::ZERO, |(_, share)| *share)
    };
    let regions: BTreeSet<&str> = before.iter().chain(set).chain(&found).map(|(name, _)| name.as_str()).collect();
    let between = |name: &&str| {
        let (one, other) = (share(before, name), share(set, name));
        (one.min(other)..=one.max(other)).contains(&share(&found, name))
    };
    let ours = regions.iter().all(between);
    Ok(Some(found).filter(|_| !ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_neither_what_was_there_nor_what_was_set_is_somebody_else_s() {
        let others = |found: &'static str| set_by_others(Ok(found), &"west", &"east");
        assert_eq!(["west", "east", "south"].map(others), [Ok(None), Ok(None), Ok(Some("south"))]);
        let refused = || PortError::Refused("it has no address".to_owned());
        assert_eq!(set_by_others(Err(refused()), &"west", &"east"), Ok(None));
        let silent = || PortError::Indeterminate("no answer".to_owned());
        assert_eq!(set_by_others(Err(silent()), &"west", &"east"), Err(silent()));
    }

    #[test]
    fn weights_on_the_way_from_one_to_the_other_are_the_run_s_own() {
        let weights = |list: &[(&str, u64)]| {
            list.iter().map(|(name, percent)| ((*name).to_owned(), Ratio::from_percent(*percent))).collect::<Vec<_>>()
        };
        let (before, set) = (weights(&[("west", 80), ("east", 20)]), weights(&[("east", 100)]));
        let others = |list: &[(&str, u64)]| {
            weighted_by_others(Ok(weights(list)), &before, &set).is_ok_and(|found| found.is_some())
        };
        assert!(!others(&[("west", 80), ("east", 20)]) && !others(&[("east", 100)]));
        assert!(!others(&[("west", 40), ("east", 60)]), "a part of it is in effect");
        assert!(others(&[("west", 90), ("east", 10)]) && others(&[("south", 100)]));
        assert!(others(&[("west", 40), ("east", 50), ("south", 10)]));
    }
}

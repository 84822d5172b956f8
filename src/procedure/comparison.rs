//! Which of two rows counts that should be the same and are not.
//!
//! Owns the comparison and the choice. Does not know how rows are read or written. Invariant: two rows with the same value are the
//! same, whatever their time stamps say, and so are two that are not there, whether one of them says so or not.

use crate::record::{MismatchKind, Row, Strategy};

/// One of two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one.
    Primary,
    /// The other.
    Secondary,
}

/// How the rows of a key differ; `None`: they do not.
pub fn mismatch(primary: Option<Row>, secondary: Option<Row>) -> Option<MismatchKind> {
    let (first, second) = (Row::found(primary), Row::found(secondary));
    if first == second {
        return None;
    }
    Some(match (first, second) {
        (Some(_), Some(_)) => MismatchKind::Different,
        _ if [primary, secondary].iter().flatten().any(|row| row.deleted) => MismatchKind::Deleted,
        _ => MismatchKind::Missing,
    })
}

/// The side whose row counts by `strategy`.
pub fn winner(strategy: Strategy, primary: Option<Row>, secondary: Option<Row>) -> Side {
    match strategy {
        Strategy::PrimaryWins => Side::Primary,
        Strategy::SecondaryWins => Side::Secondary,
        // What is not there has no time stamp: it never counts.
        Strategy::LatestWins if secondary.map(|row| row.stamp) > primary.map(|row| row.stamp) => Side::Secondary,
        Strategy::LatestWins => Side::Primary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Instant;
    use proptest::prelude::{BoxedStrategy, any, prop, prop_assert_eq, proptest};
    use proptest::strategy::Strategy as _;

    fn row(value: u64, second: u64, deleted: bool) -> Option<Row> {
        Some(Row { key: 7, table: 0, value, stamp: Instant::from_secs(second), deleted })
    }

    #[test]
    fn rows_are_the_same_by_what_a_reader_finds() {
        for (primary, secondary, expected) in [
            (None, None, None),
            (row(1, 5, false), row(1, 9, false), None),
            (row(1, 5, true), None, None),
            (row(1, 5, true), row(2, 6, true), None),
            (row(1, 5, false), None, Some(MismatchKind::Missing)),
            (None, row(1, 5, false), Some(MismatchKind::Missing)),
            (row(2, 5, true), row(1, 4, false), Some(MismatchKind::Deleted)),
            (row(1, 5, false), row(2, 5, false), Some(MismatchKind::Different)),
        ] {
            assert_eq!(mismatch(primary, secondary), expected, "{primary:?} {secondary:?}");
        }
    }

    #[test]
    fn each_strategy_chooses_as_its_name_says() {
        let (older, newer) = (row(1, 5, false), row(2, 6, true));
        for (strategy, sides) in [
            (Strategy::PrimaryWins, [Side::Primary, Side::Primary]),
            (Strategy::SecondaryWins, [Side::Secondary, Side::Secondary]),
            (Strategy::LatestWins, [Side::Secondary, Side::Primary]),
        ] {
            assert_eq!([winner(strategy, older, newer), winner(strategy, newer, older)], sides, "{strategy:?}");
        }
        assert_eq!(winner(Strategy::LatestWins, row(1, 5, false), row(2, 5, false)), Side::Primary, "on a tie");
        assert_eq!(winner(Strategy::LatestWins, None, older), Side::Secondary, "what is there counts");
    }

    fn rows() -> BoxedStrategy<Option<Row>> {
        let row = (0_u64..3, 0_u64..3, any::<bool>()).prop_map(|(value, second, deleted)| Row {
            key: 7,
            table: 0,
            value,
            stamp: Instant::from_secs(second),
            deleted,
        });
        prop::option::of(row).boxed()
    }

    proptest! {
        #[test]
        fn once_the_row_that_counts_is_on_both_sides_nothing_differs(primary in rows(), secondary in rows()) {
            for strategy in [Strategy::PrimaryWins, Strategy::SecondaryWins, Strategy::LatestWins] {
                let kept = match winner(strategy, primary, secondary) {
                    Side::Primary => primary,
                    Side::Secondary => secondary,
                };
                prop_assert_eq!(mismatch(kept, kept), None);
                let later = [primary, secondary].into_iter().flatten().map(|row| row.stamp).max();
                if strategy == Strategy::LatestWins {
                    prop_assert_eq!(kept.map(|row| row.stamp), later, "nothing newer is dropped");
                }
            }
        }
    }
}

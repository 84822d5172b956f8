//! Monitors against looking at every nanosecond.

use super::*;
use proptest::prelude::*;

const END: u64 = 30;

fn ns(n: u64) -> Instant {
    Instant::from_nanos(n)
}

proptest! {
    #[test]
    fn the_busiest_window_agrees_with_brute_force(mut times in proptest::collection::vec(0..50_u64, 0..20), per in 0..20_u64, limit in 0..5_u64) {
        times.sort_unstable();
        let at: Vec<Instant> = times.iter().copied().map(ns).collect();
        let inside = |end: u64| times.iter().filter(|t| **t <= end && **t + per >= end).count() as u64;
        let most = (0..80).map(inside).max().unwrap();
        prop_assert_eq!(busiest_window(&at, Some(Span::from_nanos(per))).0, most);
        prop_assert_eq!(busiest_window(&at, None).0, times.len() as u64);
        let excess = (0..80).find(|end| inside(*end) > limit).map(ns);
        prop_assert_eq!(first_excess(&at, limit, Some(Span::from_nanos(per))), excess);
    }
}

#[test]
fn a_moment_is_searched_from_where_one_stands() {
    let trace = Trace::through(None, [(ns(5), Some(true)), (ns(9), Some(false))], ns(END));
    assert_eq!(first_moment(&trace, ns(7), |v| v == Some(true)), Some(ns(7)));
    assert_eq!(first_moment(&trace, ns(9), |v| v == Some(true)), None);
    assert_eq!(first_moment(&trace, ns(40), |v| v == Some(false)), None, "after the end nothing is known");
}

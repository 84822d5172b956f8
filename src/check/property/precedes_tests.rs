//! `precedes`: which of two comes first, and by how much.

use crate::check::fixture::events::{FAILOVER, done, started};
use crate::check::fixture::{Fixture, at, build, try_build};
use crate::check::property::Judgement;
use crate::outcome::Verdict;

fn judge(first: &[u64], then: &[u64]) -> Judgement {
    let mut events: Vec<(u64, bool)> =
        first.iter().map(|at| (*at, true)).chain(then.iter().map(|at| (*at, false))).collect();
    events.sort_by_key(|(at, is_first)| (*at, !*is_first));
    let fixture = events.into_iter().fold(Fixture::new(300), |fixture, (at, is_first)| {
        if is_first { fixture.happened(at, done(FAILOVER)) } else { fixture.happened(at, started(FAILOVER)) }
    });
    let fields = [("first", "region_failover.done"), ("then", "region_failover.started"), ("scale", "10s")];
    build("precedes", &fields).judge(&fixture.record())
}

#[test]
fn the_first_of_each_counts_and_the_margin_is_the_time_between_them() {
    let before = judge(&[10, 50], &[25, 40]);
    assert_eq!((before.verdict, before.margin, before.at), (Verdict::Pass, Some(1.5), Some(at(25))));
    let after = judge(&[30], &[25]);
    assert_eq!((after.verdict, after.margin, after.at), (Verdict::Fail, Some(-0.5), Some(at(25))));
    let at_once = judge(&[25], &[25]);
    assert_eq!((at_once.verdict, at_once.margin), (Verdict::Pass, Some(0.0)), "in the order of the timeline");
}

#[test]
fn what_never_came_first_has_not_and_what_never_came_says_nothing() {
    let never = judge(&[], &[25]);
    assert_eq!((never.verdict, never.margin), (Verdict::Fail, Some(-1.0)));
    for first in [&[][..], &[10][..]] {
        let nothing = judge(first, &[]);
        assert_eq!((nothing.verdict, nothing.exercised), (Verdict::Inconclusive, 0));
    }
}

#[test]
fn nothing_comes_before_itself() {
    assert!(try_build("precedes", &[("first", "region_failover.done"), ("then", "region_failover.done")]).is_err());
}

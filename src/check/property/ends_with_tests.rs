//! `ends_with`: how a run ended, whatever happened before, and whether that was seen.

use crate::check::fixture::{Fixture, build};
use crate::check::property::Judgement;
use crate::outcome::Verdict;
use crate::record::SignalUnit;

fn judge(points: &[(u64, u64, u64)]) -> Judgement {
    let record = Fixture::new(300).signal("success", SignalUnit::Ratio, points).record();
    build("ends_with", &[("holds", "success >= 99%")]).judge(&record)
}

#[test]
fn what_was_bad_before_the_last_minute_does_not_count_and_what_was_bad_in_it_does() {
    assert_eq!(judge(&[(0, 1, 2), (240, 1, 1)]).verdict, Verdict::Pass);
    let late = judge(&[(0, 1, 1), (100, 1, 2), (241, 1, 1)]);
    assert_eq!(late.verdict, Verdict::Fail, "it had not lasted");
    assert_eq!(judge(&[(0, 1, 1), (299, 1, 2)]).verdict, Verdict::Fail);
    assert_eq!(judge(&[(0, 1, 1), (260, 1, 2), (270, 1, 1)]).verdict, Verdict::Fail, "without a break");
}

#[test]
fn the_margin_is_that_of_the_worst_moment_of_the_end() {
    let judged = judge(&[(0, 0, 1), (200, 1, 1), (260, 995, 1_000)]);
    assert!((judged.margin.unwrap() - 0.005 / 0.99).abs() < 1e-12, "{:?}", judged.margin);
}

#[test]
fn an_end_that_nobody_saw_proves_nothing() {
    assert_eq!(judge(&[(0, 1, 1), (230, 0, 0)]).verdict, Verdict::Inconclusive);
    assert_eq!(judge(&[(0, 1, 1), (200, 0, 0), (290, 1, 1)]).verdict, Verdict::Inconclusive, "nor one with a hole");
    assert_eq!(judge(&[(0, 1, 1), (270, 0, 0)]).verdict, Verdict::Pass, "the last moments with data are the end");
    let never = build("ends_with", &[("holds", "success >= 99%")]).judge(&Fixture::new(300).record());
    assert_eq!(never.verdict, Verdict::Inconclusive);
}

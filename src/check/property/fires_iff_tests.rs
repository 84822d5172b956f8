//! `fires_iff` against published vectors, at the edges of its windows, and against a look at every second.

use crate::check::fixture::events::started;
use crate::check::fixture::{Fixture, at, build, try_build};
use crate::check::property::Judgement;
use crate::outcome::Verdict;
use crate::record::SignalUnit;
use proptest::prelude::*;

/// `errors` in percent from each of these seconds on; the failover begins at those.
fn judge(errors: &[(u64, u64)], fired: &[u64], end: u64, more: &[(&str, &str)]) -> Judgement {
    let points: Vec<(u64, u64, u64)> = errors.iter().map(|(at, percent)| (*at, *percent, 100)).collect();
    let fixture = Fixture::new(end).signal("errors", SignalUnit::Ratio, &points);
    let fixture = fired.iter().fold(fixture, |fixture, at| fixture.happened(*at, started("region_failover")));
    let mut fields = vec![("event", "region_failover.started"), ("when", "errors > 5%")];
    let usual = [("sustained", "60s"), ("react", "5s")];
    fields.extend(usual.into_iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name)));
    fields.extend(more);
    build("fires_iff", &fields).judge(&fixture.record())
}

/// An episode [10, 75).
const EPISODE: [(u64, u64); 3] = [(0, 0), (10, 8), (75, 0)];

/// Sustained 60, react 5: fire at 72: +.4; at 70 or 75: 0; at 69 or 76: -.2; never: -1; an event 40 s into a 45 s pulse: -1.
#[test]
fn the_published_vectors_come_out() {
    for (fired, verdict, margin) in [
        (Some(72), Verdict::Pass, 0.4),
        (Some(70), Verdict::Pass, 0.0),
        (Some(75), Verdict::Pass, 0.0),
        (Some(69), Verdict::Fail, -0.2),
        (Some(76), Verdict::Fail, -0.2),
        (None, Verdict::Fail, -1.0),
    ] {
        let fired: Vec<u64> = fired.into_iter().collect();
        let judged = judge(&EPISODE, &fired, 200, &[]);
        assert_eq!(judged.verdict, verdict, "{fired:?}: {}", judged.why);
        assert!((judged.margin.unwrap() - margin).abs() < 1e-9, "{fired:?}: {:?}", judged.margin);
    }
    let pulse = judge(&[(0, 0), (10, 8), (55, 0)], &[50], 200, &[]);
    assert_eq!((pulse.verdict, pulse.margin, pulse.at), (Verdict::Fail, Some(-1.0), Some(at(50))));
}

#[test]
fn nothing_due_and_nothing_fired_is_no_pass() {
    let quiet = judge(&[(0, 0)], &[], 200, &[]);
    assert_eq!((quiet.verdict, quiet.exercised), (Verdict::Inconclusive, 0), "{}", quiet.why);
    let short = judge(&[(0, 0), (10, 8), (69, 0)], &[], 200, &[]);
    assert_eq!((short.verdict, short.exercised), (Verdict::Inconclusive, 0));
    let exactly = judge(&[(0, 0), (10, 8), (70, 0)], &[], 200, &[]);
    assert_eq!(exactly.verdict, Verdict::Fail, "sixty seconds are enough");
}

#[test]
fn it_fires_once_for_each_episode() {
    let twice = judge(&[(0, 0), (10, 8), (300, 0)], &[72, 73], 400, &[]);
    assert_eq!((twice.verdict, twice.at), (Verdict::Fail, Some(at(73))));
    assert!(twice.why.contains("happened again"), "{}", twice.why);
    let two = [(0, 0), (10, 8), (80, 0), (100, 8), (170, 0)];
    assert_eq!(judge(&two, &[72, 163], 400, &[]).verdict, Verdict::Pass);
    let one = judge(&two, &[72], 400, &[]);
    assert_eq!((one.verdict, one.at), (Verdict::Fail, Some(at(165))));
}

#[test]
fn within_the_dead_band_it_may_go_either_way() {
    let pulse = [(0, 0), (10, 8), (68, 0)];
    let band = [("dead_band", "5s")];
    for fired in [&[][..], &[69][..]] {
        let judged = judge(&pulse, fired, 200, &band);
        assert_eq!((judged.verdict, judged.exercised), (Verdict::Inconclusive, 0), "{}", judged.why);
    }
    assert_eq!(judge(&pulse, &[69], 200, &[]).verdict, Verdict::Fail);
    assert_eq!(judge(&[(0, 0), (10, 8), (40, 0)], &[39], 200, &band).verdict, Verdict::Fail);
}

#[test]
fn the_end_of_the_run_leaves_an_obligation_open() {
    let open = [(0, 0), (10, 8)];
    assert_eq!(judge(&open, &[], 74, &[]).verdict, Verdict::Inconclusive);
    assert_eq!(judge(&open, &[], 75, &[]).verdict, Verdict::Fail);
    assert_eq!(judge(&open, &[71], 74, &[]).verdict, Verdict::Pass);
    let too_short = judge(&open, &[], 60, &[]);
    assert_eq!((too_short.verdict, too_short.exercised), (Verdict::Inconclusive, 0));
}

#[test]
fn a_rule_is_not_judged_by_what_it_sees() {
    let fields = |when| [("event", "region_failover.started"), ("when", when), ("sustained", "60s"), ("react", "5s")];
    assert!(try_build("fires_iff", &fields("errors > 5%")).is_ok());
    let refused = try_build("fires_iff", &fields("seen.north.api.errors > 5%")).unwrap_err();
    assert!(format!("{refused:?}").contains("what monitoring sees"), "{refused:?}");
    let mut band = fields("errors > 5%").to_vec();
    band.push(("dead_band", "60s"));
    assert!(try_build("fires_iff", &band).is_err());
}

/// Second by second, for statements that change on whole seconds: whether there is exactly one event in each due window, and none
/// elsewhere.
fn naive(holds: &[bool], fired: &[u64], (sustained, react): (u64, u64)) -> Option<bool> {
    let mut windows = Vec::new();
    let mut from = None;
    for second in 0..=holds.len() {
        let now = holds.get(second).copied().unwrap_or(false);
        match (from, now) {
            (None, true) => from = Some(second as u64),
            (Some(begun), false) => {
                if second as u64 - begun >= sustained {
                    windows.push((begun + sustained, begun + sustained + react));
                }
                from = None;
            }
            _ => {}
        }
    }
    let inside = |at: u64, window: &(u64, u64)| window.0 <= at && at <= window.1;
    let each = windows.iter().all(|window| fired.iter().filter(|at| inside(**at, window)).count() == 1);
    let none_elsewhere = fired.iter().all(|at| windows.iter().any(|window| inside(*at, window)));
    (!windows.is_empty() || !fired.is_empty()).then_some(each && none_elsewhere)
}

proptest! {
    #[test]
    fn a_look_at_every_second_says_the_same(
        stretches in prop::collection::vec(1_u64..12, 1..8),
        fired in prop::collection::btree_set(0_u64..70, 0..4),
    ) {
        let mut holds = Vec::new();
        let mut errors = vec![];
        for (number, length) in stretches.iter().enumerate() {
            errors.push((holds.len() as u64, if number % 2 == 1 { 8 } else { 0 }));
            holds.extend((0..*length).map(|_| number % 2 == 1));
        }
        errors.push((holds.len() as u64, 0));
        holds.push(false);
        // Windows of neighbouring episodes must not overlap, or one event would be of both.
        prop_assume!(stretches.iter().skip(2).step_by(2).all(|quiet| *quiet > 6));
        let end = 200;
        let fired: Vec<u64> = fired.into_iter().collect();
        let judged = judge(&errors, &fired, end, &[("sustained", "5s"), ("react", "3s")]);
        let expected = naive(&holds, &fired, (5, 3));
        let verdict = match expected {
            None => Verdict::Inconclusive,
            Some(true) => Verdict::Pass,
            Some(false) => Verdict::Fail,
        };
        prop_assert_eq!(judged.verdict, verdict, "{}", judged.why);
    }
}

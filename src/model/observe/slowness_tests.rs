//! What is usual, when it is known, and what is slow by it.

use super::*;
use crate::units::Ratio;

const READ: &str = "users.api.read";
const MS: fn(u64) -> Span = Span::from_millis;

struct Run {
    slowness: Slowness,
    second: u64,
    all: FineBuckets,
}

impl Run {
    fn new() -> Self {
        let class = |name: &str| ServiceClass { name: name.into(), served: Ratio::ONE, within: MS(1), drill: false };
        let classes = vec![class(READ), class("users.api.write"), class(TOTAL)];
        let objective = Objective { stable: Span::from_secs(30), declared: true, classes };
        Self { slowness: Slowness::new(&objective), second: 0, all: FineBuckets::default() }
    }

    /// `count` seconds with an answer to the first class after each of these times, in milliseconds.
    fn seconds(mut self, count: u64, took: &[u64]) -> Self {
        for _ in 0..count {
            took.iter().for_each(|ms| self.slowness.answered(0, MS(*ms)));
            self.slowness.close_second(self.second, &mut self.all);
            self.second += 1;
        }
        self
    }

    fn fault(mut self) -> Self {
        self.slowness.fault_begins();
        self
    }

    fn healed(mut self) -> Self {
        self.slowness.fault_ends(self.second);
        self
    }

    /// From when to when it is known what is usual, and that in milliseconds; and the seconds in which an answer was slow.
    fn close(self) -> (Option<(u64, u64, u64)>, Vec<u64>) {
        let signals: Vec<Signal> = self.slowness.close().collect();
        let [known, slow, _] = signals.as_slice() else { return (None, Vec::new()) };
        let points: Vec<(Instant, Sample)> = known.points().collect();
        let ms = (points[0].1.part + 500_000) / 1_000_000;
        let end = Instant::from_secs(self.second);
        let slow = slow.seconds(end).filter(|(_, share)| share.part > 0).map(|(second, _)| second).collect();
        (Some((points[0].0.second(), points[1].0.second(), ms)), slow)
    }
}

#[test]
fn usual_is_what_was_before_the_first_fault() {
    let (usual, slow) = Run::new().seconds(40, &[100]).fault().seconds(10, &[250]).seconds(10, &[199]).close();
    assert_eq!(usual, Some((0, 40, 100)));
    assert_eq!(slow, (40..50).collect::<Vec<_>>());
}

#[test]
fn what_a_change_brings_is_not_usual() {
    let mut moved = Run::new().seconds(40, &[100]);
    moved.slowness.change_begins();
    let (usual, slow) = moved.seconds(600, &[250]).close();
    assert_eq!(usual, Some((0, 40, 100)));
    assert_eq!(slow, (40..640).collect::<Vec<_>>());
}

#[test]
fn what_comes_after_a_change_says_nothing_of_the_time_before() {
    let mut moved = Run::new().seconds(9, &[20; 4]);
    moved.slowness.change_begins();
    let (usual, _) = moved.seconds(700, &[250]).close();
    assert_eq!(usual, None);
}

#[test]
fn exactly_twice_is_not_more() {
    let (_, slow) = Run::new().seconds(40, &[128]).fault().seconds(10, &[256]).seconds(10, &[259]).close();
    assert_eq!(slow, (50..60).collect::<Vec<_>>());
}

#[test]
fn a_fault_from_the_start_leaves_what_is_usual_to_the_time_after_it() {
    let run = Run::new().fault().seconds(60, &[100]).healed().seconds(31, &[100]).seconds(40, &[20]);
    let (usual, slow) = run.close();
    assert_eq!(usual, Some((91, 131, 20)));
    assert_eq!(slow, (0..91).collect::<Vec<_>>(), "the seconds before are judged by it");
    let (usual, _) = Run::new().seconds(9, &[20]).fault().seconds(600, &[100]).close();
    assert_eq!(usual, None, "ten seconds are needed");
    let (usual, _) = Run::new().seconds(19, &[20]).fault().seconds(600, &[100]).close();
    assert_eq!(usual, None, "and twenty answers");
}

#[test]
fn a_few_bad_minutes_are_not_usual() {
    let many: &[u64] = &[20; 20];
    let slow_ones: &[u64] = &[100; 20];
    let (usual, slow) = Run::new().seconds(100, many).seconds(40, slow_ones).seconds(60, many).close();
    assert_eq!(usual, Some((0, 200, 20)));
    assert_eq!(slow, (100..140).collect::<Vec<_>>());
}

#[test]
fn ten_minutes_settle_it_and_memory_is_bounded() {
    let run = Run::new().seconds(LONG_ENOUGH, &[20]).seconds(2_000, &[100]);
    assert!(matches!(run.slowness.classes[0].usual, Usual::Settled(_)));
    assert_eq!(run.close().0, Some((0, 600, 20)));
    let blind = Run::new().fault().seconds(KEPT as u64, &[20]);
    assert!(matches!(blind.slowness.classes[0].usual, Usual::GivenUp));
}

#[test]
fn the_tail_of_a_busy_class_is_passed_over() {
    let tail = |slow: usize| [vec![20; 200 - slow], vec![100; slow]].concat();
    let (usual, slow) = Run::new().seconds(40, &tail(5)).fault().seconds(10, &tail(6)).close();
    assert_eq!((usual, slow), (Some((0, 40, 20)), (40..50).collect()));
}

#[test]
fn every_answer_is_handed_on() {
    let mut run = Run::new().seconds(3, &[20, 30]);
    run.slowness.answered(7, MS(5));
    run.slowness.close_second(3, &mut run.all);
    assert_eq!(run.all.count(), 7);
}

/// All of them, for who plants errors.
pub(crate) const EACH: &[fn()] = &[
    what_a_change_brings_is_not_usual,
    what_comes_after_a_change_says_nothing_of_the_time_before,
    usual_is_what_was_before_the_first_fault,
    exactly_twice_is_not_more,
    a_fault_from_the_start_leaves_what_is_usual_to_the_time_after_it,
    a_few_bad_minutes_are_not_usual,
    ten_minutes_settle_it_and_memory_is_bounded,
    the_tail_of_a_busy_class_is_passed_over,
    every_answer_is_handed_on,
];

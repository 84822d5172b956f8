//! The rules of a rollback decision, by the figures of the product's requirements.

use super::*;
use crate::units::Ratio;
use proptest::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Continue,
    Pause,
    Approval,
    Immediate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Metric {
    Errors,
    P95,
    Corruption,
    Healthy,
}

fn rule(name: &str, class: Class, of: Metric, limit: Limit, seconds: u64) -> DecisionRule<Metric, Class> {
    let (at_least, stale_after) = (1, Span::from_secs(45));
    let condition = Condition { of, side: Side::Above, limit, ends_at: None, at_least, stale_after };
    let (sustained, gate) = (Span::from_secs(seconds), Gate::default());
    DecisionRule { name: name.to_owned(), class, when: vec![condition], sustained, on_gap: Gap::Hold, gate }
}

const fn percent(percent: u64) -> Limit {
    Limit::Share(Ratio::from_percent(percent))
}

/// A part of the decision matrix of a platform rollback.
fn platform() -> Matrix<Metric, Class> {
    Matrix::new([
        rule("error rate", Class::Immediate, Metric::Errors, percent(5), 60),
        rule("corruption", Class::Immediate, Metric::Corruption, Limit::Count(0), 0),
        rule("error rate", Class::Approval, Metric::Errors, percent(2), 300),
        rule("response time", Class::Approval, Metric::P95, Limit::Span(Span::from_secs(2)), 600),
        rule("error rate", Class::Pause, Metric::Errors, percent(1), 600),
    ])
}

fn at(second: u64) -> Instant {
    Instant::from_secs(second)
}

fn errors(part: u64, second: u64) -> BTreeMap<Metric, TimedFigure> {
    BTreeMap::from([(Metric::Errors, TimedFigure { figure: Figure::Share { part, whole: 100 }, taken: at(second) })])
}

/// The first seconds at which each class fires while `part` of a hundred fail.
fn fires(matrix: &mut Matrix<Metric, Class>, part: u64) -> Vec<(u64, Class)> {
    let mut first: Vec<(u64, Class)> = Vec::new();
    for second in (0..=900).step_by(10) {
        for class in matrix.judge(at(second), Some(&errors(part, second))).firing {
            if first.iter().all(|(_, known)| *known != class) {
                first.push((second, class));
            }
        }
    }
    first
}

#[test]
fn each_class_fires_after_its_own_time_and_never_at_its_limit() {
    use Class::{Approval, Immediate, Pause};
    assert_eq!(fires(&mut platform(), 6), [(60, Immediate), (300, Approval), (600, Pause)]);
    assert_eq!(fires(&mut platform(), 5), [(300, Approval), (600, Pause)]);
    assert_eq!(fires(&mut platform(), 2), [(600, Pause)]);
    assert_eq!(fires(&mut platform(), 1), []);
}

#[test]
fn what_fires_is_listed_gravest_first_with_its_evidence() {
    let mut matrix = platform();
    let mut decision = matrix.judge(at(0), Some(&errors(6, 0)));
    for second in (10..=300).step_by(10) {
        decision = matrix.judge(at(second), Some(&errors(6, second)));
    }
    assert_eq!(decision.firing, [Class::Immediate, Class::Approval]);
    assert_eq!(decision.active, [Class::Pause, Class::Approval, Class::Immediate]);
    assert_eq!(decision.held, Span::from_secs(300));
    let first = &decision.evidence.0[0];
    assert_eq!((first.class, first.since, first.held), (Class::Immediate, at(0), Span::from_secs(300)));
    let words = decision.evidence.to_string();
    assert!(words.starts_with("error rate: 6 of 100 above 5%, for 5m of 1m; error rate: 6 of 100 above 2%"), "{words}");
}

#[test]
fn any_corruption_fires_at_once() {
    let corrupt = |count| {
        let sample = TimedFigure { figure: Figure::Count(count), taken: at(0) };
        platform().judge(at(0), Some(&BTreeMap::from([(Metric::Corruption, sample)]))).firing
    };
    assert_eq!(corrupt(0), []);
    assert_eq!(corrupt(1), [Class::Immediate]);
}

#[test]
fn missing_data_neither_fires_nor_clears_and_resets_the_clock_only_where_it_is_told_to() {
    for (on_gap, fires_at) in [(Gap::Hold, 80), (Gap::Reset, 100)] {
        let rule = DecisionRule { on_gap, ..rule("errors", Class::Immediate, Metric::Errors, percent(5), 60) };
        let mut matrix = Matrix::new([rule]);
        let mut fired = None;
        for second in (0..=200).step_by(10) {
            let seen = (second != 30).then(|| errors(6, second));
            let decision = matrix.judge(at(second), seen.as_ref());
            if second == 30 {
                assert_eq!((decision.firing, decision.clear), (vec![], vec![]), "nothing is known");
            } else if !decision.firing.is_empty() {
                fired = fired.or(Some(second));
            }
        }
        assert_eq!(fired, Some(fires_at), "{on_gap:?}");
    }
}

#[test]
fn a_step_needs_all_of_its_conditions_and_a_look_at_each() {
    let mut healthy = rule("healthy", Class::Continue, Metric::Healthy, percent(95), 60);
    healthy.when.push(Condition { side: Side::Below, ..healthy.when[0].clone() });
    healthy.when[1].of = Metric::Errors;
    healthy.when[1].limit = percent(5);
    let mut matrix = Matrix::new([healthy]);
    let seen = |served: Option<u64>, failed: u64, second| {
        let mut seen = errors(failed, second);
        let sample = |part| TimedFigure { figure: Figure::Share { part, whole: 100 }, taken: at(second) };
        seen.extend(served.map(|part| (Metric::Healthy, sample(part))));
        seen
    };
    let mut judge = |second, served, failed| matrix.judge(at(second), Some(&seen(served, failed, second)));
    assert_eq!(judge(0, Some(99), 1).active, [Class::Continue]);
    assert_eq!(judge(30, Some(99), 1).firing, []);
    assert_eq!(judge(40, Some(99), 9).clear, [Class::Continue], "one of two is not enough");
    assert_eq!(judge(50, Some(99), 1).firing, []);
    assert_eq!(judge(110, Some(99), 1).firing, [Class::Continue], "for the whole of its time");
    assert_eq!(judge(120, None, 1).firing, [], "what cannot be seen is not healthy");
    assert_eq!(judge(130, None, 9).clear, [Class::Continue], "one that fails is enough to clear");
}

#[test]
fn the_phase_gates_what_a_trigger_proposes() {
    let hour = Span::from_mins(60);
    let in_phase = |class, from, until| DecisionRule {
        gate: Gate { after: Some((Class::Continue, from, until)), unless: vec![class], ..Gate::default() },
        ..rule("errors", class, Metric::Errors, percent(5), 60)
    };
    let day = Span::from_mins(24 * 60);
    let rules = [in_phase(Class::Immediate, Span::ZERO, hour), in_phase(Class::Approval, hour, day)];
    let mut matrix = Matrix::new(rules);
    let judge = |matrix: &mut Matrix<Metric, Class>, second| matrix.judge(at(second), Some(&errors(6, second))).firing;
    assert_eq!(judge(&mut matrix, 0), []);
    assert_eq!(judge(&mut matrix, 60), [], "nothing was cut over");
    matrix.learn(Some(Class::Continue), Aftermath::Done, at(70));
    assert_eq!(judge(&mut matrix, 80), [Class::Immediate], "the clock of the condition ran before the phase began");
    assert_eq!(judge(&mut matrix, 3700), [Class::Approval], "an hour later people are asked");
    matrix.learn(Some(Class::Approval), Aftermath::Undone, at(3800));
    assert_eq!(judge(&mut matrix, 3900), [Class::Approval], "what was rolled back was not done");
    matrix.learn(Some(Class::Approval), Aftermath::Done, at(4000));
    assert_eq!(judge(&mut matrix, 4100), [], "it was rolled back");
}

#[test]
fn an_action_starts_every_clock_over() {
    let mut matrix = platform();
    matrix.judge(at(0), Some(&errors(6, 0)));
    matrix.start_over();
    assert_eq!(matrix.judge(at(60), Some(&errors(6, 60))).firing, []);
    assert_eq!(matrix.judge(at(120), Some(&errors(6, 120))).firing, [Class::Immediate]);
}

/// Whether a rule on more than five in a hundred fires at the last evaluation, by the definition: from the last evaluation
/// that was clear on, or, where gaps reset, that was no failure, the time between neighbours that both failed.
fn recompute(history: &[(u64, Option<u64>)], on_gap: Gap, sustained: u64) -> bool {
    let failing = |seen: Option<u64>| seen.is_some_and(|part| part > 5);
    let over = |seen: Option<u64>| seen.map_or(on_gap == Gap::Reset, |part| part <= 5);
    let start = history.iter().rposition(|(_, seen)| over(*seen)).map_or(0, |clear| clear + 1);
    let pairs = history[start..].windows(2).filter(|pair| failing(pair[0].1) && failing(pair[1].1));
    let held: u64 = pairs.map(|pair| pair[1].0 - pair[0].0).sum();
    history.last().is_some_and(|(_, seen)| failing(*seen)) && held >= sustained
}

proptest! {
    #[test]
    fn a_rule_equals_recomputing_it_from_the_whole_history(
        sustained in 0_u64..80,
        reset in any::<bool>(),
        steps in prop::collection::vec((1_u64..20, prop::option::weighted(0.8, prop::sample::select(vec![4, 5, 6, 9]))), 1..50),
    ) {
        let on_gap = if reset { Gap::Reset } else { Gap::Hold };
        let mut matrix =
            Matrix::new([DecisionRule { on_gap, ..rule("errors", Class::Immediate, Metric::Errors, percent(5), sustained) }]);
        let (mut history, mut now) = (Vec::new(), 0);
        for (gap, seen) in steps {
            now += gap;
            history.push((now, seen));
            let decision = matrix.judge(at(now), seen.map(|part| errors(part, now)).as_ref());
            prop_assert_eq!(!decision.firing.is_empty(), recompute(&history, on_gap, sustained));
        }
    }
}

//! How clients fared: the disruptions in which requests failed, from when to when, how many, and of what.
//!
//! Owns what counts as one disruption. Does not know faults. Invariant: one lasts as long as requests that were started in
//! it failed, whatever was done meanwhile; those that are left out are the shortest, and they are counted.

use super::moments::{Raw, Tone};
use super::series::{Window, cells};
use crate::outcome::Outcome;
use crate::record::{FailureReason, Signal};
use crate::report::text::{clock, plural, span};
use crate::units::{Instant, Span};

/// Disruptions closer together than this are one. Product default: the gaps of an error rate that fluctuates.
const APART: Span = Span::from_secs(10);
/// The most disruptions of one timeline. Product default: as many as a reader follows.
const MOST: usize = 8;

/// A stretch of time in which requests failed.
struct Disruption {
    from: Instant,
    to: Instant,
    failed: f64,
    started: f64,
    worst: f64,
}

/// The disruptions in which more than a hundredth of the requests failed: a common objective, as in the swim lanes.
pub(super) fn disruptions(outcome: &Outcome) -> Vec<Raw> {
    let Some(success) = outcome.record.signal("success") else { return Vec::new() };
    let mut found = bad(success, outcome.record.workload_end);
    let all = found.len();
    found.sort_by_key(|disruption| std::cmp::Reverse(disruption.to.since(disruption.from)));
    found.truncate(MOST);
    found.sort_by_key(|disruption| disruption.from);
    let mut lines: Vec<Raw> = found.iter().map(|disruption| line(disruption, outcome)).collect();
    if let (Some(more), Some(last)) = (all.checked_sub(MOST).filter(|more| *more > 0), found.last()) {
        let text = format!("{}, all shorter", plural(more as u64, "more disruption"));
        lines.push(Raw::new(last.from, "clients", text, Tone::Odd));
    }
    lines
}

fn line(disruption: &Disruption, outcome: &Outcome) -> Raw {
    let share = |part: f64, whole: f64| super::charts::Axis::Share.written(part / whole.max(1.0));
    let (mean, lasted) = (share(disruption.failed, disruption.started), span(disruption.to.since(disruption.from)));
    let worst = super::charts::Axis::Share.written(disruption.worst);
    let peak = if worst == mean { String::new() } else { format!(", at worst {worst}") };
    let why = of_what(disruption, outcome).map_or_else(String::new, |why| format!("; {why}"));
    let text = format!("{mean} of requests are not served{peak}, until {}: {lasted}{why}", clock(disruption.to));
    Raw::new(disruption.from, "clients", text, Tone::Bad)
}

/// Why most of them failed: the one reason, or the first of several.
fn of_what(disruption: &Disruption, outcome: &Outcome) -> Option<String> {
    // Those that were started at its end may be given up somewhat later.
    let window = Window { from: disruption.from, to: disruption.to.saturating_add(APART) };
    let count = |reason: FailureReason| {
        let signal = outcome.record.signal(&format!("failed.{}", reason.name()))?;
        let cell = (*cells(signal, &[window.from, window.to]).first()?)?;
        (cell.mean > 0.0).then_some((reason, cell.mean))
    };
    let counted: Vec<_> = FailureReason::ALL.into_iter().filter_map(count).collect();
    let all: f64 = counted.iter().map(|(_, mean)| mean).sum();
    let (reason, most) = counted.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let share = super::charts::Axis::Share.written(most / all);
    Some(if counted.len() == 1 { reason.words().to_owned() } else { format!("{share} of them {}", reason.words()) })
}

fn bad(success: &Signal, end: Instant) -> Vec<Disruption> {
    let mut found: Vec<Disruption> = Vec::new();
    let points: Vec<_> = success.points().collect();
    for (i, (from, sample)) in points.iter().enumerate() {
        let to = points.get(i + 1).map_or(end, |(next, _)| *next).min(end);
        let (part, whole) = (u128::from(sample.part), u128::from(sample.whole));
        if *from >= to || whole == 0 || part * 100 >= whole * 99 {
            continue;
        }
        let seconds = to.since(*from).as_secs_f64();
        let share = (whole - part) as f64 / whole as f64;
        let (failed, started) = ((whole - part) as f64 * seconds, whole as f64 * seconds);
        match found.last_mut() {
            Some(last) if *from <= last.to.saturating_add(APART) => {
                last.to = to;
                last.failed += failed;
                last.started += started;
                last.worst = last.worst.max(share);
            }
            _ => found.push(Disruption { from: *from, to, failed, started, worst: share }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;
    use crate::record::{Sample, SignalUnit, Viewpoint};

    fn said(points: &[(u64, u64, u64)]) -> Vec<String> {
        let mut outcome = fixture::outage(0);
        let success = outcome.record.signals.iter_mut().find(|signal| signal.name == "success").unwrap();
        *success = Signal::new("success", SignalUnit::Ratio, Viewpoint::Truth);
        points.iter().for_each(|&(t, part, whole)| success.set(Instant::from_secs(t), Sample::quotient(part, whole)));
        disruptions(&outcome).into_iter().map(|raw| raw.text).collect()
    }

    #[test]
    fn a_spell_says_how_much_failed_and_until_when() {
        let half = said(&[(0, 100, 100), (100, 50, 100), (250, 100, 100)]);
        assert_eq!(half, ["50% of requests are not served, until 4:10.0: 2m 30s; 92.8% of them region dark"]);
    }

    #[test]
    fn a_gap_of_seconds_is_no_end_and_a_longer_one_is() {
        let points = [(0, 9, 10), (10, 10, 10), (15, 0, 10), (20, 10, 10), (60, 9, 10), (61, 10, 10)];
        let lines = said(&points);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].ends_with("at worst 100%, until 0:20.0: 20s"), "{lines:?}");
    }

    #[test]
    fn one_in_a_hundred_is_no_spell_and_the_shortest_of_many_are_counted() {
        assert!(said(&[(0, 99, 100), (300, 100, 100)]).is_empty());
        let many: Vec<_> = (0..12).flat_map(|i| [(i * 36, 0, 10), (i * 36 + 5 + i, 10, 10)]).collect();
        let lines = said(&many);
        assert_eq!((lines.len(), lines[MOST].as_str()), (MOST + 1, "4 more disruptions, all shorter"));
    }
}

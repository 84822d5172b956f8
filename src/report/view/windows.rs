//! Which parts of a run are worth a closer look: from a fault to the end of what was done about it.
//!
//! Invariant: closer looks are in order, do not overlap, and there are none if they would show most of the run anyway;
//! those that are left out are counted.

use super::series::Window;
use crate::outcome::Outcome;
use crate::units::{Instant, Span};
use std::cmp::Reverse;

/// The most closer looks of one report.
const MOST: usize = 2;
/// What lies further apart than this is not one incident.
const APART: Span = Span::from_mins(10);
/// The least that is shown before and after an incident.
const MARGIN: Span = Span::from_secs(30);

/// The whole run.
pub(crate) fn whole(outcome: &Outcome) -> Window {
    Window { from: Instant::ZERO, to: outcome.record.end }
}

/// The incidents of a run that are worth a closer look.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Incidents {
    /// The longest ones, in order of time.
    pub shown: Vec<Window>,
    /// How many more there are.
    pub left_out: usize,
}

/// The incidents of the run, with some time around each.
pub(crate) fn incidents(outcome: &Outcome) -> Incidents {
    let whole = whole(outcome);
    let mut found: Vec<Window> = Vec::new();
    for (from, to) in stretches(outcome) {
        match found.last_mut() {
            Some(last) if from <= last.to.saturating_add(APART) => last.to = last.to.max(to),
            _ => found.push(Window { from, to }),
        }
    }
    let all = found.len();
    found.sort_by_key(|window| (Reverse(window.length()), window.from));
    found.truncate(MOST);
    found.sort_by_key(|window| window.from);
    let shown: u128 = found.iter().map(|w| u128::from(w.length().as_nanos())).sum();
    if shown * 5 > u128::from(whole.length().as_nanos()) * 3 {
        return Incidents { shown: Vec::new(), left_out: 0 };
    }
    let left_out = all - found.len();
    Incidents { shown: found.into_iter().map(|window| with_margin(window, whole)).collect(), left_out }
}

/// From each fault that bit to recovery from it, and each step of a procedure: by when they began.
fn stretches(outcome: &Outcome) -> Vec<(Instant, Instant)> {
    let record = &outcome.record;
    let bit = record.faults.iter().filter(|fault| fault.hits > 0).filter_map(|fault| Some((fault.at?, fault.at?)));
    let recovery = outcome.recovery.iter().map(|r| match r.rto {
        Some(rto) => (r.at, r.at.saturating_add(rto)),
        None => (r.at, record.workload_end.max(r.at)),
    });
    let laps = record.laps.iter().map(|lap| (lap.start, lap.start.saturating_add(lap.took)));
    let mut all: Vec<_> = bit.chain(recovery).chain(laps).map(|(from, to)| (from, to.min(record.end))).collect();
    all.retain(|(from, to)| from <= to);
    all.sort();
    all
}

fn with_margin(window: Window, whole: Window) -> Window {
    let margin = MARGIN.max(Span::from_nanos(window.length().as_nanos() / 10));
    // Whole seconds, so that cells of a chart and changes of a signal coincide.
    let down = |at: Instant| Instant::from_secs(at.second());
    let from = down(Instant::from_nanos(window.from.as_nanos().saturating_sub(margin.as_nanos())));
    Window { from: from.max(whole.from), to: down(window.to.saturating_add(margin)).min(whole.to) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;

    fn seconds(outcome: &Outcome) -> Vec<(u64, u64)> {
        incidents(outcome).shown.iter().map(|w| (w.from.second(), w.to.second())).collect()
    }

    #[test]
    fn an_incident_is_shown_from_its_fault_to_the_end_of_the_reaction() {
        assert_eq!(seconds(&fixture::outage(0)), [(30, 366)]);
    }

    #[test]
    fn incidents_far_apart_are_shown_apart_the_longest_of_them() {
        let mut outcome = fixture::outage(0);
        outcome.record.end = Instant::from_secs(100_000);
        for i in 1..6 {
            let mut lap = outcome.record.laps[0].clone();
            (lap.start, lap.took) = (Instant::from_secs(i * 10_000), Span::from_secs(i));
            outcome.record.laps.push(lap);
        }
        assert_eq!(seconds(&outcome), [(30, 366), (49_970, 50_035)]);
        assert_eq!(incidents(&outcome).left_out, 4);
    }

    #[test]
    fn what_fills_most_of_the_run_needs_no_closer_look() {
        let mut outcome = fixture::outage(0);
        assert_eq!(seconds(&outcome), [(30, 366)]);
        outcome.record.end = Instant::from_secs(450);
        assert_eq!(seconds(&outcome), [], "274 of 450 seconds are more than three in five");
    }
}

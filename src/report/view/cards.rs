//! The headline numbers: the few figures a board asks for first.
//!
//! Invariant: a figure that is not known is a word that says so, never a zero; the worst of several stands for all.

use super::rows::recovery_points;
use super::wrong;
use crate::outcome::{Misjudged, Outcome, Recovery, Verdict};
use crate::report::text::{count, percent, plural, span};
use crate::units::Span;

/// One figure, and what puts it in its place.
pub(crate) struct Card {
    pub name: &'static str,
    pub value: String,
    pub below: String,
    /// Whether it is bad news.
    pub bad: bool,
}

/// The headline numbers of a run.
pub(crate) fn cards(outcome: &Outcome) -> Vec<Card> {
    let mut cards = Vec::new();
    cards.extend(recovery(outcome));
    cards.extend(loss(outcome));
    cards.extend(misjudged(outcome));
    cards.extend([availability(outcome), outage(outcome), latency(outcome), requests(outcome), properties(outcome)]);
    cards
}

fn recovery(outcome: &Outcome) -> Option<Card> {
    let is_late = |r: &Recovery| r.objective.is_some_and(|objective| r.rto.is_none_or(|rto| rto > objective));
    // A missed objective is worse than a long time nobody limits, and never recovered is worse than any time.
    let worst = outcome.recovery.iter().max_by_key(|r| (is_late(r), r.rto.unwrap_or(Span::MAX)))?;
    let objective = worst.objective.map_or_else(|| "no objective".to_owned(), |o| format!("objective {}", span(o)));
    let late = is_late(worst);
    Some(Card {
        name: "Recovery time",
        value: worst.rto.map_or_else(|| "not recovered".to_owned(), span),
        below: format!("{objective}, after {}", worst.fault),
        bad: late || worst.rto.is_none(),
    })
}

fn loss(outcome: &Outcome) -> Option<Card> {
    let stores = &outcome.record.stores;
    let total = |figure: fn(&crate::record::StoreRecord) -> u64| stores.iter().map(figure).sum::<u64>();
    let (lost, gone) = (total(|s| s.lost_total), total(|s| s.unanswered.gone));
    let reach = stores.iter().filter_map(recovery_points).map(|reach| reach.before.max(reach.after)).max();
    let reach = reach.filter(|_| lost > 0).map_or_else(String::new, |reach| format!(", RPO {}", span(reach)));
    (!stores.is_empty()).then(|| Card {
        name: "Acknowledged writes lost",
        value: count(lost),
        below: format!(
            "of {}, {} visible{reach}, {} in no copy; {} more of unknown outcome were stored and are gone",
            count(total(|s| s.acked)),
            count(total(|s| s.lost_visible)),
            count(total(|s| s.whereabouts.nowhere)),
            count(gone)
        ),
        bad: lost > 0,
    })
}

fn misjudged(outcome: &Outcome) -> Option<Card> {
    let wrong_for = |m: &Misjudged| m.missed.saturating_add(m.false_alarm);
    let worst = outcome.misjudged.iter().max_by_key(|m| wrong_for(m))?;
    Some(Card { name: "Control was wrong for", value: span(wrong_for(worst)), below: wrong(worst), bad: false })
}

fn availability(outcome: &Outcome) -> Card {
    let a = &outcome.availability;
    Card {
        name: "Availability",
        value: percent(a.ok, a.started),
        below: format!("of requests; {} of seconds", percent(a.good_slots, a.slots)),
        bad: false,
    }
}

fn outage(outcome: &Outcome) -> Card {
    let longest = outcome.availability.longest_bad;
    let below = "below the objective without a break".to_owned();
    Card { name: "Longest outage", value: span(longest), below, bad: false }
}

fn latency(outcome: &Outcome) -> Card {
    let r = &outcome.record.requests;
    let (value, below) = if r.ok == 0 {
        ("no data".to_owned(), "no request was answered".to_owned())
    } else {
        (span(r.latency.p99), format!("median {}, longest {}", span(r.latency.p50), span(r.latency.max)))
    };
    Card { name: "Latency, 99th percentile", value, below, bad: false }
}

fn requests(outcome: &Outcome) -> Card {
    let r = &outcome.record.requests;
    let below = format!("{} failed, {} unknown, {}", count(r.failed), count(r.unknown), plural(r.attempts, "attempt"));
    Card { name: "Requests", value: count(r.started), below, bad: false }
}

fn properties(outcome: &Outcome) -> Card {
    let (all, held) =
        (outcome.properties.len(), outcome.properties.iter().filter(|p| p.verdict == Verdict::Pass).count());
    let foreseen = outcome.properties.iter().filter(|p| p.verdict != Verdict::Pass && p.as_expected()).count() as u64;
    let below = match foreseen {
        0 => "the demands of the scenario".to_owned(),
        n => format!("{} expected by the scenario", plural(n, "exception")),
    };
    Card { name: "Properties that held", value: format!("{held} of {all}"), below, bad: held < all }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;

    fn said(outcome: &Outcome) -> Vec<String> {
        cards(outcome).iter().take(2).map(|c| format!("{}: {} ({})", c.name, c.value, c.below)).collect()
    }

    #[test]
    fn the_worst_comes_first_with_its_objective() {
        assert_eq!(
            said(&fixture::outage(0)),
            [
                "Recovery time: 4m 32.8s (objective 6m, after dark)",
                "Acknowledged writes lost: 15 (of 684, 12 visible, RPO 4.5s, 0 in no copy; 0 more of unknown outcome were stored and are gone)"
            ]
        );
        assert!(said(&fixture::stalled(0))[0].starts_with("Recovery time: not recovered"));
        assert!(cards(&fixture::stalled(0))[0].bad && !cards(&fixture::outage(0))[0].bad);
    }

    #[test]
    fn a_missed_objective_counts_more_than_a_longer_time_without_one() {
        let mut outcome = fixture::outage(0);
        let longer = Recovery {
            fault: "x".to_owned(),
            rto: Some(Span::from_mins(99)),
            objective: None,
            ..outcome.recovery[0].clone()
        };
        outcome.recovery[0].objective = Some(Span::from_mins(1));
        outcome.recovery.push(longer);
        assert!(said(&outcome)[0].ends_with("(objective 1m, after dark)"), "{}", said(&outcome)[0]);
    }

    #[test]
    fn without_an_answer_there_is_no_latency() {
        let mut outcome = fixture::outage(0);
        outcome.record.requests.ok = 0;
        assert!(cards(&outcome).iter().any(|c| c.value == "no data"));
    }
}

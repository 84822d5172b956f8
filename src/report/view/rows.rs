//! The rows of a report's tables, one type per table.
//!
//! Invariant: a figure that is not known is a word that says so, never a zero.

use super::occurrences::Occurrences;
use crate::outcome::{Expectation, Outcome, PropertyOutcome, Recovery, Verdict};
use crate::record::{FaultRecord, Lap, LapResult, LossBound, LostWrite, Reach, StoreRecord, Unanswered};
use crate::report::text::{clock, count, cut, margin, plural, span};
use crate::units::{Instant, Span};

/// One property.
pub(crate) struct PropertyRow {
    pub id: String,
    pub kind: String,
    pub demand: String,
    pub verdict: Verdict,
    pub as_expected: bool,
    pub bound: String,
    pub measured: String,
    pub margin: String,
    pub moment: String,
    pub exercised: String,
    pub why: String,
    /// `failed, as expected` and its like; empty where there is nothing to explain.
    pub remark: &'static str,
}

/// Recovery from one fault, decomposed.
pub(crate) struct RecoveryRow {
    pub fault: String,
    /// The recovery time, or that there was none.
    pub rto: String,
    pub objective: String,
    /// `detect`, `decide`, `act`, `converge` with their times.
    pub phases: [(&'static str, String); 4],
    pub recovered: bool,
}

/// The ledger of one database.
pub(crate) struct LossRow {
    pub store: String,
    pub acked: String,
    pub lost: String,
    pub visible: String,
    /// Where the lost ones are; nothing if none are lost.
    pub whereabouts: String,
    /// Refused, never stored, stored and gone: writes never acknowledged to a client.
    pub unanswered: [(&'static str, String); 4],
    pub rpo_before: String,
    pub rpo_after: String,
    pub announced: String,
    pub any_lost: bool,
}

/// One lost write.
pub(crate) struct LostRow {
    pub store: String,
    pub operation: String,
    pub key: String,
    pub position: String,
    pub server_acked: String,
    pub client_acked: String,
    pub visible: &'static str,
    pub last_seen: String,
    pub held_by: String,
    /// Whether the database acknowledged it before the fault.
    pub before_fault: bool,
}

/// One step of a procedure.
pub(crate) struct LapRow {
    pub procedure: String,
    pub run: u32,
    pub step: String,
    pub start: String,
    pub took: String,
    pub budget: String,
    pub tries: u32,
    pub result: String,
    pub note: String,
}

/// One fault.
pub(crate) struct FaultRow {
    pub id: String,
    pub kind: String,
    /// How often it happened.
    pub times: String,
    /// When it first and last began, and when the last one was healed.
    pub at: String,
    pub last: String,
    pub healed: String,
    /// For how long, all happenings together.
    pub total: String,
    pub recurred: bool,
    pub hits: String,
    pub bit: bool,
}

const NONE: &str = "–";
/// The longest reason of a step in the sentence on its run. Unit: characters.
const LONGEST_REASON: usize = 140;

fn or_none(text: Option<String>) -> String {
    text.unwrap_or_else(|| NONE.to_owned())
}

impl PropertyRow {
    pub(super) fn of(p: &PropertyOutcome) -> Self {
        Self {
            id: p.id.clone(),
            kind: p.kind.clone(),
            demand: p.demand.clone(),
            verdict: p.verdict,
            as_expected: p.as_expected(),
            bound: p.bound.clone(),
            measured: or_none(p.measured.clone()),
            margin: margin(p.margin),
            moment: or_none(p.at.map(clock)),
            exercised: count(p.exercised),
            why: p.why.clone(),
            remark: remark(p),
        }
    }
}

fn remark(p: &PropertyOutcome) -> &'static str {
    match (p.verdict, p.expected) {
        (Verdict::Fail, Expectation::Fail) => "failed, as expected",
        (Verdict::Inconclusive, Expectation::Inconclusive) => "inconclusive, as expected",
        (Verdict::Pass | Verdict::Inconclusive, Expectation::Fail) => "expected to fail, but did not",
        (Verdict::Pass | Verdict::Fail, Expectation::Inconclusive) => "expected to be inconclusive",
        (_, Expectation::PassIfExercised) if !p.is_exercised() => "not exercised, as it need not be",
        (_, Expectation::Either) => "may hold or not",
        (_, Expectation::Share(_)) => "many runs decide",
        (_, Expectation::Pass | Expectation::PassIfExercised) => "",
    }
}

impl RecoveryRow {
    pub(crate) fn of(r: &Recovery) -> Self {
        let phase = |name, took: Option<Span>| (name, or_none(took.map(span)));
        let rto = match r.rto {
            Some(rto) => span(rto),
            None if r.censored => "not recovered when the run ended".to_owned(),
            None => "not recovered".to_owned(),
        };
        Self {
            fault: r.fault.clone(),
            rto,
            objective: or_none(r.objective.map(span)),
            phases: [
                phase("detect", r.detect),
                phase("decide", r.decide),
                phase("act", r.act),
                phase("converge", r.converge),
            ],
            recovered: r.rto.is_some(),
        }
    }
}

/// Achieved recovery points before and after the outages that losses are measured from; `None` if something was lost and
/// there was no fault to refer to. Both are zero if no such write was lost.
pub(crate) fn recovery_points(store: &StoreRecord) -> Option<Reach> {
    (!store.lost_without_fault()).then(|| store.reach())
}

/// Writes never acknowledged to a client, with their outcome.
pub(crate) const fn unanswered(of: &Unanswered) -> [(&'static str, u64); 4] {
    [
        ("refused", of.refused),
        ("of unknown outcome, never stored", of.never_stored),
        ("of unknown outcome, stored", of.stored),
        ("of unknown outcome, stored and gone", of.gone),
    ]
}

/// Both bounds, or the one there is if they are the same.
fn announced(bound: LossBound) -> String {
    let LossBound { if_dead, if_alive } = bound;
    if if_dead == if_alive {
        return plural(if_dead, "write");
    }
    format!("{} if the old authority was dead, {} if it was only cut off", plural(if_dead, "write"), count(if_alive))
}

impl LossRow {
    pub(crate) fn of(store: &StoreRecord) -> Self {
        let points = recovery_points(store);
        Self {
            store: store.store.clone(),
            acked: count(store.acked),
            lost: count(store.lost_total),
            visible: count(store.lost_visible),
            whereabouts: store.whereabouts.said(),
            unanswered: unanswered(&store.unanswered).map(|(what, writes)| (what, count(writes))),
            rpo_before: or_none(points.map(|reach| span(reach.before))),
            rpo_after: or_none(points.map(|reach| span(reach.after))),
            announced: store.announced.map_or_else(|| "none".to_owned(), announced),
            any_lost: store.lost_total > 0,
        }
    }
}

impl LossRow {
    /// What happened to its writes, in a sentence.
    pub fn sentence(&self) -> String {
        let [refused, never_stored, stored, gone] = self.unanswered.each_ref().map(|(_, writes)| writes);
        let unanswered = format!(
            "not acknowledged: {refused} refused; of unknown outcome {never_stored} never stored, {stored} stored, \
             {gone} stored and gone"
        );
        if !self.any_lost {
            return format!("none of {} acknowledged writes lost; {unanswered}", self.acked);
        }
        format!(
            "{} of {} acknowledged writes lost, {} of them visible: {}; RPO {} before the fault, {} after it; loss \
             announced beforehand: {}; {unanswered}",
            self.lost, self.acked, self.visible, self.whereabouts, self.rpo_before, self.rpo_after, self.announced
        )
    }
}

impl LostRow {
    pub(super) fn of(store: &StoreRecord, write: &LostWrite) -> Self {
        let outage = store.cuts.get(write.cut as usize).and_then(|cut| cut.outage);
        Self {
            store: store.store.clone(),
            before_fault: outage.is_none_or(|outage| write.server_acked < outage),
            operation: write.operation.to_string(),
            key: write.key.to_string(),
            position: format!("{}:{}", write.epoch, write.lsn),
            server_acked: clock_to_the_millisecond(write.server_acked),
            client_acked: clock_to_the_millisecond(write.client_acked),
            visible: if write.visible { "yes" } else { "overwritten" },
            last_seen: write.last_seen.clone(),
            held_by: if write.held_by.is_empty() { "no copy".to_owned() } else { write.held_by.join(", ") },
        }
    }
}

/// Lost writes cluster within a second of the fault, so tenths would not tell them apart.
fn clock_to_the_millisecond(at: Instant) -> String {
    format!("{}{:02}", clock(at), at.as_nanos() / 1_000_000 % 100)
}

impl LapRow {
    pub(super) fn of(lap: &Lap) -> Self {
        Self {
            procedure: lap.procedure.clone(),
            run: lap.run,
            step: lap.step.clone(),
            start: clock(lap.start),
            took: span(lap.took),
            budget: if lap.budget == Span::ZERO { NONE.to_owned() } else { span(lap.budget) },
            tries: lap.tries,
            result: lap.result.to_string().replace('_', " "),
            note: lap.note.clone(),
        }
    }
}

/// Each run of a procedure in a sentence: how many steps, how long, against which budget, what went wrong.
pub(crate) fn procedure_runs(laps: &[Lap]) -> Vec<String> {
    Lap::by_run(laps).iter().map(|run| procedure_run(run)).collect()
}

fn procedure_run(laps: &[&Lap]) -> String {
    let start = laps.iter().map(|lap| lap.start).min().unwrap_or(Instant::ZERO);
    let end = laps.iter().map(|lap| lap.start.saturating_add(lap.took)).max().unwrap_or(start);
    let budget = laps.iter().fold(Span::ZERO, |sum, lap| sum.saturating_add(lap.budget));
    let trouble: Vec<String> = laps
        .iter()
        .filter(|lap| lap.result != LapResult::Done)
        .map(|lap| {
            let why = if lap.note.is_empty() { String::new() } else { format!(": {}", cut(&lap.note, LONGEST_REASON)) };
            format!("{} {}{why}", lap.step, lap.result.to_string().replace('_', " "))
        })
        .collect();
    let trouble = if trouble.is_empty() { "every step done".to_owned() } else { trouble.join("; ") };
    format!(
        "{}, run {}: {} in {} of {} budgeted; {trouble}",
        laps[0].procedure,
        laps[0].run,
        plural(laps.len() as u64, "step"),
        span(end.since(start)),
        span(budget)
    )
}

impl FaultRow {
    pub(super) fn of(fault: &FaultRecord, outcome: &Outcome) -> Self {
        let occurrences = Occurrences::of(fault, outcome);
        Self {
            id: fault.id.clone(),
            kind: fault.kind.clone(),
            at: fault.at.map_or_else(|| "never began".to_owned(), clock),
            healed: or_none(fault.healed.map(clock)),
            times: count(occurrences.count),
            total: or_none(occurrences.last.map(|_| span(occurrences.total))),
            last: or_none(occurrences.last.map(clock)),
            recurred: occurrences.count > 1,
            hits: count(fault.hits),
            bit: fault.hits > 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;

    #[test]
    fn a_run_of_a_procedure_is_a_sentence() {
        let laps = fixture::outage(7).record.laps;
        let said = [
            "region_failover, run 1: 4 steps in 2m 01s of 6m 30s budgeted; switch_dns over budget: not finished within 2m, \
             attempt 4; before that, no answer, it may have happened: no answer within 30s; switch_dns undone: nothing was changed",
            "region_failover, run 2: 8 steps in 1m 45.8s of 30m 30s budgeted; every step done",
        ];
        assert_eq!(procedure_runs(&laps), said);
    }

    #[test]
    fn recovery_points_are_taken_on_either_side_of_the_outage() {
        let mut store = fixture::outage(7).record.stores.remove(0);
        let reach = |before, after| Some(Reach { before: Span::from_millis(before), after: Span::from_millis(after) });
        let cut = &mut store.cuts[0];
        cut.outage = Some(Instant::from_secs(60));
        cut.first_lost = Some(Instant::from_nanos(59_810_000_000));
        cut.last_lost_after = Some(Instant::from_nanos(60_010_000_000));
        assert_eq!(recovery_points(&store), reach(190, 10));
        // Acknowledged by the server before the outage and seen by the client after it: no time before it.
        store.cuts[0].first_lost = Some(Instant::from_secs(61));
        assert_eq!(recovery_points(&store), reach(0, 10));
        store.cuts[0].outage = None;
        assert_eq!(recovery_points(&store), None);
    }

    #[test]
    fn every_surprise_has_a_remark_and_a_plain_pass_has_none() {
        let said = |verdict: Verdict, expected: Expectation| {
            let mut property = crate::outcome::fixture::quiet(7).properties.remove(0);
            (property.verdict, property.expected) = (verdict, expected);
            remark(&property)
        };
        assert_eq!(said(Verdict::Pass, Expectation::Pass), "");
        assert_eq!(said(Verdict::Fail, Expectation::Fail), "failed, as expected");
        assert_eq!(said(Verdict::Pass, Expectation::Fail), "expected to fail, but did not");
        assert_eq!(said(Verdict::Fail, Expectation::Either), "may hold or not");
    }

    #[test]
    fn lost_writes_show_milliseconds() {
        assert_eq!(clock_to_the_millisecond(Instant::from_nanos(299_789_000_000)), "4:59.789");
    }
}

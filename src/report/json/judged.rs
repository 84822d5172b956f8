//! Verdicts and measures in `results.json`.

use super::compared::ComparisonEntry;
use super::names::Names;
use super::reasons::Reasons;
use super::scalar::{Answer, Figure, Moment, Seconds};
use crate::outcome::{Assumption, Availability, Misjudged, PropertyOutcome, Recovery, Stopped};
use crate::record::RequestTotals;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestOutcomes {
    ok: u64,
    by_drills: u64,
    served: u64,
    failed: u64,
    unknown: u64,
    missing: u64,
    attempts: u64,
    by_reason: Reasons,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LatencyEntry {
    p50_s: Seconds,
    p95_s: Seconds,
    p99_s: Seconds,
    max_s: Seconds,
    mean_s: Seconds,
    /// Of all requests started; null where it is one that was not answered.
    all_p50_s: Option<Seconds>,
    all_p95_s: Option<Seconds>,
    all_p99_s: Option<Seconds>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AvailabilityEntry {
    ok: u64,
    started: u64,
    by_requests: Option<Figure>,
    good_slots: u64,
    slots: u64,
    by_time: Option<Figure>,
    longest_bad_s: Seconds,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PropertyEntry<'a> {
    id: Cow<'a, str>,
    kind: Cow<'a, str>,
    demand: Cow<'a, str>,
    verdict: Answer,
    expected: Answer,
    within: Option<Cow<'a, str>>,
    beyond: bool,
    bound: Cow<'a, str>,
    measured: Option<Cow<'a, str>>,
    margin: Option<Figure>,
    at_s: Option<Moment>,
    exercised: u64,
    why: Cow<'a, str>,
    comparison: Option<ComparisonEntry<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecoveryEntry<'a> {
    fault: Cow<'a, str>,
    at_s: Moment,
    rto_s: Option<Seconds>,
    first_back_s: Option<Seconds>,
    outages: u64,
    class: Cow<'a, str>,
    criterion: Cow<'a, str>,
    resolution_s: Seconds,
    with_planned_s: Option<Seconds>,
    healed_by_itself: bool,
    detect_s: Option<Seconds>,
    decide_s: Option<Seconds>,
    act_s: Option<Seconds>,
    converge_s: Option<Seconds>,
    /// Of `decide_s`, the waiting for consent that came after the decision to act.
    consent_acting_s: Seconds,
    consent_converging_s: Seconds,
    censored: bool,
    objective_s: Option<Seconds>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MisjudgedEntry<'a> {
    region: Cow<'a, str>,
    missed_s: Seconds,
    false_alarm_s: Seconds,
    known_s: Seconds,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AssumptionEntry<'a> {
    path: Cow<'a, str>,
    value: Cow<'a, str>,
    origin: Cow<'a, str>,
    source: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoppedEntry<'a> {
    at_s: Moment,
    why: Cow<'a, str>,
}

fn ratio(part: u64, whole: u64) -> Option<Figure> {
    (whole != 0).then(|| Figure(part as f64 / whole as f64))
}

impl RequestOutcomes {
    pub(super) fn of(r: &RequestTotals) -> Self {
        let RequestTotals { ok, by_drills, served, failed, unknown, missing, attempts, reasons, .. } = *r;
        Self { ok, by_drills, served, failed, unknown, missing, attempts, by_reason: Reasons(reasons) }
    }

    /// The totals of a run that started so many requests.
    pub(super) fn into_totals(self, started: u64, latency: &LatencyEntry) -> RequestTotals {
        RequestTotals {
            started,
            ok: self.ok,
            by_drills: self.by_drills,
            served: self.served,
            missing: self.missing,
            failed: self.failed,
            unknown: self.unknown,
            reasons: self.by_reason.0,
            attempts: self.attempts,
            latency_p50: latency.p50_s.0,
            latency_p95: latency.p95_s.0,
            latency_p99: latency.p99_s.0,
            latency_max: latency.max_s.0,
            latency_mean: latency.mean_s.0,
            latency_of_all: [&latency.all_p50_s, &latency.all_p95_s, &latency.all_p99_s]
                .map(|span| span.as_ref().map(|span| span.0)),
        }
    }
}

impl LatencyEntry {
    pub(super) fn of(r: &RequestTotals) -> Self {
        let [all_p50_s, all_p95_s, all_p99_s] = r.latency_of_all.map(|span| span.map(Seconds));
        Self {
            p50_s: Seconds(r.latency_p50),
            p95_s: Seconds(r.latency_p95),
            p99_s: Seconds(r.latency_p99),
            max_s: Seconds(r.latency_max),
            mean_s: Seconds(r.latency_mean),
            all_p50_s,
            all_p95_s,
            all_p99_s,
        }
    }
}

impl AvailabilityEntry {
    pub(super) fn of(a: &Availability) -> Self {
        Self {
            ok: a.ok,
            started: a.started,
            by_requests: ratio(a.ok, a.started),
            good_slots: a.good_slots,
            slots: a.slots,
            by_time: ratio(a.good_slots, a.slots),
            longest_bad_s: Seconds(a.longest_bad),
        }
    }

    pub(super) fn into_availability(self) -> Availability {
        let longest_bad = self.longest_bad_s.0;
        Availability { ok: self.ok, started: self.started, good_slots: self.good_slots, slots: self.slots, longest_bad }
    }
}

impl<'a> PropertyEntry<'a> {
    pub(super) fn of(p: &'a PropertyOutcome) -> Self {
        Self {
            id: (&p.id).into(),
            kind: p.kind.into(),
            demand: (&p.demand).into(),
            verdict: Answer(p.verdict),
            expected: Answer(p.expected),
            within: p.within.as_deref().map(Cow::from),
            beyond: p.beyond,
            bound: (&p.bound).into(),
            measured: p.measured.as_deref().map(Cow::from),
            margin: Figure::of(p.margin),
            at_s: p.at.map(Moment),
            exercised: p.exercised,
            why: (&p.why).into(),
            comparison: p.comparison.as_ref().map(ComparisonEntry::of),
        }
    }

    pub(super) fn into_outcome(self, names: &mut Names) -> PropertyOutcome {
        PropertyOutcome {
            id: self.id.into_owned(),
            kind: names.kept(&self.kind),
            demand: self.demand.into_owned(),
            verdict: self.verdict.0,
            expected: self.expected.0,
            within: self.within.map(Cow::into_owned),
            beyond: self.beyond,
            bound: self.bound.into_owned(),
            measured: self.measured.map(Cow::into_owned),
            margin: Figure::value(self.margin),
            at: self.at_s.map(|at| at.0),
            exercised: self.exercised,
            why: self.why.into_owned(),
            comparison: self.comparison.map(ComparisonEntry::into_comparison),
        }
    }
}

impl<'a> RecoveryEntry<'a> {
    pub(super) fn of(r: &'a Recovery) -> Self {
        Self {
            fault: (&r.fault).into(),
            at_s: Moment(r.at),
            rto_s: r.rto.map(Seconds),
            first_back_s: r.first_back.map(Seconds),
            outages: r.outages,
            class: (&r.class).into(),
            criterion: (&r.criterion).into(),
            resolution_s: Seconds(r.resolution),
            with_planned_s: r.with_planned.map(Seconds),
            healed_by_itself: r.healed_by_itself,
            detect_s: r.detect.map(Seconds),
            decide_s: r.decide.map(Seconds),
            act_s: r.act.map(Seconds),
            converge_s: r.converge.map(Seconds),
            consent_acting_s: Seconds(r.consent_acting),
            consent_converging_s: Seconds(r.consent_converging),
            censored: r.censored,
            objective_s: r.objective.map(Seconds),
        }
    }

    pub(super) fn into_recovery(self) -> Recovery {
        Recovery {
            fault: self.fault.into_owned(),
            at: self.at_s.0,
            rto: self.rto_s.map(|s| s.0),
            first_back: self.first_back_s.map(|s| s.0),
            outages: self.outages,
            class: self.class.into_owned(),
            criterion: self.criterion.into_owned(),
            resolution: self.resolution_s.0,
            with_planned: self.with_planned_s.map(|s| s.0),
            healed_by_itself: self.healed_by_itself,
            detect: self.detect_s.map(|s| s.0),
            decide: self.decide_s.map(|s| s.0),
            act: self.act_s.map(|s| s.0),
            converge: self.converge_s.map(|s| s.0),
            consent_acting: self.consent_acting_s.0,
            consent_converging: self.consent_converging_s.0,
            censored: self.censored,
            objective: self.objective_s.map(|s| s.0),
        }
    }
}

impl<'a> MisjudgedEntry<'a> {
    pub(super) fn of(m: &'a Misjudged) -> Self {
        let [missed_s, false_alarm_s, known_s] = [m.missed, m.false_alarm, m.known].map(Seconds);
        Self { region: (&m.region).into(), missed_s, false_alarm_s, known_s }
    }

    pub(super) fn into_misjudged(self) -> Misjudged {
        let [missed, false_alarm, known] = [self.missed_s, self.false_alarm_s, self.known_s].map(|s| s.0);
        Misjudged { region: self.region.into_owned(), missed, false_alarm, known }
    }
}

impl<'a> AssumptionEntry<'a> {
    pub(super) fn of(a: &'a Assumption) -> Self {
        let [path, value, origin, source] = [&a.path, &a.value, &a.origin, &a.source].map(Cow::from);
        Self { path, value, origin, source }
    }

    pub(super) fn into_assumption(self) -> Assumption {
        let [path, value, origin, source] = [self.path, self.value, self.origin, self.source].map(Cow::into_owned);
        Assumption { path, value, origin, source }
    }
}

impl<'a> StoppedEntry<'a> {
    pub(super) fn of(s: &'a Stopped) -> Self {
        Self { at_s: Moment(s.at), why: (&s.why).into() }
    }

    pub(super) fn into_stopped(self) -> Stopped {
        Stopped { at: self.at_s.0, why: self.why.into_owned() }
    }
}

//! The entries of the lists in `results.json`.

use crate::outcome::{Assumption, Availability, PropertyOutcome, Recovery, Stopped};
use crate::record::{
    AuthorityRecord, CopyRecord, FaultRecord, Lap, LostWrite, RequestTotals, StoreRecord, StrayWrite, TimelineEvent,
    WriteTerm,
};
use crate::report::text::six_digits;
use crate::report::view;
use crate::units::{Instant, Span};
use serde::Serialize;

/// Seconds. Nanoseconds over 1e9 are correctly rounded, so the shortest decimal is the exact one for runs of weeks.
pub(super) fn seconds(span: Span) -> f64 {
    span.as_secs_f64()
}

/// A computed figure, rounded to six significant digits.
pub(super) fn six(x: f64) -> f64 {
    six_digits(x)
}

fn since_start(at: Instant) -> f64 {
    seconds(at.since(Instant::ZERO))
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole != 0).then(|| six(part as f64 / whole as f64))
}

#[derive(Serialize)]
pub(super) struct RequestOutcomes {
    ok: u64,
    failed: u64,
    unknown: u64,
    attempts: u64,
}

impl RequestOutcomes {
    pub(super) fn of(r: &RequestTotals) -> Self {
        Self { ok: r.ok, failed: r.failed, unknown: r.unknown, attempts: r.attempts }
    }
}

#[derive(Serialize)]
pub(super) struct LatencyEntry {
    p50_s: f64,
    p95_s: f64,
    p99_s: f64,
    max_s: f64,
    mean_s: f64,
}

impl LatencyEntry {
    pub(super) fn of(r: &RequestTotals) -> Self {
        Self {
            p50_s: seconds(r.latency_p50),
            p95_s: seconds(r.latency_p95),
            p99_s: seconds(r.latency_p99),
            max_s: seconds(r.latency_max),
            mean_s: seconds(r.latency_mean),
        }
    }
}

#[derive(Serialize)]
pub(super) struct AvailabilityEntry {
    ok: u64,
    started: u64,
    by_requests: Option<f64>,
    good_slots: u64,
    slots: u64,
    by_time: Option<f64>,
    longest_bad_s: f64,
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
            longest_bad_s: seconds(a.longest_bad),
        }
    }
}

#[derive(Serialize)]
pub(super) struct PropertyEntry<'a> {
    id: &'a str,
    kind: &'static str,
    demand: &'a str,
    verdict: String,
    expected: String,
    bound: &'a str,
    measured: Option<&'a str>,
    margin: Option<f64>,
    at_s: Option<f64>,
    exercised: u64,
    why: &'a str,
}

impl<'a> PropertyEntry<'a> {
    pub(super) fn of(p: &'a PropertyOutcome) -> Self {
        Self {
            id: &p.id,
            kind: p.kind,
            demand: &p.demand,
            verdict: p.verdict.to_string(),
            expected: p.expected.to_string(),
            bound: &p.bound,
            measured: p.measured.as_deref(),
            margin: p.margin.map(six),
            at_s: p.at.map(since_start),
            exercised: p.exercised,
            why: &p.why,
        }
    }
}

#[derive(Serialize)]
pub(super) struct RecoveryEntry<'a> {
    fault: &'a str,
    at_s: f64,
    rto_s: Option<f64>,
    detect_s: Option<f64>,
    decide_s: Option<f64>,
    act_s: Option<f64>,
    converge_s: Option<f64>,
    censored: bool,
    objective_s: Option<f64>,
}

impl<'a> RecoveryEntry<'a> {
    pub(super) fn of(r: &'a Recovery) -> Self {
        Self {
            fault: &r.fault,
            at_s: since_start(r.at),
            rto_s: r.rto.map(seconds),
            detect_s: r.detect.map(seconds),
            decide_s: r.decide.map(seconds),
            act_s: r.act.map(seconds),
            converge_s: r.converge.map(seconds),
            censored: r.censored,
            objective_s: r.objective.map(seconds),
        }
    }
}

#[derive(Serialize)]
pub(super) struct LossEntry<'a> {
    store: &'a str,
    acked: u64,
    lost_total: u64,
    lost_visible: u64,
    lost_before_fault: u64,
    lost_after_fault: u64,
    at_risk: u64,
    rpo_pre_s: Option<f64>,
    rpo_post_s: Option<f64>,
    announced_bound: Option<u64>,
    lost: Vec<LostEntry<'a>>,
}

impl<'a> LossEntry<'a> {
    pub(super) fn of(s: &'a StoreRecord) -> Self {
        let points = view::recovery_points(s);
        Self {
            store: &s.store,
            acked: s.acked,
            lost_total: s.lost_total,
            lost_visible: s.lost_visible,
            lost_before_fault: s.lost_before_fault,
            lost_after_fault: s.lost_total.saturating_sub(s.lost_before_fault),
            at_risk: s.at_risk,
            rpo_pre_s: points.map(|(before, _)| seconds(before)),
            rpo_post_s: points.map(|(_, after)| seconds(after)),
            announced_bound: s.announced_bound,
            lost: s.lost.iter().map(LostEntry::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct LostEntry<'a> {
    operation: u64,
    key: u32,
    epoch: u32,
    lsn: u64,
    server_acked_s: f64,
    client_acked_s: f64,
    visible: bool,
    last_seen: &'a str,
}

impl<'a> LostEntry<'a> {
    fn of(w: &'a LostWrite) -> Self {
        Self {
            operation: w.operation,
            key: w.key,
            epoch: w.epoch,
            lsn: w.lsn,
            server_acked_s: since_start(w.server_acked),
            client_acked_s: since_start(w.client_acked),
            visible: w.visible,
            last_seen: &w.last_seen,
        }
    }
}

/// Who could write, and which writes were acknowledged by somebody else.
#[derive(Serialize)]
pub(super) struct AuthorityEntry<'a> {
    store: &'a str,
    fences: u64,
    promotions: u64,
    discarded: u64,
    terms: Vec<TermEntry<'a>>,
    stray_total: u64,
    stray: Vec<StrayEntry<'a>>,
}

#[derive(Serialize)]
struct TermEntry<'a> {
    region: &'a str,
    epoch: u32,
    from_s: f64,
    until_s: f64,
    acked: u64,
}

#[derive(Serialize)]
struct StrayEntry<'a> {
    operation: u64,
    key: u32,
    at_s: f64,
    region: &'a str,
    epoch: u32,
    in_force: u32,
}

impl<'a> AuthorityEntry<'a> {
    pub(super) fn of(s: &'a StoreRecord) -> Self {
        let term = |t: &'a WriteTerm| TermEntry {
            region: &t.region,
            epoch: t.epoch,
            from_s: since_start(t.from),
            until_s: since_start(t.until),
            acked: t.acked,
        };
        let stray = |w: &'a StrayWrite| StrayEntry {
            operation: w.operation,
            key: w.key,
            at_s: since_start(w.at),
            region: &w.region,
            epoch: w.epoch,
            in_force: w.in_force,
        };
        let AuthorityRecord { terms, fences, promotions, stray_total, stray: named, discarded } = &s.authority;
        Self {
            store: &s.store,
            fences: *fences,
            promotions: *promotions,
            discarded: *discarded,
            terms: terms.iter().map(term).collect(),
            stray_total: *stray_total,
            stray: named.iter().map(stray).collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct CopyEntry<'a> {
    store: &'a str,
    region: &'a str,
    role: &'static str,
    epoch: u32,
    applied_lsn: u64,
    rows: u64,
    digest: String,
}

impl<'a> CopyEntry<'a> {
    pub(super) fn of_store(s: &'a StoreRecord) -> impl Iterator<Item = Self> {
        s.copies.iter().map(|copy| Self::of(&s.store, copy))
    }

    fn of(store: &'a str, c: &'a CopyRecord) -> Self {
        Self {
            store,
            region: &c.region,
            role: view::role(c.role),
            epoch: c.epoch,
            applied_lsn: c.applied_lsn,
            rows: c.rows,
            digest: format!("{:032x}", c.digest),
        }
    }
}

#[derive(Serialize)]
pub(super) struct FaultEntry<'a> {
    id: &'a str,
    kind: &'a str,
    at_s: Option<f64>,
    healed_s: Option<f64>,
    bit: bool,
    hits: u64,
}

impl<'a> FaultEntry<'a> {
    pub(super) fn of(f: &'a FaultRecord) -> Self {
        Self {
            id: &f.id,
            kind: &f.kind,
            at_s: f.at.map(since_start),
            healed_s: f.healed.map(since_start),
            bit: f.hits > 0,
            hits: f.hits,
        }
    }
}

#[derive(Serialize)]
pub(super) struct LapEntry<'a> {
    procedure: &'static str,
    run: u32,
    step: &'static str,
    start_s: f64,
    took_s: f64,
    budget_s: f64,
    tries: u32,
    result: String,
    note: &'a str,
}

impl<'a> LapEntry<'a> {
    pub(super) fn of(l: &'a Lap) -> Self {
        Self {
            procedure: l.procedure,
            run: l.run,
            step: l.step,
            start_s: since_start(l.start),
            took_s: seconds(l.took),
            budget_s: seconds(l.budget),
            tries: l.tries,
            result: l.result.to_string(),
            note: &l.note,
        }
    }
}

#[derive(Serialize)]
pub(super) struct EventEntry<'a> {
    at_s: f64,
    actor: String,
    name: &'a str,
    text: &'a str,
}

impl<'a> EventEntry<'a> {
    pub(super) fn of(e: &'a TimelineEvent) -> Self {
        Self { at_s: since_start(e.at), actor: e.actor.to_string(), name: &e.name, text: &e.text }
    }
}

#[derive(Serialize)]
pub(super) struct AssumptionEntry<'a> {
    path: &'a str,
    value: &'a str,
    origin: &'a str,
    source: &'a str,
}

impl<'a> AssumptionEntry<'a> {
    pub(super) fn of(a: &'a Assumption) -> Self {
        Self { path: &a.path, value: &a.value, origin: &a.origin, source: &a.source }
    }
}

#[derive(Serialize)]
pub(super) struct StoppedEntry<'a> {
    at_s: f64,
    why: &'a str,
}

impl<'a> StoppedEntry<'a> {
    pub(super) fn of(s: &'a Stopped) -> Self {
        Self { at_s: since_start(s.at), why: &s.why }
    }
}

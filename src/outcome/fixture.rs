//! Made-up outcomes for the tests of everything that reads one: reports, campaigns, the command line.
//!
//! Refuses to be realistic in detail; it is rich, so that each part of a report has something to show.

use super::{Assumption, Availability, Outage, Outcome, PropertyOutcome, Recovery, Stopped, Verdict};
use crate::record::event::{Event, FaultEvent, PlatformEvent, ProcedureEvent, Prose, WatchEvent};
use crate::record::{
    Actor, AuthorityRecord, CopyRecord, CopyRole, Digest, FailureCounts, FailureReason, FaultReach, FaultRecord,
    HistoryCut, Holder, Lap, LapResult, LossBound, LostWrite, Objective, Record, RequestTotals, Sample, ServiceClass,
    Signal, SignalUnit, Spell, StoreRecord, Timeline, TimelineEvent, Unanswered, View, Whereabouts,
};
use crate::units::{Instant, Ratio, Span};

/// A region goes dark at 5 min; the service is back after 4 m 12.4 s; 100 writes are lost, which was expected.
pub(crate) fn outage(seed: u64) -> Outcome {
    Outcome {
        scenario: "West Europe goes dark".to_owned(),
        file: "scenarios/regions/dark.yaml".to_owned(),
        settings: vec!["dns.ttl=60s".to_owned()],
        schedule: None,
        description: "A region outage during the dual-write week.".to_owned(),
        source: "firedrill: 1\n".to_owned(),
        tool_version: super::TOOL_VERSION.to_owned(),
        verdict: Verdict::Fail,
        as_expected: true,
        properties: vec![rto(seed), no_loss(), errors()],
        recovery: vec![recovery(seed)],
        outages: vec![Outage {
            class: "users.api.read".to_owned(),
            promised: Ratio::from_percent(99),
            within: at(10),
            from: Instant::from_secs(300),
            last: Instant::from_secs(552),
            asked: Instant::from_secs(552),
            answered: Some(Instant::from_secs(300) + recovery_time(seed)),
            until: Some(Instant::from_secs(300) + recovery_time(seed)),
            unserved: 10_000,
            requests: 126_000,
            certain: true,
            planned: false,
            causes: vec!["fault.dark".to_owned()],
            bounded_by: Some("rto".to_owned()),
        }],
        findings: Vec::new(),
        availability: Availability {
            ok: 1_190_000,
            started: 1_200_000,
            good_slots: 2_148,
            slots: 2_400,
            longest_bad: at(252),
        },
        stopped: None,
        warnings: vec!["fault `cold` did not bite: it affected no operation, so it proves nothing".to_owned()],
        doubts: Vec::new(),
        assumptions: assumptions(),
        record: record(seed),
    }
}

/// The same scenario on a day everything holds.
pub(crate) fn quiet(seed: u64) -> Outcome {
    let mut outcome = outage(seed);
    outcome.verdict = Verdict::Pass;
    outcome.warnings.clear();
    outcome.properties.retain(|p| p.verdict == Verdict::Pass);
    outcome.record.stores[0] = StoreRecord {
        lost_total: 0,
        lost_visible: 0,
        whereabouts: Whereabouts::default(),
        cuts: Vec::new(),
        lost: Vec::new(),
        ..outcome.record.stores[0].clone()
    };
    outcome
}

/// A run that stopped before it could be judged.
pub(crate) fn stalled(seed: u64) -> Outcome {
    let mut outcome = outage(seed);
    outcome.verdict = Verdict::Inconclusive;
    outcome.as_expected = false;
    outcome.stopped =
        Some(Stopped { at: Instant::from_secs(620), why: "`region_failover` waits for `people` forever".to_owned() });
    for property in &mut outcome.properties {
        property.verdict = Verdict::Inconclusive;
        (property.measured, property.margin, property.at) = (None, None, None);
        property.exercised = 0;
        property.why = "the run ended before it could be judged".to_owned();
    }
    outcome.recovery[0] =
        Recovery { rto: None, decide: None, act: None, converge: None, censored: true, ..outcome.recovery[0].clone() };
    outcome
}

/// The outage with `poison` in each place where a scenario's author can put text.
pub(crate) fn hostile(poison: &str) -> Outcome {
    let mut outcome = outage(7);
    let text = || poison.to_owned();
    (outcome.scenario, outcome.file, outcome.description, outcome.source) = (text(), text(), text(), text());
    (outcome.settings, outcome.warnings) = (vec![text()], vec![text()]);
    for property in &mut outcome.properties {
        (property.id, property.demand, property.bound, property.why) = (text(), text(), text(), text());
        property.measured = Some(text());
    }
    for assumption in &mut outcome.assumptions {
        *assumption = Assumption { path: text(), value: text(), origin: text(), source: text() };
    }
    outcome.recovery[0].fault = text();
    for fault in &mut outcome.record.faults {
        (fault.id, fault.kind) = (text(), text());
    }
    for lap in &mut outcome.record.laps {
        lap.note = text();
    }
    let store = &mut outcome.record.stores[0];
    store.store = text();
    store.lost[0].last_seen = text();
    store.copies[0].region = text();
    let mut timeline = Timeline::default();
    timeline.push_told(Instant::ZERO, Actor::World, text(), text());
    outcome.record.timeline = timeline;
    outcome.stopped = Some(Stopped { at: Instant::from_secs(1), why: text() });
    outcome
}

const fn at(secs: u64) -> Span {
    Span::from_secs(secs)
}

fn millis(ms: u64) -> Instant {
    Instant::from_nanos(ms * 1_000_000)
}

/// The seed moves the moment of recovery by a millisecond, so that seeds differ.
fn recovery_time(seed: u64) -> Span {
    Span::from_millis(252_400 + seed % 1_000)
}

fn rto(seed: u64) -> PropertyOutcome {
    PropertyOutcome {
        id: "rto".to_owned(),
        kind: "recovers",
        demand: "after `fault.dark`, `success >= 99%` again within 15m, stable for 2m".to_owned(),
        verdict: Verdict::Pass,
        expected: Verdict::Pass,
        within: None,
        beyond: false,
        bound: "15m".to_owned(),
        measured: Some("4m 12.4s".to_owned()),
        margin: Some(1.0 - recovery_time(seed).as_secs_f64() / 900.0),
        at: Some(Instant::from_secs(300) + recovery_time(seed)),
        exercised: 1,
        why: "it held again 4m 12.4s after `fault.dark`".to_owned(),
        comparison: None,
    }
}

fn no_loss() -> PropertyOutcome {
    PropertyOutcome {
        id: "no_loss".to_owned(),
        kind: "ledger",
        demand: "no acknowledged write is lost".to_owned(),
        verdict: Verdict::Fail,
        expected: Verdict::Fail,
        within: None,
        beyond: false,
        bound: "0 lost".to_owned(),
        measured: Some("100 lost".to_owned()),
        margin: Some(-1.0),
        at: Some(millis(300_010)),
        exercised: 240_000,
        why: "100 acknowledged writes of `orders` are in no surviving copy".to_owned(),
        comparison: None,
    }
}

fn errors() -> PropertyOutcome {
    PropertyOutcome {
        id: "errors".to_owned(),
        kind: "at_most",
        demand: "`failed / started` is at most 5%".to_owned(),
        verdict: Verdict::Pass,
        expected: Verdict::Pass,
        within: None,
        beyond: false,
        bound: "5%".to_owned(),
        measured: Some("0.83%".to_owned()),
        margin: Some(0.834),
        at: None,
        exercised: 1_200_000,
        why: "0.83% of 1200000 requests failed".to_owned(),
        comparison: None,
    }
}

fn recovery(seed: u64) -> Recovery {
    Recovery {
        fault: "dark".to_owned(),
        at: Instant::from_secs(300),
        rto: Some(recovery_time(seed)),
        first_back: Some(recovery_time(seed)),
        outages: 1,
        class: "users.api.read".to_owned(),
        criterion: "99% served within 10s, stable for 1m".to_owned(),
        resolution: Span::ZERO,
        with_planned: None,
        healed_by_itself: false,
        detect: Some(at(70)),
        decide: Some(at(120)),
        act: Some(at(45)),
        converge: Some(recovery_time(seed).saturating_sub(at(235))),
        consent_acting: Span::ZERO,
        consent_converging: Span::ZERO,
        censored: false,
        objective: Some(Span::from_mins(15)),
    }
}

fn assumptions() -> Vec<Assumption> {
    let row = |path: &str, value: &str, origin: &str, source: &str| Assumption {
        path: path.to_owned(),
        value: value.to_owned(),
        origin: origin.to_owned(),
        source: source.to_owned(),
    };
    vec![
        row("dns.ttl", "60s", "--set", ""),
        row("databases.orders.delay", "200ms", "file", ""),
        row("monitoring.scrape", "15s", "default", "Prometheus documentation, scrape_interval in common use"),
    ]
}

fn record(seed: u64) -> Record {
    let mut digest = Digest::default();
    digest.note(Instant::from_secs(300), 1, 2, seed, 3);
    Record {
        seed,
        digest,
        events: 3_612_044,
        workload_end: Instant::from_secs(2_400),
        end: Instant::from_secs(2_460),
        timeline: timeline(),
        laps: laps(),
        signals: signals(),
        objective: Objective {
            stable: at(60),
            declared: true,
            classes: vec![ServiceClass {
                name: "users.api.read".to_owned(),
                served: Ratio::from_percent(99),
                within: at(10),
                drill: false,
            }],
        },
        silent: Vec::new(),
        maintenance: Vec::new(),
        requests: requests(),
        stores: vec![orders()],
        faults: faults(),
    }
}

/// One value before the outage, one during it, one while service returns, one after: as (second, dividend, divisor).
fn signals() -> Vec<Signal> {
    let signal = |name: &str, unit, view, points: &[(u64, u64, u64)]| {
        let mut signal = Signal::new(name, unit, view);
        points.iter().for_each(|&(t, part, whole)| signal.set(Instant::from_secs(t), Sample::quotient(part, whole)));
        signal
    };
    let truth = |name, unit, points: [(u64, u64, u64); 4]| signal(name, unit, View::Truth, &points);
    let (ms, per_second, share) = (1_000_000, SignalUnit::PerSecond, SignalUnit::Ratio);
    let (count, nanos) = (SignalUnit::Count, SignalUnit::Nanoseconds);
    vec![
        truth("attempts", per_second, [(0, 505, 1), (300, 900, 1), (520, 610, 1), (552, 503, 1)]),
        truth("db.orders.lag", nanos, [(0, 200 * ms, 1), (300, 0, 0), (520, 0, 0), (1_500, 250 * ms, 1)]),
        truth("db.orders.writable", count, [(0, 1, 1), (300, 0, 1), (524, 1, 1), (1_500, 1, 1)]),
        truth("dns.share.northeurope", share, [(0, 0, 10), (524, 3, 10), (540, 9, 10), (552, 10, 10)]),
        truth("dns.share.westeurope", share, [(0, 10, 10), (524, 7, 10), (540, 1, 10), (552, 0, 10)]),
        truth("errors", share, [(0, 0, 500), (300, 500, 500), (520, 100, 500), (552, 1, 500)]),
        truth("failed.dark", per_second, [(0, 0, 1), (300, 100, 1), (520, 20, 1), (552, 0, 1)]),
        truth("failed.limited", per_second, [(0, 0, 1), (300, 0, 1), (520, 0, 1), (552, 0, 1)]),
        truth("failed.timed_out", per_second, [(0, 0, 1), (300, 400, 1), (520, 80, 1), (552, 1, 1)]),
        truth("goodput", per_second, [(0, 500, 1), (300, 0, 1), (520, 400, 1), (552, 499, 1)]),
        truth("latency.p50", nanos, [(0, 80 * ms, 1), (300, 0, 0), (520, 300 * ms, 1), (552, 82 * ms, 1)]),
        truth("latency.p95", nanos, [(0, 210 * ms, 1), (300, 0, 0), (520, 2_000 * ms, 1), (552, 215 * ms, 1)]),
        truth("latency.p99", nanos, [(0, 320 * ms, 1), (300, 0, 0), (520, 4_900 * ms, 1), (552, 330 * ms, 1)]),
        truth("offered", per_second, [(0, 500, 1), (300, 500, 1), (520, 500, 1), (2_400, 0, 1)]),
        truth("region.northeurope.ok", per_second, [(0, 0, 1), (300, 0, 1), (520, 400, 1), (552, 499, 1)]),
        truth("region.westeurope.ok", per_second, [(0, 500, 1), (300, 0, 1), (520, 0, 1), (552, 0, 1)]),
        signal("seen.westeurope.api.errors", share, View::Control, &[(15, 0, 100), (315, 96, 100), (330, 0, 0)]),
        truth("service.northeurope.api.busy", share, [(0, 0, 64), (524, 60, 64), (552, 40, 64), (600, 33, 64)]),
        truth("service.northeurope.api.queue", count, [(0, 0, 1), (524, 900, 1), (552, 12, 1), (600, 0, 1)]),
        truth("success", share, [(0, 500, 500), (300, 0, 500), (520, 400, 500), (552, 499, 500)]),
    ]
}

fn requests() -> RequestTotals {
    RequestTotals {
        started: 1_200_000,
        ok: 1_190_000,
        by_drills: 0,
        served: 1_190_000,
        missing: 0,
        failed: 9_200,
        unknown: 800,
        reasons: reasons(),
        attempts: 1_231_004,
        latency_p50: Span::from_millis(81),
        latency_p95: Span::from_millis(214),
        latency_p99: Span::from_nanos(322_123_456),
        latency_max: Span::from_secs(5),
        latency_mean: Span::from_nanos(96_333_333),
        latency_of_all: [Some(Span::from_millis(82)), Some(Span::from_millis(231)), Some(Span::from_millis(980))],
    }
}

fn reasons() -> FailureCounts {
    let mut reasons = FailureCounts::default();
    reasons.add(FailureReason::Dark, 9_100);
    reasons.add(FailureReason::Refused, 100);
    reasons.add(FailureReason::TimedOut, 800);
    reasons
}

fn timeline() -> Timeline {
    let mut timeline = Timeline::default();
    let mut push = |secs, event: Event| timeline.push(TimelineEvent::new(Instant::from_secs(secs), event));
    let (fault, effect) = (|| "dark".to_owned(), |text: &str| Prose::from(text));
    let (region, procedure) = (|| "westeurope".to_owned(), || "region_failover".to_owned());
    let alarm = WatchEvent::Detected {
        region: region(),
        state: "failing".into(),
        evidence: "api: 96 of 100 requests failed, above 5%".into(),
    };
    let why = "api failing for 1m 30s".into();
    push(300, FaultEvent::Began { fault: fault(), effect: effect("westeurope goes dark"), occurrence: None }.into());
    push(370, alarm.into());
    push(490, WatchEvent::Decided { procedure: procedure(), region: region(), why }.into());
    push(490, ProcedureEvent::Started { procedure: procedure(), does: "leaves a region for another".into() }.into());
    push(535, PlatformEvent::Served { region: "northeurope".to_owned() }.into());
    push(535, ProcedureEvent::Done { procedure: procedure(), steps: 3 }.into());
    push(1_500, FaultEvent::Healed { fault: fault(), effect: effect("westeurope goes dark"), occurrence: None }.into());
    timeline
}

fn laps() -> Vec<Lap> {
    let lap = |step: &str, start, took, budget, tries, result, note: &str| Lap {
        procedure: "region_failover",
        run: 1,
        step: step.to_owned(),
        start: millis(start),
        took: Span::from_millis(took),
        budget: at(budget),
        tries,
        result,
        note: note.to_owned(),
    };
    vec![
        lap("detect_failure", 490_000, 3_200, 30, 1, LapResult::Done, "3 of 3 readings fail"),
        lap("activate_secondary", 493_200, 31_000, 30, 2, LapResult::OverBudget, "northeurope took over after a retry"),
        lap("verify_data_sync", 524_200, 10_800, 60, 1, LapResult::Done, "orders leads in northeurope"),
    ]
}

fn orders() -> StoreRecord {
    let copy = |region: &str, epoch, applied_lsn, role| CopyRecord {
        region: region.to_owned(),
        epoch,
        applied_lsn,
        rows: 100_000,
        digest: 0x0123_4567_89ab_cdef_0011_2233_4455_6677,
        role,
    };
    StoreRecord {
        store: "orders".to_owned(),
        acked: 240_000,
        at_stake: 4_100,
        lost_total: 100,
        lost_visible: 97,
        whereabouts: Whereabouts {
            held: 60,
            held_by_the_dead: 39,
            nowhere: 1,
            holders: vec![
                Holder { region: "swedencentral".to_owned(), writes: 60, was_up: true },
                Holder { region: "westeurope".to_owned(), writes: 99, was_up: false },
            ],
        },
        unanswered: Unanswered { refused: 7_300, never_stored: 410, stored: 25, gone: 12 },
        cuts: vec![HistoryCut {
            at: Instant::from_secs(330),
            from: "westeurope".to_owned(),
            to: Some("northeurope".to_owned()),
            outage: Some(Instant::from_secs(300)),
            lost: 100,
            lost_before: 99,
            first_lost: Some(millis(299_810)),
            last_server_acked: Some(millis(300_002)),
            last_lost_after: Some(millis(300_010)),
        }],
        lost: vec![LostWrite {
            operation: 149_812,
            key: 4_711,
            epoch: 1,
            lsn: 29_901,
            server_acked: millis(299_790),
            client_acked: millis(299_810),
            visible: true,
            cut: 0,
            last_seen: "westeurope".to_owned(),
            held_by: vec!["swedencentral".to_owned(), "westeurope".to_owned()],
        }],
        announced: Some(LossBound { if_dead: 120, if_alive: 150 }),
        copies: vec![
            copy("westeurope", 1, 30_000, CopyRole::Diverged),
            copy("northeurope", 2, 229_900, CopyRole::Authority),
        ],
        authority: AuthorityRecord::default(),
    }
}

fn faults() -> Vec<FaultRecord> {
    let fault = |id: &str, kind: &str, at, healed, hits| FaultRecord {
        id: id.to_owned(),
        kind: kind.to_owned(),
        at: Some(Instant::from_secs(at)),
        healed: Some(Instant::from_secs(healed)),
        hits,
        reach: FaultReach::Direct,
        touched: hits,
        spells: vec![Spell { from: Instant::from_secs(at), until: Some(Instant::from_secs(healed)) }],
        random: false,
        optional: false,
    };
    vec![
        fault("dark", "region_outage", 300, 1_500, 31_004),
        fault("cold", "cache_flush", 600, 601, 0),
        FaultRecord {
            at: None,
            healed: None,
            random: true,
            reach: FaultReach::Control,
            spells: Vec::new(),
            ..fault("late", "dns_api_down", 0, 0, 0)
        },
    ]
}

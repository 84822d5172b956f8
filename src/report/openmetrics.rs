//! `metrics.txt`: the figures of a run as OpenMetrics text, for dashboards that follow rehearsals over time.
//!
//! Does not know when it is scraped: samples carry no timestamps, and virtual time is a figure like any other.
//!
//! Invariant: every family is declared once, before its samples; a name ends in its unit; the file ends with `# EOF`.
//! Source: OpenMetrics 1.0, text format.

use super::text::{clean, cut};
use super::{Format, Look};
use crate::explore::Campaign;
use crate::outcome::{Outcome, Verdict, six_digits};
use crate::record::Reach;
use crate::report::view::{recovery_points, unanswered};
use crate::units::Span;
use std::fmt::Write;

/// The longest a label's value gets. Unit: characters.
const LONGEST: usize = 300;

pub(super) struct OpenMetrics;

impl Format for OpenMetrics {
    fn name(&self) -> &'static str {
        "openmetrics"
    }
    fn file(&self) -> Option<&'static str> {
        Some("metrics.txt")
    }
    fn run(&self, outcome: &Outcome, _: Look) -> Vec<u8> {
        let mut out = Exposition::default();
        identity(&mut out, outcome);
        properties(&mut out, outcome);
        recovery(&mut out, outcome);
        service(&mut out, outcome);
        ledger(&mut out, outcome);
        plan(&mut out, outcome);
        out.into_bytes()
    }
    fn campaign(&self, campaign: &Campaign, _: Look) -> Vec<u8> {
        let mut out = Exposition::default();
        counts(&mut out, campaign);
        spread(&mut out, campaign);
        out.into_bytes()
    }
}

/// What a family of metrics is.
#[derive(Clone, Copy)]
enum Type {
    Gauge,
    Counter,
    Info,
    StateSet,
    Summary,
}

#[derive(Default)]
struct Exposition {
    out: String,
    family: &'static str,
}

type Labels<'a> = &'a [(&'static str, &'a str)];

impl Exposition {
    /// Begins a family. `unit`, unless empty, is the end of its name.
    fn family(&mut self, name: &'static str, kind: Type, unit: &'static str, help: &'static str) {
        debug_assert!(unit.is_empty() || name.ends_with(unit), "{name} must end in its unit");
        let kind = match kind {
            Type::Gauge => "gauge",
            Type::Counter => "counter",
            Type::Info => "info",
            Type::StateSet => "stateset",
            Type::Summary => "summary",
        };
        let _ = writeln!(self.out, "# TYPE {name} {kind}");
        if !unit.is_empty() {
            let _ = writeln!(self.out, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.out, "# HELP {name} {help}");
        self.family = name;
    }

    fn sample(&mut self, suffix: &'static str, labels: Labels<'_>, value: impl std::fmt::Display) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.out, "{}{suffix}{labels} {value}", self.family);
    }

    fn seconds(&mut self, labels: Labels<'_>, span: Option<Span>) {
        if let Some(span) = span {
            self.sample("", labels, six_digits(span.as_secs_f64()));
        }
    }

    fn into_bytes(mut self) -> Vec<u8> {
        self.out.push_str("# EOF\n");
        self.out.into_bytes()
    }
}

/// A label's value: one line, with backslashes and quotes escaped.
fn escaped(text: &str) -> String {
    cut(clean(text).trim(), LONGEST).replace('\\', "\\\\").replace('"', "\\\"")
}

const VERDICTS: [Verdict; 3] = [Verdict::Pass, Verdict::Fail, Verdict::Inconclusive];

fn identity(out: &mut Exposition, outcome: &Outcome) {
    let record = &outcome.record;
    out.family("firedrill_run", Type::Info, "", "The rehearsal.");
    let (seed, digest) = (record.seed.to_string(), record.digest.to_string());
    let labels = [
        ("scenario", outcome.scenario.as_str()),
        ("file", outcome.file.as_str()),
        ("seed", seed.as_str()),
        ("digest", digest.as_str()),
        ("version", outcome.tool_version.as_str()),
    ];
    out.sample("_info", &labels, 1);
    out.family("firedrill_verdict", Type::StateSet, "", "All properties together.");
    for verdict in VERDICTS {
        let labels = [("firedrill_verdict", verdict.to_string())];
        out.sample("", &[(labels[0].0, &labels[0].1)], u8::from(outcome.verdict == verdict));
    }
    out.family("firedrill_as_expected", Type::Gauge, "", "1 if every verdict is the expected one.");
    out.sample("", &[], u8::from(outcome.as_expected));
    out.family("firedrill_virtual_time_seconds", Type::Gauge, "seconds", "How long the run was.");
    out.seconds(&[], Some(record.end.since(crate::units::Instant::ZERO)));
}

fn properties(out: &mut Exposition, outcome: &Outcome) {
    out.family("firedrill_property_verdict", Type::StateSet, "", "The verdict of each property.");
    for p in &outcome.properties {
        for verdict in VERDICTS {
            let labels = [("property", p.id.as_str()), ("firedrill_property_verdict", &verdict.to_string())];
            out.sample("", &labels, u8::from(p.verdict == verdict));
        }
    }
    out.family(
        "firedrill_property_margin_ratio",
        Type::Gauge,
        "ratio",
        "Margin relative to the bound; below zero is violated.",
    );
    for p in &outcome.properties {
        if let Some(margin) = p.margin.filter(|margin| margin.is_finite()) {
            out.sample("", &[("property", &p.id)], six_digits(margin));
        }
    }
    out.family("firedrill_property_exercised", Type::Gauge, "", "How often the property was exercised.");
    for p in &outcome.properties {
        out.sample("", &[("property", &p.id)], p.exercised);
    }
}

fn recovery(out: &mut Exposition, outcome: &Outcome) {
    out.family("firedrill_recovery_seconds", Type::Gauge, "seconds", "From a fault to stable good service.");
    for r in &outcome.recovery {
        out.seconds(&[("fault", &r.fault)], r.rto);
    }
    let help = "The strictest demand on the time to recover from a fault.";
    out.family("firedrill_recovery_objective_seconds", Type::Gauge, "seconds", help);
    for r in &outcome.recovery {
        out.seconds(&[("fault", &r.fault)], r.objective);
    }
    out.family("firedrill_recovery_phase_seconds", Type::Gauge, "seconds", "The parts of a recovery time.");
    for r in &outcome.recovery {
        for (phase, took) in [("detect", r.detect), ("decide", r.decide), ("act", r.act), ("converge", r.converge)] {
            out.seconds(&[("fault", &r.fault), ("phase", phase)], took);
        }
    }
}

fn service(out: &mut Exposition, outcome: &Outcome) {
    let (r, a) = (&outcome.record.requests, &outcome.availability);
    out.family("firedrill_requests", Type::Counter, "", "Client requests by outcome.");
    for (outcome, n) in [("ok", r.ok), ("failed", r.failed), ("unknown", r.unknown)] {
        out.sample("_total", &[("outcome", outcome)], n);
    }
    out.family("firedrill_attempts", Type::Counter, "", "Attempts at requests, retries included.");
    out.sample("_total", &[], r.attempts);
    out.family("firedrill_latency_seconds", Type::Summary, "seconds", "Latency of the requests that were answered.");
    if r.ok > 0 {
        for (quantile, span) in [("0.5", r.latency.p50), ("0.95", r.latency.p95), ("0.99", r.latency.p99)] {
            out.seconds(&[("quantile", quantile)], Some(span));
        }
    }
    out.sample("_count", &[], r.ok);
    out.sample("_sum", &[], six_digits(r.latency.mean.as_secs_f64() * r.ok as f64));
    out.family("firedrill_availability_ratio", Type::Gauge, "ratio", "Share of good requests, and of good seconds.");
    for (by, part, whole) in [("requests", a.ok, a.started), ("seconds", a.good_slots, a.slots)] {
        if whole > 0 {
            out.sample("", &[("by", by)], six_digits(part as f64 / whole as f64));
        }
    }
    out.family("firedrill_longest_outage_seconds", Type::Gauge, "seconds", "The longest run of bad seconds.");
    out.seconds(&[], Some(a.longest_bad));
}

fn ledger(out: &mut Exposition, outcome: &Outcome) {
    let stores = &outcome.record.stores;
    type Figure = fn(&crate::record::StoreRecord) -> u64;
    let families: [(&'static str, &'static str, Figure); 5] = [
        ("firedrill_writes_acknowledged", "Writes acknowledged to clients.", |s| s.acked),
        ("firedrill_writes_lost", "Acknowledged writes not in the leading history.", |s| s.lost_total),
        ("firedrill_writes_lost_visible", "Lost writes that a reader could notice.", |s| s.lost_visible),
        ("firedrill_writes_without_authority", "Writes acknowledged outside any term of authority.", |s| {
            s.authority.stale_epoch_total
        }),
        ("firedrill_writes_lost_everywhere", "Acknowledged writes in no copy at all.", |s| s.whereabouts.nowhere),
    ];
    for (name, help, figure) in families {
        out.family(name, Type::Counter, "", help);
        for store in stores {
            out.sample("_total", &[("database", &store.store)], figure(store));
        }
    }
    let help = "Unacknowledged writes by outcome.";
    out.family("firedrill_writes_not_acknowledged", Type::Counter, "", help);
    for store in stores {
        for (fate, writes) in unanswered(&store.unanswered) {
            out.sample("_total", &[("database", &store.store), ("fate", fate)], writes);
        }
    }
    out.family("firedrill_writes_lost_held", Type::Counter, "", "Lost writes held by a diverged copy.");
    for store in stores {
        for holder in &store.whereabouts.holders {
            let was_up = if holder.was_up { "yes" } else { "no" };
            let labels = [("database", store.store.as_str()), ("region", &holder.region), ("was_up", was_up)];
            out.sample("_total", &labels, holder.writes);
        }
    }
    recovery_point(out, stores);
}

fn recovery_point(out: &mut Exposition, stores: &[crate::record::StoreRecord]) {
    let help = "Reach of the loss before and after the fault.";
    out.family("firedrill_recovery_point_seconds", Type::Gauge, "seconds", help);
    for store in stores {
        let Some(Reach { before, after }) = recovery_points(store) else { continue };
        for (side, span) in [("before", before), ("after", after)] {
            out.seconds(&[("database", &store.store), ("side", side)], Some(span));
        }
    }
}

fn plan(out: &mut Exposition, outcome: &Outcome) {
    out.family("firedrill_fault_hits", Type::Counter, "", "Operations affected by a fault; 0 proves nothing.");
    for fault in &outcome.record.faults {
        out.sample("_total", &[("fault", &fault.id), ("kind", &fault.kind)], fault.hits);
    }
    for (name, help, budget) in [
        ("firedrill_step_seconds", "Duration of each step of a procedure.", false),
        ("firedrill_step_budget_seconds", "Budget of each step of a procedure.", true),
    ] {
        out.family(name, Type::Gauge, "seconds", help);
        for (i, lap) in outcome.record.laps.iter().enumerate() {
            let (number, run, result) = ((i + 1).to_string(), lap.run.to_string(), lap.result.to_string());
            let labels = [
                ("lap", number.as_str()),
                ("procedure", &lap.procedure),
                ("run", run.as_str()),
                ("step", &lap.step),
                ("result", result.as_str()),
            ];
            out.seconds(&labels, Some(if budget { lap.budget } else { lap.took }));
        }
    }
}

fn counts(out: &mut Exposition, campaign: &Campaign) {
    let by_verdict = |c: &crate::explore::Counts| {
        [("pass", c.pass), ("fail", c.fail), ("inconclusive", c.inconclusive), ("internal_error", c.broken)]
    };
    out.family("firedrill_campaign_runs", Type::Gauge, "", "Runs by verdict.");
    for (verdict, n) in by_verdict(&campaign.summary.runs) {
        out.sample("", &[("verdict", verdict)], n);
    }
    out.family("firedrill_campaign_runs_as_expected", Type::Gauge, "", "Runs with the expected verdict.");
    out.sample("", &[], campaign.summary.as_expected);
    out.family("firedrill_campaign_property_runs", Type::Gauge, "", "Runs by verdict of each property.");
    for p in &campaign.summary.properties {
        for (verdict, n) in by_verdict(&p.verdicts).into_iter().take(3) {
            out.sample("", &[("property", &p.id), ("verdict", verdict)], n);
        }
    }
    let help = "The smallest margin of each property over all runs.";
    out.family("firedrill_campaign_worst_margin_ratio", Type::Gauge, "ratio", help);
    for p in &campaign.summary.properties {
        if let Some((margin, seed)) = p.worst.filter(|(margin, _)| margin.is_finite()) {
            out.sample("", &[("property", &p.id), ("seed", &seed.to_string())], six_digits(margin));
        }
    }
}

fn spread(out: &mut Exposition, campaign: &Campaign) {
    let help = "Recovery times over all runs that recovered.";
    out.family("firedrill_campaign_recovery_seconds", Type::Gauge, "seconds", help);
    for r in &campaign.summary.recovery {
        for (figure, span) in [("min", r.min), ("median", r.median), ("max", r.max)] {
            out.seconds(&[("fault", &r.fault), ("figure", figure)], span);
        }
    }
    out.family("firedrill_campaign_not_recovered", Type::Gauge, "", "Runs that ended before recovery.");
    for r in &campaign.summary.recovery {
        out.sample("", &[("fault", &r.fault)], r.censored);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::fixture;
    use std::collections::BTreeSet;

    fn written(outcome: &Outcome) -> String {
        String::from_utf8(OpenMetrics.run(outcome, Look::PLAIN)).unwrap()
    }

    /// The rules a scraper rejects a whole file for.
    fn check(text: &str) {
        assert!(text.ends_with("\n# EOF\n") && text.matches("# EOF").count() == 1);
        let (mut families, mut samples) = (BTreeSet::new(), BTreeSet::new());
        let mut family = "";
        for line in text.lines().filter(|line| *line != "# EOF") {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                family = rest.split(' ').next().unwrap();
                assert!(families.insert(family), "{family} is declared twice");
            } else if let Some(rest) = line.strip_prefix("# UNIT ") {
                let unit = rest.split(' ').nth(1).unwrap();
                assert!(family.ends_with(&format!("_{unit}")), "{rest}");
            } else if !line.starts_with("# HELP ") {
                assert!(line.starts_with(family), "{line} belongs to {family}");
                let (name, value) = line.rsplit_once(' ').unwrap();
                assert!(value.parse::<f64>().is_ok(), "{line}");
                assert!(samples.insert(name.to_owned()), "{name} is there twice");
            }
        }
    }

    #[test]
    fn the_text_follows_the_rules_and_holds_the_figures() {
        let text = written(&fixture::outage(7));
        check(&text);
        for line in [
            "firedrill_verdict{firedrill_verdict=\"fail\"} 1",
            "firedrill_recovery_seconds{fault=\"dark\"} 283.076",
            "firedrill_recovery_phase_seconds{fault=\"dark\",phase=\"decide\"} 217.664",
            "firedrill_requests_total{outcome=\"unknown\"} 2037",
            "firedrill_writes_lost_total{database=\"orders\"} 18",
            "firedrill_property_margin_ratio{property=\"no_loss\"} -0.0292683",
            "firedrill_fault_hits_total{fault=\"cold\",kind=\"monitoring_blackout\"} 0",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is missing from\n{text}");
        }
    }

    #[test]
    fn what_is_not_known_has_no_sample() {
        let text = written(&fixture::stalled(7));
        check(&text);
        assert!(!text.contains("firedrill_recovery_seconds{") && !text.contains("margin_ratio{property=\"rto\"}"));
    }

    #[test]
    fn a_campaign_follows_the_rules_too() {
        let campaign = explore::run(0..4, None, fixture::spaced).unwrap();
        let text = String::from_utf8(OpenMetrics.campaign(&campaign, Look::PLAIN)).unwrap();
        check(&text);
        assert!(text.contains("firedrill_campaign_runs{verdict=\"fail\"} 4\n"), "{text}");
        assert!(text.contains("firedrill_campaign_property_runs{property=\"rto\",verdict=\"pass\"} 4\n"), "{text}");
    }

    #[test]
    fn labels_are_escaped() {
        assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c d");
    }
}

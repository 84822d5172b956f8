//! Populations of clients: what each kind reads as, and what is said of a unusable recording.

use super::super::{Catalogs, Files, explain, load_with_files};
use super::{SMALL, found, plan, planned, shown, try_load};
use crate::kernel::Distribution;
use crate::model::plan::{Arrivals, Readable, Spacing, TraceKind};
use crate::policy::{BreakerSettings, Jitter};
use crate::units::{Instant, Rate, Ratio, Span};
use std::io::{self, BufRead, Cursor};
use std::sync::Arc;

/// One file, called `load.csv`.
struct One(&'static str);

#[derive(Debug)]
struct Text(&'static str);

impl Files for One {
    fn find(&self, path: &str) -> Result<Arc<dyn Readable>, String> {
        if path == "load.csv" { Ok(Arc::new(Text(self.0))) } else { Err("no such file".to_owned()) }
    }
}

impl Readable for Text {
    fn open(&self) -> io::Result<Box<dyn BufRead>> {
        Ok(Box::new(Cursor::new(self.0)))
    }
}

fn with(workload: &str) -> String {
    SMALL.replace("- open: {rate: 100/s}", workload)
}

fn arrivals(how: &str) -> Arrivals {
    plan(&with(&format!("- open: {{rate: 100/s, arrivals: {how}}}"))).world.workloads.remove(0).arrivals
}

#[test]
fn arrivals_of_every_kind_are_read() {
    let base = Rate::per_second(100);
    assert_eq!(arrivals("poisson"), Arrivals::Poisson(base));
    assert_eq!(arrivals("constant"), Arrivals::Constant(base));
    let Arrivals::Diurnal(day) = arrivals("{diurnal: {peak: 400%, starts_at: 9h}}") else { panic!() };
    assert_eq!(
        (day.peak, day.peak_at, day.starts_at),
        (Ratio::from_percent(400), Span::from_secs(14 * 3_600), Span::from_secs(9 * 3_600))
    );
    let Arrivals::Bursts(bursts) = arrivals("{burst: {lasts: 10s, every: {exponential: 5m}}}") else { panic!() };
    assert_eq!((bursts.spacing, bursts.factor), (Spacing::Poisson, Ratio::from_percent(500)));
    assert_eq!(bursts.every, Distribution::Exponential { mean: Span::from_mins(5) });
    let steps = arrivals("{steps: {to: {2m: 50/s, 1m: 200/s}, spacing: even}}");
    let at = |seconds, rate| (Instant::from_secs(seconds), Rate::per_second(rate));
    assert_eq!(steps, Arrivals::Steps(Spacing::Even, vec![at(0, 100), at(60, 200), at(120, 50)]));
}

#[test]
fn arrivals_that_cannot_be_are_refused_at_their_place() {
    for (how, code) in [
        ("{diurnal: {peak: 50%}}", "FD0106"),
        ("{diurnal: {peak_at: 24h}}", "FD0106"),
        ("{diurnal: {starts_at: 30h}}", "FD0106"),
        ("{burst: {lasts: 10s}}", "FD0103"),
        ("{steps: {to: {soon: 5/s}}}", "FD0105"),
        ("{steps: {to: {60s: 5/s, 1m: 6/s}}}", "FD0109"),
        ("{steps: {to: {0s: 5/s}}}", "FD0109"),
        ("{weekly: {}}", "FD0108"),
    ] {
        let text = with(&format!("- open: {{rate: 100/s, arrivals: {how}}}"));
        let codes: Vec<_> = found(&text, &[]).into_iter().map(|(code, line, _)| (code, line)).collect();
        assert_eq!(codes, [(code, 9)], "{how}");
    }
}

#[test]
fn closed_users_journeys_hedges_and_breakers_are_read() {
    let text = with(
        "- closed: {users: 20, think: {exponential: 5s}, hedge: 200ms, breaker: {probes: 3}, journey: [api, {does: write, think: 1s}]}",
    );
    let workload = plan(&text).world.workloads.remove(0);
    let Arrivals::Closed(closed) = &workload.arrivals else { panic!() };
    assert_eq!((closed.users, &closed.think), (20, &Distribution::Exponential { mean: Span::from_secs(5) }));
    assert_eq!((workload.name.as_str(), workload.hedge), ("closed", Some(Span::from_millis(200))));
    let breaker = workload.breaker.unwrap();
    let failures = Ratio::from_percent(50);
    let (window, open_for) = (Span::from_secs(10), Span::from_secs(5));
    assert_eq!(breaker, BreakerSettings { failures, window, minimum: 20, open_for, probes: 3 });
    let steps: Vec<_> = workload.journey.iter().map(|step| (step.service.as_str(), step.write, &step.think)).collect();
    let seven = Distribution::Exponential { mean: Span::from_secs(7) };
    assert_eq!(steps, [("api", false, &seven), ("api", true, &Distribution::Constant(Span::from_secs(1)))]);
    assert_eq!(workload.services().collect::<Vec<_>>(), ["api", "api"]);
    assert_eq!(found(&with("- closed: {think: 1s}"), &[])[0].0, "FD0103");
    assert_eq!(found(&with("- open: {rate: 1/s, journey: [nowhere]}"), &[])[0].0, "FD0102");
}

#[test]
fn a_client_library_lies_under_what_is_written_and_says_where_its_values_come_from() {
    let plan = plan(&with("- open: {rate: 1/s, sdk: openai, retries: 5}"));
    let workload = &plan.world.workloads[0];
    assert_eq!((workload.timeout, workload.retries), (Span::from_secs(600), 5));
    assert_eq!((workload.backoff.cap, workload.backoff.jitter), (Span::from_secs(8), Jitter::Quarter));
    let line = plan.assumptions.iter().find(|line| line.path == "workload.open.timeout").unwrap();
    assert_eq!(line.origin, "preset openai");
    assert!(line.source.contains("openai-python"), "{line:?}");
    for sdk in super::super::sdk::NAMES {
        assert!(try_load(&with(&format!("- closed: {{users: 1, sdk: {sdk}}}")), &[]).is_ok(), "{sdk}");
    }
    assert_eq!(found(&with("- open: {rate: 1/s, sdk: nobody}"), &[])[0].0, "FD0107");
    let set = planned(&with("- open: {rate: 1/s}"), &[("workload.0.sdk", "aws")]);
    assert_eq!(set.world.workloads[0].timeout, Span::from_secs(60));
}

#[test]
fn a_recording_becomes_part_of_the_plan() {
    let load = |text: &'static str, more: &str| {
        let scenario = with(&format!("- trace: {{file: load.csv{more}}}"));
        let loaded = load_with_files(&scenario, "test.yaml", &[], &Catalogs::BUILT_IN, &One(text));
        loaded.map(|(plan, _)| plan).map_err(|problems| shown(&problems, &scenario, &[]))
    };
    let plan = load("time,rate\n0,10\n60,20\n", "").unwrap();
    let Arrivals::Trace(Spacing::Poisson, trace) = &plan.world.workloads[0].arrivals else { panic!() };
    assert_eq!((trace.kind, trace.rows, trace.last), (TraceKind::Rates, 2, Instant::from_secs(60)));
    let pinned = format!(", fingerprint: '{:032x}'", trace.fingerprint);
    assert!(explain(&plan).contains(&format!("{:032x}", trace.fingerprint)));
    assert_eq!(load("time,rate\n0,10\n60,20\n", &pinned).unwrap().world, plan.world);
    assert_ne!(load("time,rate\n0,10\n60,21\n", "").unwrap().world, plan.world);
    let other = load("time,rate\n0,10\n60,21\n", &pinned).unwrap_err();
    assert!(other.contains("FD0272") && other.contains("not the intended file"), "{other}");
    let wrong = load("time,rate\n0,10\n60,-20\n50,x\n", "").unwrap_err();
    assert!(wrong.contains("load.csv:3: the rate `-20` is negative"), "{wrong}");
    assert!(wrong.contains("load.csv:4: the rate `x` is not a decimal number"), "{wrong}");
    assert!(wrong.contains("FD0271"));
    assert!(load("", "").unwrap_err().contains("load.csv: it is empty"));
    assert!(load("time\n1\n", ", step: 1s").unwrap_err().contains("`step` only applies to rates"));
    let lost = with("- trace: {file: lost.csv}");
    let missing = load_with_files(&lost, "test.yaml", &[], &Catalogs::BUILT_IN, &One("")).unwrap_err();
    assert_eq!(missing.iter().map(|problem| problem.code).collect::<Vec<_>>(), ["FD0270"]);
    assert_eq!(found(&lost, &[])[0].0, "FD0270", "and where there are no files at all");
    let anywhere = with("- trace: {file: /etc/passwd}");
    assert_eq!(found(&anywhere, &[])[0].0, "FD0270", "a file of one machine");
}

#[test]
fn a_recording_that_the_run_does_not_reach_is_warned_of() {
    let warned = |text: &'static str, more: &str| {
        let scenario = with(&format!("- trace: {{file: load.csv{more}}}"));
        let (_, problems) = load_with_files(&scenario, "test.yaml", &[], &Catalogs::BUILT_IN, &One(text)).unwrap();
        problems.iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    assert_eq!(warned("time\n1764000000\n1764000001\n", ""), ["FD0504"]);
    assert!(warned("time\n1764000000\n1764000001\n", ", counts_from: first_row").is_empty());
    assert!(warned("time\n599\n601\n", "").is_empty());
}

#[test]
fn nobody_may_come_for_a_while_and_not_for_ever() {
    assert_eq!(found(&with("- open: {rate: 0/s}"), &[])[0].0, "FD0106");
    assert_eq!(found(&with("- open: {rate: 0/s, arrivals: constant}"), &[])[0].0, "FD0106");
    assert_eq!(found(&with("- open: {rate: 0/s, arrivals: {steps: {to: {60s: 0/s}}}}"), &[])[0].0, "FD0106");
    let text = with("- open: {rate: 0/s, arrivals: {steps: {to: {60s: 10/s, 2m: 0/s}, spacing: even}}}");
    assert_eq!(found(&text, &[]), []);
    let outcome = crate::rehearse::rehearse(&plan(&text), &crate::rehearse::Provenance::default(), 1);
    assert_eq!(
        outcome.record.requests.started, 599,
        "ten a second for a minute, the first of them a tenth of a second in"
    );
}

//! What was written is read back: every report comes out the same, and what was damaged on the way is refused.

use super::hostile::POISON;
use super::{
    Absence, Document, Look, MANIFEST, ReadBack, Refusal, Stored, Subject, TERMINAL, manifest, read_back, written,
};
use crate::explore::{self, Campaign};
use crate::outcome::{Comparison, Outcome, Quantity, Rule, fixture, six_digits};
use proptest::prelude::*;
use std::sync::LazyLock;

fn result(subject: Subject<'_>) -> Vec<Document> {
    with_manifest(subject.documents(|_| true))
}

/// What everything else can be rendered from, and nothing else.
fn sources(subject: Subject<'_>) -> Vec<Document> {
    with_manifest(subject.documents(|_| false))
}

fn with_manifest(mut files: Vec<Document>) -> Vec<Document> {
    files.retain(|file| file.path != MANIFEST);
    let entries = files.iter().map(|file| written(&file.clone().into(), &mut Vec::new()).unwrap()).collect();
    files.push(manifest(entries));
    files
}

fn read(files: &[Document], rebuild: bool) -> Result<ReadBack, Refusal> {
    let mut fetch = |path: &str, _| {
        files.iter().find(|file| file.path == path).map(|file| file.bytes.clone()).ok_or(Absence::Missing)
    };
    read_back(&mut fetch, rebuild)
}

fn file<'a>(files: &'a mut [Document], path: &str) -> &'a mut Vec<u8> {
    &mut files.iter_mut().find(|file| file.path == path).unwrap().bytes
}

fn campaign(rehearse: impl Fn(u64) -> Outcome + Sync) -> Campaign {
    explore::run(0..5, None, rehearse).unwrap()
}

fn assert_reads_back(subject: Subject<'_>) {
    let files = result(subject);
    let back = read(&files, false).unwrap();
    let again = back.stored.subject().documents(|_| true);
    assert!(again.iter().map(|file| &file.path).eq(files[..files.len() - 1].iter().map(|file| &file.path)));
    let changed: Vec<_> = again.iter().zip(&files).filter(|(a, b)| a.bytes != b.bytes).map(|(a, _)| &a.path).collect();
    assert!(changed.is_empty(), "{changed:?} changed");
    assert!(back.stored.subject().written(TERMINAL, Look::PLAIN) == subject.written(TERMINAL, Look::PLAIN));
}

#[test]
fn every_report_of_a_run_read_back_is_the_same() {
    for outcome in [fixture::outage(u64::MAX), fixture::quiet(7), fixture::stalled(7)] {
        assert_reads_back(Subject::Run(&outcome));
        let back = read(&result(Subject::Run(&outcome)), false).unwrap();
        let mut rounded = outcome.clone();
        rounded.properties.iter_mut().for_each(|p| p.margin = p.margin.map(six_digits));
        assert_eq!(back.stored, Stored::Run(Box::new(rounded)));
    }
}

#[test]
fn hostile_text_reads_back_and_stays_harmless() {
    for poison in POISON {
        assert_reads_back(Subject::Run(&fixture::hostile(poison)));
        assert_reads_back(Subject::Campaign(&campaign(|_| fixture::hostile(poison))));
    }
}

#[test]
fn every_report_of_a_campaign_read_back_is_the_same() {
    let one_breaks = |seed| if seed == 2 { panic!("broken | <b>") } else { fixture::outage(seed) };
    assert_reads_back(Subject::Campaign(&campaign(one_breaks)));
    assert_reads_back(Subject::Campaign(&campaign(fixture::quiet)));
    assert_reads_back(Subject::Campaign(&campaign(|_| panic!("every run is broken"))));
}

#[test]
fn figures_that_are_compared_are_read_back() {
    for (rule, quantity) in [
        (Rule::Mean(0.02), Quantity::Share),
        (Rule::Deviation(0.02), Quantity::Time),
        (Rule::Relative(1e-6), Quantity::Count),
        (Rule::Absolute(1.0), Quantity::PerSecond),
    ] {
        let compared = |seed: u64| {
            let mut outcome = fixture::quiet(seed);
            outcome.properties[0].comparison = Some(Comparison {
                figure: "mean(queue)".to_owned(),
                quantity,
                expected: 3.2,
                uncertainty: 0.1,
                source: "M/M/1".to_owned(),
                rule,
                value: (seed != 3).then_some(10.0 / 3.0),
                at_least: seed == 4,
                agrees: (!rule.is_over_runs()).then_some(seed != 5),
            });
            outcome
        };
        assert_reads_back(Subject::Run(&compared(7)));
        assert_reads_back(Subject::Campaign(&explore::run(0..9, None, compared).unwrap()));
    }
}

/// Margins that differ in the seventh digit are one margin in the file; a margin may be no number at all.
#[test]
fn margins_that_no_file_can_hold_read_the_same_in_every_report() {
    for margin in [0.724_999_99, -0.004_999_999_9, 1.0 / 3.0, f64::NEG_INFINITY, f64::NAN, -0.0] {
        let with_margin = |seed| {
            let mut outcome = fixture::quiet(seed);
            outcome.properties[0].margin = Some(margin);
            outcome
        };
        assert_reads_back(Subject::Run(&with_margin(7)));
        assert_reads_back(Subject::Campaign(&campaign(with_margin)));
    }
}

#[test]
fn what_is_not_a_whole_result_is_refused_with_a_place_and_a_way_out() {
    let whole = result(Subject::Run(&fixture::outage(7)));
    let refused = |change: &dyn Fn(&mut Vec<Document>)| {
        let mut files = whole.clone();
        change(&mut files);
        let refusal = read(&files, false).expect_err("not intact");
        assert!(!refusal.help.is_empty(), "{refusal:?}");
        format!("{}: {}", refusal.place, refusal.why)
    };
    let without = |path: &'static str| refused(&|files| files.retain(|file| file.path != path));
    assert_eq!(without(MANIFEST), ": there is no manifest.json, which is written last: the result is incomplete");
    assert_eq!(without("results.json"), "results.json: is missing");
    assert_eq!(without("report.html"), "report.html: is missing");
    assert!(refused(&|files| files.clear()).contains("it is not a firedrill result"));
    let shorter = refused(&|files| file(files, "signals.json").truncate(100));
    assert!(shorter.starts_with("signals.json: has 100 bytes instead of "), "{shorter}");
    let touched = refused(&|files| file(files, "junit.xml")[20] ^= 1);
    assert_eq!(touched, "junit.xml: is not what was written: its checksum differs");
    let newer = |from: &'static str, to: &'static str| {
        refused(&|files| {
            let text = String::from_utf8(file(files, MANIFEST).clone()).unwrap();
            *file(files, MANIFEST) = text.replacen(from, to, 1).into_bytes();
        })
    };
    let schema = super::SCHEMA;
    assert!(newer(schema, "firedrill.results/99").contains("written by a newer firedrill, as `firedrill.results/99`"));
    assert!(newer(schema, "firedrill.results/1").contains("written by an older firedrill, as `firedrill.results/1`"));
    assert!(newer("\"0.1.0\"", "\"99.0.0\"").contains("a newer firedrill, 99.0.0"));
    assert!(newer("firedrill.manifest/1", "firedrill.manifest/2").contains("a newer firedrill"));
    assert!(newer("firedrill.manifest/1", "photos/1").contains("not a firedrill schema"));
    assert!(newer("results.json", "../x").contains("it lists `../x`"));
    assert!(
        newer("results.json", "signals.json").contains("it lists `signals.json`, which no result has, or has it twice")
    );
    let old = refused(&|files| {
        files.retain(|file| file.path == "results.json");
        *file(files, "results.json") = b"{\"schema\": \"firedrill.results/1\"}".to_vec();
    });
    assert!(old.contains("an older firedrill"), "{old}");
}

/// Somebody who edits a result and repairs the manifest, too.
#[test]
fn an_edit_is_found_even_if_the_manifest_agrees() {
    let whole = sources(Subject::Run(&fixture::outage(7)));
    let edited = |path: &str, from: &str, to: &str| {
        let mut files = whole.clone();
        let text = String::from_utf8(file(&mut files, path).clone()).unwrap();
        assert!(text.contains(from), "{from}");
        *file(&mut files, path) = text.replacen(from, to, 1).into_bytes();
        let refusal = read(&with_manifest(files), false).expect_err(to);
        format!("{}: {}", refusal.place, refusal.why)
    };
    let results = |from, to| edited("results.json", from, to);
    assert!(results("\"bit\": true", "\"bit\": false").contains("changed by hand"));
    assert!(results("  \"events\":", "  \"event\":").starts_with("results.json:"));
    assert!(results("\"requests\": 4744", "\"requests\": 4744e0").starts_with("results.json:"));
    assert!(results("\"margin\": -0.0292683", "\"margin\": -0.02926830").contains("changed by hand"));
    assert!(results("\"at_s\": 420.0,\n      \"actor\"", "\"at_s\": 1.0,\n      \"actor\"").contains("timeline[52]"));
    assert!(results("\"end_s\": 480.0", "\"end_s\": 18446744073.0").contains("no report shows a run"));
    assert!(results("\"kind\": \"run\"", "\"kind\": \"walk\"").contains("kind"));
    let signals = |from, to| edited("signals.json", from, to);
    assert!(signals("\"digest\": \"", "\"digest\": \"0").starts_with("signals.json:"));
    assert!(signals("\"attempts\"", "\"zzz\"").contains("order of names"));
    assert!(signals("[13,7,10", "[13,13,10").contains("two neighbouring values"));
}

/// The place is the line of the value, or the end of the entry where a few values are read together.
#[test]
fn a_wrong_value_is_refused_where_it_stands() {
    let whole = sources(Subject::Run(&fixture::outage(7)));
    let lines_off = |from: &str, to: &str, why: &str| {
        let mut files = whole.clone();
        let text = String::from_utf8(file(&mut files, "results.json").clone()).unwrap();
        let edited = text.find(from).expect(from);
        let line = text[..edited].lines().count();
        *file(&mut files, "results.json") = text.replacen(from, to, 1).into_bytes();
        let refusal = read(&with_manifest(files), false).expect_err(to);
        assert!(refusal.why.contains(why), "{}", refusal.why);
        let place: usize = refusal.place.split(':').nth(1).unwrap().parse().unwrap();
        place - line
    };
    assert_eq!(lines_off("\"seed\": \"7\"", "\"seed\": 7", "invalid type: integer `7`, expected a string"), 0);
    assert_eq!(lines_off("\"digest\": \"", "\"digest\": \"x", "expected 16 hexadecimal digits"), 0);
    assert_eq!(lines_off("\"budget_s\": ", "\"budget_s\": -", "a number of seconds that is not negative"), 0);
    assert_eq!(lines_off("\"fences\": 1", "\"fence\": 1", "unknown field `fence`"), 0);
    assert_eq!(lines_off("\"acked\": 171", "\"acked\": -171", "expected u64"), 0);
    assert_eq!(lines_off("\"actor\": \"", "\"actor\": \"x", "unknown variant `xcontrol`"), 0);
    assert_eq!(lines_off("\"promised_ppb\": ", "\"promised_ppb\": -", "expected u64"), 0);
    assert!(lines_off("\"bit\": true", "\"bit\": 1", "expected a boolean") < 16);
    assert!(lines_off("\"applied_lsn\": ", "\"applied_lsn\": -", "expected u64") < 12);
    assert!(lines_off("\"dark\": ", "\"bored\": ", "missing field `dark`") < 16);
}

#[test]
fn reports_that_were_thrown_away_can_be_rebuilt_from_the_sources() {
    let mut files = result(Subject::Run(&fixture::outage(7)));
    files.retain(|file| file.path != "report.html" && !file.path.starts_with("charts/"));
    let refusal = read(&files, false).unwrap_err();
    assert!(refusal.why.contains("report.html is missing; charts/"), "{}", refusal.why);
    assert!(refusal.why.ends_with(" more files") && refusal.help.contains("--rebuild"), "{refusal:?}");
    assert!(matches!(read(&files, true).unwrap().stored, Stored::Run(_)));
    files.retain(|file| file.path != "signals.json");
    assert_eq!(read(&files, true).unwrap_err().place, "signals.json");
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = sources(Subject::Campaign(&campaign(fixture::quiet)));
    for path in ["results.json", "signals.json", MANIFEST] {
        let length = whole.iter().find(|file| file.path == path).unwrap().bytes.len();
        // The last byte is the end of the last line: nothing is missing without it.
        for at in (0..length).step_by(length / 40).chain([length - 2]) {
            let mut files = whole.clone();
            file(&mut files, path).truncate(at);
            assert!(read(&files, false).is_err(), "{path} cut after {at} bytes");
            if path != MANIFEST {
                assert!(read(&with_manifest(files), false).is_err(), "{path} cut after {at} bytes, with its manifest");
            }
        }
    }
}

/// What is accepted of a changed file, though its manifest was repaired, can be rendered in every format.
fn renders_or_is_refused(mut files: Vec<Document>, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
    change(file(&mut files, path));
    if let Ok(back) = read(&with_manifest(files), false) {
        back.stored.subject().documents(|_| true);
        back.stored.subject().written(TERMINAL, Look::PLAIN);
    }
}

/// Written once for all cases.
static RUN: LazyLock<Vec<Document>> = LazyLock::new(|| sources(Subject::Run(&fixture::quiet(7))));
static CAMPAIGN: LazyLock<Vec<Document>> = LazyLock::new(|| sources(Subject::Campaign(&campaign(fixture::quiet))));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_changed_byte_is_refused(which in 0_usize..3, place: prop::sample::Index, flip in 1_u8..) {
        let mut files = RUN.clone();
        let path = ["results.json", "signals.json", MANIFEST][which];
        let bytes = file(&mut files, path);
        let at = place.index(bytes.len());
        bytes[at] ^= flip;
        // A manifest that says the same in other words is the same manifest.
        if let Ok(back) = read(&files, false) {
            prop_assert_eq!(path, MANIFEST);
            prop_assert!(back.stored.subject().documents(|_| false) == files[..files.len() - 1]);
        }
    }

    #[test]
    fn a_changed_digit_never_breaks_a_report(signals: bool, place: prop::sample::Index, digit in b'0'..=b'9') {
        let path = if signals { "signals.json" } else { "results.json" };
        let files = CAMPAIGN.clone();
        renders_or_is_refused(files, path, |bytes| {
            let digits: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i].is_ascii_digit()).collect();
            bytes[*place.get(&digits)] = digit;
        });
    }

    /// Numbers as large as they can be, and none at all.
    #[test]
    fn an_absurd_number_never_breaks_a_report(signals: bool, place: prop::sample::Index, which in 0_usize..4) {
        let path = if signals { "signals.json" } else { "results.json" };
        renders_or_is_refused(RUN.clone(), path, |bytes| {
            let is_start = |i: &usize| bytes[*i].is_ascii_digit() && *i > 0 && b" [,".contains(&bytes[*i - 1]);
            let starts: Vec<usize> = (0..bytes.len()).filter(is_start).collect();
            let from = *place.get(&starts);
            let to = (from..bytes.len()).find(|i| !(bytes[*i].is_ascii_digit() || bytes[*i] == b'.')).unwrap();
            let absurd = if bytes[from..to].contains(&b'.') {
                ["18446744073.709553", "0.0", "4194304.0", "1e-9"][which]
            } else {
                ["18446744073709551615", "0", "4294967295", "9223372036854775808"][which]
            };
            bytes.splice(from..to, absurd.bytes());
        });
    }
}

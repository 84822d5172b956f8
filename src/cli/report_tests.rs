//! `firedrill report` from arguments to exit code, on a stage instead of a simulator.

use super::fixture::scratch;
use super::surroundings::Surroundings;
use super::tests::{firedrill_in, place};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn firedrill(place: &Path, args: &str) -> super::tests::Printed {
    firedrill_in(&Surroundings::NOTHING, place, args)
}

/// Every file below `directory`, by its path there.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, fs::read(path).unwrap());
        }
    }
    found
}

const FORMATS: [(&str, &str); 13] = [
    ("json", "results.json"),
    ("signals", "signals.json"),
    ("html", "report.html"),
    ("md", "summary.md"),
    ("markdown", "summary.md"),
    ("change-request", "change-request.html"),
    ("change", "change-request.html"),
    ("change-request-md", "change-request.md"),
    ("evidence", "evidence.json"),
    ("junit", "junit.xml"),
    ("metrics", "metrics.txt"),
    ("openmetrics", "metrics.txt"),
    ("otlp", "otlp.json"),
];

#[test]
fn every_report_written_again_is_the_one_the_run_wrote() {
    let place = place("report_again");
    for (play, more) in [("outage", ""), ("stalled", " --seeds 0..7"), ("outage", " --seeds 3..9")] {
        let shown = firedrill(&place, &format!("run @/{play}.yaml -o @/out{more}"));
        let written = files(&place.join("out"));
        let again = firedrill(&place, "report @/out");
        assert_eq!((again.code, &again.out), (0, &shown.out));
        for (format, file) in FORMATS {
            let said = firedrill(&place, &format!("report @/out --format {format}"));
            assert!(said.code == 0 && said.out.as_bytes() == written[file], "{format}");
        }
        let file = scratch("report_again_trace").join("trace.pftrace");
        assert_eq!(firedrill(&place, &format!("report @/out --format perfetto -o {}", file.display())).code, 0);
        assert!(fs::read(file).unwrap() == written["trace.pftrace"], "what was read back gives the same trace");
        for (format, folder) in [("csv", "series/"), ("svg", "charts/")] {
            let to = scratch("report_again_to");
            let said = firedrill(&place, &format!("report @/out --format {format} -o {}", to.display()));
            assert_eq!(said.code, 0, "{}", said.err);
            let expected = written.iter().filter_map(|(path, bytes)| Some((path.strip_prefix(folder)?, bytes)));
            assert!(expected.eq(files(&to).iter().map(|(name, bytes)| (name.as_str(), bytes))), "{format}");
        }
        assert!(firedrill(&place, "report @/out --check").out.starts_with("ok: "));
    }
}

#[test]
fn a_run_writes_the_reports_that_are_wanted_and_the_others_follow_later() {
    let place = place("report_wanted");
    assert_eq!(firedrill(&place, "run @/outage.yaml -o @/all").code, 0);
    assert_eq!(firedrill(&place, "run @/outage.yaml -o @/few --report md,svg").code, 0);
    let (all, few) = (files(&place.join("all")), files(&place.join("few")));
    let names: Vec<_> = few.keys().filter(|name| !name.starts_with("charts/")).collect();
    assert_eq!(names, ["manifest.json", "results.json", "schedule.yaml", "signals.json", "summary.md"]);
    assert!(few.keys().any(|name| name.starts_with("charts/")));
    let later = firedrill(&place, "report @/few --format html");
    assert_eq!(later.out.as_bytes(), all["report.html"]);
    let refused = firedrill(&place, "run @/outage.yaml -o @/few --report md,terminal");
    assert_eq!((refused.code, refused.err.contains("possible values")), (2, true), "{}", refused.err);
}

#[test]
fn what_is_no_whole_result_is_refused_in_words_and_as_a_message() {
    let place = place("report_refused");
    assert_eq!(firedrill(&place, "run @/outage.yaml -o @/out").code, 0);
    fs::create_dir(place.join("empty")).unwrap();
    let refused = |args: &str, why: &str| {
        let said = firedrill(&place, &format!("report {args}"));
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{args}: {}", said.err);
        assert!(said.err.contains(why) && said.err.contains("\n  help: "), "{args}: {}", said.err);
        let json = firedrill(&place, &format!("report {args} --message-format json"));
        assert!(json.code == 2 && json.out.contains("{\"reason\":\"failure\""), "{args}: {}", json.out);
    };
    refused("@/nowhere", "no such directory");
    refused("@/outage.yaml", "is not a directory");
    refused("@/empty", "is not a firedrill result");
    refused("@/out --format csv", "csv takes several files");
    fs::write(place.join("out/summary.md"), "mine").unwrap();
    refused("@/out", "summary.md: has 4 bytes instead of");
    assert_eq!(firedrill(&place, "report @/out --rebuild --format md").code, 0);
    fs::remove_file(place.join("out/signals.json")).unwrap();
    refused("@/out --rebuild", "signals.json: is missing");
    fs::create_dir(place.join("out/signals.json")).unwrap();
    refused("@/out", "it is not a file");
    fs::remove_file(place.join("out/manifest.json")).unwrap();
    refused("@/out", "incomplete");
}

#[test]
fn nothing_is_overwritten_unless_that_is_asked_for() {
    let place = place("report_overwrites");
    assert_eq!(firedrill(&place, "run @/outage.yaml -o @/out").code, 0);
    fs::write(place.join("mine"), "mine").unwrap();
    let said = firedrill(&place, "report @/out --format html -o @/mine");
    assert_eq!((said.code, said.err.contains("already exists")), (2, true), "{}", said.err);
    assert_eq!(fs::read(place.join("mine")).unwrap(), b"mine");
    let said = firedrill(&place, "report @/out --format html -o @/mine --force");
    assert_eq!((said.code, said.err), (0, format!("wrote {}/mine\n", place.display())));
    assert_eq!(fs::read(place.join("mine")).unwrap(), fs::read(place.join("out/report.html")).unwrap());
    fs::create_dir(place.join("tables")).unwrap();
    fs::write(place.join("tables/faults.csv"), "mine").unwrap();
    assert_eq!(firedrill(&place, "report @/out --format csv -o @/tables").code, 2);
    assert_eq!(fs::read_dir(place.join("tables")).unwrap().count(), 1, "all or nothing");
    let said = firedrill(&place, "report @/out --format json --message-format json");
    assert!(said.code == 2 && said.out.contains("cannot share standard output"), "{}", said.out);
    let said = firedrill(&place, "report @/out --message-format json");
    assert!(said.out.contains("\"reason\":\"report\"") && said.out.lines().count() == 2, "{}", said.out);
}

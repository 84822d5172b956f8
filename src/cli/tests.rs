//! The verbs from arguments to exit code, on a stage instead of a simulator.

use super::console::Console;
use super::fixture::{Stage, scratch};
use super::obey;
use super::surroundings::Surroundings;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) struct Printed {
    pub code: u8,
    pub out: String,
    pub err: String,
}

/// Runs the program with `args` split at blanks; `@` stands for the test's own directory.
fn firedrill(place: &Path, args: &str) -> Printed {
    firedrill_in(&Surroundings::NOTHING, place, args)
}

/// The same in other surroundings.
pub(super) fn firedrill_in(surroundings: &Surroundings, place: &Path, args: &str) -> Printed {
    let place = place.to_str().unwrap();
    let args = std::iter::once("firedrill".to_owned()).chain(args.split(' ').map(|a| a.replace('@', place)));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console::new(&mut out, &mut err);
    let exit = obey(args.map(Into::into), &Stage, surroundings, &mut console);
    let exit = exit.max(console.finish());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Printed { code: exit.code(), out: text(out), err: text(err) }
}

/// A place with one scenario file per play.
pub(super) fn place(test: &str) -> PathBuf {
    let place = scratch(test);
    for play in ["quiet", "outage", "stalled", "surprise", "panic", "flaky", "nonsense"] {
        fs::write(place.join(format!("{play}.yaml")), play).unwrap();
    }
    place
}

#[test]
fn the_exit_code_says_what_came_out() {
    let place = place("exit_code");
    for (play, code) in
        [("quiet", 0), ("outage", 0), ("surprise", 1), ("nonsense", 2), ("stalled", 3), ("flaky", 0), ("panic", 101)]
    {
        assert_eq!(firedrill(&place, &format!("run @/{play}.yaml -o @/out")).code, code, "{play}");
        assert_eq!(firedrill(&place, &format!("run @/{play}.yaml -o @/out --seeds 0..3")).code, code, "{play}");
    }
    assert_eq!(firedrill(&place, "run @/quiet.yaml @/surprise.yaml @/stalled.yaml -o @/all").code, 1);
}

#[test]
fn results_are_printed_and_written_and_diagnostics_kept_apart() {
    let place = place("printed_and_written");
    let said = firedrill(&place, "run @/outage.yaml --seed 0x10 --set dns.ttl=30s -o @/out");
    assert!(said.out.starts_with("West Europe goes dark\n"), "{}", said.out);
    assert!(said.out.contains("--seed 16 --set dns.ttl=30s"), "{}", said.out);
    assert_eq!(said.err, format!("results in {}/out\n", place.display()));
    let results = fs::read_to_string(place.join("out/results.json")).unwrap();
    assert!(results.contains("\"seed\": \"16\""));
    assert!(fs::read_to_string(place.join("out/summary.md")).unwrap().starts_with("# West Europe goes dark"));
    assert!(firedrill(&place, "check @/quiet.yaml").err.contains("too quiet"));
}

#[test]
fn a_schedule_says_the_seed_unless_the_command_line_does_and_is_in_the_replay_line() {
    let place = place("schedule");
    fs::write(place.join("lines.yaml"), "77 injections").unwrap();
    let said = firedrill(&place, "run @/outage.yaml --schedule @/lines.yaml -o @/out");
    let lines = place.join("lines.yaml");
    assert!(said.out.contains(&format!("--seed 77 --schedule {}", lines.display())), "{}", said.out);
    assert_eq!(fs::read_to_string(place.join("out/schedule.yaml")).unwrap(), "77 injections");
    let said = firedrill(&place, "run @/outage.yaml --schedule @/out/schedule.yaml --seed 3 -o @/out");
    assert!(said.out.contains("--seed 3 --schedule "), "{}", said.out);
    assert!(firedrill(&place, "run @/outage.yaml -o @/out").out.contains("--seed 1"));
    assert_eq!(fs::read_to_string(place.join("out/schedule.yaml")).unwrap(), "1 of outage\n");
    let twice = firedrill(&place, "run @/outage.yaml @/quiet.yaml --schedule @/lines.yaml");
    assert_eq!((twice.code, twice.err.contains("--schedule takes one scenario")), (2, true));
    assert_eq!(firedrill(&place, "run @/outage.yaml --schedule @/none.yaml -o @/out").code, 2);
    // Recovery takes longest with seed 8: of a campaign the schedule of the worst run is kept.
    assert_eq!(firedrill(&place, "run @/outage.yaml --seeds 3..9 -o @/out").code, 0);
    assert_eq!(fs::read_to_string(place.join("out/schedule.yaml")).unwrap(), "8 of outage\n");
}

#[test]
fn several_scenarios_each_get_a_directory_of_their_own() {
    let place = place("several");
    let said = firedrill(&place, "run @/outage.yaml @/quiet.yaml -o @/out -q").out;
    let (warnings, lines): (Vec<&str>, Vec<&str>) = said.lines().partition(|line| line.starts_with("  warning: "));
    assert_eq!((lines.len(), warnings.len()), (2, 4), "{said}");
    assert!(place.join("out/outage/results.json").exists() && place.join("out/quiet/results.json").exists());
    fs::create_dir(place.join("x")).unwrap();
    fs::write(place.join("x/quiet.yaml"), "quiet").unwrap();
    let said = firedrill(&place, "run @/quiet.yaml @/x/quiet.yaml -o @/clash");
    assert_eq!((said.code, place.join("clash").exists()), (2, false));
    assert!(said.err.contains("two scenarios would write"), "{}", said.err);
}

#[test]
fn nothing_runs_unless_everything_can() {
    let place = place("nothing_runs");
    let said = firedrill(&place, "run @/panic.yaml @/nonsense.yaml @/missing.yaml @/x\u{1b}.yaml -o @/out");
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.contains("no such play") && said.err.contains("missing.yaml: no such file"), "{}", said.err);
    assert!(!said.err.contains('\u{1b}'), "a file name cannot act on the terminal");
    fs::write(place.join("notes"), "mine").unwrap();
    let said = firedrill(&place, "run @/panic.yaml -o @/notes");
    assert_eq!(said.code, 2, "refused before the run, or it would be 101");
    assert_eq!(fs::read_to_string(place.join("notes")).unwrap(), "mine");
}

#[test]
fn a_broken_run_leaves_no_results() {
    let place = place("broken_run");
    assert_eq!(firedrill(&place, "run @/panic.yaml -o @/results/out").code, 101);
    assert_eq!(fs::read_dir(place.join("results")).unwrap().count(), 0);
}

#[test]
fn the_number_of_jobs_does_not_show_in_any_file() {
    let place = place("jobs");
    let bytes = |jobs| {
        let said = firedrill(&place, &format!("run @/outage.yaml --seeds 0..25 --jobs {jobs} -o @/jobs{jobs}"));
        let read = |name| fs::read(place.join(format!("jobs{jobs}")).join(name)).unwrap();
        (said.code, said.out, read("results.json"), read("summary.md"), read("report.html"))
    };
    let one = bytes(1);
    assert_eq!(one.0, 0);
    assert!(one == bytes(2) && one == bytes(7));
}

#[test]
fn a_differing_digest_is_exit_code_4() {
    let place = place("digest");
    assert_eq!(firedrill(&place, "run @/outage.yaml --verify-determinism -o @/out").code, 0);
    let said = firedrill(&place, "run @/flaky.yaml --verify-determinism -o @/out");
    assert_eq!(said.code, 4);
    assert!(said.err.contains("determinism is broken: seed 1"), "{}", said.err);
    assert_eq!(firedrill(&place, "run @/flaky.yaml --verify-determinism --seeds 0..4 -o @/out").code, 4);
    assert_eq!(firedrill(&place, "run @/outage.yaml --expect-digest 0000000000000000 -o @/out").code, 4);
    let results: serde_json::Value =
        serde_json::from_slice(&fs::read(place.join("out/results.json")).unwrap()).unwrap();
    let digest = results["digest"].as_str().unwrap();
    assert_eq!(firedrill(&place, &format!("run @/outage.yaml --expect-digest {digest} -o @/out")).code, 0);
}

#[test]
fn wrong_usage_is_explained_and_exit_code_2() {
    let place = place("usage");
    fs::create_dir(place.join("empty")).unwrap();
    for (args, why) in [
        ("run", "FILE"),
        ("run @/quiet.yaml --seeds 5..5", "empty"),
        ("run @/quiet.yaml --seeds 0..2 --seed 1", "cannot be used with"),
        ("run @/quiet.yaml --jobs 0", "--jobs"),
        ("run @/quiet.yaml --set ttl", "path=value"),
        ("run @/quiet.yaml --expect-digest xyz", "16 hexadecimal"),
        ("run @/quiet.yaml @/outage.yaml --expect-digest 0000000000000000", "one scenario"),
        ("run @/quiet.yaml --seeds 0..99999999", "more than"),
        ("run @/quiet.yaml -q -v", "cannot be used with"),
        ("frobnicate", "unrecognized"),
        ("list bugs", "invalid value"),
        ("check @/empty", "contains no scenario"),
    ] {
        let said = firedrill(&place, &format!("{args}{}", if args.starts_with("run ") { " -o @/out" } else { "" }));
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{args}");
        assert!(said.err.contains(why), "{args}: {}", said.err);
    }
    assert!(!place.join("out").exists());
}

#[test]
fn check_goes_through_every_file() {
    let place = place("check");
    let said = firedrill(&place, "check @/nonsense.yaml @/missing.yaml @/outage.yaml");
    assert_eq!(said.code, 2);
    assert_eq!(said.out, format!("{}/outage.yaml: ok\n", place.display()));
    assert!(said.err.ends_with("2 of 3 files cannot be run\n"), "{}", said.err);
    assert_eq!(firedrill(&place, "check @/outage.yaml").code, 0);
}

#[test]
fn explain_list_help_and_version_are_results() {
    let place = place("results");
    assert_eq!(firedrill(&place, "explain @/quiet.yaml").out, "the plan of quiet\u{fffd}[2J\n");
    assert_eq!(firedrill(&place, "explain FD0001").out, "what it means\n");
    assert_eq!(firedrill(&place, "explain FD0404").code, 2);
    fs::write(place.join("FD0001"), "outage").unwrap();
    assert!(firedrill(&place, "explain @/FD0001").out.starts_with("the plan of outage"), "a file comes first");
    assert_eq!(firedrill(&place, "schema").out, "{}\n");
    assert_eq!(firedrill(&place, "reference").out, "# Reference\n");
    assert_eq!(firedrill(&place, "list faults").out, "one_of_faults  for show\n");
    let whole = firedrill(&place, "list faults -v").out;
    assert!(whole.starts_with("one_of_faults"), "{whole}");
    assert!(firedrill(&place, "list").out.contains("presets:\n  one_of_presets  for show\n"));
    let help = firedrill(&place, "run --help");
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    assert!(help.out.contains("Exit codes:"), "{}", help.out);
    assert!(firedrill(&place, "--version").out.starts_with("firedrill "));
}

//! Controllers over a pipe: the example in Python, its log, and programs that die, say nonsense, answer out of turn or nothing.

use super::ROOT;
use super::command_line::{code, firedrill};
use super::determinism::folder;
use std::fs;
use std::path::Path;
use std::process::Command;

const WORLD: &str = "
firedrill: 1
name: pipe
duration: 2m
regions:
  west: {services: {api: {servers: 4, time: 20ms}}}
  north: {like: west, role: secondary}
workload: [{open: {rate: 5/s, timeout: 2s}}]
properties: {served: {always: success >= 99%}}
";

/// What comes of a run whose controller is this shell script: the exit code, and all that is said.
fn run_with(name: &str, script: &str, more: &str) -> (Option<i32>, String) {
    let folder = folder(&format!("pipe_{name}"));
    fs::write(folder.join("controller.sh"), script).expect("written");
    let control = format!("control: [{{pipe: {{id: pilot, command: [sh, controller.sh]{more}}}}}]\n");
    fs::write(folder.join("pipe.yaml"), format!("{WORLD}{control}")).expect("written");
    let output = firedrill(&folder, &["run", "pipe.yaml", "-o", "out", "--color", "never"]);
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    // Lines are broken where they are long.
    let said = String::from_utf8_lossy(&said).split_whitespace().collect::<Vec<_>>().join(" ");
    (code(&output), said)
}

#[test]
fn a_program_that_cannot_be_spoken_with_makes_the_run_prove_nothing_and_says_why() {
    let cases = [
        ("dies", "read hello\nexit 3\n", "", "exited without saying that it is done (exit status: 3)"),
        (
            "dies_later",
            "read hello\necho '{\"id\":1,\"call\":\"sleep\",\"for_s\":30}'\nexit 0\n",
            "",
            "exited without saying",
        ),
        ("babbles", "echo hello\nread hello\n", "", "not a line of JSON"),
        (
            "knows_no_call",
            "read h\necho '{\"id\":1,\"call\":\"explode\"}'\nread h\n",
            "",
            "no such call (unknown variant `explode`",
        ),
        (
            "says_too_much",
            "read h\necho '{\"id\":1,\"call\":\"sleep\",\"for_s\":1,\"x\":1}'\nread h\n",
            "",
            "no such call (unknown field `x`",
        ),
        ("has_no_number", "read h\necho '{\"call\":\"sleep\",\"for_s\":1}'\nread h\n", "", "a call has an `id`"),
        (
            "out_of_turn",
            "read h\necho '{\"id\":2,\"call\":\"sleep\",\"for_s\":1}'\nread a\necho '{\"id\":2,\"call\":\"sleep\",\"for_s\":1}'\nread a\n",
            "",
            "call 2 comes after call 2",
        ),
        ("is_silent", "read h\nsleep 600\n", ", answers_within: 300ms", "the program did not answer for 300ms"),
        (
            "says_nothing_known",
            "read h\necho '{\"done\":\"maybe\"}'\nread h\n",
            "",
            "neither a `call`, nor an `event`, nor `done: true`",
        ),
    ];
    for (name, script, more, why) in cases {
        let (code, said) = run_with(name, script, more);
        assert_eq!(code, Some(3), "{name}: {said}");
        assert!(said.contains("UNKNOWN") && said.contains("`pilot` broke at") && said.contains(why), "{name}: {said}");
    }
    let (code, said) = run_with("is_not_there", "", ", answers_within: 1s");
    assert_eq!(code, Some(3), "an empty program ends at once: {said}");
}

#[test]
fn a_program_that_is_done_and_one_whose_call_is_refused_are_no_trouble() {
    let refused = "read hello
echo '{\"event\":\"begins\",\"text\":\"it <b>begins</b>\"}'
echo '{\"id\":1,\"call\":\"point_record\",\"record\":\"nobody.example\",\"region\":\"west\"}'
read answer
case \"$answer\" in *refused*) echo '{\"event\":\"refused\"}';; *) exit 1;; esac
echo '{\"id\":7,\"call\":\"sleep\",\"for_s\":0.5}'
read answer
case \"$answer\" in *'\"id\":7,\"now_s\":0.'*|*'\"now_s\":0.'*) echo '{\"done\":true}';; *) exit 2;; esac
";
    let (code, said) = run_with("refused", refused, "");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("GO:") && said.contains("it <b>begins</b>"), "{said}");
}

#[test]
fn a_program_is_gone_once_its_run_is_over() {
    let (code, said) = run_with(
        "outlives",
        "read h\necho $$ > pid\necho '{\"id\":1,\"call\":\"sleep\",\"for_s\":9999}'\nread a\nsleep 600\n",
        "",
    );
    assert_eq!(code, Some(0), "it waits forever, which is no trouble: {said}");
    let pid = fs::read_to_string(folder_of("outlives").join("pid")).expect("it wrote its number");
    let alive = Command::new("kill").args(["-0", pid.trim()]).output().expect("kill").status.success();
    assert!(!alive, "process {} is still there", pid.trim());
}

fn folder_of(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pipe_{name}"))
}

#[test]
fn the_example_in_python_fails_over_and_its_log_replays_to_the_same_digest() {
    if Command::new("python3").arg("--version").output().is_err() {
        // `.ci/run` installs it; whoever has none can still run the rest.
        println!("there is no python3 here");
        return;
    }
    let out = folder("pipe_python");
    let run = |more: &[&str]| {
        let mut arguments = vec!["run", "examples/pipe_controller/failover.yaml", "-o", out.to_str().expect("a path")];
        arguments.extend(["--set", "workload.0.rate=5/s"]);
        arguments.extend(more);
        let output = firedrill(Path::new(ROOT), &arguments);
        let results = fs::read_to_string(out.join("results.json")).expect("results");
        let digest =
            results.split("\"digest\": \"").nth(1).and_then(|rest| rest.get(..16)).expect("a digest").to_owned();
        (
            code(&output),
            digest,
            String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" "),
        )
    };
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pipe_python.log");
    let log = log.to_str().expect("a path");
    let logged = run(&["--set", &format!("control.0.pipe.log={log}")]);
    assert_eq!(logged.0, Some(0), "{}", logged.2);
    let kept = fs::read_to_string(log).expect("a log");
    assert!(
        kept.starts_with("> {") && kept.contains("\n< {") && kept.trim_end().ends_with("{\"done\": true}"),
        "{kept}"
    );
    let replay = format!("control.0.pipe.replay={log}");
    let replayed = run(&["--set", &replay]);
    assert_eq!((replayed.0, &replayed.1), (Some(0), &logged.1), "{}", replayed.2);
    // In another world the program would have been told something else.
    let other = run(&["--set", &replay, "--set", "dns.publish=50s"]);
    assert_eq!(other.0, Some(3), "{}", other.2);
    assert!(other.2.contains("`pilot` broke at") && other.2.contains("of the log is"), "{}", other.2);
}

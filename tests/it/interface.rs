//! What the program offers beside running: scenarios to begin with, schema, reference, completions, manual, explanations.

use super::ROOT;
use super::command_line::{code, firedrill};
use super::determinism::folder;
use std::path::Path;

fn printed(arguments: &[&str]) -> String {
    let output = firedrill(Path::new(ROOT), arguments);
    assert_eq!(code(&output), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn names(topic: &str) -> Vec<String> {
    let first = |line: &str| line.split_whitespace().next().expect("a name").to_owned();
    printed(&["list", topic]).lines().map(first).collect()
}

#[test]
fn every_template_runs_as_it_is_and_comes_out_as_it_says() {
    let folder = folder("templates");
    let templates = names("templates");
    for known in ["region-evacuation", "dns-flip", "dr-drill"] {
        assert!(templates.iter().any(|name| name == known), "{known}");
    }
    for name in templates {
        let file = format!("{name}.yaml");
        assert_eq!(code(&firedrill(&folder, &["init", "--template", &name])), Some(0), "{name}");
        let checked = firedrill(&folder, &["check", &file]);
        assert!(checked.stderr.is_empty(), "{name}: {}", String::from_utf8_lossy(&checked.stderr));
        let output = firedrill(&folder, &["run", &file]);
        assert_eq!(code(&output), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stdout));
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(!told.contains("had no effect"), "{name}: {told}");
    }
}

#[test]
fn nothing_that_is_there_is_overwritten_unless_that_is_asked_for() {
    let folder = folder("init");
    let init = |arguments: &[&str]| firedrill(&folder, &[&["init"], arguments].concat());
    let read = |path: &str| std::fs::read_to_string(folder.join(path)).expect("a file");
    std::fs::write(folder.join("mine.yaml"), "mine").expect("a file can be written");
    let refused = init(&["mine.yaml"]);
    assert_eq!((code(&refused), read("mine.yaml").as_str()), (Some(2), "mine"));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--force"));
    assert_eq!(code(&init(&["mine.yaml", "--force"])), Some(0));
    assert!(read("mine.yaml").contains("firedrill: 1"));
    assert_eq!(code(&init(&["deep/er/new.yaml"])), Some(0), "folders are made");
    assert_eq!(code(&init(&["deep", "--template", "dns-flip"])), Some(0));
    assert!(read("deep/dns-flip.yaml").contains("A flip of DNS"), "a folder takes the template's own name");
    assert_eq!(code(&init(&["--template", "nobody-knows"])), Some(2));
}

/// A commit that is none of anybody's.
const REV: &str = "0123456789abcdef0123456789abcdef01234567";
const ADDRESS: &str = "https://git.example/firedrill.git";
const SERVICES: [(&str, &str); 2] = [("github", ".github/workflows/firedrill.yml"), ("gitlab", ".gitlab-ci.yml")];

fn pipeline(folder: &Path, path: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(folder.join(path)).expect("a pipeline");
    serde_saphyr::from_str(&text).expect("YAML")
}

#[test]
fn a_pipeline_runs_the_scenario_and_keeps_what_is_there() {
    for (service, path) in SERVICES {
        let folder = folder(&format!("pipeline-{service}"));
        let pinned = ["init", "--ci", service, "--source", ADDRESS, "--rev", REV];
        let init = |arguments: &[&str]| firedrill(&folder, &[&pinned[..], arguments].concat());
        std::fs::write(folder.join("mine.yaml"), "mine").expect("a file can be written");
        assert_eq!(code(&init(&["mine.yaml"])), Some(0));
        assert_eq!(std::fs::read_to_string(folder.join("mine.yaml")).ok().as_deref(), Some("mine"));
        let commands = commands(&pipeline(&folder, path));
        let run = commands.iter().find(|command| command.starts_with("firedrill run ")).expect("a run");
        assert_eq!(run, "firedrill run mine.yaml --verify-determinism");
        let install = format!("command -v firedrill || cargo install --locked --git {ADDRESS} --rev {REV} firedrill");
        assert!(commands.contains(&install), "{commands:?}");
        assert_eq!(code(&init(&["mine.yaml"])), Some(2), "the pipeline is there");
        for hostile in ["a b.yaml", "${{ github.token }}.yaml", "$(date).yaml", "x\n- y.yaml", "--force.yaml"] {
            assert_eq!(code(&init(&["--force", "--", hostile])), Some(2), "{hostile}");
        }
    }
}

#[test]
fn a_pipeline_builds_a_source_that_cannot_change_under_it_or_says_what_is_missing() {
    let folder = folder("pinned");
    std::fs::create_dir_all(folder.join("third party")).expect("a folder can be made");
    std::fs::create_dir_all(folder.join("empty")).expect("a folder can be made");
    let refused = |source: &[&str]| {
        let output = firedrill(&folder, &[&["init", "--ci", "github", "new.yaml"], source].concat());
        assert_eq!(code(&output), Some(2), "{source:?}");
        assert!(!folder.join("new.yaml").exists(), "all or nothing");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(refused(&[]).contains("--source"));
    assert!(refused(&["--source", "firedrill"]).contains("neither a folder nor the address"));
    assert!(refused(&["--source", "https://git.example/$(id).git", "--rev", REV]).contains("neither"));
    assert!(refused(&["--source", ADDRESS, "--rev", "main"]).contains("a branch or a tag may move"));
    assert!(refused(&["--source", "third party"]).contains("not safe"));
    assert!(refused(&["--source", "empty"]).contains("Cargo.toml"));
    if option_env!("FIREDRILL_COMMIT").is_none() {
        assert!(refused(&["--source", ADDRESS]).contains("--rev"));
    }
}

/// As far as a shell can: `cargo` is a stand-in that puts the program where it would install it.
#[cfg(unix)]
#[test]
fn a_pipeline_of_a_folder_gates_every_scenario_in_it() {
    for (service, path) in SERVICES {
        let folder = folder(&format!("gate-{service}"));
        let cargo = folder.join("bin/cargo");
        for made in ["bin", "home/.cargo/bin", "rehearsals", "vendor/firedrill"] {
            std::fs::create_dir_all(folder.join(made)).expect("a folder can be made");
        }
        std::fs::write(folder.join("vendor/firedrill/Cargo.toml"), "").expect("a file can be written");
        let program = env!("CARGO_BIN_EXE_firedrill");
        let stand_in = format!("#!/bin/sh\necho \"$@\" > installed\ncp {program} \"$CARGO_HOME/bin/firedrill\"\n");
        std::fs::write(&cargo, stand_in).expect("a file can be written");
        let runs = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&cargo, runs).expect("it can be made a program");
        for template in ["dns-flip", "retry-storm"] {
            assert_eq!(code(&firedrill(&folder, &["init", "--template", template, "rehearsals"])), Some(0));
        }
        let init = ["init", "--ci", service, "--source", "vendor/firedrill", "rehearsals"];
        assert_eq!(code(&firedrill(&folder, &init)), Some(0));
        assert_eq!(std::fs::read_dir(folder.join("rehearsals")).expect("it is there").count(), 3, "two and the schema");
        let tree = pipeline(&folder, path);
        let shell = |lines: &[String]| {
            let mut shell = std::process::Command::new("sh");
            let home = folder.join("home/.cargo");
            let path = format!("{}:{}:/usr/bin:/bin", folder.join("bin").display(), home.join("bin").display());
            shell.current_dir(&folder).env("PATH", path).env("CARGO_HOME", home).env_remove("GITHUB_ACTIONS");
            shell.args(["-e", "-c", &lines.join("\n")]).output().expect("a shell starts")
        };
        let done = shell(&commands(&tree));
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        let installed = std::fs::read_to_string(folder.join("installed")).expect("it was installed");
        assert_eq!(installed.trim(), "install --locked --path vendor/firedrill");
        for kept in ["index.html", "junit.xml", "dns-flip/report.html", "retry-storm/results.json"] {
            assert!(folder.join("firedrill-results").join(kept).exists(), "{kept}");
        }
        if let Some(junit) = tree["rehearse"]["artifacts"]["reports"]["junit"].as_str() {
            assert!(folder.join(junit).exists(), "{junit}");
        }
        // One that comes out otherwise than it says stops the gate, and its results are kept all the same.
        let surprise = std::fs::read_to_string(folder.join("rehearsals/dns-flip.yaml")).expect("it is there");
        let surprise = format!("{surprise}\n")
            .replace("\nproperties:\n", "\nproperties:\n  never: {measure: {value: availability, at_most: 1%}}\n");
        std::fs::write(folder.join("rehearsals/dns-flip.yaml"), surprise).expect("it can be written");
        assert_eq!(shell(&commands(&tree)).status.code(), Some(1));
        assert!(folder.join("firedrill-results/dns-flip/report.html").exists());
    }
}

/// Every command line of a pipeline.
fn commands(tree: &serde_json::Value) -> Vec<String> {
    match tree {
        serde_json::Value::Object(entries) => entries
            .iter()
            .flat_map(|(key, value)| match value {
                serde_json::Value::String(command) if key == "run" => vec![command.clone()],
                serde_json::Value::Array(lines) if key == "script" || key == "before_script" => {
                    lines.iter().filter_map(|line| line.as_str().map(str::to_owned)).collect()
                }
                other => commands(other),
            })
            .collect(),
        serde_json::Value::Array(elements) => elements.iter().flat_map(commands).collect(),
        _ => Vec::new(),
    }
}

/// Rewritten when `FIREDRILL_BLESS` is set.
#[test]
fn the_reference_in_the_docs_is_what_the_program_prints() {
    let now = printed(&["reference"]);
    let path = format!("{ROOT}/docs/reference.md");
    if std::env::var_os("FIREDRILL_BLESS").is_some() {
        std::fs::write(&path, &now).expect("the reference can be written");
    }
    let then = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(now == then, "docs/reference.md is not what `firedrill reference` prints; FIREDRILL_BLESS=1 rewrites it");
}

#[test]
fn the_schema_that_is_printed_is_json() {
    let schema: serde_json::Value = serde_json::from_str(&printed(&["schema"])).expect("JSON");
    // What builds on another file may say less: everything has its form where nothing else is named.
    assert!(schema["else"]["properties"]["faults"]["items"].to_string().contains("\"region_outage\""));
}

#[test]
fn the_schema_of_results_is_printed_too() {
    let schema: serde_json::Value = serde_json::from_str(&printed(&["schema", "--kind", "results"])).expect("JSON");
    assert!(schema["$defs"]["run"]["properties"]["timeline"].is_object());
    let schema: serde_json::Value = serde_json::from_str(&printed(&["schema", "--kind", "evidence"])).expect("JSON");
    assert!(schema["$defs"]["evidence"]["properties"]["gaps"].is_object());
}

#[test]
fn every_shell_gets_completions_that_know_the_verbs() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = printed(&["completions", shell]);
        for word in ["run", "report", "check", "init", "template", "verify-determinism", "message-format"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
        // The scripts of the others do not complete values.
        let values = ["region-evacuation", "procedures"].iter().all(|value| script.contains(value));
        assert!(values || !["bash", "zsh"].contains(&shell), "{shell} does not know the templates and topics");
    }
    assert_eq!(code(&firedrill(Path::new(ROOT), &["completions", "tcsh"])), Some(2));
}

#[test]
fn the_manual_has_every_verb_and_the_exit_codes() {
    let page = printed(&["man"]);
    assert!(page.contains(".TH firedrill 1"), "{page}");
    for verb in ["RUN", "REPORT", "CHECK", "EXPLAIN", "LIST", "INIT", "SCHEMA", "REFERENCE", "COMPLETIONS", "MAN"] {
        assert!(page.contains(&format!(".SH \"FIREDRILL {verb}\"")), "{verb}");
    }
    assert!(page.contains("verify\\-determinism") && page.contains("Exit codes:"), "{page}");
}

#[test]
fn whatever_can_be_listed_can_be_explained() {
    for topic in ["codes", "faults", "controls", "properties", "procedures", "presets", "templates"] {
        for name in names(topic) {
            assert!(printed(&["explain", &name]).contains(&name), "{name}");
        }
    }
    assert!(printed(&["explain", "fd0102"]).starts_with("FD0102: unknown name\n"));
    let unknown = firedrill(Path::new(ROOT), &["explain", "region_outtage"]);
    assert_eq!(code(&unknown), Some(2));
    let told = String::from_utf8_lossy(&unknown.stderr);
    assert!(told.contains("neither a file") && told.contains("did you mean `region_outage`?"), "{told}");
    for topic in ["signals", "events", "formats"] {
        assert!(!names(topic).is_empty(), "{topic}");
    }
}

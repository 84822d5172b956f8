//! `firedrill init`: writes a scenario to begin with, and a pipeline that runs it; or a program with a procedure of one's own.
//!
//! Invariant: nothing that is there is overwritten, unless that is asked for; either everything can be written or nothing
//! is.

use super::args::{Ci, InitArgs};
use super::console::{Console, Failure};
use super::exit::Exit;
use super::{starter, template, version, whole};
use crate::report::text::clean;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const GITHUB: (&str, &str) = (".github/workflows/firedrill.yml", include_str!("templates/github.yml"));
const GITLAB: (&str, &str) = (".gitlab-ci.yml", include_str!("templates/gitlab.yml"));

/// What stands for the scenario's path in a pipeline.
const SCENARIO: &str = "SCENARIO_PATH";
/// What stands for the version of the program in a program of one's own.
const VERSION: &str = "FIREDRILL_VERSION";
/// What stands for where `cargo install` takes it from in a pipeline.
const SOURCE: &str = "FIREDRILL_SOURCE";
/// What stands for which one that is.
const PIN: &str = "FIREDRILL_PIN";
/// What stands for the test results in a pipeline.
const JUNIT: &str = "FIREDRILL_JUNIT";

/// What editors complete and check a scenario by, beside it.
const SCHEMA: &str = "firedrill.schema.json";

/// A file to be written.
struct Draft {
    path: PathBuf,
    text: String,
}

/// Writes what `args` say.
pub(super) fn init(args: &InitArgs, schema: &str, console: &mut Console<'_>) -> Exit {
    match drafts(args, schema).and_then(|drafts| write_all(&drafts, args.force).map(|()| drafts)) {
        Ok(drafts) => {
            for draft in &drafts {
                let path = draft.path.to_string_lossy();
                console.shown(format!("wrote {}\n", clean(&path)).as_bytes());
                console.message("written", &serde_json::json!({ "path": path }));
            }
            console.diagnostic(&format!("next: {}\n", next(args)));
            Exit::AsExpected
        }
        Err(failure) => {
            console.failure(&failure);
            Exit::Usage
        }
    }
}

/// What to do with what was written.
fn next(args: &InitArgs) -> String {
    let path = args.path.as_deref().unwrap_or_else(|| Path::new("")).to_string_lossy();
    match args.procedure {
        true => format!("cd {} && cargo test, and cargo run -- run rehearsals/promote-first.yaml", clean(&path)),
        false => format!("firedrill run {}", clean(&scenario(args).to_string_lossy())),
    }
}

/// The files of a program with a procedure of one's own, in `folder`.
fn program(folder: &Path) -> Result<Vec<Draft>, Failure> {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(is_name) {
        let help = "a crate's name has letters, digits, `_` and `-`, and begins with a letter";
        return Err(Failure::new(format!("{} is not a valid crate name", folder.display()), help));
    }
    let text = |text: &str| text.replace(starter::NAME, name).replace(VERSION, env!("CARGO_PKG_VERSION"));
    let draft = |(path, content): (&str, &str)| Draft { path: folder.join(path), text: text(content) };
    Ok(starter::FILES.map(draft).into())
}

/// Where the scenario is, or is to be.
fn scenario(args: &InitArgs) -> PathBuf {
    match &args.path {
        Some(path) if path.is_dir() => path.join(format!("{}.yaml", args.template)),
        Some(path) => path.clone(),
        None => PathBuf::from(format!("{}.yaml", args.template)),
    }
}

fn drafts(args: &InitArgs, schema: &str) -> Result<Vec<Draft>, Failure> {
    if let (true, Some(folder)) = (args.procedure, &args.path) {
        return program(folder);
    }
    let path = scenario(args);
    let folder = args.path.as_deref().filter(|path| args.ci.is_some() && path.is_dir());
    let mut drafts = Vec::new();
    if let Some(ci) = args.ci {
        drafts.push(pipeline(ci, folder.unwrap_or(&path), folder.is_some(), args)?);
    }
    let kept = args.ci.is_some() && !args.force && (path.exists() || folder.is_some_and(has_scenarios));
    if !kept {
        let template = template::find(&args.template).map_or("", |template| template.text);
        let beside = path.with_file_name(SCHEMA);
        drafts.insert(0, Draft { path, text: format!("# yaml-language-server: $schema={SCHEMA}\n{template}") });
        // One that is there already may be another version's, and other files may count on it.
        if !beside.exists() {
            drafts.push(Draft { path: beside, text: schema.to_owned() });
        }
    }
    Ok(drafts)
}

/// A pipeline that gates `target`, one scenario or, if it `is_folder`, all that are in it.
fn pipeline(ci: Ci, target: &Path, is_folder: bool, args: &InitArgs) -> Result<Draft, Failure> {
    let (place, text) = match ci {
        Ci::Github => GITHUB,
        Ci::Gitlab => GITLAB,
    };
    let (source, pin) = pinned(args.source.as_deref().unwrap_or_default(), args.rev.as_deref())?;
    // Several scenarios have one file of test results beside their directories.
    let junit = if is_folder { "firedrill-results/junit.xml" } else { "firedrill-results/*/junit.xml" };
    let text = text.replace(SCENARIO, plain(target)?).replace(SOURCE, &source).replace(PIN, &pin);
    Ok(Draft { path: PathBuf::from(place), text: text.replace(JUNIT, junit) })
}

/// What `cargo install` is told, and what tells this source from another: never what may change under the pipeline.
fn pinned(source: &str, rev: Option<&str>) -> Result<(String, String), Failure> {
    if Path::new(source).is_dir() {
        let folder = plain(Path::new(source))?;
        if rev.is_some() {
            return Err(Failure::new(format!("{source} is a folder, and has no commit of its own"), "remove --rev"));
        }
        if !Path::new(source).join("Cargo.toml").is_file() {
            return Err(Failure::new(
                format!("{source} holds no source of a program"),
                "name the folder of its Cargo.toml",
            ));
        }
        return Ok((format!("--path {folder}"), env!("CARGO_PKG_VERSION").to_owned()));
    }
    let harmless = |c: char| c.is_ascii_alphanumeric() || "_./-:@~".contains(c);
    let is_address = source.starts_with("https://") || source.starts_with("ssh://");
    if !is_address || !source.chars().all(harmless) {
        let help = "name a folder, or an address such as https://git.example/firedrill.git";
        return Err(Failure::new(format!("{source} is neither a folder nor the address of a repository"), help));
    }
    let Some(rev) = rev.or(version::commit()) else {
        let help = "name the commit with --rev, so that the pipeline runs the same program tomorrow";
        return Err(Failure::new("this program does not know which commit it was built from", help));
    };
    let is_commit = (rev.len() == 40 || rev.len() == 64) && rev.chars().all(|c| c.is_ascii_hexdigit());
    if !is_commit {
        let help = "write all of its 40 digits: a branch or a tag may move";
        return Err(Failure::new(format!("{rev} is not a commit"), help));
    }
    Ok((format!("--git {source} --rev {rev} firedrill"), rev.to_owned()))
}

/// Whether there is a scenario in `folder`, or what looks like one.
fn has_scenarios(folder: &Path) -> bool {
    let is_yaml = |entry: fs::DirEntry| entry.path().extension().is_some_and(|end| end == "yaml" || end == "yml");
    fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(is_yaml))
}

/// A path that means the same to YAML, to every shell and to the services' own expressions.
fn plain(path: &Path) -> Result<&str, Failure> {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
    match path.to_str() {
        Some(text) if text.chars().all(harmless) && !text.starts_with('-') => Ok(text),
        _ => Err(Failure::new(
            format!("{} is not safe to use in a pipeline", path.display()),
            "use letters, digits, `_`, `-`, `.` and `/` only",
        )),
    }
}

fn write_all(drafts: &[Draft], force: bool) -> Result<(), Failure> {
    if let Some(there) = drafts.iter().find(|draft| !force && fs::symlink_metadata(&draft.path).is_ok()) {
        return Err(occupied(&there.path));
    }
    drafts.iter().try_for_each(|draft| write(draft, force))
}

fn write(draft: &Draft, force: bool) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => occupied(&draft.path),
        _ => Failure::new(format!("cannot write {}: {error}", draft.path.display()), ""),
    };
    if let Some(folder) = draft.path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    // What turned up in the meantime is not overwritten either.
    whole::write(&draft.path, draft.text.as_bytes(), force).map_err(cannot)
}

fn occupied(path: &Path) -> Failure {
    Failure::new(format!("{} already exists", path.display()), "choose another file, or overwrite it with --force")
}

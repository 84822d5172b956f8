//! `firedrill report`: reads the results of an earlier run back, and prints or writes its reports again.
//!
//! Invariant: a directory is read as a whole or refused with a place and a remedy; what it says of a run is what
//! judging the run's record says; nothing that is there is overwritten unless that is asked for.

use super::args::{ReportArgs, format_name};
use super::console::{Console, Failure};
use super::defaults::Defaults;
use super::engine::Engine;
use super::exit::Exit;
use super::surroundings::Surroundings;
use super::whole;
use crate::outcome::{Outcome, TOOL_VERSION};
use crate::report::text::{clean, plural};
use crate::report::{
    Absence, CATALOG, Document, FOLDERS, Folder, Format, JSON, Look, ReadBack, Refusal, Stored, Subject, TERMINAL,
    read_back,
};
use serde_json::json;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// How results are to be rendered.
enum Way {
    Single(&'static dyn Format),
    Several(&'static dyn Folder),
}

/// Does what `args` say.
pub(super) fn report(
    args: &ReportArgs,
    engine: &dyn Engine,
    around: &Surroundings,
    look: Look,
    console: &mut Console<'_>,
) -> Exit {
    let Some(defaults) = Defaults::said(around.folder.as_deref(), console) else { return Exit::Usage };
    let format = defaults.format(args).unwrap_or(TERMINAL.name());
    let judged = |back: ReadBack| judged_again(&args.directory, &back, engine).map(|()| back);
    match read(&args.directory, args.rebuild)
        .and_then(judged)
        .and_then(|back| done((args, format), &back, around, look, console))
    {
        Ok(()) => Exit::AsExpected,
        Err(failure) => {
            console.failure(&failure);
            Exit::Usage
        }
    }
}

fn done(
    (args, format): (&ReportArgs, &str),
    back: &ReadBack,
    around: &Surroundings,
    look: Look,
    console: &mut Console<'_>,
) -> Result<(), Failure> {
    if back.tool_version != TOOL_VERSION {
        let theirs = clean(&back.tool_version);
        console
            .diagnostic(&format!("note: these results were written by firedrill {theirs}; this is {TOOL_VERSION}\n"));
    }
    announce(&args.directory, back, console);
    if args.check {
        return check(&args.directory, back, console);
    }
    let subject = back.stored.subject();
    match (way(format_name(format)), &args.output) {
        (Way::Single(format), None) if !format.is_text() && around.out_is_terminal => Err(Failure::new(
            format!("{} is not text, and standard output is a terminal", format.name()),
            format!("name a file for it: --output {}", format.file().unwrap_or_default()),
        )),
        (Way::Single(format), None) => show(&subject.written(format, look), format, console),
        (Way::Single(format), Some(file)) => {
            write(file, &subject.written(format, look), args.force)?;
            written(file, console);
            Ok(())
        }
        (Way::Several(folder), Some(directory)) => write_all(directory, &subject.files(folder), args.force, console),
        (Way::Several(folder), None) => Err(Failure::new(
            format!("{} takes several files", folder.name()),
            format!("name a directory for them: --output {}", folder.folder()),
        )),
    }
}

/// Makes sure that the verdicts are those of the record: a checksum says that a file is whole, and nothing of what is in it.
fn judged_again(directory: &Path, back: &ReadBack, engine: &dyn Engine) -> Result<(), Failure> {
    let refused = |why: String| {
        let place = directory.join("results.json");
        Failure::new(format!("{}: {why}", place.display()), "run the scenario again")
    };
    let judge = |outcome: &Outcome| {
        engine.judge_again(outcome).map_err(|why| refused(format!("it cannot be judged again: {why}")))
    };
    let (stored, again) = match back.stored.subject() {
        Subject::Run(outcome) => (Some(outcome), judge(outcome)?),
        Subject::Campaign(campaign) => {
            let again = campaign.worst.as_ref().map(judge).transpose()?.flatten();
            if let Some(why) = campaign.contradiction(again.as_ref().or(campaign.worst.as_ref())) {
                return Err(refused(why));
            }
            (campaign.worst.as_ref(), again)
        }
    };
    let Some((stored, again)) = stored.zip(again) else { return Ok(()) };
    if back.tool_version == TOOL_VERSION && JSON.run(stored, Look::PLAIN) != JSON.run(&again, Look::PLAIN) {
        return Err(refused(difference(stored, &again)));
    }
    let verdicts = |outcome: &Outcome| (outcome.verdict, outcome.as_expected);
    if verdicts(stored) != verdicts(&again) {
        return Err(refused(difference(stored, &again)));
    }
    Ok(())
}

/// How what results say differs from what judging their record says.
fn difference(stored: &Outcome, again: &Outcome) -> String {
    let mut pairs = stored.properties.iter().zip(&again.properties);
    match pairs.find(|(a, b)| (a.verdict, a.expected) != (b.verdict, b.expected)) {
        Some((a, b)) => {
            let id = clean(&a.id);
            format!(
                "`{id}` is {} (expected: {}) by its record, but {} ({}) in the file",
                b.verdict, b.expected, a.verdict, a.expected
            )
        }
        None if stored.verdict != again.verdict => {
            format!("the verdict is {} by its record, but {} in the file", again.verdict, stored.verdict)
        }
        None => "it does not match the judgement of its record: it was changed by hand".to_owned(),
    }
}

/// Which way a name of the catalogs means. The arguments were checked to have one.
fn way(name: &str) -> Way {
    let folder = FOLDERS.iter().find(|folder| folder.name() == name).map(|folder| Way::Several(*folder));
    let single = || CATALOG.iter().find(|format| format.name() == name).map(|format| Way::Single(*format));
    folder.or_else(single).expect("the names that can be typed are those of the catalogs")
}

fn show(bytes: &[u8], format: &dyn Format, console: &mut Console<'_>) -> Result<(), Failure> {
    if format.file().is_none() {
        console.shown(bytes);
    } else if console.json {
        let what = format!("{} and messages cannot share standard output", format.name());
        return Err(Failure::new(what, "write it to a file with --output"));
    } else {
        console.result(bytes);
    }
    Ok(())
}

/// What was read, for programs.
fn announce(directory: &Path, back: &ReadBack, console: &mut Console<'_>) {
    let (kind, verdict, as_expected) = match back.stored.subject() {
        Subject::Run(outcome) => ("run", outcome.verdict, outcome.as_expected),
        Subject::Campaign(campaign) => ("campaign", campaign.verdict(), campaign.as_expected()),
    };
    let content = json!({
        "directory": directory.to_string_lossy(),
        "kind": kind,
        "verdict": verdict.to_string(),
        "as_expected": as_expected,
        "tool_version": back.tool_version,
    });
    console.message("report", &content);
}

/// Compares the reports in the directory with what its results say.
fn check(directory: &Path, back: &ReadBack, console: &mut Console<'_>) -> Result<(), Failure> {
    let mut same = 0;
    if back.tool_version == TOOL_VERSION {
        for rendered in back.stored.subject().documents(|_| true) {
            let Some(found) = back.files.iter().find(|file| file.path == rendered.path) else { continue };
            if *found != rendered {
                let place = directory.join(&found.path);
                let what =
                    format!("{}: it does not match the results, although its checksum is correct", place.display());
                return Err(Failure::new(what, "run the scenario again; if that does not help, report a bug"));
            }
            same += 1;
        }
    }
    let files = plural(back.files.len() as u64, "file");
    let said = format!("ok: {files} intact, {same} of them rendered again and identical\n");
    console.shown(said.as_bytes());
    Ok(())
}

/// Reads a result directory.
/// What a directory of results holds, judged again.
///
/// # Errors
/// If it cannot be read, or does not say what judging its record says.
pub(super) fn read_results(directory: &Path, engine: &dyn Engine) -> Result<Stored, Failure> {
    let back = read(directory, false)?;
    judged_again(directory, &back, engine)?;
    Ok(back.stored)
}

/// Writes a page to a place of the user's choice.
///
/// # Errors
/// If it cannot be written, or something is there and `force` is not given.
pub(super) fn write_page(path: &Path, page: &[u8], force: bool, console: &mut Console<'_>) -> Result<(), Failure> {
    write(path, page, force)?;
    written(path, console);
    Ok(())
}

fn read(directory: &Path, rebuild: bool) -> Result<ReadBack, Failure> {
    let help = "name a directory that `firedrill run` wrote, such as firedrill-results/<scenario>";
    match fs::metadata(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(Failure::new(format!("{}: no such directory", directory.display()), help));
        }
        Err(error) => return Err(Failure::new(format!("cannot read {}: {error}", directory.display()), "")),
        Ok(metadata) if !metadata.is_dir() => {
            return Err(Failure::new(format!("{} is not a directory", directory.display()), help));
        }
        Ok(_) => {}
    }
    let mut fetch = |path: &str, most: u64| fetch(&directory.join(path), most);
    read_back(&mut fetch, rebuild).map_err(|refusal| failure(directory, refusal))
}

fn failure(directory: &Path, refusal: Refusal) -> Failure {
    let place = if refusal.place.is_empty() { directory.to_owned() } else { directory.join(refusal.place) };
    Failure::new(format!("{}: {}", place.display(), refusal.why), refusal.help)
}

/// At most so many bytes of a file, and one. What is no file is not opened: a pipe would never end.
fn fetch(path: &Path, most: u64) -> Result<Vec<u8>, Absence> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => Absence::Missing,
        _ => Absence::Unreadable(error.to_string()),
    };
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Absence::Unreadable("it is not a file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

fn written(path: &Path, console: &mut Console<'_>) {
    let path = path.to_string_lossy();
    console.diagnostic(&format!("wrote {}\n", clean(&path)));
    console.message("written", &json!({ "path": path }));
}

/// Writes every file of a folder, or none if one of them is there already.
fn write_all(directory: &Path, files: &[Document], force: bool, console: &mut Console<'_>) -> Result<(), Failure> {
    let name = |file: &Document| file.path.rsplit('/').next().unwrap_or_default().to_owned();
    let places: Vec<PathBuf> = files.iter().map(|file| directory.join(name(file))).collect();
    if let Some(there) = places.iter().find(|place| !force && fs::symlink_metadata(place).is_ok()) {
        return Err(occupied(there));
    }
    fs::create_dir_all(directory).map_err(|error| cannot_write(directory, &error))?;
    for (place, file) in places.iter().zip(files) {
        write(place, &file.bytes, force)?;
    }
    written(directory, console);
    Ok(())
}

fn write(path: &Path, bytes: &[u8], force: bool) -> Result<(), Failure> {
    whole::write(path, bytes, force).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => occupied(path),
        _ => cannot_write(path, &error),
    })
}

fn occupied(path: &Path) -> Failure {
    Failure::new(format!("{} already exists", path.display()), "choose another path, or overwrite it with --force")
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot write {}: {error}", path.display()), "choose another path with --output")
}

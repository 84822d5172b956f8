//! Reading scenario files.
//!
//! Invariant: whatever the path is, the answer is its text or one sentence that names it.

use super::console::Failure;
use super::results;
use crate::scenario::is_base;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The largest scenario file. Unit: bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// How standard input is written as a file.
pub(super) const STDIN: &str = "-";

/// `given` with, in place of each directory, the scenario files in it and below it, by name. Directories of results, which
/// hold a schedule and no scenario, and hidden ones are passed over, and so are files that scenarios only build on.
///
/// # Errors
/// If a directory cannot be read or has no scenario in it.
pub(super) fn expand(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in given {
        if path.as_os_str() == STDIN || !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        within(path, &mut files).map_err(|error| cannot_read(&path.display().to_string(), &error))?;
        if files.len() == before {
            let what = format!("{} contains no scenario", path.display());
            return Err(Failure::new(what, "scenarios are files ending in .yaml or .yml"));
        }
    }
    Ok(files)
}

fn within(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let entries = std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if !hidden && !results::holds_results(&path) {
                within(&path, files)?;
            }
        } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") && !begins_as_base(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// Whether a file is one that scenarios build on and that is none by itself. One that cannot be read is none.
fn begins_as_base(file: &Path) -> bool {
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes));
    read.is_ok() && is_base(&String::from_utf8_lossy(&bytes))
}

/// The text of `file`.
///
/// # Errors
/// If it cannot be read, is too large, or is not UTF-8.
pub(super) fn read(file: &Path) -> Result<String, Failure> {
    if file.as_os_str() == STDIN {
        return text("standard input", &mut std::io::stdin().lock());
    }
    let name = file.display().to_string();
    let mut open = File::open(file).map_err(|error| cannot_read(&name, &error))?;
    let metadata = open.metadata().map_err(|error| cannot_read(&name, &error))?;
    if metadata.is_dir() {
        return Err(Failure::new(format!("{name} is a directory"), "name the scenario files in it"));
    }
    text(&name, &mut open)
}

fn cannot_read(name: &str, error: &std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::NotFound => Failure::new(format!("{name}: no such file"), ""),
        _ => Failure::new(format!("cannot read {name}: {error}"), ""),
    }
}

fn text(name: &str, from: &mut dyn Read) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| cannot_read(name, &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Failure::new(format!("{name} is larger than {LARGEST} bytes"), "is it a scenario file?"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        Failure::new(format!("{name}:{line}:{column}: what stands here is not UTF-8"), "save the file as UTF-8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_in_a_directory_are_no_scenarios() {
        let place = crate::cli::fixture::scratch("results_among_scenarios");
        let folders = ["firedrill-results/dark", ".dark.partial-1-0", "more"];
        for folder in folders {
            std::fs::create_dir_all(place.join(folder)).unwrap();
            std::fs::write(place.join(folder).join("schedule.yaml"), "firedrill_schedule: 1\n").unwrap();
        }
        std::fs::write(place.join("dark.yaml"), "firedrill: 1\n").unwrap();
        let marked = place.join("firedrill-results/dark/results.json");
        std::fs::write(marked, format!("{{\n  \"schema\": \"{}\"\n}}", crate::report::SCHEMA)).unwrap();
        let found = expand(std::slice::from_ref(&place)).unwrap();
        assert_eq!(found, [place.join("dark.yaml"), place.join("more/schedule.yaml")]);
    }

    #[test]
    fn every_unreadable_thing_has_its_sentence() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(read(&manifest.join("Cargo.toml")).unwrap().contains("firedrill"));
        assert!(read(&manifest.join("src")).unwrap_err().what.ends_with("src is a directory"));
        assert_eq!(read(Path::new("no/such.yaml")).unwrap_err().what, "no/such.yaml: no such file");
        let error = text("x.yaml", &mut &b"abc\xff"[..]).unwrap_err();
        assert_eq!(error.what, "x.yaml:1:4: what stands here is not UTF-8");
        let error = text("x.yaml", &mut std::io::repeat(b'a')).unwrap_err();
        assert!(error.what.contains("larger than"), "{error}");
    }
}

//! `firedrill run --watch`: waits until one of the files that scenarios are made of changes.
//!
//! Owns the waiting. Does not know what is run. Invariant: nothing of what is seen here reaches a run but that it begins.

use super::engine::{Engine, Source};
use super::input;
use crate::report::Look;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How often files are looked at.
const EVERY: Duration = Duration::from_millis(300);

/// When a file was written and how long it is; `None` while there is none.
type Stamp = Option<(SystemTime, u64)>;

/// Files as they were at one moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Watched(Vec<(PathBuf, Stamp)>);

impl Watched {
    /// What the scenarios in `files` are made of, with these settings.
    pub(super) fn of(files: &[PathBuf], settings: &[String], schedule: Option<&Path>, engine: &dyn Engine) -> Self {
        let mut all: Vec<PathBuf> = files.iter().cloned().chain(schedule.map(Path::to_owned)).collect();
        for file in files {
            let Ok(text) = input::read(file) else { continue };
            let name = file.to_string_lossy();
            let source = Source { file: &name, text: &text, settings, schedule: None, look: Look::PLAIN };
            all.extend(engine.files_of(&source));
        }
        all.sort();
        all.dedup();
        Self(all.into_iter().map(|file| (file.clone(), stamp(&file))).collect())
    }

    /// What they are called.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.iter().map(|(file, _)| file.to_string_lossy().into_owned()).collect()
    }

    /// Whether any of them is not as it was.
    pub(super) fn have_changed(&self) -> bool {
        self.0.iter().any(|(file, then)| stamp(file) != *then)
    }

    /// Returns once one of them is not as it was.
    #[expect(clippy::disallowed_methods, reason = "somebody edits a file meanwhile, in real time")]
    pub(super) fn wait(&self) {
        while !self.have_changed() {
            std::thread::sleep(EVERY);
        }
        // An editor may write a file in several strokes.
        std::thread::sleep(EVERY);
    }
}

fn stamp(file: &Path) -> Stamp {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::fixture::{Stage, scratch};

    #[test]
    fn a_change_of_any_file_is_seen() {
        let place = scratch("watched");
        let (file, other) = (place.join("quiet.yaml"), place.join("schedule.yaml"));
        std::fs::write(&file, "quiet").unwrap();
        let watched = || Watched::of(std::slice::from_ref(&file), &[], Some(&other), &Stage);
        let before = watched();
        assert!(!before.have_changed());
        std::fs::write(&other, "77").unwrap();
        assert!(before.have_changed(), "a file that appears");
        let before = watched();
        std::fs::write(&file, "quiet now").unwrap();
        assert!(before.have_changed());
        std::fs::remove_file(&other).unwrap();
        assert!(watched() != before && !watched().have_changed());
        assert!(watched().0.iter().any(|(file, _)| file.ends_with("estate.yaml")), "what it builds on, too");
    }
}

//! The directory of results: appears whole, or not at all.
//!
//! Files are written to a hidden sibling, flushed to disk, and renamed into place at the end.
//!
//! Invariant: a directory that firedrill did not write is never replaced, and what replaces a result is whole.

use super::console::Failure;
use super::interrupt::unfinished;
use super::whole;
use crate::report::{CATALOG, FOLDERS, FileEntry, Folder, MANIFEST, Matrix, Rendering, SCHEMA, manifest, written};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The written schedule of a run, beside the files of the formats.
pub(super) const SCHEDULE: &str = "schedule.yaml";

/// A result directory on its way. Dropped before [`ResultDir::commit`], it leaves nothing behind.
#[derive(Debug)]
pub(super) struct ResultDir {
    target: PathBuf,
    partial: PathBuf,
    /// Held as long as this process is at it: what nobody holds was left by one that was killed.
    _lock: File,
}

impl ResultDir {
    /// Makes sure that results can be written to `target` later.
    ///
    /// # Errors
    /// If the place cannot be written, or holds something that is not a result.
    pub(super) fn prepare(target: &Path) -> Result<Self, Failure> {
        let Some(name) = target.file_name() else {
            let what = format!("{} cannot be a result directory", target.display());
            return Err(Failure::new(what, "choose a directory that firedrill may create and replace"));
        };
        replaceable(target)?;
        let parent = parent(target);
        fs::create_dir_all(parent).map_err(|error| cannot_write(parent, &error))?;
        let mut unfinished = unfinished();
        remove_abandoned(parent, name);
        let partial = sibling(parent, name, "partial").map_err(|error| cannot_write(parent, &error))?;
        let lock = lock(&partial).map_err(|error| cannot_write(parent, &error))?;
        unfinished.insert(partial.clone());
        Ok(Self { target: target.to_owned(), partial, _lock: lock })
    }

    /// Where the results will be.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// Writes `files`, one after the other, and puts the directory in its place.
    ///
    /// # Errors
    /// If anything cannot be written. Then what was at the place before is there still.
    pub(super) fn commit<'a>(self, files: impl Iterator<Item = Rendering<'a>>) -> Result<(), Failure> {
        replaceable(&self.target)?;
        let mut unfinished = unfinished();
        let done = fill(&self.partial, files)
            .and_then(|()| fs::remove_file(self.partial.join(LOCK)))
            .and_then(|()| put_in_place(&self.partial, &self.target));
        done.map_err(|error| cannot_write(&self.target, &error))?;
        unfinished.remove(&self.partial);
        unfinished.written();
        Ok(())
    }
}

/// Writes a page or file about several results in the place of an earlier one.
///
/// # Errors
/// If it cannot be written, or there is something that firedrill did not write.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    match fs::read(path) {
        Ok(earlier) if !Matrix::is_ours(&earlier) => {
            let what = format!("{} is there already, and firedrill did not write it", path.display());
            return Err(Failure::new(what, "choose another directory with --output, or move it away"));
        }
        _ => {}
    }
    let done = fs::create_dir_all(parent(path)).and_then(|()| whole::write(path, bytes, true));
    done.map_err(|error| cannot_write(path, &error))
}

impl Drop for ResultDir {
    fn drop(&mut self) {
        let mut unfinished = unfinished();
        if unfinished.remove(&self.partial) {
            let _ = fs::remove_dir_all(&self.partial);
        }
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot write {}: {error}", path.display()), "choose another path with --output")
}

fn parent(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Creates a hidden directory beside the target, named so that nobody takes it for a result.
fn sibling(parent: &Path, name: &OsStr, what: &str) -> io::Result<PathBuf> {
    for attempt in 0..1_000 {
        let name = format!(".{}.{what}-{}-{attempt}", name.to_string_lossy(), std::process::id());
        let path = parent.join(name);
        match fs::create_dir(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            done => return done.map(|()| path),
        }
    }
    Err(io::Error::new(ErrorKind::AlreadyExists, "too many unfinished results"))
}

/// In an unfinished directory: locked by the process that fills it.
const LOCK: &str = ".lock";

fn lock(directory: &Path) -> io::Result<File> {
    let file = File::create(directory.join(LOCK))?;
    // Where files cannot be locked, nothing that was left is removed either.
    let _ = file.try_lock();
    Ok(file)
}

/// Removes what runs that were killed have left of results called `name`: nobody holds its lock.
fn remove_abandoned(parent: &Path, name: &OsStr) {
    let prefix = format!(".{}.partial-", name.to_string_lossy());
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let left = entry.file_name().to_string_lossy().starts_with(&prefix);
        if left && File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn fill<'a>(directory: &Path, files: impl Iterator<Item = Rendering<'a>>) -> io::Result<()> {
    let (mut folders, mut entries) = (BTreeSet::new(), Vec::new());
    for file in files {
        if let Some((folder, _)) = file.path.rsplit_once('/')
            && folders.insert(folder.to_owned())
        {
            fs::create_dir_all(directory.join(folder))?;
        }
        entries.push(create(directory, &file)?);
    }
    // The manifest comes last: without it, the result was cut short.
    create(directory, &manifest(entries).into())?;
    folders.iter().for_each(|folder| flush_directory(&directory.join(folder)));
    flush_directory(directory);
    Ok(())
}

fn create(directory: &Path, file: &Rendering<'_>) -> io::Result<FileEntry> {
    let mut out = BufWriter::new(File::create(directory.join(&file.path))?);
    let entry = written(file, &mut out)?;
    out.into_inner()?.sync_all()?;
    Ok(entry)
}

/// Not every system can flush a directory; where it cannot, the rename is durable a little later.
fn flush_directory(directory: &Path) {
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
}

fn put_in_place(partial: &Path, target: &Path) -> io::Result<()> {
    let (parent, name) = (parent(target), target.file_name().unwrap_or_default());
    if !target.exists() {
        fs::rename(partial, target)?;
        flush_directory(parent);
        return Ok(());
    }
    let old = sibling(parent, name, "replaced")?;
    fs::rename(target, &old)?;
    if let Err(error) = fs::rename(partial, target) {
        fs::rename(&old, target)?;
        return Err(error);
    }
    flush_directory(parent);
    // The new result stands; an old one that cannot be removed is litter, not an error.
    let _ = fs::remove_dir_all(&old);
    Ok(())
}

/// Refuses a place that holds anything but a result of ours.
fn replaceable(target: &Path) -> Result<(), Failure> {
    let refused = |why: String| {
        Err(Failure::new(
            format!("{} {why}", target.display()),
            "it would be replaced; choose another path with --output, or move it away",
        ))
    };
    let metadata = match fs::symlink_metadata(target) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other.map_err(|error| cannot_write(target, &error))?,
    };
    if !metadata.is_dir() {
        return refused("exists and is not a directory".to_owned());
    }
    let foreign = foreign_entry(target).map_err(|error| cannot_write(target, &error))?;
    match foreign {
        Some(name) => refused(format!("contains something that is not a firedrill result: {name}")),
        None => Ok(()),
    }
}

/// The first thing in `directory` that is not a file of a result. An empty directory has none.
fn foreign_entry(directory: &Path) -> io::Result<Option<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        names.push(entry?.file_name());
    }
    names.sort();
    let is_file =
        |name: &OsStr| CATALOG.iter().filter_map(|f| f.file()).chain([SCHEDULE, MANIFEST]).any(|file| name == file);
    for name in names.iter().filter(|name| !is_file(name)) {
        let name = name.to_string_lossy().into_owned();
        match FOLDERS.iter().find(|folder| folder.folder() == name) {
            Some(folder) => {
                if let Some(foreign) = foreign_to(&directory.join(&name), *folder)? {
                    return Ok(Some(format!("{name}/{foreign}")));
                }
            }
            None => return Ok(Some(name)),
        }
    }
    let bears_our_mark = names.is_empty() || is_result(&directory.join("results.json"));
    Ok((!bears_our_mark).then(|| "files of the same names".to_owned()))
}

/// The first thing in `directory` that `folder` does not write.
fn foreign_to(directory: &Path, folder: &dyn Folder) -> io::Result<Option<String>> {
    if !fs::symlink_metadata(directory)?.is_dir() {
        return Ok(Some(String::new()));
    }
    let mut foreign = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !folder.owns(&name) || !entry.file_type()?.is_file() {
            foreign.push(name);
        }
    }
    Ok(foreign.into_iter().min())
}

/// Whether a directory is one of results, whole or not.
pub(super) fn holds_results(directory: &Path) -> bool {
    is_result(&directory.join("results.json"))
}

/// Whether a file starts as every `results.json` does, whatever the version of its schema.
fn is_result(file: &Path) -> bool {
    let family = SCHEMA.split('/').next().unwrap_or(SCHEMA);
    let mut head = Vec::new();
    let read = File::open(file).and_then(|file| file.take(256).read_to_end(&mut head));
    read.is_ok() && String::from_utf8_lossy(&head).contains(&format!("\"schema\": \"{family}/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::fixture::scratch;
    use crate::report::Document;

    fn document(path: &str, text: &str) -> Rendering<'static> {
        Document { path: path.to_owned(), bytes: text.as_bytes().to_vec() }.into()
    }

    fn files(text: &str) -> impl Iterator<Item = Rendering<'static>> {
        let results = document("results.json", &format!("{{\n  \"schema\": \"{SCHEMA}\",\n{text}}}"));
        [results, document("charts/timeline.svg", text)].into_iter()
    }

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(directory).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn results_appear_whole_and_replace_older_ones() {
        let place = scratch("results_appear");
        let target = place.join("deep/er/dark");
        ResultDir::prepare(&target).unwrap().commit(files("1")).unwrap();
        ResultDir::prepare(&target).unwrap().commit(files("2")).unwrap();
        assert_eq!(names(&target), ["charts", "manifest.json", "results.json"]);
        assert_eq!(names(&target.join("charts")), ["timeline.svg"]);
        assert!(fs::read_to_string(target.join("results.json")).unwrap().contains('2'));
        assert_eq!(names(&place.join("deep/er")), ["dark"], "nothing else is left");
    }

    #[test]
    fn what_was_not_finished_leaves_nothing_and_the_old_result_stays() {
        let place = scratch("not_finished");
        let target = place.join("dark");
        ResultDir::prepare(&target).unwrap().commit(files("old")).unwrap();
        drop(ResultDir::prepare(&target).unwrap());
        assert_eq!(names(&place), ["dark"]);
        let broken = ResultDir::prepare(&target).unwrap();
        assert!(
            broken
                .commit([document("results.json/not-a-folder", ""), document("results.json", "")].into_iter())
                .is_err()
        );
        assert_eq!(names(&place), ["dark"]);
        assert!(fs::read_to_string(target.join("results.json")).unwrap().contains("old"));
    }

    #[test]
    fn what_a_killed_run_has_left_is_removed_and_what_another_is_at_is_not() {
        let place = scratch("abandoned");
        let at_work = ResultDir::prepare(&place.join("dark")).unwrap();
        let left = place.join(".dark.partial-1-7");
        fs::create_dir(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        let unlike = place.join(".dark.partial-2-7");
        fs::create_dir(&unlike).unwrap();
        let second = ResultDir::prepare(&place.join("dark")).unwrap();
        assert!(!left.exists() && unlike.exists() && at_work.partial.exists());
        drop(second);
        at_work.commit(files("1")).unwrap();
        assert_eq!(names(&place), [".dark.partial-2-7", "dark"]);
        assert_eq!(names(&place.join("dark")), ["charts", "manifest.json", "results.json"]);
    }

    #[test]
    fn what_is_not_ours_is_never_replaced() {
        let place = scratch("not_ours");
        let refused = |target: &Path| ResultDir::prepare(target).unwrap_err().what;
        fs::write(place.join("file"), "x").unwrap();
        assert!(refused(&place.join("file")).contains("not a directory"));
        fs::create_dir(place.join("photos")).unwrap();
        fs::write(place.join("photos/cat.png"), "x").unwrap();
        assert!(refused(&place.join("photos")).contains("cat.png"));
        fs::create_dir(place.join("other")).unwrap();
        fs::write(place.join("other/results.json"), "{\"schema\": \"somebody.else/1\"}").unwrap();
        assert!(refused(&place.join("other")).contains("files of the same names"));
        ResultDir::prepare(&place.join("mine")).unwrap().commit(files("1")).unwrap();
        fs::write(place.join("mine/notes.txt"), "mine").unwrap();
        assert!(refused(&place.join("mine")).contains("notes.txt"));
        ResultDir::prepare(&place.join("drawn")).unwrap().commit(files("1")).unwrap();
        fs::write(place.join("drawn/charts/holiday.svg"), "mine").unwrap();
        assert!(refused(&place.join("drawn")).contains("charts/holiday.svg"));
        fs::create_dir(place.join("empty")).unwrap();
        ResultDir::prepare(&place.join("empty")).unwrap().commit(files("1")).unwrap();
    }

    #[test]
    fn a_place_without_a_name_is_refused() {
        for place in ["", ".", "..", "/"] {
            assert!(ResultDir::prepare(Path::new(place)).is_err(), "{place}");
        }
    }

    #[test]
    fn a_file_that_turns_up_during_the_run_is_not_lost() {
        let target = scratch("turns_up").join("dark");
        let directory = ResultDir::prepare(&target).unwrap();
        fs::create_dir(&target).unwrap();
        fs::write(target.join("precious"), "x").unwrap();
        assert!(directory.commit(files("1")).is_err());
        assert_eq!(names(&target), ["precious"]);
    }
}

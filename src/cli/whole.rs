//! Single files that appear whole, or not at all: written beside their place, flushed, and put there.
//!
//! Does not know what is in them. Invariant: a disk that is full, or a process that is killed, leaves no cut file under
//! the name that was asked for, and nothing that is there is lost.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Writes `bytes` to `path`; `force`: in place of what is there.
///
/// # Errors
/// If it cannot be written, or something is there already.
pub(super) fn write(path: &Path, bytes: &[u8], force: bool) -> io::Result<()> {
    // What is no file, such as a terminal or a pipe, is written to as it is.
    let there = fs::metadata(path).ok();
    if force && there.as_ref().is_some_and(|there| !there.is_file()) {
        return File::options().write(true).open(path)?.write_all(bytes);
    }
    if !force && fs::symlink_metadata(path).is_ok() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    // A link keeps naming what it names.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let draft = beside(&path)?;
    let done = fill(&draft, bytes, there.map(|there| there.permissions())).and_then(|()| put(&draft, &path, force));
    if done.is_err() {
        let _ = fs::remove_file(&draft);
    }
    done
}

/// A hidden name in the same folder, which nobody has yet.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
    let names =
        (0..1_000).map(|attempt| format!(".{}.partial-{}-{attempt}", name.to_string_lossy(), std::process::id()));
    let free = names.map(|name| path.with_file_name(name)).find(|path| fs::symlink_metadata(path).is_err());
    free.ok_or_else(|| ErrorKind::AlreadyExists.into())
}

fn fill(draft: &Path, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(draft)?;
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()
}

fn put(draft: &Path, path: &Path, force: bool) -> io::Result<()> {
    if force {
        return fs::rename(draft, path);
    }
    // A link is never put in the place of what turned up in the meantime; a rename would be.
    match fs::hard_link(draft, path) {
        Ok(()) => fs::remove_file(draft),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        // Not every file system has links.
        Err(_) if fs::symlink_metadata(path).is_err() => fs::rename(draft, path),
        Err(_) => Err(ErrorKind::AlreadyExists.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::fixture::scratch;

    #[test]
    fn a_file_appears_whole_and_nothing_is_lost_for_it() {
        let place = scratch("whole_files");
        let (path, read) = (place.join("a.md"), |path: &Path| fs::read_to_string(path).unwrap());
        write(&path, b"one", false).unwrap();
        assert_eq!(write(&path, b"two", false).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(read(&path), "one");
        write(&path, b"two", true).unwrap();
        assert_eq!((read(&path), fs::read_dir(&place).unwrap().count()), ("two".to_owned(), 1));
        assert!(write(&place.join("none/a.md"), b"x", false).is_err());
        assert!(write(Path::new("/"), b"x", false).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_draft_that_cannot_be_put_in_its_place_leaves_nothing() {
        let place = scratch("whole_files_refused");
        fs::create_dir(place.join("folder")).unwrap();
        assert!(write(&place.join("folder"), b"x", true).is_err());
        let link = place.join("link");
        std::os::unix::fs::symlink(place.join("target"), &link).unwrap();
        fs::write(place.join("target"), "old").unwrap();
        write(&link, b"new", true).unwrap();
        assert_eq!(fs::read_to_string(place.join("target")).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(&place).unwrap().count(), 3);
    }
}

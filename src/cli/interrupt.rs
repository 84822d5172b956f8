//! Interruption: what was being written goes away, and the exit code says which signal it was.
//!
//! Invariant: a directory is either registered here, and removed when a signal comes, or whole. Whoever creates, fills
//! or renames one does so under the lock, so that a signal waits for that and never sees the middle.

use super::exit::INTERRUPTED;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

static UNFINISHED: Mutex<Unfinished> = Mutex::new(Unfinished { directories: BTreeSet::new(), written: 0 });

/// What is under way.
#[derive(Debug)]
pub(super) struct Unfinished {
    directories: BTreeSet<PathBuf>,
    written: u64,
}

impl Unfinished {
    /// A directory that is not whole from now on.
    pub(super) fn insert(&mut self, directory: PathBuf) {
        self.directories.insert(directory);
    }

    /// It is whole, or gone. Whether it was not before.
    pub(super) fn remove(&mut self, directory: &Path) -> bool {
        self.directories.remove(directory)
    }

    /// Results were written, and stay.
    pub(super) fn written(&mut self) {
        self.written += 1;
    }

    /// What an interruption at this moment leaves.
    fn left(&self) -> &'static str {
        match (self.written, self.directories.is_empty()) {
            (0, _) => "interrupted: the run was not finished and left no results",
            (_, true) => "interrupted: the results that were written are complete",
            (_, false) => "interrupted: a run was not finished and left no results; those written before are complete",
        }
    }
}

/// The directories that are not whole yet, locked against interruption.
pub(super) fn unfinished() -> MutexGuard<'static, Unfinished> {
    // A panic while the lock was held leaves a set that is still right: paths are only added and removed.
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts to listen for signals. Must run before any other thread starts, for they inherit what it blocks.
///
/// # Errors
/// If the operating system refuses.
#[cfg(unix)]
pub(super) fn watch() -> std::io::Result<()> {
    use super::exit::TERMINATED;
    use nix::sys::signal::{SigSet, Signal};

    let mut signals = SigSet::empty();
    signals.add(Signal::SIGINT);
    signals.add(Signal::SIGTERM);
    signals.thread_block()?;
    let listen = move || {
        if let Ok(signal) = signals.wait() {
            end(if signal == Signal::SIGTERM { TERMINATED } else { INTERRUPTED });
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(listen).map(drop)
}

/// Starts to listen for Ctrl-C and Ctrl-Break.
///
/// # Errors
/// If the operating system refuses.
#[cfg(not(unix))]
pub(super) fn watch() -> std::io::Result<()> {
    ctrlc::set_handler(|| end(INTERRUPTED)).map_err(std::io::Error::other)
}

fn end(code: i32) -> ! {
    let unfinished = unfinished();
    for directory in &unfinished.directories {
        let _ = std::fs::remove_dir_all(directory);
    }
    let _ = writeln!(std::io::stderr(), "\n{}", unfinished.left());
    std::process::exit(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interruption_says_what_it_leaves() {
        let mut unfinished = Unfinished { directories: BTreeSet::new(), written: 0 };
        assert!(unfinished.left().contains("left no results"));
        unfinished.insert(PathBuf::from("a"));
        assert!(unfinished.left().ends_with("the run was not finished and left no results"));
        assert!(unfinished.remove(Path::new("a")));
        unfinished.written();
        assert_eq!(unfinished.left(), "interrupted: the results that were written are complete");
        unfinished.insert(PathBuf::from("b"));
        assert!(unfinished.left().ends_with("those written before are complete"));
    }
}

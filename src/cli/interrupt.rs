//! Interruption: what was being written goes away, and the exit code says which signal it was.
//!
//! Invariant: a directory is either registered here, and removed when a signal comes, or whole. Whoever creates, fills
//! or renames one does so under the lock, so that a signal waits for that and never sees the middle.

use super::exit::INTERRUPTED;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The directories that are not whole yet, locked against interruption.
pub(super) fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
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
    for directory in unfinished.iter() {
        let _ = std::fs::remove_dir_all(directory);
    }
    let _ = std::io::stderr().write_all(b"\ninterrupted: the run was not finished and left no results\n");
    std::process::exit(code)
}

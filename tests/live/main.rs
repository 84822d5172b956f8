//! The control logic on a real clock: the files that controllers share, and a failover of real servers.
#![allow(missing_docs, reason = "tests are named for what they show")]

mod audit;
mod drill;
mod failover;
mod journal;
mod lease;

use std::path::PathBuf;

/// An empty folder for the test of that name.
fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("live").join(test);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("what a test left can be taken away");
    }
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

/// Runs `future` on tokio's clock.
fn live<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

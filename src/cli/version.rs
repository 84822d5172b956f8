//! `firedrill --version`: which program this is, and what it can read and repeat.
//!
//! Invariant: nothing is looked up when the program is built or run; whoever builds it may say the commit.

use crate::outcome::TOOL_VERSION;
use crate::record::DIGEST_FORMAT;
use crate::report::SCHEMA;
use std::sync::LazyLock;

/// The version of the scenario language: that of `firedrill: 1`.
const LANGUAGE: u32 = 1;

/// The commit, if `FIREDRILL_COMMIT` was set when the program was built.
const COMMIT: Option<&str> = option_env!("FIREDRILL_COMMIT");

/// The commit that this program was built from, if it knows that.
pub(super) fn commit() -> Option<&'static str> {
    COMMIT.map(str::trim).filter(|commit| !commit.is_empty())
}

/// What is printed after the program's name.
pub(super) static LONG: LazyLock<String> = LazyLock::new(|| {
    let commit = commit().unwrap_or("unknown");
    format!(
        "{TOOL_VERSION}\nscenario language {LANGUAGE}\ndigest format {DIGEST_FORMAT}\nresults {SCHEMA}\ncommit {commit}"
    )
});

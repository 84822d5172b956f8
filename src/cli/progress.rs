//! Progress on long work: on standard error, and only if that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// How often a spinner turns, for the eye only.
const TURN: Duration = Duration::from_millis(120);

/// A bar over `runs` runs; invisible off a terminal, or if `quiet`.
pub(super) fn bar(runs: u64, quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{pos}/{len} runs [{bar:30}] {eta} left")
        .expect("the template is a constant and well-formed")
        .progress_chars("=> ");
    ProgressBar::new(runs).with_style(style)
}

/// A spinner for a single run, whose end nobody knows; invisible off a terminal, or if `quiet`.
pub(super) fn spinner(quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} rehearsing, {elapsed}")
        .expect("the template is a constant and well-formed")
        .tick_chars("|/-\\ ");
    let spinner = ProgressBar::new_spinner().with_style(style);
    spinner.enable_steady_tick(TURN);
    spinner
}

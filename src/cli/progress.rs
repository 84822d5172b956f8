//! Progress on long work: on standard error, and only if that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

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

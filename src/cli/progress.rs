//! Progress on long work: on standard error, and only if that is a terminal.

use crate::units::{Instant, Span};
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

/// How far a single run of `duration` is, in virtual time.
pub(super) fn how_far(reached: Instant, duration: Span) -> String {
    let share = reached.since(Instant::ZERO).as_secs_f64() / duration.as_secs_f64().max(1e-9);
    match share {
        share if share < 1.0 => format!("{reached:#} of {duration}, {:.0} %", (share * 100.0).floor()),
        _ => format!("settling at {reached:#}"),
    }
}

/// A spinner for a single run; invisible off a terminal, or if `quiet`.
pub(super) fn spinner(quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} rehearsing, {elapsed} {msg}")
        .expect("the template is a constant and well-formed")
        .tick_chars("|/-\\ ");
    let spinner = ProgressBar::new_spinner().with_style(style);
    spinner.enable_steady_tick(TURN);
    spinner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_run_says_how_far_it_is() {
        let hour = Span::from_secs(3_600);
        assert_eq!(how_far(Instant::from_secs(1_800), hour), "30m of 1h, 50 %");
        assert_eq!(how_far(Instant::from_secs(3_599), hour), "59m 59s of 1h, 99 %");
        assert!(how_far(Instant::from_secs(3_700), hour).starts_with("settling"));
    }
}

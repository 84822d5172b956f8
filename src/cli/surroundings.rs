//! What the process finds around it: terminals, their width, and the environment's wishes about colour.
//!
//! Invariant: read once, at the start; nothing below the command line reads the environment.

use super::args::{Color, OutputArgs};
use crate::report::{Detail, Look};
use std::ffi::OsStr;
use std::io::IsTerminal;
use std::path::PathBuf;

/// The surroundings of the process.
pub(super) struct Surroundings {
    pub out_is_terminal: bool,
    pub err_is_terminal: bool,
    /// `NO_COLOR` is set and not empty (no-color.org), or the terminal is `dumb`.
    pub color_unwanted: bool,
    /// `CLICOLOR_FORCE` is set and not `0` (bixense.com/clicolors).
    pub color_forced: bool,
    /// The terminal is `dumb`, or the locale says that characters are not UTF-8 (POSIX: the first of `LC_ALL`,
    /// `LC_CTYPE` and `LANG` that is set). No locale at all says nothing: containers have none.
    pub ascii_only: bool,
    /// Columns of the terminal, if there is one.
    pub width: Option<usize>,
    /// The folder in which the program runs, if there is one.
    pub folder: Option<PathBuf>,
    /// This is a step of a workflow of GitHub Actions.
    pub github_actions: bool,
    /// Where the summary of that step goes.
    pub step_summary: Option<PathBuf>,
}

impl Surroundings {
    pub(super) fn of_this_process() -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let github_actions = set("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        let dumb = set("TERM").is_some_and(|term| term == "dumb");
        Self {
            out_is_terminal: std::io::stdout().is_terminal(),
            err_is_terminal: std::io::stderr().is_terminal(),
            color_unwanted: set("NO_COLOR").is_some() || dumb,
            color_forced: set("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            ascii_only: dumb || ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).is_some_and(|l| !is_utf8(&l)),
            width: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
            folder: std::env::current_dir().ok(),
            github_actions,
            step_summary: set("GITHUB_STEP_SUMMARY").filter(|_| github_actions).map(PathBuf::from),
        }
    }

    /// How results should look.
    pub(super) fn look(&self, args: &OutputArgs) -> Look {
        let detail = match (args.quiet, args.verbose) {
            (true, _) => Detail::Line,
            (false, true) => Detail::Full,
            (false, false) => Detail::Summary,
        };
        let width = if self.out_is_terminal { self.width.unwrap_or(Look::WIDEST) } else { Look::WIDEST };
        let color = wanted(args.color, self.color_on_stdout());
        let ascii = args.ascii || self.ascii_only;
        Look { color, ascii, width: width.min(Look::WIDEST), detail }
    }

    /// How diagnostics should look.
    pub(super) fn look_of_diagnostics(&self, args: &OutputArgs) -> Look {
        Look { color: wanted(args.color, self.color_on_stderr()), ..self.look(args) }
    }

    pub(super) fn color_on_stdout(&self) -> bool {
        self.color_on(self.out_is_terminal)
    }

    pub(super) fn color_on_stderr(&self) -> bool {
        self.color_on(self.err_is_terminal)
    }

    fn color_on(&self, terminal: bool) -> bool {
        !self.color_unwanted && (self.color_forced || terminal)
    }
}

/// Whether a locale such as `de_CH.UTF-8` is one of UTF-8.
fn is_utf8(locale: &OsStr) -> bool {
    let locale = locale.to_string_lossy().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

const fn wanted(color: Color, automatically: bool) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => automatically,
    }
}

#[cfg(test)]
impl Surroundings {
    /// No terminal, no wishes, no workflow.
    pub(super) const NOTHING: Self = Self {
        out_is_terminal: false,
        err_is_terminal: false,
        color_unwanted: false,
        color_forced: false,
        ascii_only: false,
        width: None,
        folder: None,
        github_actions: false,
        step_summary: None,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_is_for_those_who_know_no_more() {
        let ascii = |surroundings: Surroundings, asked| {
            surroundings.look(&OutputArgs { ascii: asked, ..OutputArgs::USUAL }).ascii
        };
        assert!(!ascii(Surroundings::NOTHING, false));
        assert!(ascii(Surroundings::NOTHING, true));
        assert!(ascii(Surroundings { ascii_only: true, ..Surroundings::NOTHING }, false));
        let known = ["C.UTF-8", "de_CH.utf8", "en_US.UTF-8"].map(|locale| is_utf8(locale.as_ref()));
        let unknown = ["C", "POSIX", "de_CH", "en_US.ISO-8859-1"].map(|locale| is_utf8(locale.as_ref()));
        assert_eq!((known, unknown), ([true; 3], [false; 4]));
    }

    #[test]
    fn colour_is_for_terminals_that_want_it_unless_told_otherwise() {
        let on = |terminal, unwanted, forced, color| {
            let surroundings = Surroundings {
                out_is_terminal: terminal,
                color_unwanted: unwanted,
                color_forced: forced,
                ..Surroundings::NOTHING
            };
            surroundings.look(&OutputArgs { color, ..OutputArgs::USUAL }).color
        };
        assert!(on(true, false, false, Color::Auto));
        assert!(!on(true, true, true, Color::Auto), "NO_COLOR wins");
        assert!(!on(false, false, false, Color::Auto));
        assert!(on(false, false, true, Color::Auto), "CLICOLOR_FORCE");
        assert!(on(false, true, false, Color::Always), "a flag wins over the environment");
        assert!(!on(true, false, true, Color::Never));
    }
}

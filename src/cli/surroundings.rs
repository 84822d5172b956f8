//! What the process finds around it: terminals, their width, and the environment's wishes about colour.
//!
//! Invariant: read once, at the start; nothing below the command line reads the environment.

use super::args::{Color, OutputArgs};
use crate::report::{Detail, Look};
use std::io::IsTerminal;

/// The surroundings of the process.
pub(super) struct Surroundings {
    pub out_is_terminal: bool,
    pub err_is_terminal: bool,
    /// `NO_COLOR` is set and not empty (no-color.org), or the terminal is `dumb`.
    pub color_unwanted: bool,
    /// `CLICOLOR_FORCE` is set and not `0` (bixense.com/clicolors).
    pub color_forced: bool,
    /// Columns of the terminal, if there is one.
    pub width: Option<usize>,
}

impl Surroundings {
    pub(super) fn of_this_process() -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            out_is_terminal: std::io::stdout().is_terminal(),
            err_is_terminal: std::io::stderr().is_terminal(),
            color_unwanted: set("NO_COLOR").is_some() || set("TERM").is_some_and(|term| term == "dumb"),
            color_forced: set("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            width: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
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
        Look { color, ascii: args.ascii, width: width.min(Look::WIDEST), detail }
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

const fn wanted(color: Color, automatically: bool) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => automatically,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_that_want_it_unless_told_otherwise() {
        let on = |terminal, unwanted, forced, color| {
            let surroundings = Surroundings {
                out_is_terminal: terminal,
                err_is_terminal: false,
                color_unwanted: unwanted,
                color_forced: forced,
                width: None,
            };
            surroundings.look(&OutputArgs { quiet: false, verbose: false, ascii: false, color }).color
        };
        assert!(on(true, false, false, Color::Auto));
        assert!(!on(true, true, true, Color::Auto), "NO_COLOR wins");
        assert!(!on(false, false, false, Color::Auto));
        assert!(on(false, false, true, Color::Auto), "CLICOLOR_FORCE");
        assert!(on(false, true, false, Color::Always), "a flag wins over the environment");
        assert!(!on(true, false, true, Color::Never));
    }
}

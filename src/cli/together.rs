//! What several scenarios came to together: the table at the end of a run, the page, the file for a CI system.
//!
//! Does not know how a scenario is run. Invariant: what firedrill did not write is not overwritten.

use super::args::{RunArgs, format_name};
use super::console::{Console, Failure};
use super::exit::Exit;
use super::results::replace;
use crate::report::history::HISTORY;
use crate::report::text::clean;
use crate::report::{Compared, Corrected, Detail, Look, Matrix, compared_page, compared_text};
use std::path::Path;

/// What all scenarios came to together.
pub(super) struct Gathered {
    pub exit: Exit,
    pub compared: Vec<Compared>,
    pub corrected: Vec<Corrected>,
    pub matrix: Matrix,
    /// Whether the scenarios are those of a folder, which has a page and a file for a CI system however many there are.
    pub of_folder: bool,
}

impl Default for Gathered {
    fn default() -> Self {
        let (compared, corrected) = (Vec::new(), Vec::new());
        Self { exit: Exit::AsExpected, compared, corrected, matrix: Matrix::default(), of_folder: false }
    }
}

impl Gathered {
    /// Shows and writes what is about all of them.
    pub(super) fn conclude(self, args: &RunArgs, look: Look, console: &mut Console<'_>) -> Exit {
        let several = self.matrix.rows().len() > 1;
        if several && look.detail != Detail::Line {
            console.shown(&self.matrix.text(look));
        }
        if !self.compared.is_empty() && look.detail != Detail::Line {
            console.shown(b"\n");
            console.shown(&compared_text(&self.compared, look));
        }
        let together = if several || self.of_folder {
            write_together(&self.matrix, args, look, console)
        } else {
            Exit::AsExpected
        };
        let table = write_table(args.table.as_deref(), (&self.compared, &self.corrected), console);
        self.exit.max(together).max(table)
    }
}

/// Writes the page and the file that hold all scenarios, beside their directories.
fn write_together(matrix: &Matrix, args: &RunArgs, look: Look, console: &mut Console<'_>) -> Exit {
    let root = root(args);
    for (format, name, bytes) in [("html", "index.html", matrix.page()), ("junit", "junit.xml", matrix.junit())] {
        if !is_wanted(args, format) {
            continue;
        }
        let path = root.join(name);
        if let Err(failure) = replace(&path, &bytes) {
            console.failure(&failure);
            return Exit::Usage;
        }
        if look.detail != Detail::Line {
            let place = path.display().to_string();
            console.diagnostic(&format!("all of them in {}\n", clean(&place)));
        }
        console.message("together", &serde_json::json!({"file": path.display().to_string()}));
    }
    Exit::AsExpected
}

fn write_table(
    table: Option<&Path>,
    (compared, corrected): (&[Compared], &[Corrected]),
    console: &mut Console<'_>,
) -> Exit {
    let Some(path) = table else { return Exit::AsExpected };
    match std::fs::write(path, compared_page(compared, corrected)) {
        Ok(()) => Exit::AsExpected,
        Err(error) => {
            let what = format!("cannot write {}: {error}", path.display());
            console.failure(&Failure::new(what, "name a file in a directory that exists"));
            Exit::Usage
        }
    }
}

/// Where the directories of several scenarios lie.
pub(super) fn root(args: &RunArgs) -> &Path {
    let elsewhere = args.root.as_deref().unwrap_or(Path::new("firedrill-results"));
    args.output.as_deref().unwrap_or(elsewhere)
}

/// Whether a report of that format is to be written.
pub(super) fn is_wanted(args: &RunArgs, name: &str) -> bool {
    if name == HISTORY {
        return args.history;
    }
    args.report.as_ref().is_none_or(|wanted| wanted.iter().any(|typed| format_name(typed) == name))
}

//! What a rehearsal came to, written down: for a terminal, for a program, for a pull request.
//!
//! Owns the formats. Refuses to know a clock, a file, an environment or the simulator: it turns outcomes into bytes.
//!
//! Invariant: equal outcomes give equal bytes. Text from a scenario is data in every format and never acts: no escape
//! sequence reaches a terminal, no markup a page.
//!
//! A new format is one file or folder that implements [`Format`] and one line in [`CATALOG`]; one that writes several
//! files implements [`Folder`] and has its line in [`FOLDERS`].

mod compared;
mod csv;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod hostile;
mod html;
mod json;
mod junit;
mod manifest;
mod markdown;
mod openmetrics;
mod readback;
#[cfg(test)]
mod readback_tests;
mod sha256;
mod svg;
mod terminal;
pub(crate) mod text;
mod view;
mod xml;

pub use compared::{Compared, compared_page, compared_text};
pub use json::{SCHEMA, results_schema};
pub use manifest::{MANIFEST, manifest};
pub use readback::{Absence, Fetch, ReadBack, Refusal, SOURCES, read_back};

use crate::explore::Campaign;
use crate::outcome::Outcome;

/// How a format may show itself. Formats for files ignore it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Colour, as ANSI escape sequences.
    pub color: bool,
    /// Only ASCII, for terminals and logs that know no more.
    pub ascii: bool,
    /// Columns at most. Unit: terminal columns.
    pub width: usize,
    /// How much to say.
    pub detail: Detail,
}

/// How much a report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// One line.
    Line,
    /// What a reader needs to judge and to repeat.
    Summary,
    /// The summary, the demands behind the properties and every event.
    Full,
}

impl Look {
    /// The widest a report for people gets, whatever the terminal: longer lines are hard to read.
    pub const WIDEST: usize = 100;
    /// No colour, Unicode, full width, a summary.
    pub const PLAIN: Self = Self { color: false, ascii: false, width: Self::WIDEST, detail: Detail::Summary };
}

/// One way to write outcomes down.
pub trait Format: Sync {
    /// Its name, as a user writes it.
    fn name(&self) -> &'static str;
    /// Its file in a result directory; `None` for a format that is only shown.
    fn file(&self) -> Option<&'static str>;
    /// One run.
    fn run(&self, outcome: &Outcome, look: Look) -> Vec<u8>;
    /// Many runs of one scenario.
    fn campaign(&self, campaign: &Campaign, look: Look) -> Vec<u8>;
}

/// A file of a result directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its place below the directory, with `/` between folder and file.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// One way to write outcomes down that takes several files. They lie in a folder of their own.
pub trait Folder: Sync {
    /// Its name, as a user writes it.
    fn name(&self) -> &'static str;
    /// Its folder in a result directory.
    fn folder(&self) -> &'static str;
    /// Whether it writes files of that name into its folder. What it does not own is never replaced.
    fn owns(&self, file: &str) -> bool;
    /// One run.
    fn run(&self, outcome: &Outcome) -> Vec<Document>;
    /// Many runs of one scenario.
    fn campaign(&self, campaign: &Campaign) -> Vec<Document>;
}

/// What there is to report on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Subject<'a> {
    /// One run.
    Run(&'a Outcome),
    /// Many runs of one scenario.
    Campaign(&'a Campaign),
}

/// The same, owned: what was read back.
#[derive(Debug, Clone, PartialEq)]
pub enum Stored {
    /// One run.
    Run(Box<Outcome>),
    /// Many runs of one scenario.
    Campaign(Box<Campaign>),
}

/// For people at a terminal.
pub const TERMINAL: &dyn Format = &terminal::Terminal;

/// Complete, for programs; what determinism is checked on.
pub const JSON: &dyn Format = &json::Json;

/// The signals over time, for programs; with [`JSON`] the source of everything else.
pub const SIGNALS: &dyn Format = &json::Signals;

/// Every format there is.
pub const CATALOG: &[&dyn Format] =
    &[JSON, SIGNALS, &html::Html, &markdown::Markdown, &junit::Junit, &openmetrics::OpenMetrics, TERMINAL];

/// Every format that takes several files.
pub const FOLDERS: &[&dyn Folder] = &[&csv::Csv, &svg::Svg];

impl Subject<'_> {
    /// It, in one format.
    pub fn written(self, format: &dyn Format, look: Look) -> Vec<u8> {
        match self {
            Self::Run(outcome) => format.run(outcome, look),
            Self::Campaign(campaign) => format.campaign(campaign, look),
        }
    }

    /// The files of a format that takes several.
    pub fn files(self, folder: &dyn Folder) -> Vec<Document> {
        match self {
            Self::Run(outcome) => folder.run(outcome),
            Self::Campaign(campaign) => folder.campaign(campaign),
        }
    }

    /// Every file of the formats that are wanted by name, and those that everything is rendered from.
    pub fn documents(self, wanted: impl Fn(&str) -> bool) -> Vec<Document> {
        let single = CATALOG.iter().filter_map(|format| Some((format.file()?, format)));
        let single = single.filter(|(file, format)| SOURCES.contains(file) || wanted(format.name()));
        let single =
            single.map(|(path, format)| Document { path: path.to_owned(), bytes: self.written(*format, Look::PLAIN) });
        let folders = FOLDERS.iter().filter(|folder| wanted(folder.name()));
        single.chain(folders.flat_map(|folder| self.files(*folder))).collect()
    }
}

impl Stored {
    /// What there is to report on.
    pub fn subject(&self) -> Subject<'_> {
        match self {
            Self::Run(outcome) => Subject::Run(outcome),
            Self::Campaign(campaign) => Subject::Campaign(campaign),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::fixture;

    #[test]
    fn names_and_files_of_formats_are_unique_and_rendering_twice_gives_the_same_bytes() {
        let campaign = explore::run(0..3, None, fixture::outage).unwrap();
        for (i, format) in CATALOG.iter().enumerate() {
            for other in &CATALOG[..i] {
                assert_ne!(format.name(), other.name());
                assert!(format.file().is_none() || format.file() != other.file());
            }
            let outcome = fixture::outage(7);
            assert_eq!(format.run(&outcome, Look::PLAIN), format.run(&outcome.clone(), Look::PLAIN));
            assert_eq!(format.campaign(&campaign, Look::PLAIN), format.campaign(&campaign.clone(), Look::PLAIN));
        }
    }
}

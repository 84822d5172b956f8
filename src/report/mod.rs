//! What a rehearsal came to, written down: for a terminal, for a program, for a pull request.
//!
//! Owns the formats. Does not know a clock, a file, an environment or the simulator: it turns outcomes into bytes.
//!
//! Invariant: equal outcomes give equal bytes. Text from a scenario is data in every format and never acts: no escape
//! sequence reaches a terminal, no markup a page.
//!
//! A new format is one file or folder that implements [`Format`] and one line in [`CATALOG`]; one that writes several
//! files implements [`Folder`] and has its line in [`FOLDERS`].

mod compared;
mod comparison;
mod corrected;
mod csv;
#[cfg(test)]
mod golden;
pub mod history;
#[cfg(test)]
mod hostile;
mod html;
mod json;
mod junit;
mod manifest;
mod markdown;
mod matrix;
mod openmetrics;
mod readback;
#[cfg(test)]
mod readback_tests;
mod svg;
mod terminal;
pub(crate) mod text;
mod trace;
mod view;
mod xml;

pub use compared::{Compared, compared_page, compared_text};
pub use comparison::Comparison;
pub use corrected::Corrected;
pub use json::{SCHEMA, evidence_schema, results_schema};
pub use manifest::{FileEntry, MANIFEST, manifest, written};
pub use matrix::Matrix;
pub use readback::{Absence, Fetch, ReadBack, Refusal, SOURCES, read_back};

use crate::explore::Campaign;
use crate::outcome::Outcome;
use std::io::{self, Write};

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
    /// Whether it is text, which can be shown where people read.
    fn is_text(&self) -> bool {
        true
    }
    /// One run.
    fn run(&self, outcome: &Outcome, look: Look) -> Vec<u8>;
    /// Many runs of one scenario.
    fn campaign(&self, campaign: &Campaign, look: Look) -> Vec<u8>;
    /// Writes it as a file. A format whose file grows with the length of a run does so piece by piece.
    ///
    /// # Errors
    /// If `out` takes no more.
    fn write(&self, subject: Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&match subject {
            Subject::Run(outcome) => self.run(outcome, Look::PLAIN),
            Subject::Campaign(campaign) => self.campaign(campaign, Look::PLAIN),
        })
    }
}

/// A file of a result directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its place below the directory, with `/` between folder and file.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A file of a result directory that is rendered when it is written, so that no more than one is held at a time.
#[derive(Clone)]
pub struct Rendering<'a> {
    /// Its place below the directory, with `/` between folder and file.
    pub path: String,
    source: Source<'a>,
}

#[derive(Clone)]
enum Source<'a> {
    Ready(Vec<u8>),
    Of(Subject<'a>, &'static dyn Format),
}

impl From<Document> for Rendering<'_> {
    fn from(document: Document) -> Self {
        Self { path: document.path, source: Source::Ready(document.bytes) }
    }
}

impl Rendering<'_> {
    /// Writes what is in it.
    ///
    /// # Errors
    /// If `out` takes no more.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.source {
            Source::Ready(bytes) => out.write_all(bytes),
            Source::Of(subject, format) => format.write(*subject, out),
        }
    }

    fn rendered(self) -> Document {
        let mut bytes = Vec::new();
        self.write(&mut bytes).expect("memory takes what is written");
        Document { path: self.path, bytes }
    }
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
pub const CATALOG: &[&dyn Format] = &[
    JSON,
    SIGNALS,
    &html::Html,
    &markdown::Markdown,
    &html::ChangePage,
    &markdown::ChangeMarkdown,
    &json::AuditEvidence,
    &junit::Junit,
    &openmetrics::OpenMetrics,
    &trace::Otlp,
    &trace::Perfetto,
    TERMINAL,
];

/// Every format that takes several files.
pub const FOLDERS: &[&dyn Folder] = &[&csv::Csv, &svg::Svg, &history::History];

impl<'a> Subject<'a> {
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
    pub fn renderings(self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = Rendering<'a>> {
        let single = CATALOG.iter().filter_map(|format| Some((format.file()?, *format)));
        let single: Vec<_> = single.filter(|(file, format)| SOURCES.contains(file) || wanted(format.name())).collect();
        let folders: Vec<_> = FOLDERS.iter().filter(|folder| wanted(folder.name())).collect();
        let single = single.into_iter();
        let single =
            single.map(move |(path, format)| Rendering { path: path.to_owned(), source: Source::Of(self, format) });
        single.chain(folders.into_iter().flat_map(move |folder| self.files(*folder)).map(Rendering::from))
    }

    /// The same, rendered.
    pub fn documents(self, wanted: impl Fn(&str) -> bool) -> Vec<Document> {
        self.renderings(wanted).map(Rendering::rendered).collect()
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
        let campaign = explore::run(0..3, None, fixture::spaced).unwrap();
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

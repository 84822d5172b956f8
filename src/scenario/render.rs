//! Problems as a compiler prints them: message, place, the line itself with a caret, help.

use super::{base, preset, setting, yaml};
use crate::field::{Level, Origin, Place, Problem, Problems};
use crate::outcome::BaseFile;
use annotate_snippets::{AnnotationKind, Group, Level as Severity, Origin as Header, Renderer, Snippet};
use serde::Serialize;
use std::borrow::Cow;
use std::ops::Range;

/// Problems printed in full; of more, only the number is.
const MOST_SHOWN: usize = 100;
/// The longest line that is shown, in bytes.
const LONGEST_LINE: usize = 500;

/// The texts that places point into.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The file's name, as given.
    pub file: &'a str,
    /// The file's text.
    pub text: &'a str,
    /// The settings given beside it.
    pub settings: &'a [(String, String)],
    /// The files it builds on.
    pub bases: &'a [BaseFile],
}

/// All problems, in order, and a line that counts them.
pub fn render(problems: &Problems, sources: Sources<'_>, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for problem in problems.iter().take(MOST_SHOWN) {
        out.push_str(&one(problem, sources, &renderer));
        out.push_str("\n\n");
    }
    let more = problems.iter().count().saturating_sub(MOST_SHOWN);
    if more > 0 {
        out.push_str(&format!("and {more} more\n\n"));
    }
    out.push_str(&summary(problems, sources.file));
    out.push('\n');
    out
}

/// `3 errors, 1 warning in FILE`.
pub fn summary(problems: &Problems, file: &str) -> String {
    let count = |level| problems.iter().filter(|problem| problem.level == level).count();
    let words = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match (count(Level::Error), count(Level::Warning)) {
        (0, 0) => format!("no problems in {file}"),
        (0, warnings) => format!("{} in {file}", words(warnings, "warning")),
        (errors, 0) => format!("{} in {file}", words(errors, "error")),
        (errors, warnings) => format!("{}, {} in {file}", words(errors, "error"), words(warnings, "warning")),
    }
}

/// File, line and column of the property called `id`: where the scenario writes it, or else the nearest file that it builds
/// on. `None`: none does.
pub fn place_of_property(sources: &Sources<'_>, id: &str) -> Option<(String, u32, u32)> {
    let bases = sources.bases.iter().map(|base| (beside(sources.file, &base.file), base.text.as_str()));
    let mut texts = std::iter::once((sources.file.to_owned(), sources.text)).chain(bases);
    texts.find_map(|(file, text)| yaml::place_of_property(text, id).map(|(line, column)| (file, line, column)))
}

/// A problem as plain data, for machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// Such as `FD0102`.
    pub code: &'static str,
    /// The file, `--set`, or `preset` and its name.
    pub file: String,
    /// Line from 1; 0: the file as a whole.
    pub line: u32,
    /// Column from 1, in characters; 0: the file as a whole.
    pub column: u32,
    /// First byte and the byte after the last, in the file without a byte order mark.
    pub span: (usize, usize),
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// All problems as plain data, in order.
pub fn diagnostics(problems: &Problems, sources: Sources<'_>) -> Vec<Diagnostic> {
    problems.iter().map(|problem| diagnostic(problem, sources)).collect()
}

fn diagnostic(problem: &Problem, sources: Sources<'_>) -> Diagnostic {
    let place = problem.place;
    Diagnostic {
        severity: match problem.level {
            Level::Error => "error",
            Level::Warning => "warning",
        },
        code: problem.code,
        file: place.map_or_else(|| sources.file.to_owned(), |place| source(place, sources).0),
        line: place.map_or(0, |place| place.line),
        column: place.map_or(0, |place| place.column),
        span: place.map_or((0, 0), |place| (place.start, place.end)),
        message: problem.message.clone(),
        help: problem.help.clone(),
    }
}

fn one(problem: &Problem, sources: Sources<'_>, renderer: &Renderer) -> String {
    let level = match problem.level {
        Level::Error => Severity::ERROR,
        Level::Warning => Severity::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(clean(&problem.message)).id(problem.code));
    group = match problem.place {
        Some(place) => at(group, place, None, sources),
        None => group.element(Header::path(clean(sources.file))),
    };
    for (place, note) in &problem.notes {
        group = at(group, *place, Some(note), sources);
    }
    if let Some(help) = &problem.help {
        group = group.element(Severity::HELP.message(clean(help)));
    }
    renderer.render(&[group])
}

/// Adds the line of a place: marked as the problem itself, or as what a note is about.
fn at<'a>(group: Group<'a>, place: Place, note: Option<&str>, sources: Sources<'_>) -> Group<'a> {
    let (name, text) = source(place, sources);
    let (line, span) = line_of(&text, place);
    if line.len() > LONGEST_LINE {
        let header = Header::path(name).line(place.line as usize).char_column(place.column as usize);
        return group.element(header);
    }
    let mark = match note {
        Some(note) => AnnotationKind::Context.span(span).label(clean(note)),
        None => AnnotationKind::Primary.span(span),
    };
    group.element(Snippet::source(line.to_owned()).path(name).line_start(place.line as usize).annotation(mark))
}

/// The name and the text that a place points into.
fn source(place: Place, sources: Sources<'_>) -> (String, Cow<'_, str>) {
    match place.origin {
        Origin::File | Origin::Default => (clean(sources.file), yaml::without_mark(sources.text).into()),
        Origin::Base(at) => match sources.bases.get(usize::from(at)) {
            Some(base) => (clean(&beside(sources.file, &base.file)), yaml::without_mark(&base.text).into()),
            None => ("base".to_owned(), "".into()),
        },
        Origin::Preset(name) => (format!("preset {name}"), preset::text(name).into()),
        Origin::Setting(index) => {
            let setting = sources.settings.get(usize::from(index));
            ("--set".to_owned(), setting.map_or_else(String::new, setting::text_of).into())
        }
    }
}

/// The path of a base as seen from where the scenario's own path begins.
fn beside(file: &str, base: &str) -> String {
    format!("{}{base}", base::folder_of(file))
}

/// The line a place begins in, and the part of that line it covers: at least one character, if there is one.
fn line_of(text: &str, place: Place) -> (&str, Range<usize>) {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (start, end) = (floor(place.start), floor(place.end));
    let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let last = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let line = text[first..last].trim_end_matches('\r');
    let from = (start - first).min(line.len());
    let next = line[from..].chars().next().map_or(from, |c| from + c.len_utf8());
    (line, from..end.saturating_sub(first).clamp(next, line.len().max(next)))
}

/// `text` without anything that would move a terminal's cursor or hide what follows.
fn clean(text: &str) -> String {
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    annotate_snippets::normalize_untrusted_str(&flat)
}

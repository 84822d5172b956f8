//! Workflow commands of GitHub Actions: annotations at the lines of a scenario, and the summary of a step.
//!
//! Owns their escaping and their limits. Does not know what is annotated.
//!
//! Invariant: text from a scenario is data in a command and never a command; no more is sent than is shown.
//! Source of format and limits: GitHub documentation, "Workflow commands" and "Workflow job summaries".

use crate::report::text::{clean, cut};
use crate::scenario::Diagnostic;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Annotations of one level that are shown for one step.
const MOST_OF_A_LEVEL: usize = 10;
/// The longest text of an annotation, in characters.
const LONGEST_TEXT: usize = 2_000;
/// The largest summary of a step. Unit: bytes.
const LARGEST_SUMMARY: u64 = 1024 * 1024;
/// What stands where a summary was cut.
const CUT: &str = "\n_The rest is too long for this summary; it is in the result directory._\n";

/// How an annotation is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AnnotationLevel {
    Error,
    Warning,
}

/// A remark at a line of a file, or about the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Annotation {
    pub level: AnnotationLevel,
    pub title: String,
    pub text: String,
    /// File, line and column; line and column from 1, and 0 if nobody knows.
    pub place: Option<(String, u32, u32)>,
}

impl Annotation {
    /// An error about the whole.
    pub(super) fn error(title: &str, text: &str) -> Self {
        Self { level: AnnotationLevel::Error, title: title.to_owned(), text: text.to_owned(), place: None }
    }

    pub(super) fn of_diagnostic(diagnostic: &Diagnostic) -> Self {
        let level = if diagnostic.severity == "error" { AnnotationLevel::Error } else { AnnotationLevel::Warning };
        let help = diagnostic.help.as_ref().map_or(String::new(), |help| format!("\nhelp: {help}"));
        let text = format!("{}{help}", diagnostic.message);
        let place = (diagnostic.file.clone(), diagnostic.line, diagnostic.column);
        Self { level, title: diagnostic.code.to_owned(), text, place: Some(place) }
    }

    fn command(&self) -> String {
        let level = match self.level {
            AnnotationLevel::Error => "error",
            AnnotationLevel::Warning => "warning",
        };
        let mut properties = Vec::new();
        if let Some((file, line, column)) = self.place.as_ref().filter(|(file, ..)| is_file(file)) {
            properties.push(format!("file={}", property(file)));
            for (name, number) in [("line", line), ("col", column)] {
                if *number > 0 {
                    properties.push(format!("{name}={number}"));
                }
            }
        }
        properties.push(format!("title={}", property(&self.title)));
        let lines: Vec<String> = self.text.lines().map(clean).collect();
        format!("::{level} {}::{}\n", properties.join(","), data(&cut(&lines.join("\n"), LONGEST_TEXT)))
    }
}

/// What is not a file, such as standard input or a setting, has no line to point at.
fn is_file(name: &str) -> bool {
    name != "-" && name != "--set" && !name.starts_with("preset ")
}

/// All annotations of a step.
#[derive(Debug, Default)]
pub(super) struct Annotations {
    list: Vec<Annotation>,
}

impl Annotations {
    pub(super) fn push(&mut self, annotation: Annotation) {
        self.list.push(annotation);
    }

    /// The commands, as many as are shown; of more, the last says how many.
    pub(super) fn commands(&self) -> String {
        let mut commands = String::new();
        for level in [AnnotationLevel::Error, AnnotationLevel::Warning] {
            let all: Vec<&Annotation> = self.list.iter().filter(|annotation| annotation.level == level).collect();
            let shown = if all.len() > MOST_OF_A_LEVEL { MOST_OF_A_LEVEL - 1 } else { all.len() };
            commands.extend(all[..shown].iter().map(|annotation| annotation.command()));
            if all.len() > shown {
                let text = format!("and {} more; the log lists them all", all.len() - shown);
                commands += &Annotation { level, ..Annotation::error("firedrill", &text) }.command();
            }
        }
        commands
    }
}

/// Text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(&clean(text)).replace(':', "%3A").replace(',', "%2C")
}

/// `text` without a line that a workflow would take for a command: one that begins with `::`, or holds `##[`.
pub(super) fn inert(text: &str) -> String {
    let line = |line: &str| {
        let (blank, rest) = line.split_at(line.len() - line.trim_start().len());
        let rest = rest.replace("##[", "## [");
        let apart = if rest.starts_with("::") { rest.replacen("::", ": :", 1) } else { rest };
        format!("{blank}{apart}")
    };
    text.split_inclusive(['\n', '\r']).map(line).collect()
}

/// Appends `page` to the summary of the step, in `file`, as far as there is room: whole sections only.
///
/// # Errors
/// If the file cannot be written.
pub(super) fn summarize(file: &Path, page: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    let room = LARGEST_SUMMARY.saturating_sub(file.metadata()?.len());
    file.write_all(fitting(page, usize::try_from(room).unwrap_or(usize::MAX)).as_bytes())
}

fn fitting(page: &str, room: usize) -> String {
    let page = format!("{page}\n");
    if page.len() <= room {
        return page;
    }
    let Some(room) = room.checked_sub(CUT.len()) else { return String::new() };
    let sections = page.match_indices("\n## ").map(|(at, _)| at + 1);
    let end = sections.take_while(|end| *end <= room).last().unwrap_or(0);
    format!("{}{CUT}", &page[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, text: &str) -> Annotation {
        let place = Some(("scenarios/a.yaml".to_owned(), line, 3));
        Annotation { place, ..Annotation::error("FD0102", text) }
    }

    #[test]
    fn an_annotation_points_at_its_line() {
        assert_eq!(
            at(7, "unknown region\nhelp: 100% sure").command(),
            "::error file=scenarios/a.yaml,line=7,col=3,title=FD0102::unknown region%0Ahelp: 100%25 sure\n"
        );
        let elsewhere = Annotation { place: Some(("--set".to_owned(), 1, 1)), ..at(1, "x") };
        assert_eq!(elsewhere.command(), "::error title=FD0102::x\n");
        let whole =
            Annotation { level: AnnotationLevel::Warning, place: Some(("a.yaml".to_owned(), 0, 0)), ..at(1, "x") };
        assert_eq!(whole.command(), "::warning file=a.yaml,title=FD0102::x\n");
    }

    #[test]
    fn hostile_text_stays_inside_its_command() {
        let mut hostile = at(1, "a\r\n::set-env name=PATH::evil\u{1b}[2J%0A::error::x");
        hostile.title = "t::x,file=/etc/passwd\n::stop".to_owned();
        hostile.place = Some(("a,line=9::b\n.yaml".to_owned(), 1, 1));
        let command = hostile.command();
        assert_eq!(command.lines().count(), 1, "{command}");
        assert!(!command.contains('\u{1b}') && !command.contains('\r'), "{command:?}");
        let (properties, text) = command.strip_prefix("::").unwrap().split_once("::").unwrap();
        assert_eq!(
            properties,
            "error file=a%2Cline=9%3A%3Ab .yaml,line=1,col=1,title=t%3A%3Ax%2Cfile=/etc/passwd %3A%3Astop"
        );
        assert!(text.contains("%250A"), "what is written as an escape is no escape: {text}");
    }

    #[test]
    fn no_more_is_sent_than_is_shown() {
        let mut annotations = Annotations::default();
        for line in 1..=25 {
            annotations.push(at(line, "wrong"));
        }
        for line in 1..=10 {
            annotations.push(Annotation { level: AnnotationLevel::Warning, ..at(line, "odd") });
        }
        let commands = annotations.commands();
        let count = |level: &str| commands.lines().filter(|line| line.starts_with(level)).count();
        assert_eq!((count("::error "), count("::warning ")), (10, 10));
        assert!(commands.contains("::error title=firedrill::and 16 more; the log lists them all\n"), "{commands}");
    }

    #[test]
    fn a_log_holds_no_commands_of_a_scenario() {
        assert_eq!(inert("::error::x\n  ::add-mask::y\na ::b\n"), ": :error::x\n  : :add-mask::y\na ::b\n");
        assert_eq!(inert("see ##[group]x\r::error::x"), "see ## [group]x\r: :error::x");
    }

    #[test]
    fn a_summary_is_cut_between_sections() {
        let page = format!("# A\n\nshort\n\n## B\n\n{}\n\n## C\n\nend", "b".repeat(500));
        assert_eq!(fitting(&page, 10_000), format!("{page}\n"));
        let cut = fitting(&page, 300);
        assert_eq!(cut, format!("# A\n\nshort\n\n{CUT}"));
        assert!(fitting(&page, 600).len() <= 600);
        assert_eq!(fitting(&page, 10), "");
    }

    #[test]
    fn summaries_of_one_step_share_their_room() {
        let file = crate::cli::fixture::scratch("summary").join("summary.md");
        summarize(&file, "# one").unwrap();
        summarize(&file, &"x".repeat(2_000_000)).unwrap();
        summarize(&file, "# three").unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.len() as u64 <= LARGEST_SUMMARY && text.starts_with("# one\n"), "{}", text.len());
        assert!(text.contains("too long") && text.ends_with("# three\n"), "{text}");
    }
}

//! Standard output and standard error.
//!
//! Invariant: a reader who goes away (`| head`) ends the printing and nothing else; an output that cannot be written for
//! any other reason is reported and decides the exit code.

use super::exit::Exit;
use super::github::{self, Annotation, Annotations};
use crate::report::Look;
use crate::scenario::Diagnostic;
use serde_json::{Value, json};
use std::fmt;
use std::io::{ErrorKind, Write};

/// Where results and diagnostics go.
pub(super) struct Console<'a> {
    out: &'a mut (dyn Write + Send),
    err: &'a mut (dyn Write + Send),
    closed: bool,
    failed: bool,
    /// How diagnostics should look.
    pub look: Look,
    /// Whether everything is reported as JSON, one object per line, on standard output.
    pub json: bool,
    /// What a GitHub Actions workflow gets at the end; `None` outside of one.
    pub annotations: Option<Annotations>,
}

/// Something the user can fix: what is wrong, and what would help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub what: String,
    pub help: String,
}

impl Failure {
    pub(super) fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: help.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        if self.help.is_empty() { Ok(()) } else { write!(f, "\n  help: {}", self.help) }
    }
}

impl<'a> Console<'a> {
    pub(super) fn new(out: &'a mut (dyn Write + Send), err: &'a mut (dyn Write + Send)) -> Self {
        Self { out, err, closed: false, failed: false, look: Look::PLAIN, json: false, annotations: None }
    }

    /// Prints what was asked for as it is: a list, a page, a script.
    pub(super) fn result(&mut self, bytes: &[u8]) {
        if self.closed {
            return;
        }
        if let Err(error) = self.out.write_all(bytes).and_then(|()| self.out.flush()) {
            self.closed = true;
            if error.kind() != ErrorKind::BrokenPipe {
                self.failed = true;
                self.failure(&Failure::new(format!("cannot write to standard output: {error}"), ""));
            }
        }
    }

    /// Prints a result for people; programs get a message in its place.
    pub(super) fn shown(&mut self, bytes: &[u8]) {
        if self.json {
            return;
        }
        if self.annotations.is_some() {
            self.result(github::inert(&String::from_utf8_lossy(bytes)).as_bytes());
        } else {
            self.result(bytes);
        }
    }

    /// Prints a message for programs: `content` with its `reason` first. People do not see it.
    pub(super) fn message(&mut self, reason: &str, content: &Value) {
        if !self.json {
            return;
        }
        let content = content.to_string();
        let rest =
            content.strip_prefix('{').filter(|rest| *rest != "}").map_or("}".to_owned(), |rest| format!(",{rest}"));
        // A workflow would obey a command anywhere in a line.
        let line = format!("{{\"reason\":{}{rest}\n", json!(reason)).replace("##[", "##\\u005b");
        self.result(line.as_bytes());
    }

    /// Prints a remark for people that brings its own line ends. Nobody can be told if that fails.
    pub(super) fn diagnostic(&mut self, text: &str) {
        if self.json {
            return;
        }
        let inert = self.annotations.is_some().then(|| github::inert(text));
        self.tell(inert.as_deref().unwrap_or(text));
    }

    /// Prints what is wrong with a scenario: `rendered` for people, the same as `diagnostics` for programs.
    pub(super) fn problems(&mut self, rendered: &str, diagnostics: &[Diagnostic]) {
        self.diagnostic(rendered);
        for diagnostic in diagnostics {
            self.message("diagnostic", &json!(diagnostic));
            self.annotate(|| Annotation::of_diagnostic(diagnostic));
        }
    }

    /// Prints a failure, harmless whatever names are in it.
    pub(super) fn failure(&mut self, failure: &Failure) {
        let lines: Vec<String> = failure.to_string().lines().map(crate::report::text::clean).collect();
        self.diagnostic(&(lines.join("\n") + "\n"));
        self.message("failure", &json!({"message": failure.what, "help": failure.help}));
        self.annotate(|| Annotation::error("firedrill", &failure.what));
    }

    /// Keeps an annotation for the end, where somebody reads them.
    pub(super) fn annotate(&mut self, annotation: impl FnOnce() -> Annotation) {
        if let Some(annotations) = &mut self.annotations {
            annotations.push(annotation());
        }
    }

    /// Prints what was kept. What the printing itself adds to the exit code.
    pub(super) fn finish(&mut self) -> Exit {
        if let Some(annotations) = self.annotations.take() {
            self.tell(&annotations.commands());
        }
        if self.failed { Exit::Usage } else { Exit::AsExpected }
    }

    fn tell(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn printed_to(kind: ErrorKind) -> (Exit, String) {
        let (mut out, mut err) = (Broken(kind), Vec::new());
        let mut console = Console::new(&mut out, &mut err);
        console.result(b"one");
        console.result(b"two");
        let exit = console.finish();
        (exit, String::from_utf8(err).unwrap())
    }

    #[test]
    fn a_reader_who_left_is_no_error_and_a_full_disk_is_one() {
        assert_eq!(printed_to(ErrorKind::BrokenPipe), (Exit::AsExpected, String::new()));
        let (exit, said) = printed_to(ErrorKind::StorageFull);
        assert_eq!(exit, Exit::Usage);
        assert_eq!(said.lines().count(), 1, "said once: {said}");
    }
}

//! Standard output and standard error.
//!
//! Invariant: a reader who goes away (`| head`) ends the printing and nothing else; an output that cannot be written for
//! any other reason is reported and decides the exit code.

use super::exit::Exit;
use crate::report::Look;
use std::fmt;
use std::io::{ErrorKind, Write};

/// Where results and diagnostics go.
pub(super) struct Console<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    closed: bool,
    failed: bool,
    /// How diagnostics should look.
    pub look: Look,
}

/// Something the user can mend: what is wrong, and what would help.
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
    pub(super) fn new(out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        Self { out, err, closed: false, failed: false, look: Look::PLAIN }
    }

    /// Prints a result.
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

    /// Prints a diagnostic that brings its own line ends. Nobody can be told if that fails.
    pub(super) fn diagnostic(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush());
    }

    /// Prints a failure, harmless whatever names are in it.
    pub(super) fn failure(&mut self, failure: &Failure) {
        let lines: Vec<String> = failure.to_string().lines().map(crate::report::text::clean).collect();
        self.diagnostic(&(lines.join("\n") + "\n"));
    }

    /// What the printing itself adds to the exit code.
    pub(super) fn finish(&self) -> Exit {
        if self.failed { Exit::Usage } else { Exit::AsExpected }
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

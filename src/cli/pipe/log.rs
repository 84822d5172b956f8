//! The lines of a conversation, kept and taken again.
//!
//! Owns the file: `<` before what the program said, `>` before what it was told. Invariant: a log that is replayed
//! against a run in which the program would have been sent something else ends at that line.

use serde_json::Value;
use std::fs::File;
use std::io::Write;

/// A log under way.
pub(super) struct Log(File, String);

impl Log {
    /// Begins the log `file`, in place of what is there.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn begin(file: &str) -> Result<Self, String> {
        let opened = File::create(file).map_err(|error| format!("the log {file} cannot be written: {error}"))?;
        Ok(Self(opened, file.to_owned()))
    }

    pub fn told(&mut self, line: &Value) -> Result<(), String> {
        self.write('>', &line.to_string())
    }

    pub fn said(&mut self, line: &str) -> Result<(), String> {
        self.write('<', line)
    }

    fn write(&mut self, mark: char, line: &str) -> Result<(), String> {
        writeln!(self.0, "{mark} {line}").map_err(|error| format!("the log {} cannot be written: {error}", self.1))
    }
}

/// A log that was kept.
pub(super) struct KeptLog {
    /// The lines that are left, with their numbers, in reverse order.
    lines: Vec<(usize, String)>,
}

impl KeptLog {
    /// The log `file`.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(file: &str) -> Result<Self, String> {
        let text = std::fs::read_to_string(file).map_err(|error| format!("the log {file} cannot be read: {error}"))?;
        let mut lines: Vec<(usize, String)> = (1..).zip(text.lines().map(str::to_owned)).collect();
        lines.reverse();
        Ok(Self { lines })
    }

    /// The program is sent `line`.
    ///
    /// # Errors
    /// It was sent something else.
    pub fn told(&mut self, line: &Value) -> Result<(), String> {
        let (number, kept) = self.take()?;
        if kept.strip_prefix("> ") == Some(line.to_string().as_str()) {
            return Ok(());
        }
        Err(format!("line {number} of the log is `{kept}`, but this run sends `{line}`"))
    }

    /// What the program said next.
    ///
    /// # Errors
    /// It said nothing more.
    pub fn next(&mut self) -> Result<String, String> {
        let (number, kept) = self.take()?;
        match kept.strip_prefix("< ") {
            Some(said) => Ok(said.to_owned()),
            None => Err(format!("line {number} of the log is not from the program: `{kept}`")),
        }
    }

    fn take(&mut self) -> Result<(usize, String), String> {
        self.lines.pop().ok_or_else(|| "the log ends here, but the program had not said that it was done".to_owned())
    }
}

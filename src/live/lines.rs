//! A file of lines that are added at its end, each with its number and a checksum.
//!
//! Owns the form of a line, and what makes one count. Does not know what the lines say.
//!
//! Invariants: a line that was added is on the disk, and read back as it was written or not at all. A last line without
//! its end is one whose writer died: nobody was notified that it was added, so it is cut off. Any other line that is
//! not as it was written is an error, and so is one that is missing.

use super::LiveError;
use super::checksum::checksum;
use crate::units::Instant;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A line as it stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    /// Its number, from 0.
    n: u64,
    /// When it was written, in nanoseconds by the clock of the group.
    at: u64,
    /// What it says.
    says: String,
    /// The checksum over all that, in hexadecimal digits.
    sum: String,
}

/// The file, and what is known of it.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    file: File,
    /// What each whole line says.
    known: Vec<String>,
    /// How long they are together.
    length: u64,
    /// When the last of them was written.
    last: Instant,
    /// Whether a write could not be made durable: what the disk holds then, nothing can tell.
    in_doubt: bool,
}

impl Lines {
    /// Opens the file at `path`, which is empty if it was not there.
    ///
    /// # Errors
    ///
    /// The system refuses, or the file is damaged.
    pub fn open(path: &Path) -> Result<Self, LiveError> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        let file = options.open(path).map_err(LiveError::system(path, "cannot be opened"))?;
        let (known, last) = (Vec::new(), Instant::ZERO);
        let mut lines = Self { path: path.to_owned(), file, known, length: 0, last, in_doubt: false };
        lines.catch_up()?;
        Ok(lines)
    }

    /// What the lines say, oldest first.
    pub fn known(&self) -> &[String] {
        &self.known
    }

    /// When the last line was written.
    pub fn last(&self) -> Instant {
        self.last
    }

    /// Reads what others have added since. Returns whether a line without its end follows.
    ///
    /// # Errors
    ///
    /// The system refuses, or the file is damaged.
    pub fn catch_up(&mut self) -> Result<bool, LiveError> {
        let unreadable = || LiveError::system(&self.path, "cannot be read");
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(self.length)).map_err(unreadable())?;
        self.file.read_to_end(&mut bytes).map_err(unreadable())?;
        let length = self.file.metadata().map_err(unreadable())?.len();
        let next = self.known.len() as u64 + 1;
        if length < self.length {
            return Err(LiveError::damaged(&self.path, next, "the file is shorter than what was already read of it"));
        }
        let mut rest = &bytes[..];
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.take(&rest[..end])?;
            self.length += end as u64 + 1;
            rest = &rest[end + 1..];
        }
        Ok(!rest.is_empty())
    }

    /// Takes the next whole line.
    fn take(&mut self, line: &[u8]) -> Result<(), LiveError> {
        let number = self.known.len() as u64;
        let damaged = |why: String| LiveError::damaged(&self.path, number + 1, why);
        let line: Sealed =
            serde_json::from_slice(line).map_err(|error| damaged(format!("not a line of this format: {error}")))?;
        if line.sum != sum(line.n, line.at, &line.says) {
            return Err(damaged("its checksum does not match".to_owned()));
        }
        if line.n != number {
            return Err(damaged(format!("line number {} is where {number} should be", line.n)));
        }
        self.last = self.last.max(Instant::from_nanos(line.at));
        self.known.push(line.says);
        Ok(())
    }

    /// Adds a line, durably. What a writer that died has left of one is cut off before.
    ///
    /// # Errors
    ///
    /// Whether it was added is not known then: reading tells, unless it could not be made durable. After that nothing is added by this process
    /// any more, for what the system says of the file need not be what is on the disk.
    pub fn add(&mut self, at: Instant, says: &str) -> Result<(), LiveError> {
        let torn = self.catch_up()?;
        let unwritten = || LiveError::system(&self.path, "cannot be written");
        if torn {
            self.file.set_len(self.length).map_err(unwritten())?;
        }
        let (n, at_ns) = (self.known.len() as u64, at.as_nanos());
        let line = Sealed { n, at: at_ns, says: says.to_owned(), sum: sum(n, at_ns, says) };
        let mut text = serde_json::to_string(&line).map_err(|error| unwritten()(error.into()))?;
        text.push('\n');
        self.file.write_all(text.as_bytes()).map_err(unwritten())?;
        if let Err(error) = self.file.sync_data() {
            self.in_doubt = true;
            return Err(LiveError::system(&self.path, "cannot be made durable")(error));
        }
        self.length += text.len() as u64;
        self.last = self.last.max(at);
        self.known.push(line.says);
        Ok(())
    }

    /// Whether a line was written that could not be made durable.
    pub fn in_doubt(&self) -> bool {
        self.in_doubt
    }
}

fn sum(n: u64, at: u64, says: &str) -> String {
    format!("{:08x}", checksum(format!("{n} {at} {says}").as_bytes()))
}

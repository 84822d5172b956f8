//! What can be wrong with the files that controllers share.
//!
//! Invariant: each error names its file, and says what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why the files of a group of controllers cannot be used.
#[derive(Debug)]
pub enum LiveError {
    /// The system refused something.
    System {
        /// Of which file.
        path: PathBuf,
        /// What was tried, as in "cannot be read".
        tried: &'static str,
        /// What it said.
        error: io::Error,
    },
    /// A line that was written whole is not as it was written.
    Damaged {
        /// In which file.
        path: PathBuf,
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// Somebody holds the lock and does not let go of it.
    Locked {
        /// Which lock.
        path: PathBuf,
    },
}

impl LiveError {
    pub(super) fn system(path: &Path, tried: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::System { path: path.to_owned(), tried, error }
    }

    pub(super) fn damaged(path: &Path, line: u64, why: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), line, why: why.into() }
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::System { .. } => {
                "the folder must be on a local disk, and writable by the user that runs the \
                                    controllers"
            }
            Self::Damaged { .. } => {
                "restore the file from a copy, or find out by hand how far the procedure got and start with a new \
                 folder"
            }
            Self::Locked { .. } => {
                "find the process that holds it; a stopped process releases it once it resumes or is killed"
            }
        }
    }
}

impl fmt::Display for LiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System { path, tried, error } => write!(f, "{} {tried}: {error}", path.display())?,
            Self::Damaged { path, line, why } => write!(f, "{}:{line}: {why}", path.display())?,
            Self::Locked { path } => write!(f, "{} is locked by another process", path.display())?,
        }
        write!(f, "; {}", self.help())
    }
}

impl std::error::Error for LiveError {}

//! Files beside a scenario.
//!
//! Invariant: a path counts from the folder of the scenario, wherever the command is run; from the present folder if the
//! scenario came from standard input.

use crate::model::plan::Readable;
use crate::outcome::BaseFile;
use crate::scenario::Files;
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// In place of a file: standard input.
const STDIN: &str = "-";

/// Bytes read at once: a run reads its recording in small steps, and each should cost little.
const BUFFER: usize = 1 << 16;

/// The files beside one scenario.
pub(crate) struct Beside {
    folder: PathBuf,
    /// What has been read once and is not read again: a text is the same to everybody.
    kept: Vec<BaseFile>,
    /// What somebody has asked for, whether it was there or not.
    asked: RefCell<Vec<PathBuf>>,
}

/// A text that is kept.
#[derive(Debug)]
struct Kept(String);

impl Readable for Kept {
    fn open(&self) -> io::Result<Box<dyn BufRead>> {
        Ok(Box::new(Cursor::new(self.0.clone())))
    }
}

#[derive(Debug)]
struct Found(PathBuf);

impl Beside {
    /// The files beside the scenario written as `file` on the command line.
    pub(crate) fn new(file: &str) -> Self {
        let folder = if file == STDIN { None } else { Path::new(file).parent() };
        Self { folder: folder.map(Path::to_owned).unwrap_or_default(), kept: Vec::new(), asked: RefCell::default() }
    }

    /// The same, with these in place of the files of their names.
    pub(crate) fn keeping(self, kept: Vec<BaseFile>) -> Self {
        Self { kept, ..self }
    }

    /// Every file that was asked for so far.
    pub(crate) fn asked_for(&self) -> Vec<PathBuf> {
        self.asked.borrow().clone()
    }

    /// What is kept.
    pub(crate) fn kept(&self) -> &[BaseFile] {
        &self.kept
    }
}

impl Files for Beside {
    fn find(&self, path: &str) -> Result<Arc<dyn Readable>, String> {
        if let Some(kept) = self.kept.iter().find(|kept| kept.file == path) {
            return Ok(Arc::new(Kept(kept.text.clone())));
        }
        let found = Found(self.folder.join(path));
        self.asked.borrow_mut().push(found.0.clone());
        let metadata = std::fs::metadata(&found.0).map_err(|error| match error.kind() {
            ErrorKind::NotFound => "no such file".to_owned(),
            _ => format!("cannot be read: {error}"),
        })?;
        // Every run reads it from the beginning, and so did the check.
        if !metadata.is_file() {
            return Err("not a file that can be read more than once".to_owned());
        }
        Ok(Arc::new(found))
    }
}

impl Readable for Found {
    fn open(&self) -> io::Result<Box<dyn BufRead>> {
        Ok(Box::new(BufReader::with_capacity(BUFFER, File::open(&self.0)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_counts_from_the_folder_of_the_scenario() {
        let manifest = env!("CARGO_MANIFEST_DIR");
        let beside = Beside::new(&format!("{manifest}/src/main.rs"));
        assert!(beside.find("lib.rs").unwrap().open().unwrap().fill_buf().unwrap().starts_with(b"//!"));
        assert!(beside.find("../Cargo.toml").is_ok());
        assert_eq!(beside.find("no-such.csv").unwrap_err(), "no such file");
        assert_eq!(beside.find("cli").unwrap_err(), "not a file that can be read more than once");
    }
}

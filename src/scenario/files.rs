//! The files a scenario names.
//!
//! Does not know where they are: the reader of scenarios finds them. Invariant: a scenario that names no file never
//! asks for one.

use crate::model::plan::Readable;
use std::sync::Arc;

/// Finds the files that a scenario names.
pub trait Files {
    /// The file at `path`, which counts from the folder of the scenario.
    ///
    /// # Errors
    ///
    /// Why there is none that can be read, in a few words.
    fn find(&self, path: &str) -> Result<Arc<dyn Readable>, String>;
}

/// No files at all.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

impl Files for NoFiles {
    fn find(&self, _: &str) -> Result<Arc<dyn Readable>, String> {
        Err("no files can be read here".to_owned())
    }
}

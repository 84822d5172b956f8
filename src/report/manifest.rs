//! `manifest.json`: which files belong to a result, how long they are and what is in them.
//!
//! It is written last, so a result that was cut short has none. Does not know the time: equal results give equal
//! manifests.
//!
//! Invariant: a path in it names a file below the directory and nothing else, whoever wrote the file.

use super::json::{SCHEMA as RESULTS_SCHEMA, SIGNALS_SCHEMA};
use super::{Document, Rendering, json};
use crate::outcome::TOOL_VERSION;
use crate::record::DIGEST_FORMAT;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// Its file in a result directory.
pub const MANIFEST: &str = "manifest.json";

/// The version of its schema.
pub(super) const SCHEMA: &str = "firedrill.manifest/1";

/// What `manifest.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    schema: String,
    pub(super) tool_version: String,
    pub(super) results_schema: String,
    signals_schema: String,
    digest_format: u32,
    pub(super) files: Vec<FileEntry>,
}

/// One file of the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its place below the directory, with `/` between folder and file.
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// Writes a file of the result, and says what the manifest has to know of it.
///
/// # Errors
/// If `out` takes no more.
pub fn written(file: &Rendering<'_>, out: &mut dyn Write) -> io::Result<FileEntry> {
    let mut counted = Counted { out, bytes: 0, sum: Sha256::new() };
    file.write(&mut counted)?;
    Ok(FileEntry { path: file.path.clone(), bytes: counted.bytes, sha256: hexadecimal(&counted.sum.finalize()) })
}

/// A digest as `sha256sum` prints it.
fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is written is passed on, and counted.
struct Counted<'a> {
    out: &'a mut dyn Write,
    bytes: u64,
    sum: Sha256,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.out.write(bytes)?;
        self.bytes += taken as u64;
        self.sum.update(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The manifest of a result that consists of these files.
pub fn manifest(files: Vec<FileEntry>) -> Document {
    let manifest = Manifest {
        schema: SCHEMA.to_owned(),
        tool_version: TOOL_VERSION.to_owned(),
        results_schema: RESULTS_SCHEMA.to_owned(),
        signals_schema: SIGNALS_SCHEMA.to_owned(),
        digest_format: DIGEST_FORMAT,
        files,
    };
    Document { path: MANIFEST.to_owned(), bytes: json::pretty(&manifest) }
}

impl Manifest {
    /// Whether it speaks of results that this firedrill writes.
    pub(super) fn is_of_this_kind(&self) -> bool {
        (self.results_schema.as_str(), self.signals_schema.as_str()) == (RESULTS_SCHEMA, SIGNALS_SCHEMA)
            && self.digest_format == DIGEST_FORMAT
    }

    /// Whether a later firedrill wrote it.
    pub(super) fn is_newer(&self) -> bool {
        numbers(&self.tool_version) > numbers(TOOL_VERSION)
            || version(&self.results_schema) > version(RESULTS_SCHEMA)
            || version(&self.signals_schema) > version(SIGNALS_SCHEMA)
            || self.digest_format > DIGEST_FORMAT
    }
}

impl FileEntry {
    /// Whether its path leads to a file below the directory on every system.
    pub(super) fn is_below(&self) -> bool {
        let plain = |part: &str| {
            let known = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            !part.is_empty() && part.chars().all(known) && !part.starts_with('.')
        };
        self.path.split('/').count() <= 2 && self.path.split('/').all(plain)
    }

    /// How these bytes differ from what was written, if they do.
    pub(super) fn difference(&self, bytes: &[u8]) -> Option<String> {
        let length = bytes.len() as u64;
        if length != self.bytes {
            return Some(format!("has {length} bytes instead of {}", self.bytes));
        }
        (hexadecimal(&Sha256::digest(bytes)) != self.sha256)
            .then(|| "is not what was written: its checksum differs".to_owned())
    }
}

/// The number of a schema `name/number`.
pub(super) fn version(schema: &str) -> Option<u64> {
    schema.rsplit_once('/')?.1.parse().ok()
}

/// The numbers of a version such as `1.2.3`; what follows them does not count.
fn numbers(version: &str) -> Vec<u64> {
    let release = version.split(['-', '+']).next().unwrap_or_default();
    release.split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_knows_a_changed_file() {
        let file = Document { path: "series/a.csv".to_owned(), bytes: b"abc".to_vec() };
        let entry = written(&file.into(), &mut Vec::new()).unwrap();
        let read: Manifest = serde_json::from_slice(&manifest(vec![entry]).bytes).unwrap();
        let entry = &read.files[0];
        assert!(read.is_of_this_kind() && !read.is_newer() && entry.is_below());
        assert_eq!(entry.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(entry.difference(b"abc"), None);
        assert_eq!(entry.difference(b"ab").unwrap(), "has 2 bytes instead of 3");
        assert!(entry.difference(b"abd").unwrap().contains("checksum"));
    }

    #[test]
    fn a_path_that_leads_elsewhere_is_not_below() {
        for path in ["", "/etc/passwd", "../x", "a/../b", "a/b/c", "a\\b", "C:x", ".hidden", "a/", "ä", "a\nb"] {
            let entry = FileEntry { path: path.to_owned(), bytes: 0, sha256: String::new() };
            assert!(!entry.is_below(), "{path:?}");
        }
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(numbers("0.10.0") > numbers("0.9.9") && numbers("1.0.0-rc.1") > numbers("0.9"));
        assert_eq!((version("firedrill.results/12"), version("results")), (Some(12), None));
    }
}

//! Reads the files of a result back, or says why they are not one.
//!
//! Does not know a file system: it asks for a file by its name. What it reads was written by anybody.
//!
//! Invariant: what comes out is what the run wrote, so every report rendered from it is the one the run wrote; anything
//! else is refused with a reason, a place and a remedy.

use super::json::{self, Damage, SCHEMA as RESULTS_SCHEMA};
use super::manifest::{FileEntry, MANIFEST, Manifest, SCHEMA as MANIFEST_SCHEMA, version};
use super::text::plural;
use super::{Document, Stored};
use crate::outcome::TOOL_VERSION;
use std::collections::BTreeSet;

/// The files everything else is rendered from.
pub const SOURCES: [&str; 2] = ["results.json", "signals.json"];

/// The largest manifest that is read. Unit: bytes.
const MANIFEST_MOST: u64 = 1 << 20;
/// The largest file that is read: no run of a length that can be shown writes more. Unit: bytes.
const FILE_MOST: u64 = 1 << 30;
/// The most damaged files that are named.
const NAMED: usize = 5;

/// Why a file could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absence {
    /// There is none.
    Missing,
    /// There is something, but it cannot be read as a file: why.
    Unreadable(String),
}

/// Why a result is not read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The file, with line and column where they are known; empty for the directory itself.
    pub place: String,
    /// What is wrong.
    pub why: String,
    /// What to do.
    pub help: String,
}

/// A result that was read back.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadBack {
    /// What it says.
    pub stored: Stored,
    /// Every file of it, as found.
    pub files: Vec<Document>,
    /// The version of firedrill that wrote it.
    pub tool_version: String,
}

/// Fetches a file of the directory by its name, at most so many bytes of it and one.
pub type Fetch<'a> = dyn FnMut(&str, u64) -> Result<Vec<u8>, Absence> + 'a;

const RUN_AGAIN: &str = "run the scenario again";

impl Refusal {
    fn new(place: &str, why: impl Into<String>, help: impl Into<String>) -> Self {
        Self { place: place.to_owned(), why: why.into(), help: help.into() }
    }

    fn damaged(file: &str, damage: Damage) -> Self {
        let place = damage.at.map_or_else(|| file.to_owned(), |(line, column)| format!("{file}:{line}:{column}"));
        Self { place, why: damage.why, help: format!("restore the file from where it was written, or {RUN_AGAIN}") }
    }
}

/// Reads a result back. With `rebuild`, only the files that everything is rendered from have to be whole.
///
/// # Errors
/// Whatever is not the whole result of a firedrill that this one understands.
pub fn read_back(fetch: &mut Fetch<'_>, rebuild: bool) -> Result<ReadBack, Refusal> {
    let manifest = manifest(fetch)?;
    let files = files(&manifest, fetch, rebuild)?;
    let source = |name: &str| files.iter().find(|file| file.path == name).map(|file| file.bytes.as_slice());
    let sources = (source(SOURCES[0]), source(SOURCES[1]));
    let (Some(results), Some(signals)) = sources else {
        let missing = SOURCES[usize::from(sources.0.is_some())];
        let why = format!("it does not list {missing}, which every result has");
        return Err(Refusal::new(MANIFEST, why, RUN_AGAIN));
    };
    let stored = json::read(results, signals).map_err(|(file, damage)| Refusal::damaged(file, damage))?;
    Ok(ReadBack { stored, files, tool_version: manifest.tool_version })
}

fn manifest(fetch: &mut Fetch<'_>) -> Result<Manifest, Refusal> {
    let bytes = match fetch(MANIFEST, MANIFEST_MOST) {
        Ok(bytes) if bytes.len() as u64 > MANIFEST_MOST => {
            return Err(Refusal::new(MANIFEST, "it is far too long for a manifest", RUN_AGAIN));
        }
        Ok(bytes) => bytes,
        Err(Absence::Missing) => return Err(without_manifest(fetch)),
        Err(Absence::Unreadable(why)) => return Err(Refusal::new(MANIFEST, why, "make it readable")),
    };
    let damaged = |damage| Refusal::damaged(MANIFEST, damage);
    let schema = json::schema_of(&bytes).map_err(damaged)?;
    if schema != MANIFEST_SCHEMA {
        return Err(of_another_version(MANIFEST, &schema, MANIFEST_SCHEMA, None));
    }
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| damaged(error.into()))?;
    if manifest.is_newer() || !manifest.is_of_this_kind() {
        return Err(another_firedrill(&manifest));
    }
    Ok(manifest)
}

/// A result that was cut short, one from before there were manifests, or no result at all.
fn without_manifest(fetch: &mut Fetch<'_>) -> Refusal {
    let schema = fetch(SOURCES[0], FILE_MOST).ok().map(|bytes| json::schema_of(&bytes));
    match schema {
        Some(Ok(schema)) if schema != RESULTS_SCHEMA => of_another_version(SOURCES[0], &schema, RESULTS_SCHEMA, None),
        Some(_) => {
            let why = "there is no manifest.json, which is written last: the result is incomplete";
            Refusal::new("", why, RUN_AGAIN)
        }
        None => {
            let why = "it is not a firedrill result: there is neither manifest.json nor results.json";
            Refusal::new("", why, "name a directory that `firedrill run` wrote, such as firedrill-results/<scenario>")
        }
    }
}

fn another_firedrill(manifest: &Manifest) -> Refusal {
    let theirs = (manifest.results_schema.as_str(), RESULTS_SCHEMA);
    let made_by = Some(manifest.tool_version.as_str());
    if theirs.0 != theirs.1 {
        return of_another_version(MANIFEST, theirs.0, theirs.1, made_by);
    }
    let age = if manifest.is_newer() { "a newer" } else { "another" };
    let why = format!("it was written by {age} firedrill, {}; this is {TOOL_VERSION}", manifest.tool_version);
    Refusal::new(MANIFEST, why, format!("use firedrill {}, or {RUN_AGAIN}", manifest.tool_version))
}

fn of_another_version(place: &str, schema: &str, ours: &str, made_by: Option<&str>) -> Refusal {
    let family = |schema: &str| schema.split('/').next().unwrap_or_default().to_owned();
    if family(schema) != family(ours) {
        return Refusal::new(
            place,
            format!("its schema is `{schema}`, which is not a firedrill schema"),
            "name a directory that `firedrill run` wrote",
        );
    }
    let age = if version(schema) > version(ours) { "a newer" } else { "an older" };
    let who =
        made_by.map_or_else(|| "the firedrill that wrote it".to_owned(), |version| format!("firedrill {version}"));
    Refusal::new(
        place,
        format!("it was written by {age} firedrill, as `{schema}`; this one reads `{ours}`"),
        format!("use {who}, or {RUN_AGAIN} with this one"),
    )
}

/// The files the manifest names, each as it was written.
fn files(manifest: &Manifest, fetch: &mut Fetch<'_>, rebuild: bool) -> Result<Vec<Document>, Refusal> {
    let mut seen = BTreeSet::new();
    if let Some(bad) = manifest.files.iter().find(|entry| !entry.is_below() || !seen.insert(&entry.path)) {
        let why = format!("it lists `{}`, which no result has, or has it twice", bad.path);
        return Err(Refusal::new(MANIFEST, why, RUN_AGAIN));
    }
    let mut whole = Vec::new();
    let mut damaged = Vec::new();
    for entry in &manifest.files {
        match whole_file(entry, fetch) {
            Ok(file) => whole.push(file),
            Err(_) if rebuild && !SOURCES.contains(&entry.path.as_str()) => {}
            Err(why) => damaged.push((entry.path.as_str(), why)),
        }
    }
    if damaged.is_empty() { Ok(whole) } else { Err(not_whole(&damaged)) }
}

fn whole_file(entry: &FileEntry, fetch: &mut Fetch<'_>) -> Result<Document, String> {
    if entry.bytes > FILE_MOST {
        return Err("is larger than any file of a result".to_owned());
    }
    let bytes = fetch(&entry.path, entry.bytes).map_err(|absence| match absence {
        Absence::Missing => "is missing".to_owned(),
        Absence::Unreadable(why) => format!("cannot be read: {why}"),
    })?;
    match entry.difference(&bytes) {
        None => Ok(Document { path: entry.path.clone(), bytes }),
        Some(how) => Err(how),
    }
}

fn not_whole(damaged: &[(&str, String)]) -> Refusal {
    let help = if damaged.iter().any(|(path, _)| SOURCES.contains(path)) {
        format!("restore it from where it was written, or {RUN_AGAIN}")
    } else {
        "results.json and signals.json are intact: --rebuild still renders from them".to_owned()
    };
    if let [(path, why)] = damaged {
        return Refusal::new(path, why.clone(), help);
    }
    let mut named: Vec<String> = damaged.iter().take(NAMED).map(|(path, why)| format!("{path} {why}")).collect();
    if damaged.len() > NAMED {
        named.push(format!("and {}", plural((damaged.len() - NAMED) as u64, "more file")));
    }
    Refusal::new("", format!("it is not intact: {}", named.join("; ")), help)
}

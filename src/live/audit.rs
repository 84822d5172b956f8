//! What control tells people, in a file that the next process continues.
//!
//! Owns the form of its lines, and reads them back. Does not judge what they say.
//!
//! Invariants: nobody waits for it and nothing fails for it; how much it could not write, it says. What it gives back is
//! in the order of time, whoever wrote it, and says which lines could not be read: nothing is decided by them, so that
//! one that a dying process left unfinished keeps nobody from the others.

use super::LiveError;
use crate::record::event::Event;
use crate::record::{Actor, Lap, LapResult, LossBound, Timeline, TimelineEvent};
use crate::units::{Instant, Span};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Event { at: Instant, actor: String, name: String, text: String },
    Lap(StoredLap),
    Loss { at: Instant, database: String, bound: LossBound },
}

/// A lap as it stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredLap {
    procedure: String,
    run: u32,
    step: String,
    start: Instant,
    took: Span,
    budget: Span,
    #[serde(default)]
    undo: Option<Span>,
    #[serde(default)]
    past_return: bool,
    tries: u32,
    result: LapResult,
    note: String,
}

/// What all controllers of a group have told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LiveRecord {
    /// What was noticed, decided and begun.
    pub timeline: Timeline,
    /// The steps, as they went.
    pub laps: Vec<Lap>,
    /// The losses announced: when, of which database, and how large.
    pub bounds: Vec<(Instant, String, LossBound)>,
    /// The lines that could not be read, from 1: what they told is missing.
    pub unreadable: Vec<u64>,
}

/// The file, open for more.
#[derive(Debug)]
pub(super) struct AuditFile {
    path: PathBuf,
    file: File,
    lost: u64,
    why: String,
}

impl AuditFile {
    /// Opens the file at `path`. Returns what stands in it, too.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn open(path: &Path) -> Result<(Self, LiveRecord), LiveError> {
        let mut options = OpenOptions::new();
        let opened = options.read(true).append(true).create(true).open(path);
        let mut file = opened.map_err(LiveError::system(path, "cannot be opened"))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(LiveError::system(path, "cannot be read"))?;
        if bytes.last().is_some_and(|last| *last != b'\n') {
            // Others may be writing: what a writer that died has left is ended, not cut off.
            file.write_all(b"\n").map_err(LiveError::system(path, "cannot be written"))?;
        }
        Ok((Self { path: path.to_owned(), file, lost: 0, why: String::new() }, read(&bytes)))
    }

    pub fn event(&mut self, at: Instant, event: &Event) {
        let (actor, name, text) = (event.actor().to_string(), event.name(), event.text());
        self.write(&Line::Event { at, actor, name, text });
    }

    pub fn lap(&mut self, lap: Lap) {
        self.write(&Line::Lap(lap.into()));
    }

    pub fn loss(&mut self, at: Instant, database: &str, bound: LossBound) {
        self.write(&Line::Loss { at, database: database.to_owned(), bound });
    }

    /// How many lines could not be written and why, if there were any.
    pub fn gap(&self) -> Option<String> {
        (self.lost > 0).then(|| format!("{}: {} lines are missing: {}", self.path.display(), self.lost, self.why))
    }

    /// In one piece, so that the lines of two processes do not get into each other.
    fn write(&mut self, line: &Line) {
        let text = serde_json::to_string(line).map_err(std::io::Error::from);
        if let Err(error) = text.and_then(|text| self.file.write_all(format!("{text}\n").as_bytes())) {
            self.lost += 1;
            self.why = error.to_string();
        }
    }
}

impl LiveRecord {
    /// What stands in the audit file of the group that shares `folder`.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn read(folder: &Path) -> Result<Self, LiveError> {
        let path = folder.join(super::AUDIT);
        Ok(read(&std::fs::read(&path).map_err(LiveError::system(&path, "cannot be read"))?))
    }

    /// The latest instant that anything in it was written at.
    pub fn last(&self) -> Instant {
        let events = self.timeline.events().iter().map(|event| event.at);
        let laps = self.laps.iter().map(|lap| lap.start.saturating_add(lap.took));
        let bounds = self.bounds.iter().map(|(at, ..)| *at);
        events.chain(laps).chain(bounds).max().unwrap_or(Instant::ZERO)
    }
}

fn read(bytes: &[u8]) -> LiveRecord {
    let (mut events, mut record) = (Vec::new(), LiveRecord::default());
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        match serde_json::from_slice(line) {
            Ok(Line::Event { at, actor, name, text }) => match who(&actor) {
                Some(actor) => events.push(TimelineEvent::new(at, Event::custom(actor, name, text))),
                None => record.unreadable.push(number),
            },
            Ok(Line::Lap(lap)) => record.laps.push(lap.into_lap()),
            Ok(Line::Loss { at, database, bound }) => record.bounds.push((at, database, bound)),
            Err(_) if line.is_empty() => {}
            Err(_) => record.unreadable.push(number),
        }
    }
    events.sort_by_key(|event| event.at);
    events.into_iter().for_each(|event| record.timeline.push(event));
    record.laps.sort_by_key(|lap| lap.start);
    record.bounds.sort_by_key(|(at, ..)| *at);
    record
}

/// Who is called so.
fn who(name: &str) -> Option<Actor> {
    let known = [Actor::Fault, Actor::World, Actor::Control, Actor::People];
    known.into_iter().find(|actor| actor.to_string() == name)
}

impl From<Lap> for StoredLap {
    fn from(lap: Lap) -> Self {
        let Lap { procedure, run, step, start, took, budget, undo, past_return, tries, result, note } = lap;
        Self { procedure, run, step, start, took, budget, undo, past_return, tries, result, note }
    }
}

impl StoredLap {
    fn into_lap(self) -> Lap {
        let Self { procedure, run, step, start, took, budget, undo, past_return, tries, result, note } = self;
        Lap { procedure, run, step, start, took, budget, undo, past_return, tries, result, note }
    }
}

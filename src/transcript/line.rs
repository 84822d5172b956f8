//! The form of a transcript: lines of JSON, in the order in which things happened.
//!
//! Invariant: what is written is read back equal.

use crate::ports::PortError;
use crate::units::Instant;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// Something that passed between control code and its ports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Line {
    /// A call was sent.
    Call {
        /// Its number, from 1.
        number: u64,
        /// When.
        at: Instant,
        /// The epoch of the lease it was sent under.
        epoch: u32,
        /// What was called.
        name: String,
        /// With which arguments, in their order.
        with: Value,
    },
    /// A call was answered.
    Answer {
        /// Which.
        number: u64,
        /// When.
        at: Instant,
        /// Whether the answer was there before the caller had to wait for it.
        at_once: bool,
        /// What.
        answer: Result<Value, PortError>,
    },
    /// Nobody waits for the answer to a call any more.
    Dropped {
        /// Which.
        number: u64,
        /// When.
        at: Instant,
    },
    /// The clock was read.
    Now {
        /// What it showed.
        at: Instant,
    },
    /// Something was reported to the audit, which has no answer.
    Event {
        /// Of which kind.
        name: String,
        /// What.
        with: Value,
    },
}

/// Takes each line as it is written.
type Sink = Box<dyn FnMut(&str)>;

/// A transcript as it grows. Clones are of the same one.
#[derive(Clone, Default)]
pub struct Transcript(Rc<RefCell<Kept>>);

#[derive(Default)]
struct Kept {
    lines: Vec<Line>,
    calls: u64,
    sink: Option<Sink>,
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0.borrow().lines).finish()
    }
}

/// A line that is none of a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptError {
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for TranscriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {} of the transcript: {}; cut it off there to replay up to the line before",
            self.line, self.why
        )
    }
}

impl std::error::Error for TranscriptError {}

impl Transcript {
    /// One that hands each line on as it is written, without its end: to a file, so that it outlives the process.
    pub fn with_sink(sink: impl FnMut(&str) + 'static) -> Self {
        let kept = Kept { sink: Some(Box::new(sink)), ..Kept::default() };
        Self(Rc::new(RefCell::new(kept)))
    }

    /// The lines so far.
    pub fn lines(&self) -> Vec<Line> {
        self.0.borrow().lines.clone()
    }

    /// The lines of `text`. What is behind the last end of a line is left out: its writer died over it.
    ///
    /// # Errors
    ///
    /// The first line that is none.
    pub fn parse(text: &str) -> Result<Vec<Line>, TranscriptError> {
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let read = |(line, text): (usize, &str)| {
            serde_json::from_str(text).map_err(|error| TranscriptError { line, why: error.to_string() })
        };
        (1..).zip(whole.lines()).map(read).collect()
    }

    /// The number of the next call.
    pub(super) fn next_call(&self) -> u64 {
        let mut kept = self.0.borrow_mut();
        kept.calls += 1;
        kept.calls
    }

    pub(super) fn push(&self, line: Line) {
        let mut kept = self.0.borrow_mut();
        if let Some(sink) = &mut kept.sink {
            // All of it is plain data with text for keys.
            sink(&serde_json::to_string(&line).unwrap_or_default());
        }
        kept.lines.push(line);
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call { number, epoch, name, with, .. } => {
                write!(f, "call {number}, {name}{with}")?;
                if *epoch > 0 { write!(f, " under epoch {epoch}") } else { Ok(()) }
            }
            Self::Answer { number, .. } => write!(f, "the answer to call {number}"),
            Self::Dropped { number, .. } => write!(f, "call {number} abandoned"),
            Self::Now { .. } => f.write_str("a read of the clock"),
            Self::Event { name, with } => write!(f, "{name} {with}"),
        }
    }
}

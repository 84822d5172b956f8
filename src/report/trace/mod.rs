//! `otlp.json` and `trace.pftrace`: a run for the viewers of distributed traces, as stretches of time that lie within each
//! other, and what happened in them.
//!
//! Owns which stretches there are, what each lies within and how it ended; the folder's files write them down. Does not
//! know which requests were picked to be shown by themselves.
//!
//! Invariant: a stretch lies within its parent, which stands before it; what was read back gives the same as what was
//! run. A trace here is what viewers call so, not the recorded load that a workload may replay.

mod build;
mod otlp;
mod perfetto;
mod protobuf;

pub(super) use otlp::Otlp;
pub(super) use perfetto::Perfetto;

use super::text::{clean, cut};
use crate::outcome::Outcome;
use crate::record::Actor;
use crate::units::Instant;

/// The longest a name or a text gets. Unit: characters.
const LONGEST: usize = 300;

/// Something that lasted.
#[derive(Debug, Clone, PartialEq)]
struct Stretch {
    /// What it lies within, by its place in the list; `None`: it is the whole run.
    within: Option<usize>,
    /// The group of rows in which a viewer shows it.
    group: String,
    name: String,
    from: Instant,
    until: Instant,
    ended: Ended,
    /// What else is known of it, each with the name under which a viewer finds it.
    facts: Vec<(&'static str, Fact)>,
    /// What happened in it.
    marks: Vec<Mark>,
}

/// How a stretch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Ended {
    Well,
    /// Not as it should, and why.
    Badly(String),
    /// It is neither good nor bad that it ended, or it has not.
    Open,
}

/// Something that is known of a stretch.
#[derive(Debug, Clone, PartialEq)]
enum Fact {
    Text(String),
    Count(u64),
    Seconds(f64),
    Flag(bool),
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    at: Instant,
    actor: Actor,
    name: String,
    text: String,
}

impl Stretch {
    fn new(within: Option<usize>, group: &str, name: &str, from: Instant, until: Instant) -> Self {
        let (group, name) = (shown(group), shown(name));
        Self { within, group, name, from, until: until.max(from), ended: Ended::Open, facts: vec![], marks: vec![] }
    }

    fn ended(mut self, ended: Ended) -> Self {
        self.ended = ended;
        self
    }

    fn text(mut self, name: &'static str, text: &str) -> Self {
        self.facts.push((name, Fact::Text(shown(text))));
        self
    }

    fn count(mut self, name: &'static str, count: u64) -> Self {
        self.facts.push((name, Fact::Count(count)));
        self
    }

    fn seconds(mut self, name: &'static str, seconds: f64) -> Self {
        self.facts.push((name, Fact::Seconds(seconds)));
        self
    }
}

/// Foreign text as it may stand in a file: on one line, harmless, and not too long.
fn shown(text: &str) -> String {
    cut(&clean(text), LONGEST)
}

/// What identifies the run, and that none of it is real: each with its name.
fn identity(outcome: &Outcome) -> Vec<(&'static str, Fact)> {
    let text = |text: &str| Fact::Text(shown(text));
    vec![
        ("firedrill.simulated", Fact::Flag(true)),
        ("firedrill.scenario", text(&outcome.scenario)),
        ("firedrill.file", text(&outcome.file)),
        ("firedrill.seed", text(&outcome.record.seed.to_string())),
        ("firedrill.digest", text(&outcome.record.digest.to_string())),
        ("firedrill.verdict", text(&outcome.verdict.to_string())),
        ("firedrill.replay", text(&outcome.replay_command())),
    ]
}

#[cfg(test)]
mod tests;

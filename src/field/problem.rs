//! What is wrong with a scenario, with place and help.

use super::place::Place;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The scenario cannot run.
    Error,
    /// It can run, but probably does not mean what it says.
    Warning,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad.
    pub level: Level,
    /// Its code, such as `FD0102`, explained by `firedrill explain`.
    pub code: &'static str,
    /// Where. `None`: the file as a whole.
    pub place: Option<Place>,
    /// What.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Further places that matter, each with what is there.
    pub notes: Vec<(Place, String)>,
}

impl Problem {
    /// An error at `place`.
    pub fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { level: Level::Error, code, place: Some(place), message: message.into(), help: None, notes: Vec::new() }
    }

    /// A warning at `place`.
    pub fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::error(code, place, message) }
    }

    /// An error of the file as a whole.
    pub fn file(code: &'static str, message: impl Into<String>) -> Self {
        Self { level: Level::Error, code, place: None, message: message.into(), help: None, notes: Vec::new() }
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With a further place that matters.
    #[must_use]
    pub fn note(mut self, place: Place, text: impl Into<String>) -> Self {
        self.notes.push((place, text.into()));
        self
    }
}

/// All that is wrong with a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one. The same one at the same place is kept once.
    pub fn push(&mut self, problem: Problem) {
        self.list.push(problem);
    }

    /// Adds all of `other`.
    pub fn append(&mut self, other: Self) {
        self.list.extend(other.list);
    }

    /// How many errors there are so far; compare before and after to learn whether a step added one.
    pub fn error_count(&self) -> usize {
        self.list.iter().filter(|p| p.level == Level::Error).count()
    }

    /// Whether there is any error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|p| p.level == Level::Error)
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// In the order in which they were found, or by place once sorted.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// Sorted by place (problems of the file as a whole first), each once.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.list.sort_by(|a, b| (a.place, a.level, a.code, &a.message).cmp(&(b.place, b.level, b.code, &b.message)));
        self.list.dedup_by(|a, b| (a.place, a.code, &a.message) == (b.place, b.code, &b.message));
        self
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self { list: vec![problem] }
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

//! Where something was written.

use std::fmt;

/// What a value was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The scenario file.
    File,
    /// A file that the scenario builds on, by its position among them: the one that the scenario names is the first.
    Base(u16),
    /// A preset, by name.
    Preset(&'static str),
    /// A setting beside the file, by its position among them.
    Setting(u16),
    /// Nothing: the field's own default.
    Default,
}

impl Origin {
    /// Whether somebody wrote it for this scenario: in its file, in one it builds on, or beside it.
    pub const fn is_by_hand(self) -> bool {
        matches!(self, Self::File | Self::Base(_) | Self::Setting(_))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("file"),
            Self::Base(_) => f.write_str("base"),
            Self::Preset(name) => write!(f, "preset {name}"),
            Self::Setting(_) => f.write_str("--set"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A stretch of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which text.
    pub origin: Origin,
    /// Line of its first character, from 1.
    pub line: u32,
    /// Column of its first character, from 1, in characters.
    pub column: u32,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

impl Place {
    /// The very beginning of a text.
    pub const fn beginning(origin: Origin) -> Self {
        Self { origin, line: 1, column: 1, start: 0, end: 0 }
    }

    /// The part of a one-line place that begins `skip` bytes (of ASCII) later.
    pub const fn after(self, skip: usize) -> Self {
        Self { column: self.column + skip as u32, start: self.start + skip, ..self }
    }
}

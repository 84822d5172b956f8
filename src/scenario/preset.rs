//! Presets: values laid under a file's own. They are data, in `presets/`.

use super::sdk::SDKS;
use super::yaml;
use crate::field::{Node, Origin, Problems};

/// A preset.
#[derive(Debug)]
pub struct Preset {
    /// Its name, as it is written.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub doc: &'static str,
    text: &'static str,
    source: &'static str,
}

impl Preset {
    /// A preset, with the source of its values.
    pub(super) const fn new(name: &'static str, doc: &'static str, text: &'static str, source: &'static str) -> Self {
        Self { name, doc, text, source }
    }

    /// Its values, as they would be written in a file.
    pub const fn text(&self) -> &'static str {
        self.text
    }
}

/// Every preset.
pub const PRESETS: [Preset; 1] = [Preset {
    name: "ai-provider",
    doc: "Model calls and records on a provider with a primary and a secondary region.",
    text: include_str!("presets/ai-provider.yaml"),
    source: "the preset: its file names the source of each value",
}];

/// The names of all presets.
pub(super) const NAMES: &[&str] = &[PRESETS[0].name];

/// The tree of a preset of whole scenarios, if there is one of that name.
///
/// # Errors
///
/// A preset that cannot be read: a test reads each.
pub(super) fn tree(name: &str) -> Option<Result<Node, Problems>> {
    let preset = PRESETS.iter().find(|preset| preset.name == name)?;
    Some(yaml::parse(preset.text, Origin::Preset(preset.name)))
}

/// The text of a preset or client library, for diagnostics that point into it.
pub(super) fn text(name: &str) -> &'static str {
    find(name).map_or("", |preset| preset.text)
}

/// Where the values of a preset or client library come from.
pub(super) fn source(name: &str) -> &'static str {
    find(name).map_or("", |preset| preset.source)
}

fn find(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().chain(&SDKS).find(|preset| preset.name == name)
}

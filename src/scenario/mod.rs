//! The scenario language: from a YAML file to a checked plan, with everything that is wrong at its place.
//!
//! Owns the file format, the sections and their defaults with sources, presets, settings, `explain` and the rendering
//! of problems. Does not know the terminal, or what a fault, control or property does: their kinds come in catalogs.
//!
//! Invariant: a [`Plan`] has nothing optional left to guess, all its identifiers exist, and no file, however broken,
//! makes [`load`] panic. [`load`] reports all problems of a file at once; only a file that is no YAML stops it early.

mod base;
mod catalog;
mod codes;
mod cost;
mod explain;
mod files;
mod foreign;
mod load;
mod long_form;
mod names;
mod occurrence;
mod overlay;
mod plan;
mod preset;
mod render;
mod schedule;
mod schema;
mod sdk;
mod section;
mod setting;
#[cfg(test)]
mod tests;
mod tree;
mod waits;
mod yaml;

pub use base::{bases, is_base};
pub use catalog::Catalogs;
pub use codes::{CODES, Code, explain_code};
pub use cost::{Cost, cost};
pub use explain::{Extract, explain, explain_in_part, inferred, places};
pub use files::{Files, NoFiles};
pub use load::{load, load_with_files};
pub use plan::{Expected, Plan, PlannedProperty};
pub use preset::{PRESETS, Preset};
pub use render::{Diagnostic, Sources, diagnostics, place_of_property, render, summary};
pub use schedule::{GivenSchedule, read_schedule};
pub use schema::schema;
pub use sdk::SDKS;
pub use section::{ARRIVALS, KEYS, TABLES, WORKLOADS};
pub use yaml::text_of;

//! Field tables: the one definition of what may be written, that drives decoding, `explain`, lists and suggestions.
//!
//! Owns the tree a scenario file is read into ([`Node`]), tables of fields ([`Kind`], [`Field`], [`FieldType`]), typed
//! values with their place and origin ([`Values`]), declared names ([`Scope`]) and diagnostics ([`Problem`]).
//! Does not know any simulated thing, file format or terminal.
//!
//! Invariant: a table that decodes holds a value of the declared type for every field that is required or has a default,
//! inside its declared range, and every name it refers to is declared.

mod catalog;
mod decode;
mod defects;
mod distribution;
mod incident;
mod kind;
mod node;
mod place;
mod problem;
mod renamed;
mod scalar;
mod scope;
mod suggest;
#[cfg(test)]
mod tests;
mod values;

pub use catalog::Catalog;
pub use decode::{decode, decode_entry, decode_parts, is_name};
pub use distribution::DISTRIBUTIONS;
pub use incident::{FREQUENCIES, Frequency, INCIDENTS, PHASES, Phase};
pub use kind::{Default, Field, FieldType, Kind, Referent};
pub use node::{MapEntry, Node, NodeValue, shorten};
pub use place::{Origin, Place};
pub use problem::{Level, Problem, Problems};
pub use renamed::{RENAMED, Renamed, renamed};
pub use scope::{Barred, Scope};
pub use suggest::{nearest, nearest_name, nearest_three};
pub use values::{Item, Reference, Value, Values};

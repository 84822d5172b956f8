//! Every kind of property there is.

use super::property::{self, Property};
use crate::field::{Kind, Problems, Scope, Values};
use std::sync::Arc;

/// Builds the property with the given id from decoded fields, with the names that the scenario declares. `None` if a
/// problem was added.
pub type BuildProperty = fn(&str, &Values, &Scope, &mut Problems) -> Option<Arc<dyn Property>>;

/// A kind of property: what may be written, and how it is built.
#[derive(Debug)]
pub struct PropertyKind {
    /// Its fields.
    pub kind: Kind,
    /// Builds one.
    pub build: BuildProperty,
}

/// Every kind, in the order in which they are listed.
pub const CATALOG: &[PropertyKind] = &[
    PropertyKind { kind: property::always::KIND, build: property::always::build },
    PropertyKind { kind: property::never::KIND, build: property::never::build },
    PropertyKind { kind: property::ends_with::KIND, build: property::ends_with::build },
    PropertyKind { kind: property::recovers::KIND, build: property::recovers::build },
    PropertyKind { kind: property::responds::KIND, build: property::responds::build },
    PropertyKind { kind: property::at_most::KIND, build: property::at_most::build },
    PropertyKind { kind: property::fires_iff::KIND, build: property::fires_iff::build },
    PropertyKind { kind: property::precedes::KIND, build: property::precedes::build },
    PropertyKind { kind: property::ledger::KIND, build: property::ledger::build },
    PropertyKind { kind: property::authority::KIND, build: property::authority::build },
    PropertyKind { kind: property::consistent::KIND, build: property::consistent::build },
    PropertyKind { kind: property::observed::FINAL_STATE_KIND, build: property::observed::build_final_state },
    PropertyKind { kind: property::observed::LINEARIZABLE_KIND, build: property::observed::build_linearizable },
    PropertyKind { kind: property::observed::ALIGNED_KIND, build: property::observed::build_aligned },
    PropertyKind { kind: property::measure::KIND, build: property::measure::build },
    PropertyKind { kind: property::agrees::KIND, build: property::agrees::build },
];

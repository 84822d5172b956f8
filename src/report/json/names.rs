//! Names that a record keeps by reference because they come from a catalog: kinds of properties and procedures.
//!
//! Invariant: each distinct name read from a file takes memory once, and keeps it for the rest of the process, as the
//! names of the catalogs do.

use std::collections::BTreeSet;

/// The names of one reading.
#[derive(Default)]
pub(super) struct Names {
    known: BTreeSet<&'static str>,
}

impl Names {
    /// The name, kept.
    pub(super) fn kept(&mut self, name: &str) -> &'static str {
        if let Some(known) = self.known.get(name) {
            return known;
        }
        let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
        self.known.insert(kept);
        kept
    }
}

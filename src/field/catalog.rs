//! Everything of one sort that a scenario may name: what comes with the product, and what a user's own program adds.
//!
//! Owns the order in which it is listed. Does not know what it is. Invariant: entries are never taken out or changed.

/// Entries of one sort, each of which has a name.
#[derive(Debug)]
pub struct Catalog<T: 'static> {
    built_in: &'static [T],
    own: &'static [T],
}

impl<T> Clone for Catalog<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Catalog<T> {}

impl<T> Catalog<T> {
    /// These.
    pub const fn new(built_in: &'static [T]) -> Self {
        Self { built_in, own: &[] }
    }

    /// With a user's own after those that come with the product. What was added so before is no longer among them.
    #[must_use]
    pub const fn with(self, own: &'static [T]) -> Self {
        Self { own, ..self }
    }

    /// Each of them, those that come with the product first.
    pub fn iter(self) -> impl Iterator<Item = &'static T> + Clone {
        self.built_in.iter().chain(self.own)
    }
}

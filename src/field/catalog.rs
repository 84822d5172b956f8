//! Everything of one sort that a scenario may name: what comes with the product, and what a user's own program adds.
//!
//! Owns the order in which it is listed. Does not know what it is. Invariant: entries are never taken out or changed.

/// How often entries can be added.
const ADDITIONS: usize = 4;

/// Entries of one sort, each of which has a name.
#[derive(Debug)]
pub struct Catalog<T: 'static> {
    built_in: &'static [T],
    added: [&'static [T]; ADDITIONS],
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
        Self { built_in, added: [&[]; ADDITIONS] }
    }

    /// With these after those that are there.
    ///
    /// # Panics
    ///
    /// The fifth time.
    #[must_use]
    pub const fn with(mut self, own: &'static [T]) -> Self {
        let mut place = 0;
        while !self.added[place].is_empty() {
            place += 1;
            assert!(place < ADDITIONS, "put into one list what is added to a catalog");
        }
        self.added[place] = own;
        self
    }

    /// Each of them, those that come with the product first.
    pub fn iter(self) -> impl Iterator<Item = &'static T> + Clone {
        self.built_in.iter().chain(self.added.into_iter().flatten())
    }
}

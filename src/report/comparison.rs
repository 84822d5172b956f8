//! Two plans beside each other, written down: for a terminal, and as a page.
//!
//! Does not run anything. Invariant: both forms say the same.

use super::view::ComparisonView;
use super::{Look, html, terminal};
use crate::explore::{Campaign, Paired};

/// Two plans, compared.
pub struct Comparison {
    view: ComparisonView,
    worse: bool,
}

impl Comparison {
    /// The second of `campaigns` beside the first, under `names`.
    pub fn of(names: [&str; 2], campaigns: [&Campaign; 2]) -> Self {
        let paired = Paired::of(campaigns[0], campaigns[1]);
        Self { view: ComparisonView::of(names, campaigns, &paired), worse: paired.is_worse() }
    }

    /// Whether the second fails where the first did not, beyond chance.
    pub const fn is_worse(&self) -> bool {
        self.worse
    }

    /// Whether the two could be compared at all.
    pub fn is_known(&self) -> bool {
        self.view.word != "UNKNOWN"
    }

    /// `WORSE`, `NOT WORSE` or `UNKNOWN`.
    pub const fn word(&self) -> &'static str {
        self.view.word
    }

    /// Why, in one sentence without a full stop.
    pub fn cause(&self) -> &str {
        &self.view.cause
    }

    /// For a terminal.
    pub fn text(&self, look: Look) -> Vec<u8> {
        terminal::comparison(&self.view, look)
    }

    /// As a page.
    pub fn page(&self) -> Vec<u8> {
        html::comparison(&self.view)
    }
}

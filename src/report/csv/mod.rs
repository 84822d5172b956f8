//! `series/`: the figures of a run as tables, for spreadsheets and notebooks.
//!
//! Owns which tables there are. One row is one observation, one column one quantity with its unit in its name.
//!
//! Invariant: a file is there if and only if it has rows or belongs to every run; what is not known is an empty cell;
//! text never begins so that a spreadsheet takes it for a formula.

mod groups;
mod lists;
mod sheet;

use super::{Document, Folder};
use crate::explore::Campaign;
use crate::outcome::Outcome;
use sheet::Sheet;

pub(super) struct Csv;

/// Lists that are no signals, in the order in which they are written.
const LISTS: [&str; 9] =
    ["events", "faults", "steps", "properties", "writes", "lost_writes", "seeds", "seed_properties", "seed_recovery"];

impl Folder for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }
    fn folder(&self) -> &'static str {
        "series"
    }
    fn owns(&self, file: &str) -> bool {
        let known = |name: &str| LISTS.contains(&name) || groups::names().any(|group| group == name);
        file.strip_suffix(".csv").is_some_and(known)
    }
    fn run(&self, outcome: &Outcome) -> Vec<Document> {
        let mut sheets = groups::sheets(outcome);
        sheets.extend(lists::of_run(outcome));
        sheets.into_iter().filter(|sheet| !sheet.is_empty()).map(Sheet::into_document).collect()
    }
    fn campaign(&self, campaign: &Campaign) -> Vec<Document> {
        let of_seeds = lists::of_campaign(campaign).into_iter().filter(|sheet| !sheet.is_empty());
        let worst = campaign.worst.iter().flat_map(|worst| self.run(worst));
        of_seeds.map(Sheet::into_document).chain(worst).collect()
    }
}

#[cfg(test)]
mod tests;

//! Many runs, each looked at.
//!
//! Invariant: what comes out does not depend on how many threads there are.

use crate::outcome::{Outcome, Verdict};
use std::num::NonZero;
use std::sync::Mutex;
use std::thread::{available_parallelism, scope};

/// What is wrong with each of `cells`, as `cell` has it, in their order; nothing of those with which nothing is.
pub(super) fn judge<C: Sync>(cells: &[C], cell: impl Fn(&C) -> Option<String> + Sync) -> Vec<String> {
    let threads = available_parallelism().map_or(1, NonZero::get).min(cells.len());
    let (next, found) = (Mutex::new(0..cells.len()), Mutex::new(Vec::new()));
    scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                // A cell that panics takes the whole test with it, once the others are done.
                while let Some(index) = next.lock().ok().and_then(|mut next| next.next()) {
                    if let (Some(wrong), Ok(mut found)) = (cell(&cells[index]), found.lock()) {
                        found.push((index, wrong));
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap_or_default();
    found.sort();
    found.into_iter().map(|(_, wrong)| wrong).collect()
}

/// Why `outcome` is not what its scenario expects, and how to see it.
pub(super) fn said(outcome: &Outcome) -> String {
    let surprising = outcome.properties.iter().filter(|property| !property.as_expected());
    let mut said: Vec<String> = surprising.map(|p| format!("{} is {}: {}", p.id, p.verdict, p.why)).collect();
    said.extend(outcome.findings.iter().cloned());
    if outcome.verdict == Verdict::Inconclusive {
        said.extend(outcome.doubts.iter().cloned());
    }
    if said.is_empty() {
        said.push(format!("the verdict is {}", outcome.verdict));
    }
    format!("{} ({})", said.join("; "), outcome.replay_command())
}

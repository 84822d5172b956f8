//! What is said of shares of runs, before the first is made: how many there will be, and how many of them may fail.
//!
//! Does not judge: that is for the campaign. Invariant: the numbers are fixed, and said, before anything is known.

use super::console::Console;
use crate::explore::{Limits, MOST_SEEDS, level, may_fail, runs_that_pass};
use crate::outcome::Claim;
use crate::report::text::{clean, count, plural};
use std::ops::Range;

/// As many as show what is claimed although two of them fail: with fewer, a system that is better than that would often
/// not be shown to be. `None`: nothing is claimed.
pub(super) fn runs_for(claims: &[(String, Claim)]) -> Option<u64> {
    let runs = |claim: &Claim| runs_that_pass(2, may_fail(*claim), level(*claim), MOST_SEEDS).unwrap_or(MOST_SEEDS);
    claims.iter().map(|(_, claim)| runs(claim)).max()
}

/// What may fail of so many runs, said before the first: who looks first and then chooses a number chooses the answer.
pub(super) fn announce_limits(
    claims: &[(String, Claim)],
    seeds: &Range<u64>,
    until_settled: bool,
    console: &mut Console<'_>,
) {
    let runs = seeds.end - seeds.start;
    for (id, claim) in claims {
        let id = clean(id);
        if until_settled {
            let how = format!("up to {}, until it is settled whether {id} holds in {}", count(runs), claim.at_least);
            console.diagnostic(&format!("{how}\n"));
            continue;
        }
        let limits = Limits::of(runs, may_fail(*claim), level(*claim));
        let shown = match limits.pass {
            Some(most) => format!("at most {} may fail", count(most)),
            None => "that are too few to show it".to_owned(),
        };
        let refuted = limits.fail.map_or_else(String::new, |least| format!(", {} or more refute it", count(least)));
        let wanted = format!("{id} is to hold in {} of all runs, with {} confidence", claim.at_least, claim.confidence);
        console.diagnostic(&format!("{wanted}: of {}, {shown}{refuted}\n", plural(runs, "run")));
    }
}

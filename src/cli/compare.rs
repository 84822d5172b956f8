//! `firedrill compare`: two plans, or two versions of one, seed by seed.
//!
//! Invariant: both meet the same seeds; what is read from a directory was judged again as it is for a report.

use super::args::CompareArgs;
use super::console::{Console, Failure};
use super::engine::Engine;
use super::exit::Exit;
use super::report::{read_results, write_page};
use super::run::load;
use crate::explore::{self, Campaign};
use crate::report::{Comparison, Look, Stored};
use serde_json::json;
use std::ops::Range;
use std::path::Path;

/// The seeds that two scenarios are run with when nobody names any: enough for an interval that is worth something.
const USUAL_SEEDS: Range<u64> = 0..20;

/// Does what `args` say.
pub(super) fn compare(args: &CompareArgs, engine: &dyn Engine, look: Look, console: &mut Console<'_>) -> Exit {
    match campaigns(args, engine, look, console) {
        Ok([first, second]) => {
            let names = [&args.first, &args.second].map(|path| path.to_string_lossy().into_owned());
            let comparison = Comparison::of([&names[0], &names[1]], [&first, &second]);
            console.shown(&comparison.text(look));
            console.message("compared", &json!({"word": comparison.word(), "cause": comparison.cause()}));
            let written = args.output.as_deref().map(|path| write_page(path, &comparison.page(), args.force, console));
            match written.transpose() {
                Err(failure) => {
                    console.failure(&failure);
                    Exit::Usage
                }
                Ok(_) if comparison.is_worse() => Exit::NotAsExpected,
                Ok(_) if comparison.is_known() => Exit::AsExpected,
                Ok(_) => Exit::Inconclusive,
            }
        }
        Err(Some(failure)) => {
            console.failure(&failure);
            Exit::Usage
        }
        Err(None) => Exit::Usage,
    }
}

/// Both sides. `Err(None)`: what is wrong was said already.
fn campaigns(
    args: &CompareArgs,
    engine: &dyn Engine,
    look: Look,
    console: &mut Console<'_>,
) -> Result<[Campaign; 2], Option<Failure>> {
    let sides = [args.first.as_path(), args.second.as_path()];
    let read = sides.map(|side| if side.is_dir() { Some(stored(side, engine)) } else { None });
    let [first, second] = read.map(Option::transpose);
    let read = [first.map_err(Some)?, second.map_err(Some)?];
    // What is run meets the seeds of what was read.
    let of_other = read.iter().flatten().map(|campaign| campaign.seeds.clone()).next();
    let seeds = args.seeds.clone().or(of_other).unwrap_or(USUAL_SEEDS);
    let mut whole = Vec::new();
    for (side, campaign) in sides.into_iter().zip(read) {
        whole.push(match campaign {
            Some(campaign) => campaign,
            None => rehearsed(side, &seeds, args, engine, look, console)?,
        });
    }
    <[Campaign; 2]>::try_from(whole).map_err(|_| None)
}

fn stored(directory: &Path, engine: &dyn Engine) -> Result<Campaign, Failure> {
    Ok(match read_results(directory, engine)? {
        Stored::Run(outcome) => Campaign::of_run(*outcome),
        Stored::Campaign(campaign) => *campaign,
    })
}

fn rehearsed(
    file: &Path,
    seeds: &Range<u64>,
    args: &CompareArgs,
    engine: &dyn Engine,
    look: Look,
    console: &mut Console<'_>,
) -> Result<Campaign, Option<Failure>> {
    let scenario = load(file, &args.set, None, engine, console).ok_or(None)?;
    let bar = super::progress::bar(seeds.end - seeds.start, look.detail == crate::report::Detail::Line || console.json);
    let campaign = explore::run(seeds.clone(), args.jobs, |seed| {
        let outcome = scenario.rehearse(seed);
        bar.inc(1);
        outcome
    });
    bar.finish_and_clear();
    campaign.map_err(|error| Some(Failure::new(error.to_string(), "")))
}

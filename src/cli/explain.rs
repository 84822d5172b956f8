//! `firedrill explain`: prints the plan of a scenario, with nothing left to guess, or what a word means.
//!
//! Invariant: a file that is there is never taken for a word.

use super::args::ExplainArgs;
use super::console::{Console, Failure};
use super::engine::{Engine, Listing, Topic};
use super::exit::Exit;
use super::{input, run};
use crate::field::{nearest, nearest_name};
use crate::report::text::clean;
use crate::scenario::Extract;
use serde_json::json;

/// Prints the plan of the scenario, or the meaning of the word.
pub(super) fn explain(args: &ExplainArgs, engine: &dyn Engine, console: &mut Console<'_>) -> Exit {
    if let Some(word) = args.file.to_str().filter(|_| !args.file.exists())
        && let Some(meaning) = engine.explain(word)
    {
        if args.changed || args.section.is_some() {
            let help = "--changed and a section are for scenario files";
            console.failure(&Failure::new(format!("`{word}` is explained as a whole"), help));
            return Exit::Usage;
        }
        console.shown(meaning.as_bytes());
        console.message("explained", &json!({"word": word, "text": meaning}));
        return Exit::AsExpected;
    }
    if let Some(failure) = unknown(args, engine) {
        console.failure(&failure);
        return Exit::Usage;
    }
    let Some(scenario) = run::load(&args.file, &args.set, None, engine, console) else { return Exit::Usage };
    let extract = Extract { section: args.section.as_deref(), set: args.changed };
    if let Some(section) = extract.section
        && !scenario.places().contains(&section)
    {
        console.failure(&nowhere(section, &scenario.places()));
        return Exit::Usage;
    }
    let plan: String = scenario.explain(extract).lines().map(|line| clean(line) + "\n").collect();
    console.shown(plan.as_bytes());
    console.message("plan", &json!({"file": args.file.to_string_lossy(), "text": plan}));
    Exit::AsExpected
}

/// What to say of a section that the plan has not.
fn nowhere(section: &str, places: &[&str]) -> Failure {
    let sections: Vec<&str> = places.iter().copied().filter(|place| !place.contains('.')).collect();
    let help = match nearest_name(section, places.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("there is {}", sections.join(", ")),
    };
    Failure::new(format!("there is no `{section}` in the plan"), help)
}

/// What to say of something that is neither a file nor could be one.
fn unknown(args: &ExplainArgs, engine: &dyn Engine) -> Option<Failure> {
    let word = args.file.to_str()?;
    if args.file.exists() || word == input::STDIN || word.contains(['/', '\\', '.']) {
        return None;
    }
    let entries: Vec<Listing> = Topic::ALL.into_iter().flat_map(|topic| engine.list(topic)).collect();
    let known = entries.iter().map(|entry| entry.name.as_str()).filter(|name| engine.explain(name).is_some());
    let help = match nearest(word, known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`firedrill list` shows what there is".to_owned(),
    };
    Some(Failure::new(format!("`{word}` is neither a file nor anything that can be explained"), help))
}

//! `firedrill explain`: prints the plan of a scenario, with nothing left to guess, or what a word means.
//!
//! Invariant: a file that is there is never taken for a word.

use super::args::ExplainArgs;
use super::console::{Console, Failure};
use super::engine::{Engine, Listing, Topic};
use super::exit::Exit;
use super::{input, run};
use crate::field::nearest;
use crate::report::text::clean;
use serde_json::json;

/// Prints the plan of the scenario, or the meaning of the word.
pub(super) fn explain(args: &ExplainArgs, engine: &dyn Engine, console: &mut Console<'_>) -> Exit {
    if let Some(word) = args.file.to_str().filter(|_| !args.file.exists())
        && let Some(meaning) = engine.explain(word)
    {
        console.shown(meaning.as_bytes());
        console.message("explained", &json!({"word": word, "text": meaning}));
        return Exit::AsExpected;
    }
    if let Some(failure) = unknown(args, engine) {
        console.failure(&failure);
        return Exit::Usage;
    }
    let Some(scenario) = run::load(&args.file, &args.set, None, engine, console) else { return Exit::Usage };
    let plan: String = scenario.explain().lines().map(|line| clean(line) + "\n").collect();
    console.shown(plan.as_bytes());
    console.message("plan", &json!({"file": args.file.to_string_lossy(), "text": plan}));
    Exit::AsExpected
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

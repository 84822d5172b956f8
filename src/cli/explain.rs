//! `firedrill explain`: prints the plan of a scenario, with nothing left to guess.

use super::args::ExplainArgs;
use super::console::Console;
use super::engine::Engine;
use super::exit::Exit;
use super::run;
use crate::report::text::clean;

/// Prints the plan of the scenario.
pub(super) fn explain(args: &ExplainArgs, engine: &dyn Engine, console: &mut Console<'_>) -> Exit {
    let Some(scenario) = run::load(&args.file, &args.set, None, engine, console) else { return Exit::Usage };
    let plan: String = scenario.explain().lines().map(|line| clean(line) + "\n").collect();
    console.result(plan.as_bytes());
    Exit::AsExpected
}

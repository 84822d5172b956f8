//! `firedrill explain`: prints the plan of a scenario, with nothing left to guess.

use super::args::ExplainArgs;
use super::console::Console;
use super::engine::Engine;
use super::exit::Exit;
use super::run;

/// Prints the plan of the scenario.
pub(super) fn explain(args: &ExplainArgs, engine: &dyn Engine, console: &mut Console<'_>) -> Exit {
    let Some(scenario) = run::load(&args.file, &args.set, engine, console) else { return Exit::Usage };
    let mut plan = scenario.explain();
    if !plan.ends_with('\n') {
        plan.push('\n');
    }
    console.result(plan.as_bytes());
    Exit::AsExpected
}

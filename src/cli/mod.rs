//! The command line: one file per verb.
//!
//! Owns everything that touches the outside: arguments, files, the terminal, signals, exit codes. It alone prints, writes
//! and exits. Refuses to know how a scenario is read or run: that is behind [`engine`].
//!
//! Invariant: results go to standard output, everything else to standard error; whatever a user writes ends in a
//! documented exit code and never in a panic; a run that is interrupted leaves nothing that looks whole.

mod args;
mod check;
mod console;
mod crash;
mod engine;
mod exit;
mod explain;
mod input;
mod interrupt;
mod list;
mod progress;
mod results;
mod run;
mod surroundings;
mod wiring;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod process_tests;
#[cfg(test)]
mod tests;

use args::{Args, Verb};
use clap::Parser;
use console::Console;
use engine::Engine;
use exit::Exit;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use surroundings::Surroundings;

/// The program: reads the arguments of the process, does what they say, and returns the exit code.
pub fn main() -> ExitCode {
    main_on(&wiring::Simulator, std::env::args_os()).into()
}

/// The program on any engine.
fn main_on(engine: &dyn Engine, arguments: impl IntoIterator<Item = OsString>) -> Exit {
    crash::install_hook();
    // A program that cannot hear signals still works; what it leaves behind then does not look whole either.
    let _ = interrupt::watch();
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let mut console = Console::new(&mut out, &mut err);
    let surroundings = Surroundings::of_this_process();
    let done = AssertUnwindSafe(|| obey(arguments, engine, &surroundings, &mut console));
    let exit = catch_unwind(done).unwrap_or(Exit::Internal);
    exit.max(console.finish())
}

/// Parses `arguments` and does what they say.
fn obey(
    arguments: impl IntoIterator<Item = OsString>,
    engine: &dyn Engine,
    surroundings: &Surroundings,
    console: &mut Console<'_>,
) -> Exit {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(refusal) => return refused(&refusal, surroundings, console),
    };
    let look = surroundings.look(&args.output);
    console.look = surroundings.look_of_diagnostics(&args.output);
    match &args.verb {
        Verb::Run(verb) => run::run(verb, engine, look, console),
        Verb::Check(verb) => check::check(verb, engine, look, console),
        Verb::Explain(verb) => explain::explain(verb, engine, console),
        Verb::List(verb) => list::list(verb, engine, console),
    }
}

/// Help and version are results, asked for; everything else clap says is a diagnostic.
fn refused(refusal: &clap::Error, surroundings: &Surroundings, console: &mut Console<'_>) -> Exit {
    let rendered = refusal.render();
    if refusal.use_stderr() {
        let text = if surroundings.color_on_stderr() { rendered.ansi().to_string() } else { rendered.to_string() };
        console.diagnostic(&text);
        Exit::Usage
    } else {
        let text = if surroundings.color_on_stdout() { rendered.ansi().to_string() } else { rendered.to_string() };
        console.result(text.as_bytes());
        Exit::AsExpected
    }
}

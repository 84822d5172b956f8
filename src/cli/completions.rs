//! `firedrill completions`: what a shell needs to complete the command line.

use super::args::{Args, CompletionsArgs};
use super::console::Console;
use super::exit::Exit;
use clap::CommandFactory;

/// Prints the script.
pub(super) fn completions(args: &CompletionsArgs, console: &mut Console<'_>) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "firedrill", &mut script);
    console.result(&script);
    Exit::AsExpected
}

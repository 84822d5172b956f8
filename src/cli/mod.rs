//! The command line: one file per verb.
//!
//! Owns everything that touches the outside: arguments, files, the terminal, signals, exit codes. It alone prints, writes
//! and exits. Does not know how a scenario is read or run: that is behind [`engine`].
//!
//! Invariant: results go to standard output, everything else to standard error; whatever a user writes ends in a
//! documented exit code and never in a panic; a run that is interrupted leaves nothing that looks whole.

mod announce;
mod args;
mod check;
mod claims;
mod compare;
mod completions;
mod console;
mod crash;
mod defaults;
mod engine;
mod exit;
mod explain;
mod github;
mod init;
mod input;
mod interrupt;
mod list;
mod man;
mod pipe;
mod progress;
mod reference;
mod report;
mod results;
mod run;
mod starter;
mod surroundings;
mod template;
mod together;
mod version;
mod watch;
mod what_if;
mod whole;
mod wiring;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod listener_tests;
#[cfg(test)]
mod process_tests;
#[cfg(test)]
mod report_tests;
#[cfg(test)]
mod tests;

use crate::field::nearest;
use crate::outcome::PROGRAM;
use crate::report::{evidence_schema, results_schema};
use crate::scenario::Catalogs;
use args::{Args, MessageFormat, SchemaKind, Verb};
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};
use console::{Console, Failure};
use engine::Engine;
use exit::Exit;
use github::Annotations;
use serde_json::json;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use surroundings::Surroundings;
use wiring::Simulator;

/// The program as it comes: reads the arguments of the process, does what they say, and returns the exit code.
pub fn main() -> ExitCode {
    let program = PROGRAM.to_owned();
    main_on(&Simulator { program, catalogs: with_pipes(Catalogs::BUILT_IN) }, std::env::args_os()).into()
}

/// The whole command line for a program of your own, whose scenarios may name what `catalogs` hold. Its verbs, results and
/// exit codes are those of `firedrill`; the commands it prints name the program that ran.
///
/// Exit code 2, with a message, if two entries of one catalog have the same name.
pub fn run(catalogs: Catalogs) -> ExitCode {
    let catalogs = with_pipes(catalogs);
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some((sort, name)) = catalogs.doubles().first() {
        let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
        let help = "rename one of your own: a scenario could not tell them apart";
        Console::new(&mut out, &mut err).failure(&Failure::new(format!("two {sort} are called `{name}`"), help));
        return Exit::Usage.into();
    }
    main_on(&Simulator { program: program(arguments.first()), catalogs }, arguments).into()
}

/// With what only a command line can bring about.
const fn with_pipes(catalogs: Catalogs) -> Catalogs {
    catalogs.with_controls(pipe::CONTROLS)
}

/// What the program is called, without the folder it is in.
fn program(first: Option<&OsString>) -> String {
    let name = first.and_then(|path| Path::new(path).file_stem());
    name.map_or_else(|| PROGRAM.to_owned(), |name| name.to_string_lossy().into_owned())
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
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let args = match Args::try_parse_from(&arguments) {
        Ok(args) => args,
        Err(mut refusal) => {
            suggest_verb(&mut refusal);
            console.json = refusal.use_stderr() && wants_json(&arguments);
            return refused(&refusal, surroundings, console);
        }
    };
    console.look = surroundings.look_of_diagnostics(&args.output);
    console.json = args.output.message_format == MessageFormat::Json;
    console.annotations = surroundings.github_actions.then(Annotations::default);
    let exit = done(&args, engine, surroundings, console);
    console.message("finished", &json!({"exit_code": exit.code()}));
    exit
}

/// Does what `args` say.
fn done(args: &Args, engine: &dyn Engine, surroundings: &Surroundings, console: &mut Console<'_>) -> Exit {
    let look = surroundings.look(&args.output);
    match &args.verb {
        Verb::Run(verb) => run::run(verb, engine, surroundings, look, console),
        Verb::Report(verb) => report::report(verb, engine, surroundings, look, console),
        Verb::Compare(verb) => compare::compare(verb, engine, look, console),
        Verb::Check(verb) => check::check(verb, engine, look, console),
        Verb::Explain(verb) => explain::explain(verb, engine, console),
        Verb::List(verb) => list::list(verb, engine, look, console),
        Verb::Init(verb) => init::init(verb, &engine.schema(), console),
        Verb::Schema(verb) => match verb.kind {
            SchemaKind::Scenario => shown(&engine.schema(), console),
            SchemaKind::Evidence => shown(&format!("{:#}\n", evidence_schema()), console),
            SchemaKind::Results => shown(&format!("{:#}\n", results_schema()), console),
        },
        Verb::Reference => shown(&engine.reference(), console),
        Verb::Completions(verb) => completions::completions(verb, engine, console),
        Verb::Man => man::man(console),
    }
}

fn shown(page: &str, console: &mut Console<'_>) -> Exit {
    console.result(page.as_bytes());
    Exit::AsExpected
}

/// Whether messages are asked for as JSON, by arguments that are wrong in some other way.
fn wants_json(arguments: &[OsString]) -> bool {
    let format = "--message-format";
    let typed = arguments.iter().take_while(|argument| *argument != "--");
    let typed: Vec<_> = typed.map(|argument| argument.to_string_lossy()).collect();
    typed.iter().any(|argument| *argument == format!("{format}=json"))
        || typed.windows(2).any(|two| two[0] == format && two[1] == "json")
}

/// Names the verb that was meant: one of few short words that clap takes for too far from it.
fn suggest_verb(refusal: &mut clap::Error) {
    let Some(ContextValue::String(typed)) = refusal.get(ContextKind::InvalidSubcommand) else { return };
    let command = Args::command();
    let verbs = command.get_subcommands().map(clap::Command::get_name);
    if let Some(meant) = nearest(typed, verbs).map(str::to_owned) {
        refusal.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![meant]));
    }
}

/// What is wrong with the arguments, and what would help.
fn message(refusal: &str) -> serde_json::Value {
    let (what, help) = refusal.split_once('\n').unwrap_or((refusal, ""));
    json!({"message": what.strip_prefix("error: ").unwrap_or(what), "help": help.trim()})
}

/// Help and version are results, asked for; everything else clap says is a diagnostic.
fn refused(refusal: &clap::Error, surroundings: &Surroundings, console: &mut Console<'_>) -> Exit {
    let rendered = refusal.render();
    if refusal.use_stderr() {
        let text = if surroundings.color_on_stderr() { rendered.ansi().to_string() } else { rendered.to_string() };
        console.diagnostic(&text);
        console.message("failure", &message(&rendered.to_string()));
        console.message("finished", &json!({"exit_code": Exit::Usage.code()}));
        Exit::Usage
    } else {
        let text = if surroundings.color_on_stdout() { rendered.ansi().to_string() } else { rendered.to_string() };
        console.result(text.as_bytes());
        Exit::AsExpected
    }
}

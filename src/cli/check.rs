//! `firedrill check`: reads scenarios and reports every problem of every file.

use super::args::CheckArgs;
use super::console::Console;
use super::engine::Engine;
use super::exit::Exit;
use super::{input, run};
use crate::report::text::{clean, plural};
use crate::report::{Detail, Look};

/// Checks what `args` say. A file that cannot be read does not keep the others from being checked.
pub(super) fn check(args: &CheckArgs, engine: &dyn Engine, look: Look, console: &mut Console<'_>) -> Exit {
    let files = match input::expand(&args.files) {
        Ok(files) => files,
        Err(failure) => {
            console.failure(&failure);
            return Exit::Usage;
        }
    };
    let mut refused = 0;
    for file in &files {
        match run::load(file, &args.set, None, engine, console) {
            Some(scenario) => {
                let (name, inferred) = (file.to_string_lossy(), scenario.inferred());
                if look.detail != Detail::Line {
                    let lines = inferred.iter().map(|line| format!("  {}\n", clean(line))).collect::<String>();
                    console.shown(format!("{}: ok\n{lines}", clean(&name)).as_bytes());
                }
                console.message("checked", &serde_json::json!({"file": name, "inferred": inferred}));
            }
            None => refused += 1,
        }
    }
    if refused == 0 {
        return Exit::AsExpected;
    }
    if files.len() > 1 {
        let files = plural(files.len() as u64, "file");
        console.diagnostic(&format!("{refused} of {files} cannot be run\n"));
    }
    Exit::Usage
}

//! `firedrill check`: reads scenarios and reports every problem of every file.

use super::args::CheckArgs;
use super::console::Console;
use super::engine::Engine;
use super::exit::Exit;
use super::{input, run};
use crate::outcome::six_digits;
use crate::report::text::{clean, plural};
use crate::report::{Detail, Look};
use crate::scenario::Cost;
use serde_json::json;

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
                let cost = scenario.cost();
                let lines = inferred.iter().cloned().chain(cost.map(|cost| said(cost, scenario.runs())));
                if look.detail != Detail::Line {
                    let lines = lines.map(|line| format!("  {}\n", clean(&line))).collect::<String>();
                    console.shown(format!("{}: ok\n{lines}", clean(&name)).as_bytes());
                }
                let figures = cost.map(|Cost { events, seconds, bytes, .. }| {
                    json!({"events": events.round(), "seconds": six_digits(seconds), "bytes": bytes.round()})
                });
                console.message("checked", &json!({"file": name, "inferred": inferred, "cost": figures}));
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

/// What a run costs, in words.
fn said(Cost { events, seconds, bytes, .. }: Cost, runs: Option<u64>) -> String {
    let each = if runs.is_some() { "each run" } else { "a run" };
    let time = match seconds {
        seconds if seconds < 1.0 => "less than a second".to_owned(),
        seconds if seconds < 120.0 => format!("about {seconds:.0} s"),
        seconds if seconds < 7_200.0 => format!("about {:.0} min", seconds / 60.0),
        seconds => format!("about {:.0} h", seconds / 3_600.0),
    };
    let count = match events {
        events if events < 1e6 => format!("{:.0} thousand", (events / 1e3).max(1.0)),
        events => format!("{:.0} million", events / 1e6),
    };
    let all = runs.map_or_else(String::new, |runs| format!("; it asks for {runs} runs"));
    format!("{each}: about {count} events, {time} on one core, {:.0} MB{all}", bytes / 1e6)
}

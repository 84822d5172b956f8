//! `firedrill list`: what a scenario may contain, straight from the catalogs.

use super::args::ListArgs;
use super::console::Console;
use super::engine::{Engine, Entry, Topic};
use super::exit::Exit;

/// Prints one topic, or all of them under their names.
pub(super) fn list(args: &ListArgs, engine: &dyn Engine, console: &mut Console<'_>) -> Exit {
    match args.topic {
        Some(topic) => console.result(lines(&engine.list(topic), "").as_bytes()),
        None => {
            for topic in Topic::ALL {
                console.result(format!("{}:\n{}", topic.name(), lines(&engine.list(topic), "  ")).as_bytes());
            }
        }
    }
    Exit::AsExpected
}

fn lines(entries: &[Entry], indent: &str) -> String {
    let width = entries.iter().map(|entry| entry.name.chars().count()).max().unwrap_or(0);
    entries.iter().map(|e| format!("{indent}{:<width$}  {}", e.name, e.summary).trim_end().to_owned() + "\n").collect()
}

//! `firedrill list`: what a scenario may contain, straight from the catalogs.

use super::args::ListArgs;
use super::console::Console;
use super::engine::{Engine, Entry, Topic};
use super::exit::Exit;
use serde_json::json;

/// Prints one topic, or all of them under their names.
pub(super) fn list(args: &ListArgs, engine: &dyn Engine, console: &mut Console<'_>) -> Exit {
    match args.topic {
        Some(topic) => list_one(topic, &engine.list(topic), "", console),
        None => {
            for topic in Topic::ALL {
                console.shown(format!("{}:\n", topic.name()).as_bytes());
                list_one(topic, &engine.list(topic), "  ", console);
            }
        }
    }
    Exit::AsExpected
}

fn list_one(topic: Topic, entries: &[Entry], indent: &str, console: &mut Console<'_>) {
    console.shown(lines(entries, indent).as_bytes());
    for entry in entries {
        let content = json!({"topic": topic.name(), "name": entry.name, "summary": entry.summary});
        console.message("entry", &content);
    }
}

fn lines(entries: &[Entry], indent: &str) -> String {
    let width = entries.iter().map(|entry| entry.name.chars().count()).max().unwrap_or(0);
    entries.iter().map(|e| format!("{indent}{:<width$}  {}", e.name, e.summary).trim_end().to_owned() + "\n").collect()
}

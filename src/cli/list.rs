//! `firedrill list`: what a scenario may contain, straight from the catalogs.

use super::args::ListArgs;
use super::console::Console;
use super::engine::{Engine, Listing, Topic};
use super::exit::Exit;
use crate::report::{Detail, Look};
use serde_json::json;

/// Prints one topic, or all of them under their names. With `-v`, one topic with all that can be said of each entry.
pub(super) fn list(args: &ListArgs, engine: &dyn Engine, look: Look, console: &mut Console<'_>) -> Exit {
    match args.topic {
        Some(topic) if look.detail == Detail::Full => list_whole(topic, engine, console),
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

/// Each entry with its fields, their units, defaults and sources.
fn list_whole(topic: Topic, engine: &dyn Engine, console: &mut Console<'_>) {
    for (index, entry) in engine.list(topic).iter().enumerate() {
        let brief = || format!("{}  {}\n", entry.name, entry.summary);
        let text = engine.explain(&entry.name).unwrap_or_else(brief);
        let gap = if index == 0 { "" } else { "\n" };
        console.shown(format!("{gap}{text}").as_bytes());
        console.message("entry", &json!({"topic": topic.name(), "name": entry.name, "text": text}));
    }
}

fn list_one(topic: Topic, entries: &[Listing], indent: &str, console: &mut Console<'_>) {
    console.shown(lines(entries, indent).as_bytes());
    for entry in entries {
        let content = json!({"topic": topic.name(), "name": entry.name, "summary": entry.summary});
        console.message("entry", &content);
    }
}

fn lines(entries: &[Listing], indent: &str) -> String {
    let width = entries.iter().map(|entry| entry.name.chars().count()).max().unwrap_or(0);
    entries.iter().map(|e| format!("{indent}{:<width$}  {}", e.name, e.summary).trim_end().to_owned() + "\n").collect()
}

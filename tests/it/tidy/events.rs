//! Events are named where they are declared, and nowhere else.
//!
//! Owns the reading of quotes in shipped code. Does not know what a name is used for. A name is also what a format
//! makes of it: a hole in braces may be any part.

use super::show;
use super::source::{Source, places, sources};
use firedrill::check::SIGNALS;
use firedrill::record::event::{Declaration, EventKind};

/// Where events are declared.
const HOME: &str = "record/event/";

/// The table of renamed words, which has the new names beside the old ones.
const RENAMED: &str = "field/renamed.rs";

/// Who may make events out of names: their home, what keeps them, and who reads results back.
const TELLERS: &[&str] = &["record/", "live/audit.rs"];

/// The signal of a class of requests, whose name has several parts.
const OF_A_CLASS: &str = "served.{}";

#[test]
fn the_name_of_an_event_is_put_together_and_taken_apart_only_where_it_is_declared() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| !source.path.starts_with(HOME) && source.path != RENAMED) {
        for (line, quote) in quotes(source) {
            if names_an_event(quote) || is_part_of_names(quote) {
                broken.push(format!("src/{}:{line}: \"{quote}\" names an event: say it by its kind", source.path));
            }
        }
    }
    show(&broken);
}

#[test]
fn only_who_reads_results_back_makes_events_out_of_names() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| !TELLERS.iter().any(|home| source.path.starts_with(home))) {
        for word in ["push_told", "custom("] {
            let found = places(&source.shipped, word).map(|offset| source.at(&source.shipped, offset));
            let event = |place: &String| line_of(source, place).contains("Event::custom") || word == "push_told";
            broken.extend(found.filter(event).map(|place| format!("{place}: build the event, do not name it")));
        }
    }
    show(&broken);
}

#[test]
fn what_names_an_event_is_told_from_what_does_not() {
    for name in ["watch.detected", "fault.{}", "fault.{id}.healed", "{procedure}.started", "db.{name}.{what}"] {
        assert!(names_an_event(name), "{name}");
    }
    for name in ["db.{}.lag", "db.{database}.degraded", "unserved.{}", "{name}.yaml", "people.{name}", "a sentence."] {
        assert!(!names_an_event(name), "{name}");
    }
    assert!(is_part_of_names(".healed") && is_part_of_names("fault.") && is_part_of_names("watch."));
    assert!(!is_part_of_names("db.") && !is_part_of_names(".yaml") && !is_part_of_names("."));
}

/// The line of shipped code at `place`, which ends with its number.
fn line_of<'a>(source: &'a Source, place: &str) -> &'a str {
    let number: usize = place.rsplit(':').next().and_then(|number| number.parse().ok()).expect("a place has a line");
    source.text.lines().nth(number - 1).unwrap_or_default()
}

/// What stands in quotes in what is shipped, and in which line. Quotes over several lines are sentences.
fn quotes(source: &Source) -> Vec<(usize, &str)> {
    let lines = source.text.lines().zip(source.shipped.lines()).enumerate();
    let shipped = lines.filter(|(_, (_, shipped))| !shipped.trim().is_empty());
    shipped.flat_map(|(at, (text, _))| text.split('"').skip(1).step_by(2).map(move |quote| (at + 1, quote))).collect()
}

/// The parts of a name or of a pattern, of which `None` may be anything.
fn parts(name: &str) -> Vec<Option<&str>> {
    name.split('.').map(|part| (!part.starts_with('{') && part != "*").then_some(part)).collect()
}

/// Whether `quote` is the name of an event, or becomes one, and not that of a signal.
fn names_an_event(quote: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.*{}".contains(c);
    if !quote.chars().all(is_name) || quote.split('.').any(str::is_empty) || quote == OF_A_CLASS {
        return false;
    }
    if SIGNALS.iter().any(|signal| is_no_more_than(quote, signal.pattern)) {
        return false;
    }
    EventKind::all().any(|kind| is_one_of(quote, kind.declaration().pattern))
}

/// Whether whatever `quote` becomes is described by `pattern`.
fn is_no_more_than(quote: &str, pattern: &str) -> bool {
    let (ours, theirs) = (parts(quote), parts(pattern));
    ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(a, b)| b.is_none() || a == b)
}

/// Whether some name is both what `quote` becomes and what `pattern` describes, and they share a word that says so.
fn is_one_of(quote: &str, pattern: &str) -> bool {
    let (ours, theirs) = (parts(quote), parts(pattern));
    let fits = |(a, b): (&Option<&str>, &Option<&str>)| a.is_none() || b.is_none() || a == b;
    ours.len() == theirs.len()
        && ours.iter().zip(&theirs).all(fits)
        && ours.iter().zip(&theirs).any(|(a, b)| a.is_some() && a == b)
}

/// Whether `quote` is how names of events begin or end, and no signal's does.
fn is_part_of_names(quote: &str) -> bool {
    let begins = |pattern: &str| quote.strip_suffix('.') == pattern.split('.').next();
    let ends = |pattern: &str| quote.strip_prefix('.') == pattern.rsplit('.').next();
    let is_of = |pattern: &str| begins(pattern) || ends(pattern);
    let events = EventKind::all().map(EventKind::declaration).map(|Declaration { pattern, .. }| *pattern);
    events.filter(|pattern| is_of(pattern)).count() > 0 && !SIGNALS.iter().any(|signal| is_of(signal.pattern))
}

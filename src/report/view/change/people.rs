//! Who must be reachable, and by when: the people of the scenario, what they are needed for, and how they answered in this
//! run; and who was told.
//!
//! Does not know how pages are sent. Invariant: a person who was not paged has no time of an answer.

use super::settings::{duties, people, value};
use super::{Chapter, ChapterPart, ChapterRows};
use crate::outcome::Outcome;
use crate::record::TimelineEvent;
use crate::record::event::{EventKind, PeopleKind};
use crate::report::text::{clock, plural, span};
use crate::units::Instant;

/// The most people, and the most audiences, that are listed.
const MOST: usize = 100;

pub(super) fn chapter(outcome: &Outcome) -> Chapter {
    let all = people(outcome);
    let mut parts = Vec::new();
    if all.is_empty() {
        parts.push(ChapterPart::Words(
            "The scenario has no people: whatever is decided in it, controllers decide.".to_owned(),
        ));
    }
    let rows: Vec<_> = all.iter().take(MOST).map(|person| row(outcome, person)).collect();
    let heads = &["Person", "Needed", "Must be reachable", "In this run", "Assumed"];
    parts.push(ChapterPart::Rows(ChapterRows { caption: "People".to_owned(), heads, rows }));
    let told = audiences(outcome);
    match told.is_empty() {
        true => parts.push(ChapterPart::Words("No message reached any audience in this run.".to_owned())),
        false => {
            let heads = &["Audience", "First told at", "Messages"];
            parts.push(ChapterPart::Rows(ChapterRows { caption: "Who was told".to_owned(), heads, rows: told }));
        }
    }
    let lost = outcome.record.timeline.events().iter().filter(|event| is(event, PeopleKind::NotificationLost));
    let lost: Vec<String> = lost.take(MOST).map(|event| format!("{}: {}", clock(event.at), event.text)).collect();
    parts.push(ChapterPart::Items(lost));
    Chapter { id: "people", title: "Who must be reachable, and by when", parts }
}

fn is(event: &TimelineEvent, kind: PeopleKind) -> bool {
    event.kind == Some(EventKind::People(kind))
}

fn row(outcome: &Outcome, person: &str) -> Vec<String> {
    let of = |kind: PeopleKind| -> Vec<Instant> {
        let events = outcome.record.timeline.events().iter();
        events.filter(|event| is(event, kind) && event.part("person") == Some(person)).map(|event| event.at).collect()
    };
    let duties = duties(outcome, person);
    let paged = of(PeopleKind::Paged);
    let needed = if duties.is_empty() { "for nothing that control does".to_owned() } else { duties.join("; ") };
    let reachable = match (paged.first(), paged.last()) {
        (Some(first), Some(last)) if first == last => format!("at {}", clock(*first)),
        (Some(first), Some(last)) => format!("from {} to {}", clock(*first), clock(*last)),
        _ => "not paged in this run".to_owned(),
    };
    vec![
        person.to_owned(),
        needed,
        reachable,
        answered(&paged, &of(PeopleKind::Acknowledged), &of(PeopleKind::Answered)),
        assumed(outcome, person),
    ]
}

/// How long after the first page.
fn answered(paged: &[Instant], acknowledged: &[Instant], answered: &[Instant]) -> String {
    let Some(first) = paged.first() else { return "–".to_owned() };
    let after = |what: &str, at: &[Instant]| {
        let at = at.iter().find(|at| *at >= first)?;
        Some(format!("{what} {} after the first page", span(at.since(*first))))
    };
    let said = [after("acknowledged", acknowledged), after("answered", answered)];
    let said: Vec<String> = said.into_iter().flatten().collect();
    let said = if said.is_empty() { "no answer".to_owned() } else { said.join(", ") };
    format!("{}; {said}", plural(paged.len() as u64, "page"))
}

/// What the scenario takes of a person.
fn assumed(outcome: &Outcome, person: &str) -> String {
    let said = [("availability", "reachable"), ("acknowledge", "acknowledges after"), ("decide", "decides after")];
    let said = said.iter().filter_map(|(field, words)| {
        let set = value(outcome, &format!("people.{person}.{field}"))?;
        Some(format!("{words} {set}"))
    });
    said.collect::<Vec<_>>().join("; ")
}

/// Each audience, when it was first told, and how often.
fn audiences(outcome: &Outcome) -> Vec<Vec<String>> {
    let mut told: Vec<(&str, Instant, u64)> = Vec::new();
    for event in outcome.record.timeline.events().iter().filter(|event| is(event, PeopleKind::Notified)) {
        let Some(audience) = event.part("audience") else { continue };
        match told.iter_mut().find(|(name, ..)| *name == audience) {
            Some((_, _, messages)) => *messages += 1,
            None => told.push((audience, event.at, 1)),
        }
    }
    let row = |(audience, first, messages): (&str, Instant, u64)| {
        vec![audience.to_owned(), clock(first), plural(messages, "message")]
    };
    told.into_iter().take(MOST).map(row).collect()
}

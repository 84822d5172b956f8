//! `trace.pftrace`: a run for Perfetto's viewer (ui.perfetto.dev), which reads it in the browser and sends it nowhere.
//!
//! Owns the rows. Does not know how a message is encoded. Invariant: in a row nothing overlaps but what lies within
//! each other; a row ends what it begins.
//! Source of fields and numbers: Perfetto, `protos/perfetto/trace/perfetto_trace.proto`.

use super::build::stretches;
use super::protobuf::Message;
use super::{Ended, Fact, Mark, Stretch, identity, shown};
use crate::explore::Campaign;
use crate::outcome::Outcome;
use crate::record::Actor;
use crate::report::{Format, Look};
use crate::units::Instant;
use std::cmp::Reverse;

/// The track that holds all others.
const PROCESS: u64 = 1;

/// Fields, by the message they are of.
mod trace {
    pub(super) const PACKET: u32 = 1;
}
mod packet {
    pub(super) const TIMESTAMP: u32 = 8;
    pub(super) const SEQUENCE: u32 = 10;
    pub(super) const TRACK_EVENT: u32 = 11;
    pub(super) const SEQUENCE_FLAGS: u32 = 13;
    pub(super) const TRACK_DESCRIPTOR: u32 = 60;
}
mod track {
    pub(super) const UUID: u32 = 1;
    pub(super) const NAME: u32 = 2;
    pub(super) const PROCESS: u32 = 3;
    pub(super) const PARENT: u32 = 5;
}
mod process {
    pub(super) const PID: u32 = 1;
    pub(super) const NAME: u32 = 6;
}
mod event {
    pub(super) const ANNOTATION: u32 = 4;
    pub(super) const TYPE: u32 = 9;
    pub(super) const TRACK: u32 = 11;
    pub(super) const CATEGORY: u32 = 22;
    pub(super) const NAME: u32 = 23;
    /// Values of the type.
    pub(super) const BEGIN: u64 = 1;
    pub(super) const END: u64 = 2;
    pub(super) const INSTANT: u64 = 3;
}
mod annotation {
    pub(super) const FLAG: u32 = 2;
    pub(super) const UNSIGNED: u32 = 3;
    pub(super) const REAL: u32 = 5;
    pub(super) const TEXT: u32 = 6;
    pub(super) const NAME: u32 = 10;
}

pub(in crate::report) struct Perfetto;

impl Format for Perfetto {
    fn name(&self) -> &'static str {
        "perfetto"
    }
    fn file(&self) -> Option<&'static str> {
        Some("trace.pftrace")
    }
    fn is_text(&self) -> bool {
        false
    }
    fn run(&self, outcome: &Outcome, _: Look) -> Vec<u8> {
        of_run(outcome)
    }
    fn campaign(&self, campaign: &Campaign, _: Look) -> Vec<u8> {
        // Of many runs the worst is looked at.
        campaign.worst.as_ref().map_or_else(Vec::new, of_run)
    }
}

fn of_run(outcome: &Outcome) -> Vec<u8> {
    let stretches = stretches(outcome);
    let mut written = Written::default();
    let title = format!("{} (simulated by firedrill)", shown(&outcome.scenario));
    let process = Message::default().number(process::PID, PROCESS).text(process::NAME, &title);
    let whole = Message::default().number(track::UUID, PROCESS).message(track::PROCESS, &process);
    written.packet(Message::default().message(packet::TRACK_DESCRIPTOR, &whole));
    let mut groups: Vec<&str> = Vec::new();
    for stretch in &stretches {
        if !groups.contains(&stretch.group.as_str()) {
            groups.push(&stretch.group);
        }
    }
    for group in groups {
        for row in rows(&stretches, group) {
            let track = written.row(group);
            written.stretches(track, &stretches, &row, outcome);
        }
    }
    for actor in [Actor::Fault, Actor::Control, Actor::People, Actor::World] {
        let marks = stretches.iter().flat_map(|stretch| &stretch.marks).filter(|mark| mark.actor == actor);
        let mut marks: Vec<&Mark> = marks.collect();
        marks.sort_by_key(|mark| mark.at);
        if !marks.is_empty() {
            let track = written.row(&format!("Events: {actor}"));
            marks.into_iter().for_each(|mark| written.mark(track, mark));
        }
    }
    written.trace.into_bytes()
}

/// A row of a group.
#[derive(Default)]
struct Row {
    /// What stands in it, in the order in which it begins; what lies within something else after that.
    places: Vec<usize>,
    /// What has begun and is not over, the innermost last.
    open: Vec<usize>,
}

impl Row {
    /// Takes what is over before `place` begins off the pile, and says what that was.
    fn close_before(&mut self, stretches: &[Stretch], place: usize) -> Vec<usize> {
        let next = &stretches[place];
        let is_over = |top: usize| stretches[top].until <= next.from && next.within != Some(top);
        let mut closed = Vec::new();
        while let Some(top) = self.open.pop_if(|top| is_over(*top)) {
            closed.push(top);
        }
        closed
    }

    /// Whether `place` can stand here: one may stand above another only if it lies within it.
    fn takes(&mut self, stretches: &[Stretch], place: usize) -> bool {
        self.close_before(stretches, place);
        self.open.last().is_none_or(|top| stretches[place].within == Some(*top))
    }
}

/// The stretches of `group`, in as few rows as they need.
fn rows(stretches: &[Stretch], group: &str) -> Vec<Row> {
    let mut places: Vec<usize> = (0..stretches.len()).filter(|place| stretches[*place].group == group).collect();
    places.sort_by_key(|place| (stretches[*place].from, Reverse(stretches[*place].until), *place));
    let mut rows: Vec<Row> = Vec::new();
    for place in places {
        let taking = rows.iter_mut().position(|row| row.takes(stretches, place));
        let row = taking.unwrap_or_else(|| {
            rows.push(Row::default());
            rows.len() - 1
        });
        rows[row].places.push(place);
        rows[row].open.push(place);
    }
    rows
}

/// What is written so far.
#[derive(Default)]
struct Written {
    trace: Message,
    tracks: u64,
    begun: bool,
}

impl Written {
    fn packet(&mut self, packet: Message) {
        let packet = packet.number(packet::SEQUENCE, 1);
        // The first says that nothing is to be remembered from before.
        let packet = if self.begun { packet } else { packet.number(packet::SEQUENCE_FLAGS, 1) };
        self.begun = true;
        self.trace = std::mem::take(&mut self.trace).message(trace::PACKET, &packet);
    }

    /// A row called so.
    fn row(&mut self, name: &str) -> u64 {
        self.tracks += 1;
        let uuid = PROCESS + self.tracks;
        let row = Message::default().number(track::UUID, uuid).text(track::NAME, name).number(track::PARENT, PROCESS);
        self.packet(Message::default().message(packet::TRACK_DESCRIPTOR, &row));
        uuid
    }

    fn event(&mut self, at: Instant, track: u64, kind: u64, event: Message) {
        let event = event.number(event::TYPE, kind).number(event::TRACK, track);
        let packet = Message::default().number(packet::TIMESTAMP, at.as_nanos());
        self.packet(packet.message(packet::TRACK_EVENT, &event));
    }

    fn stretches(&mut self, track: u64, stretches: &[Stretch], row: &Row, outcome: &Outcome) {
        let mut under_way = Row::default();
        for place in &row.places {
            for over in under_way.close_before(stretches, *place) {
                self.event(stretches[over].until, track, event::END, Message::default());
            }
            let stretch = &stretches[*place];
            self.event(stretch.from, track, event::BEGIN, begin(stretch, outcome));
            under_way.open.push(*place);
        }
        while let Some(over) = under_way.open.pop() {
            self.event(stretches[over].until, track, event::END, Message::default());
        }
    }

    fn mark(&mut self, track: u64, mark: &Mark) {
        let event = Message::default().text(event::CATEGORY, &mark.actor.to_string()).text(event::NAME, &mark.name);
        let said = annotated("text", &Fact::Text(mark.text.clone()));
        self.event(mark.at, track, event::INSTANT, event.message(event::ANNOTATION, &said));
    }
}

/// The beginning of a stretch, with everything that is known of it.
fn begin(stretch: &Stretch, outcome: &Outcome) -> Message {
    let mut facts = stretch.facts.clone();
    if stretch.within.is_none() {
        facts.extend(identity(outcome));
    }
    match &stretch.ended {
        Ended::Open => {}
        Ended::Well => facts.push(("ended", Fact::Text("well".to_owned()))),
        Ended::Badly(why) => facts.push(("ended", Fact::Text(format!("badly: {why}")))),
    }
    let event = Message::default().text(event::CATEGORY, &stretch.group).text(event::NAME, &stretch.name);
    facts.iter().fold(event, |event, (name, fact)| event.message(event::ANNOTATION, &annotated(name, fact)))
}

fn annotated(name: &str, fact: &Fact) -> Message {
    let message = Message::default().text(annotation::NAME, name);
    match fact {
        Fact::Text(text) => message.text(annotation::TEXT, text),
        Fact::Count(count) => message.number(annotation::UNSIGNED, *count),
        Fact::Seconds(seconds) => message.real(annotation::REAL, *seconds),
        Fact::Flag(flag) => message.number(annotation::FLAG, u64::from(*flag)),
    }
}

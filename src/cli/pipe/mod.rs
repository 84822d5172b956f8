//! A controller in any language: a program that reads what happens and says what to do, in lines of JSON over a pipe.
//!
//! Owns the kind of controller and the conversation. Does not know what the program is about: every line it writes is a call of
//! a port, an event it tells, or its end.
//!
//! Invariants: virtual time stands still while the program thinks, and moves only while it waits for the answer to a call.
//! A program that dies, answers out of turn or never ends its controller, with an event that says why, and the run then proves
//! nothing.

mod call;
mod child;
mod log;

use crate::control::{Control, ControlKind, Working};
use crate::field::{Field, FieldType, Item, Kind, Problem, Value};
use crate::model::SimulatedPorts;
use crate::model::plan::WorldPlan;
use crate::ports::{Audit, Clock};
use crate::record::event::{ControllerEvent, Prose};
use crate::units::Span;
use call::{Said, answer, parse};
use child::Program;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// The kinds of controller that the command line brings.
pub(super) const CONTROLS: &[ControlKind] = &[KIND];

/// Lines at one instant: more is a program that goes round in circles.
const LINES_MOST: u32 = 10_000;

const KIND: ControlKind = ControlKind {
    kind: Kind::new(
        "pipe",
        "A program of your own, in any language: it reads what happened and writes what to do, one JSON object per \
         line.",
        &[
            Field::required(
                "command",
                FieldType::List(&FieldType::Text),
                "The program and its arguments, as typed in the folder in which firedrill runs.",
            ),
            Field::with(
                "answers_within",
                FieldType::PositiveSpan,
                "30s",
                "product default: a program that takes longer has hung",
                "How long, in wall-clock time, the program may take to answer before it is abandoned.",
            ),
            Field::optional(
                "log",
                FieldType::Text,
                "A file that records every line exchanged with the last process. Left out: none.",
            ),
            Field::optional(
                "replay",
                FieldType::Text,
                "Such a file, replayed in place of the program. It ends at the first line that differs from what the \
                 program was sent then.",
            ),
        ],
    ),
    build: |values, _, problems| {
        let text = |item: &Item| match &item.value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        };
        let command: Vec<String> = values.list("command").iter().filter_map(text).collect();
        if command.is_empty() {
            let problem = Problem::error("FD0103", values.place("command"), "there is no program to run");
            problems.push(problem.help("write `command: [python3, controller.py]`"));
            return None;
        }
        let path = |field| values.opt_text(field).map(str::to_owned);
        let answers_within = values.span("answers_within");
        Some(Arc::new(Pipe { command, answers_within, log: path("log"), replay: path("replay") }))
    },
};

#[derive(Debug)]
struct Pipe {
    command: Vec<String>,
    answers_within: Span,
    log: Option<String>,
    replay: Option<String>,
}

impl Control for Pipe {
    fn start(&self, world: &WorldPlan, ports: SimulatedPorts) -> Working {
        let (hello, name) = (hello(world, &ports), ports.controller_name().to_owned());
        let program = match &self.replay {
            Some(file) => Program::replay(file),
            None => Program::start(&self.command, self.answers_within, self.log.as_deref()),
        };
        Box::pin(async move {
            let why = match program {
                Ok(program) => converse(&ports, program, &hello).await,
                Err(why) => Err(why),
            };
            if let Err(why) = why {
                ports.event(ControllerEvent::Broke { controller: name, why: Prose::from(why) });
            }
        })
    }
}

/// What the program is sent first: what there is.
fn hello(world: &WorldPlan, ports: &SimulatedPorts) -> Json {
    let regions: Vec<&str> = world.regions.iter().map(|region| region.name.as_str()).collect();
    let services = world.regions.iter().map(|region| {
        let names = region.services.iter().map(|service| world.services[service.index()].name.as_str());
        (region.name.clone(), json!(names.collect::<Vec<_>>()))
    });
    json!({
        "hello": 1,
        "controller": ports.controller_name(),
        "now_s": call::seconds(ports.now()),
        "regions": regions,
        "services": Json::Object(services.collect()),
        "records": world.dns.records.iter().map(|record| record.name.as_str()).collect::<Vec<_>>(),
        "databases": world.databases.iter().map(|database| database.name.as_str()).collect::<Vec<_>>(),
        "buckets": world.buckets.iter().map(|bucket| bucket.name.as_str()).collect::<Vec<_>>(),
        "people": world.people.iter().map(|person| person.name.as_str()).collect::<Vec<_>>(),
    })
}

/// Lets the program speak until it says that it is done.
async fn converse(ports: &SimulatedPorts, mut program: Program, hello: &Json) -> Result<(), String> {
    program.tell(hello)?;
    let (mut last, mut lines, mut since) = (0, 0, ports.now());
    loop {
        let line = program.hear()?;
        if ports.now() > since {
            (lines, since) = (0, ports.now());
        }
        lines += 1;
        if lines > LINES_MOST {
            return Err(format!(
                "the program wrote {LINES_MOST} lines without any time passing: it must wait or finish"
            ));
        }
        match parse(&line).map_err(|why| format!("{why}: {}", cut(&line)))? {
            Said::Done => return Ok(()),
            Said::Event { name, text } => {
                let (controller, text) = (ports.controller_name().to_owned(), Prose::from(text));
                ports.event(ControllerEvent::Said { controller, what: name, text });
            }
            Said::Call { id, .. } if id <= last => {
                return Err(format!(
                    "call {id} comes after call {last}: each call has a higher number than the one before"
                ));
            }
            Said::Call { id, call } => {
                last = id;
                let answered = answer(ports, call).await;
                program.tell(&call::reply(id, ports.now(), answered))?;
            }
        }
    }
}

/// So much of a line as fits into a message.
fn cut(line: &str) -> String {
    const MOST: usize = 120;
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

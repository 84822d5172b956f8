//! People and the channel to them, as control uses them.
//!
//! Owns its commands. Does not know what people make of it. Invariant: the sender of a message learns that it was
//! accepted, and not whether it arrived.

use super::{Due, Responders};
use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::core::operation::{Nature, Operation};
use crate::model::plan::Interface;
use crate::model::ports::{SimulatedPorts, misfit};
use crate::ports::{Notifier, PortError, Reply};
use crate::record::event::MESSAGE;
use crate::units::PersonId;

/// What can be asked of them.
#[derive(Debug, Clone, PartialEq)]
pub enum PeopleCommand {
    /// Tell an audience something.
    Notify(String, String),
    /// Page a person.
    Page(PersonId, String),
    /// Ask a person.
    Ask(PersonId, String),
}

/// What they answer.
#[derive(Debug, Clone, PartialEq)]
pub enum PeopleAnswer {
    /// What a person said.
    Reply(Reply),
}

impl Operation for PeopleCommand {
    fn nature(&self) -> Nature {
        Nature::Tells
    }

    fn interface(&self) -> Option<Interface> {
        match self {
            Self::Notify(..) | Self::Page(..) => Some(Interface::Notification),
            Self::Ask(..) => None,
        }
    }
}

impl Responders {
    /// Control tells or asks people something.
    pub(in crate::model) fn execute(&mut self, core: &mut Core, call: u32, command: PeopleCommand) {
        match command {
            PeopleCommand::Notify(audience, message) => {
                let what = format!("{MESSAGE}{audience}");
                self.send_message(core, &what, Due::Delivered { audience, message });
                core.answer(call, Ok(Answer::Done));
            }
            PeopleCommand::Page(person, message) => self.page(core, call, person, message),
            PeopleCommand::Ask(person, question) => self.ask(core, call, person, question),
        }
    }
}

impl Notifier for SimulatedPorts {
    async fn notify(&self, audience: &str, message: &str) -> Result<(), PortError> {
        self.done(PeopleCommand::Notify(audience.to_owned(), message.to_owned())).await
    }
}

impl crate::ports::People for SimulatedPorts {
    async fn page(&self, person: &str, message: &str) -> Result<(), PortError> {
        self.done(PeopleCommand::Page(self.person(person)?, message.to_owned())).await
    }
    async fn ask(&self, person: &str, question: &str) -> Result<Reply, PortError> {
        match self.ask(PeopleCommand::Ask(self.person(person)?, question.to_owned())).await? {
            Answer::People(PeopleAnswer::Reply(reply)) => Ok(reply),
            other => misfit(&other),
        }
    }
}

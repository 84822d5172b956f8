//! What is due: one line for each part of the world, and the routing of each item to its part.
//!
//! Owns nothing. Does not know what any item is about.

use super::command::Answer;
use super::control::Due as ControlDue;
use super::data::Due as DataDue;
use super::health::CheckDue;
use super::names::Due as NamesDue;
use super::objects::Due as ObjectsDue;
use super::people::Due as PeopleDue;
use super::platform::Due as PlatformDue;
use super::{World, observe};
use crate::ports::PortError;

/// Something due at the rate of control.
#[derive(Debug)]
pub(super) enum Agenda {
    /// An answer reaches control.
    Answer(u32, Result<Answer, PortError>),
    /// For control.
    Control(ControlDue),
    /// For databases.
    Data(DataDue),
    /// For health checks.
    Health(CheckDue),
    /// For names and weights.
    Names(NamesDue),
    /// For buckets.
    Objects(ObjectsDue),
    /// For what is seen of the world.
    Observe(observe::Due),
    /// For people.
    People(PeopleDue),
    /// For services.
    Platform(PlatformDue),
}

macro_rules! items {
    ($($part:ident: $due:ty),* $(,)?) => {
        $(impl From<$due> for Agenda {
            fn from(due: $due) -> Self {
                Self::$part(due)
            }
        })*
    };
}

items! {
    Control: ControlDue,
    Data: DataDue,
    Health: CheckDue,
    Names: NamesDue,
    Objects: ObjectsDue,
    Observe: observe::Due,
    People: PeopleDue,
    Platform: PlatformDue,
}

impl World {
    pub(super) fn agenda_due(&mut self, slot: u32) {
        if let Some(item) = self.core.due(slot) {
            self.take_to_its_part(item);
        }
    }

    fn take_to_its_part(&mut self, item: Agenda) {
        match item {
            Agenda::Answer(call, answer) => self.deliver(call, answer),
            Agenda::Control(due) => self.control_due(due),
            Agenda::Data(due) => self.data.data_due(&mut self.core, due),
            Agenda::Health(due) => self.health_due(due),
            Agenda::Names(due) => self.names.names_due(&mut self.core, due),
            Agenda::Objects(due) => self.objects.objects_due(&mut self.core, due),
            Agenda::Observe(observe::Due::Scrape) => self.scrape(),
            Agenda::People(due) => self.people.person_due(&mut self.core, due),
            Agenda::Platform(due) => self.platform_due(due),
        }
    }
}

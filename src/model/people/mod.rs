//! People, and the channel they are reached by.

pub(super) mod api;
pub(super) mod notification;
pub(super) mod person;

use crate::kernel::Streams;
use crate::model::plan::WorldPlan;
use notification::Channel;
pub(super) use person::Due;
use person::Person;

/// People, and the channel they are reached by.
#[derive(Debug)]
pub struct Responders {
    pub(in crate::model) channel: Channel,
    pub(in crate::model) people: Vec<Person>,
}

impl Responders {
    /// As the plan has them.
    pub(in crate::model) fn new(plan: &WorldPlan, streams: &Streams) -> Self {
        Self {
            channel: Channel::new(plan.notification.delay),
            people: plan.people.iter().map(|person| Person::new(person, streams)).collect(),
        }
    }
}

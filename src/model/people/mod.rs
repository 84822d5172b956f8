//! People, and the channel they are reached by.

pub(super) mod notification;
pub(super) mod person;

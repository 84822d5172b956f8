//! Databases, their copies and their backups.

pub(super) mod authority;
pub(super) mod backups;
pub(super) mod database;
pub(super) mod waiting;

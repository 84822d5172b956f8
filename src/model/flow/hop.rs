//! Jobs between two places.

use crate::model::core::job::Job;
use crate::units::{BucketId, DatabaseId, RegionId};

/// A job between two places.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) struct Hop {
    pub job: Job,
    pub to: HopTo,
}

/// Where a job is going.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) enum HopTo {
    /// To its entry service.
    Entry,
    /// On along its route, in this region, after a call.
    Again(RegionId),
    /// To a service of another region, as a leg.
    Elsewhere(RegionId),
    /// To the copy of a bucket that services of a region use.
    Bucket { bucket: BucketId, from: RegionId },
    /// Nowhere: its service, in this region, never got an answer.
    Unheard(RegionId),
    /// To a copy of a database.
    Database { database: DatabaseId, copy: u8 },
    /// Back to the service that sent it beside other legs.
    Fork,
    /// Back to its client, as an answer.
    Client { region: RegionId, heard: Heard },
}

/// What a client hears, as far as the region that answers it is judged by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) enum Heard {
    /// What was asked for.
    Ok,
    /// An error.
    Error,
    /// Too many requests.
    Limited,
}

//! What is seen of the world: the truth by the second, and monitoring, which sees less.

pub(super) mod blindness;
pub(super) mod client_counts;
pub(super) mod episodes;
pub(super) mod meter;
pub(super) mod monitoring;
pub(super) mod served;
pub(crate) mod slowness;
pub(super) mod tally;
pub(super) mod touches;
pub(super) mod watchers;

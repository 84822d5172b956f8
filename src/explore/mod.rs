//! Many runs of one scenario.
//!
//! Owns which seeds run, on how many threads, and how their outcomes are put together. Does not know what a run is:
//! it is handed a function from seed to outcome.
//!
//! Invariant: the result is a function of the seeds alone, whatever the number of threads.

mod agreement;
mod campaign;
mod contradiction;
mod student;
mod summary;

pub use agreement::Agreement;
pub use campaign::{Campaign, CampaignError, MOST_SEEDS, Row, RunRow, panic_message, run};
pub use summary::{Counts, PropertySummary, RecoverySummary, Summary, WarningSummary};

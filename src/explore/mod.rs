//! Many runs of one scenario.
//!
//! Owns which seeds run, on how many threads, and how their outcomes are put together. Does not know what a run is:
//! it is handed a function from seed to outcome.
//!
//! Invariant: the result is a function of the seeds alone, whatever the number of threads.

mod agreement;
mod anytime;
mod binomial;
mod campaign;
mod contradiction;
#[cfg(test)]
mod coverage_tests;
mod paired;
mod quantiles;
mod share;
mod student;
mod summary;

pub use agreement::Agreement;
pub use binomial::{Limits, around_quantile, runs_that_pass, upper_bound};
pub use campaign::{Campaign, CampaignError, MOST_SEEDS, Row, RunRow, panic_message, run, run_until_settled};
pub use paired::{Change, Difference, Failures, Paired};
pub use quantiles::{FigureQuantiles, Position, Quantiles, TOLD};
pub use share::{Settled, Share, Stopping, USUAL_CONFIDENCE, level, may_fail};
pub use summary::{Counts, PropertySummary, RecoverySummary, Summary, WarningSummary};

//! What a service promises its users: which share of requests is served, within what time, class by class.
//!
//! Owns the promise as the run was measured against it. Does not know whether it was kept.
//!
//! Invariant: the classes are those that `served.{class}` is recorded for, in the same order; [`TOTAL`] comes last.

use crate::units::{As, Ppb, Ratio, Seconds, Span};
use serde::{Deserialize, Serialize};

/// The class of all requests together.
pub const TOTAL: &str = "all";

/// The least that can be taken for service: one nine, with which the table of availabilities in Site Reliability Engineering
/// (2016), appendix A, begins.
pub const LEAST_SERVICE: Ratio = Ratio::from_percent(90);

/// The promise.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// How long service must stay as promised to count as back for good.
    #[serde(rename = "stable_s", with = "As::<Seconds>")]
    pub stable: Span,
    /// Whether somebody wrote down what share is to be served, or it is the product's default.
    pub declared: bool,
    /// One entry per class of requests.
    pub classes: Vec<ServiceClass>,
}

/// Requests of one population at one entry service that all read or all write, and what they are promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ServiceClass {
    /// `users.api.write`, or `all` for all of them together.
    pub name: String,
    /// The share of requests that must be served.
    #[serde(rename = "served_ppb", with = "As::<Ppb>")]
    pub served: Ratio,
    /// Within what time a request must be answered to count as served.
    #[serde(rename = "within_s", with = "As::<Seconds>")]
    pub within: Span,
    /// Whether its clients exist for drills only: they are promised the same, and are no part of `all`.
    pub drill: bool,
}

impl ServiceClass {
    /// The signal of the share of requests served, by the second they began in.
    pub fn share_signal(&self) -> String {
        format!("served.{}", self.name)
    }

    /// Of each second in which a request was not served: when the first such request began.
    pub fn first_signal(&self) -> String {
        format!("unserved.{}.first", self.name)
    }

    /// The same of the last one.
    pub fn last_signal(&self) -> String {
        format!("unserved.{}.last", self.name)
    }

    /// Of each such second: when the first request was answered that began after the last one not served. If none is in
    /// that second, the value stands at the next second that has one.
    pub fn back_signal(&self) -> String {
        format!("unserved.{}.until", self.name)
    }

    /// The 95th percentile of its answers that is usual, in the time it is known from.
    pub fn usual_signal(&self) -> String {
        format!("usual.{}", self.name)
    }

    /// The signal of the share of answers, by the second they came in, that took more than twice as long;
    /// none where that is no more than one in forty.
    pub fn slow_signal(&self) -> String {
        format!("slow.{}", self.name)
    }

    /// Of each second in which that is more than one in twenty: the 95th percentile of its answers.
    pub fn slow_p95_signal(&self) -> String {
        format!("slow.{}.p95", self.name)
    }
}

//! Monitoring, as it reaches control: scraped, windowed, late.
//!
//! Owns what can be asked and the form of the answers. Does not know what anybody concludes from them.
//!
//! Invariants: what was never scraped is reported as such, never as zero; what was scraped long ago is reported with
//! that time; what is not scraped at all is refused by name. The answer to a query does not depend on the queries
//! beside it.

use super::PortError;
use crate::units::{Figure, Instant, Span};
use serde::{Deserialize, Serialize};

/// What is asked for, of a service in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Metric {
    /// Whether the newest scrape reached it: a count of one or zero. It has no window.
    Up,
    /// Of the requests it finished inside the window, those it answered with an error: a share. Whether requests that a
    /// rate limit turned away are errors, or are left out, is for monitoring to say.
    ErrorRate,
    /// Of all requests it answered inside the window, those that a rate limit turned away: a share.
    Limited,
    /// Below which time so many in a hundred of the responses inside the window stayed: a span.
    ResponseTime {
        /// How many in a hundred, from 1 to 100.
        percentile: u8,
    },
}

/// Of what it is asked for; what is left out means any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    /// The region.
    pub region: Option<String>,
    /// The service.
    pub service: Option<String>,
}

/// One question to monitoring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// What is asked for.
    pub metric: Metric,
    /// Of what.
    pub labels: Labels,
    /// Over which time, back from the newest scrape; `None`: the time that monitoring is set to.
    pub window: Option<Span>,
}

/// What monitoring has of one service in one region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricSample {
    /// The region.
    pub region: String,
    /// The service.
    pub service: String,
    /// When the newest scrape behind it was taken, whether that reached the service or not; `None` if there never was one.
    pub taken: Option<Instant>,
    /// The value; `None` if the window holds nothing of it.
    pub figure: Option<Figure>,
}

impl MetricSample {
    /// How old it is at `now`; `None` if nothing was ever scraped.
    pub fn age(&self, now: Instant) -> Option<Span> {
        self.taken.map(|taken| now.since(taken))
    }
}

impl Labels {
    /// Everything in one region.
    pub fn of_region(region: &str) -> Self {
        Self { region: Some(region.to_owned()), service: None }
    }
}

/// Monitoring: what was scraped, windowed and delivered.
pub trait Metrics {
    /// The answers to `queries`, one list each, all of the same instant. In a list is one sample for everything its labels
    /// fit, in an order that does not change. Refused by name: a region or service that is not there, and a window longer than what
    /// monitoring keeps.
    async fn query(&self, queries: &[Query]) -> Result<Vec<Vec<MetricSample>>, PortError>;
}

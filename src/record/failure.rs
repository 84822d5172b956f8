//! Why requests failed: the reason of the attempt that was the last, as the truth has it, whatever the client saw.
//!
//! Owns the list of reasons and their words. Does not know how any of them comes about. Invariant: every request that
//! failed, or whose outcome is unknown, has exactly one.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// Why the last attempt at a request did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailureReason {
    /// The client knew no address, or none where the service is.
    NoAddress,
    /// A circuit breaker of the client kept it from being sent.
    BreakerOpen,
    /// It was sent to a region that was dark, or that went dark while it was there.
    Dark,
    /// The network lost it, or its answer.
    Lost,
    /// It was above a rate limit: HTTP 429.
    Limited,
    /// The provider failed it.
    ProviderError,
    /// The service turned it away: its queue was full, it had no server, or it was on standby.
    Refused,
    /// The service gave it up because it had waited too long.
    Shed,
    /// The service worked on it and failed.
    Error,
    /// Its server went away with the work on it.
    ServerGone,
    /// No copy of its database answered.
    DatabaseUnreachable,
    /// The copy of its database that answered would not do it: read only, fenced, full or empty.
    DatabaseRefused,
    /// No copy of its bucket answered, or only with an error.
    BucketUnreachable,
    /// The object it asked for was missing or corrupt.
    ObjectDamaged,
    /// The answer did not come in time, though nothing had lost it.
    TimedOut,
}

/// How many reasons there are.
const REASONS: usize = 15;

impl FailureReason {
    /// Every reason, in the order in which a request meets them.
    pub const ALL: [Self; REASONS] = [
        Self::NoAddress,
        Self::BreakerOpen,
        Self::Dark,
        Self::Lost,
        Self::Limited,
        Self::ProviderError,
        Self::Refused,
        Self::Shed,
        Self::Error,
        Self::ServerGone,
        Self::DatabaseUnreachable,
        Self::DatabaseRefused,
        Self::BucketUnreachable,
        Self::ObjectDamaged,
        Self::TimedOut,
    ];

    /// Its name in signals and results: `failed.timed_out`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoAddress => "no_address",
            Self::BreakerOpen => "breaker_open",
            Self::Dark => "dark",
            Self::Lost => "lost",
            Self::Limited => "limited",
            Self::ProviderError => "provider_error",
            Self::Refused => "refused",
            Self::Shed => "shed",
            Self::Error => "error",
            Self::ServerGone => "server_gone",
            Self::DatabaseUnreachable => "database_unreachable",
            Self::DatabaseRefused => "database_refused",
            Self::BucketUnreachable => "bucket_unreachable",
            Self::ObjectDamaged => "object_damaged",
            Self::TimedOut => "timed_out",
        }
    }

    /// For a reader: `region dark`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoAddress => "no address",
            Self::BreakerOpen => "breaker open",
            Self::Dark => "region dark",
            Self::Lost => "lost by the network",
            Self::Limited => "over a rate limit",
            Self::ProviderError => "provider error",
            Self::Refused => "refused by the service",
            Self::Shed => "shed",
            Self::Error => "service error",
            Self::ServerGone => "server gone",
            Self::DatabaseUnreachable => "database unreachable",
            Self::DatabaseRefused => "refused by the database",
            Self::BucketUnreachable => "bucket unreachable",
            Self::ObjectDamaged => "object missing or corrupt",
            Self::TimedOut => "timed out",
        }
    }
}

/// What an attempt that failed looks like to the client that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureClass {
    /// Nobody could be reached, or the connection was lost: there was no address, a breaker kept it back, the region or the
    /// server was gone, or the network lost it.
    Connection,
    /// The answer was an error.
    Error,
    /// The answer was that it is over a limit.
    Limited,
    /// Whoever works on it was reached, and no answer came in time.
    TimedOut,
}

impl FailureClass {
    /// How many there are.
    pub const COUNT: usize = 4;
    /// Each with its name in scenarios.
    pub const NAMES: [&'static str; Self::COUNT] = ["connection", "error", "limited", "timeout"];
}

impl FailureReason {
    /// What an attempt that fails for it looks like to the client, if that learns of it before its time-out.
    pub const fn class(self) -> FailureClass {
        match self {
            Self::NoAddress | Self::BreakerOpen | Self::Dark | Self::Lost | Self::ServerGone => {
                FailureClass::Connection
            }
            Self::Limited => FailureClass::Limited,
            Self::TimedOut => FailureClass::TimedOut,
            Self::ProviderError
            | Self::Refused
            | Self::Shed
            | Self::Error
            | Self::DatabaseUnreachable
            | Self::DatabaseRefused
            | Self::BucketUnreachable
            | Self::ObjectDamaged => FailureClass::Error,
        }
    }
}

/// Requests by why they failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FailureCounts([u64; REASONS]);

impl FailureCounts {
    /// One more for `reason`.
    #[inline]
    pub fn add(&mut self, reason: FailureReason, count: u64) {
        self.0[reason as usize] += count;
    }

    /// How many there are for `reason`.
    pub fn of(&self, reason: FailureReason) -> u64 {
        self.0[reason as usize]
    }

    /// All reasons together.
    pub fn total(&self) -> u64 {
        self.0.iter().fold(0, |total, count| total.saturating_add(*count))
    }

    /// The reasons that occurred, most frequent first.
    pub fn by_frequency(&self) -> Vec<(FailureReason, u64)> {
        let mut found: Vec<_> = FailureReason::ALL.map(|reason| (reason, self.of(reason))).into();
        found.retain(|(_, count)| *count > 0);
        found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        found
    }
}

/// One number for each reason there is.
impl Serialize for FailureCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(FailureReason::ALL.map(|reason| (reason.name(), self.of(reason))))
    }
}

/// A reason that nobody knows is refused, and one that is missing too.
impl<'de> Deserialize<'de> for FailureCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut read = BTreeMap::<String, u64>::deserialize(deserializer)?;
        let mut counts = Self::default();
        for reason in FailureReason::ALL {
            let count = read.remove(reason.name()).ok_or_else(|| D::Error::missing_field(reason.name()))?;
            counts.add(reason, count);
        }
        match read.pop_first() {
            Some((unknown, _)) => Err(D::Error::custom(format!("no request fails for the reason `{unknown}`"))),
            None => Ok(counts),
        }
    }
}

#[cfg(feature = "report")]
impl schemars::JsonSchema for FailureCounts {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FailureCounts".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let count = |reason: FailureReason| {
            let count = schemars::json_schema!({"type": "integer", "minimum": 0, "description": reason.words()});
            (reason.name(), count)
        };
        schemars::json_schema!({
            "type": "object",
            "description": "Requests by why they failed.",
            "properties": BTreeMap::from(FailureReason::ALL.map(count)),
            "required": FailureReason::ALL.map(FailureReason::name),
            "additionalProperties": false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_read_back_and_what_is_no_reason_is_refused() {
        let mut counts = FailureCounts::default();
        counts.add(FailureReason::Limited, 7);
        let text = serde_json::to_string(&counts).unwrap();
        assert!(text.starts_with("{\"no_address\":0,") && text.contains("\"limited\":7"), "{text}");
        assert_eq!(serde_json::from_str::<FailureCounts>(&text).unwrap(), counts);
        let unknown = text.replace("\"limited\":7", "\"limited\":7,\"bored\":1");
        assert!(serde_json::from_str::<FailureCounts>(&unknown).unwrap_err().to_string().contains("`bored`"));
        assert!(serde_json::from_str::<FailureCounts>(&text.replace("\"limited\":7,", "")).is_err());
    }

    #[test]
    fn every_reason_has_its_own_place_and_name() {
        let mut counts = FailureCounts::default();
        for (n, reason) in (1..).zip(FailureReason::ALL) {
            counts.add(reason, n);
        }
        for (n, reason) in (1..).zip(FailureReason::ALL) {
            assert_eq!(counts.of(reason), n, "{}", reason.name());
        }
        assert_eq!(counts.total(), 120);
        let names: std::collections::BTreeSet<_> = FailureReason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(names.len(), REASONS);
        assert_eq!(counts.by_frequency()[0], (FailureReason::TimedOut, 15));
    }
}

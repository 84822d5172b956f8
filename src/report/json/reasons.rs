//! Failed requests by reason, as they stand in `results.json`: one number for each reason there is.
//!
//! Invariant: a reason that nobody knows is refused, and one that is missing too.

use crate::record::{FailureCounts, FailureReason};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// Requests by why they failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reasons(pub FailureCounts);

impl Serialize for Reasons {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(FailureReason::ALL.map(|reason| (reason.name(), self.0.of(reason))))
    }
}

impl<'de> Deserialize<'de> for Reasons {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut read = BTreeMap::<String, u64>::deserialize(deserializer)?;
        let mut counts = FailureCounts::default();
        for reason in FailureReason::ALL {
            let count = read.remove(reason.name()).ok_or_else(|| D::Error::missing_field(reason.name()))?;
            counts.add(reason, count);
        }
        match read.pop_first() {
            Some((unknown, _)) => Err(D::Error::custom(format!("no request fails for the reason `{unknown}`"))),
            None => Ok(Self(counts)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_read_back_and_what_is_no_reason_is_refused() {
        let mut counts = FailureCounts::default();
        counts.add(FailureReason::Limited, 7);
        let text = serde_json::to_string(&Reasons(counts)).unwrap();
        assert!(text.starts_with("{\"no_address\":0,") && text.contains("\"limited\":7"), "{text}");
        assert_eq!(serde_json::from_str::<Reasons>(&text).unwrap(), Reasons(counts));
        let unknown = text.replace("\"limited\":7", "\"limited\":7,\"bored\":1");
        assert!(serde_json::from_str::<Reasons>(&unknown).unwrap_err().to_string().contains("`bored`"));
        assert!(serde_json::from_str::<Reasons>(&text.replace("\"limited\":7,", "")).is_err());
    }
}

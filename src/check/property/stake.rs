//! Whether a claim about a database's data could have failed at all.
//!
//! Does not judge the claim. Invariant: something that was lost is always evidence.

use crate::record::StoreRecord;

/// What is missing for any claim about the data of `store` to mean something, in words; nothing if it means something.
pub(super) fn missing(store: &StoreRecord) -> Option<String> {
    if store.lost_total > 0 {
        None
    } else if store.acked == 0 {
        Some(format!("{} acknowledged no write", store.store))
    } else if store.at_stake == 0 && store.unanswered.gone == 0 {
        Some(format!(
            "{} acknowledged no write within reach of a fault, a change of authority or a row that control wrote",
            store.store
        ))
    } else {
        None
    }
}

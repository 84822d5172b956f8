//! What one database lost, in time.
//!
//! Definitions (NIST SP 800-34r1, extended by the time after the fault, for which it has no word): of the lost writes the
//! server acknowledged before the fault, the loss reaches back from the fault to the earliest acknowledgement a client
//! saw; of those it acknowledged after the fault, on a branch that did not survive, it reaches forward to the latest.

use crate::record::StoreRecord;
use crate::units::Span;

/// How far a loss reaches from the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// Back before the fault: the recovery point achieved.
    pub before: Span,
    /// On after the fault.
    pub after: Span,
    /// Whether something was lost although there was no fault to measure from.
    pub without_fault: bool,
}

impl Loss {
    /// Of one ledger.
    pub fn of(store: &StoreRecord) -> Self {
        let Some(fault) = store.fault_at else {
            return Self { before: Span::ZERO, after: Span::ZERO, without_fault: store.lost_total > 0 };
        };
        Self {
            before: store.first_lost_before_fault.map_or(Span::ZERO, |first| fault.since(first)),
            after: store.last_lost_after_fault.map_or(Span::ZERO, |last| last.since(fault)),
            without_fault: false,
        }
    }
}

//! Copies that only the end of the run brought back.
//!
//! Once the workload is over every fault is healed that does not last for good, so that copies can be compared. What a
//! copy holds that was down until then is what a repair would find, and not what the scenario shows to be safe.
//!
//! Invariant: what is said here takes a pass away and never gives one.

use crate::record::{CopyRole, FaultRecord, Record, StoreRecord};

/// Why a pass that rests on the copies of `store` proves nothing, if its authority was down when the workload ended.
pub(super) fn revived(store: &StoreRecord, record: &Record) -> Option<String> {
    let Some(authority) = store.copies.iter().find(|copy| copy.role == CopyRole::Authority) else {
        let unread = store.copies.iter().any(|copy| copy.role == CopyRole::Unreachable);
        return unread.then(|| format!("no leading copy of {} could be read", store.store));
    };
    let healed = |fault: &&FaultRecord| fault.healed.is_none_or(|at| at >= record.workload_end);
    let fault = record.faults.iter().filter(|fault| fault.hits > 0 && fault.at.is_some()).find(healed)?;
    let last = |signal: String| {
        let points = record.signal(&signal)?.points().filter(|(at, _)| *at < record.workload_end);
        points.last().map(|(_, sample)| sample.part)
    };
    let dark = last(format!("region.{}.up", authority.region)) == Some(0);
    let crashed = fault.kind == "database_crash" && last(format!("db.{}.writable", store.store)) == Some(0);
    let region = &authority.region;
    (dark || crashed)
        .then(|| format!("{region} leads {} and was down until the end of the run healed `{}`", store.store, fault.id))
}

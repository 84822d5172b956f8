//! Every built-in procedure: one line each.

use super::{Failback, FailoverDrill, Perform, ProcedureEntry, RegionFailover, RestoreFromBackup};
use crate::ports::Runtime;

/// Every built-in procedure, over ports that have what each of them needs.
pub const fn catalog<P: Runtime>() -> [ProcedureEntry<P>; 4]
where
    RegionFailover: Perform<P>,
    Failback: Perform<P>,
    FailoverDrill: Perform<P>,
    RestoreFromBackup: Perform<P>,
{
    [
        ProcedureEntry::of::<RegionFailover>(),
        ProcedureEntry::of::<Failback>(),
        ProcedureEntry::of::<FailoverDrill>(),
        ProcedureEntry::of::<RestoreFromBackup>(),
    ]
}

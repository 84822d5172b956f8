//! Every built-in procedure: one line each.

use super::{Drill, Failback, ProcedureEntry, RegionFailover, RestoreFromBackup};
use crate::ports::Ports;

/// Every built-in procedure.
pub const fn catalog<P: Ports>() -> [ProcedureEntry<P>; 4] {
    [
        ProcedureEntry::of::<RegionFailover>(),
        ProcedureEntry::of::<Failback>(),
        ProcedureEntry::of::<Drill>(),
        ProcedureEntry::of::<RestoreFromBackup>(),
    ]
}

//! Every built-in procedure: one line each.

use super::{Drill, Failback, Perform, Procedure, ProcedureEntry, RegionFailover, RestoreFromBackup};
use crate::ports::Runtime;

macro_rules! procedures {
    ($($procedure:ty),* $(,)?) => {
        /// The names of the built-in procedures, in the order of [`catalog`].
        pub const NAMES: &[&str] = &[$(<$procedure>::NAME),*];

        /// Every built-in procedure, over ports that have what each of them needs.
        pub fn catalog<P: Runtime>() -> Vec<ProcedureEntry<P>>
        where
            $($procedure: Perform<P>),*
        {
            vec![$(ProcedureEntry::of::<$procedure>()),*]
        }

        /// The names of a built-in procedure's steps, in order; none if there is no such procedure.
        pub fn steps(procedure: &str) -> Vec<&'static str> {
            let found = [$(super::plan::<$procedure>()),*].into_iter().find(|plan| plan.name == procedure);
            found.map_or_else(Vec::new, |plan| plan.steps.iter().map(|step| step.name).collect())
        }

        /// The procedures that a built-in procedure runs as parts of its steps.
        pub fn parts(procedure: &str) -> &'static [&'static str] {
            let found = [$((<$procedure>::NAME, <$procedure>::PARTS)),*].into_iter().find(|(name, _)| *name == procedure);
            found.map_or(&[], |(_, parts)| parts)
        }
    };
}

procedures! {
    RegionFailover,
    Failback,
    Drill,
    RestoreFromBackup,
}

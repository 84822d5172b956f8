//! Every built-in procedure: one line each.

use super::{Procedure, ProcedureEntry, RegionFailover};
use crate::ports::Ports;

macro_rules! procedures {
    ($($procedure:ty),* $(,)?) => {
        /// The names of the built-in procedures, in the order of [`catalog`].
        pub const NAMES: &[&str] = &[$(<$procedure>::NAME),*];

        /// Every built-in procedure.
        pub fn catalog<P: Ports>() -> Vec<ProcedureEntry<P>> {
            vec![$(ProcedureEntry::of::<$procedure>()),*]
        }
    };
}

procedures! {
    RegionFailover,
}

//! Every built-in procedure: one line each.

use super::{Brief, Drill, Failback, Listed, Perform, Plan, Procedure, RegionFailover, RestoreFromBackup, Task};
use crate::ports::Runtime;

macro_rules! procedures {
    ($($procedure:ty),* $(,)?) => {
        /// The names of the built-in procedures, in the order of [`plans`].
        pub const NAMES: &[&str] = &[$(<$procedure>::NAME),*];

        /// What every built-in procedure does by default.
        pub fn plans() -> Vec<Plan> {
            vec![$(Plan::by_default::<$procedure>()),*]
        }

        /// The built-in procedure of that name, by the order that it makes of `brief`; `None` if there is none. The ports
        /// have what each of them needs, for the name may be that of any.
        pub fn task<P: Runtime>(name: &str, brief: &Brief) -> Option<Task<P>>
        where
            $($procedure: Perform<P>),*
        {
            $(
                if name == <$procedure>::NAME {
                    return Some(Task::new(<$procedure>::ordered(<$procedure>::order_of(brief))));
                }
            )*
            None
        }
    };
}

procedures! {
    RegionFailover,
    Failback,
    Drill,
    RestoreFromBackup,
}

fn plan(procedure: &str) -> Option<Plan> {
    plans().into_iter().find(|plan| plan.name == procedure)
}

/// The names of a built-in procedure's steps, in order; none if there is no such procedure.
pub fn steps(procedure: &str) -> Vec<String> {
    plan(procedure).map_or_else(Vec::new, |plan| plan.steps.into_iter().map(|step| step.name.into_owned()).collect())
}

/// The procedures that a built-in procedure runs as parts of its steps.
pub fn parts(procedure: &str) -> Vec<&'static str> {
    plan(procedure).map_or_else(Vec::new, |plan| plan.parts())
}

//! What every command of control is, whatever interface it is for: what it does to the world, and its outcome.
//!
//! Owns the kinds of change. Does not know any interface. Invariant: whatever changes something says which kind of
//! change it is, so that a fault can get at it and a controller that was superseded cannot do it.

use super::turns::ChangeSubject;
use crate::model::plan::Interface;

/// What a command does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// It asks, or writes in the journal: a superseded controller may still do so.
    Asks,
    /// It notifies somebody, which cannot be undone.
    Tells,
    /// It changes something.
    Changes(Action),
}

/// A command of one interface.
pub(in crate::model) trait Operation {
    /// What it does to the world.
    fn nature(&self) -> Nature;
    /// The interface it is for, if that is one that can be out of reach.
    fn interface(&self) -> Option<Interface>;
    /// What it changes, if of two changes of that the newer one counts, whenever the older one is done. Changes of data are
    /// ordered by their epochs.
    fn subject(&self) -> Option<ChangeSubject> {
        None
    }
}

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $action:ident = $name:literal),* $(,)?) => {
        /// A kind of change that control can ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action {
            $($(#[doc = $doc])+ $action,)*
        }

        impl Action {
            /// Every kind, in the order in which they were added.
            pub const ALL: &[Self] = &[$(Self::$action),*];
            /// What a scenario may name: any of them, or one.
            pub const CHOICES: &[&str] = &["any", $($name),*];

            /// The kind that a scenario names so; `None` for any.
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$action),)*
                    _ => None,
                }
            }
        }
    };
}

// Later kinds go to the end: the place of a kind decides which samples it gets.
actions! {
    /// A DNS record is pointed elsewhere.
    PointRecord = "point_record",
    /// The balancer's weights are set.
    SetWeights = "set_weights",
    /// A region's services are activated.
    Activate = "activate",
    /// An old authority is fenced off.
    Fence = "fence",
    /// A copy is promoted.
    Promote = "promote",
    /// A copy is rebuilt.
    Rebuild = "rebuild",
    /// A region's services go back on standby.
    Deactivate = "deactivate",
    /// A backup is restored.
    RestoreBackup = "restore",
    /// A copy of a bucket is repaired.
    RepairBucket = "repair_bucket",
    /// The time to live of a DNS record is set.
    SetTtl = "set_ttl",
    /// A copy is given what another one has.
    CatchUp = "catch_up",
    /// Rows of a database are written by control.
    WriteRows = "write_rows",
}

//! What can be scheduled, run and demanded: the kinds other layers bring.
//!
//! Invariant: kinds of one list have different names.

use crate::control::ControlKind;
use crate::fault::FaultKind;
use crate::field::{Kind, Problems, Scope, Values};
use std::fmt::Debug;
use std::sync::Arc;

/// Something that must hold. Stands for the trait of the check layer.
pub trait Property: Debug + Send + Sync {}

/// A kind of property.
#[derive(Debug)]
pub struct PropertyKind {
    /// Its fields.
    pub kind: Kind,
    /// Makes one with this id.
    pub build: fn(&str, &Values, &Scope, &mut Problems) -> Option<Arc<dyn Property>>,
}

/// Every kind there is.
#[derive(Debug, Clone, Copy)]
pub struct Catalogs {
    /// Faults.
    pub faults: &'static [FaultKind],
    /// Controls.
    pub controls: &'static [ControlKind],
    /// Names of procedures that a control can run.
    pub procedures: &'static [&'static str],
    /// Properties.
    pub properties: &'static [PropertyKind],
}

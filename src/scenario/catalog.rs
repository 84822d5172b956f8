//! What can be scheduled, run and demanded: the kinds other layers bring.
//!
//! Invariant: kinds of one list have different names.

use crate::field::{Kind, Problems, Scope, Values};
use std::fmt::Debug;
use std::sync::Arc;

/// A fault that was read. Stands for the trait of the fault layer.
pub trait Fault: Debug + Send + Sync {}
/// Something that acts during the run. Stands for the trait of the control layer.
pub trait Control: Debug + Send + Sync {}
/// Something that must hold. Stands for the trait of the check layer.
pub trait Property: Debug + Send + Sync {}

/// A kind of fault.
#[derive(Debug)]
pub struct FaultKind {
    /// Its own fields, beside `id`, `at` and `for`.
    pub kind: Kind,
    /// Makes one.
    pub build: fn(&Values, &Scope, &mut Problems) -> Option<Arc<dyn Fault>>,
}

/// A kind of control.
#[derive(Debug)]
pub struct ControlKind {
    /// Its fields.
    pub kind: Kind,
    /// Makes one.
    pub build: fn(&Values, &Scope, &mut Problems) -> Option<Arc<dyn Control>>,
}

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

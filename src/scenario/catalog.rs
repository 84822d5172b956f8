//! What can be scheduled, run and demanded: the kinds other layers bring.
//!
//! Invariant: kinds of one list have different names.

use crate::check::PropertyKind;
use crate::control::ControlKind;
use crate::fault::FaultKind;

/// Every kind there is.
#[derive(Debug, Clone, Copy)]
pub struct Catalogs {
    /// Faults.
    pub faults: &'static [FaultKind],
    /// Controls.
    pub controls: &'static [ControlKind],
    /// Names of procedures that a control can run.
    pub procedures: &'static [&'static str],
    /// The names of a procedure's steps, in order.
    pub steps: fn(&str) -> Vec<String>,
    /// Properties.
    pub properties: &'static [PropertyKind],
}

impl Catalogs {
    /// Everything that comes with the product.
    pub const BUILT_IN: Self = Self {
        faults: crate::fault::CATALOG,
        controls: crate::control::CATALOG,
        procedures: crate::control::PROCEDURES,
        steps: crate::control::steps,
        properties: crate::check::CATALOG,
    };
}

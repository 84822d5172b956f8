//! Every kind of controller: one line each.

use super::{ControlKind, watch};

/// The kinds of controller a scenario can put to work.
pub const CATALOG: &[ControlKind] = &[watch::KIND];

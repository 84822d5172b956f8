//! Every kind of controller: one line each.

use super::{ControlKind, drill, scrub, shift, watch};

/// The kinds of controller a scenario can put to work.
pub const CATALOG: &[ControlKind] = &[watch::KIND, drill::KIND, shift::KIND, scrub::KIND];

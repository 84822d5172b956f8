//! Every kind of controller: one line each.

use super::{ControlKind, drill, reconcile, run, scrub, shift, watch};

/// The kinds of controller a scenario can put to work.
pub const CATALOG: &[ControlKind] = &[watch::KIND, drill::KIND, run::KIND, shift::KIND, scrub::KIND, reconcile::KIND];

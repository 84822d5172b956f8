//! firedrill with a procedure, a rule and a property of one's own: the whole command line, whose scenarios may name them.
//!
//! ```sh
//! cargo run --release --example own_procedure -- run examples/own_procedure/promote-first.yaml
//! ```

mod hot_key;
mod promote_first;
mod quick_watch;

use firedrill::check::PropertyKind;
use firedrill::control::{ControlKind, SimulatedProcedure};
use firedrill::scenario::Catalogs;
use std::process::ExitCode;

const PROCEDURES: &[SimulatedProcedure] = &[SimulatedProcedure::of::<promote_first::PromoteFirst>()];
const CONTROLS: &[ControlKind] = &[quick_watch::KIND];
const PROPERTIES: &[PropertyKind] = &[hot_key::KIND];

fn main() -> ExitCode {
    let catalogs = Catalogs::BUILT_IN.with_procedures(PROCEDURES).with_controls(CONTROLS);
    firedrill::cli::run(catalogs.with_properties(PROPERTIES))
}

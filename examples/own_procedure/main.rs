//! firedrill with a procedure and a rule of one's own: the whole command line, whose scenarios may name both.
//!
//! ```sh
//! cargo run --release --example own_procedure -- run examples/own_procedure/promote-first.yaml
//! ```

mod promote_first;
mod quick_watch;

use firedrill::control::{ControlKind, SimulatedProcedure};
use firedrill::scenario::Catalogs;
use std::process::ExitCode;

const PROCEDURES: &[SimulatedProcedure] = &[SimulatedProcedure::of::<promote_first::PromoteFirst>()];
const CONTROLS: &[ControlKind] = &[quick_watch::KIND];

fn main() -> ExitCode {
    firedrill::cli::run(Catalogs::BUILT_IN.with_procedures(PROCEDURES).with_controls(CONTROLS))
}

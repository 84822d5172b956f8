//! How a schedule is written down: one line per injection, in the words of the scenario language.
//!
//! Does not read: that is the scenario language's part. Invariant: times are exact, so what is read back is the same
//! schedule.

use super::{Injection, Trigger};
use crate::fault::PlannedFault;
use std::fmt;

/// A schedule, to be printed.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    /// The scenario's faults.
    pub faults: &'a [PlannedFault],
    /// The injections.
    pub injections: &'a [Injection],
    /// The seed of the run.
    pub seed: u64,
}

/// The name under which an injection of `fault` draws: that of the fault for the first, so that whether it may happen
/// again moves nothing.
pub fn stream_key(fault: &str, occurrence: u32) -> String {
    if occurrence == 1 { fault.to_owned() } else { format!("{fault}#{occurrence}") }
}

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "# What goes wrong in one run, and when. `firedrill run SCENARIO --schedule THIS_FILE` repeats it.\n# \
             Remove a line and that injection does not happen; all others stay the same.\nfiredrill_schedule: 1\n",
        )?;
        writeln!(f, "seed: {}", self.seed)?;
        if self.injections.is_empty() {
            return f.write_str("injections: []\n");
        }
        f.write_str("injections:\n")?;
        self.injections.iter().try_for_each(|injection| self.line(injection, f))
    }
}

impl Written<'_> {
    fn line(&self, injection: &Injection, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.faults.get(injection.fault).map_or("?", |fault| fault.id.as_str());
        // A name may be a word that means nothing in YAML.
        let quote = if id.eq_ignore_ascii_case("null") { "\"" } else { "" };
        write!(f, "  - {{fault: {quote}{id}{quote}, occurrence: {}, ", injection.occurrence)?;
        match &injection.trigger {
            Trigger::At(at) => write!(f, "at: {at}")?,
            Trigger::On(cue) => {
                write!(f, "when: {{event: {}, occurrence: {}, after: {}}}", cue.event, cue.occurrence, cue.after)?;
            }
        }
        if let Some(lasts) = injection.lasts {
            write!(f, ", for: {lasts}")?;
        }
        f.write_str("}\n")
    }
}

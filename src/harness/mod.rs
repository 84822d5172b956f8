//! Rehearsals in tests of your own: `cargo test` is the gate, and your own procedure is interrupted at every call it
//! makes.
//!
//! Owns the way from a scenario file to what is wrong with its runs, in words. Does not judge by itself how clients
//! fared: that is what the scenario's properties are for. Invariant: a run that was to be interrupted and was not is an
//! error, so nothing passes because it was left out.

mod beside;
mod cells;
mod interrupt;

pub(crate) use beside::Beside;
pub use interrupt::{ACTS, PlannedInterruption, interruptions, left_behind};

use crate::control::SimulatedProcedure;
use crate::rehearse::{Provenance, rehearsal, rehearse, rehearse_as};
use crate::scenario::{Catalogs, Plan, Sources, bases, load_with_files, render};
use crate::sim::Rehearsal;
use std::ops::Range;
use std::path::Path;

/// A rehearsal as a test: a scenario, the seeds it is run with, and whether its controllers are interrupted.
///
/// ```no_run
/// use firedrill::Drill;
/// use firedrill::control::SimulatedProcedure;
/// use firedrill::procedure::RegionFailover;
///
/// // In place of the built-in one: a procedure of your own, which the scenario names.
/// const MINE: &[SimulatedProcedure] = &[SimulatedProcedure::of::<RegionFailover>()];
///
/// Drill::from_file("rehearsals/failover.yaml").procedure(&MINE[0]).seeds(0..256).interrupt_everywhere().assert_passes();
/// ```
#[derive(Debug, Clone)]
pub struct Drill {
    file: String,
    text: String,
    catalogs: Catalogs,
    settings: Vec<(String, String)>,
    seeds: Range<u64>,
    interrupts: bool,
}

/// What a drill has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// Runs that nobody disturbed.
    pub runs: usize,
    /// Runs in which a controller was interrupted once.
    pub interrupted: usize,
    /// What is wrong, one sentence for each run with something wrong, in the order of the runs.
    pub wrong: Vec<String>,
}

impl Drill {
    /// The rehearsal of the scenario in `path`.
    ///
    /// # Panics
    ///
    /// If it cannot be read.
    pub fn from_file(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path);
        Self::from_text(&path.to_string_lossy(), text.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    }

    /// The rehearsal of the scenario `text`, called `file` in what is said of it; files it names are looked for beside that.
    pub fn from_text(file: &str, text: impl Into<String>) -> Self {
        let (file, text, catalogs) = (file.to_owned(), text.into(), Catalogs::BUILT_IN);
        Self { file, text, catalogs, settings: Vec::new(), seeds: 0..1, interrupts: false }
    }

    /// The scenario may name `procedure` beside what it may anyway.
    #[must_use]
    pub fn procedure(self, procedure: &'static SimulatedProcedure) -> Self {
        Self { catalogs: self.catalogs.with_procedures(std::slice::from_ref(procedure)), ..self }
    }

    /// The scenario may name what these hold.
    #[must_use]
    pub fn catalogs(self, catalogs: Catalogs) -> Self {
        Self { catalogs, ..self }
    }

    /// A value of the scenario is another, such as `dns.ttl`, `20s`.
    #[must_use]
    pub fn set(mut self, path: &str, value: &str) -> Self {
        self.settings.push((path.to_owned(), value.to_owned()));
        self
    }

    /// It is run with each of these seeds. One, 0, unless it is said.
    #[must_use]
    pub fn seeds(self, seeds: Range<u64>) -> Self {
        Self { seeds, ..self }
    }

    /// With the first seed it is also run once for each call that a controller makes while a procedure is under way,
    /// and each thing that can happen there: the process is killed, paused, doubled, or paused while another takes
    /// over, before the call is sent and after. What it leaves behind must be safe, and every property must come out as
    /// the scenario expects.
    #[must_use]
    pub fn interrupt_everywhere(self) -> Self {
        Self { interrupts: true, ..self }
    }

    /// Runs it all, on as many threads as the machine has.
    ///
    /// # Panics
    ///
    /// If the scenario cannot be run, with every problem it has; or if there is no seed.
    pub fn run(&self) -> Findings {
        assert!(!self.seeds.is_empty(), "{}: no seeds are given, so nothing would run", self.file);
        let plan = self.plan();
        let seeds: Vec<u64> = self.seeds.clone().collect();
        let mut wrong = cells::judge(&seeds, |seed| {
            let outcome = rehearse(&plan, &self.provenance(), *seed);
            (!outcome.as_expected).then(|| format!("seed {seed}: {}", cells::said(&outcome)))
        });
        let interruptions = if self.interrupts { interruptions(&plan, self.seeds.start, |_| true) } else { Vec::new() };
        if self.interrupts && interruptions.is_empty() {
            wrong.push(format!("seed {}: no controller makes a call while a procedure is running", self.seeds.start));
        }
        wrong.extend(cells::judge(&interruptions, |planned| {
            self.run_interrupted(&plan, planned).map(|why| format!("{planned}: {why}"))
        }));
        Findings { runs: seeds.len(), interrupted: interruptions.len(), wrong }
    }

    /// Runs it all and asks for nothing to be wrong.
    ///
    /// # Panics
    ///
    /// If something is, with all of it; or as [`run`](Self::run) does.
    pub fn assert_passes(&self) {
        let Findings { runs, interrupted, wrong } = self.run();
        let all = runs + interrupted;
        assert!(wrong.is_empty(), "{}: {} of {all} runs failed:\n{}", self.file, wrong.len(), wrong.join("\n"));
    }

    fn plan(&self) -> Plan {
        let doubles = self.catalogs.doubles();
        assert!(doubles.is_empty(), "two entries of one catalog have the same name: {doubles:?}");
        let beside = Beside::new(&self.file);
        let bases = bases(&self.text, &self.file, &self.settings, &beside);
        let beside = beside.keeping(bases);
        match load_with_files(&self.text, &self.file, &self.settings, &self.catalogs, &beside) {
            Ok((plan, _)) => plan,
            Err(problems) => {
                let (file, text, settings) = (&self.file, &self.text, &self.settings);
                let sources = Sources { file, text, settings, bases: beside.kept() };
                panic!("{} cannot be run:\n{}", self.file, render(&problems, sources, false))
            }
        }
    }

    fn provenance(&self) -> Provenance {
        let settings = self.settings.iter().map(|(path, value)| format!("{path}={value}")).collect();
        Provenance { file: self.file.clone(), settings, text: self.text.clone(), ..Provenance::default() }
    }

    /// What is wrong with the run that was interrupted like this, if anything is.
    fn run_interrupted(&self, plan: &Plan, planned: &PlannedInterruption) -> Option<String> {
        let schedule = plan.schedule(self.seeds.start);
        let interruptions = [planned.interruption];
        let rehearsal = Rehearsal { interruptions: &interruptions, ..rehearsal(plan, &schedule) };
        let outcome = rehearse_as(plan, rehearsal, &self.provenance(), self.seeds.start);
        if let Some(stopped) = &outcome.stopped {
            return Some(format!("it stopped at {:#}: {}", stopped.at, stopped.why));
        }
        if let Some(left) = left_behind(&outcome.record, 1) {
            return Some(left);
        }
        (!outcome.as_expected).then(|| cells::said(&outcome))
    }
}

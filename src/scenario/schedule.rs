//! Reading a written schedule: the faults of one run, line by line, to be run again.
//!
//! Owns the format's tables. Does not change anything about a scenario but when its faults happen.
//!
//! Invariant: what a run writes is read back as the same schedule, and what was written by hand is checked as a
//! scenario is: every problem at once, with its place.

use super::plan::Plan;
use super::section::fault;
use super::yaml;
use crate::check::Vocabulary;
use crate::fault::schedule::{Cue, MOST_INJECTIONS};
use crate::fault::{Injection, Trigger};
use crate::field::{Field, FieldType, Item, Kind, Origin, Place, Problem, Problems, Referent, Value, Values, decode};
use crate::units::Instant;
use std::collections::BTreeMap;

/// The version of the format.
const VERSION: u64 = 1;

const SCHEDULE: Kind = Kind::new(
    "schedule",
    "A written schedule.",
    &[
        Field::required("firedrill_schedule", FieldType::Count { min: 0, max: u64::MAX }, "The format's version: 1."),
        Field::optional("seed", FieldType::Count { min: 0, max: u64::MAX }, "The seed of the run that wrote it."),
        Field::empty("injections", FieldType::List(&FieldType::Table(&INJECTION)), "The occurrences of faults."),
    ],
);

const INJECTION: Kind = Kind::new(
    "injection",
    "One occurrence of a fault.",
    &[
        Field::required("fault", FieldType::Reference(Referent::Fault), "The fault's id in the scenario."),
        Field::with(
            "occurrence",
            FieldType::Count { min: 1, max: 1_000_000_000 },
            "1",
            "product default: the only one",
            "Which occurrence of the fault this is; it determines the random numbers it draws.",
        ),
        Field::optional("at", FieldType::Span, "When it starts, from the start of the run."),
        Field::optional("when", FieldType::Table(&fault::WHEN), "The event that starts it."),
        Field::optional("for", FieldType::PositiveSpan, "How long it lasts. Left out: to the end of the workload."),
    ],
);

/// A schedule that was given, to be run in place of the one a seed would give.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenSchedule {
    /// The seed it was written by, if it says so.
    pub seed: Option<u64>,
    /// Its lines.
    pub injections: Vec<Injection>,
}

/// Reads the schedule `text` for `plan`.
///
/// # Errors
///
/// Everything that is wrong with it, sorted by place.
pub fn read_schedule(text: &str, plan: &Plan) -> Result<GivenSchedule, Problems> {
    let root = yaml::parse(text, Origin::File)?;
    let mut problems = Problems::new();
    let decoded = decode(&SCHEDULE, &root, &plan.scope, &mut problems);
    let read = decoded.map(|values| {
        check_version(&values, &mut problems);
        let injections = values.list("injections");
        check_count(injections, &mut problems);
        let mut reader = Reader { plan, seen: BTreeMap::new(), problems: &mut problems };
        let injections = injections.iter().filter_map(|item| reader.injection(item)).collect();
        GivenSchedule { seed: values.opt_count("seed"), injections }
    });
    match read {
        Some(schedule) if !problems.has_errors() => Ok(schedule),
        _ => Err(problems.sorted()),
    }
}

fn check_version(values: &Values, problems: &mut Problems) {
    let version = values.count("firedrill_schedule");
    if version != VERSION {
        let message = format!("this is a schedule of version {version}; this program reads version {VERSION}");
        problems.push(Problem::error("FD0113", values.place("firedrill_schedule"), message));
    }
}

fn check_count(injections: &[Item], problems: &mut Problems) {
    if let Some(first) = injections.get(MOST_INJECTIONS) {
        let message = format!("a schedule has at most {MOST_INJECTIONS} injections");
        problems.push(Problem::error("FD0233", first.place, message).help("remove what the failure does not need"));
    }
}

struct Reader<'a> {
    plan: &'a Plan,
    seen: BTreeMap<(usize, u32), Place>,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    fn injection(&mut self, item: &Item) -> Option<Injection> {
        let Value::Table(values) = &item.value else { return None };
        let fault = values.reference("fault").index;
        let occurrence = values.count_u32("occurrence");
        if let Some(first) = self.seen.insert((fault, occurrence), item.place) {
            let message = format!("occurrence {occurrence} of `{}` is listed twice", values.reference("fault").name);
            let problem = Problem::error("FD0234", item.place, message).help("give one of them another `occurrence`");
            self.problems.push(problem.note(first, "the first one is here"));
        }
        let trigger = self.trigger(values)?;
        Some(Injection { fault, occurrence, trigger, lasts: values.opt_span("for") })
    }

    fn trigger(&mut self, values: &Values) -> Option<Trigger> {
        match (values.opt_span("at"), values.opt_table("when")) {
            (Some(at), None) => Some(Trigger::At(Instant::ZERO + at)),
            (None, Some(when)) => self.cue(when).map(Trigger::On),
            (None, None) => {
                let problem = Problem::error("FD0103", values.place, "this injection does not say when it happens");
                self.problems.push(problem.help("write `at: 5m`, or `when: {event: …}`"));
                None
            }
            (Some(_), Some(_)) => {
                let problem = Problem::error("FD0230", values.place("when"), "this injection has two start conditions");
                let problem = problem.help("keep `at` or `when`").note(values.place("at"), "the first one is here");
                self.problems.push(problem);
                None
            }
        }
    }

    fn cue(&mut self, when: &Values) -> Option<Cue> {
        let cue = fault::cue(when, self.problems)?;
        let (event, scope) = (&cue.event, &self.plan.scope);
        let problem = fault::unknown_event(event, scope, when.place)
            .or_else(|| fault::impossible_event(event, &Vocabulary::new(scope), when.place, "it waits for"));
        if let Some(problem) = problem {
            self.problems.push(problem);
            return None;
        }
        Some(cue)
    }
}

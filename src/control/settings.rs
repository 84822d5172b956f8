//! How procedures are run: budgets, attempts, pauses and limits, as a scenario sets them.
//!
//! Owns the fields, for all controllers under `procedures` and for one under its own entry, and how the figures that a
//! procedure comes with are filled in. Does not know what a step does.
//!
//! Invariants: once settled, every figure of every step has a value and says where it comes from. A figure that is set for a
//! step that is not there, or that could only ever be without effect, is refused at its place.

use super::{Procedures, SimulatedProcedure};
use crate::field::{
    Field, FieldType, Item, Kind, Node, Origin, Place, Problem, Problems, Scope, Value, Values, decode, nearest,
};
use crate::procedure::{ProcedurePlan, Settings, Step, StepSettings};
use std::collections::BTreeMap;

const OWN: &str = "the procedure's own, or what `procedures` says";

const TIMES: FieldType = FieldType::Count { min: 1, max: 100_000 };

pub(super) const BUDGET: Field = Field::derived(
    "budget",
    FieldType::PositiveSpan,
    OWN,
    "",
    "How long it may take, retries and verification included.",
);
pub(super) const TRIES: Field = Field::derived("tries", TIMES, OWN, "", "The most attempts within its budget.");
pub(super) const PAUSE: Field = Field::derived("pause", FieldType::Span, OWN, "", "The wait before another attempt.");
pub(super) const UNDO_BUDGET: Field =
    Field::derived("undo_budget", FieldType::PositiveSpan, OWN, "", "How long undoing it may take.");
pub(super) const UNDO_TRIES: Field =
    Field::derived("undo_tries", TIMES, OWN, "", "The most attempts at undoing it within that budget.");

/// The figures of one step.
const STEP: Kind =
    Kind::new("step", "How one step of a procedure is run.", &[BUDGET, TRIES, PAUSE, UNDO_BUDGET, UNDO_TRIES]);

pub(super) const LIMIT: Field = Field::derived(
    "limit",
    FieldType::PositiveSpan,
    OWN,
    "",
    "How long after its start the procedure may still start another round of a step past the point of no return.",
);
pub(super) const STEPS: Field = Field::empty(
    "steps",
    FieldType::Map(&FieldType::Table(&STEP)),
    "Budgets, attempts and pauses of the procedure's steps, by name.",
);

/// What is set of one procedure for all controllers.
pub const PROCEDURE: Kind =
    Kind::new("procedure", "How a procedure is run, whichever controller runs it.", &[LIMIT, STEPS]);

/// Where tries and pauses come from.
const OF_TRIES: &str = "product default: a step gives up late in its budget, or early where that is safer";
/// Where the figures of undoing come from.
const OF_UNDO: &str = "product default: as much as the change itself";
/// Instead of those, where there is nothing to undo.
const NO_UNDO: &str = "the step changes nothing";

/// How every procedure is run, whichever controller runs it.
#[derive(Debug)]
pub struct ProcedureSettings(Vec<(ProcedurePlan, Values)>);

impl ProcedureSettings {
    /// What these procedures come with, and what is written over that, by name.
    pub fn new(
        procedures: &Procedures,
        mut written: BTreeMap<String, Values>,
        scope: &Scope,
        problems: &mut Problems,
    ) -> Self {
        let settled = |plan: ProcedurePlan| {
            let unwritten = || blank(&PROCEDURE, scope, problems);
            let mut values = written.remove(&*plan.name).or_else(unwritten)?;
            settle(&mut values, &plan, scope, problems);
            Some((plan, values))
        };
        Self(procedures.iter().map(SimulatedProcedure::plan).filter_map(settled).collect())
    }

    /// The figures of the procedure of that name, settled.
    pub fn of(&self, procedure: &str) -> Option<&Values> {
        self.find(procedure).map(|(_, values)| values)
    }

    /// All of them, by name.
    pub(super) fn settings(&self) -> BTreeMap<String, Settings> {
        self.0.iter().map(|(plan, values)| (plan.name.clone().into_owned(), read(values))).collect()
    }

    /// All of them, where one controller sets `limit` and `steps` of the procedure of that name otherwise; its own figures
    /// are settled from the others.
    pub(super) fn overruled(
        &self,
        own: &mut Values,
        procedure: &str,
        problems: &mut Problems,
    ) -> BTreeMap<String, Settings> {
        let mut settings = self.settings();
        let Some((plan, general)) = self.find(procedure) else { return settings };
        if let Some(limit) = general.value("limit") {
            own.settle("limit", limit.clone());
        }
        let mut steps = own.map("steps").to_vec();
        for (name, item) in &mut steps {
            let Value::Table(step) = &mut item.value else { continue };
            let general = step_of(general, name);
            for field in STEP.fields {
                if let Some(value) = general.and_then(|general| general.value(field.name)) {
                    step.settle(field.name, value.clone());
                }
            }
        }
        own.replace("steps", Value::Map(steps));
        check(own, plan, problems);
        let all = settings.entry(procedure.to_owned()).or_default();
        let Settings { limit, steps } = read(own);
        all.limit = limit;
        all.steps.extend(steps);
        settings
    }

    fn find(&self, procedure: &str) -> Option<&(ProcedurePlan, Values)> {
        self.0.iter().find(|(plan, _)| plan.name == procedure)
    }
}

fn step_of<'v>(values: &'v Values, name: &str) -> Option<&'v Values> {
    let (_, item) = values.map("steps").iter().find(|(step, _)| step == name)?;
    match &item.value {
        Value::Table(step) => Some(step),
        _ => None,
    }
}

/// A table of which nothing is written.
fn blank(kind: &'static Kind, scope: &Scope, problems: &mut Problems) -> Option<Values> {
    decode(kind, &Node::empty_map(Place::beginning(Origin::Default)), scope, problems)
}

/// Fills in what the procedure comes with.
fn settle(values: &mut Values, plan: &ProcedurePlan, scope: &Scope, problems: &mut Problems) {
    values.settle_from("limit", Value::Span(plan.limit), plan.limit_source);
    let written = values.map("steps").to_vec();
    let place = Place::beginning(Origin::Default);
    let mut steps: Vec<(String, Item)> = Vec::new();
    for step in &plan.steps {
        let own = written.iter().find(|(name, _)| *name == step.name).map(|(_, item)| item.clone());
        let unwritten = || Some(Item { place, value: Value::Table(blank(&STEP, scope, problems)?) });
        let Some(mut item) = own.or_else(unwritten) else { continue };
        if let Value::Table(figures) = &mut item.value {
            settle_step(figures, step);
        }
        steps.push((step.name.to_string(), item));
    }
    steps.extend(written.into_iter().filter(|(name, _)| plan.steps.iter().all(|step| *name != step.name)));
    values.replace("steps", Value::Map(steps));
    check(values, plan, problems);
}

/// Fills in the figures of one step that are not written.
pub(super) fn settle_step(figures: &mut Values, step: &Step) {
    figures.settle_from("budget", Value::Span(step.budget), step.source);
    figures.settle_from("tries", Value::Count(step.tries.into()), OF_TRIES);
    figures.settle_from("pause", Value::Span(step.pause), OF_TRIES);
    match step.undo {
        Some(undo) => {
            figures.settle_from("undo_budget", Value::Span(undo.budget), OF_UNDO);
            figures.settle_from("undo_tries", Value::Count(undo.tries.into()), OF_UNDO);
        }
        None => ["undo_budget", "undo_tries"].into_iter().for_each(|field| figures.cite(field, NO_UNDO)),
    }
}

/// Says what is set that cannot be.
fn check(values: &Values, plan: &ProcedurePlan, problems: &mut Problems) {
    for (name, item) in values.map("steps") {
        let Value::Table(figures) = &item.value else { continue };
        match plan.steps.iter().find(|step| step.name == *name) {
            Some(step) => check_step(figures, step, problems),
            None => problems.push(unknown(name, plan, item.place)),
        }
    }
}

fn unknown(name: &str, plan: &ProcedurePlan, place: Place) -> Problem {
    let known: Vec<&str> = plan.steps.iter().map(|step| &*step.name).collect();
    let mut help = format!("its steps: {}", known.join(", "));
    if let Some(meant) = nearest(name, known.iter().copied()) {
        help.push_str(&format!("; did you mean `{meant}`?"));
    }
    Problem::error("FD0102", place, format!("`{}` has no step `{name}`", plan.name)).help(help)
}

/// Says which figures of a step cannot be.
pub(super) fn check_step(written: &Values, step: &Step, problems: &mut Problems) {
    let is_written = |field: &str| written.origin(field) != Origin::Default && written.value(field).is_some();
    if step.undo.is_none() {
        for field in ["undo_budget", "undo_tries"].into_iter().filter(|field| is_written(field)) {
            let message = format!("`{}` changes nothing, so it is never undone", step.name);
            problems.push(Problem::error("FD0241", written.place(field), message).help(format!("leave `{field}` out")));
        }
    }
    for (budget, tries) in [("budget", "tries"), ("undo_budget", "undo_tries")] {
        let all = (written.opt_span(budget), written.opt_count(tries), written.opt_span("pause"));
        let (Some(within), Some(times), Some(pause)) = all else { continue };
        let set = ["pause", budget, tries].into_iter().find(|field| is_written(field));
        if let Some(field) = set.filter(|_| times > 1 && pause >= within) {
            let message =
                format!("a pause of {pause} leaves no time for a second attempt within the {within} of `{budget}`");
            let help = format!("make `pause` shorter or `{budget}` longer, or write `{tries}: 1`");
            problems.push(Problem::error("FD0241", written.place(field), message).help(help));
            break;
        }
    }
}

/// The settled figures, as a procedure gets them.
fn read(values: &Values) -> Settings {
    let steps = values.map("steps").iter().filter_map(|(name, item)| match &item.value {
        Value::Table(figures) => Some((name.clone(), self::figures(figures))),
        _ => None,
    });
    Settings { limit: values.opt_span("limit"), steps: steps.collect() }
}

/// The figures of one step that are there.
pub(super) fn figures(figures: &Values) -> StepSettings {
    let times = |field: &str| figures.opt_count(field).map(|_| figures.count_u32(field));
    StepSettings {
        budget: figures.opt_span("budget"),
        tries: times("tries"),
        pause: figures.opt_span("pause"),
        undo_budget: figures.opt_span("undo_budget"),
        undo_tries: times("undo_tries"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::PROCEDURES;
    use crate::field::Catalog;

    #[test]
    fn what_procedures_come_with_is_no_nonsense_and_says_where_it_comes_from() {
        let (scope, mut problems) = (Scope::default(), Problems::new());
        let built_in = Procedures::new(Catalog::new(PROCEDURES), Vec::new());
        let settings = ProcedureSettings::new(&built_in, BTreeMap::new(), &scope, &mut problems);
        assert!(problems.is_empty(), "{problems:#?}");
        assert_eq!(settings.0.len(), PROCEDURES.len());
        for (plan, values) in &settings.0 {
            assert_eq!(read(values).steps(&named(plan)), named(plan), "{}: nothing is set otherwise", plan.name);
            assert_eq!(read(values).limit, Some(plan.limit));
            let sources = values.map("steps").iter().filter_map(|(_, item)| match &item.value {
                Value::Table(figures) => Some(figures.fields().map(|(.., source)| source)),
                _ => None,
            });
            assert!(sources.flatten().all(|source| source.is_some_and(|source| !source.is_empty())), "{}", plan.name);
        }
    }

    fn named(plan: &ProcedurePlan) -> Vec<((), Step)> {
        plan.steps.iter().map(|step| ((), step.clone())).collect()
    }
}

//! `when`: a fault that waits for something to happen.
//!
//! Invariant: what is accepted names an event that this scenario can bring about: its parts are declared, something in
//! the scenario could make it happen, and no fault waits for itself.

use super::super::Context;
use crate::check::Vocabulary;
use crate::control::APPROVE;
use crate::fault::PlannedFault;
use crate::fault::schedule::{Cue, Start};
use crate::field::{Level, Node, Place, Problem, Referent, Scope, nearest};
use crate::record::event::FaultEvent;

/// Checks every condition of `faults` against what the scenario declares.
pub(in crate::scenario) fn check_conditions(faults: &[PlannedFault], context: &mut Context<'_>) {
    let known = Vocabulary::new(context.scope);
    let conditions = Conditions { faults, scope: context.scope, known: &known };
    for (index, fault) in faults.iter().enumerate() {
        let Start::When(cue) = &fault.timing.start else { continue };
        let place = written(index, context.root).or(context.scope.place(Referent::Fault, &fault.id));
        let place = place.unwrap_or(context.root.place);
        let Some(problem) = conditions.problem(fault, cue, place) else { continue };
        // An optional fault may wait for something that never happens, as long as that makes sense at all.
        let level = if fault.optional && problem.code == "FD0232" { Level::Warning } else { problem.level };
        context.problems.push(Problem { level, ..problem });
    }
}

/// Where the condition of a fault is written.
fn written(index: usize, root: &Node) -> Option<Place> {
    let fault = root.get("faults")?.elements().get(index)?.entries().first()?;
    let when = fault.value.get("when")?;
    let event = when.get("event").or_else(|| when.get("step_starts")?.get("step"));
    Some(event.map_or(when.place, |event| event.place))
}

/// What a condition is checked against.
struct Conditions<'a> {
    faults: &'a [PlannedFault],
    scope: &'a Scope,
    known: &'a Vocabulary,
}

impl Conditions<'_> {
    fn problem(&self, fault: &PlannedFault, cue: &Cue, place: Place) -> Option<Problem> {
        let unknown = unknown_event(&cue.event, self.scope, place);
        unknown.or_else(|| {
            if let Some((why, help)) = self.never(fault, cue) {
                let message = format!("`{}` waits for `{}`, but {why}", fault.id, cue.event);
                return Some(Problem::error("FD0232", place, message).help(help));
            }
            let waiting = format!("`{}` waits for", fault.id);
            impossible_event(&cue.event, self.known, place, &waiting)
        })
    }

    /// Why the fault that `fault` waits for cannot come first, and what to do about it.
    fn never(&self, fault: &PlannedFault, cue: &Cue) -> Option<(&'static str, &'static str)> {
        let other = self.fault_of(&cue.event)?;
        if self.waits_for(other, &fault.id) {
            return Some(("that waits for it in turn", "start one of them by `at` or `rate`"));
        }
        let once = !other.timing.recurs() && cue.occurrence > 1;
        once.then_some(("that happens only once", "leave `occurrence` out"))
    }

    /// The fault whose beginning or end the event is.
    fn fault_of(&self, event: &str) -> Option<&PlannedFault> {
        let (name, _) = FaultEvent::of(event)?;
        self.faults.iter().find(|fault| fault.id == name)
    }

    /// Whether `fault` waits, at first or any hand, for the fault called `id`, or is that fault.
    fn waits_for(&self, fault: &PlannedFault, id: &str) -> bool {
        let mut at = Some(fault);
        for _ in 0..=self.faults.len() {
            let Some(fault) = at else { return false };
            if fault.id == id {
                return true;
            }
            let Start::When(cue) = &fault.timing.start else { return false };
            at = self.fault_of(&cue.event);
        }
        false
    }
}

/// What is wrong with the name of an event, if something is.
pub(in crate::scenario) fn unknown_event(event: &str, scope: &Scope, place: Place) -> Option<Problem> {
    if event.contains('*') {
        let problem = Problem::error("FD0301", place, format!("`{event}` is more than one event"));
        return Some(problem.help("write the name of one event, without `*`"));
    }
    let parts: Vec<&str> = event.split('.').collect();
    if let [procedure, step, _] = parts[..]
        && scope.find(Referent::Procedure, procedure).is_some()
        && scope.steps(procedure).is_some_and(|steps| !steps.iter().any(|known| known == step))
    {
        let steps =
            scope.steps(procedure).unwrap_or_default().iter().map(String::as_str).filter(|step| *step != APPROVE);
        let mut help = format!("its steps: {}", steps.clone().collect::<Vec<_>>().join(", "));
        if let Some(meant) = nearest(step, steps) {
            help.push_str(&format!("; did you mean `{meant}`?"));
        }
        return Some(Problem::error("FD0102", place, format!("`{procedure}` has no step `{step}`")).help(help));
    }
    let known = Vocabulary::new(scope);
    let error = known.event(event, 0..0).err().filter(|_| known.barred(event).is_none())?;
    let problem = Problem::error("FD0301", place, error.message);
    Some(match error.help {
        Some(help) => problem.help(help),
        None => problem,
    })
}

/// What is wrong with waiting for an event that nothing in the scenario brings about. `waiting`: who waits, in words.
pub(in crate::scenario) fn impossible_event(
    event: &str,
    known: &Vocabulary,
    place: Place,
    waiting: &str,
) -> Option<Problem> {
    known.event(event, 0..0).err()?;
    let barred = known.barred(event)?;
    let message = format!("{waiting} `{event}`, but {}", barred.why);
    Some(Problem::error("FD0232", place, message).help(barred.help.clone()))
}

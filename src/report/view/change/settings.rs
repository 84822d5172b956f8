//! What the scenario says of controllers, procedures and people, read off the assumptions of a run.
//!
//! Owns that reading. Does not know a scenario: of a run that was read back there is no other trace of it. Invariant: what
//! the assumptions do not say is nothing, never a guess.

use crate::outcome::{Assumption, Outcome};

const NONE: &str = "none";

/// One step of a procedure, as it is planned.
pub(super) struct PlannedStep<'a> {
    pub name: &'a str,
    pub budget: &'a str,
    /// How long undoing it may take; `None`: it is not undone.
    pub undo: Option<&'a str>,
}

/// The value at `path`, unless nothing is set there.
pub(super) fn value<'a>(outcome: &'a Outcome, path: &str) -> Option<&'a str> {
    let found = outcome.assumptions.iter().find(|a| a.path == path)?;
    Some(found.value.as_str()).filter(|value| *value != NONE)
}

/// What stands between `prefix` and `suffix` in the paths of the assumptions, in order, each once, with the first value.
fn between<'a>(outcome: &'a Outcome, prefix: &str, suffix: &str) -> Vec<(&'a str, &'a str)> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    for Assumption { path, value, .. } in &outcome.assumptions {
        let Some(name) = path.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix)) else { continue };
        if !name.is_empty() && !name.contains('.') && !found.iter().any(|(known, _)| *known == name) {
            found.push((name, value));
        }
    }
    found
}

/// The controllers that start `procedure`.
pub(super) fn controllers<'a>(outcome: &'a Outcome, procedure: &str) -> Vec<&'a str> {
    let fields = [".run", ".procedure", ".then"].iter();
    let all = fields.flat_map(|field| between(outcome, "control.", field));
    let mut found: Vec<&str> = Vec::new();
    for (id, _) in all.filter(|(_, runs)| *runs == procedure) {
        if !found.contains(&id) {
            found.push(id);
        }
    }
    found
}

/// Who performs the steps of `procedure`.
pub(super) fn executor(outcome: &Outcome, procedure: &str) -> String {
    match controllers(outcome, procedure)[..] {
        [] => "control".to_owned(),
        [id] => format!("controller {id}"),
        ref ids => format!("one of the controllers {}", ids.join(", ")),
    }
}

/// What `written` says for `person`: one value for all, or one by name, as in `{alice: 3m, bob: 5m}`.
fn of_person<'a>(written: &'a str, person: &str) -> Option<&'a str> {
    let Some(by_name) = written.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return Some(written) };
    let named = by_name.split(", ").filter_map(|entry| entry.split_once(": "));
    named.filter(|(name, _)| *name == person).map(|(_, value)| value).next()
}

/// The people whom the controllers of `procedure` page if it does not complete, as written.
pub(super) fn on_call(outcome: &Outcome, procedure: &str) -> Vec<String> {
    let paged = |id: &str| value(outcome, &format!("control.{id}.on_call.page")).map(listed);
    controllers(outcome, procedure).into_iter().filter_map(paged).flatten().collect()
}

/// The steps of `procedure`, as they are planned.
pub(super) fn planned<'a>(outcome: &'a Outcome, procedure: &str) -> Vec<PlannedStep<'a>> {
    let prefix = format!("procedures.{procedure}.steps.");
    // What one controller sets for itself goes before what holds for all.
    let ids = controllers(outcome, procedure);
    let own = |step: &str, field: &str| {
        let of = |id: &&str| value(outcome, &format!("control.{id}.steps.{step}.{field}"));
        ids.iter().find_map(of).or_else(|| value(outcome, &format!("{prefix}{step}.{field}")))
    };
    let step = |(name, budget): (&'a str, &'a str)| PlannedStep {
        name,
        budget: own(name, "budget").unwrap_or(budget),
        undo: own(name, "undo_budget").filter(|_| is_undone(outcome, procedure, name)),
    };
    between(outcome, &prefix, ".budget").into_iter().map(step).collect()
}

/// Whether `step` is undone if it changes something: a scenario may say that a step of its own is not.
pub(super) fn is_undone(outcome: &Outcome, procedure: &str, step: &str) -> bool {
    value(outcome, &format!("procedures.{procedure}.steps.{step}.undo")) != Some("false")
}

/// What each controller does once a procedure is done: itself, the procedure, and what follows.
pub(super) fn followers(outcome: &Outcome) -> Vec<[&str; 3]> {
    let then = between(outcome, "control.", ".then").into_iter().filter(|(_, then)| *then != NONE);
    then.filter_map(|(id, then)| Some([id, value(outcome, &format!("control.{id}.run"))?, then])).collect()
}

/// The people of the scenario.
pub(super) fn people(outcome: &Outcome) -> Vec<&str> {
    between(outcome, "people.", ".availability").into_iter().map(|(person, _)| person).collect()
}

/// For what `person` is needed, in words: to approve, or on call.
pub(super) fn duties(outcome: &Outcome, person: &str) -> Vec<String> {
    let mut duties = Vec::new();
    for (id, asked) in between(outcome, "control.", ".approve.ask") {
        if listed(asked).iter().any(|name| name == person) {
            let before = value(outcome, &format!("control.{id}.approve.before")).map(listed).unwrap_or_default();
            let what = if before.is_empty() { "what it runs".to_owned() } else { before.join(", ") };
            let within = [("acknowledge_within", "acknowledge"), ("decide_within", "decide")].iter();
            let limits = within.filter_map(|(field, what)| {
                let written = value(outcome, &format!("control.{id}.approve.{field}"))?;
                Some(format!("{what} within {}", of_person(written, person)?))
            });
            let limits = limits.collect::<Vec<_>>().join(", ");
            let limits = if limits.is_empty() { limits } else { format!("; must {limits}") };
            duties.push(format!("to approve {what} (controller {id}){limits}"));
        }
    }
    for (id, paged) in between(outcome, "control.", ".on_call.page") {
        if listed(paged).iter().any(|name| name == person) {
            duties.push(format!("on call if a procedure does not complete (controller {id})"));
        }
    }
    duties
}

/// `[alice, bob]` as names.
fn listed(text: &str) -> Vec<String> {
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    inner.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

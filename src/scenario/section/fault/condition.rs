//! `when`: a fault that waits for something to happen.
//!
//! Invariant: what is accepted names an event that this scenario can bring about: its parts are declared, something in
//! the scenario could make it happen, and no fault waits for itself.

use super::super::Context;
use crate::check::Vocabulary;
use crate::fault::PlannedFault;
use crate::fault::schedule::{Cue, Start};
use crate::field::{
    Field, FieldType, Kind, Node, NodeValue, Place, Problem, Problems, Referent, Scope, Values, nearest,
};
use crate::scenario::catalog::Catalogs;
use crate::units::Span;

pub(in crate::scenario) const WHEN: Kind = Kind::new(
    "when",
    "An event to wait for: exactly one of `event` and `step_starts`.",
    &[
        Field::optional("event", FieldType::Text, "The event, such as `region_failover.switch_dns.done`."),
        Field::optional(
            "step_starts",
            FieldType::Table(&STEP),
            "A step of a procedure: short for the event `<procedure>.<step>.started`.",
        ),
        Field::with(
            "occurrence",
            FieldType::Count { min: 1, max: 1_000_000 },
            "1",
            "product default: the first time",
            "Which happening of the event, counted from 1.",
        ),
        Field::with("after", FieldType::Span, "0s", "product default: at once", "How long after the event."),
    ],
);

/// First parts of the names of events that only control brings about.
const OF_CONTROL: [&str; 7] = ["watch", "shift", "dns", "balancer", "region", "served", "notified"];

const STEP: Kind = Kind::new(
    "step_starts",
    "A step of a procedure.",
    &[
        Field::required("procedure", FieldType::Reference(Referent::Procedure), "The procedure."),
        Field::required("step", FieldType::Name, "The step."),
    ],
);

/// The event that a decoded condition waits for.
pub(in crate::scenario) fn cue(when: &Values, problems: &mut Problems) -> Option<Cue> {
    let event = match (when.opt_text("event"), when.opt_table("step_starts")) {
        (Some(event), None) => event.to_owned(),
        (None, Some(step)) => format!("{}.{}.started", step.reference("procedure").name, step.text("step")),
        (None, None) => {
            let problem = Problem::error("FD0103", when.place, "`when` does not say what to wait for");
            problems.push(problem.help("write `event: NAME`, or `step_starts: {procedure: …, step: …}`"));
            return None;
        }
        (Some(_), Some(_)) => {
            let problem = Problem::error("FD0230", when.place("step_starts"), "`when` waits for two things");
            problems.push(problem.help("keep `event` or `step_starts`").note(when.place("event"), "the first is here"));
            return None;
        }
    };
    Some(Cue { event, occurrence: when.count_u32("occurrence"), after: when.span("after") })
}

/// Checks every condition of `faults` against what the scenario declares.
pub(in crate::scenario) fn check_conditions(faults: &[PlannedFault], catalogs: &Catalogs, context: &mut Context<'_>) {
    let conditions = Conditions { faults, catalogs, root: context.root, scope: context.scope };
    for (index, fault) in faults.iter().enumerate() {
        let Start::When(cue) = &fault.timing.start else { continue };
        let place = written(index, context.root).or(context.scope.place(Referent::Fault, &fault.id));
        let place = place.unwrap_or(context.root.place);
        if let Some(problem) = conditions.problem(fault, cue, place) {
            context.problems.push(problem);
        }
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
pub(in crate::scenario) struct Conditions<'a> {
    pub faults: &'a [PlannedFault],
    pub catalogs: &'a Catalogs,
    pub root: &'a Node,
    pub scope: &'a Scope,
}

impl Conditions<'_> {
    fn problem(&self, fault: &PlannedFault, cue: &Cue, place: Place) -> Option<Problem> {
        let unknown = unknown_event(&cue.event, self.catalogs, self.scope, place);
        unknown.or_else(|| {
            let (why, help) = self.never(fault, cue)?;
            let message = format!("`{}` waits for `{}`, but {why}", fault.id, cue.event);
            Some(Problem::error("FD0232", place, message).help(help))
        })
    }

    /// Why what `fault` waits for cannot happen, and what to do about it.
    fn never(&self, fault: &PlannedFault, cue: &Cue) -> Option<(String, &'static str)> {
        let first = cue.event.split('.').next().unwrap_or_default();
        if let Some(other) = self.fault_of(&cue.event) {
            if self.waits_for(other, &fault.id) {
                return Some(("that waits for it in turn".to_owned(), "let one of them begin by `at` or `rate`"));
            }
            let once = !other.timing.recurs() && cue.occurrence > 1;
            return once.then(|| ("that happens only once".to_owned(), "leave `occurrence` out"));
        }
        if first == "balancer" && self.root.get("balancer").is_none_or(Node::is_null) {
            return Some(("there is no balancer".to_owned(), "add a `balancer:` section"));
        }
        let needs_probes = first == "balancer" && (cue.event.ends_with(".ejected") || cue.event.ends_with(".restored"));
        if needs_probes && self.balancer_is_blind() {
            return Some(("the balancer checks nothing".to_owned(), "set `balancer.check_every` above 0s"));
        }
        if needs_probes {
            return None;
        }
        if let Some(missing) = self.never_by_itself(first) {
            return missing;
        }
        let controls = self.root.get("control").map_or(&[][..], Node::elements);
        let procedure = self.scope.names(Referent::Procedure).find(|name| *name == first);
        if controls.is_empty() && (procedure.is_some() || OF_CONTROL.contains(&first)) {
            return Some(("nothing in `control` could make it happen".to_owned(), "add a `watch` under `control:`"));
        }
        let procedure = procedure?;
        let run = controls.iter().any(|control| mentions(control, procedure));
        (!run).then(|| (format!("no control runs `{procedure}`"), "let a control run it, or wait for something else"))
    }

    /// For events of names that need no control: why they cannot happen, if they cannot. The outer `None`: it is control
    /// that would bring them about.
    fn never_by_itself(&self, first: &str) -> Option<Option<(String, &'static str)>> {
        let has = |field: &str| self.root.get("dns").and_then(|dns| dns.get(field)).is_some_and(|node| !node.is_null());
        let missing = |there: bool, why: &str, help| (!there).then(|| (why.to_owned(), help));
        match first {
            "planning" => Some(missing(has("planning"), "nothing writes the zone by itself", "add `dns.planning`")),
            "checks" => Some(missing(has("failover"), "no record follows health checks", "add `dns.failover`")),
            "dns" | "region" | "served" if has("failover") || has("changes") || has("planning") => Some(None),
            _ => None,
        }
    }

    fn balancer_is_blind(&self) -> bool {
        let every = self.root.get("balancer").and_then(|balancer| balancer.get("check_every")).and_then(Node::text);
        every.and_then(|text| text.parse::<Span>().ok()) == Some(Span::ZERO)
    }

    /// The fault whose beginning or end the event is.
    fn fault_of(&self, event: &str) -> Option<&PlannedFault> {
        let name = event.strip_prefix("fault.")?;
        let begins = |fault: &&PlannedFault| fault.id == name;
        let ends = |fault: &&PlannedFault| name.strip_suffix(".healed") == Some(fault.id.as_str());
        self.faults.iter().find(begins).or_else(|| self.faults.iter().find(ends))
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
pub(in crate::scenario) fn unknown_event(
    event: &str,
    catalogs: &Catalogs,
    scope: &Scope,
    place: Place,
) -> Option<Problem> {
    if event.contains('*') {
        let problem = Problem::error("FD0301", place, format!("`{event}` is more than one event"));
        return Some(problem.help("write the name of one event, without `*`"));
    }
    if let Err(error) = Vocabulary::new(scope).event(event, 0..0) {
        let problem = Problem::error("FD0301", place, error.message);
        return Some(match error.help {
            Some(help) => problem.help(help),
            None => problem,
        });
    }
    let parts: Vec<&str> = event.split('.').collect();
    let [procedure, step, _] = parts[..] else { return None };
    scope.find(Referent::Procedure, procedure)?;
    let steps = (catalogs.steps)(procedure);
    if steps.contains(&step) {
        return None;
    }
    let mut help = format!("its steps: {}", steps.join(", "));
    if let Some(meant) = nearest(step, steps.iter().copied()) {
        help.push_str(&format!("; did you mean `{meant}`?"));
    }
    Some(Problem::error("FD0102", place, format!("`{procedure}` has no step `{step}`")).help(help))
}

/// Whether `word` stands anywhere inside `node`.
fn mentions(node: &Node, word: &str) -> bool {
    match &node.value {
        NodeValue::Null => false,
        NodeValue::Scalar { text, .. } => text == word,
        NodeValue::List(elements) => elements.iter().any(|element| mentions(element, word)),
        NodeValue::Map(entries) => entries.iter().any(|entry| mentions(&entry.value, word)),
    }
}

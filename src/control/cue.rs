//! How an event that something waits for is written: in `when` of faults and of controllers.
//!
//! Owns the table and what it is read as. Does not know which events can happen: that is the scenario's to say.

use crate::field::{Field, FieldType, Kind, Problem, Problems, Referent, Values};
use crate::record::Cue;
use crate::record::event::ProcedureEvent;

/// The table.
pub const WHEN: Kind = Kind::new(
    "when",
    "An event to wait for: exactly one of `event` and `step_starts`.",
    &[
        Field::optional("event", FieldType::Text, "The event, such as `region_failover.switch_dns.done`."),
        Field::optional(
            "step_starts",
            FieldType::Table(&STEP_STARTS),
            "A step of a procedure: short for the event `<procedure>.<step>.started`.",
        ),
        Field::with(
            "occurrence",
            FieldType::Count { min: 1, max: 1_000_000 },
            "1",
            "product default: the first time",
            "Which occurrence of the event, counted from 1.",
        ),
        Field::with("after", FieldType::Span, "0s", "product default: at once", "How long after the event."),
    ],
);

const STEP_STARTS: Kind = Kind::new(
    "step_starts",
    "A step of a procedure.",
    &[
        Field::required("procedure", FieldType::Reference(Referent::Procedure), "The procedure."),
        Field::required("step", FieldType::Name, "The step."),
    ],
);

/// The event that a decoded table waits for. `None` if a problem was reported.
pub fn cue(when: &Values, problems: &mut Problems) -> Option<Cue> {
    let event = match (when.opt_text("event"), when.opt_table("step_starts")) {
        (Some(event), None) => event.to_owned(),
        (None, Some(step)) => ProcedureEvent::step_starts(&step.reference("procedure").name, step.text("step")),
        (None, None) => {
            let problem = Problem::error("FD0103", when.place, "`when` does not say what to wait for");
            problems.push(problem.help("write `event: NAME`, or `step_starts: {procedure: …, step: …}`"));
            return None;
        }
        (Some(_), Some(_)) => {
            let problem = Problem::error("FD0230", when.place("step_starts"), "`when` waits for two things");
            problems
                .push(problem.help("keep `event` or `step_starts`").note(when.place("event"), "the first one is here"));
            return None;
        }
    };
    Some(Cue { event, occurrence: when.count_u32("occurrence"), after: when.span("after") })
}

//! `trace`: load as it was recorded.
//!
//! The recording is read through once when the scenario is, so that whatever is wrong with it is said then, and its
//! fingerprint becomes a part of the plan.

use super::super::{Context, is_place_on_one_machine};
use super::open::spacing;
use crate::field::{Field, FieldType, Kind, Place, Problem, Value, Values};
use crate::model::plan::{Arrivals, Gaps, LoadTrace, TraceKind};
use crate::model::{Survey, TraceProblem, TraceShape, survey};

pub(super) const TRACE: Kind = Kind::new(
    "trace",
    "Recorded load: a CSV file whose first line is `time`, with a row per request, or `time,rate`, with a row per \
     change of the rate. Times are in seconds and ascending, rates per second. Files may be larger than memory.",
    &[
        Field::derived("name", FieldType::Name, "the kind, numbered if there are several", "", "What it is called."),
        Field::required("file", FieldType::Text, "The file, relative to the scenario's folder."),
        Field::with(
            "counts_from",
            FieldType::Choice(&["start", "first_row"]),
            "start",
            "product default: times are used as given",
            "The origin of times: the start of the run, or the first row.",
        ),
        Field::optional(
            "step",
            FieldType::PositiveSpan,
            "How long the rate of a row applies at most. A row that comes later than that leaves a gap, and the last \
             rate ends after one step. Left out: a rate applies until the next row, and the last one until the end.",
        ),
        Field::with(
            "gaps",
            FieldType::Choice(&["refuse", "zero", "hold"]),
            "refuse",
            "product default: missing data is not invented",
            "What happens in a gap, and before the first rate: the file is refused, nothing arrives, or (in a gap) the \
             previous rate continues.",
        ),
        Field::with(
            "spacing",
            FieldType::Choice(&["poisson", "even"]),
            "poisson",
            "product default: many independent clients",
            "With rates: whether arrivals are independent of each other, or as evenly spaced as the rate allows.",
        ),
        Field::derived(
            "fingerprint",
            FieldType::Text,
            "that of the file",
            "FNV-1a, 128 bits",
            "The fingerprint of the file; if given, the file must match it.",
        ),
    ],
);

pub(super) fn arrivals(values: &mut Values, context: &mut Context<'_>) -> Option<Arrivals> {
    let (name, place) = (values.text("file").to_owned(), values.place("file"));
    let shape = TraceShape {
        from_first_row: values.text("counts_from") == "first_row",
        step: values.opt_span("step"),
        gaps: match values.text("gaps") {
            "zero" => Gaps::Zero,
            "hold" => Gaps::Hold,
            _ => Gaps::Refuse,
        },
    };
    if is_place_on_one_machine(&name) {
        let message = format!("`{}` is a place on one machine", crate::field::shorten(&name));
        let help = "copy the file beside the scenario, and write its path from the scenario's folder";
        context.refuse("FD0270", place, message, help);
        return None;
    }
    let source = match context.file(&name, place) {
        Ok(source) => source,
        Err(why) => {
            let message = format!("`{}`: {why}", crate::field::shorten(&name));
            context.refuse("FD0270", place, message, "paths are relative to the folder of the file they stand in");
            return None;
        }
    };
    let found = match survey(&*source, shape) {
        Ok(found) => found,
        Err(problems) => {
            problems.iter().for_each(|problem| context.problems.push(said(&name, place, problem)));
            return None;
        }
    };
    check_fingerprint(values, &found, context)?;
    if found.kind == TraceKind::Requests && shape.step.is_some() {
        let message = "the rows of this file are requests, and `step` only applies to rates";
        context.refuse("FD0271", values.place("step"), message, "leave `step` out, or record rates");
        return None;
    }
    values.settle("fingerprint", Value::Text(format!("{:032x}", found.fingerprint)));
    let Survey { kind, rows, first, last, fingerprint } = found;
    let TraceShape { from_first_row, step, gaps } = shape;
    let trace = LoadTrace { source, name, kind, from_first_row, step, gaps, rows, first, last, fingerprint };
    Some(Arrivals::Trace(spacing(values), trace))
}

fn check_fingerprint(values: &Values, found: &Survey, context: &mut Context<'_>) -> Option<()> {
    let has = format!("{:032x}", found.fingerprint);
    match values.opt_text("fingerprint") {
        Some(wanted) if wanted != has => {
            let message = format!("the file's fingerprint is {has}: it is not the intended file");
            context.refuse("FD0272", values.place("fingerprint"), message, "restore the file, or remove this line");
            None
        }
        _ => Some(()),
    }
}

fn said(name: &str, place: Place, problem: &TraceProblem) -> Problem {
    let line = problem.line.map_or(String::new(), |line| format!(":{line}"));
    let message = format!("{}{line}: {}", crate::field::shorten(name), problem.what);
    Problem::error("FD0271", place, message).help("`firedrill explain trace` describes the format")
}

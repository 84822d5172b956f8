//! Deadlines and windows that lie beyond the end of the run.

use super::{doubt, expressions};
use crate::fault::PlannedFault;
use crate::fault::schedule::Start;
use crate::field::{Problem, Values};
use crate::kernel::Distribution;
use crate::model::plan::WorldPlan;
use crate::record::event::{FaultEvent, FaultKind};
use crate::scenario::section::Context;
use crate::units::{Instant, Span};

pub(super) fn warn(
    world: &WorldPlan,
    faults: &[PlannedFault],
    properties: &[(&str, &Values)],
    context: &mut Context<'_>,
) {
    for (id, values) in properties {
        match values.kind.name {
            "recovers" | "responds" => within(id, values, faults, world, context),
            "always" | "never" => marks(values, world, context),
            _ => instants(values, world, context),
        }
    }
}

/// What is planned for a time that no run reaches is never done.
pub(super) fn never_begins(world: &WorldPlan, controls: &[(&str, &Values)], context: &mut Context<'_>) {
    controls.iter().for_each(|(name, values)| never_reached(name, values, world, context));
}

fn never_reached(name: &str, values: &Values, world: &WorldPlan, context: &mut Context<'_>) {
    let planned = values.fields().any(|(field, ..)| field.name == "at").then(|| values.opt_span("at")).flatten();
    let Some(at) = planned.filter(|at| *at >= world.duration) else { return };
    let message = format!("`{name}` begins at {at}, but the workload ends at {}", world.duration);
    let problem = Problem::error("FD0511", values.place("at"), message);
    context.problems.push(problem.help("let it begin earlier, or make `duration` longer"));
}

/// A deadline that the end of the run comes before can never be missed for certain.
fn within(id: &str, values: &Values, faults: &[PlannedFault], world: &WorldPlan, context: &mut Context<'_>) {
    let (after, place) = values.expression("after");
    let Some(begins) = faults.iter().filter_map(|fault| instant_of(after, fault)).max() else { return };
    let (within, duration) = (values.span("within"), world.duration);
    let needed = begins.since(Instant::ZERO).saturating_add(within);
    if needed <= duration || begins.since(Instant::ZERO) >= duration {
        return;
    }
    let seen = duration.saturating_sub(begins.since(Instant::ZERO));
    let message = format!(
        "`{id}` waits {within} for what follows `{after}`, but the workload covers only {seen} of \
                           that"
    );
    let help = format!("make `duration` at least {needed}, or `within` shorter");
    context.problems.push(doubt("FD0510", place, message, help));
}

/// When the event called `name` happens, if it is the beginning or the end of `fault` and that is known before the run.
fn instant_of(name: &str, fault: &PlannedFault) -> Option<Instant> {
    let (Start::At(at), None, false) = (&fault.timing.start, &fault.timing.flap, fault.optional) else { return None };
    let (own, kind) = FaultEvent::of(name.trim())?;
    match (kind, fault.timing.lasts.as_ref()) {
        (FaultKind::Began, _) => (own == fault.id || own == "*").then_some(*at),
        (FaultKind::Healed, Some(Distribution::Constant(lasts))) => {
            (own == fault.id).then(|| at.saturating_add(*lasts))
        }
        (FaultKind::Healed, _) => None,
    }
}

/// A stretch that begins when clients have stopped holds nothing.
fn marks(values: &Values, world: &WorldPlan, context: &mut Context<'_>) {
    let span = |field: &str| values.opt_expression(field).and_then(|(text, _)| text.trim().parse::<Span>().ok());
    if let Some(from) = span("from").filter(|from| *from >= world.duration) {
        let message = format!("this counts from {from} on, but the workload ends at {}", world.duration);
        let problem = Problem::error("FD0511", values.place("from"), message);
        context.problems.push(problem.help("start it earlier, or make `duration` longer"));
    }
    if let Some(until) = span("until").filter(|until| *until > world.duration) {
        let message = format!("this counts until {until}, but the workload ends at {}", world.duration);
        let help = "leave `until` out to count up to the end, or make `duration` longer";
        context.problems.push(doubt("FD0510", values.place("until"), message, help));
    }
}

/// An instant of a figure that no run reaches.
fn instants(values: &Values, world: &WorldPlan, context: &mut Context<'_>) {
    let end = world.duration.saturating_add(world.settle);
    for (_, text, place) in expressions(values) {
        let Some(late) = arguments(text).filter_map(|part| part.parse::<Span>().ok()).find(|at| *at > end) else {
            continue;
        };
        let message = format!("this asks for {late}, but the run ends at {end} at the latest");
        let problem = Problem::error("FD0511", place, message);
        context.problems.push(problem.help("give a time within the run, or make `duration` longer"));
    }
}

/// What stands behind a comma inside brackets.
fn arguments(text: &str) -> impl Iterator<Item = &str> {
    let calls = text.split(['(', ')']);
    calls.flat_map(|call| call.split(',').skip(1)).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::arguments;

    #[test]
    fn what_stands_behind_a_comma_in_brackets_is_an_argument() {
        let found = |text| arguments(text).collect::<Vec<_>>();
        assert_eq!(found("at(goodput, 90s)"), ["90s"]);
        assert_eq!(found("share(mean(success, 10s) >= 99%, 5m, 10m) * 2"), ["10s", "5m", "10m"]);
        assert_eq!(found("count(fault.dark)"), [""; 0]);
    }
}

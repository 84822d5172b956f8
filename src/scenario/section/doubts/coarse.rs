//! Bounds finer than what is measured.

use super::{doubt, expressions};
use crate::field::Values;
use crate::model::plan::WorldPlan;
use crate::scenario::section::Context;
use crate::units::Span;

/// Signals hold one value per second.
const SIGNAL: Span = Span::from_secs(1);

pub(super) fn warn(world: &WorldPlan, properties: &[(&str, &Values)], context: &mut Context<'_>) {
    for (id, values) in properties {
        if !matches!(values.kind.name, "recovers" | "responds") {
            continue;
        }
        let within = values.span("within");
        let (holds, place) = values.opt_expression("holds").unwrap_or(("the objective", values.place("within")));
        let seen = expressions(values).iter().any(|(field, text, _)| *field == "holds" && text.contains("seen."));
        let monitoring = world.monitoring.scrape.saturating_add(world.monitoring.delay);
        let (resolution, why, help) = if seen {
            let why = format!(
                "monitoring scrapes every {} and shows it {} later",
                world.monitoring.scrape, world.monitoring.delay
            );
            (monitoring, why, "shorten `monitoring.scrape` or `monitoring.delay`, or allow more time")
        } else {
            (SIGNAL, "signals have one value per second".to_owned(), "allow at least a second, or bound a `latency`")
        };
        if within < resolution {
            let message = format!("`{id}` allows {within} for `{holds}`, but {why}: when it is met is luck");
            context.problems.push(doubt("FD0513", place, message, help));
        }
    }
}

//! Moves traffic by the balancer's weights at a given time, as an operator would.

use super::{Control, ControlKind, Working};
use crate::field::{Field, FieldType, Kind, Problem, Problems, Referent, Value, Values};
use crate::model::SimulatedPorts;
use crate::model::plan::WorldPlan;
use crate::procedure::{ShiftPlan, shift};
use crate::record::event::{ControllerKind, EventKind};
use crate::units::{Instant, Ratio};
use std::sync::Arc;

/// The kind.
pub const KIND: ControlKind = ControlKind {
    kind: Kind::new(
        "shift",
        "Sets the balancer's weights at a given time, and reads them back until they are in effect.",
        &[
            Field::required("at", FieldType::Span, "When it starts, from the start of the run."),
            Field::required(
                "weights",
                FieldType::Per(Referent::Region, &FieldType::Ratio),
                "The share of traffic per region; regions that are not named get none.",
            ),
            Field::with(
                "every",
                FieldType::PositiveSpan,
                "10s",
                "product default: twice what a change takes",
                "How long it waits before it sets and reads back again.",
            ),
            Field::with(
                "within",
                FieldType::PositiveSpan,
                "10m",
                "product default: beyond that, a person should look",
                "How long it keeps trying.",
            ),
        ],
    ),
    build: |values, _, problems| {
        let weights = shares(values, problems)?;
        let at = Instant::ZERO.saturating_add(values.span("at"));
        let plan = ShiftPlan { at, weights, every: values.span("every"), within: values.span("within") };
        Some(Arc::new(Shift { plan }))
    },
};

/// The `weights` of a table. `None` if a problem was reported.
pub(super) fn shares(values: &Values, problems: &mut Problems) -> Option<Vec<(String, Ratio)>> {
    let share = |value: &Value| match value {
        Value::Ratio(share) => *share,
        _ => Ratio::ZERO,
    };
    let weights = values.per("weights").iter().map(|(region, item)| (region.name.clone(), share(&item.value)));
    let weights: Vec<(String, Ratio)> = weights.collect();
    let sum: u64 = weights.iter().map(|(_, weight)| weight.as_ppb()).sum();
    if sum != Ratio::ONE.as_ppb() {
        let message = format!("the weights add up to {}, not to 100%", Ratio::from_ppb(sum));
        let problem = Problem::error("FD0212", values.place("weights"), message);
        problems.push(problem.help("weights are shares of all requests"));
        return None;
    }
    Some(weights)
}

#[derive(Debug)]
struct Shift {
    plan: ShiftPlan,
}

impl Control for Shift {
    fn start(&self, _: &WorldPlan, ports: SimulatedPorts) -> Working {
        Box::pin(shift(ports, self.plan.clone()))
    }
    fn needs_balancer(&self) -> bool {
        true
    }
    fn events(&self) -> Option<Vec<String>> {
        let of_shifts =
            |kind: &EventKind| matches!(kind, EventKind::Shift(_) | EventKind::Controller(ControllerKind::Interfered));
        Some(EventKind::all().filter(of_shifts).map(|kind| kind.called(&[])).collect())
    }
}

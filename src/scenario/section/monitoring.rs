//! `monitoring`, `notification` and `control_plane`: what control sees and how it reaches the world.

use super::Context;
use crate::field::{Field, FieldType, Kind};
use crate::model::plan::{ControlPlanePlan, MonitoringPlan, NotificationPlan};

pub(super) const MONITORING: Kind = Kind::new(
    "monitoring",
    "What control sees of the world, and how late.",
    &[
        Field::with(
            "scrape",
            FieldType::PositiveSpan,
            "15s",
            "product default: a common interval of metrics systems",
            "How often every service is scraped.",
        ),
        Field::with(
            "window",
            FieldType::PositiveSpan,
            "60s",
            "product policy: rates over one minute, the usual alert window",
            "Over which time rates and quantiles are taken.",
        ),
        Field::with(
            "delay",
            FieldType::Span,
            "5s",
            "product default: collection and evaluation",
            "From a scrape to its being readable.",
        ),
    ],
);

pub(super) const NOTIFICATION: Kind = Kind::new(
    "notification",
    "How people are told.",
    &[Field::with(
        "delay",
        FieldType::Span,
        "5s",
        "product default: well inside 30 s, the limit for telling stakeholders",
        "From acceptance to delivery.",
    )],
);

pub(super) const CONTROL_PLANE: Kind = Kind::new(
    "control_plane",
    "How control reaches the world.",
    &[
        Field::with(
            "latency",
            FieldType::Span,
            "50ms",
            "product default: a call to a cloud's control interface from another region",
            "One-way latency of a control call.",
        ),
        Field::with(
            "timeout",
            FieldType::PositiveSpan,
            "30s",
            "product default: shorter than the shortest step budget, 60 s",
            "How long a control call waits for its answer.",
        ),
    ],
);

pub(in crate::scenario) fn build(context: &mut Context<'_>) -> Option<MonitoringPlan> {
    let values = context.table(&MONITORING)?;
    context.keep("monitoring", &values);
    let plan =
        MonitoringPlan { scrape: values.span("scrape"), window: values.span("window"), delay: values.span("delay") };
    if plan.window < plan.scrape {
        let message = format!("a window of {} never holds two scrapes {} apart", plan.window, plan.scrape);
        context.refuse("FD0213", values.place("window"), message, "make the window at least as long as the interval");
        return None;
    }
    Some(plan)
}

pub(in crate::scenario) fn notification(context: &mut Context<'_>) -> Option<NotificationPlan> {
    let values = context.table(&NOTIFICATION)?;
    context.keep("notification", &values);
    Some(NotificationPlan { delay: values.span("delay") })
}

pub(in crate::scenario) fn control_plane(context: &mut Context<'_>) -> Option<ControlPlanePlan> {
    let values = context.table(&CONTROL_PLANE)?;
    context.keep("control_plane", &values);
    Some(ControlPlanePlan { latency: values.span("latency"), timeout: values.span("timeout") })
}

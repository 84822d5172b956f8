//! `monitoring`, `notification`, `control_plane` and `journal`: what control sees, how it reaches the world, and what that
//! needs.

use super::Context;
use super::needs;
use crate::field::{Field, FieldType, Kind, Problem, Referent, Values};
use crate::model::plan::{ControlPlanePlan, Interface, MonitoringPlan, Need, NotificationPlan};
use crate::units::RegionId;

pub(super) const MONITORING: Kind = Kind::new(
    "monitoring",
    "What control sees of the world, and with what delay.",
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
            "The window for rates and quantiles.",
        ),
        Field::with(
            "delay",
            FieldType::Span,
            "5s",
            "product default: collection and evaluation",
            "The time from a scrape to its being readable.",
        ),
        Field::with(
            "limited",
            FieldType::Choice(&["failing", "ignored"]),
            "failing",
            "product policy: users who are turned away are not served",
            "Whether requests that a rate limit turned away are errors wherever a region is judged by errors: by a watch, \
             by `seen.*.errors`, and by the success rate that a balancer goes by; or are left out there. In either case \
             `seen.*.limited` shows them.",
        ),
        Field::optional(
            "runs_in",
            FieldType::Reference(Referent::Region),
            "The region it runs in, and fails with. Left out: outside all regions.",
        ),
    ],
);

pub(super) const NOTIFICATION: Kind = Kind::new(
    "notification",
    "How people are notified.",
    &[
        Field::with(
            "delay",
            FieldType::Span,
            "5s",
            "product default: well within 30 s, the limit for notifying stakeholders",
            "The time from acceptance to delivery.",
        ),
        Field::optional(
            "runs_in",
            FieldType::Reference(Referent::Region),
            "The region it runs in, and fails with. Left out: outside all regions.",
        ),
    ],
);

pub(super) const JOURNAL: Kind = Kind::new(
    "journal",
    "Where controllers record what they do, and which of them leads.",
    &[
        Field::optional(
            "runs_in",
            FieldType::Reference(Referent::Region),
            "The region it runs in, and fails with. Left out: outside all regions, or where its `members` are.",
        ),
        Field::empty(
            "members",
            FieldType::List(&FieldType::Reference(Referent::Region)),
            "The regions that hold a member of it each, as with etcd, Consul or ZooKeeper: it answers whoever reaches a \
             member that reaches most of the members, itself among them. Empty: it is in one piece.",
        ),
    ],
);

pub(super) const CONTROL_PLANE: Kind = Kind::new(
    "control_plane",
    "How control calls reach the world.",
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
            "How long a control call waits for an answer.",
        ),
        Field::with(
            "fencing",
            FieldType::Flag,
            "true",
            "product default: every control interface checks the lease of its caller",
            "Whether a change is refused when a newer lease than the controller's has been granted.",
        ),
        Field::optional(
            "needs",
            FieldType::Table(&needs::NEEDS),
            "What control interfaces depend on. Left out: nothing.",
        ),
    ],
);

/// Monitoring, and where it runs.
pub(in crate::scenario) fn build(context: &mut Context<'_>) -> Option<(MonitoringPlan, Option<Need>)> {
    let values = context.table(&MONITORING)?;
    context.keep("monitoring", &values);
    let plan = MonitoringPlan {
        scrape: values.span("scrape"),
        window: values.span("window"),
        delay: values.span("delay"),
        ignores_limits: values.text("limited") == "ignored",
    };
    if plan.window < plan.scrape {
        let message = format!("a window of {} never contains two scrapes {} apart", plan.window, plan.scrape);
        context.refuse("FD0213", values.place("window"), message, "make the window at least as long as the interval");
        return None;
    }
    Some((plan, place(Interface::Monitoring, &values)))
}

/// The channel, and where it runs.
pub(in crate::scenario) fn notification(context: &mut Context<'_>) -> Option<(NotificationPlan, Option<Need>)> {
    let values = context.table(&NOTIFICATION)?;
    context.keep("notification", &values);
    Some((NotificationPlan { delay: values.span("delay") }, place(Interface::Notification, &values)))
}

/// Where the journal runs: in one region, or its members in several.
pub(in crate::scenario) fn journal(context: &mut Context<'_>) -> Option<(Option<Need>, Vec<RegionId>)> {
    let values = context.table(&JOURNAL)?;
    context.keep("journal", &values);
    let twice = |region: &str| format!("two members of the journal are in `{region}`");
    context.refuse_twice(values.references("members"), twice, "they fail together: name another region, or remove one");
    let indices = values.references("members").filter_map(|region| u16::try_from(region.index).ok());
    let members: Vec<RegionId> = indices.map(RegionId).collect();
    let place = place(Interface::Journal, &values);
    if place.is_some() && !members.is_empty() {
        let message = "the journal is in one region, or its members are in several: not both";
        context.refuse("FD0104", values.place("runs_in"), message, "leave out `runs_in`, or `members`");
    }
    if members.len() == 2 {
        let message = "`members` protect from nothing: with two, the journal is out as soon as one of them is";
        let help = "name a third region, or `runs_in` one of them";
        context.problems.push(Problem::warning("FD0518", values.place("members"), message).help(help));
    }
    Some((place, members))
}

/// What runs in a region needs it.
fn place(interface: Interface, values: &Values) -> Option<Need> {
    values.opt_reference("runs_in").map(|_| Need { interface, region: values.region("runs_in"), service: None })
}

pub(in crate::scenario) fn control_plane(context: &mut Context<'_>) -> Option<ControlPlanePlan> {
    let values = context.table(&CONTROL_PLANE)?;
    context.keep("control_plane", &values);
    let (latency, timeout) = (values.span("latency"), values.span("timeout"));
    let needs = match values.opt_table("needs") {
        Some(table) => needs::build(table, context)?,
        None => Vec::new(),
    };
    Some(ControlPlanePlan { latency, timeout, fencing: values.flag("fencing"), needs, journal_members: Vec::new() })
}

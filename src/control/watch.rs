//! Watches a region's metrics and starts a procedure when it has failed for long enough.

use super::people::{self, Told};
use super::{Control, ControlKind, Working};
use crate::field::{Field, FieldType, Kind, Problem, Problems, Referent, Scope, Value, Values};
use crate::model::SimulatedPorts;
use crate::model::plan::{Role, WorldPlan};
use crate::policy::HealthLimits;
use crate::procedure::{Assignment, Duty, LeasePlan, ProcedureEntry, WatchPlan, catalog, lead, watch};
use crate::units::{RegionId, Span};
use std::sync::Arc;

/// The kind.
pub const KIND: ControlKind = ControlKind { kind: TABLE, build };

const TABLE: Kind = Kind::new(
    "watch",
    "Judges a region by its scraped metrics and, when it has failed for long enough, starts a procedure.",
    &[
        Field::with(
            "every",
            FieldType::PositiveSpan,
            "10s",
            "product default: as often as the preset scrapes",
            "How often the region is judged.",
        ),
        Field::required("run", FieldType::Reference(Referent::Procedure), "The procedure it starts."),
        Field::optional(
            "then",
            FieldType::Reference(Referent::Procedure),
            "The procedure it starts to come back, once the region is fit again; left out, a person comes back.",
        ),
        Field::optional("from", FieldType::Reference(Referent::Region), "The region watched; left out, the primary."),
        Field::optional(
            "to",
            FieldType::Reference(Referent::Region),
            "The region that takes over; left out, the first secondary.",
        ),
        Field::empty(
            "services",
            FieldType::List(&FieldType::Reference(Referent::Service)),
            "The services a region cannot do without; empty: all it has.",
        ),
        Field::empty(
            "records",
            FieldType::List(&FieldType::Reference(Referent::Record)),
            "The DNS records the procedure moves; empty: all.",
        ),
        Field::empty("notify", FieldType::List(&FieldType::Name), "Who is told; empty: `stakeholders`."),
        Field::with(
            "error_rate",
            FieldType::Ratio,
            "10%",
            "product policy: roll back above 10 % errors",
            "A larger share of errors over the window is failing.",
        ),
        Field::with(
            "latency",
            FieldType::PositiveSpan,
            "5s",
            "product policy: roll back above 5 s at the 95th percentile",
            "A longer 95th percentile of the response time is failing.",
        ),
        Field::with(
            "sustained",
            FieldType::Span,
            "60s",
            "product policy: a breach must last a minute",
            "How long it must be failing before anything is done.",
        ),
        Field::with(
            "min_requests",
            FieldType::Count { min: 0, max: 1_000_000_000 },
            "20",
            "product default: below, one failed request in twenty decides",
            "Rates of fewer requests than this say nothing.",
        ),
        Field::with(
            "stale_after",
            FieldType::PositiveSpan,
            "1m",
            "product default: several scrapes missed",
            "Metrics older than this say nothing: unknown, never down.",
        ),
        Field::with(
            "cool_down",
            FieldType::Span,
            "10m",
            "product policy: at most one automatic action in ten minutes",
            "No second automatic action until more than this has passed.",
        ),
        Field::with(
            "hold_down",
            FieldType::Span,
            "30m",
            "product policy: twice the recovery objective without a fault, so that a flapping region is left alone",
            "How long the region that was left must be fit without a break before `then` is started.",
        ),
        Field::with(
            "probes",
            FieldType::Count { min: 1, max: 100 },
            "3",
            "product default: one lucky answer is none",
            "How often each service is probed to find it healthy.",
        ),
        Field::optional(
            "loss_limit",
            FieldType::Count { min: 0, max: 1_000_000_000_000 },
            "The largest loss, in writes per database, to go on with; left out: any.",
        ),
        Field::optional(
            "approve",
            FieldType::Table(&people::APPROVE),
            "Who must consent, before the start or before some steps; left out: nobody.",
        ),
        Field::optional(
            "on_call",
            FieldType::Table(&people::ON_CALL),
            "Who is paged when the procedure has not reached its end; left out: nobody.",
        ),
    ],
);

#[derive(Debug)]
struct Watcher {
    procedure: String,
    come_back: Option<String>,
    from: Option<RegionId>,
    to: Option<RegionId>,
    services: Vec<String>,
    records: Vec<String>,
    audiences: Vec<String>,
    limits: HealthLimits,
    every: Span,
    cool_down: Span,
    hold_down: Span,
    probes: u32,
    loss_limit: Option<u64>,
    people: Told,
}

fn build(values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Arc<dyn Control>> {
    let region = |field: &str| values.opt_reference(field).map(|_| values.region(field));
    let (from, to) = (region("from"), region("to"));
    if scope.names(Referent::Region).count() < 2 {
        let problem = Problem::error("FD0217", values.place, "there is no second region to take over");
        problems.push(problem.help("declare a region with `role: secondary`"));
        return None;
    }
    if from.is_some() && from == to {
        let problem = Problem::error("FD0217", values.place("to"), "a region cannot take over from itself");
        problems.push(problem.help("name another region under `to`"));
        return None;
    }
    let audiences = match names(values, "notify") {
        none if none.is_empty() => vec!["stakeholders".to_owned()],
        some => some,
    };
    let procedure = values.reference("run").name.clone();
    let people = people::told(values, &procedure, problems)?;
    Some(Arc::new(Watcher {
        procedure,
        come_back: values.opt_reference("then").map(|reference| reference.name.clone()),
        from,
        to,
        services: names(values, "services"),
        records: names(values, "records"),
        audiences,
        limits: HealthLimits {
            error_rate: values.ratio("error_rate"),
            latency: values.span("latency"),
            sustained: values.span("sustained"),
            min_requests: values.count("min_requests"),
            stale_after: values.span("stale_after"),
        },
        every: values.span("every"),
        cool_down: values.span("cool_down"),
        hold_down: values.span("hold_down"),
        probes: values.count_u32("probes"),
        loss_limit: values.opt_count("loss_limit"),
        people,
    }))
}

fn names(values: &Values, field: &str) -> Vec<String> {
    let name = |value: &Value| match value {
        Value::Reference(reference) => Some(reference.name.clone()),
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    values.list(field).iter().filter_map(|item| name(&item.value)).collect()
}

impl Watcher {
    fn plan(&self, world: &WorldPlan) -> WatchPlan {
        let of_role = |role| world.regions.iter().position(|r| r.role == role).unwrap_or(0);
        let name =
            |id: Option<RegionId>, role| world.regions[id.map_or_else(|| of_role(role), RegionId::index)].name.clone();
        let records = match &self.records[..] {
            [] => world.dns.records.iter().map(|record| record.name.clone()).collect(),
            some => some.to_vec(),
        };
        WatchPlan {
            every: self.every,
            cool_down: self.cool_down,
            hold_down: self.hold_down,
            assignment: Assignment {
                from: name(self.from, Role::Primary),
                to: name(self.to, Role::Secondary),
                records,
                services: self.services.clone(),
                audiences: self.audiences.clone(),
                limits: self.limits.clone(),
                probes: self.probes,
                loss_limit: self.loss_limit,
                approval: self.people.steps.clone(),
            },
            approval: self.people.approval.clone(),
            on_call: self.people.on_call.clone(),
        }
    }
}

impl Control for Watcher {
    fn start(&self, world: &WorldPlan, ports: SimulatedPorts) -> Working {
        let entry = |name: &String| {
            let found = catalog().into_iter().find(|entry: &ProcedureEntry<_>| entry.name == name);
            found.expect("the scenario was checked against the same catalog")
        };
        let duty = Duty { leave: entry(&self.procedure), come_back: self.come_back.as_ref().map(entry) };
        let plan = self.plan(world);
        Box::pin(lead(ports, LeasePlan::default(), move |scribe| {
            let plan = plan.clone();
            async move { watch(&scribe, plan, duty).await }
        }))
    }
}

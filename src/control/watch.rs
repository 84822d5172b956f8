//! Watches a region's metrics and starts a procedure when it has failed for long enough.

use super::events::Events;
use super::order::{self, Order};
use super::people::{self, Contacts};
use super::{
    Control, ControlKind, Declared, Policy, Procedures, RegionTasks, SimulatedProcedure, WatchPlan, Working, lease,
    settings, watch,
};
use crate::field::{Field, FieldType, Kind, Problem, Problems, Reference, Referent, Values};
use crate::model::SimulatedPorts;
use crate::model::plan::WorldPlan;
use crate::policy::OnGap;
use crate::procedure::{Brief, LeaseTerms, lead};
use crate::record::event::{EventKind, WatchKind};
use crate::units::Span;
use std::sync::Arc;

/// The kind.
pub const KIND: ControlKind = ControlKind { kind: TABLE, build };

const TABLE: Kind = Kind::new(
    "watch",
    "Judges a region by its scraped metrics and, once it has failed for long enough, starts a procedure.",
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
            "The procedure it starts to fail back once the region is healthy again; left out, a person does.",
        ),
        order::FROM,
        order::TO,
        order::SERVICES,
        order::RECORDS,
        order::DATABASES,
        order::NOTIFY,
        Field::with(
            "policy",
            FieldType::Any,
            "thresholds",
            "product default: limits, and how long they must be exceeded",
            "The rule by which a region has failed, such as `in_a_row: 3`; `firedrill list policies` lists them.",
        ),
        order::ERROR_RATE,
        order::LATENCY,
        Field::with(
            "sustained",
            FieldType::Span,
            "60s",
            "product policy: a breach must last a minute",
            "How long it must be failing before action is taken.",
        ),
        Field::with(
            "on_gap",
            FieldType::Choice(&["reset", "hold"]),
            "reset",
            "Prometheus: a rule whose expression is empty at an evaluation starts its `for` over",
            "What a look without anything to judge by does to that time: it starts over, or stands still.",
        ),
        order::MIN_REQUESTS,
        order::STALE_AFTER,
        Field::with(
            "cool_down",
            FieldType::Span,
            "10m",
            "product policy: at most one automatic action in ten minutes",
            "The minimum time between automatic actions.",
        ),
        Field::with(
            "hold_down",
            FieldType::Span,
            "30m",
            "product policy: twice the recovery objective without a fault, so that a flapping region is left alone",
            "How long the failed region must be healthy without interruption before `then` is started.",
        ),
        order::PROBES,
        order::SIDE_BY_SIDE,
        order::RESTORE_FIRST,
        lease::LEASE,
        settings::LIMIT,
        settings::STEPS,
        Field::optional(
            "loss_limit",
            FieldType::Count { min: 0, max: 1_000_000_000_000 },
            "The largest acceptable loss, in writes per database; left out: any.",
        ),
        Field::optional(
            "approve",
            FieldType::Table(&people::APPROVE),
            "Who must approve, before the start or before some steps; left out: nobody.",
        ),
        Field::optional(
            "on_call",
            FieldType::Table(&people::ON_CALL),
            "Who is paged when the procedure did not complete; left out: nobody.",
        ),
    ],
);

#[derive(Debug)]
struct Watcher {
    procedures: Procedures,
    procedure: SimulatedProcedure,
    come_back: Option<SimulatedProcedure>,
    order: Order,
    every: Span,
    cool_down: Span,
    hold_down: Span,
    people: Contacts,
    lease: LeaseTerms,
    policy: Arc<dyn Policy>,
}

fn build(values: &mut Values, declared: &Declared<'_>, problems: &mut Problems) -> Option<Arc<dyn Control>> {
    let errors = problems.error_count();
    let order = Order::read(values, declared.scope, problems)?.after(sustained(values), values.opt_count("loss_limit"));
    let mut resolve = |reference: &Reference| declared.procedures.resolve(&reference.name, reference.place, problems);
    let procedure = resolve(values.reference("run"))?;
    let come_back = match values.opt_reference("then") {
        Some(reference) => Some(resolve(reference)?),
        None => None,
    };
    let order = order.restoring(values, &declared.procedures.with_parts(&procedure), problems);
    let settings = declared.settings.overruled(values, &procedure.name, problems);
    let people = people::contacts(values, &procedure, problems)?;
    let lease = lease::terms(values, problems);
    let policy = declared.policy(values, problems)?;
    if !policy.heeds_sustained() && values.origin("sustained").is_by_hand() {
        let message = "`sustained` has no effect: the `policy` does not use it";
        let problem = Problem::warning("FD0518", values.place("sustained"), message);
        problems.push(problem.help("leave it out, or set the policy to `thresholds`"));
    }
    if problems.error_count() > errors {
        return None;
    }
    Some(Arc::new(Watcher {
        procedures: declared.procedures.clone(),
        procedure,
        come_back,
        order: order.with_approval(people.steps.clone()).with_settings(settings),
        every: values.span("every"),
        cool_down: values.span("cool_down"),
        hold_down: values.span("hold_down"),
        people,
        lease,
        policy,
    }))
}

/// For how long a region must fail, and what a gap does to that.
fn sustained(values: &Values) -> (Span, OnGap) {
    let on_gap = if values.text("on_gap") == "hold" { OnGap::Hold } else { OnGap::Reset };
    (values.span("sustained"), on_gap)
}

impl Watcher {
    fn plan(&self, brief: &Brief) -> WatchPlan {
        WatchPlan {
            every: self.every,
            cool_down: self.cool_down,
            hold_down: self.hold_down,
            region: brief.from.clone(),
            stale_after: brief.limits.stale_after,
            approval: self.people.approval.clone(),
            on_call: self.people.on_call.clone(),
        }
    }
}

impl Control for Watcher {
    fn start(&self, world: &WorldPlan, ports: SimulatedPorts) -> Working {
        let brief = self.order.brief(world);
        let tasks = RegionTasks {
            leave: self.procedure.task(&brief),
            come_back: self.come_back.as_ref().map(|entry| entry.task(&brief.clone().reversed())),
        };
        let (plan, policy) = (self.plan(&brief), Arc::clone(&self.policy));
        Box::pin(lead(ports, self.lease, move |scribe| {
            let (plan, tasks) = (plan.clone(), tasks.clone());
            let health = policy.fresh(&brief.limits, &brief.services);
            async move { watch(&scribe, plan, health, tasks).await }
        }))
    }

    fn watches(&self, world: &WorldPlan) -> Option<String> {
        Some(self.order.brief(world).from)
    }

    fn acts_after(&self, world: &WorldPlan) -> Option<Span> {
        let scrape = world.monitoring.scrape.max(self.every);
        Some(self.policy.least(self.order.brief(world).limits.sustained, scrape))
    }

    fn orders(&self, world: &WorldPlan) -> Vec<(String, Brief)> {
        let there = self.order.brief(world);
        let back = self.come_back.as_ref().map(|entry| (entry.name.to_string(), there.clone().reversed()));
        std::iter::once((self.procedure.name.to_string(), there)).chain(back).collect()
    }

    fn procedures(&self) -> Vec<String> {
        let named = std::iter::once(&self.procedure).chain(&self.come_back);
        named.flat_map(|entry| self.procedures.with_parts(entry)).collect()
    }

    fn events(&self) -> Option<Vec<String>> {
        let mut events = Events::under_a_lease(&self.procedures);
        let (asks, comes_back) = (self.people.approval.is_some(), self.come_back.is_some());
        let tells = |kind: &EventKind| match kind {
            EventKind::Watch(kind) => match kind {
                WatchKind::Detected | WatchKind::Cleared | WatchKind::Decided => true,
                WatchKind::HeldBack | WatchKind::Blind => true,
                WatchKind::NoLongerNeeded | WatchKind::Refused | WatchKind::Unanswered => asks,
                WatchKind::Fit | WatchKind::Unfit | WatchKind::ComingBack => comes_back,
            },
            _ => false,
        };
        events.kinds(EventKind::all().filter(tells));
        for procedure in [Some(&self.procedure), self.come_back.as_ref()].into_iter().flatten() {
            events.procedure(procedure);
            events.people(&self.people, &procedure.name);
        }
        events.told(self.order.audiences());
        events.list()
    }
}

//! Runs a drill on demand: the failover and the failback, on a zone of synthetic clients.

use super::events::Events;
use super::order::{self, Order};
use super::people::{self, Contacts};
use super::{Control, ControlKind, Declared, Procedures, SimulatedProcedure, Working, lease, settings};
use crate::field::{Field, FieldType, Kind, Problems, Referent, Values};
use crate::model::SimulatedPorts;
use crate::model::plan::WorldPlan;
use crate::procedure::{Appointment, FailoverDrill, LeaseTerms, keep_appointment, lead};
use crate::record::Beginning;
use crate::record::event::{DrillEvent, DrillKind, EventKind, ProcedureKind};
use crate::units::{Instant, Span};
use std::sync::Arc;

/// The kind.
pub const KIND: ControlKind = ControlKind { kind: TABLE, build };

const TABLE: Kind = Kind::new(
    "drill",
    "Rehearses the failover on the live system, on demand, in a zone of synthetic clients.",
    &[
        Field::required("at", FieldType::Span, "When the drill starts, from the start of the run."),
        Field::required(
            "records",
            FieldType::List(&FieldType::Reference(Referent::Record)),
            "The DNS records of the zone: only these are moved.",
        ),
        Field::required(
            "databases",
            FieldType::List(&FieldType::Reference(Referent::Database)),
            "The databases of the zone: only these are moved.",
        ),
        Field::required(
            "services",
            FieldType::List(&FieldType::Reference(Referent::Service)),
            "The services that the zone needs; they are probed. Activation is always of a whole region.",
        ),
        order::FROM,
        order::TO,
        order::NOTIFY,
        order::ERROR_RATE,
        order::LATENCY,
        order::MIN_REQUESTS,
        order::STALE_AFTER,
        order::PROBES,
        lease::LEASE,
        settings::LIMIT,
        settings::STEPS,
        Field::optional(
            "approve",
            FieldType::Table(&people::APPROVE),
            "Who must approve, before some steps; left out: nobody.",
        ),
        Field::optional(
            "on_call",
            FieldType::Table(&people::ON_CALL),
            "Who is paged when the drill did not complete; left out: nobody.",
        ),
    ],
);

/// What is run: the drill of the product, whatever else a scenario may run.
const DRILL: SimulatedProcedure = SimulatedProcedure::of::<FailoverDrill>();

#[derive(Debug)]
struct Drills {
    procedures: Procedures,
    at: Span,
    order: Order,
    people: Contacts,
    lease: LeaseTerms,
}

fn build(values: &mut Values, declared: &Declared<'_>, problems: &mut Problems) -> Option<Arc<dyn Control>> {
    let errors = problems.error_count();
    let settings = declared.settings.overruled(values, &DRILL.name, problems);
    let people = people::contacts(values, &DRILL, problems)?;
    let lease = lease::terms(values, problems);
    let order = Order::read(values, declared.scope, problems)?;
    let order = order.with_approval(people.steps.clone()).with_settings(settings);
    let (procedures, at) = (declared.procedures.clone(), values.span("at"));
    (problems.error_count() == errors).then(|| Arc::new(Drills { procedures, at, order, people, lease }) as _)
}

impl Control for Drills {
    fn start(&self, world: &WorldPlan, ports: SimulatedPorts) -> Working {
        let brief = self.order.brief(world);
        let drill = DRILL.task(&brief);
        let plan = Appointment {
            begins: Beginning::At(Instant::ZERO.saturating_add(self.at)),
            subject: format!("the drill of {}", brief.from),
            approval: self.people.approval.clone(),
            on_call: self.people.on_call.clone(),
        };
        Box::pin(lead(ports, self.lease, move |scribe| {
            let (plan, drill) = (plan.clone(), drill.clone());
            async move { keep_appointment(&scribe, plan, drill, |_, why| DrillEvent::Refused { why }.into()).await }
        }))
    }

    fn is_drill(&self) -> bool {
        true
    }

    fn procedures(&self) -> Vec<String> {
        self.procedures.with_parts(&DRILL)
    }

    fn events(&self) -> Option<Vec<String>> {
        let mut events = Events::under_a_lease(&self.procedures);
        events.procedure(&DRILL);
        events.people(&self.people, &DRILL.name);
        events.told(self.order.audiences());
        events.of_procedure(ProcedureKind::Planned, &DRILL.name);
        events.kinds([EventKind::Drill(DrillKind::TouchedProduction)]);
        if self.people.approval.is_some() {
            events.kinds([EventKind::Drill(DrillKind::Refused)]);
        }
        events.list()
    }
}

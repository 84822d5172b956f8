//! Runs a procedure at a time that was fixed before or upon an event, as an operator would who follows a plan.

use super::events::Events;
use super::order::{self, Order};
use super::people::{self, Contacts};
use super::{Control, ControlKind, Declared, Procedures, SimulatedProcedure, WHEN, Working, cue, lease, settings};
use crate::field::{Field, FieldType, Kind, Problem, Problems, Referent, Values};
use crate::model::SimulatedPorts;
use crate::model::plan::WorldPlan;
use crate::policy::OnGap;
use crate::procedure::{Appointment, Brief, LeaseTerms, keep_appointment, lead};
use crate::record::event::{ProcedureEvent, ProcedureKind};
use crate::record::{Beginning, Cue};
use crate::units::{Instant, Span};
use std::sync::Arc;

/// The kind.
pub const KIND: ControlKind = ControlKind { kind: TABLE, build };

const TABLE: Kind = Kind::new(
    "run",
    "Runs a procedure at a given time or upon an event. What moves traffic does so by plan: nothing may be failing, and nothing is lost.",
    &[
        Field::required("procedure", FieldType::Reference(Referent::Procedure), "The procedure."),
        Field::optional("at", FieldType::Span, "When it is started, from the start of the run; `at` or `when`."),
        Field::optional("when", FieldType::Table(&WHEN), "The event upon which it is started, once; `at` or `when`."),
        order::FROM,
        order::TO,
        order::SERVICES,
        order::RECORDS,
        order::DATABASES,
        order::NOTIFY,
        order::ERROR_RATE,
        order::LATENCY,
        order::MIN_REQUESTS,
        order::STALE_AFTER,
        order::PROBES,
        order::SIDE_BY_SIDE,
        order::RESTORE_FIRST,
        lease::LEASE,
        settings::LIMIT,
        settings::STEPS,
        Field::optional(
            "approve",
            FieldType::Table(&people::APPROVE),
            "Who must approve, before the start or before some steps; left out: nobody.",
        ),
        Field::optional(
            "on_call",
            FieldType::Table(&people::ON_CALL),
            "Who is paged when the procedure has not reached its end; left out: nobody.",
        ),
    ],
);

#[derive(Debug)]
struct Run {
    procedures: Procedures,
    procedure: SimulatedProcedure,
    begins: Beginning,
    order: Order,
    people: Contacts,
    lease: LeaseTerms,
}

fn build(values: &mut Values, declared: &Declared<'_>, problems: &mut Problems) -> Option<Arc<dyn Control>> {
    let errors = problems.error_count();
    let order = Order::read(values, declared.scope, problems)?;
    let named = values.reference("procedure");
    let procedure = declared.procedures.resolve(&named.name, named.place, problems)?;
    let order = order.restoring(values, &declared.procedures.with_parts(&procedure), problems);
    let settings = declared.settings.overruled(values, &procedure.name, problems);
    let people = people::contacts(values, &procedure, problems)?;
    let lease = lease::terms(values, problems);
    let begins = begins(values, problems)?;
    if problems.error_count() > errors {
        return None;
    }
    let order = order.after((Span::ZERO, OnGap::Reset), None).by_plan();
    Some(Arc::new(Run {
        procedures: declared.procedures.clone(),
        procedure,
        begins,
        order: order.with_approval(people.steps.clone()).with_settings(settings),
        people,
        lease,
    }))
}

/// What the run is started by. `None` if a problem was reported.
fn begins(values: &Values, problems: &mut Problems) -> Option<Beginning> {
    match (values.opt_span("at"), values.opt_table("when")) {
        (Some(at), None) => Some(Beginning::At(Instant::ZERO.saturating_add(at))),
        (None, Some(when)) => cue(when, problems).map(Beginning::When),
        (None, None) => {
            let problem = Problem::error("FD0103", values.place, "`run` does not say when it starts");
            problems.push(problem.help("write `at: 10m`, or `when: {event: …}`"));
            None
        }
        (Some(_), Some(_)) => {
            let message = "`run` has two start conditions: `at` and `when`";
            let problem = Problem::error("FD0230", values.place("when"), message);
            let problem = problem.help("keep one of them; what is to be done twice is two runs");
            problems.push(problem.note(values.place("at"), "the first one is here"));
            None
        }
    }
}

impl Control for Run {
    fn start(&self, world: &WorldPlan, ports: SimulatedPorts) -> Working {
        let brief = self.order.brief(world);
        let task = self.procedure.task(&brief);
        let plan = Appointment {
            begins: self.begins.clone(),
            subject: format!("{} of {}", self.procedure.name, brief.from),
            approval: self.people.approval.clone(),
            on_call: self.people.on_call.clone(),
        };
        Box::pin(lead(ports, self.lease, move |scribe| {
            let (plan, task) = (plan.clone(), task.clone());
            async move {
                let refused =
                    |procedure: &str, why| ProcedureEvent::Refused { procedure: procedure.to_owned(), why }.into();
                keep_appointment(&scribe, plan, task, refused).await;
            }
        }))
    }

    fn waits_for(&self) -> Option<&Cue> {
        match &self.begins {
            Beginning::When(cue) => Some(cue),
            Beginning::At(_) => None,
        }
    }

    fn orders(&self, world: &WorldPlan) -> Vec<(String, Brief)> {
        vec![(self.procedure.name.to_string(), self.order.brief(world))]
    }

    fn procedures(&self) -> Vec<String> {
        self.procedures.with_parts(&self.procedure)
    }

    fn events(&self) -> Option<Vec<String>> {
        let mut events = Events::under_a_lease(&self.procedures);
        events.procedure(&self.procedure);
        events.people(&self.people, &self.procedure.name);
        events.told(self.order.audiences());
        events.of_procedure(ProcedureKind::Planned, &self.procedure.name);
        if self.people.approval.is_some() {
            events.of_procedure(ProcedureKind::Refused, &self.procedure.name);
        }
        events.list()
    }
}

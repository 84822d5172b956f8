//! A rule of one's own: three looks in a row at which a service answers more than half of its requests with errors, or does not
//! answer at all, and the region is left. Quicker than a minute of failure, and blind to what comes slowly.
//!
//! Owns the rule and how it is written in a scenario. The loop that observes, decides, acts and reports is the product's.

use firedrill::control::cycle::{CyclePlan, LoopMoment, Observer, Play, Playbook, Response, cycle};
use firedrill::control::{Control, ControlKind, Declared, SimulatedProcedure, Working};
use firedrill::field::{Field, FieldType, Kind, Problems, Referent, Values};
use firedrill::model::SimulatedPorts;
use firedrill::model::plan::WorldPlan;
use firedrill::policy::decision::{Aftermath, Decision, Rules};
use firedrill::policy::{HealthLimits, ServiceReading};
use firedrill::ports::{Metrics, PortError};
use firedrill::procedure::{Brief, LeaseTerms, RestoreFirst, RunRecord, Task, lead, metrics};
use firedrill::record::Actor;
use firedrill::record::event::Event;
use firedrill::units::{Instant, Ratio, RegionId, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How it is written.
pub const KIND: ControlKind = ControlKind {
    kind: Kind::new(
        "quick_watch",
        "Leaves a region after three looks in a row at which half of its requests fail.",
        &[
            Field::required("run", FieldType::Reference(Referent::Procedure), "The procedure it starts."),
            Field::required("from", FieldType::Reference(Referent::Region), "The region that is watched."),
            Field::required("to", FieldType::Reference(Referent::Region), "The region that takes over."),
            Field::with("every", FieldType::PositiveSpan, "10s", "our runbook", "How often it looks."),
        ],
    ),
    build,
};

const LOOKS: u32 = 3;

fn build(values: &mut Values, declared: &Declared<'_>, problems: &mut Problems) -> Option<Arc<dyn Control>> {
    let run = values.reference("run");
    let procedure = declared.procedures.resolve(&run.name, run.place, problems)?;
    let (from, to) = (values.region("from"), values.region("to"));
    Some(Arc::new(QuickWatch { procedure, from, to, every: values.span("every") }))
}

#[derive(Debug)]
struct QuickWatch {
    procedure: SimulatedProcedure,
    from: RegionId,
    to: RegionId,
    every: Span,
}

impl Control for QuickWatch {
    fn start(&self, world: &WorldPlan, ports: SimulatedPorts) -> Working {
        let name = |region: RegionId| world.regions[region.index()].name.clone();
        let brief = Brief {
            from: name(self.from),
            to: name(self.to),
            candidates: Vec::new(),
            origins: Vec::new(),
            records: world.dns.records.iter().map(|record| record.name.clone()).collect(),
            weights: None,
            services: Vec::new(),
            databases: Vec::new(),
            audiences: vec!["on-call".to_owned()],
            limits: HealthLimits {
                error_rate: Ratio::from_percent(50),
                latency: Span::from_secs(5),
                sustained: Span::ZERO,
                min_requests: 1,
                stale_after: Span::from_secs(60),
                on_gap: firedrill::policy::OnGap::Hold,
            },
            probes: 3,
            planned: false,
            loss_limit: None,
            side_by_side: 2,
            restore_first: RestoreFirst::AsListed,
            approval: None,
            settings: BTreeMap::new(),
        };
        let task = self.procedure.task(&brief);
        let (region, every) = (brief.from, self.every);
        Box::pin(lead(ports, LeaseTerms::default(), move |scribe| {
            let plan = CyclePlan { every, cool_down: Span::from_mins(10), on_call: None };
            let parts =
                (Look(region.clone()), HalfFails::default(), Leave { region: region.clone(), task: task.clone() });
            async move { cycle(&scribe, plan, parts).await }
        }))
    }

    fn procedures(&self) -> Vec<String> {
        vec![self.procedure.name.to_string()]
    }
}

/// What monitoring has of a region.
struct Look(String);

impl<P: Metrics> Observer<P> for Look {
    type Seen = Vec<(String, ServiceReading)>;

    async fn observe(&self, ports: &P) -> Result<Self::Seen, PortError> {
        metrics::read(ports, &self.0).await
    }
}

/// The rule. It calls for one thing only.
#[derive(Debug, Default)]
struct HalfFails {
    in_a_row: u32,
    left: bool,
}

impl Rules for HalfFails {
    type Seen = Vec<(String, ServiceReading)>;
    type Class = ();
    type Evidence = String;

    fn judge(&mut self, _: Instant, seen: Option<&Self::Seen>) -> Decision<(), String> {
        let fails =
            |reading: &ServiceReading| !reading.up || (reading.requests > 0 && reading.errors * 2 > reading.requests);
        let failing: Option<Vec<&str>> = seen.map(|seen| {
            seen.iter().filter(|(_, reading)| fails(reading)).map(|(service, _)| service.as_str()).collect()
        });
        let evidence = match &failing {
            None => "nothing can be seen".to_owned(),
            Some(services) if services.is_empty() => "every service answers".to_owned(),
            Some(services) => format!("half of the requests to {} fail", services.join(", ")),
        };
        // What cannot be seen neither counts nor starts the count anew.
        match &failing {
            Some(services) if services.is_empty() => self.in_a_row = 0,
            Some(_) => self.in_a_row += 1,
            None => {}
        }
        let holds = self.in_a_row > 0;
        Decision {
            firing: if self.in_a_row >= LOOKS && !self.left { vec![()] } else { Vec::new() },
            active: if holds { vec![()] } else { Vec::new() },
            clear: if holds || failing.is_none() { Vec::new() } else { vec![()] },
            held: Span::ZERO,
            evidence,
        }
    }

    fn learn(&mut self, _: Option<()>, aftermath: Aftermath, _: Instant) {
        // Whatever was not taken back has moved the traffic, or has left it for a person to move.
        self.left = aftermath != Aftermath::Undone;
    }

    fn start_over(&mut self) {
        self.in_a_row = 0;
    }

    fn outlasts_an_action(&self, (): ()) -> bool {
        false
    }
}

/// What is done about it, and how it is told.
struct Leave<P> {
    region: String,
    task: Task<P>,
}

impl<P: firedrill::ports::Runtime> Playbook<P> for Leave<P> {
    type Class = ();
    type Evidence = String;

    fn subject(&self) -> &str {
        &self.region
    }

    fn action(&self, (): ()) -> Response<P> {
        Response::Run(Play { task: self.task.clone(), approval: None })
    }

    fn class_of(&self, run: &RunRecord) -> Option<()> {
        (run.procedure == self.task.name).then_some(())
    }

    fn report(&self, moment: &LoopMoment<'_, (), String>) -> Option<Event> {
        let tell = |what: &str, text: &str| Some(Event::custom(Actor::Control, format!("quick_watch.{what}"), text));
        match moment {
            LoopMoment::Began { evidence, .. } => tell("suspects", evidence),
            LoopMoment::Ended { evidence, .. } => tell("relieved", evidence),
            LoopMoment::Decided { why, .. } => tell("decided", why),
            LoopMoment::Blind { error } => tell("blind", &error.to_string()),
            _ => None,
        }
    }
}

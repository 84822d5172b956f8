//! Monitoring, as control asks it.
//!
//! Owns its commands. Does not know what a sample is taken for. Invariant: every question of a call is answered from the scrapes
//! of one instant, and for itself: what stands beside it changes nothing.

use super::Observe;
use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::core::operation::{Nature, Operation};
use crate::model::plan::Interface;
use crate::model::ports::{SimulatedPorts, misfit};
use crate::ports::{Metric, MetricSample, Metrics, PortError, Query};
use crate::units::{RegionId, ServiceId, Span};
use std::collections::BTreeSet;

/// What can be asked of it.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricsCommand {
    /// These questions, each for itself.
    Query(Vec<MetricQuery>),
}

/// A question, with what its labels fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricQuery {
    metric: Metric,
    /// The regions it is about, whether they have such a service or not.
    regions: Vec<RegionId>,
    services: Vec<ServiceId>,
    window: Option<Span>,
}

/// What it answers.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricsAnswer {
    /// A list for each question.
    Samples(Vec<Vec<MetricSample>>),
}

impl Operation for MetricsCommand {
    fn nature(&self) -> Nature {
        Nature::Asks
    }

    fn interface(&self) -> Option<Interface> {
        Some(Interface::Monitoring)
    }
}

impl Observe {
    /// Control asks something of monitoring.
    pub(in crate::model) fn execute(&mut self, core: &mut Core, call: u32, command: &MetricsCommand) {
        let MetricsCommand::Query(queries) = command;
        if self.monitoring_is_silent(core) {
            return;
        }
        let regions: BTreeSet<RegionId> = queries.iter().flat_map(|query| query.regions.iter().copied()).collect();
        regions.into_iter().for_each(|region| self.count_unseen(core, region));
        let answers: Result<Vec<_>, PortError> = queries.iter().map(|query| self.samples(core, query)).collect();
        core.answer(call, answers.map(|samples| MetricsAnswer::Samples(samples).into()));
    }

    fn samples(&self, core: &Core, query: &MetricQuery) -> Result<Vec<MetricSample>, PortError> {
        self.monitoring.check(query.window)?;
        let sample = |id: &ServiceId| {
            let (service, seen) =
                (&core.plan.services[id.index()], self.monitoring.look(*id, core.now(), query.window));
            let region = core.plan.regions[service.region.index()].name.clone();
            let (service, figure) = (service.name.clone(), seen.figure(query.metric));
            MetricSample { region, service, taken: seen.taken(), figure }
        };
        Ok(query.services.iter().map(sample).collect())
    }
}

impl Metrics for SimulatedPorts {
    async fn query(&self, queries: &[Query]) -> Result<Vec<Vec<MetricSample>>, PortError> {
        let resolved: Result<Vec<MetricQuery>, PortError> = queries.iter().map(|query| resolved(self, query)).collect();
        match self.ask(MetricsCommand::Query(resolved?)).await? {
            Answer::Metrics(MetricsAnswer::Samples(mut answers)) => {
                for sample in answers.iter_mut().flatten() {
                    sample.taken = sample.taken.map(|at| self.shifted(at));
                }
                Ok(answers)
            }
            other => misfit(&other),
        }
    }
}

/// A question with what its labels fit; what does not exist is refused by name.
fn resolved(ports: &SimulatedPorts, query: &Query) -> Result<MetricQuery, PortError> {
    let Query { metric, labels, window } = query;
    if let Metric::ResponseTime { percentile } = metric
        && !(1..=100).contains(percentile)
    {
        return Err(PortError::Refused(format!("there is no {percentile}th percentile")));
    }
    let regions = match &labels.region {
        Some(region) => vec![ports.region(region)?],
        None => ports.regions(),
    };
    let services = ports.services_in(&regions, labels.service.as_deref())?;
    Ok(MetricQuery { metric: *metric, regions, services, window: *window })
}

//! Clients: when they send, what they believe and how they go about failure.

pub(super) mod arrivals;
pub(super) mod breakers;
pub(super) mod hedge;
pub(super) mod lease;
pub(super) mod population;
pub(super) mod request;
pub(super) mod retry_budget;
pub(super) mod session;
pub(super) mod trace;

use crate::kernel::Streams;
use crate::model::build;
use crate::model::core::Core;
use crate::model::core::drills::Dependence;
use crate::model::core::slab::Slab;
use crate::model::names::dns::Resolvers;
use crate::model::plan::{Target, WorldPlan};
use population::Population;
use request::Request;
use session::Session;

/// Populations, and what is under way for them.
#[derive(Debug)]
pub struct Clients {
    pub(in crate::model) populations: Vec<Population>,
    pub(in crate::model) requests: Slab<Request>,
    pub(in crate::model) sessions: Slab<Session>,
    /// Writes of real clients that ended after a drill had changed something they depend on.
    pub(in crate::model) touched_writes: u64,
}

impl Clients {
    /// As the plan has them.
    pub(in crate::model) fn new(core: &mut Core, resolvers: &Resolvers, streams: &Streams) -> Self {
        Self {
            populations: build::populations(&core.plan, resolvers, streams, &mut core.kernel),
            requests: Slab::with_capacity(1 << 14),
            sessions: Slab::with_capacity(1 << 10),
            touched_writes: 0,
        }
    }

    /// By population, what its requests depend on.
    pub(in crate::model) fn dependences<'a>(&'a self, plan: &'a WorldPlan) -> impl Iterator<Item = Dependence> + 'a {
        plan.workloads.iter().zip(&self.populations).map(|(workload, population)| Dependence {
            record: workload.record,
            balanced: plan.dns.records[workload.record.index()].target == Target::Balancer,
            databases: population.ways.iter().filter_map(|way| way.database).collect(),
            synthetic: workload.synthetic,
        })
    }
}

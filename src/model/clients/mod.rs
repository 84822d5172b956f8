//! Clients: when they send, how long they wait and how they handle failure.
//!
//! Does not know where an attempt goes or what happens to it there.
//!
//! Invariant: nothing here knows another part of the world.

pub(super) mod arrivals;
mod breakers;
mod gauges;
mod hedge;
mod lease;
pub(super) mod places;
pub(super) mod population;
pub(super) mod request;
mod retry_budget;
pub(super) mod session;
pub(super) mod trace;

use crate::kernel::{Class, Streams};
use crate::model::core::Core;
use crate::model::core::drills::Dependence;
use crate::model::core::episodes::{Episodes, News};
use crate::model::core::event::KernelEvent;
use crate::model::core::slab::Slab;
use crate::model::plan::{Target, WorldPlan};
use crate::record::event::ClientEvent;
use crate::units::WorkloadId;
use gauges::ClientGauges;
use places::WrittenPlaces;
use population::{Population, populations};
use request::Request;
use session::Session;

/// Populations, and what is under way for them.
#[derive(Debug)]
pub struct Clients {
    pub(in crate::model) populations: Vec<Population>,
    pub(in crate::model) requests: Slab<Request>,
    /// Where writes stand that more than one place keeps.
    pub(in crate::model) places: WrittenPlaces,
    pub(in crate::model) sessions: Slab<Session>,
    /// Writes of real clients that ended after a drill had changed something they depend on.
    pub(in crate::model) touched_writes: u64,
    gauges: ClientGauges,
    /// By population: when its retry budget is exhausted.
    budgets: Vec<Episodes>,
}

impl Clients {
    /// As the plan has them.
    pub(in crate::model) fn new(core: &mut Core, streams: &Streams) -> Self {
        let Core { plan, kernel, signals, .. } = core;
        Self {
            populations: populations(plan, streams, kernel),
            requests: Slab::with_capacity(1 << 14),
            places: WrittenPlaces::default(),
            sessions: Slab::with_capacity(1 << 10),
            touched_writes: 0,
            gauges: ClientGauges::new(plan, signals),
            budgets: vec![Episodes::default(); plan.workloads.len()],
        }
    }

    /// Files the first arrivals, and when users who are there from the start go on.
    pub(in crate::model) fn start(&mut self, core: &mut Core) {
        for workload in (0..self.populations.len() as u16).map(WorkloadId) {
            self.expect_arrival(core, workload);
            self.start_users(core, workload);
        }
    }

    /// Files the next arrival at that population, of a request or a session.
    #[inline(always)]
    pub(in crate::model) fn expect_arrival(&mut self, core: &mut Core, workload: WorkloadId) {
        let now = core.now();
        let population = &mut self.populations[workload.index()];
        let next = population.next_arrival(now);
        if next < core.workload_end {
            core.kernel.push(population.arrivals, next, Class::Arrival, KernelEvent::Arrival(workload));
        } else if population.pace.defect().is_some() {
            core.kernel.schedule(now, Class::Fault, KernelEvent::TraceBroken(workload));
        }
    }

    /// The second that began at `second` is about to be closed, and the next event is in second `now`: tells which
    /// retry budgets were exhausted or no longer are.
    pub(in crate::model) fn tell_of_budgets(&mut self, core: &mut Core, second: u64, now: u64) {
        for (index, episodes) in self.budgets.iter_mut().enumerate() {
            let count = self.populations[index].take_denied_retries();
            if let Some(news) = episodes.counted(second, count, now) {
                let workload = core.plan.workloads[index].name.clone();
                core.note(match news {
                    News::Began => ClientEvent::BudgetExhausted { workload },
                    News::Over { lasted, count: denied } => ClientEvent::BudgetRefilled { workload, denied, lasted },
                });
            }
        }
    }

    /// By population, what its requests depend on.
    pub(in crate::model) fn dependences<'a>(&'a self, plan: &'a WorldPlan) -> impl Iterator<Item = Dependence> + 'a {
        plan.workloads.iter().zip(&self.populations).map(|(workload, population)| Dependence {
            record: workload.record,
            balanced: plan.dns.records[workload.record.index()].target == Target::Balancer,
            databases: population.routes.iter().flat_map(|route| route.databases.iter().copied()).collect(),
            synthetic: workload.synthetic,
        })
    }
}

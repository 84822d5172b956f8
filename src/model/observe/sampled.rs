//! Which requests are shown by themselves: a few hundred, spread over the run.
//!
//! Does not know what becomes of them. Invariants: whether a request is picked follows from its number and the number of
//! requests alone, and influences nothing; however long the run, no more are kept than fit on a page, and none costs memory
//! that was not there from the start.

use crate::model::plan::WorldPlan;
use crate::record::{FailureReason, OperationOutcome, SampledRequest};
use crate::units::{Instant, RegionId};

/// The most requests that are kept. Product default: what a viewer of traces shows at once, and some 100 kB of results.
const MOST: usize = 500;

/// A request that was picked.
#[derive(Debug, Clone, Copy)]
pub struct Sampled {
    /// Its number.
    pub number: u64,
    /// The population.
    pub workload: u16,
    /// Where its last attempt was sent.
    pub region: Option<RegionId>,
    /// Whether it writes.
    pub write: bool,
    /// Attempts made.
    pub attempts: u32,
    /// When its client first sent it, and when it came to its outcome.
    pub during: (Instant, Instant),
    /// What it came to.
    pub outcome: OperationOutcome,
    /// Why its last attempt fails, should it.
    pub reason: FailureReason,
}

/// Requests that were picked.
#[derive(Debug)]
pub struct SampledRequests {
    kept: Vec<Sampled>,
    /// A request is picked if none of these bits of its number is set.
    mask: u64,
}

impl Default for SampledRequests {
    fn default() -> Self {
        Self { kept: Vec::with_capacity(MOST + 1), mask: 0 }
    }
}

impl SampledRequests {
    /// Whether the request of that number is picked, should it end now.
    #[inline(always)]
    pub fn picks(&self, number: u64) -> bool {
        number & self.mask == 0
    }

    /// `request` has ended. Of too many every second one is kept, and picked from now on.
    pub fn keep(&mut self, request: Sampled) {
        self.kept.push(request);
        if self.kept.len() > MOST {
            self.mask = self.mask << 1 | 1;
            let mask = self.mask;
            self.kept.retain(|kept| kept.number & mask == 0);
        }
    }

    /// All of them, in the order in which they began, with the names of `plan`.
    pub fn close(mut self, plan: &WorldPlan) -> Vec<SampledRequest> {
        self.kept.sort_by_key(|request| (request.during.0, request.number));
        self.kept.iter().map(|request| named(request, plan)).collect()
    }
}

fn named(request: &Sampled, plan: &WorldPlan) -> SampledRequest {
    let Sampled { number, workload, region, write, attempts, during: (started, ended), outcome, reason } = *request;
    let workload = plan.workloads.get(usize::from(workload)).map_or_else(String::new, |plan| plan.name.clone());
    let region = region.and_then(|region| plan.regions.get(region.index())).map(|region| region.name.clone());
    let reason = (outcome != OperationOutcome::Ok).then(|| reason.name().to_owned());
    SampledRequest { number, workload, region, write, attempts, started, ended, outcome, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(number: u64) -> Sampled {
        let during = (Instant::from_secs(number), Instant::from_secs(number + 1));
        let (outcome, reason) = (OperationOutcome::Ok, FailureReason::TimedOut);
        Sampled { number, workload: 0, region: None, write: false, attempts: 1, during, outcome, reason }
    }

    #[test]
    fn what_is_kept_is_spread_over_the_run_and_bounded() {
        for requests in [10, 500, 501, 100_000] {
            let mut sampled = SampledRequests::default();
            for number in 0..requests {
                if sampled.picks(number) {
                    sampled.keep(request(number));
                }
            }
            let kept = sampled.kept;
            let step = kept[1].number - kept[0].number;
            assert!(kept.windows(2).all(|two| two[1].number - two[0].number == step), "evenly, {requests}");
            assert!(kept.len() <= MOST && (kept.len() > MOST / 2 || step == 1), "{requests}: {}", kept.len());
        }
    }
}
